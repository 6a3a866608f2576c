#include <ovfkit/diagnostic.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/checked.hpp"
#include "base/printable.hpp"

namespace ovfkit {

namespace {

constexpr std::size_t message_limit = 2000;

std::string_view color_of(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "\x1b[1;36m";
        case Severity::warning:
            return "\x1b[1;35m";
        case Severity::error:
            break;
    }
    return "\x1b[1;31m";
}

/// How many columns a terminal shows for UTF-8 text without control characters.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

/// The source line made printable (tabs become one blank), and the blanks that put the caret under byte `column`.
std::pair<std::string, std::size_t> shown(std::string_view line, std::size_t column) {
    std::string out;
    std::size_t indent = 0;
    for (std::string_view rest = line; !rest.empty();) {
        const std::size_t at = line.size() - rest.size();
        if (rest.front() == '\t') {
            out += ' ';
            rest.remove_prefix(1);
        } else {
            out += detail::printable_piece(rest);
        }
        if (at < column - 1 && line.size() - rest.size() <= column - 1) indent = width(out);
    }
    return {out, indent};
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::error:
            break;
    }
    return "error";
}

void Diagnostics::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error && worst_error_ == Failure::none)
        worst_error_ = diagnostic.failure == Failure::none ? Failure::malformed : diagnostic.failure;
    detail::trim_source_line(diagnostic);
    if (found_.size() < limit_)
        found_.push_back(std::move(diagnostic));
    else
        ++suppressed_;
}

std::string render_text(const Diagnostic& diagnostic, bool color) {
    std::string out;
    if (!diagnostic.where.file.empty()) {
        out += printable(diagnostic.where.file, 1000);
        out += ':';
        if (diagnostic.where.line != 0) out += fmt::format("{}:", diagnostic.where.line);
        if (diagnostic.where.line != 0 && diagnostic.where.column != 0)
            out += fmt::format("{}:", diagnostic.where.column);
        out += ' ';
    }
    const std::string_view on = color ? color_of(diagnostic.severity) : std::string_view{};
    const std::string_view off = color ? std::string_view("\x1b[0m") : std::string_view{};
    out += fmt::format("{}{}:{} {}", on, to_string(diagnostic.severity), off,
                       printable(diagnostic.message, message_limit));
    if (!diagnostic.rule.empty()) out += fmt::format(" [{}]", printable(diagnostic.rule));
    out += '\n';
    if (diagnostic.source_line.empty() || diagnostic.where.line == 0) return out;
    const std::size_t column = diagnostic.source_column != 0 ? diagnostic.source_column : diagnostic.where.column;
    const auto [line, indent] = shown(diagnostic.source_line, std::max<std::size_t>(column, 1));
    const std::string number = fmt::format("{:5}", diagnostic.where.line);
    out += fmt::format("{} | {}\n", number, line);
    if (column != 0) out += fmt::format("{:{}} | {:{}}{}^{}\n", "", number.size(), "", indent, on, off);
    return out;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
    nlohmann::ordered_json out = nlohmann::ordered_json::array();
    for (const Diagnostic& diagnostic : diagnostics) {
        nlohmann::ordered_json row;
        row["severity"] = to_string(diagnostic.severity);
        row["rule"] = diagnostic.rule;
        row["message"] = diagnostic.message;
        row["file"] = diagnostic.where.file;
        row["line"] = diagnostic.where.line;
        row["column"] = diagnostic.where.column;
        out.push_back(std::move(row));
    }
    // ASCII only: nothing from an input reaches a terminal raw.
    return out.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (word.empty() || word.size() > 200) return {};
    std::string_view best;
    std::size_t best_distance = 1 + std::max<std::size_t>(1, word.size() / 3);  // farther is no help
    const auto equal = [](char a, char b) { return detail::lower(a) == detail::lower(b); };
    std::vector<std::size_t> row, above, above2;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > 200) continue;
        // Edits from one to the other: a letter changed, added, left out, or swapped with its neighbour; case is no
        // edit.
        row.resize(candidate.size() + 1);
        above = above2 = row;
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < word.size(); ++i) {
            above2.swap(above);
            above = row;
            row[0] = i + 1;
            for (std::size_t j = 0; j < candidate.size(); ++j) {
                row[j + 1] =
                    std::min({above[j] + (equal(word[i], candidate[j]) ? 0 : 1), row[j] + 1, above[j + 1] + 1});
                if (i > 0 && j > 0 && equal(word[i], candidate[j - 1]) && equal(word[i - 1], candidate[j]))
                    row[j + 1] = std::min(row[j + 1], above2[j - 1] + 1);
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

}  // namespace ovfkit
