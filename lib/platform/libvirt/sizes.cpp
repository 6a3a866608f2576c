#include "platform/libvirt/sizes.hpp"

#include <string>

#include "base/checked.hpp"

namespace ovfkit::detail::libvirt {

namespace {

std::optional<std::uint64_t> factor_of(std::string_view unit) {
    if (unit.empty()) return 1024;
    const std::string word = to_lower(unit);
    if (word == "b" || word == "byte" || word == "bytes") return 1;
    constexpr std::string_view letters = "kmgtpe";
    const std::size_t power = letters.find(word.front());
    if (power == std::string_view::npos) return std::nullopt;
    const std::string_view rest = std::string_view(word).substr(1);
    std::uint64_t base = 0;
    if (rest.empty() || rest == "ib")
        base = 1024;
    else if (rest == "b")
        base = 1000;
    else
        return std::nullopt;
    std::uint64_t out = 1;
    for (std::size_t i = 0; i <= power; ++i) out *= base;
    return out;
}

}  // namespace

std::optional<std::uint64_t> memory_bytes(std::string_view number, std::string_view unit) {
    const auto count = to_number<std::uint64_t>(number);
    const auto factor = factor_of(unit);
    if (!count || !factor) return std::nullopt;
    const auto bytes = checked_multiply(*count, *factor);
    return bytes ? checked_multiply<std::uint64_t>(kib(*bytes), 1024) : std::nullopt;
}

}  // namespace ovfkit::detail::libvirt
