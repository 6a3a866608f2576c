#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ovfkit/model.hpp>

/// Where each drive sits. libvirt guesses controllers and units from target names and guesses wrong, so every
/// controller and every address is decided here and written out.
namespace ovfkit::detail::libvirt {

struct Writer;

struct ControllerPlan {
    std::string type;  ///< `ide sata scsi nvme usb virtio-serial`
    std::uint32_t index = 0;
    std::string model;
    const Controller* source = nullptr;        ///< nullptr: one that had to be added
    std::optional<std::uint32_t> master_port;  ///< of an ich9 companion
};

struct DrivePlan {
    const Drive* drive = nullptr;
    std::string bus;     ///< `ide sata scsi virtio usb fdc nvme xen`
    std::string target;  ///< unique over all buses
    bool addressed = false;
    std::uint32_t controller = 0, address_bus = 0, address_target = 0, address_unit = 0;
    std::optional<std::uint32_t> boot_order;
};

struct Layout {
    std::vector<ControllerPlan> controllers;
    std::vector<DrivePlan> drives;                  ///< in the order of the model
    std::map<std::size_t, std::uint32_t> nic_boot;  ///< by position of the NIC
};

/// The id read() gives it.
std::string controller_id(const ControllerPlan& plan);
/// Fills w.layout; notes what is moved, refuses what has no place.
void plan_layout(Writer& w);
/// Boot orders: the devices' own, else the boot classes, else disks and then CD drives.
void plan_boot(Writer& w);

}  // namespace ovfkit::detail::libvirt
