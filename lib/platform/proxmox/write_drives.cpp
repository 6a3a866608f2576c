#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail::proxmox {

namespace {

struct Bus {
    std::string_view name;
    std::uint32_t capacity;
};
constexpr std::array buses{Bus{"ide", 4}, Bus{"sata", 6}, Bus{"scsi", 31}, Bus{"virtio", 16}};

std::uint32_t capacity_of(std::string_view bus) {
    for (const Bus& row : buses)
        if (row.name == bus) return row.capacity;
    return 0;
}

struct Adapter {
    std::string_view neutral, scsihw;
};
constexpr std::array adapters{Adapter{"lsilogic", "lsi"}, Adapter{"lsisas1078", "megasas"}, Adapter{"vmpvscsi", "pvscsi"}, Adapter{"virtio-scsi", "virtio-scsi-pci"}};

/// One adapter model for all SCSI disks: that of the first controller.
void write_adapter(Writer& w) {
    std::string chosen;
    for (const Controller& c : w.hardware().controllers) {
        if (c.type == ControllerType::scsi) {
            std::string word;
            for (const Adapter& row : adapters)
                if (row.neutral == c.model) word = row.scsihw;
            const bool exact = !word.empty();
            if (word.empty()) word = c.model.empty() ? "virtio-scsi-pci" : "lsi";
            if (chosen.empty()) chosen = word;
            if (c.model.empty())
                w.defaulted("controllers[].model", c.info.id, "proxmox-controller-model", fmt::format("the source names no model: scsihw {} is written", chosen));
            else if (!exact || word != chosen)
                w.approximated("controllers[].model", c.info.id, "proxmox-controller-model", fmt::format("'{}' became scsihw {}", c.model, chosen));
            w.id(c.info.id, "scsi");
        } else if (c.type == ControllerType::ide || c.type == ControllerType::sata) {
            if (!c.model.empty() && c.model != "piix3" && c.model != "ahci")
                w.approximated("controllers[].model", c.info.id, "proxmox-controller-model", fmt::format("'{}' became the machine's own", c.model));
            w.id(c.info.id, c.type == ControllerType::ide ? fmt::format("ide-controller{}", c.address.value_or(0) % 2) : std::string("sata"));
        } else if (c.type == ControllerType::nvme || c.type == ControllerType::other) {
            w.dropped("controllers[].type", c.info.id, "proxmox-controller-type", fmt::format("{} '{}': Proxmox has no such controller", to_string(c.type), c.model));
        } else if (c.type == ControllerType::usb && c.model != "none") {
            w.defaulted("controllers[].type", c.info.id, "proxmox-controller-type", "USB controllers come with the machine");
            if (!c.model.empty()) w.approximated("controllers[].model", c.info.id, "proxmox-controller-model", fmt::format("USB '{}' becomes what the machine has", c.model));
        }
        const auto count = std::count_if(w.hardware().controllers.begin(), w.hardware().controllers.end(), [&](const Controller& other) { return other.type == c.type; });
        if (c.address && count == 1 && *c.address != 0 && c.type != ControllerType::ide)
            w.approximated("controllers[].address", c.info.id, "proxmox-controller-model", fmt::format("number {} became 0", *c.address));
        if (count > 1 && (c.type == ControllerType::scsi || c.type == ControllerType::sata) && c.address.value_or(0) != 0)
            w.approximated("controllers[].address", c.info.id, "proxmox-controller-model", "all drives of one kind share a controller");
    }
    if (!chosen.empty()) w.line("scsihw", chosen);
}

class Slots {
public:
    explicit Slots(Writer& w) : w_(w) {}

    /// `scsi3`; empty: no place is left.
    std::string place(const Drive& d) {
        std::string bus = w_.bus_of(d);
        const std::string said = bus;
        const bool known = capacity_of(bus) != 0;
        if (!known) bus = bus.empty() ? (d.kind == DriveKind::cdrom ? "ide" : "scsi") : "sata";
        if (d.kind == DriveKind::cdrom && bus == "virtio") bus = "ide";
        std::uint32_t wanted = d.unit.value_or(0);
        if (bus == "ide" && d.unit) {
            const Controller* c = w_.controller_of(d);
            if (c != nullptr && *d.unit < 2) wanted = channel_of(*c) * 2 + *d.unit;
        }
        const std::string first = bus;
        std::uint32_t at = wanted;
        if (!d.unit || at >= capacity_of(bus) || taken_.count({bus, at}) != 0) at = free(bus);
        for (const std::string_view other : {"sata", "scsi"})
            if (at >= capacity_of(bus)) {
                bus = other;
                at = free(bus);
            }
        if (at >= capacity_of(bus)) {
            w_.refuse("proxmox-drives-exceeded", fmt::format("VM '{}' has more drives than Proxmox has slots", w_.system.id));
            return {};
        }
        taken_.insert({bus, at});
        if (said.empty())
            w_.defaulted("drives[].interface", d.info.id, "proxmox-drive-bus", fmt::format("the source names no bus: {} is written", bus));
        else if (bus != said)
            w_.approximated(d.interface.empty() ? "drives[].controller" : "drives[].interface", d.info.id, "proxmox-drive-bus", fmt::format("{} becomes {}", said, bus));
        else if (d.unit && at != wanted)
            w_.approximated("drives[].unit", d.info.id, "proxmox-drive-bus", fmt::format("unit {} becomes {}{}", *d.unit, bus, at));
        return fmt::format("{}{}", bus, at);
    }

private:
    [[nodiscard]] std::uint32_t free(const std::string& bus) const {
        std::uint32_t n = 0;
        while (taken_.count({bus, n}) != 0) ++n;
        return n;
    }
    /// The channel of an IDE controller, by its number or its place among them.
    [[nodiscard]] std::uint32_t channel_of(const Controller& wanted) const {
        std::uint32_t n = 0;
        for (const Controller& c : w_.hardware().controllers) {
            if (&c == &wanted) return c.address ? *c.address % 2 : n % 2;
            if (c.type == ControllerType::ide) ++n;
        }
        return 0;
    }
    Writer& w_;
    std::set<std::pair<std::string, std::uint32_t>> taken_;
};

std::string size_text(std::uint64_t bytes) {
    if (bytes % (1024 * mib) == 0) return fmt::format("{}G", bytes / (1024 * mib));
    if (bytes % mib == 0) return fmt::format("{}M", bytes / mib);
    return bytes % 1024 == 0 ? fmt::format("{}K", bytes / 1024) : std::to_string(bytes);
}

/// STORAGE:VOLUME; a Proxmox source keeps its own.
std::string volume_of(Writer& w, const Drive& d, std::size_t index) {
    const bool own = w.envelope.dialect == "proxmox" && !d.source.empty() && is_part(d.source) && d.source.front() != '-';
    if (own) return d.source;
    if (d.kind == DriveKind::cdrom) {
        const FileReference* file = find_id(w.envelope.files, d.file_id);
        if (d.source.empty() && file == nullptr) return "none";
        const std::string name = file_name(last_part(file != nullptr ? file->href : d.source));
        w.approximated(file != nullptr ? "files[].href" : "drives[].source", file != nullptr ? file->id : d.info.id, "proxmox-volume-import",
                       fmt::format("put the image at {}:iso/{}", w.storage, name));
        return fmt::format("{}:iso/{}", w.storage, name);
    }
    const Image image = w.image_of(d, ".", std::to_string(index));
    const std::string volume = fmt::format("{}:vm-{}-disk-{}", w.storage, w.vmid, index);
    if (!image.blank)
        w.defaulted(d.disk_id.empty() ? "drives[].source" : "drives[].disk_id", d.info.id, "proxmox-volume-import",
                    fmt::format("{} has to become the volume {}: qm disk import", image.path, volume));
    return volume;
}

void write_drive(Writer& w, Slots& slots, std::size_t index) {
    const Drive& d = w.hardware().drives[index];
    if (d.kind == DriveKind::floppy) {
        w.dropped("drives[].kind", d.info.id, "proxmox-floppy-unsupported", "Proxmox has no floppy drives");
        w.drive_keys.emplace_back();
        return;
    }
    const std::string key = slots.place(d);
    w.drive_keys.push_back(key);
    if (key.empty()) return;
    Parts parts{{"", volume_of(w, d, index)}};
    if (d.kind == DriveKind::cdrom) parts.emplace_back("media", "cdrom");
    static const std::set<std::string_view> caches{"none", "writethrough", "writeback", "directsync", "unsafe"};
    if (caches.count(d.cache) != 0)
        parts.emplace_back("cache", d.cache);
    else if (!d.cache.empty())
        w.dropped("drives[].cache", d.info.id, "proxmox-drive-access", fmt::format("'{}' is no cache mode", d.cache));
    if (d.discard == "unmap" || d.discard == "ignore")
        parts.emplace_back("discard", d.discard == "unmap" ? "on" : "ignore");
    else if (!d.discard.empty())
        w.dropped("drives[].discard", d.info.id, "proxmox-drive-access", fmt::format("'{}' is no discard mode", d.discard));
    const bool scsi_like = key.starts_with("scsi") || key.starts_with("virtio");
    if (d.read_only.value_or(false) && d.kind == DriveKind::disk) {
        if (scsi_like)
            parts.emplace_back("ro", "1");
        else
            w.dropped("drives[].read_only", d.info.id, "proxmox-drive-access", "only SCSI and virtio disks can be read-only");
    }
    if (d.kind == DriveKind::cdrom && d.read_only == false) w.dropped("drives[].read_only", d.info.id, "proxmox-drive-access", "a CD drive is always read-only");
    if (d.transient.value_or(false)) parts.emplace_back("snapshot", "1");
    if (d.shareable.value_or(false)) parts.emplace_back("shared", "1");
    if (d.connected == false) w.dropped("drives[].connected", d.info.id, "proxmox-drive-access", "a drive is connected from the start");
    if (only_word_characters(d.serial, "_.-") && d.serial.size() <= 20)
        parts.emplace_back("serial", d.serial);
    else if (!d.serial.empty())
        w.dropped("drives[].serial", d.info.id, "proxmox-drive-access", fmt::format("'{}' is no serial number of 20 plain characters", d.serial));
    if (const VirtualDisk* disk = find_id(w.envelope.disks, d.disk_id); disk != nullptr && disk->capacity_bytes)
        parts.emplace_back("size", size_text(*disk->capacity_bytes));
    for (const Parameter& p : d.info.parameters)
        if (p.space == "proxmox" && w.envelope.dialect == "proxmox" && is_word(p.key) && is_part(p.value))
            parts.emplace_back(p.key, p.value);
        else if (p.space == "proxmox")
            w.dropped("drives[].info.parameters[proxmox]", p.key, "proxmox-parameter-untrusted", fmt::format("{}={}", p.key, p.value));
    w.line(key, joined(parts));
    w.id(d.info.id, key);
}

}  // namespace

void write_drives(Writer& w) {
    write_adapter(w);
    Slots slots(w);
    for (std::size_t i = 0; i < w.hardware().drives.size(); ++i) write_drive(w, slots, i);
}

}  // namespace ovfkit::detail::proxmox
