#include <algorithm>

#include <fmt/format.h>

#include "platform/qemu/buses.hpp"

namespace ovfkit::detail::qemu {

namespace {

/// What QEMU itself refuses of a drive's access, and what -blockdev has no word for.
bool read_only_of(Writer& w, const Drive& d, const Place& place) {
    if (d.kind == DriveKind::cdrom) return true;
    if (!d.read_only.value_or(false)) return false;
    if (d.kind == DriveKind::floppy || place.type == "scsi" || place.type == "virtio" || place.type == "usb") return true;
    w.dropped("drives[].read_only", d.info.id, "qemu-drive-access", fmt::format("QEMU has no read-only {} disks", place.type));
    return false;
}

void write_image(Writer& w, const Drive& d, const Image& image, bool read_only, const std::string& node) {
    Opts opts;
    opts.add("driver", image.format).add("node-name", node);
    if (read_only) opts.add_flag("read-only", true);
    if (d.cache == "none" || d.cache == "directsync") opts.add_flag("cache.direct", true);
    if (d.cache == "unsafe") opts.add_flag("cache.no-flush", true);
    if (d.discard == "unmap" || d.discard == "ignore") opts.add("discard", d.discard);
    opts.add("file.driver", "file").add("file.filename", image.path);
    w.option("-blockdev", opts.text());
    const bool known = d.cache.empty() || d.cache == "none" || d.cache == "directsync" || d.cache == "unsafe" || d.cache == "writethrough" || d.cache == "writeback";
    if (!known && d.cache != "default") w.dropped("drives[].cache", d.info.id, "qemu-drive-access", fmt::format("cache '{}' is no mode of QEMU", d.cache));
    if (!d.discard.empty() && d.discard != "unmap" && d.discard != "ignore")
        w.dropped("drives[].discard", d.info.id, "qemu-drive-access", fmt::format("discard '{}' is no mode of QEMU", d.discard));
}

void note_access(Writer& w, const Drive& d, const Image& image) {
    if (d.kind == DriveKind::cdrom && d.read_only == false)
        w.dropped("drives[].read_only", d.info.id, "qemu-drive-access", "a CD drive is always read-only");
    if (d.transient.value_or(false)) w.dropped("drives[].transient", d.info.id, "qemu-drive-access", "writes to the disk stay");
    if (d.connected == false) w.dropped("drives[].connected", d.info.id, "qemu-drive-access", "a drive is connected from the start");
    if (d.shareable.value_or(false) && (image.format != "raw" || d.kind != DriveKind::disk))
        w.dropped("drives[].shareable", d.info.id, "qemu-drive-access", "only raw disks can be shared");
    if (image.path.empty()) {
        if (!d.cache.empty()) w.dropped("drives[].cache", d.info.id, "qemu-drive-access", "there is no medium");
        if (!d.discard.empty()) w.dropped("drives[].discard", d.info.id, "qemu-drive-access", "there is no medium");
    }
}

std::string driver_of(const Writer& w, const Drive& d, const Place& place) {
    if (d.kind == DriveKind::floppy) return "floppy";
    const bool cd = d.kind == DriveKind::cdrom;
    if (place.type == "ide" || place.type == "sata") return cd ? "ide-cd" : "ide-hd";
    if (place.type == "scsi") return cd ? "scsi-cd" : "scsi-hd";
    if (place.type == "nvme") return "nvme-ns";
    if (place.type == "usb") return "usb-storage";
    return w.virtio("virtio-blk");
}

void add_position(Opts& opts, const Place& place) {
    if (place.bus == nullptr) return;
    const std::string& id = place.bus->id;
    if (place.type == "ide")
        opts.add("bus", "ide." + id.substr(3)).add("unit", std::to_string(place.unit));
    else if (place.type == "sata")
        opts.add("bus", fmt::format("{}.{}", place.bus->built_in ? "ide" : id, place.unit));
    else if (place.type == "scsi")
        opts.add("bus", id + ".0").add("scsi-id", std::to_string(place.unit)).add("lun", "0");
    else if (place.type == "nvme")
        opts.add("bus", id).add("nsid", std::to_string(place.unit + 1));
    else if (place.type == "usb")
        opts.add("bus", id + ".0").add("port", std::to_string(place.unit + 1));
    else if (place.type == "fdc")
        (place.bus->built_in ? opts : opts.add("bus", id + ".0")).add("unit", std::to_string(place.unit));
}

void add_serial(Writer& w, Opts& opts, const Drive& d, const Place& place) {
    if (d.serial.empty()) return;
    const std::size_t limit = place.type == "virtio" || place.type == "ide" || place.type == "sata" ? 20 : 36;
    if (only_word_characters(d.serial, "_.+- ") && d.serial.size() <= limit && place.type != "fdc" && place.type != "nvme")
        opts.add("serial", d.serial);
    else
        w.dropped("drives[].serial", d.info.id, "qemu-drive-serial", fmt::format("'{}': {} takes {} plain characters", d.serial, place.type, limit));
}

void write_drive(Writer& w, Buses& buses, std::size_t index) {
    const Drive& d = w.hardware().drives[index];
    const auto place = buses.place(d);
    if (!place) return;
    const std::string id = fmt::format("drive{}", index);
    const Image image = w.image_of(d, w.settings.images, std::to_string(index));
    const bool read_only = read_only_of(w, d, *place);
    note_access(w, d, image);
    if (!image.path.empty()) write_image(w, d, image, read_only, id + "-image");
    Opts opts(driver_of(w, d, *place));
    opts.add("id", id);
    add_position(opts, *place);
    if (!image.path.empty()) opts.add("drive", id + "-image");
    if (!image.path.empty() && (d.cache == "writethrough" || d.cache == "directsync")) {
        if (place->type != "fdc" && place->type != "nvme")
            opts.add_flag("write-cache", false);
        else
            w.approximated("drives[].cache", d.info.id, "qemu-drive-access", fmt::format("cache '{}': {} drives have a write cache", d.cache, place->type));
    }
    if (d.shareable.value_or(false) && image.format == "raw" && d.kind == DriveKind::disk) opts.add_flag("share-rw", true);
    add_serial(w, opts, d, *place);
    if (const auto order = w.drive_boot.find(index); order != w.drive_boot.end()) opts.add("bootindex", std::to_string(order->second));
    DeviceInfo info = d.info;
    info.address.clear();  // its controller and unit say where it is
    w.device(std::move(opts), info, "drives[]");
    w.id(d.info.id, id);
}

}  // namespace

void write_drives(Writer& w) {
    Buses buses(w);
    buses.add_controllers();
    for (std::size_t i = 0; i < w.hardware().drives.size(); ++i) write_drive(w, buses, i);
}

}  // namespace ovfkit::detail::qemu
