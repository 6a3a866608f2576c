#include "validate/subject.hpp"

#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

CheckedHardware hardware_of(Element section) {
    CheckedHardware out;
    out.element = section;
    out.system = section.child_lax(Ns::ovf, "System");
    const std::size_t limit = section.document()->limits().items;
    for (Element child = section.first(); child && out.items.size() < limit; child = child.next()) {
        if (!is_item(child)) continue;
        CheckedItem& item = out.items.emplace_back();
        read_item(child, item.item);
        item.type = to_number<std::uint32_t>(item.item.text(Rasd::ResourceType));
        item.plain = item.item.configuration().empty() && (item.item.bound().empty() || item.item.bound() == "normal");
    }
    for (std::size_t i = 0; i < out.items.size(); ++i)
        if (!out.items[i].id().empty()) out.by_id.emplace(out.items[i].id(), i);
    return out;
}

std::vector<Element> children(Element parent, std::string_view name, std::size_t limit) {
    std::vector<Element> out;
    for (Element child = parent.first(); child && out.size() < limit; child = child.next())
        if (child.is_lax(Ns::ovf, name)) out.push_back(child);
    return out;
}

}  // namespace

const CheckedItem* CheckedHardware::find(std::string_view id) const {
    const auto it = by_id.find(id);
    return it == by_id.end() ? nullptr : &items[it->second];
}

const CheckedItem* CheckedHardware::first(std::uint32_t type) const {
    for (const CheckedItem& item : items)
        if (item.is(type)) return &item;
    return nullptr;
}

std::string_view CheckedHardware::family() const { return trimmed(system.child_lax(Ns::vssd, "VirtualSystemType").text()); }

Subject::Subject(const XmlDocument& of, const Envelope& read, std::string_view id)
    : document(of), envelope(read), dialect(id), major(major_version(of)), layout(envelope_parts(of)) {
    const Limits& limits = of.limits();
    files = children(layout.references, "File", limits.files);
    disks = children(layout.disks, "Disk", limits.files);
    networks = children(layout.networks, "Network", limits.files);
    configurations = children(layout.deployment, "Configuration", limits.files);
    for (const Element& file : files) file_ids.insert(value_of(file, "id"));
    for (const Element& one : configurations) configuration_ids.insert(value_of(one, "id"));
    systems.reserve(layout.systems.size());
    for (std::size_t i = 0; i < layout.systems.size(); ++i) {
        CheckedSystem& system = systems.emplace_back();
        system.parts = parts_of(layout.systems[i]);
        for (const Element& section : system.parts.hardware) system.hardware.push_back(hardware_of(section));
        if (i < read.systems.size()) system.model = &read.systems[i];
        system_ids.insert(value_of(layout.systems[i], "id"));
    }
}

std::string_view value_of(Element element, std::string_view attribute) {
    return trimmed(element.attribute_lax(Ns::ovf, attribute).value());
}

bool is_part(Element element, std::string_view name) { return part_name(element) == name; }

bool is_required(Element element) { return to_boolean(value_of(element, "required")).value_or(true); }

}  // namespace ovfkit::detail
