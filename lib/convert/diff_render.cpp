#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/diff.hpp>

namespace ovfkit {

namespace {

/// What no field holds is quoted already.
std::string side(bool said, bool quoted, std::size_t line, const std::string& value) {
    if (!said) return "nothing";
    const std::string_view quote = quoted ? "" : "'";
    return fmt::format("{}{}{}{}", quote, printable(value), quote, line == 0 ? std::string{} : fmt::format(" (line {})", line));
}

std::string text_of(const DiffRow& row) {
    return fmt::format("{}: {} -> {}\n", printable(row.path, 400), side(row.in_a, row.field.empty(), row.line_a, row.a), side(row.in_b, row.field.empty(), row.line_b, row.b));
}

nlohmann::ordered_json json_of(const std::vector<DiffRow>& rows) {
    auto out = nlohmann::ordered_json::array();
    for (const DiffRow& row : rows) {
        nlohmann::ordered_json line;
        line["path"] = row.path;
        line["field"] = row.field;
        line["in_a"] = row.in_a;
        line["in_b"] = row.in_b;
        line["line_a"] = row.line_a;
        line["line_b"] = row.line_b;
        line["value_a"] = row.in_a ? nlohmann::ordered_json(row.a) : nlohmann::ordered_json();
        line["value_b"] = row.in_b ? nlohmann::ordered_json(row.b) : nlohmann::ordered_json();
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace

std::string render_json(const Diff& diff) {
    nlohmann::ordered_json out;
    out["a"] = diff.a;
    out["b"] = diff.b;
    out["equal"] = diff.equal();
    out["rows"] = json_of(diff.rows);
    out["not_comparable"] = json_of(diff.not_comparable);
    return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string render_text(const Diff& diff, bool all) {
    std::string out;
    for (const DiffRow& row : diff.rows) out += text_of(row);
    if (diff.not_comparable.empty()) return out;
    out += fmt::format("not comparable between {} and {}: {} value{}{}\n", diff.format_a, diff.format_b, diff.not_comparable.size(),
                       diff.not_comparable.size() == 1 ? "" : "s", all ? ":" : " (-v lists them)");
    if (all)
        for (const DiffRow& row : diff.not_comparable) out += "  " + text_of(row);
    return out;
}

}  // namespace ovfkit
