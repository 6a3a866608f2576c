#include <algorithm>
#include <charconv>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/validate.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

constexpr std::size_t piece = std::size_t{1} << 20;  // of output that is held

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string out{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) throw IoError(path, errno, fmt::format("cannot read {}", path));
    return out;
}

ValidateOptions validate_options(const Options& options) {
    ValidateOptions out;
    out.profiles = options.profiles;
    out.read = options.read_options();
    out.digests = !options.no_digests;
    for (const std::string& rule : options.ignored) {
        out.ignore.push_back({rule, {}});
        check_ignore_rule(out.ignore.back());
    }
    if (!options.ignore_file.empty())
        for (IgnoreRule& rule : parse_ignore_file(text_of(options.ignore_file), options.ignore_file)) out.ignore.push_back(std::move(rule));
    return out;
}

/// From which severity on the run has failed; nothing: never.
std::optional<Severity> fail_on(const std::string& word) {
    if (word.empty() || word == "error") return Severity::error;
    if (word == "warning") return Severity::warning;
    if (word == "note") return Severity::note;
    if (word == "never") return std::nullopt;
    throw UsageError(fmt::format("--fail-on is error, warning, note or never, not '{}'{}", word, did_you_mean(word, {"error", "warning", "note", "never"})));
}

std::size_t max_findings(const std::string& word) {
    if (word.empty()) return ValidationReportOptions{}.max_findings;
    std::size_t out = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    if (error != std::errc{} || end != word.data() + word.size()) throw UsageError(fmt::format("--max-findings takes a number, not '{}'", word));
    return out;
}

}  // namespace

Exit run_validate(const Options& options, Console& console) {
    const ValidateOptions validation = validate_options(options);
    const std::optional<Severity> failing = fail_on(options.fail_on);
    ValidationReportOptions shown;
    shown.max_findings = max_findings(options.max_findings);
    shown.explain = options.explain;
    shown.summary = !options.quiet;
    shown.color = console.color_data();
    shown.fail_on = failing.value_or(Severity::error);
    const auto report = validation_report(options.format.empty() ? "text" : options.format, shown);
    std::vector<std::string> inputs;
    for (const std::string& path : options.arguments)
        for (std::string& input : validation_inputs(path)) inputs.push_back(std::move(input));

    std::string held = report->begin();
    const auto pass_on = [&](std::size_t limit) {
        if (held.size() <= limit) return;
        console.data(held);
        console.flush();
        held.clear();
    };
    const ValidationSummary summary = validate_all(inputs, validation, [&](const Validation& one) {
        held += report->add(one);
        if (!one.unreadable.empty()) console.error(printable(one.unreadable, 4000));
        pass_on(piece);
    });
    held += report->end(summary);
    pass_on(0);
    if (summary.unreadable != 0) return Exit::io;
    const bool failed = failing && (summary.errors != 0 || (*failing <= Severity::warning && summary.warnings != 0) ||
                                    (*failing == Severity::note && summary.notes != 0));
    return failed ? Exit::findings : Exit::done;
}

}  // namespace ovfkit::tool
