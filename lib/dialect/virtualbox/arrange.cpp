#include "dialect/virtualbox/arrange.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"
#include "dialect/virtualbox/words.hpp"
#include "model/fields.hpp"

namespace ovfkit::detail::virtualbox {

namespace {

constexpr std::string_view default_format =
    "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";

template <class List>
const typename List::value_type* find_in(const List& list, std::string_view key) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& x) { return key_of(x) == key; });
    return found == list.end() ? nullptr : &*found;
}

/// Whether drives of that kind may hang on it.
bool carries_drives(const Controller& controller, DriveKind kind) {
    switch (controller.type) {
        case ControllerType::ide:
        case ControllerType::sata:
        case ControllerType::scsi:
            return true;
        case ControllerType::nvme:
            return kind == DriveKind::disk;  // VirtualBox has no CD drive there
        default:
            return false;
    }
}

class Arranger {
public:
    Arranger(const VirtualSystem& have, VirtualSystem& system, std::vector<VirtualDisk>& disks,
             std::vector<LossNote>& notes)
        : have_(have.hardware), h_(system.hardware), disks_(disks), notes_(notes) {}

    void run() {
        arrange_memory();
        for (Controller& controller : h_.controllers) arrange(controller);
        for (Drive& drive : h_.drives)
            if (drive.kind != DriveKind::floppy && is_changed(have_.drives, drive)) arrange(drive);
        for (OtherDevice& device : h_.others)
            if (is_changed(have_.others, device)) arrange(device);
    }

private:
    template <class Device>
    static bool is_changed(const std::vector<Device>& have, const Device& device) {
        const Device* before = find_in(have, device.info.id);
        return before == nullptr || !(*before == device);
    }

    void note(std::string field, std::string id, Fate fate, std::string rule, std::string detail) {
        notes_.push_back({std::move(field), std::move(id), fate, std::move(rule), std::move(detail)});
    }

    void arrange_memory() {
        const auto whole = [&](std::optional<std::uint64_t> Memory::*member, std::string_view name, bool up) {
            std::optional<std::uint64_t>& value = h_.memory.*member;
            if (!value || *value % mebi == 0 || value == have_.memory.*member) return;
            const std::uint64_t before = *value;
            value = (before / mebi + (up ? 1 : 0)) * mebi;
            note(fmt::format("memory.{}", name), "", Fate::approximated, "virtualbox-memory-rounded",
                 fmt::format("{} bytes became {} MB", before, *value / mebi));
        };
        whole(&Memory::boot_bytes, "boot_bytes", true);
        whole(&Memory::guaranteed_bytes, "guaranteed_bytes", true);
        whole(&Memory::maximum_bytes, "maximum_bytes", true);
    }

    /// ResourceType 20 has three sub-types and no more.
    void arrange(Controller& controller) {
        const std::string_view word = controller.type == ControllerType::sata   ? "ahci"
                                      : controller.type == ControllerType::nvme ? "nvme"
                                                                                : "";
        if (word.empty() || controller.model.empty() || controller.model == word ||
            !is_changed(have_.controllers, controller))
            return;
        note("controllers[].model", controller.info.id, Fate::approximated, "virtualbox-controller-model",
             fmt::format("'{}' became {}", printable(controller.model, 60), word));
        controller.model = std::string(word);
    }

    /// A hard disk is a Disk of DiskSection.
    void give_disk(Drive& drive) {
        VirtualDisk disk;
        disk.id = "disk-" + (drive.file_id.empty() ? std::to_string(disks_.size() + 1) : drive.file_id);
        while (find_in(disks_, disk.id) != nullptr) disk.id += "x";
        disk.file_id = drive.file_id;
        disk.format = std::string(default_format);
        disk.capacity_bytes = 0;
        note(drive.file_id.empty() ? "drives[].disk_id" : "drives[].file_id", drive.info.id,
             drive.file_id.empty() ? Fate::defaulted : Fate::approximated, "virtualbox-disk-defaulted",
             fmt::format("VirtualBox takes no hard disk without a Disk: '{}' is added; its size is not known and "
                         "written as 0",
                         printable(disk.id, 60)));
        drive.disk_id = disk.id;
        drive.file_id.clear();
        disks_.push_back(std::move(disk));
    }

    void arrange(Drive& drive) {
        if (drive.kind == DriveKind::disk && drive.disk_id.empty()) give_disk(drive);
        const Controller* named_one = find_in(h_.controllers, drive.controller);
        if (named_one != nullptr && carries_drives(*named_one, drive.kind)) return;
        const Controller& controller = controller_for(drive);
        note("drives[].controller", drive.info.id, drive.controller.empty() ? Fate::defaulted : Fate::approximated,
             "virtualbox-controller-added",
             fmt::format("{} is put on controller '{}': VirtualBox takes no drive without an IDE, SATA, SCSI or NVMe "
                         "controller",
                         to_string(drive.kind), printable(controller.info.id, 60)));
        drive.controller = controller.info.id;
        drive.unit = free_unit(controller, drive);
    }

    /// Of the wanted kind where the interface says one; SATA where it does not: every guest has a driver for it.
    const Controller& controller_for(const Drive& drive) {
        const ControllerType type = drive.interface == "ide"    ? ControllerType::ide
                                    : drive.interface == "scsi" ? ControllerType::scsi
                                    : drive.interface == "nvme" && drive.kind == DriveKind::disk ? ControllerType::nvme
                                                                                                 : ControllerType::sata;
        for (const Controller& controller : h_.controllers)
            if (controller.type == type && (type != ControllerType::ide || ide_units(controller) < 4))
                return controller;
        Controller added;
        added.info.id = fmt::format("controller:{}:{}", to_string(type), h_.controllers.size());
        added.type = type;
        added.model = type == ControllerType::ide    ? "piix4"
                      : type == ControllerType::sata ? "ahci"
                      : type == ControllerType::nvme ? "nvme"
                                                     : "lsilogic";
        const auto same = [&](const Controller& c) { return c.type == type; };
        added.address = static_cast<std::uint32_t>(std::count_if(h_.controllers.begin(), h_.controllers.end(), same));
        h_.controllers.push_back(std::move(added));
        return h_.controllers.back();
    }

    std::size_t ide_units(const Controller& controller) const {
        return static_cast<std::size_t>(std::count_if(h_.drives.begin(), h_.drives.end(), [&](const Drive& d) {
            return d.controller == controller.info.id;
        }));
    }

    std::uint32_t free_unit(const Controller& controller, const Drive& drive) const {
        std::set<std::uint32_t> used;
        for (const Drive& other : h_.drives)
            if (&other != &drive && other.controller == controller.info.id && other.unit) used.insert(*other.unit);
        std::uint32_t unit = 0;
        while (used.count(unit) != 0 || (controller.type == ControllerType::scsi && unit == 7)) ++unit;
        return unit;
    }

    /// ResourceType 0 and storage that is no controller are refused in any case, what is not known unless it is
    /// optional.
    void arrange(OtherDevice& device) {
        if (device.resource_type == rt_zero || device.resource_type == rt_storage) {
            note("others[].resource_type", device.info.id, Fate::approximated, "virtualbox-device-optional",
                 fmt::format("ResourceType {} makes VirtualBox refuse the descriptor: 1 is written",
                             device.resource_type));
            device.resource_type = rt_other;
        }
        if (!device.required) return;
        note("others[].required", device.info.id, Fate::approximated, "virtualbox-device-optional",
             fmt::format("ResourceType {} is required, which VirtualBox refuses: it becomes optional",
                         device.resource_type));
        device.required = false;
    }

    const Hardware& have_;
    Hardware& h_;
    std::vector<VirtualDisk>& disks_;
    std::vector<LossNote>& notes_;
};

void arrange(VirtualDisk& disk, std::vector<LossNote>& notes) {
    const auto note = [&](std::string field, Fate fate, std::string rule, std::string detail) {
        notes.push_back({"disks[]." + field, disk.id, fate, std::move(rule), std::move(detail)});
    };
    if (!disk.capacity_property.empty() && disk.capacity_bytes) {
        note("capacity_property", Fate::dropped, "virtualbox-disk-property",
             fmt::format("the capacity is the property '{}': its value {} is written",
                         printable(disk.capacity_property, 60), *disk.capacity_bytes));
        disk.capacity_property.clear();
    }
    if (!disk.capacity_bytes) {
        note("capacity_bytes", Fate::defaulted, "virtualbox-disk-defaulted",
             "the capacity is not known: 0 is written, and VirtualBox takes it from the file");
        disk.capacity_bytes = 0;
    }
    if (disk.format.empty()) {
        note("format", Fate::defaulted, "virtualbox-disk-defaulted",
             "no format is said: streamOptimized VMDK is written, and the file has to be one");
        disk.format = std::string(default_format);
    }
}

}  // namespace

Envelope arranged(const Envelope& have, const Envelope& wanted, std::vector<LossNote>& notes) {
    Envelope out = wanted;
    for (VirtualDisk& disk : out.disks)
        if (find_in(have.disks, disk.id) == nullptr) arrange(disk, notes);
    static const VirtualSystem none{};
    for (VirtualSystem& system : out.systems) {
        const VirtualSystem* before = find_in(have.systems, system.id);
        Arranger(before != nullptr ? *before : none, system, out.disks, notes).run();
    }
    return out;
}

}  // namespace ovfkit::detail::virtualbox
