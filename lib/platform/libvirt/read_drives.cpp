#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

namespace {

struct DriveAddress {
    std::uint32_t controller = 0, bus = 0, target = 0, unit = 0;
};

std::string bus_of_prefix(std::string_view dev) {
    if (dev.starts_with("sd")) return "scsi";
    if (dev.starts_with("hd")) return "ide";
    if (dev.starts_with("vd")) return "virtio";
    if (dev.starts_with("xvd")) return "xen";
    if (dev.starts_with("fd")) return "fdc";
    if (dev.starts_with("nvme")) return "nvme";
    return {};
}

/// What libvirt assigns from the target's name where the disk has no address (virDomainDiskDefAssignAddress).
DriveAddress implied_address(std::string_view bus, std::size_t index) {
    const auto i = static_cast<std::uint32_t>(std::min<std::size_t>(index, 4095));
    if (bus == "ide") return {i / 4, (i % 4) / 2, 0, i % 2};
    if (bus == "sata") return {i / 6, 0, 0, i % 6};
    if (bus == "scsi") return {i / 7, 0, 0, i % 7};
    return {i / 2, 0, 0, i % 2};
}

std::optional<DriveAddress> address_of(const Reader& r, Element disk, std::string_view bus, std::string_view dev) {
    const Element address = child(disk, "address");
    if (attr(address, "type").value() != "drive") return implied_address(bus, target_index(dev).value_or(0));
    static_cast<void>(take(address, "type"));
    DriveAddress out;
    bool good = true;
    const auto field = [&](std::string_view name, std::uint32_t& value) {
        const Attribute attribute = attr(address, name);
        if (!attribute) return;
        const auto read = r.number<std::uint32_t>(address, name, attribute.take(), max_unit);
        good = good && read.has_value();
        value = read.value_or(0);
    };
    field("controller", out.controller);
    field("bus", out.bus);
    field("target", out.target);
    field("unit", out.unit);
    return good ? std::optional(out) : std::nullopt;
}

/// Model of the SCSI controller of that index; its devices are numbered by unit (lsilogic) or by target.
std::string_view scsi_model(Element disk, std::uint32_t index) {
    for (Element e = disk.parent().first(); e; e = e.next())
        if (e.is(Ns::none, "controller") && attr(e, "type").value() == "scsi" &&
            to_number<std::uint32_t>(attr(e, "index").value()) == index)
            return attr(e, "model").value();
    return {};
}

void place(Reader& r, Element disk, std::string_view bus, std::string_view dev, Drive& d) {
    if (bus == "virtio" || bus == "usb" || bus == "xen") {
        d.interface = bus;
        return;
    }
    if (bus != "ide" && bus != "sata" && bus != "scsi" && bus != "fdc" && bus != "nvme") {
        r.warn("libvirt-bus-unknown", disk,
               fmt::format("disk '{}': bus '{}' is not known here; it is kept as a word", dev, bus));
        d.interface = bus;
        return;
    }
    const auto address = address_of(r, disk, bus, dev);
    if (!address) return;
    d.unit = address->unit;
    if (bus == "fdc") {
        d.interface = bus;
        return;
    }
    std::uint32_t controller = address->controller;
    if (bus == "ide") {
        controller = address->controller * 2 + address->bus;
    } else if (bus == "scsi") {
        const std::string_view model = scsi_model(disk, controller);
        if (!model.empty() && model != "lsilogic" && model != "buslogic") {
            d.unit = address->target;
            if (address->unit != 0)
                r.warn("libvirt-address-lun", disk,
                       fmt::format("disk '{}' is LUN {} of its target: the number is left out", dev, address->unit));
        }
        if (address->bus != 0)
            r.warn("libvirt-address-lun", disk,
                   fmt::format("disk '{}' is on channel {}: the number is left out", dev, address->bus));
    }
    d.controller = fmt::format("controller:{}:{}", bus, controller);
    r.controllers_in_use.insert(d.controller);
}

/// Files of an envelope have plain names; two paths may end alike.
std::string unique_href(const Envelope& envelope, std::string_view path, std::string_view dev) {
    std::string name = file_name(last_part(path));
    const auto same = [&](const FileReference& file) { return file.href == name; };
    if (std::any_of(envelope.files.begin(), envelope.files.end(), same)) name = fmt::format("{}-{}", dev, name);
    return name;
}

void read_source(Reader& r, Element disk, std::string_view type, std::string_view dev, Drive& d) {
    const Element source = child(disk, "source");
    if (!source || type.empty()) return;
    if (type == "file")
        d.source = take(source, "file");
    else if (type == "block")
        d.source = take(source, "dev");
    else if (type == "volume")
        d.source = fmt::format("{}/{}", take(source, "pool"), take(source, "volume"));
    else
        r.warn("libvirt-source-unsupported", disk,
               fmt::format("disk '{}': a source of type {} is not translated", dev, type));
    take_default(source, "index", "1");
    if (d.source.empty()) return;
    const std::string file_id = fmt::format("file-{}", dev);
    FileReference file;
    file.id = file_id;
    file.href = unique_href(r.envelope, d.source, dev);
    file.origin.offset = source.offset();
    r.envelope.files.push_back(std::move(file));
    if (d.kind != DriveKind::disk) {
        d.file_id = file_id;
        return;
    }
    VirtualDisk image;
    image.id = fmt::format("disk-{}", dev);
    image.file_id = file_id;
    image.format = format_uri(d.source_format);
    image.origin.offset = source.offset();
    d.disk_id = image.id;
    r.envelope.disks.push_back(std::move(image));
}

void read_driver(Element disk, std::string_view device, Drive& d) {
    const Element driver = child(disk, "driver");
    take_default(driver, "name", "qemu");
    const std::string_view format = take(driver, "type");
    if (child(disk, "source") && device != "lun")
        d.source_format = format.empty() ? "raw" : format;  // libvirt never probes
    d.cache = take(driver, "cache");
    d.discard = take(driver, "discard");
}

void read_flags(Reader& r, Element disk, std::string_view dev, Drive& d) {
    if (const Element e = child(disk, "readonly")) {
        static_cast<void>(e.take());
        if (d.kind != DriveKind::cdrom) d.read_only = true;
    }
    if (const Element e = child(disk, "shareable")) {
        static_cast<void>(e.take());
        d.shareable = true;
    }
    if (const Element e = child(disk, "transient")) {
        static_cast<void>(e.take());
        d.transient = true;
    }
    d.serial = child(disk, "serial").take();
    if (const Element boot = child(disk, "boot")) {
        const auto order =
            r.number<std::uint32_t>(boot, fmt::format("boot order of '{}'", dev), take(boot, "order"), 65535U);
        if (order == 0U) r.error("libvirt-number-invalid", boot, fmt::format("boot order of '{}' counts from 1", dev));
        if (order && *order > 0) d.boot_index = order;
    }
    take_all(child(disk, "backingStore"));  // found out by libvirt from the image
}

void read_disk(Reader& r, Element disk, std::set<std::string>& seen) {
    const Element target = child(disk, "target");
    const std::string dev(take(target, "dev"));
    if (dev.empty() || !only_word_characters(dev, "_:")) {
        r.error("libvirt-target-invalid", target ? target : disk,
                fmt::format("disk without a usable target name ('{}')", dev));
        return;
    }
    if (!seen.insert(dev).second) {
        r.error("libvirt-target-duplicate", target, fmt::format("target '{}' stands twice: libvirt refuses that", dev));
        return;
    }
    Drive d;
    d.info = device_info(disk, "disk:" + dev);
    const std::string_view device = take(disk, "device");
    const auto kind =
        device.empty() || device == "lun" ? DriveKind::disk : drive_kind_from(device).value_or(DriveKind::disk);
    if (!device.empty() && device != "lun" && !drive_kind_from(device))
        r.error("libvirt-value-invalid", disk,
                fmt::format("device '{}' of '{}' is none of disk, cdrom, floppy, lun", device, dev));
    d.kind = kind;
    std::string bus(take(target, "bus"));
    if (bus.empty()) bus = bus_of_prefix(dev);
    take_default(target, "tray", "closed");
    place(r, disk, bus, dev, d);
    read_driver(disk, device, d);
    const std::string_view type = take(disk, "type");
    read_source(r, disk, type.empty() ? "file" : type, dev, d);
    read_flags(r, disk, dev, d);
    r.hardware().drives.push_back(std::move(d));
}

/// libvirt groups disks by bus when it stores them; this order is the same before and after.
auto sort_key(Element disk) {
    static constexpr std::array<std::string_view, 7> prefixes{"vd", "xvd", "nvme", "hd", "sd", "ubd", "fd"};
    const std::string_view dev = attr(child(disk, "target"), "dev").value();
    std::size_t rank = prefixes.size();
    for (std::size_t i = 0; i < prefixes.size(); ++i)
        if (dev.starts_with(prefixes[i])) rank = i;
    return std::tuple(rank, target_index(dev).value_or(~std::size_t{0}), dev);
}

}  // namespace

void read_drives(Reader& r, Element devices) {
    std::vector<Element> disks;
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "disk")) disks.push_back(e);
    std::stable_sort(disks.begin(), disks.end(), [](Element a, Element b) { return sort_key(a) < sort_key(b); });
    std::set<std::string> seen;
    for (const Element& disk : disks) read_disk(r, disk, seen);
    std::set<std::uint32_t> orders;
    for (const Drive& d : r.hardware().drives)
        if (d.boot_index && !orders.insert(*d.boot_index).second)
            r.error("libvirt-boot-duplicate", devices,
                    fmt::format("boot order {} stands twice: libvirt refuses that", *d.boot_index));
}

}  // namespace ovfkit::detail::libvirt
