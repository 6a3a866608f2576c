#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"
#include "descriptor/spelling.hpp"

namespace ovfkit::detail {

/// Attributes of a dialect's own that a new Disk element gets.
using DiskAttributes = std::vector<Fragment::Attr> (*)(const VirtualDisk&);

/// How a dialect reads and writes what the standard leaves open.
struct Style {
    Speller speller = Speller::dmtf;
    std::string_view family = {};       ///< what a VirtualSystemType must have in it; empty: anything will do
    std::string_view family_rule = {};  ///< of the loss where it has not
    bool keep_family = false;           ///< VirtualSystemType stays as it is in the document
    bool nvram_in_extra_config = false;
    bool boot_order_section = false;    ///< vmw:BootOrderSection for an order of disks
    bool balloon_as_maxmemctl = false;  ///< a disabled balloon as ExtraConfig instead of an Item
    /// XenServer: several processor or memory Items add up; Limit counts virtual CPUs; Limit and Weight of the memory
    /// are constants; a drive's place is also its Connection (`ID,device=N`).
    bool xen_items = false;
    bool any_ids = false;  ///< new Items keep ids that are no numbers: XenCenter's are UUIDs, Xen Orchestra's words
    DiskAttributes disk_attributes = nullptr;  ///< none besides
};

}  // namespace ovfkit::detail
