#include "dialect/ovirt/disks.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/references.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

bool has_slash(std::string_view text) { return text.find('/') != std::string_view::npos; }

Attribute own(Element element, std::string_view local) { return element.attribute_lax(Ns::ovf, local); }

std::string_view look(Element element, std::string_view local) { return trimmed(own(element, local).value()); }

/// Takes an attribute that says what is said anyway.
void take_if(Element element, std::string_view local, std::string_view value) {
    const Attribute attribute = own(element, local);
    if (attribute && equal_nocase(trimmed(attribute.value()), value)) (void)attribute.take();
}

template <class Files>  // const or not
auto file_of(Files& files, std::string_view reference) -> decltype(&files.front()) {
    if (reference.empty()) return nullptr;
    for (auto& file : files)
        if (file.id == reference || file.href == reference) return &file;
    for (auto& file : files)
        if (last_part(file.href) == reference) return &file;
    return nullptr;
}

std::optional<std::uint64_t> gibibytes(Element element, std::string_view local, bool take, Diagnostics& diagnostics) {
    const Attribute attribute = own(element, local);
    constexpr std::uint64_t max = ~std::uint64_t{0} / gibibyte;
    if (trimmed(attribute.value()).empty()) return std::nullopt;
    const auto amount = take ? take_number<std::uint64_t>(element, attribute, diagnostics, max)
                             : checked_number<std::uint64_t>(attribute.value(), element, attribute.qname(), diagnostics, max);
    return amount ? std::optional(*amount * gibibyte) : std::nullopt;
}

bool agrees(std::uint64_t bytes, std::uint64_t whole_gibibytes) {
    return bytes / gibibyte * gibibyte == whole_gibibytes || ceil_div(bytes, gibibyte) * gibibyte == whole_gibibytes;
}

void read_units(Element element, VirtualDisk& disk, std::uint64_t amount, Diagnostics& diagnostics) {
    const Attribute units = own(element, "capacityAllocationUnits");
    if (!units || trimmed(units.value()).empty()) {
        disk.capacity_bytes = amount;
        return;
    }
    const auto unit = parse_unit(units.value());
    const auto bytes = unit && unit->base == UnitBase::byte && !unit->legacy ? scaled(amount, *unit) : std::nullopt;
    if (!bytes) {
        report(diagnostics, "ovirt-disk-units-invalid", element,
               fmt::format("ovf:capacityAllocationUnits '{}' is not `byte` with powers or factors; write `byte * 2^30`",
                           printable(units.value(), 60)),
               Failure::malformed);
        return;
    }
    (void)units.take();
    disk.capacity_bytes = bytes;
    // The engine rounds up to whole GiB; other units come from elsewhere and are exact.
    disk.capacity_inexact = unit->factor == gibibyte;
}

void read_capacity(Element element, const Form& form, VirtualDisk& disk, FileReference* file,
                   Diagnostics& diagnostics) {
    const Attribute capacity = own(element, "capacity");
    const bool exact = capacity && !trimmed(capacity.value()).empty();
    std::optional<std::uint64_t> size = gibibytes(element, "size", !exact, diagnostics);
    if (!size) size = gibibytes(element, "device_size", !exact, diagnostics);  // LUN
    const auto actual = gibibytes(element, "actual_size", true, diagnostics);
    const auto populated = take_number<std::uint64_t>(element, own(element, "populatedSize"), diagnostics);
    if (actual && *actual != 0) disk.populated_bytes = actual;
    if (populated) disk.populated_bytes = populated;
    if (const auto amount = take_number<std::uint64_t>(element, capacity, diagnostics)) {
        read_units(element, disk, *amount, diagnostics);
        // Beside it the whole GiB say nothing, unless they say something else.
        if (size && disk.capacity_bytes && agrees(*disk.capacity_bytes, *size))
            for (const std::string_view name : {"size", "device_size"}) (void)own(element, name).take();
    } else if (size) {
        disk.capacity_bytes = size;
        disk.capacity_inexact = true;
    }
    if (file == nullptr || !file->size) return;
    if (form.file_size_is_capacity) {
        if (!size || agrees(*file->size, *size)) {
            disk.capacity_bytes = file->size;
            disk.capacity_inexact = false;
        } else {
            report(diagnostics, "ovirt-disk-size-conflict", element,
                   fmt::format("ovf:size of Disk '{}' is {} bytes, of its File {} bytes; the Disk's is used",
                               printable(disk.id, 60), *size, *file->size));
        }
        file->size.reset();
    } else if (!form.is_ova() && actual && agrees(*file->size, *actual) && *file->size != 0) {
        disk.populated_bytes = file->size;
    }
}

void read_format(Element element, VirtualDisk& disk) {
    disk.format = std::string(own(element, "format").take());
    const std::string_view format = look(element, "volume-format");
    if (equal_nocase(format, "RAW") || equal_nocase(format, "COW"))
        disk.volume_format = to_lower(own(element, "volume-format").take());
    const std::string_view type = look(element, "volume-type");
    if (equal_nocase(type, "Preallocated") || equal_nocase(type, "Sparse"))
        disk.volume_type = to_lower(own(element, "volume-type").take());
    take_if(element, "volume-format", "Unassigned");
    take_if(element, "volume-type", "Unassigned");
    disk.alias = std::string(own(element, "disk-alias").take());
    disk.description = std::string(own(element, "disk-description").take());
}

/// Snapshot ids that are the running state.
std::unordered_set<std::string> active_snapshots(const EnvelopeParts& layout) {
    std::unordered_set<std::string> out;
    for (const Element& system : layout.systems)
        for (Element section = system.first(); section; section = section.next()) {
            if (part_name(section) != "SnapshotsSection") continue;
            for (Element child = section.first(); child; child = child.next()) {
                if (child.local() != "Snapshot") continue;
                const std::string_view type = trimmed(child.child_lax(Ns::ovf, "Type").text());
                if (type == "ACTIVE" || type == "PREVIEW") out.emplace(look(child, "id"));
            }
        }
    return out;
}

bool same_disk(const ItemRef& ref, const VirtualDisk& disk, const FileReference* file) {
    const std::string_view host = ref.item.text(Rasd::HostResource);
    const std::string_view part = last_part(host);
    if (!host.empty() && (part == disk.id || (file != nullptr && (host == file->href || part == file->id))))
        return true;
    return host.empty() && ref.item.text(Rasd::InstanceID) == disk.id;
}

void match_items(const std::vector<ItemRef>& items, const Envelope& envelope, std::vector<Volume>& volumes) {
    std::unordered_set<const ItemRef*> used;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const VirtualDisk& disk = envelope.disks[i];
        const FileReference* file = file_of(envelope.files, disk.file_id);
        for (const ItemRef& ref : items) {
            if (ref.kind != Kind::disk || used.count(&ref) != 0 || !same_disk(ref, disk, file)) continue;
            volumes[i].item = &ref;
            used.insert(&ref);
            break;
        }
    }
}

/// Parents from the Items (Disk/@parentRef is written wrongly by the engine), then the leaf of every chain.
void find_leaves(const EnvelopeParts& layout, Envelope& envelope, std::vector<Volume>& volumes,
                 Diagnostics& diagnostics) {
    std::unordered_map<std::string_view, std::size_t> by_id;
    for (std::size_t i = 0; i < envelope.disks.size(); ++i) by_id.emplace(envelope.disks[i].id, i);
    std::unordered_set<std::string> parents;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        if (volumes[i].item == nullptr) continue;
        const std::string_view parent = volumes[i].item->item.text(Rasd::Parent);
        const auto found = by_id.find(parent);
        if (found == by_id.end() || found->second == i) continue;
        envelope.disks[i].parent_id = std::string(volumes[i].item->item.take(Rasd::Parent));
        parents.emplace(parent);
    }
    const auto active = active_snapshots(layout);
    // A parent belongs to the same logical disk, wherever its file lies. Bounded: a cycle must not loop.
    for (std::size_t round = 0; round < volumes.size(); ++round) {
        bool moved = false;
        for (std::size_t i = 0; i < volumes.size(); ++i) {
            const auto parent = by_id.find(envelope.disks[i].parent_id);
            if (parent == by_id.end() || volumes[parent->second].group == volumes[i].group) continue;
            volumes[i].group = volumes[parent->second].group;
            moved = true;
        }
        if (!moved) break;
    }
    std::unordered_map<std::string_view, std::vector<std::size_t>> groups;
    std::vector<std::string_view> order;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        auto& group = groups[volumes[i].group];
        if (group.empty()) order.push_back(volumes[i].group);
        group.push_back(i);
    }
    for (const std::string_view name : order) {
        const auto& members = groups[name];
        if (members.size() == 1) continue;
        std::size_t leaf = members.back();
        std::size_t found = 0;
        for (const std::size_t i : members)
            if (active.count(std::string(look(volumes[i].disk, "vm_snapshot_id"))) != 0) {
                leaf = i;
                ++found;
            }
        if (found != 1) {
            std::size_t ends = 0;
            for (const std::size_t i : members)
                if (parents.count(envelope.disks[i].id) == 0) {
                    leaf = i;
                    ++ends;
                }
            if (ends != 1)
                report(diagnostics, "ovirt-chain-ambiguous", volumes[leaf].disk,
                       fmt::format("{} volumes of disk '{}' could be the active one; '{}' is used", ends,
                                   printable(name, 60), printable(envelope.disks[leaf].id, 60)));
        }
        for (const std::size_t i : members) volumes[i].leaf = i == leaf;
    }
}

void read_disk(Element element, const Form& form, Envelope& envelope, std::vector<Volume>& volumes,
               Diagnostics& diagnostics) {
    VirtualDisk disk;
    disk.origin.offset = element.offset();
    disk.id = take_name(element, own(element, "diskId"), diagnostics);
    if (disk.id.empty())
        report(diagnostics, "ovirt-disk-incomplete", element, "Disk has no ovf:diskId; give it the volume's id",
               Failure::malformed);
    const std::string_view reference = look(element, "fileRef");
    FileReference* file = file_of(envelope.files, reference);
    if (file != nullptr) {
        (void)own(element, "fileRef").take();
        disk.file_id = file->id;
    } else if (!reference.empty()) {
        report(diagnostics, "ovirt-disk-file-missing", element,
               fmt::format("ovf:fileRef '{}' of Disk '{}' names no File; add it to References",
                           printable(reference, 80), printable(disk.id, 60)),
               Failure::malformed);
    }
    read_capacity(element, form, disk, file, diagnostics);
    read_format(element, disk);
    // Volumes of one logical disk share the part before the slash.
    Volume volume;
    volume.disk = element;
    const std::string_view href = file != nullptr ? std::string_view(file->href) : reference;
    volume.group = form.is_ova() || !has_slash(href) ? disk.id : std::string(first_part(href));
    volumes.push_back(std::move(volume));
    envelope.disks.push_back(std::move(disk));
}

}  // namespace

std::vector<Volume> read_volumes(const EnvelopeParts& layout, const Form& form, const std::vector<ItemRef>& items,
                                 Envelope& envelope, Diagnostics& diagnostics) {
    envelope.files = read_files(layout.references, diagnostics);
    std::size_t index = 0;
    for (Element child = layout.references.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "File") || index >= envelope.files.size()) continue;
        FileReference& file = envelope.files[index++];
        if (const Attribute description = child.attribute_lax(Ns::ovf, "description"))
            file.description = std::string(description.take());
        take_if(child, "disk_storage_type", "IMAGE");
    }
    std::vector<Volume> volumes;
    const std::size_t limit = layout.envelope ? layout.envelope.document()->limits().files : 0;
    for (Element child = layout.disks.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Disk")) continue;
        if (volumes.size() == limit) {
            report(diagnostics, "ovf-limit-exceeded", child, fmt::format("DiskSection has more than {} Disks", limit),
                   Failure::refused);
            break;
        }
        read_disk(child, form, envelope, volumes, diagnostics);
    }
    match_items(items, envelope, volumes);
    find_leaves(layout, envelope, volumes, diagnostics);
    return volumes;
}

void read_drive_attributes(const Volume& volume, Drive& drive, Diagnostics& diagnostics) {
    const Element disk = volume.disk;
    const Attribute interface = own(disk, "disk-interface");
    const std::string_view word = trimmed(interface.value());
    if (!interface || word.empty()) {
        if (interface)
            report(diagnostics, "ovirt-disk-interface-empty", disk,
                   fmt::format("Disk '{}' has an empty ovf:disk-interface; read as IDE", printable(drive.disk_id, 60)));
        drive.interface = "ide";
    } else if (const DiskInterface* row = disk_interface_from(word)) {
        if (row->word != word)
            report(diagnostics, "ovirt-disk-interface-spelling", disk,
                   fmt::format("ovf:disk-interface '{}' must be written '{}': the engine refuses the whole descriptor",
                               printable(word, 40), row->word));
        drive.interface = std::string(row->interface);
        (void)interface.take();
    } else {
        report(diagnostics, "ovirt-disk-interface-unknown", disk,
               fmt::format("ovf:disk-interface '{}' is none of IDE, VirtIO, VirtIO_SCSI, SPAPR_VSCSI, SATA",
                           printable(word, 40)));
    }
    if (const Attribute attribute = own(disk, "read-only")) drive.read_only = java_true(attribute.take());
    if (const Attribute attribute = own(disk, "shareable")) drive.shareable = java_true(attribute.take());
    if (const Attribute attribute = own(disk, "plugged"); attribute) {
        if (!drive.connected) drive.connected = java_true(attribute.value());
        if (drive.connected == java_true(attribute.value())) (void)attribute.take();
    }
    if (const Attribute attribute = own(disk, "pass-discard"); attribute && java_true(attribute.take()))
        drive.discard = "unmap";
    // What has no field but changes what the engine does with the disk; its default says nothing.
    for (const std::string_view name : {"wipe-after-delete", "incremental-backup", "scsi_reservation"}) {
        const Attribute attribute = own(disk, name);
        if (attribute && java_true(attribute.take()))
            add_parameter(drive.info.parameters, "Disk." + std::string(name), "true");
    }
    for (const std::string_view name : {"vm_snapshot_id", "disk-type", "lun_id"}) {
        const Attribute attribute = own(disk, name);
        if (attribute && !trimmed(attribute.value()).empty())
            add_parameter(drive.info.parameters, "Disk." + std::string(name), std::string(attribute.take()));
    }
    take_if(disk, "disk_storage_type", "IMAGE");
    sort_parameters(drive.info.parameters);
}

}  // namespace ovfkit::detail::ovirt
