#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// OperatingSystemSection, EulaSection, the family of the hardware (DSP0243 8.1, 9.4, 9.6).
namespace ovfkit::detail {

namespace {

/// From here on importers read the numbers differently.
constexpr std::uint32_t first_disputed = 111;

void check_system(const CheckedSystem& system, const Subject& subject, Findings& findings) {
    const Element os = system.parts.operating_system;
    if (!os) {
        findings.add("ovf-os-missing", system.parts.element, "the VirtualSystem has no OperatingSystemSection");
    } else if (!subject.is_ovirt()) {
        const auto id = to_number<std::uint32_t>(value_of(os, "id"));
        const bool named = os.attribute(Ns::vmw, "osType") || os.attribute(Ns::ovirt, "id") || os.child(Ns::vbox, "OSType") ||
                           !trimmed(os.child_lax(Ns::ovf, "Description").shown()).empty();
        if (id && *id >= first_disputed && !named)
            findings.add("ovf-os-disputed", os, fmt::format("operating system {} is told by its number alone", *id));
    }
    for (const Element& eula : system.parts.eulas)
        if (trimmed(eula.child_lax(Ns::ovf, "License").shown()).empty()) findings.add("ovf-eula-empty", eula, "the EulaSection has no License");
    for (const CheckedHardware& hardware : system.hardware)
        if (hardware.family().empty())
            findings.add("ovf-hardware-family-missing", hardware.element, "the hardware has no System with a VirtualSystemType");
}

}  // namespace

void check_guest(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems) check_system(system, subject, findings);
}

}  // namespace ovfkit::detail
