#include <algorithm>

#include <fmt/format.h>

#include "model/images.hpp"
#include "model/names.hpp"
#include "platform/qemu/reader.hpp"
#include "platform/qemu/words.hpp"

namespace ovfkit::detail::qemu {

namespace {

struct Media {
    std::string path, format;
    std::optional<bool> read_only;
    std::string cache, discard;
    bool direct = false, no_flush = false, cdrom = false, snapshot = false;
    std::string serial;
    std::vector<Parameter> extra;
};

bool is_protocol(std::string_view driver) { return driver == "file" || driver == "host_device" || driver == "host_cdrom"; }

/// A node and the nodes below it: format on top, file at the bottom.
void from_node(Reader& r, const std::string& name, Media& out, int depth = 0) {
    const auto found = r.nodes.find(name);
    if (found == r.nodes.end() || depth > 8) return;
    Parsed& node = found->second;
    const std::string driver = node.take("driver");
    const bool known = driver == "raw" || driver == "qcow2" || driver == "vmdk" || driver == "vpc" || driver == "vdi" || driver == "qed";
    if (known && out.format.empty()) out.format = driver;
    if (!known && !is_protocol(driver)) out.extra.push_back({"qemu", "drive.driver", driver});
    const auto take = [&](std::string_view a, std::string_view b) { return node.has(a) ? node.take(a) : node.take(b); };
    const std::string path = take("filename", "file.filename");
    if (!path.empty()) out.path = path;
    if (const auto read_only = r.on_off(node, "read-only")) out.read_only = read_only;
    if (const std::string discard = node.take("discard"); !discard.empty() && depth == 0) out.discard = discard;
    if (r.on_off(node, "cache.direct").value_or(false)) out.direct = true;
    if (r.on_off(node, "cache.no-flush").value_or(false)) out.no_flush = true;
    const std::string below = node.take("file");
    static_cast<void>(node.take("file.driver"));
    if (!below.empty()) from_node(r, below, out, depth + 1);
    DeviceInfo rest;
    r.keep_rest(node, rest, "drive.");
    out.extra.insert(out.extra.end(), rest.parameters.begin(), rest.parameters.end());
}

void from_drive(Reader& r, Parsed& drive, Media& out) {
    out.path = drive.take("file");
    out.format = drive.take("format");
    if (const auto read_only = drive.has("readonly") ? r.on_off(drive, "readonly") : r.on_off(drive, "read-only")) out.read_only = read_only;
    out.cache = drive.take("cache");
    out.discard = drive.take("discard");
    out.cdrom = drive.take("media") == "cdrom";
    out.snapshot = r.on_off(drive, "snapshot").value_or(false);
    out.serial = drive.take("serial");
    for (const std::string_view key : {"index", "bus", "unit", "boot"}) static_cast<void>(drive.take(key));
    DeviceInfo rest;
    r.keep_rest(drive, rest, "drive.");
    out.extra = rest.parameters;
}

Controller& controller(Reader& r, const std::string& id, ControllerType type, std::string model, std::optional<std::uint32_t> address, std::uint64_t offset) {
    for (Controller& c : r.hardware().controllers)
        if (c.info.id == id) return c;
    Controller c;
    c.info.id = id;
    c.info.origin.offset = offset;
    c.type = type;
    c.model = std::move(model);
    c.address = address;
    r.ids.insert(id);
    r.hardware().controllers.push_back(std::move(c));
    return r.hardware().controllers.back();
}

/// `scsi3` -> 3: the number our own ids and libvirt's end in.
std::optional<std::uint32_t> number_of(std::string_view id, std::string_view stem) {
    if (!id.starts_with(stem)) return std::nullopt;
    const auto number = to_number<std::uint32_t>(id.substr(stem.size()));
    return number && *number <= max_unit ? number : std::nullopt;
}

void read_controllers(Reader& r) {
    std::erase_if(r.devices, [&](Parsed& device) {
        const std::string driver = device.get("driver");
        const std::string kind = virtio_kind(driver);
        ControllerType type = ControllerType::other;
        std::string model;
        if (driver == "ahci" || driver == "ich9-ahci") {
            type = ControllerType::sata;
            model = "ahci";
        } else if (driver == "nvme" && !device.has("drive")) {
            type = ControllerType::nvme;
            model = "nvme";
            static_cast<void>(device.take("serial"));
        } else if (kind == "virtio-scsi") {
            type = ControllerType::scsi;
            model = "virtio-scsi";
        } else if (!scsi_model(driver).empty()) {
            type = ControllerType::scsi;
            model = scsi_model(driver);
        } else if (!usb_model(driver).empty()) {
            type = ControllerType::usb;
            model = usb_model(driver);
        } else if (kind == "virtio-serial") {
            type = ControllerType::virtio;
            model = "virtio-serial";
        } else if (driver == "isa-fdc" || driver == "pcie-root-port" || driver == "pcie-pci-bridge" || driver == "pci-bridge" || driver == "ioh3420" || driver == "i82801b11-bridge") {
            return true;  // how the machine is wired
        }
        if (type == ControllerType::other) return false;
        static_cast<void>(device.take("driver"));
        DeviceInfo info = r.info(device, to_string(type));
        const std::string_view stem = type == ControllerType::virtio ? "virtio-serial" : to_string(type);
        Controller& c = controller(r, info.id, type, model, number_of(info.id, stem), device.offset);
        c.info = std::move(info);
        r.keep_rest(device, c.info);
        return true;
    });
}

/// The bus of an IDE device: the PC's channels, q35's own SATA controller, or an AHCI of its own.
void place_ide(Reader& r, Parsed& device, Drive& d) {
    const std::string bus = device.take("bus"), unit = device.take("unit");
    const std::size_t dot = bus.find('.');
    const auto port = dot == std::string::npos ? std::nullopt : to_number<std::uint32_t>(bus.substr(dot + 1));
    const std::string id = bus.substr(0, dot);
    if (id == "ide" && r.machine == "q35") {
        d.controller = controller(r, "sata0", ControllerType::sata, "ahci", 0, device.offset).info.id;
        d.unit = port;
    } else if (id == "ide" && port) {
        d.controller = controller(r, fmt::format("ide{}", *port), ControllerType::ide, "piix3", port, device.offset).info.id;
        if (!unit.empty()) d.unit = r.number<std::uint32_t>(unit, device.offset, "unit", 1U);
    } else if (port) {
        d.controller = id;
        d.unit = port;
    } else {
        d.interface = r.machine == "q35" ? "sata" : "ide";
    }
}

void place_scsi(Reader& r, Parsed& device, Drive& d) {
    const std::string bus = device.take("bus");
    d.controller = bus.substr(0, bus.find('.'));
    if (d.controller.empty()) d.interface = "scsi";
    const std::string target = device.take("scsi-id"), lun = device.take("lun");
    static_cast<void>(device.take("channel"));
    const std::string& unit = !target.empty() && target != "0" ? target : !lun.empty() && lun != "0" ? lun : target;
    if (!unit.empty()) d.unit = r.number<std::uint32_t>(unit, device.offset, "scsi-id", 255U);
}

/// False: the device is no drive.
bool place_of(Reader& r, Parsed& device, Drive& d) {
    const std::string driver = device.get("driver"), kind = virtio_kind(driver);
    if (driver == "ide-hd" || driver == "ide-cd" || driver == "ide-drive") {
        place_ide(r, device, d);
    } else if (driver == "scsi-hd" || driver == "scsi-cd" || driver == "scsi-disk" || driver == "scsi-block" || driver == "scsi-generic") {
        place_scsi(r, device, d);
    } else if (kind == "virtio-blk") {
        d.interface = "virtio";
    } else if (driver == "nvme-ns" || driver == "nvme") {
        const std::string bus = device.take("bus"), nsid = device.take("nsid");
        if (driver == "nvme-ns") d.controller = bus.substr(0, bus.find('.'));
        if (d.controller.empty()) d.interface = "nvme";
        if (!nsid.empty()) {
            const auto number = r.number<std::uint32_t>(nsid, device.offset, "nsid", 256U);
            if (number && *number > 0) d.unit = *number - 1;
        }
    } else if (driver == "usb-storage") {
        const std::string bus = device.take("bus"), port = device.take("port");
        d.controller = bus.substr(0, bus.find('.'));
        const bool known = std::any_of(r.hardware().controllers.begin(), r.hardware().controllers.end(), [&](const Controller& c) { return c.info.id == d.controller; });
        if (!known) {
            d.controller.clear();
            d.interface = "usb";
        } else if (const auto number = to_number<std::uint32_t>(port); number && *number > 0 && *number <= max_unit) {
            d.unit = *number - 1;
        }
    } else if (driver == "floppy") {
        d.kind = DriveKind::floppy;
        const std::string unit = device.take("unit");
        if (!unit.empty()) d.unit = r.number<std::uint32_t>(unit, device.offset, "unit", 1U);
        d.interface = "fdc";
    } else {
        return false;
    }
    static_cast<void>(device.take("driver"));
    if (driver == "ide-cd" || driver == "scsi-cd") d.kind = DriveKind::cdrom;
    if (driver == "scsi-block" || driver == "scsi-generic") d.info.parameters.push_back({"qemu", "drive.passthrough", driver});
    return true;
}

std::string cache_of(const Media& media, std::optional<bool> write_cache) {
    if (!media.cache.empty()) return media.cache;
    if (media.no_flush) return "unsafe";
    if (media.direct) return write_cache == false ? "directsync" : "none";
    return write_cache == false ? "writethrough" : "";
}

void add_drive(Reader& r, Drive d, Media media, std::optional<bool> write_cache) {
    if (media.cdrom) d.kind = DriveKind::cdrom;
    d.source = media.path;
    if (!media.path.empty() && d.kind == DriveKind::disk) d.source_format = media.format;
    if (d.kind != DriveKind::cdrom && media.read_only.value_or(false)) d.read_only = true;
    if (media.snapshot) d.transient = true;
    if (!media.serial.empty()) d.serial = media.serial;
    if (media.discard == "on" || media.discard == "unmap") d.discard = "unmap";
    if (media.discard == "off" || media.discard == "ignore") d.discard = "ignore";
    d.cache = cache_of(media, write_cache);
    d.info.parameters.insert(d.info.parameters.end(), media.extra.begin(), media.extra.end());
    attach_image(r.envelope, d);
    r.hardware().drives.push_back(std::move(d));
}

void read_devices(Reader& r) {
    std::erase_if(r.devices, [&](Parsed& device) {
        Drive d;
        if (!place_of(r, device, d)) return false;
        std::vector<Parameter> extra = std::move(d.info.parameters);
        d.info = r.info(device, "drive");
        d.info.parameters = std::move(extra);
        Media media;
        const std::string node = device.take("drive");
        if (const auto drive = r.drives.find(node); drive != r.drives.end() && !node.empty())
            from_drive(r, drive->second, media);
        else
            from_node(r, node, media);
        d.serial = device.take("serial");
        if (r.on_off(device, "share-rw").value_or(false)) d.shareable = true;
        const auto write_cache = r.on_off(device, "write-cache");
        const std::string order = device.take("bootindex");
        if (!order.empty()) d.boot_index = r.number<std::uint32_t>(order, device.offset, "bootindex", 0x7fffffffU);
        static_cast<void>(device.take("device_id"));
        r.keep_rest(device, d.info);
        add_drive(r, std::move(d), std::move(media), write_cache);
        return true;
    });
}

/// -drive without a device: if=ide|scsi|virtio|floppy, index or bus and unit.
void read_interfaces(Reader& r) {
    std::uint32_t next = 0;
    for (auto& [id, drive] : r.drives) {
        const std::string type = drive.take("if");
        if (type == "none" || type == "pflash") continue;
        Drive d;
        d.info.origin.offset = drive.offset;
        std::size_t n = 0;
        while (!r.ids.insert(fmt::format("drive:{}", n)).second) ++n;
        d.info.id = fmt::format("drive:{}", n);
        const std::string index = drive.get("index"), bus = drive.get("bus"), unit = drive.get("unit");
        std::uint32_t slot = next;
        if (!index.empty()) slot = r.number<std::uint32_t>(index, drive.offset, "index", max_unit).value_or(next);
        else if (!unit.empty() || !bus.empty())
            slot = to_number<std::uint32_t>(bus).value_or(0) * 2 + to_number<std::uint32_t>(unit).value_or(0);
        next = slot + 1;
        if (type.empty() || type == "ide") {
            if (r.machine == "pc" && slot < 4) {
                d.controller = controller(r, fmt::format("ide{}", slot / 2), ControllerType::ide, "piix3", slot / 2, drive.offset).info.id;
                d.unit = slot % 2;
            } else {
                d.interface = r.machine == "q35" ? "sata" : "ide";
            }
        } else if (type == "floppy") {
            d.kind = DriveKind::floppy;
            d.interface = "fdc";
            d.unit = slot % 2;
        } else if (type == "virtio" || type == "scsi") {
            d.interface = type;
        } else {
            d.interface = type;
            r.text.report("qemu-option-kept", drive.offset, fmt::format("drive interface '{}' is kept as it is, not understood", printable(type)));
        }
        Media media;
        from_drive(r, drive, media);
        add_drive(r, std::move(d), std::move(media), std::nullopt);
    }
}

/// -hda FILE, -cdrom FILE, -fda FILE.
void read_short(Reader& r) {
    const auto add = [&](std::string_view option, DriveKind kind, std::uint32_t slot) {
        for (Option* o : r.take(option)) {
            Drive d;
            d.info.origin.offset = o->offset;
            d.info.id = fmt::format("drive:{}", option);
            for (std::size_t n = 1; !r.ids.insert(d.info.id).second; ++n) d.info.id = fmt::format("drive:{}:{}", option, n);
            d.kind = kind;
            d.interface = kind == DriveKind::floppy ? "fdc" : r.machine == "q35" ? "sata" : "ide";
            if (kind == DriveKind::floppy) d.unit = slot;
            if (kind != DriveKind::floppy && r.machine == "pc") {
                d.interface.clear();
                d.controller = controller(r, fmt::format("ide{}", slot / 2), ControllerType::ide, "piix3", slot / 2, o->offset).info.id;
                d.unit = slot % 2;
            }
            Media media;
            media.path = o->value.text;
            add_drive(r, std::move(d), std::move(media), std::nullopt);
        }
    };
    add("hda", DriveKind::disk, 0);
    add("hdb", DriveKind::disk, 1);
    add("hdc", DriveKind::disk, 2);
    add("hdd", DriveKind::disk, 3);
    add("cdrom", DriveKind::cdrom, 2);
    add("fda", DriveKind::floppy, 0);
    add("fdb", DriveKind::floppy, 1);
}

}  // namespace

void read_drives(Reader& r) {
    read_controllers(r);
    read_devices(r);
    read_interfaces(r);
    read_short(r);
}

}  // namespace ovfkit::detail::qemu
