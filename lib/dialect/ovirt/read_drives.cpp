#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/device_reader.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view no_date = "1970/01/01 00:00:00";

}  // namespace

void DeviceReader::bare_disks() {
    for (std::size_t i = 0; i < volumes_.size(); ++i) {
        if (!volumes_[i].leaf || volumes_[i].item != nullptr) continue;
        Drive drive;
        drive.info.id = envelope_.disks[i].id;
        drive.info.origin.offset = volumes_[i].disk.offset();
        drive.disk_id = envelope_.disks[i].id;
        read_drive_attributes(volumes_[i], drive, diagnostics_);
        take_boot(volumes_[i], drive);
        hardware_.drives.push_back(std::move(drive));
    }
}

void DeviceReader::finish() {
    boot_fallback();
    link_drives();
    if (hardware_.graphics.empty() && !display_.empty() && display_ != "4") {
        Graphics implied;
        implied.info.id = implied_graphics_id;
        implied.type = display_ == "1" || (display_ == "0" && form_.level > 300) ? "spice" : "vnc";
        hardware_.graphics.push_back(std::move(implied));
    }
}

const Volume* DeviceReader::volume_of(const ItemRef& ref) const {
    const auto found = std::find_if(volumes_.begin(), volumes_.end(), [&](const Volume& v) { return v.item == &ref; });
    return found == volumes_.end() ? nullptr : &*found;
}

bool DeviceReader::is_leaf(const ItemRef& ref) const {
    const Volume* volume = volume_of(ref);
    return volume == nullptr || volume->leaf;
}

void DeviceReader::parent_volume(const ItemRef& ref) {
    ItemView view(ref);
    for (const std::string_view name : {"ResourceType", "HostResource", "Type", "Device"}) (void)view.take(name);
    view.take_if("Parent", zero_uuid);
    view.take_if("Template", zero_uuid);
    (void)ref.item.take(Rasd::InstanceID);
    view.take_if("BootOrder", "0");
    for (const std::string_view name : {"IsPlugged", "IsReadOnly"})
        if (java_true(view.look(name)) == (name == "IsPlugged")) (void)view.take(name);
}

void DeviceReader::take_boot(const Volume& volume, const Drive& drive) {
    const Attribute boot = volume.disk.attribute_lax(Ns::ovf, "boot");
    if (boot && (!java_true(boot.value()) || drive.boot_index)) (void)boot.take();
}

void DeviceReader::disk(ItemView& view) {
    Drive drive;
    const Volume* volume = volume_of(view.ref());
    drive.boot_index = take_boot_order(view);
    drive.connected = take_flag(view, "IsPlugged");
    const auto item_read_only = take_flag(view, "IsReadOnly");
    for (const std::string_view name : {"CreationDate", "LastModified", "last_modified_date"})
        view.take_if(name, no_date);
    for (const std::string_view name : {"Template", "StorageId", "StoragePoolId", "Parent"})
        view.take_if(name, zero_uuid);
    std::string caption;
    if (volume != nullptr) {
        const VirtualDisk& disk = envelope_.disks[index_of(*volume)];
        drive.disk_id = disk.id;
        (void)view.take("HostResource");
        if (!disk.parent_id.empty()) (void)view.take("Parent");
    } else {
        view.leave("HostResource");
        report(diagnostics_, "ovirt-disk-item-dangling", view.element(),
               fmt::format("no Disk belongs to this drive: rasd:HostResource is '{}'",
                           printable(view.ref().item.text(Rasd::HostResource), 100)));
    }
    const std::string_view label = view.look("Caption");
    if (label.starts_with("Drive ") && number_of(label.substr(6))) caption = std::string(label);
    drive.info = view.finish(caption, {}, false, diagnostics_);
    if (volume != nullptr) {
        read_drive_attributes(*volume, drive, diagnostics_);
        take_boot(*volume, drive);
    }
    if (item_read_only && (!drive.read_only || (form_.is_ova() && *item_read_only))) drive.read_only = item_read_only;
    if (drive.info.id.empty()) drive.info.id = drive.disk_id;
    hardware_.drives.push_back(std::move(drive));
}

void DeviceReader::medium(ItemView& view, DriveKind kind, std::string_view caption) {
    Drive drive;
    drive.kind = kind;
    drive.boot_index = take_boot_order(view);
    drive.connected = take_flag(view, "IsPlugged");
    drive.read_only = take_flag(view, "IsReadOnly");
    constexpr std::string_view prefix = "ovf:/file/";
    if (const std::string_view host = view.look("HostResource"); host.starts_with(prefix))
        drive.file_id = std::string(view.take("HostResource").substr(prefix.size()));
    drive.info = view.finish(caption, {}, false, diagnostics_);
    hardware_.drives.push_back(std::move(drive));
}

void DeviceReader::boot_fallback() {
    for (const Drive& drive : hardware_.drives)
        if (drive.kind == DriveKind::disk && drive.boot_index) return;
    for (Drive& drive : hardware_.drives) {
        if (drive.kind != DriveKind::disk) continue;
        const auto volume = std::find_if(volumes_.begin(), volumes_.end(), [&](const Volume& v) {
            return v.leaf && envelope_.disks[index_of(v)].id == drive.disk_id;
        });
        if (volume == volumes_.end()) continue;
        const Attribute boot = volume->disk.attribute_lax(Ns::ovf, "boot");
        if (!boot || !java_true(boot.value())) continue;
        (void)boot.take();
        drive.boot_index = 1;
        return;
    }
}

std::vector<const Controller*> DeviceReader::controllers_of(ControllerType type, std::string_view model) const {
    std::vector<const Controller*> out;
    for (const Controller& controller : hardware_.controllers)
        if (controller.type == type && (model.empty() || controller.model == model)) out.push_back(&controller);
    return out;
}

void DeviceReader::link_drives() {
    for (const Drive& drive : hardware_.drives) {
        if (drive.kind != DriveKind::disk || drive.interface != "scsi") continue;
        const std::string_view model = scsi_model(drive);
        if (!controllers_of(ControllerType::scsi, model).empty()) continue;
        Controller implied;
        implied.info.id = std::string(implied_scsi_id) + (model == "virtio-scsi" ? "" : ":" + std::string(model));
        implied.type = ControllerType::scsi;
        implied.model = std::string(model);
        hardware_.controllers.push_back(std::move(implied));
    }
    for (Drive& drive : hardware_.drives) link(drive);
    for (std::size_t i = 0; i < hardware_.videos.size(); ++i)
        if (!hardware_.videos[i].heads && monitors_[i] > hardware_.videos.size())
            hardware_.videos[i].heads = hardware_.videos.size() == 1
                                            ? monitors_[i]
                                            : monitors_[i] / static_cast<std::uint32_t>(hardware_.videos.size());
}

std::string_view DeviceReader::scsi_model(const Drive& drive) const {
    for (std::size_t i = 0; i < volumes_.size(); ++i)
        if (envelope_.disks[i].id == drive.disk_id)
            if (const DiskInterface* row =
                    disk_interface_from(trimmed(volumes_[i].disk.attribute_lax(Ns::ovf, "disk-interface").value())))
                return row->model;
    return "virtio-scsi";
}

void DeviceReader::link(Drive& drive) {
    const std::string& address = drive.info.address;
    const bool cdrom = drive.kind == DriveKind::cdrom;
    if (drive.kind == DriveKind::floppy) {
        drive.interface = "fdc";
        return;
    }
    if (cdrom) drive.interface = std::string(cdrom_bus(hardware_));
    const bool placed = address_get(address, "type") == "drive";
    const auto unit = number_of(address_get(address, "unit"));
    const std::uint32_t bus = number_of(address_get(address, "bus")).value_or(0);
    std::uint32_t position = number_of(address_get(address, "controller")).value_or(0);
    const auto type = controller_type_from(drive.interface);
    if (!type || drive.interface == "virtio") return;
    const auto controllers =
        controllers_of(*type, *type == ControllerType::scsi && !cdrom ? scsi_model(drive) : std::string_view{});
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

}  // namespace ovfkit::detail::ovirt
