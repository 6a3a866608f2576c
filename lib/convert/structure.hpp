#pragma once

#include <memory>

#include "convert/registry.hpp"

namespace ovfkit::detail {

/// A copy of `document` with the VMs of `wanted` that it does not have yet, and a collection where one is needed;
/// nullptr when it needs none, or its dialect holds no more than it has. A VM is written as a new descriptor of the
/// same dialect and version first, so that whatever the dialect adds comes along.
std::unique_ptr<XmlDocument> with_structure(const XmlDocument& document, const Dialect& dialect, const Envelope& have,
                                            const Envelope& wanted, const WriteOptions& options,
                                            const ReadOptions& read_options);

}  // namespace ovfkit::detail
