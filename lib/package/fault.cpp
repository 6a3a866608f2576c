#include "package/fault.hpp"

#include <ovfkit/error.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

void package_fault(std::string_view rule, const std::string& package, std::string message, Failure failure) {
    Diagnostics one;
    report(one, rule, Location{package}, std::move(message), failure);
    throw InputError(one.all().front());
}

}  // namespace ovfkit::detail
