#include "descriptor/boot_order.hpp"

#include <algorithm>
#include <map>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

std::string_view instance_of(Element section) {
    return trimmed(section.attribute_lax(Ns::vmw, "instanceId").value());
}

using Indexes = std::map<std::string_view, std::uint32_t>;

template <class Device>
void add_indexes(const std::vector<Device>& devices, Indexes& out) {
    for (const Device& device : devices)
        if (device.boot_index) out.emplace(device.info.id, *device.boot_index);
}

Indexes indexes_of(const Hardware& hardware) {
    Indexes out;
    add_indexes(hardware.drives, out);
    add_indexes(hardware.nics, out);
    return out;
}

/// The ids in their order; empty when sections cannot say it: only disks, numbered from 1 without a gap.
std::vector<std::string> order_of(const Hardware& hardware) {
    std::map<std::uint32_t, std::string> out;
    for (const Nic& nic : hardware.nics)
        if (nic.boot_index) return {};
    for (const Drive& drive : hardware.drives) {
        if (!drive.boot_index) continue;
        if (drive.kind != DriveKind::disk || drive.info.id.empty() || !out.emplace(*drive.boot_index, drive.info.id).second)
            return {};
    }
    if (out.empty() || out.begin()->first != 1 || out.rbegin()->first != out.size()) return {};
    std::vector<std::string> ids;
    for (const auto& [index, id] : out) ids.push_back(id);
    return ids;
}

}  // namespace

void read_boot_order(const SystemParts& parts, const ItemIndex& index, Hardware& hardware) {
    std::uint32_t position = 0;
    for (const Element& section : parts.boot_order) {
        const EffectiveItem* item = index.by_instance(instance_of(section));
        if (item == nullptr) continue;
        ++position;
        const auto set = [&](auto& devices, std::string_view type) {
            for (auto& device : devices) {
                if (device.info.id != item->id || device.boot_index) continue;
                device.boot_index = position;
                (void)section.attribute_lax(Ns::vmw, "instanceId").take();
                if (const Attribute word = section.attribute_lax(Ns::vmw, "type"); word.value() == type)
                    (void)word.take();
            }
        };
        set(hardware.drives, "disk");
        set(hardware.nics, "net");
    }
}

BootOrder boot_order_of(const SystemParts& parts, const HardwareView& view, const Hardware& have,
                        const Hardware& wanted, bool sections) {
    BootOrder out;
    out.changed = indexes_of(have) != indexes_of(wanted);
    if (!out.changed) return out;
    const ItemIndex index(view.items);
    for (const Element& section : parts.boot_order) {
        const EffectiveItem* item = index.by_instance(instance_of(section));
        if (item != nullptr && !extension_of(item->item, "Device").attribute_lax(Ns::hardware, "bootIndex"))
            out.before.push_back(item->id);
    }
    if (sections) out.now = order_of(wanted);
    return out;
}

Hardware without_boot_indexes(const Hardware& hardware, const std::vector<std::string>& held) {
    Hardware out = hardware;
    const auto clear = [&](auto& devices) {
        for (auto& device : devices)
            if (std::find(held.begin(), held.end(), device.info.id) != held.end()) device.boot_index.reset();
    };
    clear(out.drives);
    clear(out.nics);
    return out;
}

Fragment boot_order_section(const std::string& instance) {
    Fragment section;
    section.ns = Ns::vmw;
    section.local = "BootOrderSection";
    section.attributes.push_back({Ns::ovf, "required", "false"});
    section.attributes.push_back({Ns::vmw, "instanceId", instance});
    section.attributes.push_back({Ns::vmw, "type", "disk"});
    section.children.push_back(text_fragment(Ns::ovf, "Info", "Boot order of the disks"));
    return section;
}

}  // namespace ovfkit::detail
