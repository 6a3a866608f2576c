#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/images.hpp"
#include "model/writing.hpp"

// The image files behind drives: where each is looked for, and what it is taken for.
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 6> known_formats{"raw", "qcow2", "vmdk", "vpc", "vdi", "qed"};

bool is_known(std::string_view word) {
    return std::find(known_formats.begin(), known_formats.end(), word) != known_formats.end();
}

}  // namespace

void Writing::check_file(const FileReference& file) {
    if (!file.compression.empty() && file.compression != "identity")
        dropped("files[].compression", file.id, "platform-image-packed",
                fmt::format("'{}' is {}-compressed: unpack it, the platform does not", file.href, file.compression));
    if (file.chunk_size)
        dropped("files[].chunk_size", file.id, "platform-image-packed",
                fmt::format("'{}' is split: join its chunks, the platform does not", file.href));
}

std::string Writing::format_of(const Drive& drive, const Image& image) {
    if (is_known(drive.source_format)) return drive.source_format;
    if (!drive.source_format.empty())
        dropped("drives[].source_format", drive.info.id, "platform-image-format", fmt::format("'{}' is no format QEMU has", drive.source_format));
    const VirtualDisk* disk = image.disk;
    if (disk == nullptr || drive.kind != DriveKind::disk) return "raw";  // ISO and floppy images
    if (image.blank) {
        if (disk->volume_format == "raw") return "raw";
        if (!disk->format.empty() && disk->format != format_uri("qcow2"))
            approximated("disks[].format", disk->id, "platform-image-format", fmt::format("'{}': the image to be made is qcow2", disk->format));
        return "qcow2";
    }
    std::string word = disk->volume_format == "cow" ? "qcow2" : disk->volume_format == "raw" ? "raw" : format_word(disk->format);
    if (word.empty()) word = format_of_name(image.path);
    if (!is_known(word)) {
        approximated("disks[].format", disk->id, "platform-image-format",
                     fmt::format("format '{}' is unknown: raw is written; check what the file is", disk->format));
        return "raw";
    }
    if (word == "vmdk" && disk->format.find("streamOptimized") != std::string::npos)
        approximated("disks[].format", disk->id, "platform-image-streamoptimized",
                     fmt::format("QEMU opens streamOptimized VMDK read-only: convert {} before the first start", image.path));
    else if (!disk->format.empty() && disk->format != format_uri(word))
        approximated("disks[].format", disk->id, "platform-image-format", fmt::format("'{}' became {}", disk->format, word));
    return word;
}

Image Writing::image_of(const Drive& drive, std::string_view folder, std::string_view suffix) {
    Image out;
    out.disk = find_id(envelope.disks, drive.disk_id);
    out.file = find_id(envelope.files, out.disk != nullptr ? out.disk->file_id : drive.file_id);
    const auto inside = [&](std::string_view file) { return std::string(folder) + "/" + std::string(file); };
    if (!drive.source.empty()) {
        out.path = drive.source;
        if (!is_safe_path(drive.source) || !from_host()) {
            out.path = inside(file_name(last_part(drive.source)));
            if (out.path != drive.source)
                approximated("drives[].source", drive.info.id, "platform-image-path",
                             fmt::format("'{}' becomes {}: only a host's own description may name its absolute paths", drive.source, out.path));
        }
    } else if (out.file != nullptr) {
        const std::string plain = file_name(last_part(out.file->href));
        if (plain != out.file->href)
            approximated("files[].href", out.file->id, "platform-image-path", fmt::format("'{}' is looked for as {}", out.file->href, plain));
        out.path = inside(plain);
        check_file(*out.file);
    } else if (drive.kind == DriveKind::disk) {
        out.blank = true;
        const std::string end = out.disk != nullptr && out.disk->volume_format == "raw" ? "raw" : "qcow2";
        out.path = inside(file_name(fmt::format("{}-{}.{}", name(), suffix, end)));
        const std::string size =
            out.disk != nullptr && out.disk->capacity_bytes ? fmt::format(" of {} bytes", *out.disk->capacity_bytes) : std::string{};
        defaulted(drive.disk_id.empty() ? "drives[].kind" : "drives[].disk_id", drive.info.id, "platform-image-blank",
                  fmt::format("the disk has no file: create {}{}", out.path, size));
    }
    if (!out.path.empty()) out.format = format_of(drive, out);
    return out;
}

void attach_image(Envelope& envelope, Drive& drive, std::optional<std::uint64_t> capacity) {
    std::string file_id;
    if (!drive.source.empty()) {
        FileReference file;
        file.id = "file-" + drive.info.id;
        file.href = file_name(last_part(drive.source));
        const auto same = [&](const FileReference& other) { return other.href == file.href; };
        if (std::any_of(envelope.files.begin(), envelope.files.end(), same)) file.href = file_name(drive.info.id + "-" + file.href);
        file.origin = drive.info.origin;
        file_id = file.id;
        envelope.files.push_back(std::move(file));
    }
    if (drive.kind != DriveKind::disk) {
        drive.file_id = file_id;
        return;
    }
    VirtualDisk disk;
    disk.id = "disk-" + drive.info.id;
    disk.file_id = file_id;
    disk.format = format_uri(drive.source_format);
    disk.capacity_bytes = capacity;
    disk.origin = drive.info.origin;
    drive.disk_id = disk.id;
    envelope.disks.push_back(std::move(disk));
}

}  // namespace ovfkit::detail
