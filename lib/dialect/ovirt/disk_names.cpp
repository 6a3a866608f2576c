#include <algorithm>

#include "base/checked.hpp"
#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

template <class List>
auto find_id(const List& list, std::string_view id) -> decltype(&list.front()) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.id == id; });
    return id.empty() || found == list.end() ? nullptr : &*found;
}

/// The system that uses a disk, itself or as a parent of one it uses.
const VirtualSystem* user_of(const Envelope& envelope, std::string_view disk_id) {
    for (const VirtualSystem& system : envelope.systems)
        for (const Drive& drive : system.hardware.drives) {
            std::size_t steps = envelope.disks.size() + 1;
            for (const VirtualDisk* disk = find_id(envelope.disks, drive.disk_id); disk != nullptr && steps-- > 0;
                 disk = find_id(envelope.disks, disk->parent_id))
                if (disk->id == disk_id) return &system;
        }
    return envelope.systems.empty() ? nullptr : &envelope.systems.front();
}

DiskName existing_name(const VirtualDisk& disk, const FileReference* file, const Form& form) {
    DiskName out;
    out.disk_id = disk.id;
    out.instance = form.flavour == Flavour::exported || file == nullptr ? disk.id : file->id;
    if (file != nullptr) {
        out.file_id = file->id;
        out.href = file->href;
    }
    switch (form.flavour) {
        case Flavour::exported:
            out.file_ref = out.href;
            out.host_resource = out.href.empty() ? disk.id : out.href;
            break;
        case Flavour::ova:
            out.file_ref = out.file_id;
            out.host_resource = "ovf:/disk/" + disk.id;
            break;
        case Flavour::hybrid:
            out.file_ref = out.file_id;
            out.host_resource = out.file_id.empty() ? disk.id : out.file_id;
            break;
    }
    return out;
}

DiskName new_name(const VirtualDisk& disk, const FileReference* file, const Form& form, const std::string& seed) {
    const std::string_view href = file != nullptr ? std::string_view(file->href) : std::string_view{};
    const std::string_view folder =
        href.find('/') == std::string_view::npos ? std::string_view{} : href.substr(0, href.find('/'));
    std::string volume, group;
    if (is_uuid(disk.file_id))
        volume = disk.file_id;
    else if (!form.is_ova() && is_uuid(disk.id))
        volume = disk.id;
    else
        volume = made_uuid(seed, "volume:" + disk.id);
    if (is_uuid(folder))
        group = folder;
    else if (is_uuid(disk.id) && disk.id != volume)
        group = disk.id;
    else
        group = made_uuid(seed, "disk:" + disk.id);
    DiskName out;
    out.instance = volume;
    out.file_id = volume;
    if (form.flavour == Flavour::exported) {
        out.disk_id = volume;
        out.href = group + "/" + volume;
        out.file_ref = out.host_resource = out.href;
    } else {
        out.disk_id = group;
        out.href = out.file_ref = volume;
        out.host_resource = form.is_ova() ? "ovf:/disk/" + group : volume;
    }
    return out;
}

}  // namespace

std::string seed_of(const VirtualSystem& system) {
    if (is_uuid(system.uuid)) return to_lower(system.uuid);
    if (is_uuid(system.id)) return to_lower(system.id);
    return made_uuid(system.id + "\n" + system.name, "vm");
}

DiskNames::DiskNames(const Envelope& wanted, const Envelope& have, const Form& form) {
    for (const VirtualDisk& disk : wanted.disks) {
        const FileReference* file = find_id(wanted.files, disk.file_id);
        const bool known = find_id(have.disks, disk.id) != nullptr;
        const bool known_file = file == nullptr || find_id(have.files, file->id) != nullptr;
        DiskName name;
        if (known && known_file) {
            name = existing_name(disk, file, form);
        } else {
            const VirtualSystem* user = user_of(wanted, disk.id);
            name = new_name(disk, file, form, user != nullptr ? seed_of(*user) : std::string{});
            if (known) name.disk_id = disk.id;
            if (file != nullptr && known_file) {
                name.file_id = file->id;
                name.href = file->href;
                name.file_ref = form.flavour == Flavour::exported ? name.href : name.file_id;
            }
        }
        if (file != nullptr) disk_of_file_.emplace(file->id, disk.id);
        by_disk_.emplace(disk.id, std::move(name));
    }
    for (const VirtualDisk& disk : wanted.disks)
        if (const DiskName* parent = find(disk.parent_id)) by_disk_.find(disk.id)->second.parent = parent->disk_id;
}

const DiskName* DiskNames::find(std::string_view disk_id) const {
    const auto found = by_disk_.find(disk_id);
    return found == by_disk_.end() ? nullptr : &found->second;
}

const DiskName* DiskNames::find_file(std::string_view file_id) const {
    const auto found = disk_of_file_.find(file_id);
    return found == disk_of_file_.end() ? nullptr : find(found->second);
}

}  // namespace ovfkit::detail::ovirt
