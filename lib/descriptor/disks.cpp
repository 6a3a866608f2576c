#include "descriptor/disks.hpp"

#include <bit>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/units.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::uint64_t max_long = std::numeric_limits<std::int64_t>::max();  // xs:long

Unit unit_of(Element disk, Diagnostics* diagnostics) {
    const Attribute attribute = disk.attribute_lax(Ns::ovf, "capacityAllocationUnits");
    const std::string_view text = trimmed(attribute.value());
    if (text.empty()) return {};
    const auto unit = parse_unit(text);
    if (!unit || unit->base != UnitBase::byte) {
        if (diagnostics != nullptr)
            report(*diagnostics, "ovf-unit-unknown", disk,
                   fmt::format("{} is '{}', not a unit of bytes; write byte * 2^20 or byte", attribute.qname(),
                               printable(text, 60)),
                   Failure::malformed);
        return {};
    }
    if (diagnostics != nullptr) (void)attribute.take();
    return *unit;
}

/// False, with a finding, when the property has no value to use.
bool resolve_capacity(Element element, std::string_view key, const PropertyValues& properties, std::string& value,
                      Diagnostics& diagnostics) {
    const Expanded expanded = properties.resolve(key);
    value = expanded.text;
    if (!expanded.problem.empty())
        report(diagnostics, "ovf-property-undefined", element,
               fmt::format("ovf:capacity is '${{{}}}', but {}; give --property {}=VALUE", printable(key, 80),
                           expanded.problem, printable(expanded.key, 80)),
               Failure::malformed);
    else if (trimmed(value).empty())
        report(diagnostics, "ovf-property-unset", element,
               fmt::format("ovf:capacity is '${{{0}}}', and that property has no value; give --property {0}=VALUE",
                           printable(key, 80)),
               Failure::malformed);
    else
        return true;
    return false;
}

/// The schema wants a capacity of every Disk: one that is not known is written as 0 with this mark.
constexpr std::string_view capacity_known = "capacityKnown";

void read_capacity(Element element, const PropertyValues& properties, VirtualDisk& disk, Diagnostics& diagnostics) {
    const Attribute attribute = element.attribute_lax(Ns::ovf, "capacity");
    std::string_view text = trimmed(attribute.value());
    const Unit unit = unit_of(element, &diagnostics);
    const bool known = take_boolean(element, element.attribute(Ns::hardware, capacity_known), diagnostics).value_or(true);
    if (!known && text == "0") (void)attribute.take();
    if (text.empty() || (!known && text == "0")) {
        report(diagnostics, "ovf-disk-capacity-missing", element,
               fmt::format("Disk '{}' has no ovf:capacity; its size is not known", printable(disk.id, 80)));
        return;
    }
    std::string resolved;
    if (const std::string_view key = property_of(text); !key.empty()) {
        disk.capacity_property = std::string(key);
        (void)attribute.take();
        if (!resolve_capacity(element, key, properties, resolved, diagnostics)) return;
        text = trimmed(resolved);
    }
    const auto number = checked_number<std::uint64_t>(text, element, "ovf:capacity", diagnostics, max_long);
    if (!number) return;
    disk.capacity_bytes = scaled(*number, unit);
    if (!disk.capacity_bytes || *disk.capacity_bytes > max_long) {
        disk.capacity_bytes.reset();
        report_number(diagnostics, element, "ovf:capacity in bytes", text, max_long);
        return;
    }
    (void)attribute.take();
}

/// A delta disk stands after the disk it is a delta of, and is of its format.
void check_parent(const std::vector<VirtualDisk>& disks, const std::vector<Element>& elements, std::size_t child,
                  std::size_t parent, Diagnostics& diagnostics) {
    const std::string id = printable(disks[child].id, 80), other = printable(disks[parent].id, 80);
    if (parent > child)
        report(diagnostics, "ovf-disk-order", elements[child],
               fmt::format("the disk '{}' stands before its parent '{}'; put the parent first", id, other),
               Failure::malformed);
    if (disks[parent].format != disks[child].format)
        report(diagnostics, "ovf-disk-parent-format", elements[child],
               fmt::format("the disk '{}' is of another format than its parent '{}'", id, other), Failure::malformed);
}

void check_parents(const std::vector<VirtualDisk>& disks, const std::vector<Element>& elements,
                   Diagnostics& diagnostics) {
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < disks.size(); ++i) index.emplace(disks[i].id, i);
    std::vector<std::size_t> seen_by(disks.size(), disks.size());
    for (std::size_t i = 0; i < disks.size(); ++i) {
        if (disks[i].parent_id.empty()) continue;
        for (std::size_t at = i; !disks[at].parent_id.empty();) {
            const auto parent = index.find(disks[at].parent_id);
            if (parent == index.end()) {
                if (at == i)
                    report(diagnostics, "ovf-disk-dangling", elements[i],
                           fmt::format("ovf:parentRef names the disk '{}', which is not there",
                                       printable(disks[i].parent_id, 80)),
                           Failure::malformed);
                break;
            }
            seen_by[at] = i;
            if (at == i) check_parent(disks, elements, i, parent->second, diagnostics);
            at = parent->second;
            if (seen_by[at] == i) {
                report(diagnostics, "ovf-disk-cycle", elements[i],
                       fmt::format("the ovf:parentRef chain of disk '{}' comes back to itself",
                                   printable(disks[i].id, 80)),
                       Failure::malformed);
                return;
            }
            if (seen_by[at] < disks.size()) break;  // its chain was followed before
        }
    }
}

struct Row {
    Ns ns;
    std::string_view local;
    std::string value;
};

/// Everything but the capacity, in the order it is written.
std::vector<Row> rows_of(const VirtualDisk& disk, bool in_shared_section) {
    return {{Ns::ovf, "diskId", disk.id},
            {Ns::ovf, "fileRef", disk.file_id},
            {Ns::ovf, "format", disk.format},
            {Ns::ovf, "parentRef", disk.parent_id},
            {Ns::ovf, "populatedSize", number_text(disk.populated_bytes)},
            {Ns::hardware, "alias", disk.alias},
            {Ns::hardware, "capacityInexact", disk.capacity_inexact ? "true" : ""},
            {Ns::hardware, "description", disk.description},
            {Ns::hardware, "shared", disk.shared == in_shared_section ? "" : disk.shared ? "true" : "false"},
            {Ns::hardware, "volumeFormat", disk.volume_format},
            {Ns::hardware, "volumeType", disk.volume_type}};
}

void update_capacity(Editing& editing, Element element, const VirtualDisk& have, const VirtualDisk& wanted,
                     const PropertyValues& properties) {
    if (have.capacity_bytes == wanted.capacity_bytes && have.capacity_property == wanted.capacity_property) return;
    XmlDocument& document = editing.document;
    if (!wanted.capacity_property.empty()) {
        edit_attribute(document, element, Ns::ovf, "capacity", "${" + wanted.capacity_property + "}");
        const auto number = to_number<std::uint64_t>(trimmed(properties.resolve(wanted.capacity_property).text));
        const auto follows = number ? scaled(*number, unit_of(element, nullptr)) : std::nullopt;
        if (have.capacity_bytes != wanted.capacity_bytes && follows != wanted.capacity_bytes)
            editing.notes.push_back({"disks[].capacity_bytes", wanted.id, Fate::dropped, "ovf-disk-capacity-property",
                                     "the capacity is the value of a property; change the property instead"});
        return;
    }
    if (!wanted.capacity_bytes) return edit_attribute(document, element, Ns::ovf, "capacity", "");
    const Unit unit = unit_of(element, nullptr);
    std::uint64_t amount = *wanted.capacity_bytes;
    if (amount % unit.factor == 0)
        amount /= unit.factor;
    else
        edit_attribute(document, element, Ns::ovf, "capacityAllocationUnits", "byte");
    edit_attribute(document, element, Ns::ovf, "capacity", std::to_string(amount));
    edit_attribute(document, element, Ns::hardware, capacity_known, "");
}

/// `byte * 2^30`, or `byte * N` for other factors.
std::string power_of_two_unit(std::uint64_t factor) {
    if (!std::has_single_bit(factor)) return fmt::format("byte * {}", factor);
    return fmt::format("byte * 2^{}", std::countr_zero(factor));
}

}  // namespace

bool needs_properties(std::span<const Element> sections) {
    for (const Element& section : sections)
        for (Element child = section.first(); child; child = child.next())
            if (child.attribute_lax(Ns::ovf, "capacity").value().find("${") != std::string_view::npos) return true;
    return false;
}

bool has_disk(Element section, std::string_view id) {
    for (Element child = section.first(); child; child = child.next())
        if (child.is_lax(Ns::ovf, "Disk") && child.attribute_lax(Ns::ovf, "diskId").value() == id) return true;
    return false;
}

namespace {

/// What several checks of one DiskSection need.
struct DiskReading {
    const PropertyValues& properties;
    Diagnostics& diagnostics;
    std::unordered_set<std::string_view> files, ids;
    std::vector<VirtualDisk> disks;
    std::vector<Element> elements;
};

VirtualDisk read_disk(Element element, bool shared, const DiskReading& reading) {
    Diagnostics& diagnostics = reading.diagnostics;
    VirtualDisk disk;
    disk.id = take_name(element, element.attribute_lax(Ns::ovf, "diskId"), diagnostics);
    disk.file_id = std::string(element.attribute_lax(Ns::ovf, "fileRef").take());
    disk.format = std::string(element.attribute_lax(Ns::ovf, "format").take());
    disk.parent_id = std::string(element.attribute_lax(Ns::ovf, "parentRef").take());
    disk.populated_bytes =
        take_number<std::uint64_t>(element, element.attribute_lax(Ns::ovf, "populatedSize"), diagnostics, max_long);
    disk.alias = std::string(element.attribute(Ns::hardware, "alias").take());
    disk.description = std::string(element.attribute(Ns::hardware, "description").take());
    disk.volume_format = std::string(element.attribute(Ns::hardware, "volumeFormat").take());
    disk.volume_type = std::string(element.attribute(Ns::hardware, "volumeType").take());
    disk.capacity_inexact =
        take_boolean(element, element.attribute(Ns::hardware, "capacityInexact"), diagnostics).value_or(false);
    disk.shared = take_boolean(element, element.attribute(Ns::hardware, "shared"), diagnostics).value_or(shared);
    disk.origin.offset = element.offset();
    read_capacity(element, reading.properties, disk, diagnostics);
    return disk;
}

void check_disk(Element element, const VirtualDisk& disk, DiskReading& reading) {
    Diagnostics& diagnostics = reading.diagnostics;
    if (disk.id.empty())
        report(diagnostics, "ovf-disk-incomplete", element, "Disk has no ovf:diskId; every Disk needs one",
               Failure::malformed);
    else if (!reading.ids.insert(element.attribute_lax(Ns::ovf, "diskId").value()).second)
        report(diagnostics, "ovf-disk-duplicate", element,
               fmt::format("two Disks have the ovf:diskId '{}'; give each its own", printable(disk.id, 80)),
               Failure::malformed);
    if (disk.capacity_bytes == std::uint64_t{0})
        report(diagnostics, "ovf-disk-capacity-zero", element,
               fmt::format("the capacity of disk '{}' is 0: VirtualBox takes the size from the file, VMware refuses it",
                           printable(disk.id, 80)));
    else if (disk.capacity_bytes && disk.populated_bytes && *disk.populated_bytes > *disk.capacity_bytes)
        report(diagnostics, "ovf-disk-populated-exceeds", element,
               fmt::format("ovf:populatedSize of disk '{}' is {} bytes, more than its capacity of {}",
                           printable(disk.id, 80), *disk.populated_bytes, *disk.capacity_bytes),
               Failure::malformed);
    if (!disk.file_id.empty() && trimmed(disk.format).empty())
        report(diagnostics, "ovf-disk-format-missing", element,
               fmt::format("the disk '{}' has a file and no ovf:format; VMware and VirtualBox refuse it",
                           printable(disk.id, 80)));
    if (!disk.file_id.empty() && reading.files.count(disk.file_id) == 0)
        report(diagnostics, "ovf-file-dangling", element,
               fmt::format("ovf:fileRef of disk '{}' names the file '{}', which References does not have",
                           printable(disk.id, 80), printable(disk.file_id, 80)),
               Failure::malformed);
}

}  // namespace

std::vector<VirtualDisk> read_disks(std::span<const Element> sections, const std::vector<FileReference>& files,
                                    const PropertyValues& properties, Diagnostics& diagnostics) {
    DiskReading reading{properties, diagnostics, {}, {}, {}, {}};
    for (const FileReference& file : files) reading.files.insert(file.id);
    bool has_parents = false;
    for (const Element& section : sections) {
        if (!section) continue;
        const std::size_t limit = section.document()->limits().files;
        const bool shared = part_name(section) == "SharedDiskSection";
        for (Element child = section.first(); child; child = child.next()) {
            if (!child.is_lax(Ns::ovf, "Disk")) continue;
            if (reading.disks.size() == limit) {
                report(diagnostics, "ovf-limit-exceeded", child,
                       fmt::format("DiskSection has more than {} Disks", limit), Failure::refused);
                break;
            }
            VirtualDisk disk = read_disk(child, shared, reading);
            check_disk(child, disk, reading);
            has_parents = has_parents || !disk.parent_id.empty();
            reading.elements.push_back(child);
            reading.disks.push_back(std::move(disk));
        }
    }
    if (has_parents) check_parents(reading.disks, reading.elements, diagnostics);
    return std::move(reading.disks);
}

Fragment new_disk(const Editing& editing, const VirtualDisk& disk, const PropertyValues& properties) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Disk";
    if (!disk.capacity_property.empty()) {
        add_attribute(out, Ns::ovf, "capacity", "${" + disk.capacity_property + "}");
        const auto number = to_number<std::uint64_t>(trimmed(properties.resolve(disk.capacity_property).text));
        if (number && *number != 0 && disk.capacity_bytes && *disk.capacity_bytes % *number == 0 &&
            *disk.capacity_bytes != *number)
            add_attribute(out, Ns::ovf, "capacityAllocationUnits", power_of_two_unit(*disk.capacity_bytes / *number));
    } else {
        add_attribute(out, Ns::ovf, "capacity", disk.capacity_bytes ? number_text(disk.capacity_bytes) : "0");
        add_attribute(out, Ns::ovf, "capacityAllocationUnits", disk.capacity_bytes ? "byte" : "");
    }
    for (const Row& row : rows_of(disk, false)) add_attribute(out, row.ns, row.local, row.value);
    if (disk.capacity_property.empty() && !disk.capacity_bytes) add_attribute(out, Ns::hardware, capacity_known, "false");
    if (editing.disk_attributes != nullptr)
        for (Fragment::Attr& attribute : editing.disk_attributes(disk)) out.attributes.push_back(std::move(attribute));
    return out;
}

void update_disks(Editing& editing, Element section, const std::vector<VirtualDisk>& have,
                  const std::vector<VirtualDisk>& wanted, const PropertyValues& properties) {
    if (have == wanted || !section) return;
    XmlDocument& document = editing.document;
    const bool shared = part_name(section) == "SharedDiskSection";
    std::unordered_map<std::string_view, const VirtualDisk*> old;
    for (const VirtualDisk& disk : have) old.emplace(disk.id, &disk);
    std::unordered_map<std::string_view, Element> elements;
    Element last = section.child_lax(Ns::ovf, "Info");
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Disk")) continue;
        elements.emplace(child.attribute_lax(Ns::ovf, "diskId").value(), child);
        last = child;
    }
    for (const VirtualDisk& disk : wanted) {
        const auto known = old.find(disk.id);
        if (known == old.end()) {
            insert(document, section, last, new_disk(editing, disk, properties));
            continue;
        }
        const Element element = elements[disk.id];
        const auto before = rows_of(*known->second, shared);
        const auto rows = rows_of(disk, shared);
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i].value != before[i].value)
                edit_attribute(document, element, rows[i].ns, rows[i].local, rows[i].value);
        update_capacity(editing, element, *known->second, disk, properties);
        old.erase(known);
    }
    for (const auto& [id, disk] : old) document.erase(elements[id]);
}

}  // namespace ovfkit::detail
