#include "disk/vmdk_header.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::array<std::byte, 4> newline_bytes{std::byte{'\n'}, std::byte{' '}, std::byte{'\r'}, std::byte{'\n'}};
constexpr std::size_t newline_at = 73, compression_at = 77, padding_at = 79;

[[noreturn]] void malformed(std::string_view name, std::string message) {
    fail(name, "disk-header-malformed", Failure::malformed, std::move(message));
}

void check_geometry(std::string_view name, const VmdkHeader& h, std::string_view what, const InspectOptions& options) {
    if (h.capacity == 0 || h.capacity > options.max_capacity / sector)
        fail(name, "disk-capacity-exceeded", Failure::refused,
             fmt::format("the VMDK {} gives a capacity of {} sectors; 1 to {} are allowed (--max-disk-size)", what,
                         h.capacity, options.max_capacity / sector));
    if (h.grain < 8 || h.grain > 2048 || !power_of_two(h.grain))
        malformed(name,
                  fmt::format("the VMDK {} gives a grain size of {} sectors; it must be a power of 2 from 8 to 2048",
                              what, h.grain));
    if (h.table_entries != vmdk_table_entries)
        malformed(name, fmt::format("the VMDK {} gives grain tables of {} GTEs; they have {}", what, h.table_entries,
                                    vmdk_table_entries));
    if (h.descriptor_offset != 1 || h.descriptor_size == 0 || h.descriptor_size > 128)
        malformed(name, fmt::format("the VMDK {} places the descriptor at sector {}, {} sectors long; it must begin at "
                                    "sector 1 and have 1 to 128",
                                    what, h.descriptor_offset, h.descriptor_size));
    // Redundant and own directory and tables may stand in front of the grains, with as much again for alignment.
    const std::uint64_t tables = h.directory_sectors() + h.tables() * (vmdk_table_bytes / sector);
    if (h.overhead < h.descriptor_offset + h.descriptor_size || h.overhead > 8192 + 4 * tables)
        malformed(name, fmt::format("the VMDK {} gives an overhead of {} sectors, which cannot be", what, h.overhead));
}

}  // namespace

VmdkHeader read_vmdk_header(std::string_view name, Bytes bytes, std::string_view what, const InspectOptions& options) {
    if (bytes.size() < sector) truncated(name, bytes.size(), fmt::format("the VMDK {}", what));
    if (little<std::uint32_t>(bytes, 0) != 0x564D444B)
        malformed(name, fmt::format("the VMDK {} does not begin with the magic KDMV", what));
    VmdkHeader h;
    h.version = little<std::uint32_t>(bytes, 4);
    h.flags = little<std::uint32_t>(bytes, 8);
    h.capacity = little<std::uint64_t>(bytes, 12);
    h.grain = little<std::uint64_t>(bytes, 20);
    h.descriptor_offset = little<std::uint64_t>(bytes, 28);
    h.descriptor_size = little<std::uint64_t>(bytes, 36);
    h.table_entries = little<std::uint32_t>(bytes, 44);
    h.redundant_directory = little<std::uint64_t>(bytes, 48);
    h.directory = little<std::uint64_t>(bytes, 56);
    h.overhead = little<std::uint64_t>(bytes, 64);
    h.compression = little<std::uint16_t>(bytes, compression_at);
    if (h.version < 1 || h.version > 3)
        malformed(name, fmt::format("the VMDK {} gives version {}; 1, 2 and 3 are known", what, h.version));
    constexpr std::uint32_t known = VmdkHeader::newline_test | VmdkHeader::redundant_table |
                                    VmdkHeader::zeroed_entries | VmdkHeader::compressed | VmdkHeader::markers;
    if ((h.flags & ~known) != 0)
        fail(name, "disk-feature-unsupported", Failure::refused,
             fmt::format("the VMDK {} has unknown flags {:#x}", what, h.flags & ~known));
    if ((h.flags & VmdkHeader::newline_test) != 0 &&
        !std::equal(newline_bytes.begin(), newline_bytes.end(), bytes.begin() + newline_at))
        malformed(name, fmt::format("the newline test bytes of the VMDK {} are changed: the file was copied in ASCII "
                                    "(text) mode; copy it in binary mode",
                                    what));
    if (h.compression > 1)
        fail(name, "disk-feature-unsupported", Failure::refused,
             fmt::format("the VMDK {} names compression {}; only deflate (1) is known", what, h.compression));
    const bool packed = (h.flags & VmdkHeader::compressed) != 0, marked = (h.flags & VmdkHeader::markers) != 0;
    if (packed != marked || packed != (h.compression == 1))
        malformed(name, fmt::format("the VMDK {} contradicts itself: flags {:#x}, compression {}", what, h.flags,
                                    h.compression));
    if (!all_zero(bytes.subspan(padding_at, sector - padding_at)))
        malformed(name, fmt::format("the reserved bytes of the VMDK {} are not zero", what));
    check_geometry(name, h, what, options);
    return h;
}

std::array<std::byte, sector> write_vmdk_header(const VmdkHeader& h) {
    std::array<std::byte, sector> out{};
    put_little<std::uint32_t>(out, 0, 0x564D444B);
    put_little(out, 4, h.version);
    put_little(out, 8, h.flags);
    put_little(out, 12, h.capacity);
    put_little(out, 20, h.grain);
    put_little(out, 28, h.descriptor_offset);
    put_little(out, 36, h.descriptor_size);
    put_little(out, 44, h.table_entries);
    put_little(out, 48, h.redundant_directory);
    put_little(out, 56, h.directory);
    put_little(out, 64, h.overhead);
    std::copy(newline_bytes.begin(), newline_bytes.end(), out.begin() + newline_at);
    put_little(out, compression_at, h.compression);
    return out;
}

VmdkHeader read_vmdk_footer(std::string_view name, Bytes bytes, const VmdkHeader& h) {
    InspectOptions unlimited;  // the header was within the limits
    unlimited.max_capacity = ~std::uint64_t{0};
    const VmdkHeader f = read_vmdk_header(name, bytes, "footer", unlimited);
    const auto same = [&](auto a, auto b, std::string_view field) {
        if (a != b)
            fail(name, "disk-footer-mismatch", Failure::malformed,
                 fmt::format("the VMDK footer gives {} {}, the header {}", field, b, a));
    };
    same(h.version, f.version, "version");
    same(h.flags, f.flags, "flags");
    same(h.capacity, f.capacity, "capacity");
    same(h.grain, f.grain, "grain size");
    same(h.descriptor_offset, f.descriptor_offset, "descriptor offset");
    same(h.descriptor_size, f.descriptor_size, "descriptor size");
    same(h.overhead, f.overhead, "overhead");
    same(h.compression, f.compression, "compression");
    if (f.directory == gd_at_end)
        fail(name, "disk-footer-mismatch", Failure::malformed, "the VMDK footer points at another footer");
    return f;
}

}  // namespace ovfkit::detail::disk
