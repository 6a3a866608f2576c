#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

// The end of every command that writes.
namespace ovfkit::tool {

namespace {

/// Keeps a signal that would end the process waiting until the files are under their names.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t held;
        sigemptyset(&held);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&held, number);
        ::sigprocmask(SIG_BLOCK, &held, &before_);
    }
    ~SignalsHeld() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

LossReport merged(const std::vector<LossReport>& reports) {
    LossReport out;
    std::set<std::string> seen;
    for (const LossReport& report : reports) {
        if (out.target.empty()) out.source = report.source, out.target = report.target;
        for (const LossRow& row : report.rows)
            if (seen.insert(fmt::format("{}\n{}\n{}\n{}\n{}", row.path, row.line, to_string(row.fate), row.rule,
                                        row.detail))
                    .second)
                out.rows.push_back(row);
    }
    return out;
}

Exit finish(const Options& options, Console& console, Diagnostics& diagnostics, const LossReport& report,
            std::vector<NewOutput> files) {
    console.show(diagnostics);
    if (diagnostics.has_errors() && !options.lenient) return exit_of(diagnostics.failure());
    console.show(report);
    const bool refused = options.strict && report.is_loss();
    if (refused) {
        console.error("values would be lost, nothing was written (--strict)");
        files.clear();
    }
    if (!options.report.empty() && !options.force && options.report != "-" &&
        ::access(options.report.c_str(), F_OK) == 0)
        throw IoError(options.report, EEXIST, fmt::format("cannot write {}: File exists", options.report));
    // One write for all, so that a report that cannot be written leaves no result behind.
    if (!options.report.empty()) files.push_back({options.report, render_json(report)});
    std::vector<NewOutput> on_disk;
    for (NewOutput& file : files) {
        if (file.path == "-")
            console.data(file.bytes);
        else
            on_disk.push_back(std::move(file));
    }
    const SignalsHeld held;
    write_output(on_disk, options.force || options.in_place);
    return refused ? Exit::loss : Exit::done;
}

}  // namespace ovfkit::tool
