#pragma once

#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>

namespace ovfkit::detail {

/// The package cannot be used: throws InputError with one finding. `package` is its name.
[[noreturn]] void package_fault(std::string_view rule, const std::string& package, std::string message, Failure failure);

}  // namespace ovfkit::detail
