#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"
#include "descriptor/property_values.hpp"

/// DiskSection (DSP0243 9.1).
namespace ovfkit::detail {

/// True when a Disk's capacity is `${property}`.
bool needs_properties(std::span<const Element> sections);

/// The Disks of a DiskSection and of a SharedDiskSection, either of which may be invalid.
/// Reports `ovf-disk-*`, `ovf-file-dangling`, `ovf-property-*`, `ovf-number-invalid`, `ovf-unit-unknown`.
std::vector<VirtualDisk> read_disks(std::span<const Element> sections, const std::vector<FileReference>& files,
                                    const PropertyValues& properties, Diagnostics& diagnostics);

/// Whether a Disk of that id stands in the section.
bool has_disk(Element section, std::string_view id);

/// The element of one disk: its capacity in bytes, as readers that ignore units expect it; in the unit that makes a
/// property's value the capacity.
Fragment new_disk(const Editing& editing, const VirtualDisk& disk, const PropertyValues& properties);

/// Disks are told apart by id. Does nothing when `section` is invalid.
void update_disks(Editing& editing, Element section, const std::vector<VirtualDisk>& have,
                  const std::vector<VirtualDisk>& wanted, const PropertyValues& properties);

}  // namespace ovfkit::detail
