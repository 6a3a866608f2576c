#include "descriptor/disks.hpp"

#include <bit>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include "base/units.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::uint64_t max_long = std::numeric_limits<std::int64_t>::max();  // xs:long

/// `key` of `${key}`; empty for anything else.
std::string_view property_of(std::string_view capacity) {
    capacity = trimmed(capacity);
    if (capacity.size() < 4 || capacity.substr(0, 2) != "${" || capacity.back() != '}') return {};
    return trimmed(capacity.substr(2, capacity.size() - 3));
}

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

void read_capacity(Element element, const PropertyValues& properties, VirtualDisk& disk, Diagnostics& diagnostics) {
    const Attribute attribute = element.attribute_lax(Ns::ovf, "capacity");
    std::string_view text = trimmed(attribute.value());
    const Unit unit = unit_of(element, &diagnostics);
    if (text.empty()) {
        report(diagnostics, "ovf-disk-capacity-missing", element,
               fmt::format("Disk '{}' has no ovf:capacity; its size is not known", printable(disk.id, 80)));
        return;
    }
    if (const std::string_view key = property_of(text); !key.empty()) {
        disk.capacity_property = std::string(key);
        (void)attribute.take();
        const std::string* value = properties.find(key);
        if (value == nullptr) {
            report(diagnostics, "ovf-property-undefined", element,
                   fmt::format("ovf:capacity is '${{{}}}', but no ProductSection defines that property",
                               printable(key, 80)),
                   Failure::malformed);
            return;
        }
        text = trimmed(*value);
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
std::vector<Row> rows_of(const VirtualDisk& disk) {
    return {{Ns::ovf, "diskId", disk.id},
            {Ns::ovf, "fileRef", disk.file_id},
            {Ns::ovf, "format", disk.format},
            {Ns::ovf, "parentRef", disk.parent_id},
            {Ns::ovf, "populatedSize", number_text(disk.populated_bytes)},
            {Ns::hardware, "alias", disk.alias},
            {Ns::hardware, "capacityInexact", disk.capacity_inexact ? "true" : ""},
            {Ns::hardware, "description", disk.description},
            {Ns::hardware, "volumeFormat", disk.volume_format},
            {Ns::hardware, "volumeType", disk.volume_type}};
}

void update_capacity(Editing& editing, Element element, const VirtualDisk& have, const VirtualDisk& wanted) {
    if (have.capacity_bytes == wanted.capacity_bytes && have.capacity_property == wanted.capacity_property) return;
    XmlDocument& document = editing.document;
    if (!wanted.capacity_property.empty()) {
        edit_attribute(document, element, Ns::ovf, "capacity", "${" + wanted.capacity_property + "}");
        if (have.capacity_bytes != wanted.capacity_bytes)
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
}

/// `byte * 2^30`, or `byte * N` for other factors.
std::string power_of_two_unit(std::uint64_t factor) {
    if (!std::has_single_bit(factor)) return fmt::format("byte * {}", factor);
    return fmt::format("byte * 2^{}", std::countr_zero(factor));
}

}  // namespace

void PropertyValues::add(const Product& product, std::string_view configuration) {
    for (const Property& property : product.properties) {
        std::string key = product.class_name.empty() ? property.key : product.class_name + "." + property.key;
        if (!product.instance.empty()) key += "." + product.instance;
        const std::string* value = &property.value;
        for (const Parameter& own : property.configuration_values)
            if (!own.key.empty() && applies(own.key, configuration)) value = &own.value;
        values_.emplace(std::move(key), *value);
        values_.emplace(property.key, *value);
    }
}

const std::string* PropertyValues::find(std::string_view key) const {
    const auto found = values_.find(std::string(key));
    return found == values_.end() ? nullptr : &found->second;
}

bool needs_properties(Element section) {
    for (Element child = section.first(); child; child = child.next())
        if (child.attribute_lax(Ns::ovf, "capacity").value().find("${") != std::string_view::npos) return true;
    return false;
}

std::vector<VirtualDisk> read_disks(Element section, const std::vector<FileReference>& files,
                                    const PropertyValues& properties, Diagnostics& diagnostics) {
    std::vector<VirtualDisk> disks;
    if (!section) return disks;
    const std::size_t limit = section.document()->limits().files;
    std::unordered_set<std::string_view> file_ids, ids;
    for (const FileReference& file : files) file_ids.insert(file.id);
    std::vector<Element> elements;
    bool has_parents = false;
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Disk")) continue;
        if (disks.size() == limit) {
            report(diagnostics, "ovf-limit-exceeded", child, fmt::format("DiskSection has more than {} Disks", limit),
                   Failure::refused);
            break;
        }
        VirtualDisk disk;
        const Attribute id = child.attribute_lax(Ns::ovf, "diskId");
        disk.id = take_name(child, id, diagnostics);
        disk.file_id = std::string(child.attribute_lax(Ns::ovf, "fileRef").take());
        disk.format = std::string(child.attribute_lax(Ns::ovf, "format").take());
        disk.parent_id = std::string(child.attribute_lax(Ns::ovf, "parentRef").take());
        disk.populated_bytes =
            take_number<std::uint64_t>(child, child.attribute_lax(Ns::ovf, "populatedSize"), diagnostics, max_long);
        disk.alias = std::string(child.attribute(Ns::hardware, "alias").take());
        disk.description = std::string(child.attribute(Ns::hardware, "description").take());
        disk.volume_format = std::string(child.attribute(Ns::hardware, "volumeFormat").take());
        disk.volume_type = std::string(child.attribute(Ns::hardware, "volumeType").take());
        disk.capacity_inexact =
            take_boolean(child, child.attribute(Ns::hardware, "capacityInexact"), diagnostics).value_or(false);
        disk.origin.offset = child.offset();
        read_capacity(child, properties, disk, diagnostics);
        if (disk.id.empty())
            report(diagnostics, "ovf-disk-incomplete", child, "Disk has no ovf:diskId; every Disk needs one",
                   Failure::malformed);
        else if (!ids.insert(id.value()).second)
            report(diagnostics, "ovf-disk-duplicate", child,
                   fmt::format("two Disks have the ovf:diskId '{}'; give each its own", printable(disk.id, 80)),
                   Failure::malformed);
        if (!disk.file_id.empty() && file_ids.count(disk.file_id) == 0)
            report(diagnostics, "ovf-file-dangling", child,
                   fmt::format("ovf:fileRef of disk '{}' names the file '{}', which References does not have",
                               printable(disk.id, 80), printable(disk.file_id, 80)),
                   Failure::malformed);
        has_parents = has_parents || !disk.parent_id.empty();
        elements.push_back(child);
        disks.push_back(std::move(disk));
    }
    if (has_parents) check_parents(disks, elements, diagnostics);
    return disks;
}

PropertyValues property_values(const Envelope& envelope) {
    PropertyValues values;
    for (const Product& product : envelope.products) values.add(product, envelope.configuration);
    for (const VirtualSystem& system : envelope.systems)
        for (const Product& product : system.products) values.add(product, envelope.configuration);
    return values;
}

Fragment new_disk(const Editing& editing, const VirtualDisk& disk, const PropertyValues& properties) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Disk";
    if (!disk.capacity_property.empty()) {
        add_attribute(out, Ns::ovf, "capacity", "${" + disk.capacity_property + "}");
        const std::string* value = properties.find(disk.capacity_property);
        const auto number = value == nullptr ? std::nullopt : to_number<std::uint64_t>(trimmed(*value));
        if (number && *number != 0 && disk.capacity_bytes && *disk.capacity_bytes % *number == 0 &&
            *disk.capacity_bytes != *number)
            add_attribute(out, Ns::ovf, "capacityAllocationUnits", power_of_two_unit(*disk.capacity_bytes / *number));
    } else {
        add_attribute(out, Ns::ovf, "capacity", number_text(disk.capacity_bytes));
        add_attribute(out, Ns::ovf, "capacityAllocationUnits", disk.capacity_bytes ? "byte" : "");
    }
    for (const Row& row : rows_of(disk)) add_attribute(out, row.ns, row.local, row.value);
    if (editing.disk_attributes != nullptr)
        for (Fragment::Attr& attribute : editing.disk_attributes(disk)) out.attributes.push_back(std::move(attribute));
    return out;
}

void update_disks(Editing& editing, Element section, const std::vector<VirtualDisk>& have,
                  const std::vector<VirtualDisk>& wanted, const PropertyValues& properties) {
    if (have == wanted || !section) return;
    XmlDocument& document = editing.document;
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
        const auto before = rows_of(*known->second);
        const auto rows = rows_of(disk);
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i].value != before[i].value)
                edit_attribute(document, element, rows[i].ns, rows[i].local, rows[i].value);
        update_capacity(editing, element, *known->second, disk);
        old.erase(known);
    }
    for (const auto& [id, disk] : old) document.erase(elements[id]);
}

}  // namespace ovfkit::detail
