#include <fmt/format.h>

#include "validate/report.hpp"

// For continuous integration: JUnit XML, the annotations of GitHub Actions, a summary in Markdown.
namespace ovfkit::detail {

namespace {

/// Text for XML: what XML cannot hold is escaped as printable() has it.
std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : printable(text, 4000)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

/// One suite an input, one case an input and check. The checks are always the same, so that a case that passes is there.
class JunitReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string begin() override {
        for (const Rule& rule : rules()) checks_.try_emplace(check_of(rule.id));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ovfkit validate\">\n";
    }

    std::string add(const Validation& validation) override {
        std::map<std::string, std::string> found;
        std::map<std::string, bool> failed;
        for (const Diagnostic& finding : validation.findings) {
            const std::string check = check_of(finding.rule);
            failed[check] = failed[check] || finding.severity >= options_.fail_on;
            if (take()) found[check] += xml_text(plain(finding)) + "\n";
        }
        std::size_t failures = 0;
        for (const auto& [check, bad] : failed) failures += bad ? 1 : 0;
        const bool readable = validation.unreadable.empty();
        const std::string path = xml_text(validation.path);
        std::string out = fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"0\">\n", path,
                                      checks_.size() + (readable ? 0 : 1), failures, readable ? 0 : 1);
        if (!readable)
            out += fmt::format("    <testcase name=\"read\" classname=\"{}\" time=\"0\"><error message=\"{}\" type=\"io\"/></testcase>\n", path,
                               xml_text(validation.unreadable));
        for (const auto& [check, nothing] : checks_) out += one_case(path, check, failed[check], found[check]);
        return out + "  </testsuite>\n";
    }

    std::string end(const ValidationSummary&) override { return "</testsuites>\n"; }

private:
    static std::string plain(const Diagnostic& finding) {
        Diagnostic bare = finding;
        bare.source_line.clear();
        std::string text = render_text(bare);
        text.pop_back();
        return text;
    }

    static std::string one_case(const std::string& path, const std::string& check, bool failed, const std::string& text) {
        const std::string head = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", check, path);
        if (failed) return fmt::format("{}><failure message=\"{}\" type=\"{}\">{}</failure></testcase>\n", head, text.substr(0, text.find('\n')), check, text);
        if (!text.empty()) return fmt::format("{}><system-out>{}</system-out></testcase>\n", head, text);
        return head + "/>\n";
    }

    std::map<std::string, char> checks_;
};

/// Workflow commands (docs.github.com, "Workflow commands for GitHub Actions").
class GithubReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string add(const Validation& validation) override {
        std::string out;
        if (!validation.unreadable.empty())
            out += fmt::format("::error file={}::{}\n", property(validation.path), data(validation.unreadable));
        for (const Diagnostic& finding : validation.findings) {
            if (!take()) continue;
            std::string place = fmt::format("file={}", property(file_of(finding, validation)));
            if (finding.where.line != 0) place += fmt::format(",line={}", finding.where.line);
            if (const std::size_t column = character_column(finding); column != 0) place += fmt::format(",col={}", column);
            out += fmt::format("::{} {},title={}::{}\n", finding.severity == Severity::note ? "notice" : to_string(finding.severity), place,
                               property(finding.rule), data(finding.message));
        }
        return out;
    }

    std::string end(const ValidationSummary& summary) override {
        const std::size_t count = left_out(summary);
        return count == 0 ? std::string{} : fmt::format("::notice::{} more findings are not shown (--max-findings)\n", count);
    }

private:
    static std::string escaped(std::string_view text, std::string_view special) {
        std::string out;
        for (const char c : printable(text, 4000)) {
            if (special.find(c) == std::string_view::npos)
                out += c;
            else
                out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
        return out;
    }
    static std::string data(std::string_view text) { return escaped(text, "%\r\n"); }
    static std::string property(std::string_view text) { return escaped(text, "%\r\n:,"); }
};

/// For a step summary or a comment: a table a severity is too much; one table, and the counts.
class MarkdownReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string begin() override { return "# ovfkit validate\n\n| Severity | Where | Finding | Rule |\n|---|---|---|---|\n"; }

    std::string add(const Validation& validation) override {
        std::string out;
        if (!validation.unreadable.empty()) out += fmt::format("| error | {} | {} | |\n", cell(validation.path), cell(validation.unreadable));
        for (const Diagnostic& finding : validation.findings) {
            if (!take()) continue;
            std::string place = cell(file_of(finding, validation));
            if (finding.where.line != 0) place += fmt::format(":{}", finding.where.line);
            out += fmt::format("| {} | {} | {} | `{}` |\n", to_string(finding.severity), place, cell(finding.message), cell(finding.rule));
        }
        return out;
    }

    std::string end(const ValidationSummary& summary) override {
        std::string out = "\n| Rule | Findings | Meaning |\n|---|--:|---|\n";
        for (const auto& [id, count] : summary.rules) {
            const Rule* rule = find_rule(id);
            out += fmt::format("| `{}` | {} | {} |\n", cell(id), count, rule == nullptr ? std::string{} : cell(rule->text));
        }
        out += fmt::format("\n**{} {}: {}**\n", summary.inputs, summary.inputs == 1 ? "input" : "inputs",
                           counts_text(summary.errors, summary.warnings, summary.notes));
        if (const std::size_t count = left_out(summary)) out += fmt::format("\n{} more findings are not shown (`--max-findings`).\n", count);
        if (summary.ignored != 0) out += fmt::format("\n{} findings are ignored.\n", summary.ignored);
        return out;
    }

private:
    /// Text of an input may hold no table, link, image or tag.
    static std::string cell(std::string_view text) {
        std::string out;
        for (const char c : printable(text, 1000)) {
            if (std::string_view("\\`*_[]<>|!#&~@").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
        return out;
    }
};

}  // namespace

std::unique_ptr<ValidationReport> junit_report(const ValidationReportOptions& options) { return std::make_unique<JunitReport>(options); }
std::unique_ptr<ValidationReport> github_report(const ValidationReportOptions& options) { return std::make_unique<GithubReport>(options); }
std::unique_ptr<ValidationReport> markdown_report(const ValidationReportOptions& options) { return std::make_unique<MarkdownReport>(options); }

}  // namespace ovfkit::detail
