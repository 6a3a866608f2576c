#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

// The script is made from the tables, so it cannot miss a command, an option or a format.
namespace ovfkit::tool {

namespace {

void add_names(std::string& out, std::string_view names) {
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        out += fmt::format(" {}", names.substr(0, comma));
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
}

/// `--color) words="auto always never" ;;`
std::string choices_of(const OptionRow& row) {
    std::string names, words;
    add_names(names, row.names);
    for (char& c : names)
        if (c == ' ') c = '|';
    if (row.choices == "FORMAT") {
        for (const Format& format : formats()) words += fmt::format(" {}", format.id);
        if (row.id == "to") words += " ovf";
    } else if (row.choices != "FILE") {
        words = row.choices;
        for (char& c : words)
            if (c == '|') c = ' ';
    }
    return fmt::format("        {}) words=\"{}\"; files={}; known=1 ;;\n", names.substr(1),
                       words.substr(words.starts_with(' ') ? 1 : 0), row.choices == "FILE" ? 1 : 0);
}

std::string bash() {
    std::string heads, options, values, leaves, last;
    for (const Command& command : commands()) {
        const std::string_view head = command.name.substr(0, command.name.find(' '));
        if (head != last) heads += fmt::format(" {}", head);
        last = head;
        std::string names = " -h --help";
        for (const std::string_view id : command.options) add_names(names, option_row(id).names);
        options += fmt::format("        \"{}\") words=\"{}\" ;;\n", command.name, names.substr(1));
    }
    for (const OptionRow& row : option_rows())
        if (!row.value.empty()) values += choices_of(row);
    for (const Format& format : formats()) leaves += fmt::format(" {}", format.id);
    return fmt::format(R"(# bash completion for ovfkit; made by `ovfkit completion bash`
_ovfkit()
{{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}
    local words="" files=0 known=0
    COMPREPLY=()
    case $previous in
{values}    esac
    if ((COMP_CWORD == 1)); then
        words="{heads}"
    elif [[ $command == balloon ]] && ((COMP_CWORD == 2)); then
        words="get set"
    elif ((!known)); then
        [[ $command == balloon ]] && command="balloon ${{COMP_WORDS[2]}}"
        if [[ $current == -* ]]; then
            case $command in
{options}            esac
        elif [[ $command == formats ]]; then
            words="{leaves}"
        elif [[ $command == "balloon set" ]] && ((COMP_CWORD == 3)); then
            words="enabled disabled unspecified"
        else
            files=1
        fi
    fi
    if ((files)); then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames 2>/dev/null
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    fi
}}
complete -F _ovfkit ovfkit
)",
                       fmt::arg("values", values), fmt::arg("heads", heads.substr(1)), fmt::arg("options", options),
                       fmt::arg("leaves", leaves.substr(1)));
}

}  // namespace

Exit run_completion(const Options& options, Console& console) {
    if (options.arguments[0] != "bash")
        throw UsageError(fmt::format("there is a completion for bash, none for '{}'", options.arguments[0]));
    console.data(bash());
    return Exit::done;
}

}  // namespace ovfkit::tool
