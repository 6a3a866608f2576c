#pragma once

#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// gnt:GanetiSection of an envelope that Ganeti's own ovfconverter wrote: hypervisor, OS, disk template and tags as
/// parameters of the space `ganeti`, hvparams as `ganeti.hv`, auto_balance as `ganeti.be`, OS parameters as
/// `ganeti.os`; what it says of NICs that their Items do not.
namespace ovfkit::detail::ganeti_ovf {

/// Into the first system. Values that are there already stay: an edit of the standard parts counts more. Does nothing
/// without a section.
void read_section(Element envelope, Envelope& out, Diagnostics& diagnostics);

/// For each NIC the gnt:Nic that describes it; invalid where there is none.
std::vector<Element> nic_elements(Element section, const std::vector<Nic>& nics);

/// Whether the section has a place for it.
bool is_setting(const Parameter& parameter);
bool is_nic_setting(const Parameter& parameter);

/// Edits the section, or makes one before `before`, until it says `wanted` and no more. `have` and `wanted` are the
/// system as the section sees it: only settings count, and the NICs' modes, links, networks and addresses. `plain` is
/// what the standard parts of the document say of the NICs. `balloon`: text of the hvparam, where there is one.
void update_section(XmlDocument& document, Element envelope, Element before, const VirtualSystem& have,
                    const VirtualSystem& wanted, const VirtualSystem& plain, const std::string& balloon);

/// The hvparam `balloon`; invalid when there is none.
Element balloon_parameter(Element envelope);

}  // namespace ovfkit::detail::ganeti_ovf
