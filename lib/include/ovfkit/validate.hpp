#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/diagnostic.hpp>

/// Validation: what is wrong with a descriptor or a package by the standard, by the habits of its dialect, and, where
/// a profile asks for it, by what a consumer would refuse or misread.
namespace ovfkit {

/// A consumer of packages, whose own rules can be asked for.
struct Profile {
    std::string_view id;     ///< `esxi-8`
    std::string_view title;  ///< `VMware ESXi 8 and vCenter`
};
OVFKIT_EXPORT const std::vector<Profile>& profiles();

/// What there is to say about a rule of validation besides its Rule row. The readers' own rules have none.
struct RuleHelp {
    std::string_view id;
    std::string_view profiles;  ///< blank separated; empty: the rule always applies
    std::string_view remedy;    ///< one sentence
    std::string_view good, bad; ///< a piece of a descriptor that is right, and the same as it is wrong
};
/// Sorted by id.
OVFKIT_EXPORT const std::vector<RuleHelp>& rule_helps();
/// nullptr when there is none.
OVFKIT_EXPORT const RuleHelp* rule_help(std::string_view id);

/// Findings that are not wanted. `*` stands for any characters, `?` for one.
struct IgnoreRule {
    std::string rule;
    std::string path;  ///< of the input, or the end of it after a slash; empty: every input
};
/// A line each: `RULE [PATH]`; `#` starts a comment. Throws UsageError for a pattern no rule fits, with its line.
OVFKIT_EXPORT std::vector<IgnoreRule> parse_ignore_file(std::string_view text, const std::string& name);
/// Throws UsageError when no rule fits the pattern.
OVFKIT_EXPORT void check_ignore_rule(const IgnoreRule& rule);

struct ValidateOptions {
    std::vector<std::string> profiles;  ///< ids; UsageError for one that does not exist
    std::vector<IgnoreRule> ignore;
    ReadOptions read;
    bool digests = true;                ///< read the disks of a package that has a manifest
    std::size_t findings = 10000;       ///< kept of one input; the rest is only counted
    unsigned threads = 0;               ///< 0: as many as the machine runs at once
};

/// What was found in one input.
struct Validation {
    std::string path;
    std::string format;                ///< id of the format it was read as; empty: none
    std::vector<Diagnostic> findings;  ///< by line, column and rule; what concerns no place comes first
    std::size_t more = 0;              ///< findings that were not kept
    std::size_t ignored = 0;
    std::string unreadable;            ///< why the file system gave nothing; empty: it did
};

/// A descriptor, an OVA, a folder with one descriptor, a text of any platform, or `-`: standard input.
/// Throws UsageError; what is wrong with the input is a finding.
OVFKIT_EXPORT Validation validate(const std::string& path, const ValidateOptions& options);
/// A descriptor in memory.
OVFKIT_EXPORT Validation validate_text(const std::string& name, std::string bytes, const ValidateOptions& options);

/// A file as it is; of a folder every .ovf and .ova in it and below, sorted, no link followed. Throws IoError.
OVFKIT_EXPORT std::vector<std::string> validation_inputs(const std::string& path);

struct ValidationSummary {
    std::size_t inputs = 0, unreadable = 0;
    std::size_t errors = 0, warnings = 0, notes = 0, ignored = 0, more = 0;
    std::map<std::string, std::size_t, std::less<>> rules;  ///< findings of each
    void add(const Validation& validation);
};

/// Many inputs on all processors. `each` is called in their order, on the caller's thread; few are held at a time.
OVFKIT_EXPORT ValidationSummary validate_all(const std::vector<std::string>& inputs, const ValidateOptions& options,
                                             const std::function<void(const Validation&)>& each);

/// How findings are shown.
struct ValidationReportOptions {
    std::size_t max_findings = 1000;          ///< shown in all; the rest is only counted. SARIF and JUnit too
    Severity fail_on = Severity::error;       ///< from which on a JUnit case has failed
    bool explain = false;                     ///< text: say of every rule that was found where it is from and what to do
    bool summary = true;                      ///< text: counts at the end
    bool color = false;
};

/// Makes one report of many Validations. Each call gives a further piece of it.
class OVFKIT_EXPORT ValidationReport {
public:
    virtual ~ValidationReport() = default;
    virtual std::string begin() { return {}; }
    virtual std::string add(const Validation& validation) = 0;
    virtual std::string end(const ValidationSummary& summary) = 0;
};
/// `text json sarif junit github markdown`.
OVFKIT_EXPORT const std::vector<std::string_view>& validation_formats();
/// Throws UsageError for a format there is none of.
OVFKIT_EXPORT std::unique_ptr<ValidationReport> validation_report(std::string_view format, const ValidationReportOptions& options);

}  // namespace ovfkit
