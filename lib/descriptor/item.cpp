#include "descriptor/item.hpp"

#include <algorithm>
#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, rasd_count> names{"Address",
                                                         "AddressOnParent",
                                                         "AllocationUnits",
                                                         "AutomaticAllocation",
                                                         "AutomaticDeallocation",
                                                         "Caption",
                                                         "Connection",
                                                         "ConsumerVisibility",
                                                         "Description",
                                                         "ElementName",
                                                         "HostResource",
                                                         "InstanceID",
                                                         "Limit",
                                                         "MappingBehavior",
                                                         "OtherResourceType",
                                                         "Parent",
                                                         "PoolID",
                                                         "Reservation",
                                                         "ResourceSubType",
                                                         "ResourceType",
                                                         "VirtualQuantity",
                                                         "VirtualQuantityUnits",
                                                         "Weight"};
static_assert(std::is_sorted(names.begin(), names.end()));

constexpr Rasd pick(std::string_view local, Rasd field) {
    return local == names[static_cast<std::size_t>(field)] ? field : Rasd::count_;
}

/// The field of that name; count_ when there is none. Lengths tell most names apart.
Rasd field_of(std::string_view local) {
    switch (local.size()) {
        case 5:
            return pick(local, Rasd::Limit);
        case 6:
            return local.front() == 'W'                      ? pick(local, Rasd::Weight)
                   : local.front() == 'P' && local[1] == 'a' ? pick(local, Rasd::Parent)
                                                             : pick(local, Rasd::PoolID);
        case 7:
            return local.front() == 'C' ? pick(local, Rasd::Caption) : pick(local, Rasd::Address);
        case 10:
            if (local == "InstanceId") return Rasd::InstanceID;
            return local.front() == 'I' ? pick(local, Rasd::InstanceID) : pick(local, Rasd::Connection);
        case 11:
            switch (local.front()) {
                case 'E':
                    return pick(local, Rasd::ElementName);
                case 'R':
                    return pick(local, Rasd::Reservation);
                default:
                    return pick(local, Rasd::Description);
            }
        case 12:
            return local.front() == 'H' ? pick(local, Rasd::HostResource) : pick(local, Rasd::ResourceType);
        case 15:
            switch (local[1]) {
                case 'd':
                    return pick(local, Rasd::AddressOnParent);
                case 'l':
                    return pick(local, Rasd::AllocationUnits);
                case 'a':
                    return pick(local, Rasd::MappingBehavior);
                case 'e':
                    return pick(local, Rasd::ResourceSubType);
                default:
                    return pick(local, Rasd::VirtualQuantity);
            }
        case 17:
            return pick(local, Rasd::OtherResourceType);
        case 18:
            return pick(local, Rasd::ConsumerVisibility);
        case 19:
            return pick(local, Rasd::AutomaticAllocation);
        case 20:
            return pick(local, Rasd::VirtualQuantityUnits);
        case 21:
            return pick(local, Rasd::AutomaticDeallocation);
        default:
            return Rasd::count_;
    }
}

/// Children that count as CIM properties. Real files spell the namespaces in many wrong ways and leave them out.
bool is_setting_data(Element child) {
    switch (child.ns()) {
        case Ns::rasd:
        case Ns::sasd:
        case Ns::epasd:
        case Ns::none:
        case Ns::ovf:
            return true;
        case Ns::other:
            return child.uri().find("AllocationSettingData") != std::string_view::npos;
        default:
            return false;
    }
}

Ns namespace_of(ItemKind kind) {
    switch (kind) {
        case ItemKind::storage:
            return Ns::sasd;
        case ItemKind::ethernet:
            return Ns::epasd;
        case ItemKind::item:
            break;
    }
    return Ns::rasd;
}

std::string_view element_name(ItemKind kind) {
    switch (kind) {
        case ItemKind::storage:
            return "StorageItem";
        case ItemKind::ethernet:
            return "EthernetPortItem";
        case ItemKind::item:
            break;
    }
    return "Item";
}

/// The namespace the Item's own children are in, so that a new child looks like its siblings.
Ns namespace_of(const Item& item) {
    for (const pugi::xml_node& field : item.fields) {
        if (!PugiNode::exists(field)) continue;
        const Ns ns = Element(item.element.document(), field).ns();
        return ns == Ns::other ? namespace_of(item.kind) : ns;
    }
    return namespace_of(item.kind);
}

}  // namespace

bool is_field(std::string_view local) { return field_of(local) != Rasd::count_; }

std::string_view name_of(Rasd field) { return names[static_cast<std::size_t>(field)]; }

std::string_view Item::text(Rasd field) const {
    return trimmed(Element::text_of(element.document(), fields[static_cast<std::size_t>(field)]));
}

std::string_view Item::take(Rasd field) const {
    if (!has(field)) return {};
    const pugi::xml_node child = fields[static_cast<std::size_t>(field)];
    element.document()->mark(child.internal_object());
    return Element::shown_of(element.document(), child);
}

Element Item::extra(Ns ns, std::string_view local) const {
    for (const Element& child : extras)
        if (child.is_lax(ns, local)) return child;
    return {};
}

bool Item::required() const {
    return to_boolean(trimmed(element.attribute_lax(Ns::ovf, "required").value())).value_or(true);
}

std::string_view Item::configuration() const {
    return trimmed(element.attribute_lax(Ns::ovf, "configuration").value());
}

std::string_view Item::bound() const { return trimmed(element.attribute_lax(Ns::ovf, "bound").value()); }

std::string contents_of(const Item& item) {
    std::string out;
    const auto add = [&](Element child) {
        if (!out.empty()) out += ", ";
        out.append(child.local()).append(" '").append(trimmed(child.text())).append("'");
        for (const Attribute& attribute : child.attributes())
            out.append(" ").append(attribute.qname()).append("='").append(attribute.value()).append("'");
    };
    for (std::size_t i = 0; i < rasd_count; ++i)
        if (const auto field = static_cast<Rasd>(i); field != Rasd::InstanceID && item.has(field)) add(item.get(field));
    for (const Element& child : item.extras) add(child);
    return out;
}

std::string_view take_sub_type(const Item& item) {
    const std::string_view text = item.text(Rasd::ResourceSubType);
    return text.find_first_of(", ") == std::string_view::npos ? item.take(Rasd::ResourceSubType) : text;
}

bool is_item(Element element) {
    const std::string_view local = element.local();
    if (local != "Item" && local != "StorageItem" && local != "EthernetPortItem") return false;
    const Ns ns = element.ns();
    return ns == Ns::ovf || ns == Ns::none;
}

Item read_item(Element element) {
    Item item;
    read_item(element, item);
    return item;
}

void read_item(Element element, Item& item) {
    item.element = element;
    const std::string_view local = element.local();
    if (local == "StorageItem") item.kind = ItemKind::storage;
    if (local == "EthernetPortItem") item.kind = ItemKind::ethernet;
    for (Element child = element.first(); child; child = child.next()) {
        const Rasd field = field_of(child.local());
        if (field != Rasd::count_ && !item.has(field) && is_setting_data(child))
            item.fields[static_cast<std::size_t>(field)] = child.raw();
        else
            item.extras.push_back(child);
    }
}

void set(XmlDocument& document, const Item& item, Rasd field, std::string_view value) {
    const Element present = item.get(field);
    if (present) {
        if (value.empty())
            document.erase(present);
        else if (present.shown() != value)
            document.set_text(present, value);
        return;
    }
    if (value.empty()) return;
    Fragment child;
    child.ns = namespace_of(item);
    child.local = std::string(name_of(field));
    child.text = std::string(value);
    const auto index = static_cast<std::size_t>(field);
    for (std::size_t i = index; i-- > 0;)
        if (const Element earlier = item.get(static_cast<Rasd>(i))) return document.insert_after(earlier, child);
    for (std::size_t i = index + 1; i < rasd_count; ++i)
        if (const Element later = item.get(static_cast<Rasd>(i))) return document.insert_before(later, child);
    if (!item.extras.empty()) return document.insert_before(item.extras.front(), child);
    document.append(item.element, child);
}

Fragment fragment_of(const NewItem& item) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = std::string(element_name(item.kind));
    if (item.required) out.attributes.push_back({Ns::ovf, "required", *item.required ? "true" : "false"});
    auto fields = item.fields;
    std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [field, value] : fields) {
        if (value.empty()) continue;
        Fragment child;
        child.ns = namespace_of(item.kind);
        child.local = field == Rasd::InstanceID ? item.id_name : std::string(name_of(field));
        child.text = std::move(value);
        out.children.push_back(std::move(child));
    }
    out.children.insert(out.children.end(), item.extras.begin(), item.extras.end());
    return out;
}

}  // namespace ovfkit::detail
