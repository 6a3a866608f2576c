#include <fmt/format.h>

#include "validate/findings.hpp"

// NetworkSection (DSP0243 9.2).
namespace ovfkit::detail {

void check_networks(const Subject& subject, Findings& findings) {
    if (subject.networks.empty() || subject.is_ovirt()) return;
    std::unordered_set<std::string_view> used;
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware)
            for (const CheckedItem& item : hardware.items) used.insert(item.item.text(Rasd::Connection));
    for (const Element& network : subject.networks)
        if (const std::string_view name = value_of(network, "name"); !name.empty() && !used.contains(name))
            findings.add("ovf-network-unused", network, fmt::format("no adapter is connected to the Network '{}'", printable(name, 80)));
}

}  // namespace ovfkit::detail
