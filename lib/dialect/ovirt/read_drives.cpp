#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "descriptor/values.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view no_date = "1970/01/01 00:00:00";

const Volume* volume_of(const Reading& r, const ItemRef& ref) {
    const auto found =
        std::find_if(r.volumes.begin(), r.volumes.end(), [&](const Volume& v) { return v.item == &ref; });
    return found == r.volumes.end() ? nullptr : &*found;
}

/// The Disk of a drive; nullptr when there is none.
const Volume* volume_of(const Reading& r, const Drive& drive) {
    const auto found = std::find_if(r.volumes.begin(), r.volumes.end(), [&](const Volume& v) {
        return v.leaf && r.envelope.disks[r.index_of(v)].id == drive.disk_id;
    });
    return drive.kind != DriveKind::disk || found == r.volumes.end() ? nullptr : &*found;
}

Attribute boot_of(const Volume& volume) { return volume.disk.attribute_lax(Ns::ovf, "boot"); }

/// Without BootOrder (3.0, virt-v2v) ovf:boot marks the disk to boot from.
Drive* marked_for_boot(Reading& r) {
    std::vector<Drive>& drives = r.hardware().drives;
    for (const Drive& drive : drives)
        if (drive.kind == DriveKind::disk && drive.boot_index) return nullptr;
    const auto found = std::find_if(drives.begin(), drives.end(), [&](const Drive& drive) {
        const Volume* volume = volume_of(r, drive);
        return volume != nullptr && java_true(boot_of(*volume).value());
    });
    return found == drives.end() ? nullptr : &*found;
}

}  // namespace

bool is_parent_volume(const ItemRef& ref, const Reading& r) {
    const Volume* volume = volume_of(r, ref);
    return volume != nullptr && !volume->leaf;
}

void read_parent_volume(const ItemRef& ref) {
    ItemView view(ref);
    for (const std::string_view name : {"ResourceType", "HostResource"}) (void)view.take(name);
    view.take_words();
    view.take_if("Parent", zero_uuid);
    view.take_if("Template", zero_uuid);
    (void)ref.item.take(Rasd::InstanceID);
    view.take_if("BootOrder", "0");
    for (const std::string_view name : {"IsPlugged", "IsReadOnly"})
        if (java_true(view.look(name)) == (name == "IsPlugged")) (void)view.take(name);
}

void read_disk(ItemView& view, Reading& r) {
    Drive drive;
    const Volume* volume = volume_of(r, view.ref());
    drive.boot_index = take_boot_order(view);
    if (view.look("BootOrder") == "0") view.leave("BootOrder");  // settle_boot() decides
    drive.connected = take_flag(view, "IsPlugged");
    const Element read_only = view.find("IsReadOnly");
    view.leave("IsReadOnly");  // until the Disk has spoken
    for (const std::string_view name : {"CreationDate", "LastModified", "last_modified_date"})
        view.take_if(name, no_date);
    for (const std::string_view name : {"Template", "StorageId", "StoragePoolId", "Parent"})
        view.take_if(name, zero_uuid);
    std::string caption;
    if (volume != nullptr) {
        const VirtualDisk& disk = r.envelope.disks[r.index_of(*volume)];
        drive.disk_id = disk.id;
        (void)view.take("HostResource");
        if (!disk.parent_id.empty()) (void)view.take("Parent");
    } else {
        view.leave("HostResource");
        report(r.diagnostics, "ovirt-disk-item-dangling", view.element(),
               fmt::format("no Disk belongs to this drive: rasd:HostResource is '{}'",
                           printable(view.ref().item.text(Rasd::HostResource), 100)));
    }
    const std::string_view label = view.look("Caption");
    if (label.starts_with("Drive ") && number_of(label.substr(6))) caption = std::string(label);
    drive.info = view.finish(caption, {}, false, r.diagnostics);
    if (volume != nullptr) read_drive_attributes(*volume, drive, r.diagnostics);
    if (!trimmed(read_only.text()).empty()) {
        const bool said = java_true(trimmed(read_only.text()));
        if (!drive.read_only || (r.form.is_ova() && said)) drive.read_only = said;
        if (drive.read_only == said) (void)read_only.take();
    }
    if (drive.info.id.empty()) drive.info.id = drive.disk_id;
    r.hardware().drives.push_back(std::move(drive));
}

void read_medium(ItemView& view, Reading& r, DriveKind kind, std::string_view caption) {
    Drive drive;
    drive.kind = kind;
    drive.boot_index = take_boot_order(view);
    drive.connected = take_flag(view, "IsPlugged");
    drive.read_only = take_flag(view, "IsReadOnly");
    constexpr std::string_view prefix = "ovf:/file/";
    if (const std::string_view host = view.look("HostResource"); host.starts_with(prefix))
        drive.file_id = std::string(view.take("HostResource").substr(prefix.size()));
    drive.info = view.finish(caption, {}, false, r.diagnostics);
    r.hardware().drives.push_back(std::move(drive));
}

void read_bare_disks(Reading& r) {
    for (std::size_t i = 0; i < r.volumes.size(); ++i) {
        if (!r.volumes[i].leaf || r.volumes[i].item != nullptr) continue;
        Drive drive;
        drive.info.id = r.envelope.disks[i].id;
        drive.info.origin.offset = r.volumes[i].disk.offset();
        drive.disk_id = r.envelope.disks[i].id;
        read_drive_attributes(r.volumes[i], drive, r.diagnostics);
        r.hardware().drives.push_back(std::move(drive));
    }
}

void settle_boot(Reading& r) {
    Drive* marked = marked_for_boot(r);
    if (marked != nullptr) marked->boot_index = 1;
    std::uint32_t first = ~std::uint32_t{0};
    for (const Drive& drive : r.hardware().drives)
        if (drive.kind == DriveKind::disk) first = std::min(first, drive.boot_index.value_or(first));
    // What agrees with the order is taken; a word against it is left to the report.
    for (const Drive& drive : r.hardware().drives) {
        if (drive.kind != DriveKind::disk) continue;
        const Volume* volume = volume_of(r, drive);
        if (volume != nullptr) {
            const Attribute boot = boot_of(*volume);
            const bool in_order = drive.boot_index.has_value();
            const bool agrees = java_true(boot.value()) ? in_order : !in_order || *drive.boot_index != first;
            if (agrees && is_java_flag(boot.value())) (void)boot.take();
        }
        if (&drive == marked) continue;
        for (const ItemRef& ref : r.items)
            if (ref.item.element.offset() == drive.info.origin.offset)
                if (const Element order = ref.item.element.child_lax(Ns::ovf, "BootOrder");
                    trimmed(order.text()) == "0")
                    (void)order.take();
    }
}

}  // namespace ovfkit::detail::ovirt
