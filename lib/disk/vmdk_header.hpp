#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "disk/bytes.hpp"
#include "disk/image.hpp"

/// The sparse extent header: the first sector of a VMDK, and the footer of a stream.
namespace ovfkit::detail::disk {

inline constexpr std::uint64_t sector = 512;
inline constexpr std::uint64_t vmdk_table_entries = 512;  ///< of every grain table
inline constexpr std::uint64_t vmdk_table_bytes = vmdk_table_entries * 4;
inline constexpr std::uint64_t gd_at_end = ~std::uint64_t{0};

enum class VmdkMarker : std::uint32_t {
    end_of_stream = 0,
    grain_table = 1,
    grain_directory = 2,
    footer = 3,
    progress = 4
};

struct VmdkHeader {
    static constexpr std::uint32_t newline_test = 1, redundant_table = 2, zeroed_entries = 4, compressed = 1U << 16,
                                   markers = 1U << 17;
    std::uint32_t version = 3, flags = newline_test | compressed | markers;
    std::uint64_t capacity = 0;  ///< sectors, as are all offsets and sizes here
    std::uint64_t grain = 128;
    std::uint64_t descriptor_offset = 1, descriptor_size = 20;
    std::uint32_t table_entries = vmdk_table_entries;
    std::uint64_t redundant_directory = 0, directory = gd_at_end;
    std::uint64_t overhead = 128;
    std::uint16_t compression = 1;

    [[nodiscard]] bool stream() const { return (flags & (compressed | markers)) == (compressed | markers); }
    [[nodiscard]] std::uint64_t grains() const { return divide_up(capacity, grain); }
    [[nodiscard]] std::uint64_t tables() const { return divide_up(grains(), vmdk_table_entries); }
    [[nodiscard]] std::uint64_t directory_sectors() const { return divide_up(tables() * 4, sector); }
};

/// Throws InputError for what makes no sense, is over a limit, or is not understood.
VmdkHeader read_vmdk_header(std::string_view name, Bytes bytes, std::string_view what, const InspectOptions& options);
std::array<std::byte, sector> write_vmdk_header(const VmdkHeader& header);
/// Throws unless the footer says what the header said.
VmdkHeader read_vmdk_footer(std::string_view name, Bytes bytes, const VmdkHeader& header);

}  // namespace ovfkit::detail::disk
