#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "command.hpp"
#include "table.hpp"

namespace ovfkit::tool {

Exit run_rules(const Options& options, Console& console) {
    std::vector<const Rule*> shown;
    if (options.arguments.empty()) {
        for (const Rule& rule : rules()) shown.push_back(&rule);
    } else {
        const std::string& id = options.arguments[0];
        std::vector<std::string_view> ids;
        for (const Rule& rule : rules()) ids.push_back(rule.id);
        shown.push_back(find_rule(id));
        if (shown.front() == nullptr)
            throw UsageError(
                fmt::format("there is no rule '{}'{} (`ovfkit rules` lists them)", id, did_you_mean(id, ids)));
    }
    if (options.json) {
        auto out = nlohmann::ordered_json::array();
        for (const Rule* rule : shown)
            out.push_back({{"rule", rule->id},
                           {"severity", to_string(rule->severity)},
                           {"text", rule->text},
                           {"source", rule->source}});
        console.data(out.dump(2) + "\n");
    } else if (options.arguments.empty()) {
        Table table({"RULE", "SEVERITY", "MEANING"});
        for (const Rule* rule : shown)
            table.add({std::string(rule->id), std::string(to_string(rule->severity)), std::string(rule->text)});
        console.data(table.text(""));
    } else {
        const Rule& rule = *shown.front();
        console.data(fmt::format("{} ({})\n{}\nFrom: {}\n", rule.id, to_string(rule.severity), rule.text, rule.source));
    }
    return Exit::done;
}

}  // namespace ovfkit::tool
