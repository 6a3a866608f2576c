#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <ovfkit/validate.hpp>

/// What the forms of a report have in common.
namespace ovfkit::detail {

/// Shows findings until there were enough.
class LimitedReport : public ValidationReport {
public:
    explicit LimitedReport(const ValidationReportOptions& options) : options_(options) {}

protected:
    /// True for a finding to show; counts the others.
    bool take() {
        if (shown_ < options_.max_findings) return ++shown_, true;
        ++left_out_;
        return false;
    }
    [[nodiscard]] std::size_t left_out(const ValidationSummary& summary) const { return left_out_ + summary.more; }

    ValidationReportOptions options_;

private:
    std::size_t shown_ = 0, left_out_ = 0;
};

/// Where a finding is: its own file, or the input it is of.
std::string_view file_of(const Diagnostic& finding, const Validation& validation);
/// Column in code points, from 1; 0 when it is not known. A Diagnostic counts bytes.
std::size_t character_column(const Diagnostic& finding);
/// What a rule is about, for a case of JUnit: the first word of its id, of the standard's rules the first two.
std::string check_of(std::string_view rule);
/// A relative URI reference of a path: what is not allowed in one is percent-encoded.
std::string uri_of_path(std::string_view path);
/// `2 errors, 1 warning`; `nothing` when there is nothing.
std::string counts_text(std::size_t errors, std::size_t warnings, std::size_t notes);

std::unique_ptr<ValidationReport> text_report(const ValidationReportOptions& options);
std::unique_ptr<ValidationReport> json_report(const ValidationReportOptions& options);
std::unique_ptr<ValidationReport> sarif_report(const ValidationReportOptions& options);
std::unique_ptr<ValidationReport> junit_report(const ValidationReportOptions& options);
std::unique_ptr<ValidationReport> github_report(const ValidationReportOptions& options);
std::unique_ptr<ValidationReport> markdown_report(const ValidationReportOptions& options);

}  // namespace ovfkit::detail
