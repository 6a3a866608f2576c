#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Sizes with libvirt's units (virScaleInteger): they are not those of OVF.
namespace ovfkit::detail::libvirt {

/// Bytes of `number unit`, rounded up to KiB as libvirt stores memory. An empty unit is KiB; a single letter or
/// `XiB` is a power of 1024, `XB` of 1000, `b byte bytes` 1. Case does not matter. nullopt: not a whole number,
/// an unknown unit, or over 2^64-1.
std::optional<std::uint64_t> memory_bytes(std::string_view number, std::string_view unit);

/// KiB, rounded up.
constexpr std::uint64_t kib(std::uint64_t bytes) { return bytes / 1024 + (bytes % 1024 != 0 ? 1 : 0); }

}  // namespace ovfkit::detail::libvirt
