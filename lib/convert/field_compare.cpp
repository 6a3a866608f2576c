#include "convert/field_compare.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ovfkit::detail {

namespace {

bool is_mere_id(std::string_view key) { return key.ends_with("info.id") || key == "files[].id" || key == "disks[].id"; }

template <class Walk>
Fields collect(const ElementNames& names, Walk&& walk) {
    Fields out;
    walk([&](const FieldValue& field) {
        if (is_mere_id(field.key)) return;
        const std::string path = names.of(field);
        for (std::size_t n = 2; !out.emplace(n == 2 ? path : fmt::format("{} #{}", path, n - 1), field).second; ++n) {}
    });
    return out;
}

struct Implied {
    std::string_view key, value;
};
constexpr std::array implied{Implied{"drives[].connected", "true"}, Implied{"nics[].connected", "true"}, Implied{"nics[].link_up", "true"},
                             Implied{"secure_boot", "false"},     Implied{"firmware", "bios"},        Implied{"drives[].read_only", "false"}};

}  // namespace

Fields fields_of(const Side& side) {
    return collect(side.of_envelope, [&](const FieldSink& sink) { walk_fields_of_envelope(side.envelope, sink); });
}

Fields fields_of(const Side& side, const VirtualSystem& system) {
    return collect(side.of_system.at(&system), [&](const FieldSink& sink) { walk_fields(system, sink); });
}

void compare(const Fields& a, const Fields& b, const DifferenceSink& sink) {
    for (const auto& [path, field] : a) {
        const auto other = b.find(path);
        if (other == b.end())
            sink(path, &field, nullptr);
        else if (other->second.raw != field.raw)
            sink(path, &field, &other->second);
    }
    for (const auto& [path, field] : b)
        if (a.count(path) == 0) sink(path, nullptr, &field);
}

bool is_implied(std::string_view path, std::string_view key, std::string_view value) {
    if (key == "drives[].read_only" && value == "true") return path.find("drives[cdrom") != std::string_view::npos;
    if (key.ends_with(".default]")) return true;  // a platform's own default, spelled out
    return std::any_of(implied.begin(), implied.end(), [&](const Implied& row) { return row.key == key && row.value == value; });
}

}  // namespace ovfkit::detail
