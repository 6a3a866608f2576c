#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

template <class List>
const typename List::value_type* find_id(const List& list, std::string_view id) {
    if (id.empty()) return nullptr;
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& x) { return x.id == id; });
    return found == list.end() ? nullptr : &*found;
}

struct Image {
    std::string path, format;
};

/// The host file of a drive; an empty path: no medium.
class ImageFinder {
public:
    ImageFinder(Writer& w, const DrivePlan& plan) : w_(w), plan_(plan), d_(*plan.drive) {}

    Image find() {
        const VirtualDisk* disk = find_id(w_.envelope.disks, d_.disk_id);
        const FileReference* file = find_id(w_.envelope.files, disk != nullptr ? disk->file_id : d_.file_id);
        Image out;
        out.path = path(disk, file);
        if (!out.path.empty()) out.format = format(disk, file, out.path);
        if (file != nullptr && d_.source.empty()) check_file(*file);
        return out;
    }

private:
    std::string path(const VirtualDisk* disk, const FileReference* file) {
        if (!d_.source.empty()) {
            if (is_safe_path(d_.source)) return d_.source;
            const std::string by = w_.image_path(file_name(last_part(d_.source)));
            w_.note("drives[].source", d_.info.id, Fate::approximated, "libvirt-path-relative",
                    fmt::format("'{}' is no plain absolute path: {} is written", d_.source, by));
            return by;
        }
        if (file != nullptr) {
            const std::string name = file_name(last_part(file->href));
            if (name != file->href)
                w_.note("files[].href", file->id, Fate::approximated, "libvirt-file-name",
                        fmt::format("'{}' is looked for as {}", file->href, name));
            return w_.image_path(name);
        }
        if (d_.kind != DriveKind::disk) return {};
        // A blank disk, or one whose file is not in the package: libvirt needs a file all the same.
        const std::string by = w_.image_path(file_name(
            fmt::format("{}-{}.qcow2", w_.system.name.empty() ? w_.system.id : w_.system.name, plan_.target)));
        const std::string size = disk != nullptr && disk->capacity_bytes
                                     ? fmt::format(" of {} bytes", *disk->capacity_bytes)
                                     : std::string{};
        w_.note(d_.disk_id.empty() ? "drives[].kind" : "drives[].disk_id", d_.info.id, Fate::defaulted,
                "libvirt-disk-blank", fmt::format("the disk has no file: create {}{}", by, size));
        blank_ = true;
        return by;
    }

    std::string format(const VirtualDisk* disk, const FileReference* file, const std::string& path) {
        static constexpr std::array<std::string_view, 6> known{"raw", "qcow2", "vmdk", "vpc", "vdi", "qed"};
        if (std::find(known.begin(), known.end(), d_.source_format) != known.end()) return d_.source_format;
        if (!d_.source_format.empty())
            w_.note("drives[].source_format", d_.info.id, Fate::dropped, "libvirt-format-unknown",
                    fmt::format("'{}' is no format QEMU's driver has", d_.source_format));
        if (blank_) {
            const bool other = disk != nullptr && (disk->volume_format == "raw" ||
                                                   (!disk->format.empty() && disk->format != format_uri("qcow2")));
            if (other)
                w_.note(disk->format.empty() ? "disks[].volume_format" : "disks[].format", disk->id, Fate::approximated,
                        "libvirt-format-word",
                        fmt::format("'{}': the image to be made is qcow2",
                                    disk->format.empty() ? disk->volume_format : disk->format));
            return "qcow2";
        }
        if (disk == nullptr) return "raw";  // ISO and floppy images
        std::string word = disk->volume_format == "cow"   ? "qcow2"
                           : disk->volume_format == "raw" ? "raw"
                                                          : format_word(disk->format);
        const bool from_uri = disk->volume_format.empty() && !word.empty();
        if (word.empty()) {
            word = format_of_name(path);
            if (word.empty() || word == "vhdx") {
                word = "raw";
                w_.note("disks[].format", disk->id, Fate::approximated, "libvirt-format-unknown",
                        fmt::format("format '{}' is unknown: raw is written; check what the file is", disk->format));
                return word;
            }
        }
        if (disk->format.find("streamOptimized") != std::string::npos && word == "vmdk")
            w_.note("disks[].format", disk->id, Fate::approximated, "libvirt-vmdk-streamoptimized",
                    fmt::format("QEMU opens streamOptimized VMDK read-only: convert {} to qcow2 before the first start",
                                file != nullptr ? file->href : path));
        else if (!disk->format.empty() && disk->format != format_uri(word))
            w_.note("disks[].format", disk->id, Fate::approximated, "libvirt-format-word",
                    from_uri ? fmt::format("'{}' became driver type {}", disk->format, word)
                             : fmt::format("'{}' became driver type {}, which its file is", disk->format, word));
        return word;
    }

    /// libvirt opens the file as it is.
    void check_file(const FileReference& file) {
        if (!file.compression.empty() && file.compression != "identity")
            w_.note("files[].compression", file.id, Fate::dropped, "libvirt-file-packed",
                    fmt::format("'{}' is {}-compressed: unpack it, libvirt does not", file.href, file.compression));
        if (file.chunk_size)
            w_.note("files[].chunk_size", file.id, Fate::dropped, "libvirt-file-packed",
                    fmt::format("'{}' is split: join its chunks, libvirt does not", file.href));
    }

    Writer& w_;
    const DrivePlan& plan_;
    const Drive& d_;
    bool blank_ = false;
};

constexpr std::array<std::string_view, 6> cache_modes{"default",   "none",       "writethrough",
                                                      "writeback", "directsync", "unsafe"};
constexpr std::array<std::string_view, 2> discard_modes{"unmap", "ignore"};

template <class List>
std::string listed(Writer& w, const Drive& d, std::string_view field, const std::string& value, const List& words) {
    if (value.empty() || std::find(words.begin(), words.end(), value) != words.end()) return value;
    w.note(fmt::format("drives[].{}", field), d.info.id, Fate::dropped, "libvirt-value-unsupported",
           fmt::format("{} '{}' is no word of libvirt", field, value));
    return {};
}

void write_driver(Writer& w, const Drive& d, const Image& image) {
    XmlWriter::Attributes driver{{"name", "qemu"}, {"type", image.path.empty() ? "raw" : image.format}};
    const std::string cache = listed(w, d, "cache", d.cache, cache_modes);
    const std::string discard = listed(w, d, "discard", d.discard, discard_modes);
    if (!cache.empty()) driver.emplace_back("cache", cache);
    if (!discard.empty()) driver.emplace_back("discard", discard);
    if (w.settings.type == "xen") return;
    w.xml.empty("driver", driver);
}

/// readonly, shareable and transient, as far as QEMU goes along.
void write_access(Writer& w, const DrivePlan& plan, const Image& image) {
    const Drive& d = *plan.drive;
    const auto lost = [&](std::string_view field, std::string_view why) {
        w.note(fmt::format("drives[].{}", field), d.info.id, Fate::dropped, "libvirt-access-unsupported",
               fmt::format("{}: {}", field, why));
    };
    const bool transient = d.transient.value_or(false);
    if (d.kind == DriveKind::cdrom) {
        w.xml.empty("readonly");
        if (d.read_only == false) lost("read_only", "a CD drive is always read-only");
        if (transient) lost("transient", "not for CD drives");
        if (d.shareable.value_or(false)) w.xml.empty("shareable");
        return;
    }
    if (d.read_only.value_or(false)) {
        if (d.kind == DriveKind::disk && (plan.bus == "ide" || plan.bus == "sata"))
            lost("read_only", "QEMU has no read-only IDE or SATA disks");
        else
            w.xml.empty("readonly");
    }
    if (d.shareable.value_or(false)) {
        if (image.format == "raw")
            w.xml.empty("shareable");
        else
            lost("shareable", "QEMU shares raw images only");
    }
    if (transient) {
        if (d.read_only.value_or(false) || d.kind == DriveKind::floppy || d.shareable.value_or(false) ||
            w.settings.type == "xen")
            lost("transient", "not together with read-only or shared media");
        else
            w.xml.empty("transient");
    }
}

void write_serial(Writer& w, const Drive& d) {
    if (d.serial.empty()) return;
    if (only_word_characters(d.serial, "_.+- ") && d.serial.size() <= 36)
        w.xml.leaf("serial", d.serial);
    else
        w.note("drives[].serial", d.info.id, Fate::dropped, "libvirt-value-unsupported",
               fmt::format("serial '{}' has characters libvirt refuses, or is longer than 36", d.serial));
}

void write_drive(Writer& w, const DrivePlan& plan) {
    const Drive& d = *plan.drive;
    const Image image = ImageFinder(w, plan).find();
    w.xml.open("disk", {{"type", "file"}, {"device", std::string(to_string(d.kind))}});
    write_driver(w, d, image);
    if (!image.path.empty()) w.xml.empty("source", {{"file", image.path}});
    w.xml.empty("target", {{"dev", plan.target}, {"bus", plan.bus}});
    write_access(w, plan, image);
    write_serial(w, d);
    if (plan.boot_order) w.xml.empty("boot", {{"order", std::to_string(*plan.boot_order)}});
    w.alias(d.info, "drives[]");
    if (plan.addressed)
        w.xml.empty("address", {{"type", "drive"},
                                {"controller", std::to_string(plan.controller)},
                                {"bus", std::to_string(plan.address_bus)},
                                {"target", std::to_string(plan.address_target)},
                                {"unit", std::to_string(plan.address_unit)}});
    w.xml.close();
    w.id(d.info.id, "disk:" + plan.target);
    if (d.connected == false)
        w.note("drives[].connected", d.info.id, Fate::dropped, "libvirt-drive-connected",
               "a drive cannot be left unconnected at start: it is connected");
}

/// Disks and files of the envelope that no drive of any system uses.
void note_unused(Writer& w) {
    std::set<std::string_view> disks, files;
    for (const VirtualSystem& system : w.envelope.systems)
        for (const Drive& d : system.hardware.drives) {
            disks.insert(d.disk_id);
            files.insert(d.file_id);
        }
    for (const VirtualDisk& disk : w.envelope.disks) disks.insert(disk.parent_id);
    for (const VirtualDisk& disk : w.envelope.disks) {
        files.insert(disk.file_id);
        if (disks.count(disk.id) == 0)
            w.note("disks[].id", disk.id, Fate::dropped, "libvirt-disk-unused",
                   fmt::format("disk '{}' is attached to nothing", disk.id));
    }
    for (const FileReference& file : w.envelope.files)
        if (files.count(file.id) == 0)
            w.note("files[].href", file.id, Fate::dropped, "libvirt-disk-unused",
                   fmt::format("file '{}' is attached to nothing", file.href));
}

}  // namespace

void write_controllers(Writer& w) {
    const bool xen = w.settings.type == "xen";
    for (const ControllerPlan& plan : w.layout.controllers) {
        if (xen) continue;
        XmlWriter::Attributes attributes{{"type", plan.type}, {"index", std::to_string(plan.index)}};
        if (!plan.model.empty())
            attributes.emplace_back("model",
                                    plan.type == "scsi" ? std::string(scsi_model_word(plan.model)) : plan.model);
        Writer::Children children;
        if (plan.master_port) children.push_back({"master", {{"startport", std::to_string(*plan.master_port)}}});
        if (plan.source != nullptr)
            if (const auto alias = w.user_alias(plan.source->info, "controllers[]"))
                children.push_back({"alias", {{"name", *alias}}});
        w.element("controller", attributes, children);
    }
    const auto usb = [](const ControllerPlan& plan) { return plan.type == "usb"; };
    if (!xen && std::none_of(w.layout.controllers.begin(), w.layout.controllers.end(), usb))
        w.xml.empty("controller", {{"type", "usb"}, {"index", "0"}, {"model", "none"}});
}

void write_drives(Writer& w) {
    for (const DrivePlan& plan : w.layout.drives) write_drive(w, plan);
    note_unused(w);
}

}  // namespace ovfkit::detail::libvirt
