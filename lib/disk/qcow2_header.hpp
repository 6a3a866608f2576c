#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "disk/bytes.hpp"
#include "disk/image.hpp"

/// The head of a qcow2 image (QEMU docs/interop/qcow2.txt).
namespace ovfkit::detail::disk {

inline constexpr std::uint64_t qcow2_offset_mask = 0x00FFFFFFFFFFFE00;
inline constexpr std::uint64_t qcow2_copied = std::uint64_t{1} << 63, qcow2_compressed = std::uint64_t{1} << 62;

struct Qcow2Header {
    std::uint32_t version = 3, cluster_bits = 16;
    std::uint64_t size = 0;
    std::uint32_t l1_entries = 0;
    std::uint64_t l1_offset = 0, refcount_offset = 0;
    std::uint32_t refcount_clusters = 0;
    bool zstd = false;
    std::string backing;  ///< file name of the parent; only of a child (InspectOptions)

    [[nodiscard]] std::uint64_t cluster() const { return std::uint64_t{1} << cluster_bits; }
    [[nodiscard]] std::uint64_t table_entries() const { return cluster() / 8; }
    [[nodiscard]] std::uint64_t clusters() const { return divide_up(size, cluster()); }
};

/// Throws InputError for whatever refers to another file, is not understood, or lies outside of a file of `file_size`.
Qcow2Header read_qcow2_header(std::string_view name, Bytes head, std::optional<std::uint64_t> file_size,
                              const InspectOptions& options, Diagnostics& diagnostics);

}  // namespace ovfkit::detail::disk
