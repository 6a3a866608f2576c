#pragma once

#include <cstddef>
#include <string>

/// A descriptor of one VirtualSystem with `items` Items, like those of gen_descriptor.py --wide.
std::string wide_descriptor(std::size_t items);
