#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>

/// The well-formedness check that pugixml does not make: one pass over the text, nothing allocated per element.
namespace ovfkit::detail {

/// Thrown by scan(); parse makes an InputError of it.
struct ScanFault {
    std::string_view rule;
    std::size_t at = 0;  ///< offset in the text
    std::string message;
    Failure failure = Failure::malformed;
};

struct ScanResult {
    std::vector<std::string> nested_prefixes;                     ///< declared below the root; empty for xmlns=
    std::vector<std::pair<std::string, std::size_t>> undeclared;  ///< prefixes without a declaration, first use
    std::size_t elements = 0;
};

/// `text`: valid UTF-8 of legal characters, as find_illegal says. Throws ScanFault.
ScanResult scan(const std::string& text, const Limits& limits);

}  // namespace ovfkit::detail
