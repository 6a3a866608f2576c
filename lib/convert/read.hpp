#pragma once

#include "convert/registry.hpp"

namespace ovfkit::detail {

/// Adds what a reader found. `--lenient`: what is wrong in the content is said, and passes; what is refused (over a
/// limit, encrypted) stays refused. The same for dialects and platforms.
void forward(const Diagnostics& from, Diagnostics& to, bool lenient);

/// Reads with the dialect, traces when asked, settles `--lenient`. Throws nothing for content.
Envelope read_with(const Dialect& dialect, const XmlDocument& document, Diagnostics& diagnostics, const ReadOptions& options);

/// The dialect of a descriptor by `options.from` or by detection. Throws InputError, UsageError.
const Dialect& dialect_of(const XmlDocument& document, const ReadOptions& options);

/// Throws InputError with the first error of `diagnostics`, if it has one.
void stop_at_errors(const Diagnostics& diagnostics);

/// Whether `vm` (`--vm`, an id or a name; empty: every VM) means this one.
bool is_wanted(const VirtualSystem& system, std::string_view vm);
/// Throws UsageError when it means none.
void check_vm(const Envelope& envelope, std::string_view vm);

}  // namespace ovfkit::detail
