#pragma once

#include <string>
#include <string_view>

#include "package/crypto.hpp"
#include "package/digest.hpp"

namespace ovfkit::detail {

const EVP_MD* evp_of(Algorithm algorithm);
std::string to_hex(std::string_view bytes);

}  // namespace ovfkit::detail
