#include <array>
#include <utility>

#include <fmt/format.h>

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

std::string default_machine(std::string_view arch, std::string_view type, bool efi) {
    if (type == "xen") return "xenfv";
    if (is_x86(arch)) return efi ? "q35" : "pc";
    if (arch.starts_with("ppc64")) return "pseries";
    if (arch == "s390x") return "s390-ccw-virtio";
    return "virt";
}

}  // namespace

void decide_target(Writer& w) {
    const Hardware& h = w.hardware();
    Target& t = w.target;
    t.arch = !w.settings.arch.empty() ? w.settings.arch : !h.arch.empty() ? h.arch : "x86_64";
    if (!only_word_characters(t.arch, "_-")) {
        w.note("arch", {}, Fate::approximated, "libvirt-name-invalid",
               fmt::format("'{}' is no architecture's name; x86_64 is written", t.arch));
        t.arch = "x86_64";
    } else if (!h.arch.empty() && t.arch != h.arch) {
        w.note("arch", {}, Fate::approximated, "libvirt-option-overrides",
               fmt::format("'{}' became '{}' as asked for", h.arch, t.arch));
    }
    t.x86 = is_x86(t.arch);
    t.efi = h.firmware == Firmware::efi;
    t.secure_boot = h.secure_boot.value_or(false);
    if (t.secure_boot && (!t.efi || !t.x86)) {
        w.note("secure_boot", {}, Fate::dropped, "libvirt-secureboot-firmware",
               "secure boot needs EFI firmware on x86; it is left out");
        t.secure_boot = false;
    }

    const bool asked = !w.settings.machine.empty();
    t.machine = asked ? w.settings.machine : general_machine(h.machine);
    if (!t.machine.empty() && !only_word_characters(t.machine, "_.-")) {
        w.note("machine", {}, Fate::dropped, "libvirt-name-invalid",
               fmt::format("'{}' is no machine type's name; the default is written", t.machine));
        t.machine.clear();
    } else if (asked && !h.machine.empty() && general_machine(t.machine) != general_machine(h.machine)) {
        w.note("machine", {}, Fate::approximated, "libvirt-option-overrides",
               fmt::format("'{}' became '{}' as asked for", h.machine, t.machine));
    } else if (!asked && t.machine != h.machine) {
        w.note("machine", {}, Fate::approximated, "libvirt-machine-generalized",
               fmt::format("'{}' became '{}': other QEMU builds do not have that version", h.machine, t.machine));
    }
    if (t.machine.empty()) t.machine = default_machine(t.arch, w.settings.type, t.efi);
    t.q35 = general_machine(t.machine) == "q35";
    t.isa_only = t.machine == "isapc";
    if (t.secure_boot && !t.q35) {
        if (asked) {
            w.refuse(
                "libvirt-secureboot-machine",
                fmt::format("secure boot needs machine q35, not '{}': drop -O libvirt.machine or use q35", t.machine));
        } else {
            w.note("machine", {}, Fate::approximated, "libvirt-secureboot-machine",
                   fmt::format("'{}' became 'q35': secure boot needs it", t.machine));
            t.machine = "q35";
            t.q35 = true;
        }
    }
}

}  // namespace ovfkit::detail::libvirt
