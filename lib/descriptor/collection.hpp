#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"
#include "descriptor/layout.hpp"

/// VirtualSystemCollection (DSP0243 8.2): its own sections, and the VMs in it.
namespace ovfkit::detail {

/// Id, name, StartupSection and ResourceAllocationSection.
void read_collection(const EnvelopeParts& layout, Envelope& envelope, Diagnostics& diagnostics);
/// Does nothing without a collection: a section of one has no place elsewhere.
void update_collection(Editing& editing, const EnvelopeParts& layout, const Envelope& have, const Envelope& wanted);
/// Takes the collection away around its only VM that stays, unless it says something more.
void unwrap_collection(Editing& editing, const EnvelopeParts& layout, const Envelope& wanted, Element kept);

/// Whether a VM must be added, or a collection made, before the document can say `wanted`.
bool needs_structure(const Envelope& have, const Envelope& wanted);
/// Adds what needs_structure() asks for. `elements`: of every VM of `wanted` that `have` does not have, its
/// VirtualSystem in a document of its own; others are not looked at.
void add_structure(XmlDocument& document, const Envelope& have, const Envelope& wanted,
                   const std::vector<Element>& elements);

}  // namespace ovfkit::detail
