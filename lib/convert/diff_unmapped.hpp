#pragma once

#include <vector>

#include <ovfkit/diff.hpp>

#include "convert/diff_match.hpp"
#include "convert/places.hpp"

namespace ovfkit::detail {

/// One side's unmapped parts of a VM; of the envelope where `system` is nullptr.
struct UnmappedOf {
    const Side& side;
    const VirtualSystem* system;
    const Places& places;
};

/// Rows for the parts of two descriptors that no field holds. Prefixes, positions and ids in their paths say nothing.
void diff_unmapped(const UnmappedOf& a, const UnmappedOf& b, const std::string& prefix, std::vector<DiffRow>& rows);

}  // namespace ovfkit::detail
