#include <ovfkit/limits.hpp>

#include <algorithm>

#include "base/checked.hpp"

namespace ovfkit {

Limits Limits::for_descriptor_bytes(std::uint64_t bytes) {
    Limits limits;
    const std::uint64_t usual = limits.descriptor_bytes;
    limits.descriptor_bytes = bytes;
    // Rounded up: a file just over the default may not get fewer entries per byte than the default has.
    const std::uint64_t factor = std::max<std::uint64_t>(1, bytes / usual + (bytes % usual != 0 ? 1 : 0));
    for (std::size_t* count : {&limits.items, &limits.files, &limits.properties, &limits.elements})
        *count = detail::checked_multiply<std::size_t>(*count, factor).value_or(~std::size_t{0});
    return limits;
}

}  // namespace ovfkit
