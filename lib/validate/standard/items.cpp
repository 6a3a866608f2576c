#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/networks.hpp"
#include "validate/findings.hpp"

// Items of VirtualHardwareSection as such (DSP0243 8.3).
namespace ovfkit::detail {

namespace {

void check_type(const CheckedItem& item, const Subject& subject, Findings& findings) {
    if (!item.type || subject.is_ovirt()) return;
    const std::uint32_t type = *item.type;
    const Element where = item.item.get(Rasd::ResourceType);
    const bool vendor = type >= 32768 || type == rt_sound;
    if (!vendor && (type == 0 || type > 33))
        findings.add("ovf-item-type-reserved", where, fmt::format("ResourceType {} of Item '{}' is reserved", type, printable(item.id(), 80)));
    if (vendor && item.item.required())
        findings.add("ovf-item-vendor-required", item.item.element,
                     fmt::format("Item '{}' is of the vendor's type {} and must be understood", printable(item.id(), 80), type));
}

void check_configuration(const CheckedItem& item, const Subject& subject, Findings& findings) {
    std::string_view list = item.item.configuration();
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(" \t\r\n"), list.size());
        const std::string_view id = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        if (id.empty() || subject.configuration_ids.contains(id)) continue;
        findings.add("ovf-item-configuration-undefined", item.item.element,
                     fmt::format("Item '{}' is for the configuration '{}', which is not defined", printable(item.id(), 80), printable(id, 80)));
    }
}

void check_item(const CheckedItem& item, const Subject& subject, Findings& findings) {
    check_type(item, subject, findings);
    if (!item.item.configuration().empty()) check_configuration(item, subject, findings);
    if (item.item.kind != ItemKind::item && subject.major == 1)
        findings.add("ovf-item-newer", item.item.element, fmt::format("{} is of OVF 2, the descriptor of OVF 1", item.item.element.qname()));
    const std::string_view unit_text = item.item.text(Rasd::AllocationUnits);
    if (const auto unit = unit_text.empty() ? std::nullopt : parse_unit(unit_text); unit && unit->legacy && !subject.is_ovirt())
        findings.add("ovf-item-unit-old", item.item.get(Rasd::AllocationUnits), fmt::format("'{}' is no unit of DSP0004", printable(unit_text, 40)));
    const std::string_view resource = item.item.text(Rasd::HostResource);
    const auto target = parse_host_resource(resource);
    if ((target.kind == HostResource::Kind::disk || target.kind == HostResource::Kind::file) && !resource.starts_with("ovf:/") && subject.major != 0)
        findings.add("ovf-item-host-resource", item.item.get(Rasd::HostResource), fmt::format("'{}' is an old form of HostResource", printable(resource, 80)));
    else if (target.kind != HostResource::Kind::none && target.kind != HostResource::Kind::foreign && resource.starts_with("ovf://"))
        findings.add("ovf-item-host-resource", item.item.get(Rasd::HostResource), fmt::format("'{}' has a slash too many", printable(resource, 80)));
}

}  // namespace

void check_items(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware)
            for (const CheckedItem& item : hardware.items) check_item(item, subject, findings);
}

}  // namespace ovfkit::detail
