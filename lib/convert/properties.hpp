#pragma once

#include <ovfkit/convert.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

/// Puts the values of this run into the model, in place of those that count in the configuration in effect. Throws
/// UsageError for a key that no property has, one that several have, and a value its property does not take.
void apply_properties(Envelope& envelope, const ReadOptions& options, const XmlDocument& document,
                      Diagnostics& diagnostics);

}  // namespace ovfkit::detail
