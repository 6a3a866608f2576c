#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <ovfkit/diagnostic.hpp>

/// JSON from outside, with the place of every value, for the platforms whose texts are JSON.
namespace ovfkit::detail {

struct JsonSource {
    nlohmann::ordered_json root;
    /// JSON pointer (`/0/nics/1/mac`) -> byte offset of the key, or of the array element.
    std::unordered_map<std::string, std::size_t> offsets;

    /// 0 for a pointer that is not there.
    [[nodiscard]] std::size_t offset_of(const std::string& pointer) const;
};

/// Throws InputError for what is not well-formed (`json-malformed`), nested deeper than `depth`
/// (`json-depth-exceeded`), over `bytes` (`input-too-large`), or names a key twice (`json-key-duplicate`).
JsonSource parse_json(const std::string& name, std::string_view text, std::size_t bytes, std::size_t depth = 32);

/// Line and column, from 1, of an offset.
Location location_in(const std::string& name, std::string_view text, std::size_t offset);
/// The line an offset is in, without its end.
std::string line_in(std::string_view text, std::size_t offset);

}  // namespace ovfkit::detail
