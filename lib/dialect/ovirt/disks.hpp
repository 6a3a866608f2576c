#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/ovirt/items.hpp"

/// Disks, their volumes and files: reading, and the names they are written under.
namespace ovfkit::detail::ovirt {

/// One Disk element and what belongs to it.
struct Volume {
    Element disk;
    const ItemRef* item = nullptr;  ///< its RT 17 Item
    std::string group;              ///< the logical disk: volumes of one snapshot chain share it
    bool leaf = true;               ///< the volume the VM writes to
};

/// Reads References and DiskSection into `envelope`; the volumes come back in the order of `envelope.disks`.
std::vector<Volume> read_volumes(const EnvelopeParts& layout, const Form& form, const std::vector<ItemRef>& items,
                                 Envelope& envelope, Diagnostics& diagnostics);
/// The attributes of a leaf's Disk that describe how the VM uses it.
void read_drive_attributes(const Volume& volume, Drive& drive, Diagnostics& diagnostics);

/// How a disk is called in a document.
struct DiskName {
    std::string disk_id;        ///< Disk/@diskId
    std::string instance;       ///< rasd:InstanceID of its Item
    std::string file_id, href;  ///< File
    std::string file_ref;       ///< Disk/@fileRef
    std::string host_resource;  ///< rasd:HostResource
    std::string parent;         ///< rasd:Parent: the volume below it in a snapshot chain; empty: none
};

/// VirtualDisk::id -> names. A disk that `have` has keeps what stands there; others get UUIDs as the engine wants them.
class DiskNames {
public:
    DiskNames(const Envelope& wanted, const Envelope& have, const Form& form);
    [[nodiscard]] const DiskName* find(std::string_view disk_id) const;
    /// FileReference::id -> its DiskName; nullptr for a file that no disk uses.
    [[nodiscard]] const DiskName* find_file(std::string_view file_id) const;

private:
    std::map<std::string, DiskName, std::less<>> by_disk_;
    std::map<std::string, std::string, std::less<>> disk_of_file_;
};

/// The UUID a system is written with, and what the UUIDs of its parts are derived from: its own, its id, or one made of
/// id and name.
std::string seed_of(const VirtualSystem& system);

/// Adds, edits and removes File, Nic and Disk elements.
void update_volumes(XmlDocument& document, const EnvelopeParts& layout, const Form& form, const Envelope& have,
                    const Envelope& wanted, const DiskNames& names, std::vector<LossNote>& notes);

}  // namespace ovfkit::detail::ovirt
