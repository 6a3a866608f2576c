#include "edit/property_value.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/utf8.hpp"

namespace ovfkit::detail::edit {

namespace {

bool fits_type(std::string_view type, std::string_view text) {
    if (type == "boolean") return to_lower(text) == "true" || to_lower(text) == "false";
    const bool is_signed = type.starts_with("sint");
    if (!is_signed && !type.starts_with("uint")) return true;
    const auto bits = to_number<std::uint32_t>(type.substr(4));
    if (!bits || *bits == 0 || *bits > 64) return true;
    const bool negative = is_signed && text.starts_with('-');
    const auto value = to_number<std::uint64_t>(text.substr(negative ? 1 : 0));
    const std::uint64_t most = is_signed ? (std::uint64_t{1} << (*bits - 1)) - (negative ? 0 : 1) : ~std::uint64_t{0} >> (64 - *bits);
    return value && *value <= most;
}

/// What stands between `NAME` with `open` behind it, and `close`; nullopt when it is not there.
std::optional<std::string_view> argument(std::string_view qualifiers, std::string_view name, char open, char close) {
    for (std::size_t at = qualifiers.find(name); at != std::string_view::npos; at = qualifiers.find(name, at + 1)) {
        const std::string_view rest = trimmed(qualifiers.substr(at + name.size()));
        if (!rest.starts_with(open)) continue;
        const std::size_t end = rest.find(close);
        if (end != std::string_view::npos) return rest.substr(1, end - 1);
    }
    return std::nullopt;
}

std::optional<std::size_t> length(std::string_view qualifiers, std::string_view name) {
    const auto text = argument(qualifiers, name, '(', ')');
    return text ? to_number<std::size_t>(trimmed(*text)) : std::nullopt;
}

std::size_t characters(std::string_view text) {
    std::size_t out = 0;
    for (; !text.empty(); ++out) text.remove_prefix(std::max<std::size_t>(decode_utf8(text).length, 1));
    return out;
}

/// `"small", "large"`: words in quotes, which may hold commas, or without.
std::vector<std::string_view> words_of(std::string_view map) {
    std::vector<std::string_view> out;
    while (!(map = trimmed(map)).empty()) {
        const bool quoted = map.front() == '"';
        if (quoted) map.remove_prefix(1);
        const std::size_t end = std::min(map.find(quoted ? '"' : ','), map.size());
        out.push_back(quoted ? map.substr(0, end) : trimmed(map.substr(0, end)));
        map.remove_prefix(end);
        map.remove_prefix(std::min(map.find(','), map.size()));
        if (!map.empty()) map.remove_prefix(1);
    }
    return out;
}

}  // namespace

std::string value_problem(const Property& property, std::string_view value) {
    if (!fits_type(property.type, value)) return fmt::format("is no {}", property.type);
    const std::string_view qualifiers = property.qualifiers;
    if (const auto least = length(qualifiers, "MinLen"); least && characters(value) < *least) return fmt::format("is shorter than {} characters", *least);
    if (const auto most = length(qualifiers, "MaxLen"); most && characters(value) > *most) return fmt::format("is longer than {} characters", *most);
    if (const auto map = argument(qualifiers, "ValueMap", '{', '}')) {
        const auto words = words_of(*map);
        if (std::find(words.begin(), words.end(), value) == words.end()) return fmt::format("is none of {}", fmt::join(words, ", "));
    }
    return {};
}

}  // namespace ovfkit::detail::edit
