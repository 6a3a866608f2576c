#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"

/// DiskSection (DSP0243 9.1).
namespace ovfkit::detail {

/// Values of the ProductSection properties in the configuration in effect, by full key (`class.key.instance`).
class PropertyValues {
public:
    void add(const Product& product, std::string_view configuration);
    /// nullptr when no such property is defined.
    [[nodiscard]] const std::string* find(std::string_view key) const;

private:
    std::unordered_map<std::string, std::string> values_;
};

/// True when a Disk's capacity is `${property}`.
bool needs_properties(Element section);

/// Reports `ovf-disk-*`, `ovf-file-dangling`, `ovf-property-undefined`, `ovf-number-invalid`, `ovf-unit-unknown`.
std::vector<VirtualDisk> read_disks(Element section, const std::vector<FileReference>& files,
                                    const PropertyValues& properties, Diagnostics& diagnostics);

/// The properties of a whole envelope.
PropertyValues property_values(const Envelope& envelope);

/// The element of one disk: its capacity in bytes, as readers that ignore units expect it; in the unit that makes a
/// property's value the capacity.
Fragment new_disk(const Editing& editing, const VirtualDisk& disk, const PropertyValues& properties);

/// Disks are told apart by id. Does nothing when `section` is invalid.
void update_disks(Editing& editing, Element section, const std::vector<VirtualDisk>& have,
                  const std::vector<VirtualDisk>& wanted, const PropertyValues& properties);

}  // namespace ovfkit::detail
