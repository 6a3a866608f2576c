#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What a file of a package may be called: names that mean the same, and nothing outside the package, everywhere.
namespace ovfkit::detail {

/// Why a member must not be called that, as a part of a sentence; empty when it may. One `./` in front is taken off first.
std::string name_problem(std::string_view name);
/// Without the `./` in front.
std::string_view plain_name(std::string_view name);

/// ovf:href (a URI reference, DSP0243 7.1) to the name of a member: %XX decoded once. nullopt with a reason for what is
/// no relative path inside the package: a scheme, a query, `..` and the like.
std::optional<std::string> name_from_href(std::string_view href, std::string& problem);
/// The name of chunk `index`: `NAME.000000000` (DSP0243 7.1).
std::string chunk_name(std::string_view name, std::size_t index);

}  // namespace ovfkit::detail
