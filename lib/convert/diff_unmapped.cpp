#include "convert/diff_unmapped.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "convert/unmapped.hpp"

namespace ovfkit::detail {

namespace {

std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// The end of a step's predicate, after its `]`; quotes may hold anything.
std::size_t end_of_predicate(std::string_view path, std::size_t at) {
    char quote = 0;
    for (; at < path.size(); ++at) {
        const char c = path[at];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == ']') {
            return at + 1;
        }
    }
    return path.size();
}

/// What remains of `[@ovf:key='x']`; nothing of a position or an id that stands for no device.
std::string predicate(std::string_view text, const UnmappedOf& of) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return {};
    std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
    if (name.starts_with('@')) name.remove_prefix(1);
    name = without_prefix(name);
    if (value.size() >= 2) value = value.substr(1, value.size() - 2);
    for (const VirtualSystem* owner : {of.system, static_cast<const VirtualSystem*>(nullptr)})
        if (const auto names = of.side.device_names.find(owner); names != of.side.device_names.end())
            if (const auto found = names->second.find(value); found != names->second.end()) return "[" + found->second + "]";
    constexpr std::array<std::string_view, 6> ids{"id", "diskId", "InstanceID", "InstanceId", "instanceID", "fileRef"};
    if (std::find(ids.begin(), ids.end(), name) != ids.end()) return {};
    return "[" + std::string(value) + "]";
}

std::string plain_path(std::string_view path, const UnmappedOf& of) {
    std::string out;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find_first_of("/[", at), path.size());
        out += without_prefix(path.substr(at, end - at));
        at = end;
        if (at < path.size() && path[at] == '[') {
            const std::size_t after = end_of_predicate(path, at + 1);
            out += predicate(path.substr(at + 1, after - at - 2), of);
            at = after;
        }
        if (at < path.size() && path[at] == '/') {
            out += '/';
            ++at;
        }
    }
    return out;
}

using ByPath = std::map<std::string, std::vector<const Unmapped*>, std::less<>>;

ByPath by_path(const UnmappedOf& of) {
    ByPath out;
    const std::string system = of.system == nullptr ? std::string{} : of.system->id;
    for (const Unmapped& part : of.side.envelope.unmapped)
        if (part.system_id == system) out[plain_path(part.path, of)].push_back(&part);
    return out;
}

}  // namespace

void diff_unmapped(const UnmappedOf& a, const UnmappedOf& b, const std::string& prefix, std::vector<DiffRow>& rows) {
    ByPath mine = by_path(a), theirs = by_path(b);
    for (const auto& [path, parts] : mine) theirs[path];
    for (auto& [path, right] : theirs) {
        std::vector<const Unmapped*> left;
        for (const Unmapped* part : mine[path]) {
            const auto same = std::find_if(right.begin(), right.end(), [&](const Unmapped* other) { return other->value == part->value; });
            if (same != right.end())
                right.erase(same);
            else
                left.push_back(part);
        }
        for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
            DiffRow row;
            row.path = prefix + path;
            if (i < left.size()) {
                row.in_a = true;
                row.a = shown(*left[i]);
                row.line_a = a.places.find(left[i]->origin).line;
                row.label = left[i]->label;
            }
            if (i < right.size()) {
                row.in_b = true;
                row.b = shown(*right[i]);
                row.line_b = b.places.find(right[i]->origin).line;
                row.label = right[i]->label;
            }
            rows.push_back(std::move(row));
        }
    }
}

}  // namespace ovfkit::detail
