#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/virtualbox/machine_write.hpp"
#include "dialect/virtualbox/words.hpp"

// Storage controllers of vbox:Machine. The two IDE channels, two Items of OVF, are one controller here.
namespace ovfkit::detail::virtualbox {

namespace {

struct Attached {
    DriveKind kind = DriveKind::disk;
    std::uint32_t port = 0, device = 0;
    std::string uuid;
    friend bool operator==(const Attached&, const Attached&) = default;
};

struct Planned {
    std::string_view name;
    std::string type;
    std::uint32_t ports = 1;
    std::vector<Attached> devices;
    friend bool operator==(const Planned&, const Planned&) = default;
};

std::string_view type_of(const Controller& controller) {
    switch (controller.type) {
        case ControllerType::ide:
            return to_settings(Words::storage, controller.model).value_or("PIIX4");
        case ControllerType::sata:
            return "AHCI";
        case ControllerType::scsi:
            return to_settings(Words::storage, controller.model).value_or("LsiLogic");
        case ControllerType::nvme:
            return "NVMe";
        case ControllerType::floppy:
            return "I82078";
        default:
            return {};
    }
}

std::string_view name_of(std::string_view type) {
    if (type == "AHCI") return "SATA";
    if (type == "I82078") return "Floppy";
    if (type == "NVMe" || type == "VirtioSCSI") return type;
    if (type == "LsiLogicSas") return "SAS";
    return type == "LsiLogic" || type == "BusLogic" ? "SCSI" : "IDE";
}

/// Where the drives of a VM go.
class Plan {
public:
    Plan(const Hardware& hardware, const std::vector<DiskUuid>& disks) : h_(hardware), disks_(disks) {}

    std::vector<Planned> run() {
        const auto ide = [](const Controller& c) { return c.type == ControllerType::ide; };
        two_channels_ = std::count_if(h_.controllers.begin(), h_.controllers.end(), ide) > 1;
        std::uint32_t channel = 0;
        for (const Controller& controller : h_.controllers) {
            if (ide(controller)) {
                const std::size_t at = planned(type_of(controller), true);
                out_[at].ports = 2;
                add_drives(controller, at, channel++);
            } else if (!type_of(controller).empty() && controller.type != ControllerType::floppy) {
                const std::string type(type_of(controller));
                add_drives(controller, planned(type, type == "AHCI"), 0);
            }
        }
        for (const Drive& drive : h_.drives)
            if (drive.kind == DriveKind::floppy) {
                const std::size_t at = planned("I82078", true);
                const auto device = static_cast<std::uint32_t>(out_[at].devices.size());
                if (device < 2) add(at, drive, 0, device);
            }
        return std::move(out_);
    }

private:
    /// IDE, SATA and floppy: VirtualBox has one controller of each.
    std::size_t planned(std::string_view type, bool single) {
        const std::string_view name = name_of(type);
        if (single)
            for (std::size_t i = 0; i < out_.size(); ++i)
                if (out_[i].name == name) return i;
        out_.push_back({name, std::string(type), 1, {}});
        return out_.size() - 1;
    }

    void add_drives(const Controller& controller, std::size_t at, std::uint32_t channel) {
        std::uint32_t next = 0;
        for (const Drive& drive : h_.drives) {
            if (drive.kind == DriveKind::floppy || drive.controller != controller.info.id) continue;
            const std::uint32_t unit = drive.unit.value_or(next);
            next = std::max(next, unit + 1);
            if (controller.type != ControllerType::ide) {
                add(at, drive, unit, 0);
            } else if (const std::uint32_t whole = two_channels_ ? channel * 2 + unit : unit; whole < 4) {
                add(at, drive, whole / 2, whole % 2);
            }
        }
    }

    void add(std::size_t at, const Drive& drive, std::uint32_t port, std::uint32_t device) {
        Attached attached{drive.kind, port, device, {}};
        if (!drive.disk_id.empty()) attached.uuid = disk_uuid(disks_, drive.disk_id);
        const auto taken = [&](const Attached& other) { return other.port == port && other.device == device; };
        if (std::any_of(out_[at].devices.begin(), out_[at].devices.end(), taken)) return;
        out_[at].ports = std::max(out_[at].ports, port + 1);
        out_[at].devices.push_back(std::move(attached));
    }

    const Hardware& h_;
    const std::vector<DiskUuid>& disks_;
    std::vector<Planned> out_;
    bool two_channels_ = false;
};

std::string_view kind_word(DriveKind kind) {
    return kind == DriveKind::floppy ? "Floppy" : kind == DriveKind::cdrom ? "DVD" : "HardDisk";
}

std::string uuid_in(Element attached) {
    return normal_uuid(named(attached, "Image").attribute_lax(Ns::vbox, "uuid").value());
}

/// The attributes of `element` that `out` does not have yet.
void keep_attributes(Element element, Fragment& out) {
    if (!element) return;
    for (const Attribute& attribute : element.attributes()) {
        const auto same = [&](const Fragment::Attr& a) { return a.local == attribute.local(); };
        if (std::none_of(out.attributes.begin(), out.attributes.end(), same))
            out.attributes.push_back({attribute.ns(element.raw()), std::string(attribute.local()),
                                      std::string(attribute.value())});
    }
}

class Rebuild {
public:
    explicit Rebuild(Element old) {
        for (Element controller = old.first(); controller; controller = controller.next())
            if (controller.local() == "StorageController") controllers_.push_back(controller);
    }

    Fragment run(const std::vector<Planned>& plan) {
        Fragment out = setting_fragment("StorageControllers", {});
        for (const Planned& planned : plan) out.children.push_back(controller(planned));
        return out;
    }

private:
    Fragment controller(const Planned& planned) {
        const Element old = take(planned.type);
        const std::string name = old ? std::string(old.attribute_lax(Ns::vbox, "name").value())
                                     : unique(std::string(planned.name));
        Fragment out = setting_fragment(
            "StorageController", {{"name", name}, {"type", planned.type}, {"PortCount", std::to_string(planned.ports)}});
        keep_attributes(old, out);
        if (!old) out.attributes.push_back({Ns::none, "Bootable", "true"});
        for (const Attached& attached : planned.devices) out.children.push_back(device(attached));
        return out;
    }

    Fragment device(const Attached& attached) {
        Fragment out = setting_fragment("AttachedDevice", {{"type", std::string(kind_word(attached.kind))},
                                                           {"port", std::to_string(attached.port)},
                                                           {"device", std::to_string(attached.device)}});
        keep_attributes(find(attached), out);
        if (!attached.uuid.empty())
            out.children.push_back(setting_fragment("Image", {{"uuid", "{" + attached.uuid + "}"}}));
        return out;
    }

    /// The device of the same image, or the next one of that kind without an image.
    Element find(const Attached& attached) {
        for (const Element& controller : controllers_)
            for (Element device = controller.first(); device; device = device.next()) {
                if (device.local() != "AttachedDevice" || uuid_in(device) != attached.uuid ||
                    device.attribute_lax(Ns::vbox, "type").value() != kind_word(attached.kind) ||
                    std::find(used_.begin(), used_.end(), device) != used_.end())
                    continue;
                used_.push_back(device);
                return device;
            }
        return {};
    }

    Element take(std::string_view type) {
        for (const Element& controller : controllers_)
            if (controller.attribute_lax(Ns::vbox, "type").value() == type &&
                std::find(used_.begin(), used_.end(), controller) == used_.end()) {
                used_.push_back(controller);
                return controller;
            }
        return {};
    }

    std::string unique(const std::string& name) {
        std::string out = name;
        for (int n = 2; std::find(names_.begin(), names_.end(), out) != names_.end(); ++n)
            out = fmt::format("{} {}", name, n);
        names_.push_back(out);
        return out;
    }

    std::vector<Element> controllers_, used_;
    std::vector<std::string> names_;
};

}  // namespace

std::string disk_uuid(const std::vector<DiskUuid>& disks, std::string_view disk_id) {
    for (const DiskUuid& disk : disks)
        if (disk.disk_id == disk_id && !disk.uuid.empty()) return disk.uuid;
    return made_uuid("disk", disk_id);
}

void write_storage(Editing& editing, const Machine& machine, const VirtualSystem& have, const VirtualSystem& wanted) {
    const std::vector<DiskUuid> disks = disk_uuids(editing.document);
    const std::vector<Planned> now = Plan(wanted.hardware, disks).run();
    const bool fresh = !machine.hardware;
    if (!fresh && Plan(have.hardware, disks).run() == now) return;
    for (const DiskUuid& disk : disks) {
        const auto uses = [&](const Drive& drive) { return drive.disk_id == disk.disk_id; };
        if (disk.uuid.empty() && std::any_of(wanted.hardware.drives.begin(), wanted.hardware.drives.end(), uses))
            editing.document.set_attribute(disk.disk, Ns::vbox, "uuid", made_uuid("disk", disk.disk_id));
    }
    const Element old = storage_controllers(machine.element);
    const Fragment all = Rebuild(old).run(now);
    if (!old) return editing.document.append(machine.element, all);
    editing.document.insert_after(old, all);
    editing.document.erase(old);
}

}  // namespace ovfkit::detail::virtualbox
