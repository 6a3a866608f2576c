#include "descriptor/rows.hpp"

#include <algorithm>
#include <map>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::string_view vmw_space = "vmw", extra_space = "vmw.extra";

bool is_vmware(const Parameter& parameter) { return parameter.space == vmw_space || parameter.space == extra_space; }

/// A number that is not the class's own: 16, a DVD drive, is read as the CD drive it can stand in for, and a TPM or a
/// balloon is known by its other words. The number itself stays to be named.
bool is_stand_in(const EffectiveItem& item) {
    if (item.type == rt_dvd) return true;
    if (item.type == rt_other) return false;
    const DeviceClass kind = class_of(item);
    return kind == DeviceClass::tpm || kind == DeviceClass::balloon;
}

}  // namespace

Fragment extension_fragment(std::string_view name, const ExtensionRows& rows,
                            const std::vector<Parameter>& parameters) {
    Fragment out;
    out.ns = Ns::hardware;
    out.local = std::string(name);
    out.attributes.push_back({Ns::ovf, "required", "false"});
    for (const auto& [local, value] : rows) add_attribute(out, Ns::none, local, value);
    for (const Parameter& parameter : parameters)
        if (!is_vmware(parameter)) out.children.push_back(parameter_fragment(parameter));
    return out;
}

bool says_something(const ExtensionRows& rows, const std::vector<Parameter>& parameters) {
    return std::any_of(rows.begin(), rows.end(), [](const auto& row) { return !row.second.empty(); }) ||
           std::any_of(parameters.begin(), parameters.end(), [](const Parameter& p) { return !is_vmware(p); });
}

void DeviceRows::add_info(const DeviceInfo& info) {
    id = info.id;
    add(Rasd::Caption, info.caption);
    add(Rasd::Description, info.description);
    add(Rasd::ElementName, info.name);
    parameters.insert(parameters.end(), info.parameters.begin(), info.parameters.end());
}

Fragment parameter_fragment(const Parameter& parameter) {
    Fragment out;
    out.attributes.push_back({Ns::ovf, "required", "false"});
    if (is_vmware(parameter)) {
        out.ns = Ns::vmw;
        out.local = parameter.space == vmw_space ? "Config" : "ExtraConfig";
        out.attributes.push_back({Ns::vmw, "key", parameter.key});
        out.attributes.push_back({Ns::vmw, "value", parameter.value});
        return out;
    }
    out.ns = Ns::hardware;
    out.local = "Parameter";
    out.attributes.clear();
    add_attribute(out, Ns::none, "space", parameter.space);
    out.attributes.push_back({Ns::none, "key", parameter.key});
    out.attributes.push_back({Ns::none, "value", parameter.value});
    return out;
}

std::string_view parameter_space(Element element) {
    const Ns ns = element.ns();
    if (ns == Ns::vmw) {
        if (parameter_key(element).empty()) return {};
        if (element.local() == "Config") return vmw_space;
        if (element.local() == "ExtraConfig") return extra_space;
    }
    if (ns == Ns::hardware && element.local() == "Parameter")
        return element.attribute_lax(Ns::hardware, "space").value();
    return {};
}

std::string_view parameter_key(Element element) { return element.attribute_lax(element.ns(), "key").value(); }

Attribute parameter_value(Element element) { return element.attribute_lax(element.ns(), "value"); }

void update_parameters(XmlDocument& document, Element parent, Element home, const std::vector<Parameter>& have,
                       const std::vector<Parameter>& wanted) {
    if (have == wanted) return;
    using Key = std::pair<std::string_view, std::string_view>;
    std::map<Key, std::vector<Element>> elements;
    for (const Element& place : {parent, home})
        for (Element child = place.first(); child; child = child.next())
            if (const std::string_view space = parameter_space(child); !space.empty())
                elements[{space, parameter_key(child)}].push_back(child);
    std::map<Key, std::vector<std::string_view>> before;
    for (const Parameter& parameter : have) before[{parameter.space, parameter.key}].push_back(parameter.value);

    std::map<Key, std::size_t> used;
    for (const Parameter& parameter : wanted) {
        const Key key{parameter.space, parameter.key};
        const std::size_t index = used[key]++;
        const auto& values = before[key];
        const auto& places = elements[key];
        if (index < places.size() && index < values.size()) {
            if (values[index] != parameter.value) {
                const Attribute attribute = parameter_value(places[index]);
                const Ns ns = attribute                       ? attribute.ns(places[index].raw())
                              : places[index].ns() == Ns::vmw ? Ns::vmw
                                                              : Ns::none;
                document.set_attribute(places[index], ns, "value", parameter.value);
            }
        } else if (index < values.size() && values[index] == parameter.value) {
            continue;  // read from elsewhere, and unchanged
        } else if (is_vmware(parameter)) {
            document.append(parent, parameter_fragment(parameter));
        } else if (home) {
            document.append(home, parameter_fragment(parameter));
        }
    }
    for (const auto& [key, values] : before) {
        const auto& places = elements[key];
        for (std::size_t i = used[key]; i < values.size() && i < places.size(); ++i) document.erase(places[i]);
    }
}

void update_extension(XmlDocument& document, Element parent, Element extension, std::string_view name,
                      const ExtensionRows& have, const ExtensionRows& wanted, const std::vector<Parameter>& had,
                      const std::vector<Parameter>& parameters) {
    if (have == wanted && had == parameters) return;
    if (!extension) {
        // What was read without our element stands elsewhere in the document.
        std::vector<Parameter> fresh;
        for (const Parameter& parameter : parameters)
            if (std::find(had.begin(), had.end(), parameter) == had.end()) fresh.push_back(parameter);
        if (says_something(wanted, fresh)) document.append(parent, extension_fragment(name, wanted, fresh));
        // The fragment holds the parameters of other spaces already.
        return update_parameters(document, parent, {}, had, parameters);
    }
    if (!says_something(wanted, parameters)) {
        document.erase(extension);
        return update_parameters(document, parent, {}, had, parameters);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i < have.size() && have[i] == wanted[i]) continue;
        const auto& [local, value] = wanted[i];
        const Attribute present = extension.attribute_lax(Ns::hardware, local);
        const Ns ns = present ? present.ns(extension.raw()) : Ns::none;
        if (!value.empty())
            document.set_attribute(extension, ns, local, value);
        else if (present)
            document.remove_attribute(extension, ns, local);
    }
    update_parameters(document, parent, extension, had, parameters);
}

void apply(Editing& editing, const EffectiveItem& item, const DeviceRows& have, const DeviceRows& wanted) {
    XmlDocument& document = editing.document;
    // What an Item is hangs on three of them together, and real files say the same thing in several ways.
    const auto is_identity = [](Rasd field) {
        return field == Rasd::OtherResourceType || field == Rasd::ResourceSubType || field == Rasd::ResourceType;
    };
    // Where a drive is, likewise: XenServer's Connection may say what AddressOnParent does not.
    const auto is_place = [](Rasd field) {
        return field == Rasd::AddressOnParent || field == Rasd::Connection || field == Rasd::Parent;
    };
    bool identity = false, place = false;
    for (std::size_t i = 0; i < wanted.fields.size(); ++i) {
        if (have.fields[i].second == wanted.fields[i].second) continue;
        identity = identity || is_identity(wanted.fields[i].first);
        place = place || is_place(wanted.fields[i].first);
    }
    for (std::size_t i = 0; i < wanted.fields.size(); ++i) {
        const auto& [field, text] = wanted.fields[i];
        if (have.fields[i].second != text || (identity && is_identity(field)) || (place && is_place(field)))
            set(document, item.item, field, text);
    }
    if (wanted.required_is_value && have.required != wanted.required && wanted.required)
        edit_attribute(document, item.item.element, Ns::ovf, "required", *wanted.required ? "" : "false");
    for (std::size_t i = 0; i < wanted.vendor.size(); ++i) {
        const VendorChild& child = wanted.vendor[i];
        if (have.vendor[i].text == child.text) continue;
        const Element present = item.item.extra(child.ns, child.local);
        if (present && child.text.empty()) {
            document.erase(present);
        } else if (present) {
            document.set_text(present, child.text);
        } else {
            Fragment added = text_fragment(child.ns, child.local, child.text);
            added.attributes.push_back({Ns::ovf, "required", "false"});
            document.append(item.item.element, added);
        }
    }
    update_extension(document, item.item.element, extension_of(item.item, wanted.extension_name), wanted.extension_name,
                     have.extension, wanted.extension, have.parameters, wanted.parameters);
}

Fragment new_item(const DeviceRows& rows, ItemKind kind, std::string_view id, std::string_view name,
                  std::string_view id_name) {
    NewItem item;
    item.kind = kind;
    item.required = rows.required && !*rows.required ? std::optional(false) : std::nullopt;
    item.fields = rows.fields;
    for (auto& [field, text] : item.fields)
        if (field == Rasd::ElementName && text.empty()) text = std::string(name);
    item.fields.emplace_back(Rasd::InstanceID, std::string(id));
    item.id_name = std::string(id_name);
    for (const VendorChild& child : rows.vendor) {
        if (child.text.empty()) continue;
        Fragment added = text_fragment(child.ns, child.local, child.text);
        added.attributes.push_back({Ns::ovf, "required", "false"});
        item.extras.push_back(std::move(added));
    }
    for (const Parameter& parameter : rows.parameters)
        if (is_vmware(parameter)) item.extras.push_back(parameter_fragment(parameter));
    if (says_something(rows.extension, rows.parameters))
        item.extras.push_back(extension_fragment(rows.extension_name, rows.extension, rows.parameters));
    return fragment_of(item);
}

void read_parameters(Element parent, std::vector<Parameter>& out) {
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string_view space = parameter_space(child);
        if (space.empty()) continue;
        out.push_back(
            {std::string(space), std::string(parameter_key(child)), std::string(parameter_value(child).take())});
        (void)child.attribute_lax(child.ns(), "key").take();
        (void)child.attribute_lax(Ns::hardware, "space").take();
    }
}

void read_info(const EffectiveItem& item, DeviceInfo& info, std::string_view extension_name) {
    info.id = item.id;
    info.origin.offset = item.item.element.offset();
    info.name = std::string(item.item.take(Rasd::ElementName));
    info.caption = std::string(item.item.take(Rasd::Caption));
    info.description = std::string(item.item.take(Rasd::Description));
    (void)item.item.take(Rasd::InstanceID);
    if (!is_stand_in(item)) (void)item.item.take(Rasd::ResourceType);
    if (item.item.extras.empty()) return;
    for (const Element& child : item.item.extras) {
        const std::string_view space = parameter_space(child);
        if (space.empty()) continue;
        info.parameters.push_back(
            {std::string(space), std::string(parameter_key(child)), std::string(parameter_value(child).take())});
        (void)child.attribute_lax(child.ns(), "key").take();
    }
    if (const Element extension = extension_of(item.item, extension_name)) read_parameters(extension, info.parameters);
}

}  // namespace ovfkit::detail
