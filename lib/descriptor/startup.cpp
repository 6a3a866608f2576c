#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"
#include "descriptor/collection.hpp"
#include "descriptor/item.hpp"
#include "descriptor/values.hpp"

// The sections that only a VirtualSystemCollection has.
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> collection_order{"Info", "Name"};

/// Sections of that name in the collection and the ones below it.
void collect_sections(Element collection, std::string_view name, std::size_t depth, std::vector<Element>& out) {
    for (Element child = collection.first(); child; child = child.next()) {
        const std::string_view part = part_name(child);
        if (part == name) out.push_back(child);
        if (part == "VirtualSystemCollection" && depth < collection.document()->limits().collection_depth)
            collect_sections(child, name, depth + 1, out);
    }
}

std::vector<Element> sections_of(const EnvelopeParts& layout, std::string_view name) {
    std::vector<Element> out;
    if (layout.collection) collect_sections(layout.collection, name, 0, out);
    return out;
}

std::vector<Element> items_of(const std::vector<Element>& sections) {
    std::vector<Element> out;
    for (const Element& section : sections)
        for (Element child = section.first(); child; child = child.next())
            if (child.is_lax(Ns::ovf, "Item")) out.push_back(child);
    return out;
}

std::vector<std::pair<std::string_view, std::string>> attributes_of(const StartupItem& item) {
    return {{"id", item.id},
            {"order", std::to_string(item.order.value_or(0))},
            {"startDelay", number_text(item.start_delay_seconds)},
            {"waitingForGuest", std::string(boolean_text(item.waiting_for_guest))},
            {"startAction", item.start_action},
            {"stopDelay", number_text(item.stop_delay_seconds)},
            {"stopAction", item.stop_action}};
}

/// How the amounts of a ResourceAllocation are written.
struct AmountForm {
    std::string units;
    std::uint64_t factor = 1;
};

bool divides(const AmountForm& form, const ResourceAllocation& item) {
    const auto whole = [&](const std::optional<std::uint64_t>& amount) { return !amount || *amount % form.factor == 0; };
    return whole(item.limit) && whole(item.quantity) && whole(item.reservation);
}

/// The usual unit that gives whole numbers.
AmountForm form_of(const ResourceAllocation& item) {
    if (item.units == "byte")
        for (const AmountForm& form : {AmountForm{"byte * 2^20", 1ULL << 20}, AmountForm{"byte * 2^10", 1ULL << 10}})
            if (divides(form, item)) return form;
    if (item.units == "hertz")
        if (const AmountForm form{"hertz * 10^6", 1000000}; divides(form, item)) return form;
    return {item.units, 1};
}

std::string_view base_word(const std::optional<Unit>& unit) {
    if (!unit) return {};
    return unit->base == UnitBase::byte ? "byte" : unit->base == UnitBase::hertz ? "hertz" : std::string_view{};
}

std::vector<std::pair<Rasd, std::string>> fields_of(const ResourceAllocation& item, const AmountForm& form) {
    const auto amount = [&](const std::optional<std::uint64_t>& value) {
        return value ? std::to_string(*value / form.factor) : std::string{};
    };
    return {{Rasd::AllocationUnits, form.units},
            {Rasd::Description, item.description},
            {Rasd::ElementName, item.name},
            {Rasd::InstanceID, item.id},
            {Rasd::Limit, amount(item.limit)},
            {Rasd::Reservation, amount(item.reservation)},
            {Rasd::ResourceType, number_text(item.resource_type)},
            {Rasd::VirtualQuantity, amount(item.quantity)},
            {Rasd::Weight, number_text(item.weight)}};
}

template <std::unsigned_integral T>
void take_field(const Item& item, Rasd field, std::optional<T>& out, Diagnostics& diagnostics) {
    const std::string_view text = item.text(field);
    if (text.empty()) return;
    out = checked_number<T>(text, item.get(field), item.get(field).qname(), diagnostics);
    if (out) (void)item.take(field);
}

StartupItem read_startup_item(Element element, Diagnostics& diagnostics) {
    StartupItem out;
    const auto number = [&](std::string_view name) {
        return take_number<std::uint32_t>(element, element.attribute_lax(Ns::ovf, name), diagnostics);
    };
    out.id = take_name(element, element.attribute_lax(Ns::ovf, "id"), diagnostics);
    out.order = number("order");
    out.start_delay_seconds = number("startDelay");
    out.stop_delay_seconds = number("stopDelay");
    out.waiting_for_guest = take_boolean(element, element.attribute_lax(Ns::ovf, "waitingForGuest"), diagnostics);
    out.start_action = std::string(element.attribute_lax(Ns::ovf, "startAction").take());
    out.stop_action = std::string(element.attribute_lax(Ns::ovf, "stopAction").take());
    out.origin.offset = element.offset();
    return out;
}

ResourceAllocation read_allocation(Element element, Diagnostics& diagnostics) {
    const Item item = read_item(element);
    ResourceAllocation out;
    out.id = std::string(item.take(Rasd::InstanceID));
    out.configuration = std::string(element.attribute_lax(Ns::ovf, "configuration").take());
    out.bound = std::string(element.attribute_lax(Ns::ovf, "bound").take());
    out.name = std::string(item.take(Rasd::ElementName));
    out.description = std::string(item.take(Rasd::Description));
    const auto unit = parse_unit(item.text(Rasd::AllocationUnits));
    out.units = base_word(unit);
    if (out.units.empty()) out.units = std::string(item.text(Rasd::AllocationUnits));
    (void)item.take(Rasd::AllocationUnits);
    take_field(item, Rasd::ResourceType, out.resource_type, diagnostics);
    take_field(item, Rasd::Limit, out.limit, diagnostics);
    take_field(item, Rasd::VirtualQuantity, out.quantity, diagnostics);
    take_field(item, Rasd::Reservation, out.reservation, diagnostics);
    take_field(item, Rasd::Weight, out.weight, diagnostics);
    if (!base_word(unit).empty())
        for (const auto& [member, field] : {std::pair{&ResourceAllocation::limit, Rasd::Limit},
                                            std::pair{&ResourceAllocation::quantity, Rasd::VirtualQuantity},
                                            std::pair{&ResourceAllocation::reservation, Rasd::Reservation}}) {
            auto& amount = out.*member;
            if (!amount) continue;
            const std::uint64_t said = *amount;
            amount = scaled(said, *unit);
            if (!amount)
                report_number(diagnostics, element, name_of(field), std::to_string(said),
                              std::numeric_limits<std::uint64_t>::max() / unit->factor);
        }
    out.origin.offset = element.offset();
    return out;
}

Fragment fragment_of(const StartupItem& item) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Item";
    for (const auto& [name, value] : attributes_of(item)) add_attribute(out, Ns::ovf, name, value);
    return out;
}

Fragment fragment_of(const ResourceAllocation& item, std::string_view id_name) {
    NewItem made;
    made.fields = fields_of(item, form_of(item));
    made.id_name = std::string(id_name);
    Fragment out = fragment_of(made);
    add_attribute(out, Ns::ovf, "configuration", item.configuration);
    add_attribute(out, Ns::ovf, "bound", item.bound);
    return out;
}

void edit(XmlDocument& document, Element element, const StartupItem& have, const StartupItem& wanted) {
    const auto before = attributes_of(have), now = attributes_of(wanted);
    for (std::size_t i = 0; i < now.size(); ++i)
        if (before[i].second != now[i].second || (now[i].first == "order" && have.order != wanted.order))
            edit_attribute(document, element, Ns::ovf, now[i].first, now[i].second);
}

void edit(XmlDocument& document, Element element, const ResourceAllocation& have, const ResourceAllocation& wanted) {
    const Item item = read_item(element);
    // In the unit that stands there, where that gives whole numbers.
    const std::string text(item.text(Rasd::AllocationUnits));
    const auto unit = parse_unit(text);
    const AmountForm there{text, base_word(unit).empty() ? 1 : unit->factor};
    const bool fits = have.units == wanted.units && divides(there, wanted);
    const auto before = fields_of(have, there), now = fields_of(wanted, fits ? there : form_of(wanted));
    for (std::size_t i = 0; i < now.size(); ++i)
        if (before[i].second != now[i].second) set(document, item, now[i].first, now[i].second);
    if (have.configuration != wanted.configuration)
        edit_attribute(document, element, Ns::ovf, "configuration", wanted.configuration);
    if (have.bound != wanted.bound) edit_attribute(document, element, Ns::ovf, "bound", wanted.bound);
}

/// The Items of one kind of section: those of one id pair up in order.
template <class T, class Make>
void update_items(Editing& editing, const EnvelopeParts& layout, std::string_view name, std::string_view info,
                  const std::vector<T>& have, const std::vector<T>& wanted, Make&& make) {
    if (have == wanted) return;
    XmlDocument& document = editing.document;
    const std::vector<Element> sections = sections_of(layout, name);
    const std::vector<Element> elements = items_of(sections);
    if (elements.size() != have.size()) return;  // not what was read from this document
    std::vector<bool> used(have.size(), false);
    std::vector<Fragment> added;
    Element last = elements.empty() ? Element() : elements.back();
    for (const T& item : wanted) {
        std::size_t at = 0;
        while (at < have.size() && (used[at] || have[at].id != item.id)) ++at;
        if (at == have.size()) {
            if (sections.empty())
                added.push_back(make(item));
            else
                insert(document, sections.back(), last, make(item));
            continue;
        }
        used[at] = true;
        last = elements[at];
        if (!(have[at] == item)) edit(document, elements[at], have[at], item);
    }
    if (sections.empty()) {
        Fragment section = section_fragment(name, info, editing.major);
        for (Fragment& item : added) section.children.push_back(std::move(item));
        Element head = layout.collection.child_lax(Ns::ovf, "Name");
        if (!head) head = layout.collection.child_lax(Ns::ovf, "Info");
        if (head)
            document.insert_after(head, section);
        else if (const Element first = layout.collection.first())
            document.insert_before(first, section);
        return;
    }
    for (const Element& section : sections) {
        std::size_t left = 0, all = 0;
        for (std::size_t i = 0; i < elements.size(); ++i)
            if (elements[i].parent() == section) ++all, left += used[i] ? 1 : 0;
        const bool grows = section == sections.back() && wanted.size() > have.size();
        if (all > 0 && left == 0 && !grows && wanted.size() < have.size()) {
            document.erase(section);
            continue;
        }
        for (std::size_t i = 0; i < elements.size(); ++i)
            if (elements[i].parent() == section && !used[i]) document.erase(elements[i]);
    }
}

}  // namespace

void read_collection(const EnvelopeParts& layout, Envelope& envelope, Diagnostics& diagnostics) {
    if (!layout.collection) return;
    envelope.collection_id = take_name(layout.collection, layout.collection.attribute_lax(Ns::ovf, "id"), diagnostics);
    envelope.collection_name = std::string(take_child(layout.collection, "Name"));
    take_part(layout.collection);
    const auto startup = sections_of(layout, "StartupSection");
    const auto allocations = sections_of(layout, "ResourceAllocationSection");
    for (const Element& section : startup) take_part(section);
    for (const Element& section : allocations) take_part(section);
    for (const Element& element : items_of(startup))
        envelope.startup.push_back(read_startup_item(element, diagnostics));
    for (const Element& element : items_of(allocations))
        envelope.allocations.push_back(read_allocation(element, diagnostics));
}

void update_collection(Editing& editing, const EnvelopeParts& layout, const Envelope& have, const Envelope& wanted) {
    if (!layout.collection) return;
    if (have.collection_id != wanted.collection_id && !wanted.collection_id.empty())
        edit_attribute(editing.document, layout.collection, Ns::ovf, "id", wanted.collection_id);
    if (have.collection_name != wanted.collection_name)
        edit_child(editing.document, layout.collection, "Name", wanted.collection_name, collection_order);
    update_items(editing, layout, "StartupSection", "Order of starting and stopping", have.startup, wanted.startup,
                 [](const StartupItem& item) { return fragment_of(item); });
    const std::string_view id_name = editing.major == 0 ? "InstanceId" : "InstanceID";
    update_items(editing, layout, "ResourceAllocationSection", "Resources of all virtual machines together",
                 have.allocations, wanted.allocations,
                 [&](const ResourceAllocation& item) { return fragment_of(item, id_name); });
}

}  // namespace ovfkit::detail
