#pragma once

#include "convert/registry.hpp"

namespace ovfkit::detail {

/// Reads with the dialect, traces when asked, settles `--lenient`. Throws nothing for content.
Envelope read_with(const Dialect& dialect, const XmlDocument& document, Diagnostics& diagnostics, const ReadOptions& options);

/// The dialect of a descriptor by `options.from` or by detection. Throws InputError, UsageError.
const Dialect& dialect_of(const XmlDocument& document, const ReadOptions& options);

/// Throws InputError with the first error of `diagnostics`, if it has one.
void stop_at_errors(const Diagnostics& diagnostics);

}  // namespace ovfkit::detail
