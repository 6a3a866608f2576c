#include <algorithm>

#include <fmt/format.h>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

constexpr std::string_view exits =
    "Exit: 0 done, 1 findings, 2 usage, 3 malformed input, 4 refused, 5 integrity, 6 input/output,\n"
    "7 loss under --strict, 70 internal error.\n";

/// `name  text`, the text wrapped.
std::string entry(std::string_view name, std::string_view text) {
    constexpr std::size_t indent = 30, width = 100;
    std::string out = fmt::format("  {:<{}}", name, indent - 2);
    if (name.size() + 4 > indent) out += fmt::format("\n{:{}}", "", indent);
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        if (column != indent && column + blank + 1 > width) {
            out += fmt::format("\n{:{}}", "", indent);
            column = indent;
        }
        if (column != indent) out += ' ', ++column;
        out += text.substr(0, blank);
        column += blank;
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return out + '\n';
}

std::string rows_of(std::string_view group) {
    std::string out;
    for (const Command& command : commands())
        if (command.name.starts_with(group))
            out += entry(fmt::format("{}{}{}", command.name, command.arguments.empty() ? "" : " ", command.arguments),
                         command.summary);
    return out;
}

}  // namespace

const OptionRow& option_row(std::string_view id) {
    const auto rows = option_rows();
    return *std::find_if(rows.begin(), rows.end(), [&](const OptionRow& row) { return row.id == id; });
}

std::string help(std::string_view group) {
    return fmt::format(
        "Import and export virtual machines as OVF, the memory balloon never lost.\n\n"
        "Usage: ovfkit {}{}COMMAND ...\n\nCommands:\n{}\n"
        "`ovfkit COMMAND --help` tells more. FILE may be - for standard input.\n{}",
        group, group.empty() ? "" : " ", rows_of(group), exits);
}

std::string help(const Command& command) {
    std::string out =
        fmt::format("Usage: ovfkit {}{}{}{}\n\n{}{}.\n", command.name, command.options.empty() ? "" : " [OPTIONS]",
                    command.arguments.empty() ? "" : " ", command.arguments,
                    static_cast<char>(command.summary[0] - 'a' + 'A'), command.summary.substr(1));
    if (!command.details.empty()) out += fmt::format("{}\n", command.details);
    out += "\nOptions:\n";
    for (const std::string_view id : command.options) {
        const OptionRow& row = option_row(id);
        std::string names(row.names);
        if (const std::size_t comma = names.find(','); comma != std::string::npos) names.insert(comma + 1, " ");
        out += entry(row.value.empty() ? names : fmt::format("{} {}", names, row.value), row.text);
    }
    return out + entry("-h, --help", "print this") + '\n' + std::string(exits);
}

}  // namespace ovfkit::tool
