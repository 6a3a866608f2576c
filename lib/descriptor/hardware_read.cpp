#include <array>

#include <fmt/format.h>

#include "descriptor/boot_order.hpp"
#include "descriptor/hardware.hpp"
#include "descriptor/xen_items.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 5> system_carried{"id", "name", "annotation", "eulas", "parameters"};
constexpr std::array<std::string_view, 4> hardware_carried{"system_type", "transport", "firmware", "secure_boot"};

class Reader {
public:
    Reader(HardwareView& view, const DecodeContext& context, Hardware& hardware)
        : view_(view), context_(context), hardware_(hardware) {}

    void run() {
        for (std::size_t i = 0; i < view_.items.size(); ++i) read(i);
    }

private:
    void read(std::size_t index) {
        const EffectiveItem& item = view_.items[index];
        if (context_.style.xen_items) take_xen_constants(item);
        switch (const DeviceClass kind = class_of(item)) {
            case DeviceClass::cpu:
                if (adds_up(view_.cpu))
                    add(hardware_.cpu, decode_cpu(item, context_), index, view_.more_cpus);
                else if (is_first(view_.cpu, index, "ovf-cpu-several", "processor"))
                    hardware_.cpu = decode_cpu(item, context_);
                break;
            case DeviceClass::memory:
                if (adds_up(view_.memory))
                    add(hardware_.memory, decode_memory(item, context_), index, view_.more_memory);
                else if (is_first(view_.memory, index, "ovf-memory-several", "memory"))
                    hardware_.memory = decode_memory(item, context_);
                break;
            case DeviceClass::balloon:
                if (view_.balloon) {
                    report(context_.diagnostics, "balloon-duplicate", item.item.element,
                           "a second Item for the memory balloon; a VM has one: remove it", Failure::malformed);
                    break;
                }
                view_.balloon = index;
                hardware_.balloon = decode_balloon(item, context_);
                break;
            case DeviceClass::controller:
                hardware_.controllers.push_back(decode_controller(item, context_));
                break;
            case DeviceClass::drive:
                hardware_.drives.push_back(decode_drive(item, context_));
                break;
            case DeviceClass::nic:
                hardware_.nics.push_back(decode_nic(item, context_));
                break;
            case DeviceClass::serial:
                hardware_.serials.push_back(decode_character(item, context_));
                break;
            case DeviceClass::parallel:
                hardware_.parallels.push_back(decode_character(item, context_));
                break;
            case DeviceClass::video:
                hardware_.videos.push_back(decode_video(item, context_));
                break;
            case DeviceClass::graphics:
                hardware_.graphics.push_back(decode_graphics(item, context_));
                break;
            case DeviceClass::sound:
            case DeviceClass::watchdog:
            case DeviceClass::rng:
            case DeviceClass::tpm:
                simple(kind).push_back(decode_simple(item, context_));
                break;
            case DeviceClass::other:
                hardware_.others.push_back(decode_other(item, context_));
                break;
        }
    }

    [[nodiscard]] bool adds_up(const std::optional<std::size_t>& first) const {
        return first && context_.style.xen_items;
    }

    template <class Device>
    void add(Device& sum, const Device& further, std::size_t index, std::vector<std::size_t>& more) {
        more.push_back(index);
        if (!add_up(sum, further))
            report(context_.diagnostics, "ovf-limit-exceeded", view_.items[index].item.element,
                   "the Items add up to more than a VM may have", Failure::refused);
    }

    bool is_first(std::optional<std::size_t>& seen, std::size_t index, std::string_view rule, std::string_view what) {
        if (!seen) {
            seen = index;
            return true;
        }
        report(context_.diagnostics, rule, view_.items[index].item.element,
               fmt::format("a further {} Item, neither of another configuration nor a range; the first counts", what));
        return false;
    }

    std::vector<SimpleDevice>& simple(DeviceClass kind) {
        if (kind == DeviceClass::sound) return hardware_.sounds;
        if (kind == DeviceClass::watchdog) return hardware_.watchdogs;
        return kind == DeviceClass::rng ? hardware_.rngs : hardware_.tpms;
    }

    HardwareView& view_;
    const DecodeContext& context_;
    Hardware& hardware_;
};

void read_system_element(Element section, VirtualSystem& system) {
    const Element element = section.child_lax(Ns::ovf, "System");
    for (Element child = element.first(); child; child = child.next()) {
        const std::string_view name = child.local();
        if (name == "VirtualSystemType") {
            system.hardware.system_type = std::string(child.take());
        } else if (name == "InstanceID" || name == "InstanceId") {
            (void)child.take();  // of the section itself; nothing refers to it
        } else if (name == "VirtualSystemIdentifier") {
            const std::string_view text = trimmed(child.text());
            if (text == system.id || text == system.name) (void)child.take();
        }
    }
}

}  // namespace

ExtensionRows system_extension_rows(const VirtualSystem& system, bool nvram_elsewhere) {
    ExtensionRows rows;
    extension_rows(system, system_carried, rows);
    extension_rows(system.hardware, hardware_carried, rows);
    if (nvram_elsewhere)
        for (auto& [name, value] : rows)
            if (name == "nvramFileId") value.clear();
    return rows;
}

void read_system_extension(Element extension, VirtualSystem& system, Diagnostics& diagnostics) {
    if (!extension) return;
    read_extension(extension, system, system_carried, diagnostics);
    read_extension(extension, system.hardware, hardware_carried, diagnostics);
    read_parameters(extension, system.parameters);
}

HardwareView read_hardware(const SystemParts& parts, std::string_view configuration, const KnownIds& ids,
                           const Style& style, VirtualSystem& system, Diagnostics& diagnostics) {
    HardwareView view;
    view.section = parts.chosen;
    if (!view.section) return view;
    take_part(view.section);
    system.hardware.transport = std::string(trimmed(view.section.attribute_lax(Ns::ovf, "transport").take()));
    view.items = effective_items(view.section, configuration, diagnostics);
    const ItemIndex index(view.items);
    const DecodeContext context{diagnostics, index, ids, style};
    Reader(view, context, system.hardware).run();
    read_system_element(view.section, system);
    view.config = vmware_config(view.section, ids, view.balloon.has_value());
    read_vmware_config(view.section, view.config, system.hardware, system.parameters);
    read_system_extension(view.section.child(Ns::hardware, "Hardware"), system, diagnostics);
    if (!parts.boot_order.empty()) read_boot_order(parts, index, system.hardware);
    return view;
}

}  // namespace ovfkit::detail
