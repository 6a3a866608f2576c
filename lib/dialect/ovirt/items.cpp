#include "dialect/ovirt/items.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

/// Children of an Item that are structure or have their own meaning; never made parameters.
bool is_structural(std::string_view local) {
    return local == "SpecParams" || local == "InstanceId" || local == "InstanceID";
}

/// pci, virtio-serial and the like have no neutral word; they are kept as other devices.
bool is_drive_controller(std::string_view device) {
    constexpr std::array<std::string_view, 6> known{"ide", "sata", "scsi", "virtio-scsi", "spapr-vscsi", "usb"};
    return std::find(known.begin(), known.end(), device) != known.end();
}

Kind kind_of_device(const ItemRef& ref) {
    const std::string type = to_lower(ref.type);
    if (type == "controller") return is_drive_controller(ref.device) ? Kind::controller : Kind::other;
    if (type == "console") return Kind::serial;
    if (type == "sound") return Kind::sound;
    if (type == "watchdog") return Kind::watchdog;
    if (type == "rng") return Kind::rng;
    if (type == "tpm") return Kind::tpm;
    return Kind::other;
}

bool is_balloon(const ItemRef& ref) {
    return equal_nocase(ref.type, "balloon") || equal_nocase(ref.device, "memballoon");
}

Kind kind_of(const ItemRef& ref, bool has_type_number) {
    if (is_balloon(ref)) return Kind::balloon;
    if (!has_type_number) return Kind::other;
    switch (ref.resource_type) {
        case 0:
            return kind_of_device(ref);
        case 3:
            return Kind::cpu;
        case 4:
            return Kind::memory;
        case 10:
            return Kind::nic;
        case 14:
            return Kind::floppy;
        case 15:
            return Kind::cdrom;
        case 17:
            return Kind::disk;
        case 23:
            return ref.item.extra(Ns::rasd, "UsbPolicy") ? Kind::usb_policy : Kind::other;
        default:
            break;
    }
    if (is_video(ref.resource_type)) return Kind::video;
    if (is_graphics(ref.resource_type)) return Kind::graphics;
    return Kind::other;
}

/// What the engine writes into Type and Device of such an Item. Empty: the word is the device's own, and the model
/// has it.
struct Words {
    std::string_view type, device;
};

Words words_of(const ItemRef& ref) {
    switch (ref.kind) {
        case Kind::disk:
            return {"disk", "disk"};
        case Kind::cdrom:
            return {"disk", "cdrom"};
        case Kind::floppy:
            return {"disk", "floppy"};
        case Kind::nic:
            return {"interface", ref.item.text(Rasd::ResourceSubType) == "5" ? "hostdev" : "bridge"};
        case Kind::video:
            return {"video", {}};
        case Kind::graphics:
            return {"graphics", {}};
        case Kind::balloon:
            return {"balloon", "memballoon"};
        case Kind::controller:
            return {"controller", {}};
        case Kind::serial:
            return {"console", "console"};
        case Kind::sound:
            return {"sound", {}};
        case Kind::watchdog:
            return {"watchdog", "watchdog"};
        case Kind::rng:
            return {"rng", {}};
        case Kind::tpm:
            return {"tpm", "tpm"};
        default:
            return {};
    }
}

std::string text_of(const Item& item, std::string_view local) {
    return std::string(trimmed(item.extra(Ns::ovf, local).text()));
}

}  // namespace

bool is_video(std::uint32_t resource_type) { return resource_type == 20 || resource_type == 32768; }
bool is_graphics(std::uint32_t resource_type) { return resource_type == 26 || resource_type == 24; }

std::vector<ItemRef> scan_items(const SystemParts& parts) {
    std::vector<ItemRef> out;
    bool cpu = false, memory = false;
    for (const Element& hardware : parts.hardware) {
        for (Element child = hardware.first(); child; child = child.next()) {
            if (!is_item(child)) continue;
            ItemRef ref;
            ref.item = read_item(child);
            ref.type = text_of(ref.item, "Type");
            ref.device = text_of(ref.item, "Device");
            const auto number = to_number<std::uint32_t>(ref.item.text(Rasd::ResourceType));
            ref.resource_type = number.value_or(0);
            ref.kind = kind_of(ref, number.has_value());
            if (ref.kind == Kind::cpu && std::exchange(cpu, true)) ref.kind = Kind::surplus;
            if (ref.kind == Kind::memory && std::exchange(memory, true)) ref.kind = Kind::surplus;
            out.push_back(std::move(ref));
        }
    }
    return out;
}

ItemView::ItemView(const ItemRef& ref) : ref_(ref) {
    for (Element child = element().first(); child; child = child.next()) {
        if (child.local() == "SpecParams")
            collect(child, {});
        else
            rest_.push_back(child);
    }
}

void ItemView::collect(Element parent, const std::string& prefix) {
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string path = prefix + std::string(child.local());
        if (child.first())
            collect(child, path + "/");
        else
            spec_.emplace_back(path, child);
    }
}

Element ItemView::find(std::string_view local) const {
    const auto found = std::find_if(rest_.begin(), rest_.end(), [&](const Element& e) { return e.local() == local; });
    return found == rest_.end() ? Element{} : *found;
}

std::string_view ItemView::look(std::string_view local) const { return trimmed(find(local).text()); }

std::string_view ItemView::take(std::string_view local) {
    const auto found = std::find_if(rest_.begin(), rest_.end(), [&](const Element& e) { return e.local() == local; });
    if (found == rest_.end()) return {};
    const Element element = *found;
    rest_.erase(found);
    return element.take();
}

void ItemView::take_if(std::string_view local, std::string_view value) {
    if (look(local) == value) (void)take(local);
}

void ItemView::leave(std::string_view local) {
    std::erase_if(rest_, [&](const Element& e) { return e.local() == local; });
}

void ItemView::take_words() {
    const Words usual = words_of(ref_);
    const auto settle = [this](std::string_view name, bool same) {
        if (same)
            (void)take(name);
        else
            leave(name);
    };
    settle("Type", usual.type.empty() || ref_.type.empty() || equal_nocase(ref_.type, usual.type));
    settle("Device", usual.device.empty() || ref_.device.empty() || ref_.device == usual.device);
}

Element ItemView::find_spec(std::string_view path) const {
    const auto found = std::find_if(spec_.begin(), spec_.end(), [&](const auto& entry) { return entry.first == path; });
    return found == spec_.end() ? Element{} : found->second;
}

std::string_view ItemView::take_spec(std::string_view path) {
    const auto found = std::find_if(spec_.begin(), spec_.end(), [&](const auto& entry) { return entry.first == path; });
    if (found == spec_.end()) return {};
    const Element element = found->second;
    spec_.erase(found);
    return element.take();
}

DeviceInfo ItemView::finish(std::string_view caption, std::string_view description, bool read_only_default,
                            Diagnostics& diagnostics) {
    DeviceInfo info;
    info.origin.offset = element().offset();
    info.id = std::string(ref_.item.take(Rasd::InstanceID));
    (void)take("ResourceType");
    take_words();
    if (const auto text = take("Caption"); text != caption) info.caption = std::string(text);
    if (const auto text = take("Description"); text != description) info.description = std::string(text);
    if (info.name.empty()) info.name = std::string(take("ElementName"));
    const std::string_view alias = take("Alias");
    if (alias != "null") info.alias = std::string(alias);

    const std::string_view address = look("Address");
    if (const auto sorted = address_from(address)) {
        (void)take("Address");
        info.address = *sorted;
    } else {
        report(diagnostics, "ovirt-address-invalid", find("Address"),
               fmt::format("Address '{}' is no map like {{type=pci, slot=0x06, ...}}; it is left out",
                           printable(address, 80)));
        leave("Address");
    }
    const std::string_view plugged = look("IsPlugged");
    if (plugged.empty() || java_true(plugged)) (void)take("IsPlugged");
    const std::string_view read_only = look("IsReadOnly");
    if (read_only.empty() || java_true(read_only) == read_only_default) (void)take("IsReadOnly");
    take_if("BootOrder", "0");

    std::vector<std::string_view> seen;
    for (const Element& child : rest_) {
        const std::string_view local = child.local();
        if (is_structural(local) || child.first() || trimmed(child.text()).empty()) continue;
        if (std::find(seen.begin(), seen.end(), local) != seen.end())
            continue;  // a repeated one is named by the generic walk
        seen.push_back(local);
        add_parameter(info.parameters, (child.ns() == Ns::rasd ? "rasd:" : "") + std::string(local),
                      std::string(child.take()));
    }
    for (const auto& [path, child] : spec_)
        if (!trimmed(child.text()).empty())
            add_parameter(info.parameters, "SpecParams/" + path, std::string(child.take()));
    sort_parameters(info.parameters);
    return info;
}

const std::string* parameter(const std::vector<Parameter>& list, std::string_view key) {
    for (const Parameter& entry : list)
        if (entry.space == space && entry.key == key) return &entry.value;
    return nullptr;
}

void add_parameter(std::vector<Parameter>& list, std::string key, std::string value) {
    list.push_back({std::string(space), std::move(key), std::move(value)});
}

void sort_parameters(std::vector<Parameter>& list) {
    std::stable_sort(list.begin(), list.end(), [](const Parameter& a, const Parameter& b) { return a.key < b.key; });
}

}  // namespace ovfkit::detail::ovirt
