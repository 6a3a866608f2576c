#pragma once

#include <string>
#include <vector>

#include "convert/registry.hpp"

namespace ovfkit::detail {

/// A new descriptor with what its source says and ovfkit has no field for: whole sections as they stand, and
/// attributes and children in foreign namespaces, ovf:required="false" (`--keep-foreign`).
struct Foreign {
    std::string bytes;
    std::vector<Unmapped> left;  ///< what could not be carried over after all
};

/// `source` was read as `own`; `bytes` is the new descriptor, of `target`. A VM is matched by its id.
Foreign with_foreign(const XmlDocument& source, const Dialect& own, const std::string& bytes, const Dialect& target,
                     const ReadOptions& options);

}  // namespace ovfkit::detail
