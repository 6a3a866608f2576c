#include "convert/loss_index.hpp"

#include <algorithm>
#include <string_view>

namespace ovfkit::detail {

namespace {

/// `nics[]` speaks of `nics[].model`, and the other way round a row about a part speaks of the whole that is gone.
bool is_about(std::string_view said, std::string_view field) {
    if (said.empty() || field.empty()) return false;
    if (said.size() > field.size()) std::swap(said, field);
    if (!field.starts_with(said)) return false;
    return field.size() == said.size() || field[said.size()] == '.' || field[said.size()] == '[' || said.ends_with('.');
}

/// Parameters share the field of their space: the row must speak of that one.
bool is_same_key(const LossRow& said, const DiffRow& row) {
    if (row.field.find("parameters[") == std::string::npos) return true;
    const std::size_t end = row.path.rfind("].");
    if (end == std::string::npos) return true;
    const std::string_view key = std::string_view(row.path).substr(end + 2);
    return said.detail.find(key) != std::string::npos || said.path.find(key) != std::string::npos;
}

/// `VirtualSystem[web]`: no row about something in it or beside it speaks of the machine itself.
bool is_whole_system(const DiffRow& row) { return row.field.empty() && row.path.find("]/") == std::string::npos && row.path.starts_with("VirtualSystem["); }

/// What the model has no field for.
bool is_about_part(const LossRow& said) { return said.field.empty() || said.field.find('/') != std::string::npos; }

/// A row about a device has the device's line. What is the machine's own has any line in it.
bool is_there(const LossRow& said, const DiffRow& row) {
    return said.line == 0 || row.line_a == 0 || said.line == row.line_a || row.field.find("[]") == std::string::npos;
}

}  // namespace

void LossIndex::add_step(const Diff& step) {
    for (const auto* rows : {&step.rows, &step.not_comparable})
        for (const DiffRow& row : *rows)
            if (!row.in_a) additions_.push_back(row);
}

const LossIndex::Named* LossIndex::find(const DiffRow& row) {
    const auto says = [&](const LossRow& said, bool lines) {
        if (is_whole_system(row)) return false;
        if (row.field.empty()) return lines && is_about_part(said) && said.line != 0 && said.line == row.line_a;
        return is_about(said.field, row.field) && is_same_key(said, row) && (!lines || is_there(said, row));
    };
    for (const LossRow& said : source_)
        if (says(said, true)) return &(last_ = {said.rule, said.detail});
    for (const LossRow& said : way_)
        if (says(said, false)) return &(last_ = {said.rule, said.detail});
    if (row.in_a) return nullptr;
    for (const DiffRow& addition : additions_)
        if (row.field.empty() ? addition.field.empty() : is_about(addition.field, row.field))
            return &(last_ = {"roundtrip-value-set", "the source leaves it open; it had to be said on the way"});
    return nullptr;
}

}  // namespace ovfkit::detail
