#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/loss.hpp>

namespace ovfkit {

std::string_view to_string(Fate fate) {
    switch (fate) {
        case Fate::dropped: return "dropped";
        case Fate::approximated: return "approximated";
        case Fate::defaulted: return "defaulted";
        case Fate::origin: return "origin";
    }
    return {};
}

bool LossReport::is_loss() const {
    return std::any_of(rows.begin(), rows.end(), [](const LossRow& row) {
        return !row.label && (row.fate == Fate::dropped || row.fate == Fate::approximated);
    });
}

std::string render_json(const LossReport& report) {
    nlohmann::ordered_json out;
    out["source"] = report.source;
    out["target"] = report.target;
    out["rows"] = nlohmann::ordered_json::array();
    for (const LossRow& row : report.rows) {
        nlohmann::ordered_json line;
        line["path"] = row.path;
        line["line"] = row.line;
        line["fate"] = to_string(row.fate);
        line["rule"] = row.rule;
        line["detail"] = row.detail;
        line["label"] = row.label;
        line["field"] = row.field;
        out["rows"].push_back(std::move(line));
    }
    return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string render_text(const LossReport& report, bool all) {
    std::string out;
    std::size_t kept = 0, texts = 0, others = 0, defaults = 0;
    for (const LossRow& row : report.rows) {
        if (!all && row.rule == "convert-field-defaulted") {
            ++defaults;
            continue;
        }
        if (!all && (row.label || row.fate == Fate::origin)) {
            ++(row.rule == "convert-part-left-out" ? others : row.fate == Fate::origin ? kept : texts);
            continue;
        }
        out += fmt::format("{}:{}: {}: {}: {} [{}]\n", printable(report.source), row.line, to_string(row.fate), printable(row.path),
                           printable(row.detail, 400), row.rule);
    }
    const auto sum = [&](std::size_t count, std::string_view one, std::string_view what) {
        if (count != 0) out += fmt::format("{}: {} {}{} {}\n", printable(report.source), count, one, count == 1 ? "" : "s", what);
    };
    sum(kept, "value", "kept in the carried descriptor only");
    sum(texts, "label", "for people dropped");
    sum(defaults, "value", "set that the source leaves open");
    sum(others, "part", "of other machines left out");
    return out;
}

}  // namespace ovfkit
