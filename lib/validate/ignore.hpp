#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/validate.hpp>

namespace ovfkit::detail {

/// `*` any characters, `?` one. Linear in both lengths for one `*`, and never exponential.
bool matches_pattern(std::string_view text, std::string_view pattern);

/// The rules that are not wanted of one input.
class IgnoreList {
public:
    IgnoreList(const std::vector<IgnoreRule>& rules, std::string_view path);
    [[nodiscard]] bool has(std::string_view rule) const;

private:
    std::vector<std::string_view> patterns_;
};

}  // namespace ovfkit::detail
