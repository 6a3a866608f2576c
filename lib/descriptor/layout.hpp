#pragma once

#include <string_view>
#include <vector>

#include "base/xml.hpp"

/// Where the parts of an envelope are, whatever its version: 0.9 writes `<Section xsi:type="ovf:DiskSection_Type">`
/// and `<Content xsi:type="ovf:VirtualSystem_Type">` for what 1.0 calls DiskSection and VirtualSystem (DSP0243 6).
namespace ovfkit::detail {

/// `DiskSection`, `VirtualSystem`, `References` ...: the meaning of an element of the envelope namespace (or of
/// none), its xsi:type considered. Empty for an element of a foreign namespace.
std::string_view part_name(Element element);
/// The same, and notes that xsi:type and ovf:required of the element are understood.
void take_part(Element element);

/// One VirtualSystem and its sections. Only the first of a section that may stand once; the rest is not taken.
struct SystemParts {
    Element element, name, annotation, operating_system;
    std::vector<Element> products, eulas, hardware, boot_order;
    Element chosen;  ///< which of `hardware` counts
};

struct EnvelopeParts {
    Element envelope, references, disks, shared_disks, networks, deployment;
    Element collection;             ///< the outermost VirtualSystemCollection, if any
    std::vector<Element> products;  ///< ProductSections of collections
    std::vector<Element> systems;   ///< in document order, nested ones included
    Element encrypted;              ///< an EncryptionSection or encrypted data, if any
    std::vector<Element> misplaced;  ///< sections that stand where the standard does not allow them
    bool too_deep = false;          ///< collections nested deeper than Limits::collection_depth
};

EnvelopeParts envelope_parts(const XmlDocument& document);
/// The first in document order, and the DiskSection: what tells dialects apart, without a walk over all systems.
Element first_system(const XmlDocument& document);
Element disk_section(const XmlDocument& document);
SystemParts parts_of(Element system);

/// `2` when the root is in the 2.x envelope namespace, `0` in the 0.9 one, otherwise `1`.
int major_version(const XmlDocument& document);

/// Text of the first child of that name, in the envelope namespace or none; taken.
std::string_view take_child(Element parent, std::string_view local);

/// A new section: `<DiskSection><Info>..</Info></DiskSection>`, or 0.9's form of it.
Fragment section_fragment(std::string_view name, std::string_view info, int major);

}  // namespace ovfkit::detail
