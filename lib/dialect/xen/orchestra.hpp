#pragma once

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// Xen Orchestra's own form: one made of VMware's, with slips of its own.
namespace ovfkit::detail::xen {

bool is_orchestra(const XmlDocument& document);

/// Slots 2 and 3 of an IDE controller are 0 and 1 of the secondary one.
void spread_ide(const XmlDocument& document, VirtualSystem& system, Diagnostics& diagnostics);

}  // namespace ovfkit::detail::xen
