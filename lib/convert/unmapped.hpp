#pragma once

#include <string>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

/// What no reader took (XmlDocument::trace must have been on while reading): one entry an element, its
/// attributes and text listed. A section nobody knows that must be understood comes out as `required`.
std::vector<Unmapped> unmapped_values(const XmlDocument& document);

/// Its value for people; `(secret)` when the value or the place speaks of a password.
std::string shown(const Unmapped& part);

}  // namespace ovfkit::detail
