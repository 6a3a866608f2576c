#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/hardware.hpp"
#include "model/leaf.hpp"

/// A whole descriptor of the standard or of VMware: what the dialects `dmtf` and `vmware` have in common.
namespace ovfkit::detail {

Envelope read_envelope(const XmlDocument& document, ReadContext& context);
Envelope read_envelope(const XmlDocument& document, ReadContext& context, const Style& style);

void update_envelope(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
                     const Style& style, std::vector<LossNote>& notes);

/// What a new descriptor starts as.
struct Skeleton {
    std::string dialect;          ///< what the document says it is, where nothing else would tell; or empty
    std::string version = "1.1";  ///< `0.9 1.0 1.1 2.0`
    std::string system_type;      ///< VirtualSystemType of a VM whose own is none of the wanted family
    std::string family;           ///< what a VM's own VirtualSystemType must have in it; empty: anything will do
    std::vector<Ns> namespaces;   ///< to declare beyond the usual ones
    bool names = false;           ///< a VM's name is written too, not left to the update
    /// Lines of XML at the end of a VirtualSystem.
    std::vector<std::string> (*tail)(const VirtualSystem&) = nullptr;
};
/// An envelope with as many empty VirtualSystems as `wanted` has.
std::string skeleton_text(const Envelope& wanted, const Skeleton& skeleton);

/// Who wrote the document, as far as it says so: `VMware ovftool 4.4.0`, `VirtualBox`, ...
std::string producer_of(const XmlDocument& document);
/// vssd:VirtualSystemType of the first VM.
std::string_view first_system_type(const XmlDocument& document);
/// Whether the namespace `ns` is declared on the root.
bool declares_namespace(const XmlDocument& document, Ns ns);
/// Whether a Disk's ovf:format has that in it.
bool has_disk_format(const XmlDocument& document, std::string_view part);
/// Whether the namespace `ns` is declared on the root, and its prefix used.
bool uses_namespace(const XmlDocument& document, Ns ns);

}  // namespace ovfkit::detail
