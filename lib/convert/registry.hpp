#pragma once

#include <span>

#include "model/leaf.hpp"

namespace ovfkit::detail {

/// In the order of the build's lists.
std::span<const Dialect* const> dialects();
std::span<const Platform* const> platforms();

}  // namespace ovfkit::detail
