#pragma once

#include <string>
#include <vector>

#include "dialect/ovirt/items.hpp"

/// The elements between the start of Content (or VirtualSystem) and its sections, and the OS section.
namespace ovfkit::detail::ovirt {

/// Everything that does not depend on devices; before them, because CD bus and architecture follow from it.
void read_general(Element system, const SystemParts& parts, const Form& form, VirtualSystem& out,
                  Diagnostics& diagnostics);
/// DefaultDisplayType, which only says something when it is not what the first video device says.
void read_display(Element system, VirtualSystem& out);
/// The display type number, when there is one; looks only.
std::string_view display_number(Element system);

/// Edits name, description, memory policy, firmware, boot, CPU model, template mark, parameters, OS, ids.
void update_general(XmlDocument& document, Element system, const Form& form, const VirtualSystem& have,
                    const VirtualSystem& wanted, bool in_place, std::vector<LossNote>& notes);

/// Adds a general element at its place in the engine's order.
void insert_general(XmlDocument& document, Element system, const Fragment& fragment);

/// Text that a general element has when nothing else is said: such text is read as nothing. Empty: no such text.
std::string_view implied_text(std::string_view name);

/// A child of the general data by name; invalid when absent. Sections do not count.
Element general_element(Element system, std::string_view name);

/// VmInit attributes that never leave the document.
bool is_secret(std::string_view vm_init_attribute);
std::string script_from(std::string_view text);
std::string script_to(std::string_view text);

}  // namespace ovfkit::detail::ovirt
