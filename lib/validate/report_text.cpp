#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "validate/report.hpp"

// For people at a terminal.
namespace ovfkit::detail {

namespace {

class TextReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string add(const Validation& validation) override {
        std::string out;
        if (!validation.unreadable.empty()) out += fmt::format("{}: cannot be read: {}\n", printable(validation.path, 1000), printable(validation.unreadable, 1000));
        for (const Diagnostic& finding : validation.findings)
            if (take()) out += render_text(finding, options_.color);
        return out;
    }

    std::string end(const ValidationSummary& summary) override {
        std::string out;
        if (const std::size_t count = left_out(summary)) out += fmt::format("{} more findings are not shown (--max-findings)\n", count);
        if (options_.explain)
            for (const auto& [id, count] : summary.rules) out += explained(id);
        if (!options_.summary) return out;
        if (summary.rules.size() > 1 || summary.inputs > 1)
            for (const auto& [id, count] : by_count(summary)) out += fmt::format("{:7} {}\n", count, id);
        out += fmt::format("{} {}: {}", summary.inputs, summary.inputs == 1 ? "input" : "inputs", counts_text(summary.errors, summary.warnings, summary.notes));
        if (summary.ignored != 0) out += fmt::format(", {} ignored", summary.ignored);
        if (summary.unreadable != 0) out += fmt::format(", {} cannot be read", summary.unreadable);
        return out + "\n";
    }

private:
    static std::string explained(std::string_view id) {
        const Rule* rule = find_rule(id);
        if (rule == nullptr) return {};
        const RuleHelp* help = rule_help(id);
        return fmt::format("\n{} ({})\n  {}\n  From: {}\n{}", rule->id, to_string(rule->severity), rule->text, rule->source,
                           help == nullptr ? std::string{} : fmt::format("  What to do: {}\n", help->remedy));
    }

    static std::vector<std::pair<std::string, std::size_t>> by_count(const ValidationSummary& summary) {
        std::vector<std::pair<std::string, std::size_t>> out(summary.rules.begin(), summary.rules.end());
        std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
        return out;
    }
};

}  // namespace

std::unique_ptr<ValidationReport> text_report(const ValidationReportOptions& options) { return std::make_unique<TextReport>(options); }

}  // namespace ovfkit::detail
