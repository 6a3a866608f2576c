#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/edit.hpp>
#include <ovfkit/import.hpp>
#include <ovfkit/output.hpp>
#include <ovfkit/package.hpp>

#include "console.hpp"

/// A command is a row: what it is called, what it takes, what it does. Parsing, help and completion
/// follow from the rows; a command touches no argv.
namespace ovfkit::tool {

/// What the process ends with; 128+n is left to signals.
enum class Exit : int {
    done = 0,
    findings = 1,
    usage = 2,
    malformed = 3,
    refused = 4,
    integrity = 5,
    io = 6,
    loss = 7,
    internal = 70
};

Exit exit_of(Failure failure);

/// Everything the command line said. A command reads the members of the options it takes.
struct Options {
    std::vector<std::string> arguments;
    std::string from, to, output, report, vm, configuration, model;
    std::string balloon, balloon_default, color, max_descriptor, lang, format;
    std::vector<std::string> through;       ///< formats
    std::vector<std::string> leaf_options;  ///< `LEAF.KEY=VALUE`
    std::vector<Edit> edits;                ///< in the order of the command line
    std::vector<std::string> properties;    ///< `KEY=VALUE`
    bool force = false, json = false, strict = false, lenient = false, no_origin = false, in_place = false;
    std::string digest, chunk_size, key, certificate, ca_file;
    bool strict_ustar = false, require_manifest = false, require_signature = false, no_progress = false;
    std::string progress;  ///< `true` or `json` when it was given
    std::string disk_format, max_disk_size, jobs, define;
    std::vector<std::string> networks;  ///< `NAME=NAME`
    bool raw_as_is = false, no_helpers = false, unsandboxed_helper = false, dry_run = false;
    bool split = false, keep_foreign = false;
    bool quiet = false, verbose = false, matrix = false;

    // Checked forms of the above; each throws UsageError.
    [[nodiscard]] ReadOptions read_options() const;
    [[nodiscard]] WriteOptions write_options() const;
    [[nodiscard]] PackOptions pack_options() const;
    [[nodiscard]] ImportOptions import_options() const;
};

/// The word of a state; throws UsageError with the nearest one. `what` names the argument.
BalloonState balloon_state(std::string_view what, const std::string& word);

/// One option of the command line, the same wherever it is taken.
struct OptionRow {
    std::string_view id;       ///< how a Command names it
    std::string_view names;    ///< CLI11's: `-o,--output`
    std::string_view value;    ///< name of its value; empty: a flag, or, with `word`, one that may have a value
    std::string_view choices;  ///< `a|b` for completion; `FORMAT`, `FILE` are special
    std::string_view text;
    std::string Options::*word = nullptr;
    bool Options::*flag = nullptr;
    std::vector<std::string> Options::*list = nullptr;
    std::string_view edit = {};  ///< goes to Options::edits as this operation
};
std::span<const OptionRow> option_rows();
/// `id` must be one of theirs.
const OptionRow& option_row(std::string_view id);

struct Command {
    std::string_view name;       ///< `inspect`, `balloon get`
    std::string_view arguments;  ///< `FILE`, `STATE FILE`, `FILE...`, `[LEAF]`
    std::string_view summary;
    std::string_view details;               ///< further lines of its help
    std::vector<std::string_view> options;  ///< ids of option rows
    Exit (*run)(const Options& options, Console& console);
};
std::span<const Command> commands();

/// The findings so far, when `last` is about to be shown by main.
void show_all_but(const Diagnostic& last, const Diagnostics& diagnostics, Console& console);

/// Shows what was found and lost and writes the files (`-`: standard output) and the report, or nothing at all
/// where there are errors or, under --strict, losses.
Exit finish(const Options& options, Console& console, Diagnostics& diagnostics, const LossReport& report,
            std::vector<NewOutput> files);
/// The rows of `--report`: of every VM, without what is said twice.
LossReport merged(const std::vector<LossReport>& reports);

/// "; did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

/// Reads the descriptor `path`, lets `change` work on its model, and writes it as -o or --in-place say: what the
/// commands that edit have in common. `hint` is what to do with an input that is no OVF.
Exit edit_descriptor(const Options& options, Console& console, const std::string& path, std::string_view command,
                     const std::function<std::string(const Source& source)>& hint,
                     const std::function<void(Envelope& wanted)>& change);

/// The input named on the command line; `-` is standard input. Shows the findings when it cannot be used.
Source load_source(const std::string& path, const ReadOptions& options, Diagnostics& diagnostics, Console& console);
/// Like it, of a package (`verify`, `pack` ...): runs the work so that a signal ends it and nothing of its output stays,
/// and shows the findings. `work` gets the options of the package.
Exit run_on_package(const Options& options, Console& console,
                    const std::function<void(PackOptions& package, Diagnostics& diagnostics)>& work);

Exit run_inspect(const Options& options, Console& console);
Exit run_convert(const Options& options, Console& console);
Exit run_balloon_get(const Options& options, Console& console);
Exit run_balloon_set(const Options& options, Console& console);
Exit run_diff(const Options& options, Console& console);
Exit run_roundtrip(const Options& options, Console& console);
Exit run_edit(const Options& options, Console& console);
Exit run_pack(const Options& options, Console& console);
Exit run_unpack(const Options& options, Console& console);
Exit run_import(const Options& options, Console& console);
Exit run_verify(const Options& options, Console& console);
Exit run_sign(const Options& options, Console& console);
Exit run_env(const Options& options, Console& console);
Exit run_formats(const Options& options, Console& console);
Exit run_rules(const Options& options, Console& console);
Exit run_completion(const Options& options, Console& console);
Exit run_version(const Options& options, Console& console);

/// Help of the tool (or of the commands of a group) and of one command.
std::string help(std::string_view group = {});
std::string help(const Command& command);

/// Runs what argv asks for. Throws UsageError for a command line that makes no sense.
Exit run_command_line(int argc, const char* const* argv, Console& console);

}  // namespace ovfkit::tool
