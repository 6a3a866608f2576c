#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// Versions, several VMs, families of hardware: what consumers take at all.
namespace ovfkit::detail {

namespace {

constexpr std::uint32_t newest_of_esxi_7 = 19, newest_of_esxi_8 = 21, refused_by_esxi = 10;

/// The highest `vmx-N` of a list of families that is at most `newest`; the lowest of all when none is.
std::optional<std::uint32_t> best_vmx(std::string_view list, std::uint32_t newest) {
    std::optional<std::uint32_t> best;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(", \t\n"), list.size());
        const std::string_view word = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        if (word.size() < 5 || !equal_nocase(word.substr(0, 4), "vmx-")) continue;
        const auto number = to_number<std::uint32_t>(word.substr(4));
        if (!number) continue;
        const bool fits = *number <= newest;
        if (!best || (fits && (*best > newest || *number > *best)) || (!fits && *best > newest && *number < *best)) best = number;
    }
    return best;
}

void check_family(const CheckedHardware& hardware, Findings& findings) {
    const std::string_view family = hardware.family();
    if (family.empty()) return;
    const std::string wanted = findings.wanted("import-family-newer");
    const std::uint32_t newest = wanted.find("esxi-7") != std::string::npos ? newest_of_esxi_7 : newest_of_esxi_8;
    const auto version = best_vmx(family, newest);
    const Element where = hardware.system.child_lax(Ns::vssd, "VirtualSystemType");
    if (!version)
        findings.add("import-family-foreign", where, fmt::format("the hardware family '{}' is not VMware's", printable(family, 60)));
    else if (*version > newest)
        findings.add("import-family-newer", where, fmt::format("vmx-{} is newer than vmx-{}, the newest of {}", *version, newest, wanted));
    else if (*version <= refused_by_esxi)
        findings.add("import-family-older", where, fmt::format("vmx-{} is older than what {} is known to take", *version, wanted));
}

void check_network(const CheckedHardware& hardware, const Subject& subject, Findings& findings) {
    const CheckedItem* adapter = hardware.first(rt_nic);
    if (adapter != nullptr && subject.networks.empty())
        findings.add("import-network-missing", adapter->item.element, "there is a network adapter, and no Network is declared");
}

}  // namespace

void check_consumer_structure(const Subject& subject, Findings& findings) {
    const Element root = subject.document.root();
    if (subject.major == 2) findings.add("import-version-two", root, fmt::format("OVF 2 is not read by {}", findings.wanted("import-version-two")));
    if (subject.major == 0) findings.add("import-version-old", root, fmt::format("OVF 0.9 is not read by {}", findings.wanted("import-version-old")));
    if (subject.systems.size() > 1)
        findings.add("import-systems-several", subject.systems[1].parts.element,
                     fmt::format("the descriptor has {} VMs; {} read one", subject.systems.size(), findings.wanted("import-systems-several")));
    for (const CheckedSystem& system : subject.systems) {
        for (Element child = system.parts.element.first(); child; child = child.next())
            if (is_part(child, "StartupSection") && subject.systems.size() == 1)
                findings.add("import-startup-single", child, "a StartupSection of a single VM is refused");
        for (const CheckedHardware& hardware : system.hardware) {
            if (findings.applies("import-family-newer") && hardware.element == system.hardware.front().element) check_family(hardware, findings);
            check_network(hardware, subject, findings);
        }
    }
}

}  // namespace ovfkit::detail
