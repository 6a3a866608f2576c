#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

#include "convert/diff_match.hpp"
#include "convert/field_walk.hpp"

/// The fields of two models whose elements have names (match_elements), side by side.
namespace ovfkit::detail {

using Fields = std::map<std::string, FieldValue>;  ///< by a path with names in it

/// Without ids that only tie parts together: references to them are compared by what they lead to.
Fields fields_of(const Side& side);
Fields fields_of(const Side& side, const VirtualSystem& system);

/// Called for what differs; nullptr on the side that says nothing.
using DifferenceSink = std::function<void(const std::string& path, const FieldValue* a, const FieldValue* b)>;
void compare(const Fields& a, const Fields& b, const DifferenceSink& sink);

/// Whether a field of that value says what its absence says, too: a device that is there is connected, a cdrom is
/// read-only. `path` is that of compare(): the names in it tell what a drive is.
bool is_implied(std::string_view path, std::string_view key, std::string_view value);

}  // namespace ovfkit::detail
