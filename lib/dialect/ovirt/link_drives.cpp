#include <algorithm>

#include "descriptor/values.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

std::vector<const Controller*> controllers_of(const Reading& r, ControllerType type, std::string_view model) {
    std::vector<const Controller*> out;
    for (const Controller& controller : r.hardware().controllers)
        if (controller.type == type && (model.empty() || controller.model == model)) out.push_back(&controller);
    return out;
}

std::string_view scsi_model(const Reading& r, const Drive& drive) {
    for (std::size_t i = 0; i < r.volumes.size(); ++i)
        if (r.envelope.disks[i].id == drive.disk_id)
            if (const DiskInterface* row =
                    disk_interface_from(trimmed(r.volumes[i].disk.attribute_lax(Ns::ovf, "disk-interface").value())))
                return row->model;
    return "virtio-scsi";
}

void link(Drive& drive, const Reading& r) {
    const std::string& address = drive.info.address;
    const bool cdrom = drive.kind == DriveKind::cdrom;
    if (drive.kind == DriveKind::floppy) {
        drive.interface = "fdc";
        return;
    }
    if (cdrom) drive.interface = std::string(cdrom_bus(r.hardware()));
    const bool placed = address_get(address, "type") == "drive";
    const auto unit = number_of(address_get(address, "unit"));
    const std::uint32_t bus = number_of(address_get(address, "bus")).value_or(0);
    std::uint32_t position = number_of(address_get(address, "controller")).value_or(0);
    const auto type = controller_type_from(drive.interface);
    if (!type || drive.interface == "virtio") return;
    const auto controllers =
        controllers_of(r, *type, *type == ControllerType::scsi && !cdrom ? scsi_model(r, drive) : std::string_view{});
    const bool ide = drive.interface == "ide" || (cdrom && bus == 1);
    std::uint32_t place = unit.value_or(0);
    if (ide) {
        if (controllers.size() > 1)
            position = bus;
        else
            place += bus * 2;
    }
    if (placed && unit && place <= max_unit) drive.unit = place;
    if (controllers.empty()) return;
    drive.controller = controllers[std::min<std::size_t>(position, controllers.size() - 1)]->info.id;
    drive.interface.clear();
}

}  // namespace

void link_drives(Reading& r) {
    for (const Drive& drive : r.hardware().drives) {
        if (drive.kind != DriveKind::disk || drive.interface != "scsi") continue;
        const std::string_view model = scsi_model(r, drive);
        if (!controllers_of(r, ControllerType::scsi, model).empty()) continue;
        Controller implied;
        implied.info.id = std::string(implied_scsi_id) + (model == "virtio-scsi" ? "" : ":" + std::string(model));
        implied.type = ControllerType::scsi;
        implied.model = std::string(model);
        r.hardware().controllers.push_back(std::move(implied));
    }
    for (Drive& drive : r.hardware().drives) link(drive, r);
}

}  // namespace ovfkit::detail::ovirt
