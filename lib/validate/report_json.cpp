#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "validate/report.hpp"

// For programs: DESIGN's `diagnostics[]`, and SARIF 2.1.0 (OASIS) for code scanning. Both are written piece by piece:
// what was reported is not held.
namespace ovfkit::detail {

namespace {

using Json = nlohmann::ordered_json;

/// ASCII only: nothing from an input reaches a terminal raw.
std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

class JsonReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string begin() override { return "{\"diagnostics\":["; }

    std::string add(const Validation& validation) override {
        std::string out;
        for (const Diagnostic& finding : validation.findings) {
            if (!take()) continue;
            out += first_ ? "\n" : ",\n";
            first_ = false;
            out += dump({{"severity", to_string(finding.severity)},
                         {"rule", finding.rule},
                         {"message", finding.message},
                         {"file", file_of(finding, validation)},
                         {"line", finding.where.line},
                         {"column", finding.where.column},
                         {"input", validation.path}});
        }
        if (!validation.unreadable.empty()) unreadable_.push_back({{"input", validation.path}, {"problem", validation.unreadable}});
        return out;
    }

    std::string end(const ValidationSummary& summary) override {
        Json counts = Json::object();
        for (const auto& [id, count] : summary.rules) counts[id] = count;
        const Json totals{{"inputs", summary.inputs},     {"errors", summary.errors},   {"warnings", summary.warnings},   {"notes", summary.notes},
                          {"ignored", summary.ignored},   {"unreadable", unreadable_},  {"not_shown", left_out(summary)}, {"rules", counts}};
        return fmt::format("\n],\n\"summary\":{}}}\n", dump(totals));
    }

private:
    bool first_ = true;
    Json unreadable_ = Json::array();
};

std::string_view level_of(Severity severity) { return to_string(severity); }  // SARIF's words are the same

Json sarif_rule(const Rule& rule) {
    const RuleHelp* help = rule_help(rule.id);
    std::string text = fmt::format("{} From: {}.", rule.text, rule.source);
    std::string markdown = fmt::format("{}\n\n*From:* {}.", rule.text, rule.source);
    if (help != nullptr) {
        text += fmt::format(" What to do: {}", help->remedy);
        markdown += fmt::format("\n\n*What to do:* {}\n\nRight:\n\n```xml\n{}\n```\n\nWrong:\n\n```xml\n{}\n```", help->remedy, help->good, help->bad);
    }
    Json out{{"id", rule.id},
             {"shortDescription", {{"text", rule.text}}},
             {"help", {{"text", text}, {"markdown", markdown}}},
             {"defaultConfiguration", {{"level", level_of(rule.severity)}}}};
    if (help != nullptr && !help->profiles.empty()) out["properties"] = {{"profiles", help->profiles}};
    return out;
}

class SarifReport : public LimitedReport {
public:
    using LimitedReport::LimitedReport;

    std::string begin() override {
        Json rows = Json::array();
        for (const Rule& rule : rules()) {
            index_.emplace(rule.id, rows.size());
            rows.push_back(sarif_rule(rule));
        }
        const Json driver{{"name", "ovfkit"}, {"rules", rows}};
        return fmt::format(
            "{{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\n"
            "\"runs\":[{{\"tool\":{{\"driver\":{}}},\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[",
            dump(driver));
    }

    std::string add(const Validation& validation) override {
        std::string out;
        for (const Diagnostic& finding : validation.findings) {
            if (!take()) continue;
            out += first_ ? "\n" : ",\n";
            first_ = false;
            out += dump(result(finding, validation));
        }
        if (!validation.unreadable.empty())
            failures_.push_back({{"level", "error"},
                                 {"message", {{"text", validation.unreadable}}},
                                 {"locations", Json::array({{{"physicalLocation", {{"artifactLocation", {{"uri", uri_of_path(validation.path)}}}}}}})}});
        return out;
    }

    std::string end(const ValidationSummary& summary) override {
        const Json invocation{{"executionSuccessful", summary.unreadable == 0}, {"toolExecutionNotifications", failures_}};
        const Json properties{{"inputs", summary.inputs}, {"ignored", summary.ignored}, {"notShown", left_out(summary)}};
        return fmt::format("\n],\n\"invocations\":[{}],\n\"properties\":{}}}]}}\n", dump(invocation), dump(properties));
    }

private:
    Json result(const Diagnostic& finding, const Validation& validation) const {
        Json place{{"artifactLocation", {{"uri", uri_of_path(file_of(finding, validation))}}}};
        if (finding.where.line != 0) {
            place["region"] = {{"startLine", finding.where.line}};
            if (const std::size_t column = character_column(finding); column != 0) place["region"]["startColumn"] = column;
            if (!finding.source_line.empty() && finding.source_column == 0) place["region"]["snippet"] = {{"text", finding.source_line}};
        }
        Json out{{"ruleId", finding.rule}};
        if (const auto it = index_.find(finding.rule); it != index_.end()) out["ruleIndex"] = it->second;
        out["level"] = level_of(finding.severity);
        out["message"] = {{"text", finding.message}};
        out["locations"] = Json::array({{{"physicalLocation", place}}});
        return out;
    }

    bool first_ = true;
    std::map<std::string, std::size_t, std::less<>> index_;
    Json failures_ = Json::array();
};

}  // namespace

std::unique_ptr<ValidationReport> json_report(const ValidationReportOptions& options) { return std::make_unique<JsonReport>(options); }
std::unique_ptr<ValidationReport> sarif_report(const ValidationReportOptions& options) { return std::make_unique<SarifReport>(options); }

}  // namespace ovfkit::detail
