#include "disk/foreign.hpp"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

[[noreturn]] void malformed(std::string_view name, std::string message) {
    fail(name, "disk-header-malformed", Failure::malformed, std::move(message));
}

[[noreturn]] void has_parent(std::string_view name, std::string_view format) {
    fail(name, "disk-reference-refused", Failure::refused,
         fmt::format("the {} image is a differencing disk: it names a parent; merge it first", format));
}

std::uint64_t capacity(std::string_view name, std::uint64_t bytes, const InspectOptions& options) {
    if (bytes == 0 || bytes > options.max_capacity)
        fail(name, "disk-capacity-exceeded", Failure::refused,
             fmt::format("a capacity of {} bytes; 1 to {} are allowed (--max-disk-size)", bytes, options.max_capacity));
    return bytes;
}

/// One's complement of the sum of the bytes, the checksum itself left out (Virtual Hard Disk Image Format 1.0).
void check_sum(std::string_view name, Bytes bytes, std::size_t at, std::string_view what) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (i < at || i >= at + 4) sum += std::to_integer<std::uint32_t>(bytes[i]);
    if (~sum != big<std::uint32_t>(bytes, at))
        fail(name, "disk-header-malformed", Failure::integrity,
             fmt::format("the checksum of the VHD {} is wrong", what));
}

constexpr std::uint64_t vhdx_region_table = 192U << 10, vhdx_metadata_table = 64U << 10;

using Guid = std::array<std::uint8_t, 16>;
constexpr Guid metadata_region{0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B,
                               0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E};
constexpr Guid file_parameters{0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D,
                               0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B};
constexpr Guid virtual_disk_size{0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48,
                                 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8};
constexpr Guid parent_locator{0x2D, 0x5F, 0xD3, 0xA8, 0x0B, 0xB3, 0x4D, 0x45,
                              0xAB, 0xF7, 0xD3, 0xD8, 0x48, 0x34, 0xAB, 0x0C};

bool is(Bytes bytes, std::size_t at, const Guid& guid) {
    return std::memcmp(bytes.subspan(at, 16).data(), guid.data(), 16) == 0;
}

/// The offset of the metadata region; exactly one, inside the file.
std::uint64_t find_metadata(std::string_view name, const RandomSource& source) {
    std::vector<std::byte> table(64U << 10);
    read_exactly(source, name, vhdx_region_table, table, "the VHDX region table");
    const auto count = little<std::uint32_t>(table, 8);
    if (little<std::uint32_t>(table, 0) != 0x69676572 || count == 0 || count > 2047)
        malformed(name, "the VHDX region table makes no sense");
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = 16 + 32 * i;
        const auto offset = little<std::uint64_t>(table, at + 16);
        const auto end = checked_add<std::uint64_t>(offset, little<std::uint32_t>(table, at + 24));
        if (offset < (1U << 20) || !end || *end > source.size())
            malformed(name, "a VHDX region is not inside the file");
        if (!is(table, at, metadata_region)) continue;
        if (found != 0) malformed(name, "the VHDX image has two metadata regions");
        found = offset;
    }
    if (found == 0) malformed(name, "the VHDX image has no metadata region");
    return found;
}

}  // namespace

Image inspect_vhd(std::string_view name, const RandomSource& source, const InspectOptions& options) {
    if (source.size() < 512) truncated(name, source.size(), "the VHD footer");
    std::array<std::byte, 512> footer{};
    read_exactly(source, name, source.size() - 512, footer, "the VHD footer");
    if (std::memcmp(footer.data(), "conectix", 8) != 0) malformed(name, "the image does not end with a VHD footer");
    check_sum(name, footer, 64, "footer");
    if (big<std::uint32_t>(footer, 12) != 0x00010000) malformed(name, "the VHD footer gives an unknown version");
    Image out;
    out.format = Format::vhd;
    out.capacity = capacity(name, big<std::uint64_t>(footer, 48), options);
    const auto type = big<std::uint32_t>(footer, 60);
    if (type == 4) has_parent(name, "VHD");
    if (type == 2) {
        if (out.capacity != source.size() - 512)
            malformed(name, fmt::format("a fixed VHD of {} bytes in a file of {}", out.capacity, source.size()));
        return out;
    }
    if (type != 3)
        malformed(name, fmt::format("the VHD footer gives disk type {}; 2 (fixed) and 3 (dynamic) are read", type));
    std::vector<std::byte> header(1024);
    const auto at = big<std::uint64_t>(footer, 16);
    if (at > source.size() || source.size() - at < header.size())
        malformed(name, "the VHD dynamic header is not inside the file");
    read_exactly(source, name, at, header, "the VHD dynamic header");
    if (std::memcmp(header.data(), "cxsparse", 8) != 0)
        malformed(name, "the VHD dynamic header is not where the footer says");
    check_sum(name, header, 36, "dynamic header");
    out.unit = big<std::uint32_t>(header, 32);
    const std::uint64_t entries = big<std::uint32_t>(header, 28), table = big<std::uint64_t>(header, 16);
    if (out.unit < 512 || !power_of_two(out.unit) || entries < divide_up(out.capacity, out.unit) ||
        table > source.size() || (source.size() - table) / 4 < entries)
        malformed(name, "the VHD block allocation table is not inside the file");
    if (!all_zero(Bytes(header).subspan(40, 16)) || !all_zero(Bytes(header).subspan(64))) has_parent(name, "VHD");
    return out;
}

Image inspect_vhdx(std::string_view name, const RandomSource& source, const InspectOptions& options) {
    const std::uint64_t metadata = find_metadata(name, source);
    std::vector<std::byte> table(vhdx_metadata_table);
    read_exactly(source, name, metadata, table, "the VHDX metadata table");
    const auto count = little<std::uint16_t>(table, 10);
    if (std::memcmp(table.data(), "metadata", 8) != 0 || count > 2047)
        malformed(name, "the VHDX metadata table makes no sense");
    Image out;
    out.format = Format::vhdx;
    bool sized = false;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = 32 + 32 * i;
        if (is(table, at, parent_locator)) has_parent(name, "VHDX");
        std::array<std::byte, 8> item{};
        const bool parameters = is(table, at, file_parameters), size = is(table, at, virtual_disk_size);
        if (!parameters && !size) continue;
        if (little<std::uint32_t>(table, at + 20) < 8) malformed(name, "a VHDX metadata item is too short");
        read_exactly(source, name, metadata + little<std::uint32_t>(table, at + 16), item, "the VHDX metadata");
        if (parameters) {
            out.unit = little<std::uint32_t>(item, 0);
            if ((little<std::uint32_t>(item, 4) & 2U) != 0) has_parent(name, "VHDX");
        } else {
            out.capacity = capacity(name, little<std::uint64_t>(item, 0), options);
            sized = true;
        }
    }
    if (!sized || out.unit < (1U << 20) || out.unit > (256U << 20) || !power_of_two(out.unit))
        malformed(name, "the VHDX metadata lacks the disk's size or a possible block size");
    return out;
}

Image inspect_vdi(std::string_view name, const RandomSource& source, const InspectOptions& options) {
    std::array<std::byte, 512> h{};
    read_exactly(source, name, 0, h, "the VDI header");
    if (little<std::uint32_t>(h, 68) != 0x00010001) malformed(name, "the VDI header gives an unknown version");
    const auto type = little<std::uint32_t>(h, 76);
    if (type == 3 || type == 4) has_parent(name, "VDI");
    if (type != 1 && type != 2)
        malformed(name, fmt::format("the VDI header gives image type {}; 1 (dynamic) and 2 (fixed) are read", type));
    Image out;
    out.format = Format::vdi;
    out.capacity = capacity(name, little<std::uint64_t>(h, 368), options);
    out.unit = little<std::uint32_t>(h, 376);
    const std::uint64_t map = little<std::uint32_t>(h, 340), blocks = little<std::uint32_t>(h, 384);
    if (out.unit != (1U << 20) || blocks < divide_up(out.capacity, out.unit) || map > source.size() ||
        (source.size() - map) / 4 < blocks)
        malformed(name, "the VDI block map is not inside the file");
    // uuidLink and uuidParent: nothing but zero in a disk that stands alone.
    if (!all_zero(Bytes(h).subspan(424, 32))) has_parent(name, "VDI");
    return out;
}

}  // namespace ovfkit::detail::disk
