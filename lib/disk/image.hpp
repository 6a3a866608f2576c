#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>

#include "base/stream.hpp"
#include "disk/bytes.hpp"

/// What a disk image is, found by us before any other program or any reader sees it (reference: security 5.1 V1, Q1,
/// F1).
namespace ovfkit::detail::disk {

/// What a package or a caller may say that a file is.
enum class Family { raw, vmdk, qcow2, vhd, vhdx, vdi };

/// What it is.
enum class Format {
    raw,
    vmdk_stream,  ///< streamOptimized: compressed grains in one stream
    vmdk_sparse,  ///< monolithicSparse
    qcow2,
    vhd,
    vhdx,
    vdi,
};

/// `raw`, `vmdk`, ...
std::string_view to_string(Family family);
Family family_of(Format format);
/// Whether there is a reader for it; the others need a helper program.
bool readable(Format format);

struct Image {
    Format format = Format::raw;
    std::uint64_t capacity = 0;                      ///< bytes that the guest sees
    std::uint64_t unit = 0;                          ///< bytes of a grain, cluster or block; 0 for raw
    std::uint32_t cid = 0, parent_cid = 0xFFFFFFFF;  ///< VMDK: content ids; the parent's is all ones when there is none
    std::string backing;                             ///< qcow2: what the header calls the parent's file
    bool differential = false;                       ///< what it lacks is its parent's
};

struct InspectOptions {
    std::optional<Family> declared;  ///< absent: by magic alone, and what has none is refused
    bool raw_as_is = false;          ///< a raw disk may begin like an image of another format
    bool child = false;              ///< a VMDK or qcow2 may name a parent: the caller has it and writes it first
    std::uint64_t max_capacity = default_max_disk_bytes;
};

/// Bytes at the front that inspect_head wants to see: a VMDK header and the longest descriptor.
inline constexpr std::size_t head_bytes = 129 * 512;

/// From the first `head_bytes` (or all there are) of a stream; `size` where it is known. `name` is for messages. Throws
/// InputError, with Failure as the tool's exit codes want it. What stands at the end of a file is checked by its
/// reader.
Image inspect_head(std::string_view name, Bytes head, std::optional<std::uint64_t> size, const InspectOptions& options,
                   Diagnostics& diagnostics);

/// The same, and what stands elsewhere in the file: footers, tables, parents.
Image inspect(std::string_view name, const RandomSource& source, const InspectOptions& options,
              Diagnostics& diagnostics);

/// A child and what it is written over: throws InputError unless the ids and sizes fit.
void check_parent(std::string_view name, const Image& child, std::string_view parent_name, const Image& parent);

}  // namespace ovfkit::detail::disk
