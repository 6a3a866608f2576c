#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// vbox:Machine: the settings file of a VM inside its VirtualSystem. Where there is one VirtualBox reads nothing else.
namespace ovfkit::detail::virtualbox {

/// What it says, in the model's words. A device of a list stands beside its element; its id is `vbox:CLASS:N`.
struct Machine {
    Element element;   ///< invalid: the VM has none
    Element hardware;  ///< invalid: it is still to be filled
    VirtualSystem says;
    std::vector<Element> adapters, serials, parallels;
    std::optional<std::uint64_t> balloon_bytes;  ///< taken from the guest; more than 0
    bool old_usb = false;                        ///< `USBController`, before 4.3
};

/// The first child of that name, whatever its namespace: real files leave it to the envelope's.
Element named(Element parent, std::string_view local);
Element machine_element(Element system);
/// `Hardware/NAME`, or `Platform/NAME` since settings 1.20.
Element hardware_part(Element hardware, std::string_view local);
Element storage_controllers(Element machine);

/// `plain` is what the rest of the VirtualSystem says. Reports `virtualbox-number-invalid`, `virtualbox-word-unknown`,
/// `virtualbox-slot-invalid`, `virtualbox-slot-duplicate`.
Machine read_machine(Element element, const VirtualSystem& plain, Diagnostics& diagnostics);

/// vbox:uuid of every Disk, without brackets.
struct DiskUuid {
    std::string disk_id, uuid;
    Element disk;
};
std::vector<DiskUuid> disk_uuids(const XmlDocument& document);
/// Images of vbox:Machine and Disks that drives use are the same: `virtualbox-image-dangling`, `virtualbox-machine-conflict`.
void check_images(Element machine, const std::vector<DiskUuid>& disks, const VirtualSystem& system,
                  Diagnostics& diagnostics);

/// Settings without a field in the model: parameters of the space `vbox`.
struct Setting {
    std::string_view key, parent, element, attribute;
};
inline constexpr std::array settings{Setting{"cpu.pae", "CPU", "PAE", "enabled"},
                                     Setting{"cpu.longMode", "CPU", "LongMode", "enabled"},
                                     Setting{"memory.pageFusion", "", "Memory", "PageFusion"},
                                     Setting{"paravirt", "", "Paravirt", "provider"},
                                     Setting{"hpet", "", "HPET", "enabled"},
                                     Setting{"acpi", "BIOS", "ACPI", "enabled"},
                                     Setting{"ioapic", "BIOS", "IOAPIC", "enabled"}};
inline constexpr std::string_view setting_space = "vbox";

}  // namespace ovfkit::detail::virtualbox
