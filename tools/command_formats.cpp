#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "balloon_matrix.hpp"
#include "command.hpp"
#include "table.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Format& format) {
    Json options = Json::array();
    for (const OptionSpec& spec : format.options)
        options.push_back({{"key", fmt::format("{}.{}", format.leaf, spec.key)},
                           {"values", spec.values},
                           {"default", spec.default_value.empty() ? Json() : Json(spec.default_value)},
                           {"text", spec.text}});
    return {{"id", format.id},
            {"title", format.title},
            {"extension", format.extension},
            {"ovf", format.is_dialect},
            {"read", format.can_read},
            {"write", format.can_write},
            {"options", std::move(options)}};
}

std::string page_of(const Format& format) {
    std::string out = fmt::format("{}: {}\n", format.id, format.title);
    Table table({"OPTION", "VALUES", "DEFAULT", "MEANING"});
    for (const OptionSpec& spec : format.options)
        table.add({fmt::format("-O {}.{}", format.leaf, spec.key), std::string(spec.values),
                   std::string(spec.default_value), std::string(spec.text)});
    return out + (table.empty() ? "No options of its own.\n" : table.text("  "));
}

const Format& format_of(const std::string& id) {
    if (const Format* format = find_format(id)) return *format;
    std::vector<std::string_view> ids;
    for (const Format& format : formats()) ids.push_back(format.id);
    throw UsageError(fmt::format("there is no format '{}'{} (`ovfkit formats` lists them)", id, did_you_mean(id, ids)));
}

}  // namespace

Exit run_formats(const Options& options, Console& console) {
    if (options.matrix) {
        if (!options.arguments.empty() || options.json)
            throw UsageError("`formats --balloon` prints one table and takes nothing else");
        console.data(balloon_matrix());
        return Exit::done;
    }
    if (!options.arguments.empty()) {
        const Format& format = format_of(options.arguments[0]);
        console.data(options.json ? json_of(format).dump(2) + "\n" : page_of(format));
        return Exit::done;
    }
    if (options.json) {
        Json out = Json::array();
        for (const Format& format : formats()) out.push_back(json_of(format));
        console.data(out.dump(2) + "\n");
        return Exit::done;
    }
    Table table({"FORMAT", "KIND", "READ", "WRITE", "FILE", "WHAT"});
    for (const Format& format : formats())
        table.add({std::string(format.id), format.is_dialect ? "OVF" : "platform", format.can_read ? "yes" : "-",
                   format.can_write ? "yes" : "-", std::string(format.extension), std::string(format.title)});
    console.data(table.text(""));
    return Exit::done;
}

}  // namespace ovfkit::tool
