#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "convert/field_walk.hpp"
#include "model/leaf.hpp"

/// What a text of a platform really says: it is read again and held against what was written.
namespace ovfkit::detail {

struct ReadBack {
    FieldValue field;        ///< as it was to be written
    std::string value;       ///< as it reads; empty: not at all
};

/// `envelope` holds what belongs to `system`. Fields that a note speaks of or that the form does not claim to carry are
/// left out, and all where the form is never read.
std::vector<ReadBack> read_back(const Platform& platform, std::string_view form, const Envelope& envelope, const VirtualSystem& system,
                                const Written& written);

}  // namespace ovfkit::detail
