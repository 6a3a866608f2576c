#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "disk/foreign.hpp"
#include "disk/image.hpp"
#include "disk/qcow2_header.hpp"
#include "disk/report.hpp"
#include "disk/vmdk_descriptor.hpp"

namespace ovfkit::detail::disk {

namespace {

/// What QEMU's probing or another reader would take the first bytes for.
struct Magic {
    std::string_view name;
    std::size_t at;
    std::string_view bytes;
    std::optional<Family> family;  ///< absent: known, but not read
};

using namespace std::string_view_literals;
constexpr std::array magics{
    Magic{"qcow2"sv, 0, "QFI\xfb\0\0\0\2"sv, Family::qcow2},
    Magic{"qcow2"sv, 0, "QFI\xfb\0\0\0\3"sv, Family::qcow2},
    Magic{"qcow2"sv, 0, "QFI\xfb"sv, Family::qcow2},
    Magic{"VMDK"sv, 0, "KDMV"sv, Family::vmdk},
    Magic{"VMDK descriptor"sv, 0, "# Disk DescriptorFile"sv, Family::vmdk},
    Magic{"COWD"sv, 0, "COWD"sv, std::nullopt},
    Magic{"VHD"sv, 0, "conectix"sv, Family::vhd},
    Magic{"VHDX"sv, 0, "vhdxfile"sv, Family::vhdx},
    Magic{"VDI"sv, 64, "\x7f\x10\xda\xbe"sv, Family::vdi},
    Magic{"QED"sv, 0, "QED\0"sv, std::nullopt},
    Magic{"LUKS"sv, 0, "LUKS\xba\xbe"sv, std::nullopt},
    Magic{"Parallels"sv, 0, "WithoutFreeSpace"sv, std::nullopt},
    Magic{"Parallels"sv, 0, "WithouFreSpacExt"sv, std::nullopt},
    Magic{"bochs"sv, 0, "Bochs Virtual HD Image"sv, std::nullopt},
    Magic{"DMG"sv, 0, "koly"sv, std::nullopt},
    Magic{"gzip"sv, 0, "\x1f\x8b\x08"sv, std::nullopt},
    Magic{"xz"sv, 0,
          "\xfd"
          "7zXZ\0"sv,
          std::nullopt},
    Magic{"bzip2"sv, 0, "BZh"sv, std::nullopt},
};

const Magic* find_magic(Bytes head) {
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    for (const Magic& magic : magics)
        if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.bytes)) return &magic;
    // A VMDK descriptor may begin with blank lines and comments: QEMU probes past them to `version=`.
    std::string_view rest = text.substr(0, std::min<std::size_t>(text.size(), 4096));
    while (!rest.empty() &&
           (rest.front() == '#' || rest.front() == '\n' || rest.front() == ' ' || rest.front() == '\r')) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    static constexpr Magic text_descriptor{"VMDK descriptor", 0, "version=", Family::vmdk};
    return rest.starts_with(text_descriptor.bytes) ? &text_descriptor : nullptr;
}

Family decide(std::string_view name, Bytes head, const InspectOptions& options) {
    const Magic* magic = find_magic(head);
    // "conectix" stands in front of a dynamic VHD only; a fixed one has nothing but a footer.
    const bool unmarked = magic == nullptr && options.declared == Family::vhd;
    if (options.declared == Family::raw) {
        if (magic != nullptr && !options.raw_as_is)
            fail(name, "disk-raw-ambiguous", Failure::refused,
                 fmt::format("a raw disk that begins like a {} image; if its content is trusted, say --raw-as-is",
                             magic->name));
        return Family::raw;
    }
    if (unmarked) return Family::vhd;
    if (magic == nullptr)
        fail(name, options.declared ? "disk-format-mismatch" : "disk-format-unknown", Failure::malformed,
             options.declared
                 ? fmt::format("the magic of a {} image is missing; the format is another, or the file is damaged",
                               to_string(*options.declared))
                 : "the format of the image is not known; if it is a raw disk, say so");
    if (!magic->family || (options.declared && *options.declared != *magic->family))
        fail(name, options.declared ? "disk-format-mismatch" : "disk-format-unknown", Failure::refused,
             options.declared ? fmt::format("said to be of format {}, but the magic is that of a {} image",
                                            to_string(*options.declared), magic->name)
                              : fmt::format("a {} image, a format that is not read", magic->name));
    return *magic->family;
}

Image vmdk(std::string_view name, Bytes head, const InspectOptions& options) {
    if (head.size() >= 4 && little<std::uint32_t>(head, 0) != 0x564D444B)
        fail(name, "disk-extent-refused", Failure::refused,
             "a VMDK descriptor alone (createType monolithicFlat or such): its extents are other files, which are not "
             "read");
    const VmdkHeader header = read_vmdk_header(name, head, "header", options);
    const std::uint64_t end = (header.descriptor_offset + header.descriptor_size) * sector;
    if (head.size() < end) truncated(name, head.size(), "the VMDK descriptor");
    const VmdkDescriptor descriptor = read_vmdk_descriptor(
        name, head.subspan(header.descriptor_offset * sector, header.descriptor_size * sector), header, options);
    Image out;
    out.format = header.stream() ? Format::vmdk_stream : Format::vmdk_sparse;
    out.capacity = header.capacity * sector;
    out.unit = header.grain * sector;
    out.cid = descriptor.cid;
    out.parent_cid = descriptor.parent_cid;
    out.differential = descriptor.parent_cid != 0xFFFFFFFF || descriptor.parent_hint;
    return out;
}

/// The footer of a stream is its last sector that is not zero.
void vmdk_footer(std::string_view name, Bytes head, const RandomSource& source, const InspectOptions& options) {
    const VmdkHeader header = read_vmdk_header(name, head, "header", options);
    if (!header.stream() || header.directory != gd_at_end) return;
    if (source.size() % sector != 0) truncated(name, source.size(), "a sector of the VMDK stream");
    const std::uint64_t from = source.size() - std::min<std::uint64_t>(source.size(), 64U << 10);
    std::vector<std::byte> tail(static_cast<std::size_t>(source.size() - from));
    read_exactly(source, name, from, tail, "the VMDK footer");
    std::size_t at = tail.size();
    while (at >= sector && all_zero(Bytes(tail).subspan(at - sector, sector))) at -= sector;
    if (at < 2 * sector || little<std::uint32_t>(tail, at - sector) != 0x564D444B)
        fail(name, "disk-footer-mismatch", Failure::malformed,
             "the VMDK header promises a footer at the end of the stream, and there is none: the image is truncated or "
             "goes on behind it");
    if (at == tail.size())
        fail(name, "disk-footer-mismatch", Failure::malformed, "the VMDK stream ends without an end-of-stream marker");
    read_vmdk_footer(name, Bytes(tail).subspan(at - sector, sector), header);
}

}  // namespace

std::string_view to_string(Family family) {
    constexpr std::array<std::string_view, 6> names{"raw", "vmdk", "qcow2", "vhd", "vhdx", "vdi"};
    return names.at(static_cast<std::size_t>(family));
}

Family family_of(Format format) {
    switch (format) {
        case Format::raw:
            return Family::raw;
        case Format::vmdk_stream:
        case Format::vmdk_sparse:
            return Family::vmdk;
        case Format::qcow2:
            return Family::qcow2;
        case Format::vhd:
            return Family::vhd;
        case Format::vhdx:
            return Family::vhdx;
        case Format::vdi:
            break;
    }
    return Family::vdi;
}

bool readable(Format format) { return format != Format::vhd && format != Format::vhdx && format != Format::vdi; }

Image inspect_head(std::string_view name, Bytes head, std::optional<std::uint64_t> size, const InspectOptions& options,
                   Diagnostics& diagnostics) {
    if (head.empty()) fail(name, "disk-image-truncated", Failure::malformed, "the image is empty: its size is 0");
    Image out;
    switch (decide(name, head, options)) {
        case Family::raw:
            out.capacity = size.value_or(0);
            if (out.capacity > options.max_capacity)
                fail(name, "disk-capacity-exceeded", Failure::refused,
                     fmt::format("a raw disk of {} bytes, limit {} (--max-disk-size)", out.capacity,
                                 options.max_capacity));
            return out;
        case Family::vmdk:
            return vmdk(name, head, options);
        case Family::qcow2: {
            const Qcow2Header header = read_qcow2_header(name, head, size, options, diagnostics);
            out.format = Format::qcow2;
            out.capacity = header.size;
            out.unit = header.cluster();
            out.backing = header.backing;
            out.differential = !header.backing.empty();
            return out;
        }
        case Family::vhd:
            out.format = Format::vhd;
            break;
        case Family::vhdx:
            out.format = Format::vhdx;
            break;
        case Family::vdi:
            out.format = Format::vdi;
            break;
    }
    return out;
}

Image inspect(std::string_view name, const RandomSource& source, const InspectOptions& options,
              Diagnostics& diagnostics) {
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), head_bytes)));
    head.resize(source.read_at(0, head));
    const Image out = inspect_head(name, head, source.size(), options, diagnostics);
    switch (out.format) {
        case Format::vhd:
            return inspect_vhd(name, source, options);
        case Format::vhdx:
            return inspect_vhdx(name, source, options);
        case Format::vdi:
            return inspect_vdi(name, source, options);
        case Format::vmdk_stream:
            vmdk_footer(name, head, source, options);
            break;
        case Format::raw:
        case Format::qcow2:
        case Format::vmdk_sparse:
            break;
    }
    return out;
}

namespace {
std::string_view without_folder(std::string_view path) { return path.substr(path.rfind('/') + 1); }
}  // namespace

void check_parent(std::string_view name, const Image& child, std::string_view parent_name, const Image& parent) {
    const auto mismatch = [&](std::string message, Failure failure = Failure::integrity) {
        fail(name, "disk-chain-mismatch", failure, std::move(message));
    };
    const Family family = family_of(child.format);
    if (family != Family::vmdk && family != Family::qcow2)
        mismatch(fmt::format("a child disk of format {}; only VMDK and qcow2 deltas can be written over a parent", to_string(family)), Failure::refused);
    if (family == Family::vmdk && family_of(parent.format) == Family::vmdk && child.differential && child.parent_cid != parent.cid)
        mismatch(fmt::format("the child disk was made over a parent of content id {:08x}; {} has {:08x}",
                             child.parent_cid, parent_name, parent.cid));
    // qcow2 has nothing but the name to tell parents apart.
    if (family == Family::qcow2 && without_folder(child.backing) != without_folder(parent_name))
        mismatch(child.backing.empty() ? fmt::format("the qcow2 image names no backing file, and has the parent {} (ovf:parentRef)", parent_name)
                                       : fmt::format("the child disk was made over '{}'; its parent here (ovf:parentRef) is {}",
                                                     printable(child.backing), parent_name));
    if (child.capacity < parent.capacity)
        mismatch(fmt::format("the child disk has {} bytes, less than the {} of its parent {}", child.capacity,
                             parent.capacity, parent_name));
}

}  // namespace ovfkit::detail::disk
