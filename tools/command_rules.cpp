#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>
#include <ovfkit/validate.hpp>

#include "command.hpp"
#include "table.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Rule& rule) {
    Json out{{"rule", rule.id}, {"severity", to_string(rule.severity)}, {"text", rule.text}, {"source", rule.source}};
    if (const RuleHelp* help = rule_help(rule.id)) {
        out["profiles"] = help->profiles;
        out["remedy"] = help->remedy;
        out["good"] = help->good;
        out["bad"] = help->bad;
    }
    return out;
}

std::string explained(const Rule& rule) {
    std::string out = fmt::format("{} ({})\n{}\nFrom: {}\n", rule.id, to_string(rule.severity), rule.text, rule.source);
    const RuleHelp* help = rule_help(rule.id);
    if (help == nullptr) return out;
    if (!help->profiles.empty()) out += fmt::format("With --profile: {}\n", help->profiles);
    return out + fmt::format("What to do: {}\nRight: {}\nWrong: {}\n", help->remedy, help->good, help->bad);
}

const Rule& rule_of(const std::string& id) {
    if (const Rule* rule = find_rule(id)) return *rule;
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules()) ids.push_back(rule.id);
    throw UsageError(fmt::format("there is no rule '{}'{} (`ovfkit rules` lists them)", id, did_you_mean(id, ids)));
}

}  // namespace

Exit run_rules(const Options& options, Console& console) {
    std::vector<const Rule*> shown;
    if (options.arguments.empty())
        for (const Rule& rule : rules()) shown.push_back(&rule);
    else
        shown.push_back(&rule_of(options.arguments[0]));
    if (options.json) {
        Json out = Json::array();
        for (const Rule* rule : shown) out.push_back(json_of(*rule));
        console.data(out.dump(2) + "\n");
    } else if (options.arguments.empty()) {
        Table table({"RULE", "SEVERITY", "MEANING"});
        for (const Rule* rule : shown)
            table.add({std::string(rule->id), std::string(to_string(rule->severity)), std::string(rule->text)});
        console.data(table.text("") + fmt::format("{} rules, {} of them of `ovfkit validate` alone\n", shown.size(), rule_helps().size()));
    } else {
        console.data(explained(*shown.front()));
    }
    return Exit::done;
}

}  // namespace ovfkit::tool
