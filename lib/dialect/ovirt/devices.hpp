#pragma once

#include <vector>

#include "dialect/ovirt/disks.hpp"

/// Items into devices.
namespace ovfkit::detail::ovirt {

/// Every device but the balloon and the disks without an Item. `volumes` are those of `envelope.disks`.
void read_devices(const std::vector<ItemRef>& items, const std::vector<Volume>& volumes, const Envelope& envelope,
                  const Form& form, std::string_view display, VirtualSystem& system, Diagnostics& diagnostics);

/// Ids of devices the engine adds by itself, so that the model must have them although no Item stands for them.
inline constexpr std::string_view implied_scsi_id = "ovirt:virtio-scsi";
inline constexpr std::string_view implied_graphics_id = "ovirt:graphics";

}  // namespace ovfkit::detail::ovirt
