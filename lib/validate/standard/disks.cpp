#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "validate/findings.hpp"

// DiskSection (DSP0243 9.1).
namespace ovfkit::detail {

namespace {

/// What a URI of a format in use has in it.
constexpr std::array<std::string_view, 9> known_formats{"vmdk.html#streamOptimized", "vmdk.html#monolithicSparse", "vmdk.html#monolithicFlat",
                                                        "vmdk.html#sparse", "vmdk.html#compressed", "wikipedia.org/wiki/Byte",
                                                        "qcow-image-format", "virtualserver/bb676673", "vmdk_specs.html"};
constexpr std::array<std::string_view, 4> old_formats{"www.vmware.com/specifications/vmdk.html", "interfaces/interfaces/", "vmdk.html#compressed",
                                                      "vmdk_specs.html"};

template <class List>
bool has_one_of(std::string_view text, const List& list) {
    for (const std::string_view part : list)
        if (text.find(part) != std::string_view::npos) return true;
    return false;
}

void check_format(Element disk, const std::string& id, Findings& findings) {
    const std::string_view format = value_of(disk, "format");
    if (format.empty()) return;
    if (has_one_of(format, old_formats))
        findings.add("ovf-disk-format-old", disk, fmt::format("the format of Disk '{}' is '{}', an old form", id, printable(format, 120)));
    else if (!has_one_of(format, known_formats) && to_lower(format).find("vhd") == std::string::npos)
        findings.add("ovf-disk-format-unknown", disk, fmt::format("the format of Disk '{}' is '{}', which importers do not know", id, printable(format, 120)));
}

void check_capacity(Element disk, const std::string& id, Findings& findings) {
    const std::string_view unit_text = value_of(disk, "capacityAllocationUnits");
    const auto unit = unit_text.empty() ? std::optional(Unit{}) : parse_unit(unit_text);
    if (unit && unit->legacy)
        findings.add("ovf-disk-unit-old", disk, fmt::format("the capacity of Disk '{}' is counted in '{}'", id, printable(unit_text, 40)));
    const auto amount = to_number<std::uint64_t>(value_of(disk, "capacity"));
    const auto bytes = amount && unit ? scaled(*amount, *unit) : std::nullopt;
    if (bytes && *bytes % 512 != 0)
        findings.add("ovf-disk-capacity-unaligned", disk, fmt::format("Disk '{}' has {} bytes, which are no whole sectors", id, *bytes));
}

void check_blank(Element disk, const std::string& id, Findings& findings) {
    for (const std::string_view name : {"format", "populatedSize"})
        if (!value_of(disk, name).empty())
            return findings.add("ovf-disk-blank-format", disk, fmt::format("Disk '{}' has no file, but ovf:{}", id, name));
}

void check_use(const Subject& subject, Findings& findings) {
    std::unordered_set<std::string_view> used;
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware) {
            std::unordered_set<std::string_view> here;
            for (const CheckedItem& item : hardware.items) {
                const Element resource = item.item.get(Rasd::HostResource);
                const HostResource target = parse_host_resource(trimmed(resource.text()));
                if (target.kind != HostResource::Kind::disk) continue;
                used.insert(target.id);
                if (item.plain && !here.insert(target.id).second)
                    findings.add("ovf-disk-attached-twice", resource, fmt::format("Disk '{}' is attached to two drives", printable(target.id, 80)));
            }
        }
    std::unordered_set<std::string_view> parents;
    for (const Element& disk : subject.disks) parents.insert(value_of(disk, "parentRef"));
    for (const Element& disk : subject.disks) {
        const std::string_view id = value_of(disk, "diskId");
        if (!id.empty() && !used.contains(id) && !parents.contains(id))
            findings.add("ovf-disk-unused", disk, fmt::format("no drive has the Disk '{}'", printable(id, 80)));
    }
}

}  // namespace

void check_disks(const Subject& subject, Findings& findings) {
    if (subject.is_ovirt()) return;  // its disks say all of this in attributes of their own
    for (const Element& disk : subject.disks) {
        const std::string id = printable(value_of(disk, "diskId"), 80);
        check_format(disk, id, findings);
        check_capacity(disk, id, findings);
        if (!value_of(disk, "fileRef").empty()) continue;
        check_blank(disk, id, findings);
        if (!value_of(disk, "parentRef").empty())
            findings.add("ovf-disk-blank-parent", disk, fmt::format("Disk '{}' has a parent, but no file of its own", id));
    }
    check_use(subject, findings);
}

}  // namespace ovfkit::detail
