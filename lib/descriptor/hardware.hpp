#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/balloon.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/style.hpp"
#include "descriptor/vmware_config.hpp"

/// VirtualHardwareSection (DSP0243 8): read into the model, and edited from one state of it to another.
namespace ovfkit::detail {

/// The Items of a VM that became something of the model, with what it became.
struct HardwareView {
    Element section;
    std::vector<EffectiveItem> items;
    /// Index into `items`; nothing when the VM has none.
    std::optional<std::size_t> cpu, memory, balloon;
    /// Further processor or memory Items that add up.
    std::vector<std::size_t> more_cpus, more_memory;
    VmwareConfig config;
};

/// Reads parts.chosen into system.hardware and system.parameters, and the fields of `system` that ride in our own element.
HardwareView read_hardware(const SystemParts& parts, std::string_view configuration, const KnownIds& ids,
                           const Style& style, VirtualSystem& system, Diagnostics& diagnostics);

/// Edits from `have` (of read_hardware) to `wanted`; makes a missing section. An Item never moves: see update_list().
void update_hardware(Editing& editing, const SystemParts& parts, const HardwareView& view, const VirtualSystem& have,
                     const VirtualSystem& wanted, const Style& style);

/// Fields of VirtualSystem and Hardware that have a place of their own; the rest is in our element.
ExtensionRows system_extension_rows(const VirtualSystem& system, bool nvram_elsewhere);
void read_system_extension(Element extension, VirtualSystem& system, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
