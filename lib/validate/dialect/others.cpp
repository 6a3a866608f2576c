#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// VirtualBox and oVirt.
namespace ovfkit::detail {

namespace {

void check_virtualbox(const Subject& subject, Findings& findings) {
    bool attached = false;
    for (const CheckedSystem& system : subject.systems) {
        const Element machine = system.parts.element.child(Ns::vbox, "Machine");
        if (machine) for_each_element(machine, [&](Element element) { attached = attached || element.local() == "Image"; });
    }
    if (!attached) return;
    for (const Element& disk : subject.disks)
        if (!disk.attribute(Ns::vbox, "uuid"))
            findings.add("virtualbox-uuid-missing", disk, fmt::format("Disk '{}' has no vbox:uuid", printable(value_of(disk, "diskId"), 80)));
}

void check_ovirt(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware)
            for (const CheckedItem& item : hardware.items) {
                if (!equal_nocase(trimmed(item.item.element.child_lax(Ns::ovf, "Device").text()), "memballoon") &&
                    !equal_nocase(trimmed(item.item.extra(Ns::none, "Device").text()), "memballoon"))
                    continue;
                const Element params = item.item.element.child_lax(Ns::ovf, "SpecParams");
                if (trimmed(params.child_lax(Ns::ovf, "model").text()).empty())
                    findings.add("ovirt-model-blank", params ? params : item.item.element, "the balloon has no SpecParams with a model");
            }
}

}  // namespace

void check_others(const Subject& subject, Findings& findings) {
    check_virtualbox(subject, findings);
    if (subject.is_ovirt()) check_ovirt(subject, findings);
}

}  // namespace ovfkit::detail
