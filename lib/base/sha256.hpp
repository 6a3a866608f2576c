#pragma once

#include <string>
#include <string_view>

namespace ovfkit::detail {

/// Lower-case hex SHA-256 (FIPS 180-4) of a text: names made from text, the check of a carried descriptor. Without
/// libcrypto, whose start takes longer than this does for a descriptor; disks are digested by package/digest.hpp.
std::string sha256_hex(std::string_view bytes);

}  // namespace ovfkit::detail
