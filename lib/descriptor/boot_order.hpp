#pragma once

#include <string>
#include <vector>

#include "descriptor/hardware.hpp"

/// vmw:BootOrderSection, beside the hardware: one a disk, each with the InstanceID of its Item, in the order to boot.
namespace ovfkit::detail {

void read_boot_order(const SystemParts& parts, const ItemIndex& index, Hardware& hardware);

/// Where boot indexes stand before and after an update: in sections, or else in our own element of the Item.
struct BootOrder {
    bool changed = false;
    std::vector<std::string> before, now;  ///< ids of the drives that sections stand for
};
BootOrder boot_order_of(const SystemParts& parts, const HardwareView& view, const Hardware& have,
                        const Hardware& wanted, bool sections);

/// The hardware without the indexes that sections hold.
Hardware without_boot_indexes(const Hardware& hardware, const std::vector<std::string>& held);

/// `instance` is the text of the Item's InstanceID.
Fragment boot_order_section(const std::string& instance);

}  // namespace ovfkit::detail
