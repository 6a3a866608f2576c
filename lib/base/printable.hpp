#pragma once

#include <string>
#include <string_view>

namespace ovfkit::detail {

/// Takes one character (or one bad byte) off `rest`, which is not empty, and gives it as it may be printed.
std::string printable_piece(std::string_view& rest);

}  // namespace ovfkit::detail
