#pragma once

#include <cstddef>
#include <cstdint>

#include <ovfkit/export.hpp>

/// Limits for untrusted input. Every one is enforced by the reader that meets the value first.
namespace ovfkit {

struct Limits {
    /// Bytes of one descriptor (`--max-descriptor`).
    std::uint64_t descriptor_bytes = 16ULL << 20;
    /// Element nesting; the deepest real descriptor seen is 10.
    std::size_t depth = 64;
    std::size_t attributes_per_element = 256;
    /// Elements of one document.
    std::size_t elements = 500000;
    /// Bytes of one element's text or one attribute value, long base64 blobs included.
    std::size_t text_bytes = 1U << 20;
    /// Bytes of a name, an id, a network name.
    std::size_t name_bytes = 4096;
    /// Items of one VirtualHardwareSection.
    std::size_t items = 4096;
    /// Entries of References and of DiskSection, each.
    std::size_t files = 1024;
    std::size_t properties = 10000;
    /// Nested VirtualSystemCollection.
    std::size_t collection_depth = 8;
    /// Findings kept; the rest is only counted.
    std::size_t diagnostics = 1000;

    /// The defaults with a larger descriptor allowed: the counts grow by the same factor.
    OVFKIT_EXPORT static Limits for_descriptor_bytes(std::uint64_t bytes);
};

inline constexpr std::uint64_t min_memory_bytes = 1ULL << 20;        // 1 MiB
inline constexpr std::uint64_t max_memory_bytes = 16ULL << 40;       // 16 TiB
inline constexpr std::uint32_t max_vcpus = 4096;
inline constexpr std::uint32_t max_unit = 4095;                      // AddressOnParent, Address
inline constexpr std::uint64_t default_max_disk_bytes = 64ULL << 40; // 64 TiB (`--max-disk-size`)

}  // namespace ovfkit
