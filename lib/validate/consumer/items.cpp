#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// Devices that consumers refuse or pass over.
namespace ovfkit::detail {

namespace {

bool is_virtualbox_storage(std::string_view sub_type) {
    for (const std::string_view known : {"AHCI", "VirtioSCSI", "NVMe", "vmware.sata.ahci"})
        if (equal_nocase(sub_type, known)) return true;
    return false;
}

bool is_virtualbox_controller(const CheckedItem* item) { return item != nullptr && (item->is(rt_ide) || item->is(rt_scsi) || item->is(rt_storage)); }

void check_type(const CheckedItem& item, const std::string& id, Findings& findings) {
    const Element where = item.item.get(Rasd::ResourceType);
    if (item.is(0)) findings.add("import-item-type-zero", where, fmt::format("Item '{}' is of ResourceType 0", id));
    if (item.type && *item.type >= 32768 && item.item.required())
        findings.add("import-item-type-vendor", item.item.element, fmt::format("Item '{}' is of type {}, and required", id, *item.type));
    if (item.is(rt_sound) && item.item.required())
        findings.add("import-sound-required", item.item.element, fmt::format("sound card '{}' is required", id));
    if (item.is(rt_storage) && !is_virtualbox_storage(item.item.text(Rasd::ResourceSubType)))
        findings.add("import-storage-sub-type", item.item.element,
                     fmt::format("storage controller '{}' is a '{}'", id, printable(item.item.text(Rasd::ResourceSubType), 60)));
    if (item.item.kind != ItemKind::item)
        findings.add("import-item-newer", item.item.element, fmt::format("{} '{}' is not read by {}", item.item.element.qname(), id, findings.wanted("import-item-newer")));
}

void check_item(const CheckedItem& item, const CheckedHardware& hardware, Findings& findings) {
    const std::string id = printable(item.id(), 80);
    check_type(item, id, findings);
    if (!item.id().empty() && !to_number<std::uint32_t>(item.id()))
        findings.add("import-instance-number", item.item.get(Rasd::InstanceID), fmt::format("InstanceID '{}' is no number", id));
    if (item.is(rt_nic)) {
        findings.add("import-nics-ignored", item.item.element, fmt::format("network adapter '{}' is not imported", id));
        if (item.item.text(Rasd::ResourceSubType).empty() || item.item.text(Rasd::ElementName).empty())
            findings.add("import-nic-incomplete", item.item.element, fmt::format("network adapter '{}' has no ElementName or no ResourceSubType", id));
    }
    if (item.is_drive() && !item.is(rt_floppy) && !is_virtualbox_controller(hardware.find(item.item.text(Rasd::Parent))))
        findings.add("import-drive-parent", item.item.element, fmt::format("drive '{}' has no Parent that VirtualBox takes for a controller", id));
}

void check_settings(Element parent, Findings& findings) {
    for (Element child = parent.first(); child; child = child.next())
        if (child.is(Ns::vmw, "ExtraConfig"))
            findings.add("import-extra-config", child,
                         fmt::format("vmw:ExtraConfig '{}' needs consent", printable(trimmed(child.attribute_lax(Ns::vmw, "key").value()), 80)));
}

}  // namespace

void check_consumer_items(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems) {
        for (const CheckedHardware& hardware : system.hardware) {
            check_settings(hardware.element, findings);
            for (const CheckedItem& item : hardware.items) {
                check_item(item, hardware, findings);
                check_settings(item.item.element, findings);
            }
        }
        if (system.model != nullptr && system.model->hardware.firmware == Firmware::efi)
            findings.add("import-firmware-lost", system.parts.element, fmt::format("the VM needs EFI, which is lost in {}", findings.wanted("import-firmware-lost")));
    }
}

}  // namespace ovfkit::detail
