#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/roundtrip.hpp>

namespace ovfkit {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const RoundTripRow& row) {
    const DiffRow& difference = row.difference;
    return {{"path", difference.path},
            {"field", difference.field},
            {"line", difference.line_a},
            {"source", difference.in_a ? Json(difference.a) : Json()},
            {"result", difference.in_b ? Json(difference.b) : Json()},
            {"named", row.is_named},
            {"rule", row.rule},
            {"detail", row.detail}};
}

std::string value(bool said, const std::string& text) { return said ? fmt::format("'{}'", printable(text)) : "nothing"; }

}  // namespace

std::string render_json(const std::vector<RoundTrip>& results) {
    Json list = Json::array();
    for (const RoundTrip& result : results) {
        Json rows = Json::array();
        for (const RoundTripRow& row : result.rows) rows.push_back(json_of(row));
        list.push_back({{"file", result.file},
                        {"format", result.format},
                        {"through", result.through},
                        {"back", result.back},
                        {"with_origin", result.with_origin},
                        {"verdict", to_string(result.verdict)},
                        {"identical", result.verdict == RoundTripVerdict::identical},
                        {"equal", result.verdict <= RoundTripVerdict::equal},
                        {"reason", result.reason},
                        {"rows", std::move(rows)}});
    }
    return Json{{"results", std::move(list)}}.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string render_text(const RoundTrip& result, bool all) {
    const auto named = static_cast<std::size_t>(std::count_if(result.rows.begin(), result.rows.end(), [](const RoundTripRow& row) { return row.is_named; }));
    std::string out = fmt::format("{}: {} through {}{}: {}", printable(result.file, 4000), result.format, result.through,
                                  result.with_origin ? " with its origin" : "", to_string(result.verdict));
    if (!result.reason.empty()) out += ": " + printable(result.reason, 400);
    if (named != 0) out += fmt::format(", {} difference{} named by the loss report{}", named, named == 1 ? "" : "s", all ? "" : " (-v lists them)");
    out += '\n';
    for (const RoundTripRow& row : result.rows) {
        if (row.is_named && !all) continue;
        out += fmt::format("  {}{}: {} -> {}", row.is_named ? "" : "NOT NAMED: ", printable(row.difference.path, 400),
                           value(row.difference.in_a, row.difference.a), value(row.difference.in_b, row.difference.b));
        if (row.difference.line_a != 0) out += fmt::format(" (line {})", row.difference.line_a);
        if (row.is_named) out += fmt::format(" [{}] {}", row.rule, printable(row.detail, 200));
        out += '\n';
    }
    return out;
}

}  // namespace ovfkit
