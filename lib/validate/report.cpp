#include "validate/report.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

namespace ovfkit {

namespace detail {

std::string_view file_of(const Diagnostic& finding, const Validation& validation) {
    return finding.where.file.empty() ? std::string_view(validation.path) : std::string_view(finding.where.file);
}

std::size_t character_column(const Diagnostic& finding) {
    if (finding.where.column == 0 || finding.source_column != 0 || finding.source_line.empty()) return 0;
    const std::string_view before = std::string_view(finding.source_line).substr(0, finding.where.column - 1);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string check_of(std::string_view rule) {
    const std::size_t first = std::min(rule.find('-'), rule.size());
    const std::string_view area = rule.substr(0, first);
    if (area != "ovf" && area != "import" && area != "package") return std::string(area);
    return std::string(rule.substr(0, std::min(rule.find('-', first + 1), rule.size())));
}

std::string uri_of_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("/._-~").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string counts_text(std::size_t errors, std::size_t warnings, std::size_t notes) {
    std::string out;
    const auto add = [&](std::size_t count, std::string_view word) {
        if (count != 0) out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", count, word, count == 1 ? "" : "s");
    };
    add(errors, "error");
    add(warnings, "warning");
    add(notes, "note");
    return out.empty() ? "nothing" : out;
}

namespace {

struct Form {
    std::string_view id;
    std::unique_ptr<ValidationReport> (*make)(const ValidationReportOptions& options);
};
constexpr std::array forms{Form{"text", text_report},     Form{"json", json_report},     Form{"sarif", sarif_report},
                           Form{"junit", junit_report},   Form{"github", github_report}, Form{"markdown", markdown_report}};

}  // namespace

}  // namespace detail

const std::vector<std::string_view>& validation_formats() {
    static const std::vector<std::string_view> ids = [] {
        std::vector<std::string_view> out;
        for (const auto& form : detail::forms) out.push_back(form.id);
        return out;
    }();
    return ids;
}

std::unique_ptr<ValidationReport> validation_report(std::string_view format, const ValidationReportOptions& options) {
    for (const auto& form : detail::forms)
        if (form.id == format) return form.make(options);
    const std::string_view hit = nearest(format, validation_formats());
    throw UsageError(fmt::format("there is no report format '{}'{}", printable(format), hit.empty() ? "" : fmt::format("; did you mean '{}'?", hit)));
}

}  // namespace ovfkit
