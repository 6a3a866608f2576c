#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "validate/findings.hpp"

// Sections: which may stand once, and how they are written (DSP0243 9).
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 10> single{"References", "DiskSection", "SharedDiskSection", "NetworkSection", "DeploymentOptionSection",
                                                  "OperatingSystemSection", "AnnotationSection", "InstallSection", "StartupSection",
                                                  "ResourceAllocationSection"};

void check_children(Element parent, const Subject& subject, Findings& findings) {
    std::set<std::string_view> seen;
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (child.local() == "Section" && name != "Section" && subject.major != 0 && !subject.is_ovirt())
            findings.add("ovf-section-older", child, fmt::format("{} is written as in OVF 0.9", printable(name, 80)));
        if (std::find(single.begin(), single.end(), name) != single.end() && !seen.insert(name).second)
            findings.add("ovf-section-duplicate", child, fmt::format("there is a {} already; this one is not read", name));
        if (name == "VirtualSystem" || name == "VirtualSystemCollection") check_children(child, subject, findings);
    }
}

}  // namespace

void check_sections(const Subject& subject, Findings& findings) { check_children(subject.document.root(), subject, findings); }

}  // namespace ovfkit::detail
