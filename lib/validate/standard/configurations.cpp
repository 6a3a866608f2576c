#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// DeploymentOptionSection (DSP0243 9.8).
namespace ovfkit::detail {

void check_configurations(const Subject& subject, Findings& findings) {
    Element first;
    for (const Element& one : subject.configurations) {
        const std::string id = printable(value_of(one, "id"), 80);
        for (const std::string_view name : {"Label", "Description"})
            if (trimmed(one.child_lax(Ns::ovf, name).shown()).empty())
                findings.add("ovf-configuration-label-missing", one, fmt::format("Configuration '{}' has no {}", id, name));
        if (!to_boolean(value_of(one, "default")).value_or(false)) continue;
        if (first)
            findings.add("ovf-configuration-default-several", one,
                         fmt::format("Configuration '{}' is a second default: '{}' is the first", id, printable(value_of(first, "id"), 80)));
        else
            first = one;
    }
}

}  // namespace ovfkit::detail
