#include <map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/balloon.hpp"
#include "validate/findings.hpp"

// Processors, memory, network adapters, the balloon (DSP0243 8.3).
namespace ovfkit::detail {

namespace {

void check_parts(const CheckedHardware& hardware, Findings& findings) {
    if (hardware.items.empty()) return;
    if (hardware.first(rt_cpu) == nullptr) findings.add("ovf-cpu-missing", hardware.element, "the hardware has no processor Item");
    if (hardware.first(rt_memory) == nullptr) findings.add("ovf-memory-missing", hardware.element, "the hardware has no memory Item");
}

void check_reservation(const CheckedItem& item, Findings& findings) {
    const auto size = to_number<std::uint64_t>(item.item.text(Rasd::VirtualQuantity));
    const auto reserved = to_number<std::uint64_t>(item.item.text(Rasd::Reservation));
    if (size && reserved && *size != 0 && *reserved > *size)
        findings.add("ovf-memory-reservation-exceeds", item.item.get(Rasd::Reservation), fmt::format("{} is reserved of {}", *reserved, *size));
}

/// XenServer, oVirt and others put it into different places.
std::string mac_of(const CheckedItem& item, Element& where) {
    where = item.item.get(Rasd::Address);
    std::string mac = normal_mac(trimmed(where.text()));
    if (mac.empty()) {
        where = item.item.extra(Ns::rasd, "MACAddress");
        mac = normal_mac(trimmed(where.text()));
    }
    return mac;
}

void check_mac(const CheckedItem& item, std::map<std::string, std::string_view>& macs, Findings& findings) {
    Element where;
    const std::string mac = mac_of(item, where);
    if (mac.empty()) return;
    const char low = mac[1];  // the hex digit with the group bit
    const int digit = low >= 'a' ? low - 'a' + 10 : low - '0';
    if (digit % 2 != 0) findings.add("ovf-mac-group", where, fmt::format("{} is the address of a group", mac));
    if (item.plain && !macs.emplace(mac, item.id()).second)
        findings.add("ovf-mac-duplicate", where, fmt::format("{} is the address of another adapter, too", mac));
}

bool is_balloon_item(const CheckedItem& item) {
    if (!item.is(rt_other) && !item.is(rt_zero)) return false;
    EffectiveItem effective;
    effective.item = item.item;
    effective.type = *item.type;
    effective.has_type = true;
    return is_balloon(effective);
}

}  // namespace

void check_devices(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware) {
            check_parts(hardware, findings);
            std::map<std::string, std::string_view> macs;
            for (const CheckedItem& item : hardware.items) {
                if (item.is(rt_memory) && item.item.bound().empty()) check_reservation(item, findings);
                if (item.is(rt_nic)) {
                    check_mac(item, macs, findings);
                    if (item.plain && item.item.text(Rasd::Connection).empty())
                        findings.add("ovf-nic-connection-missing", item.item.element,
                                     fmt::format("network adapter '{}' is connected to nothing", printable(item.id(), 80)));
                }
                if (!subject.is_ovirt() && item.item.required() && is_balloon_item(item))
                    findings.add("balloon-item-required", item.item.element, "the balloon Item is not marked ovf:required=\"false\"");
            }
        }
}

}  // namespace ovfkit::detail
