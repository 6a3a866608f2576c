#include <map>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// Controllers and the drives on them (DSP0243 8.3, rasd:Parent, rasd:Address, rasd:AddressOnParent).
namespace ovfkit::detail {

namespace {

/// The slots of a controller, and how many drives fit.
struct Bus {
    std::string_view name;
    std::uint32_t slots = 0, drives = 0;
    bool own_slot = false;  ///< SCSI: 7 is the controller
};

bool is_controller(const CheckedItem& item) {
    // Fibre Channel, iSCSI, USB and floppy controllers carry drives, too; type 1 and 20 are whatever their sub-type says.
    for (const std::uint32_t type : {rt_ide, rt_scsi, rt_storage, rt_usb, rt_other, rt_zero})
        if (item.is(type)) return true;
    return item.is(7) || item.is(8) || item.is(9) || item.is(13) || (item.type && *item.type >= 32768);
}

Bus bus_of(const CheckedItem& controller) {
    const std::string sub_type = to_lower(controller.item.text(Rasd::ResourceSubType));
    const auto has = [&](std::string_view word) { return sub_type.find(word) != std::string::npos; };
    if (controller.is(rt_ide)) return {"IDE", 2, 2, false};
    if (controller.is(rt_scsi)) {
        // Paravirtual, virtio and NVMe controllers have more slots than parallel SCSI.
        if (has("virtual") || has("virtio") || has("nvme")) return {"SCSI", 65, 64, false};
        return {"SCSI", 16, 15, true};
    }
    if (controller.is(rt_storage) && (has("ahci") || has("sata"))) return {"SATA", 30, 30, false};
    if (controller.is(rt_storage) && has("nvme.controller")) return {"NVMe", 64, 64, false};
    return {};
}

class Slots {
public:
    Slots(const Subject& subject, const CheckedHardware& hardware, Findings& findings)
        : subject_(subject), hardware_(hardware), findings_(findings) {}

    void run() {
        std::map<std::string, const CheckedItem*> addresses;
        for (const CheckedItem& item : hardware_.items) {
            if (!item.plain) continue;
            if (item.is(rt_ide) || item.is(rt_scsi)) check_address(item, addresses);
            if (item.is_drive()) check_drive(item);
        }
        for (const auto& [controller, count] : drives_) {
            const Bus bus = bus_of(*controller);
            if (bus.drives != 0 && count > bus.drives)
                findings_.add("ovf-controller-full", controller->item.element,
                              fmt::format("{} controller '{}' has {} drives and room for {}", bus.name, printable(controller->id(), 80), count, bus.drives));
        }
    }

private:
    void check_address(const CheckedItem& item, std::map<std::string, const CheckedItem*>& addresses) {
        const std::string_view address = item.item.text(Rasd::Address);
        if (address.empty()) return;
        if (!addresses.emplace(fmt::format("{} {}", *item.type, address), &item).second)
            findings_.add("ovf-controller-address-duplicate", item.item.get(Rasd::Address),
                          fmt::format("bus number {} is that of another controller of type {}, too", printable(address, 20), *item.type));
    }

    void check_drive(const CheckedItem& item) {
        const std::string id = printable(item.id(), 80);
        if (item.is(rt_disk) && item.item.text(Rasd::HostResource).empty() && !subject_.is_ovirt())
            findings_.add("ovf-drive-resource-missing", item.item.element, fmt::format("disk drive '{}' names no disk", id));
        const std::string_view parent = item.item.text(Rasd::Parent);
        if (parent.empty()) {
            // XenServer names the place in rasd:Connection.
            if (!item.is(rt_floppy) && !subject_.is_ovirt() && item.item.kind == ItemKind::item && !item.item.has(Rasd::Connection))
                findings_.add("ovf-drive-parent-missing", item.item.element, fmt::format("drive '{}' has no controller", id));
            return;
        }
        const CheckedItem* controller = hardware_.find(parent);
        if (controller == nullptr || !controller->type) return;  // the reader says so
        if (!is_controller(*controller))
            return findings_.add("ovf-drive-parent-kind", item.item.get(Rasd::Parent),
                                 fmt::format("Item '{}', the Parent of drive '{}', is of ResourceType {} and no controller", printable(parent, 80), id,
                                             *controller->type));
        check_slot(item, *controller);
    }

    void check_slot(const CheckedItem& item, const CheckedItem& controller) {
        ++drives_[&controller];
        const Element where = item.item.get(Rasd::AddressOnParent);
        const auto slot = to_number<std::uint32_t>(item.item.text(Rasd::AddressOnParent));
        if (!slot) return;
        const Bus bus = bus_of(controller);
        if (!taken_.emplace(&controller, *slot).second)
            findings_.add("ovf-slot-duplicate", where, fmt::format("slot {} of controller '{}' is taken", *slot, printable(controller.id(), 80)));
        if (bus.slots != 0 && *slot >= bus.slots)
            findings_.add("ovf-slot-range", where, fmt::format("a {} controller has the slots 0 to {}, not {}", bus.name, bus.slots - 1, *slot));
        if (bus.own_slot && *slot == 7)
            findings_.add("ovf-slot-reserved", where, "slot 7 of a SCSI controller is its own");
    }

    const Subject& subject_;
    const CheckedHardware& hardware_;
    Findings& findings_;
    std::map<const CheckedItem*, std::size_t> drives_;
    std::set<std::pair<const CheckedItem*, std::uint32_t>> taken_;
};

}  // namespace

void check_slots(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware) Slots(subject, hardware, findings).run();
}

}  // namespace ovfkit::detail
