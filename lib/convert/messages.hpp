#pragma once

#include <ovfkit/convert.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

/// Has `document` show its texts in `options.lang`: by the Strings of that locale, of its language, of the
/// envelope's, in this order; without a locale only texts that are empty are filled. A bundle that is a file is read
/// from `options.folder`. Reports `ovf-strings-*`.
void use_language(const XmlDocument& document, const ReadOptions& options, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
