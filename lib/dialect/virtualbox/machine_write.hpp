#pragma once

#include "descriptor/edit.hpp"
#include "dialect/virtualbox/divide.hpp"

namespace ovfkit::detail::virtualbox {

/// Edits vbox:Machine from what it says to its share of `division`; one without Hardware is filled. `have` and
/// `wanted` are the whole VM, for names and storage.
void write_machine(Editing& editing, const Machine& machine, const Division& division, const VirtualSystem& have,
                   const VirtualSystem& wanted);

/// Storage controllers and what is attached to them, made anew where they change: attributes of those that stay
/// are kept. A Disk that is attached gets a vbox:uuid.
void write_storage(Editing& editing, const Machine& machine, const VirtualSystem& have, const VirtualSystem& wanted);
/// The UUID of a disk of the document, or of one that is added.
std::string disk_uuid(const std::vector<DiskUuid>& disks, std::string_view disk_id);

/// A child with attributes, in no namespace: such a name is written without a prefix. Empty values are left out.
Fragment setting_fragment(std::string_view local,
                          const std::vector<std::pair<std::string_view, std::string>>& attributes);

}  // namespace ovfkit::detail::virtualbox
