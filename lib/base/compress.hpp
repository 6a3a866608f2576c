#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Text-safe packing of a carried descriptor: zlib (libdeflate) and base64.
namespace ovfkit::detail {

std::string base64_encode(std::string_view bytes);
/// Blanks are skipped; nullopt for anything else that is not base64.
std::optional<std::string> base64_decode(std::string_view text);
std::string zlib_compress(std::string_view bytes);
/// nullopt when damaged, or when more than `limit` bytes come out.
std::optional<std::string> zlib_decompress(std::string_view bytes, std::size_t limit);

}  // namespace ovfkit::detail
