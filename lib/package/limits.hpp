#pragma once

#include <cstddef>
#include <cstdint>

/// Limits for packages from strangers (reference: security 5.1). Those of descriptors are in ovfkit/limits.hpp.
namespace ovfkit::detail {

inline constexpr std::size_t max_members = 1024;
inline constexpr std::size_t max_member_name = 1024;       ///< bytes
inline constexpr std::size_t max_name_component = 255;     ///< bytes
inline constexpr std::size_t max_name_depth = 8;           ///< components
inline constexpr std::uint64_t max_tar_record = 64 << 10;  ///< bytes of a pax or long name record
inline constexpr std::uint64_t max_member_end = INT64_MAX; ///< offset of a member's end
inline constexpr std::uint64_t max_manifest = 1 << 20;     ///< bytes
inline constexpr std::size_t max_manifest_line = 2 << 10;  ///< bytes
inline constexpr std::size_t max_manifest_lines = 2048;
inline constexpr std::uint64_t max_certificate = 64 << 10; ///< bytes
inline constexpr std::size_t max_certificates = 16;        ///< in one .cert or CMS
inline constexpr std::uint64_t max_ca_file = 16 << 20;     ///< bytes of a --ca-file or a key
inline constexpr std::uint64_t max_tail_looked_at = 1 << 20;  ///< bytes after the archive's end
inline constexpr std::uint64_t max_xz_memory = 96 << 20;   ///< bytes; `xz -9` needs 65 MiB
inline constexpr int min_rsa_bits = 2048;

inline constexpr std::size_t copy_buffer = 4 << 20;  ///< bytes moved at once

}  // namespace ovfkit::detail
