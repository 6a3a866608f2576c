#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/edit.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view qcow_uri = "http://www.gnome.org/~markmc/qcow-image-format.html";
constexpr std::string_view raw_uri =
    "http://www.vmware.com/specifications/vmdk.html#sparse";  // what the engine writes for raw

struct Use {
    const VirtualSystem* system = nullptr;
    const Drive* drive = nullptr;
};

Use use_of(const Envelope& envelope, std::string_view disk_id) {
    for (const VirtualSystem& system : envelope.systems)
        for (const Drive& drive : system.hardware.drives)
            if (drive.kind == DriveKind::disk && drive.disk_id == disk_id) return {&system, &drive};
    return {};
}

const VirtualDisk* disk_with_file(const Envelope& envelope, std::string_view file_id) {
    for (const VirtualDisk& disk : envelope.disks)
        if (disk.file_id == file_id) return &disk;
    return nullptr;
}

bool is_raw_format(std::string_view uri) { return uri.find("wiki/Byte") != std::string_view::npos || uri == "raw"; }
bool is_qcow_format(std::string_view uri) { return uri.find("qcow") != std::string_view::npos; }

/// RAW or COW; empty volume_format is told from the format URI, and qcow2 is what any other image must become.
std::string_view volume_format_of(const VirtualDisk& disk) {
    if (disk.volume_format == "raw") return "RAW";
    if (disk.volume_format == "cow") return "COW";
    return is_raw_format(disk.format) ? "RAW" : "COW";
}

std::string format_of(const VirtualDisk& disk, bool is_new) {
    if (!is_new) return disk.format;
    if (!disk.volume_format.empty() && !disk.format.empty()) return disk.format;
    return std::string(volume_format_of(disk) == "RAW" ? raw_uri : qcow_uri);
}

std::string setting(const Use& use, std::string_view key, std::string_view otherwise = {}) {
    const std::string* value = use.drive == nullptr ? nullptr : parameter(use.drive->info.parameters, key);
    return value != nullptr ? *value : std::string(otherwise);
}

std::string flag(bool value) { return value ? "true" : "false"; }

/// Everything but the sizes, in the engine's order.
AttributeSpecs usage_of(const VirtualDisk& disk, const Use& use, const DiskName& name, const Form& form, bool is_new) {
    const bool old = form.level < 306;
    const std::string format = is_new                        ? std::string(volume_format_of(disk))
                               : disk.volume_format == "raw" ? "RAW"
                               : disk.volume_format == "cow" ? "COW"
                                                             : "Unassigned";
    const std::string type = disk.volume_type == "preallocated"       ? "Preallocated"
                             : disk.volume_type == "sparse" || is_new ? "Sparse"
                                                                      : "Unassigned";
    const Drive* drive = use.drive;
    AttributeSpecs out;
    const auto add = [&](std::string_view key, std::string text, bool empty = false) {
        out.push_back({std::string(key), std::move(text), empty});
    };
    add("diskId", name.disk_id);
    if (!form.is_ova())
        add("vm_snapshot_id", setting(use, "Disk.vm_snapshot_id", is_new ? zero_uuid : std::string_view{}));
    if (is_new) add("parentRef", "", true);
    add("fileRef", name.file_ref);
    add("format", format_of(disk, is_new));
    add("volume-format", format);
    add("volume-type", type);
    if (drive != nullptr) {
        add("disk-interface", interface_word(*drive, use.system->hardware));
        if (!form.is_ova()) {
            if (drive->read_only || (is_new && !old)) add("read-only", flag(drive->read_only.value_or(false)));
            if (drive->shareable || (is_new && !old)) add("shareable", flag(drive->shareable.value_or(false)));
        }
        add("boot", flag(drive->boot_index.has_value()));
        if (!old || drive->discard == "unmap") add("pass-discard", flag(drive->discard == "unmap"));
    }
    add("disk-alias", disk.alias);
    add("disk-description", disk.description);
    add("wipe-after-delete", setting(use, "Disk.wipe-after-delete", "false"));
    if (!setting(use, "Disk.disk-type").empty()) add("disk-type", setting(use, "Disk.disk-type"));
    if (!setting(use, "Disk.scsi_reservation").empty()) add("scsi_reservation", setting(use, "Disk.scsi_reservation"));
    if (!setting(use, "Disk.lun_id").empty()) {
        if (drive->connected) add("plugged", flag(*drive->connected));
        add("lun_id", setting(use, "Disk.lun_id"));
    }
    if (form.is_ova() && is_new) {
        add("description", "", true);
        add("disk_storage_type", "IMAGE");
        add("cinder_volume_type", "", true);
    }
    if (form.level >= 405 || !setting(use, "Disk.incremental-backup").empty())
        add("incremental-backup", setting(use, "Disk.incremental-backup", "false"));
    return out;
}

/// Sizes, by the form's rules; `exact` when the element has ovf:capacity in bytes already.
AttributeSpecs sizes_of(const VirtualDisk& disk, const FileReference* file, const Form& form, bool exact) {
    AttributeSpecs out;
    const std::uint64_t capacity = disk.capacity_bytes.value_or(0);
    if (form.is_ova()) {
        std::uint64_t unit = gibibyte;
        std::string text = "byte * 2^30";
        if (capacity % gibibyte != 0 && !disk.capacity_inexact) {
            const bool mib = capacity % mebibyte == 0;
            unit = mib ? mebibyte : 1;
            text = mib ? "byte * 2^20" : "byte";
        }
        if (disk.capacity_bytes) {
            out.push_back({"capacity", std::to_string(ceil_div(capacity, unit))});
            out.push_back({"capacityAllocationUnits", text});
        }
        out.push_back({"populatedSize", number_text(disk.populated_bytes)});
        return out;
    }
    if (disk.capacity_bytes) out.push_back({"size", std::to_string(ceil_div(capacity, gibibyte))});
    const std::uint64_t stored = disk.populated_bytes.value_or(file != nullptr ? file->size.value_or(0) : 0);
    out.push_back({"actual_size", std::to_string(ceil_div(stored, gibibyte))});
    const bool rounded = capacity % gibibyte != 0 && !disk.capacity_inexact && !form.file_size_is_capacity;
    if (exact || rounded) out.push_back({"capacity", std::to_string(capacity)});
    return out;
}

AttributeSpecs file_attributes(const FileReference& file, const VirtualDisk* disk, const DiskName* name,
                               const Form& form, bool is_new) {
    AttributeSpecs out;
    const auto size = form.file_size_is_capacity && disk != nullptr ? disk->capacity_bytes : file.size;
    out.push_back({"href", name != nullptr ? name->href : file.href});
    out.push_back({"id", name != nullptr ? name->file_id : file.id});
    out.push_back({"size", number_text(size)});
    out.push_back({"description", file.description, !form.is_ova()});  // the engine's reader needs it
    out.push_back({"compression", file.compression});
    out.push_back({"chunkSize", number_text(file.chunk_size)});
    if (is_new && disk != nullptr && form.flavour == Flavour::exported && form.level >= 306) {
        out.push_back({"disk_storage_type", "IMAGE"});
        if (form.level >= level_allocated) out.push_back({"cinder_volume_type", "", true});
    }
    return out;
}

class Update {
public:
    Update(XmlDocument& document, const EnvelopeParts& layout, const Form& form, const Envelope& have,
           const Envelope& wanted, const DiskNames& names, std::vector<LossNote>& notes)
        : document_(document),
          layout_(layout),
          form_(form),
          have_(have),
          wanted_(wanted),
          names_(names),
          notes_(notes) {}

    void files() {
        std::vector<Element> elements;
        for (Element child = layout_.references.first(); child; child = child.next())
            if (child.is_lax(Ns::ovf, "File")) elements.push_back(child);
        const Element last = elements.empty() ? Element{} : elements.back();
        std::vector<bool> kept(have_.files.size(), false);
        const DiskNames before(have_, have_, form_);
        for (const FileReference& file : wanted_.files) {
            const std::size_t at = index_of(have_.files, file.id);
            const VirtualDisk* disk = disk_with_file(wanted_, file.id);
            if (at < have_.files.size()) {
                kept[at] = true;
                if (file.size != have_.files[at].size) note_other_size(file, disk);
                // A LUN's File has no size.
                const bool sized = static_cast<bool>(elements[at].attribute_lax(Ns::ovf, "size"));
                apply(document_, elements[at],
                      file_attributes(have_.files[at], sized ? disk_with_file(have_, file.id) : nullptr,
                                      before.find_file(file.id), form_, false),
                      file_attributes(file, sized ? disk : nullptr, names_.find_file(file.id), form_, false));
                continue;
            }
            insert(document_, layout_.references, last,
                   fragment_of("File", file_attributes(file, disk, names_.find_file(file.id), form_, true), form_));
            note_new_file(file, names_.find_file(file.id));
        }
        // The engine skips a Disk that no File stands for.
        for (const VirtualDisk& disk : wanted_.disks) {
            if (!disk.file_id.empty() || index_of(have_.disks, disk.id) < have_.disks.size()) continue;
            const DiskName& name = *names_.find(disk.id);
            FileReference blank;
            blank.id = name.file_id;
            blank.href = name.href;
            insert(document_, layout_.references, last,
                   fragment_of("File", file_attributes(blank, &disk, &name, form_, true), form_));
        }
        for (std::size_t i = 0; i < kept.size() && i < elements.size(); ++i)
            if (!kept[i]) document_.erase(elements[i]);
    }

    void disks() {
        std::vector<Element> elements;
        for (Element child = layout_.disks.first(); child; child = child.next())
            if (child.is_lax(Ns::ovf, "Disk")) elements.push_back(child);
        const Element last = elements.empty() ? Element{} : elements.back();
        std::vector<bool> kept(have_.disks.size(), false);
        const DiskNames before(have_, have_, form_);
        for (const VirtualDisk& disk : wanted_.disks) {
            const std::size_t at = index_of(have_.disks, disk.id);
            const Use use = use_of(wanted_, disk.id);
            const DiskName& name = *names_.find(disk.id);
            if (at < have_.disks.size() && at < elements.size()) {
                kept[at] = true;
                const VirtualDisk& old = have_.disks[at];
                apply(document_, elements[at], usage_of(old, use_of(have_, old.id), *before.find(old.id), form_, false),
                      usage_of(disk, use, name, form_, false));
                edit_sizes(elements[at], old, disk);
                continue;
            }
            AttributeSpecs all = usage_of(disk, use, name, form_, true);
            AttributeSpecs sizes = sizes_of(disk, file_of(wanted_, disk), form_, false);
            all.insert(all.begin() + 1, sizes.begin(), sizes.end());
            insert(document_, layout_.disks, last, fragment_of("Disk", all, form_));
            note_new_disk(disk);
        }
        for (std::size_t i = 0; i < kept.size() && i < elements.size(); ++i)
            if (!kept[i]) document_.erase(elements[i]);
    }

private:
    template <class List>
    static std::size_t index_of(const List& list, std::string_view id) {
        return static_cast<std::size_t>(
            std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.id == id; }) - list.begin());
    }

    static const FileReference* file_of(const Envelope& envelope, const VirtualDisk& disk) {
        const std::size_t at = index_of(envelope.files, disk.file_id);
        return at < envelope.files.size() ? &envelope.files[at] : nullptr;
    }

    void edit_sizes(Element element, const VirtualDisk& old, const VirtualDisk& disk) {
        const bool exact = static_cast<bool>(element.attribute_lax(Ns::ovf, "capacity"));
        const bool same_capacity = old.capacity_bytes == disk.capacity_bytes;
        if (same_capacity && old.populated_bytes == disk.populated_bytes) return;
        const bool lun = element.attribute_lax(Ns::ovf, "device_size") && !element.attribute_lax(Ns::ovf, "size");
        for (AttributeSpec size : sizes_of(disk, file_of(wanted_, disk), form_, exact)) {
            if (lun && size.name == "size") size.name = "device_size";
            const bool populated = size.name == "populatedSize" || size.name == "actual_size";
            if (populated ? old.populated_bytes != disk.populated_bytes : !same_capacity)
                edit_attribute(document_, element, Ns::ovf, size.name, size.text);
        }
        note_sizes(disk);
    }

    void note(std::string field, std::string id, Fate fate, std::string_view rule, std::string detail) {
        notes_.push_back({std::move(field), std::move(id), fate, std::string(rule), std::move(detail)});
    }

    void note_sizes(const VirtualDisk& disk) {
        const std::uint64_t capacity = disk.capacity_bytes.value_or(0);
        if (!form_.is_ova() && !form_.file_size_is_capacity && capacity % gibibyte != 0 && !disk.capacity_inexact)
            note("disks[].capacity_bytes", disk.id, Fate::approximated, "ovirt-disk-size-rounded",
                 fmt::format("the engine reads whole GiB: {} bytes of disk '{}' become {} GiB", capacity, disk.id,
                             ceil_div(capacity, gibibyte)));
        if (!form_.is_ova() && disk.populated_bytes.value_or(0) % gibibyte != 0)
            note("disks[].populated_bytes", disk.id, Fate::approximated, "ovirt-disk-size-rounded",
                 fmt::format("the used size of disk '{}' is written in whole GiB", disk.id));
    }

    void note_new_file(const FileReference& file, const DiskName* name) {
        if (name != nullptr && name->href != file.href)
            note("files[].href", file.id, Fate::defaulted, "ovirt-file-renamed",
                 fmt::format("oVirt finds images by UUID: store '{}' as '{}'", file.href, name->href));
        if (!file.compression.empty() && file.compression != "identity")
            note("files[].compression", file.id, Fate::approximated, "ovirt-file-compressed",
                 fmt::format("the engine does not unpack '{}' ({}): store it uncompressed", file.href,
                             file.compression));
        if (file.size && form_.file_size_is_capacity && name != nullptr) note_file_size(file);
    }

    /// One attribute, two fields: the size of an export's File is the disk's capacity up to 4.1, then its used size.
    void note_other_size(const FileReference& file, const VirtualDisk* disk) {
        if (disk == nullptr) return;
        if (form_.file_size_is_capacity) {
            if (file.size) note_file_size(file);
        } else if (!form_.is_ova() && disk->populated_bytes && disk->populated_bytes != file.size) {
            note("disks[].populated_bytes", disk->id, Fate::defaulted, "ovirt-file-size",
                 "the size of the File is the used size of its disk");
        }
    }

    void note_file_size(const FileReference& file) {
        note("files[].size", file.id, Fate::defaulted, "ovirt-file-size",
             "up to 4.1 the size of a File is the virtual size of its disk");
    }

    void note_new_disk(const VirtualDisk& disk) {
        const std::string uri = format_of(disk, true);
        if (!disk.format.empty() && disk.format != uri) {
            const bool same =
                (is_qcow_format(disk.format) && is_qcow_format(uri)) || (is_raw_format(disk.format) && uri == raw_uri);
            note("disks[].format", disk.id, same ? Fate::defaulted : Fate::approximated, "ovirt-disk-format",
                 fmt::format("oVirt takes raw and qcow2 images only: disk '{}' is described as {}; convert its image",
                             disk.id, volume_format_of(disk)));
        }
        if (form_.is_ova() && !disk.parent_id.empty())
            note("disks[].parent_id", disk.id, Fate::approximated, "ovirt-disk-chain",
                 fmt::format("an oVirt OVA holds no chains: flatten disk '{}' with its parents", disk.id));
        note_sizes(disk);
    }

    XmlDocument& document_;
    const EnvelopeParts& layout_;
    const Form& form_;
    const Envelope& have_;
    const Envelope& wanted_;
    const DiskNames& names_;
    std::vector<LossNote>& notes_;
};

}  // namespace

void update_volumes(XmlDocument& document, const EnvelopeParts& layout, const Form& form, const Envelope& have,
                    const Envelope& wanted, const DiskNames& names, std::vector<LossNote>& notes) {
    Update update(document, layout, form, have, wanted, names, notes);
    if (layout.references) update.files();
    if (layout.disks) update.disks();
}

}  // namespace ovfkit::detail::ovirt
