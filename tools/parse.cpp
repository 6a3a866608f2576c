#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

// argv to Options. The only file that knows CLI11; every parse error of it is a UsageError here.
namespace ovfkit::tool {

namespace {

/// How many of the words of Command::arguments must, and how many may be there.
struct Arity {
    std::size_t least = 0, most = 0;
};

Arity arity_of(std::string_view arguments) {
    Arity out;
    while (!arguments.empty()) {
        const std::size_t blank = std::min(arguments.find(' '), arguments.size());
        const std::string_view word = arguments.substr(0, blank);
        out.least += word.front() == '[' ? 0 : 1;
        out.most = word.ends_with("...") ? 1000000 : out.most + 1;
        arguments.remove_prefix(std::min(blank + 1, arguments.size()));
    }
    return out;
}

/// The option, and the row it is of.
using EditRows = std::map<const CLI::Option*, const OptionRow*>;

void add_option(CLI::App& app, const OptionRow& row, Options& options, EditRows& edits) {
    const std::string names(row.names), text(row.text), value(row.value);
    if (!row.edit.empty())
        edits[app.add_option(names)->type_name(value)->expected(1)->allow_extra_args(false)->take_all()] = &row;
    else if (row.flag != nullptr)
        app.add_flag(names, options.*row.flag, text);
    else if (row.word != nullptr && row.value.empty())
        app.add_flag(names, options.*row.word, text);
    else if (row.list != nullptr)
        app.add_option(names, options.*row.list, text)
            ->type_name(value)
            ->expected(1)
            ->allow_extra_args(false)
            ->take_all();
    else
        app.add_option(names, options.*row.word, text)->type_name(value)->take_last();
}

/// The long name of an option row, or its only one.
std::string_view long_name(std::string_view names) {
    const std::size_t at = names.find("--");
    return names.substr(at == std::string_view::npos ? 0 : at);
}

void check_unknown(const Command& command, const std::vector<std::string>& unknown) {
    if (unknown.empty()) return;
    std::vector<std::string_view> known{"--help"};
    for (const std::string_view id : command.options) known.push_back(long_name(option_row(id).names));
    const std::string name = unknown.front().substr(0, unknown.front().find('='));
    throw UsageError(fmt::format("`{}` has no option '{}'{} (see ovfkit {} --help)", command.name, name,
                                 did_you_mean(name, known), command.name));
}

/// CLI11 gathers the values of each option; the order among them is that of its occurrences.
void take_edits(const CLI::App& app, const EditRows& rows, Options& options) {
    std::map<const CLI::Option*, std::size_t> taken;
    for (const CLI::Option* option : app.parse_order())
        if (const auto row = rows.find(option); row != rows.end())
            options.edits.push_back({std::string(row->second->edit), option->results().at(taken[option]++)});
}

void check_arity(const Command& command, const Options& options) {
    const Arity arity = arity_of(command.arguments);
    if (options.arguments.size() < arity.least)
        throw UsageError(
            fmt::format("`{}` needs {} (see ovfkit {} --help)", command.name, command.arguments, command.name));
    if (options.arguments.size() > arity.most)
        throw UsageError(fmt::format("'{}' is one argument too many (see ovfkit {} --help)",
                                     options.arguments[arity.most], command.name));
}

Options parse_options(const Command& command, std::vector<std::string> words) {
    Options options;
    CLI::App app("", std::string(command.name));
    app.set_help_flag();
    app.allow_extras();
    EditRows edits;
    for (const std::string_view id : command.options) add_option(app, option_row(id), options, edits);
    app.add_option("ARGUMENTS", options.arguments)->expected(0, -1);
    const auto marker = std::find(words.begin(), words.end(), "--");
    const std::vector<std::string> literal(marker == words.end() ? marker : marker + 1, words.end());
    words.erase(marker, words.end());
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        check_unknown(command, app.remaining());
        throw UsageError(fmt::format("{} (see ovfkit {} --help)", error.what(), command.name));
    }
    check_unknown(command, app.remaining());
    take_edits(app, edits, options);
    options.arguments.insert(options.arguments.end(), literal.begin(), literal.end());
    check_arity(command, options);
    if (options.color.empty()) options.color = "auto";
    const std::vector<std::string_view> when{"auto", "always", "never"};
    if (std::find(when.begin(), when.end(), options.color) == when.end())
        throw UsageError(fmt::format("--color is auto, always or never, not '{}'{}", options.color,
                                     did_you_mean(options.color, when)));
    return options;
}

bool asks_for_help(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        if (word == "--") return false;
        if (word == "-h" || word == "--help") return true;
    }
    return false;
}

}  // namespace

Exit run_command_line(int argc, const char* const* argv, Console& console) {
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const std::string first = words.empty() ? "" : words[0];
    if (first == "-h" || first == "--help" || first == "help") {
        console.data(help());
        return Exit::done;
    }
    if (first == "--version") return run_version({}, console);

    // A command's name is one word or two; the first word of two is a group's.
    std::vector<std::string_view> candidates;
    const Command* found = nullptr;
    std::size_t used = 1;
    for (const Command& command : commands()) {
        const std::size_t blank = command.name.find(' ');
        const std::string_view head = command.name.substr(0, blank);
        if (blank == std::string_view::npos || head != first) {
            if (head == first) found = &command;
            continue;
        }
        used = 2;
        candidates.push_back(command.name.substr(blank + 1));
        if (words.size() > 1 && words[1] == candidates.back()) found = &command;
    }
    if (found == nullptr && used == 2 && words.size() > 1 && (words[1] == "-h" || words[1] == "--help")) {
        console.data(help(first));
        return Exit::done;
    }
    if (found == nullptr && words.size() < used)
        throw UsageError(fmt::format("a command is missing{} (see ovfkit --help)",
                                     candidates.empty() ? "" : fmt::format(": {}", fmt::join(candidates, ", "))));
    if (found == nullptr) {
        if (candidates.empty())
            for (const Command& command : commands())
                candidates.push_back(command.name.substr(0, command.name.find(' ')));
        const std::string& word = words[used - 1];
        throw UsageError(
            fmt::format("unknown command '{}'{} (see ovfkit --help)", word, did_you_mean(word, candidates)));
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
    if (asks_for_help(words)) {
        console.data(help(*found));
        return Exit::done;
    }
    const Options options = parse_options(*found, std::move(words));
    console.set_volume(options.quiet, options.verbose);
    console.set_color(options.color);
    return found->run(options, console);
}

}  // namespace ovfkit::tool
