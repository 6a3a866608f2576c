#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/checked.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/product_fields.hpp"
#include "descriptor/products.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 3> property_order{"Label", "Description", "Value"};
constexpr std::array<std::string_view, 8> product_order{"Info",        "Product",    "Vendor",    "Version",
                                                        "FullVersion", "ProductUrl", "VendorUrl", "AppUrl"};

Fragment value_fragment(const Parameter& value) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Value";
    out.attributes.push_back({Ns::ovf, "configuration", value.key});
    out.attributes.push_back({Ns::ovf, "value", value.value});
    return out;
}

Fragment fragment_of(const Property& property) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Property";
    add_attribute(out, Ns::ovf, "key", property.key);
    add_attribute(out, Ns::ovf, "password", property.password ? "true" : "");
    add_attribute(out, Ns::ovf, "qualifiers", property.qualifiers);
    add_attribute(out, Ns::ovf, "type", property.type.empty() ? "string" : property.type);
    add_attribute(out, Ns::ovf, "userConfigurable", property.user_configurable ? "true" : "");
    add_attribute(out, Ns::ovf, "value", property.value);
    if (!property.label.empty()) out.children.push_back(text_fragment(Ns::ovf, "Label", property.label));
    if (!property.description.empty())
        out.children.push_back(text_fragment(Ns::ovf, "Description", property.description));
    for (const Parameter& value : property.configuration_values) out.children.push_back(value_fragment(value));
    return out;
}

Fragment fragment_of(const Product& product, int major) {
    Fragment out = section_fragment(
        "ProductSection", product.info.empty() ? "Information about the installed software" : product.info, major);
    add_attribute(out, Ns::ovf, "class", product.class_name);
    add_attribute(out, Ns::ovf, "instance", product.instance);
    for (const auto& [name, member] : product_texts)
        if (name != "Info" && !(product.*member).empty())
            out.children.push_back(text_fragment(Ns::ovf, name, product.*member));
    std::string_view category;
    for (const Property& property : product.properties) {
        if (property.category != category)
            out.children.push_back(text_fragment(Ns::ovf, "Category", property.category));
        category = property.category;
        out.children.push_back(fragment_of(property));
    }
    return out;
}

void update_property(XmlDocument& document, Element element, const Property& have, const Property& wanted) {
    const auto attribute = [&](std::string_view name, const std::string& before, const std::string& now) {
        if (before != now) edit_attribute(document, element, Ns::ovf, name, now);
    };
    const auto flag = [&](std::string_view name, bool before, bool now) {
        if (before != now) edit_attribute(document, element, Ns::ovf, name, now ? "true" : "");
    };
    attribute("type", have.type, wanted.type);
    attribute("qualifiers", have.qualifiers, wanted.qualifiers);
    flag("userConfigurable", have.user_configurable, wanted.user_configurable);
    flag("password", have.password, wanted.password);
    if (have.value != wanted.value) {
        const Element general = value_element(element, {});
        edit_attribute(document, general ? general : element, Ns::ovf, "value", wanted.value);
    }
    if (have.label != wanted.label) edit_child(document, element, "Label", wanted.label, property_order);
    if (have.description != wanted.description)
        edit_child(document, element, "Description", wanted.description, property_order);
    Element last;
    for (Element child = element.first(); child; child = child.next()) last = child;
    for (const Parameter& value : wanted.configuration_values) {
        if (const Element present = value_element(element, value.key))
            edit_attribute(document, present, Ns::ovf, "value", value.value);
        else
            insert(document, element, last, value_fragment(value));
    }
    for (const Parameter& value : have.configuration_values) {
        const auto same = [&](const Parameter& p) { return p.key == value.key; };
        if (std::none_of(wanted.configuration_values.begin(), wanted.configuration_values.end(), same))
            document.erase(value_element(element, value.key));
    }
}

void update_properties(XmlDocument& document, Element section, const std::vector<Property>& have,
                       const std::vector<Property>& wanted) {
    const auto elements = properties_of(section);
    std::unordered_map<std::string_view, std::size_t> old;
    for (std::size_t i = 0; i < have.size(); ++i) old.emplace(have[i].key, i);
    Element last;
    std::string_view tail;  // the Category in effect after the last child, those to be inserted included
    for (Element child = section.first(); child; child = child.next()) {
        last = child;
        if (child.is_lax(Ns::ovf, "Category")) tail = child.shown();
    }
    std::unordered_map<std::string_view, std::string_view> renamed;
    for (const Property& property : wanted) {
        if (old.count(property.key) != 0) continue;
        for (const Property& before : have) {
            if (std::any_of(wanted.begin(), wanted.end(), [&](const Property& p) { return p.key == before.key; }))
                continue;
            Property same = property;
            same.key = before.key;
            if (same == before) renamed.emplace(property.key, before.key);
        }
    }
    for (const Property& property : wanted) {
        const auto rename = renamed.find(property.key);
        const auto known = old.find(rename == renamed.end() ? std::string_view(property.key) : rename->second);
        if (known == old.end()) {
            if (property.category != tail)
                insert(document, section, last, text_fragment(Ns::ovf, "Category", property.category));
            tail = property.category;
            insert(document, section, last, fragment_of(property));
            continue;
        }
        const PropertyElement& place = elements[known->second];
        const Property& before = have[known->second];
        if (property.key != before.key) edit_attribute(document, place.element, Ns::ovf, "key", property.key);
        if (property != before) update_property(document, place.element, before, property);
        if (property.category != before.category) {
            document.insert_before(place.element, text_fragment(Ns::ovf, "Category", property.category));
            document.insert_after(place.element, text_fragment(Ns::ovf, "Category", before.category));
        }
        old.erase(known);
    }
    for (const auto& [key, index] : old) document.erase(elements[index].element);
}

void update_product(Editing& editing, Element section, const Product& have, const Product& wanted) {
    XmlDocument& document = editing.document;
    if (have.class_name != wanted.class_name) edit_attribute(document, section, Ns::ovf, "class", wanted.class_name);
    if (have.instance != wanted.instance) edit_attribute(document, section, Ns::ovf, "instance", wanted.instance);
    for (const auto& [name, member] : product_texts)
        if (have.*member != wanted.*member) edit_child(document, section, name, wanted.*member, product_order);
    if (have.properties != wanted.properties) update_properties(document, section, have.properties, wanted.properties);
}

}  // namespace

void update_products(Editing& editing, Element parent, Element after, const std::vector<Element>& sections,
                     const std::vector<Product>& have, const std::vector<Product>& wanted) {
    if (have == wanted) return;
    // The same class and instance is the same product; what is left over pairs up in order.
    std::vector<std::size_t> match(wanted.size(), have.size());
    std::vector<bool> used(have.size(), false);
    const auto pair_up = [&](auto&& same) {
        for (std::size_t w = 0; w < wanted.size(); ++w)
            for (std::size_t h = 0; match[w] == have.size() && h < have.size(); ++h)
                if (!used[h] && same(have[h], wanted[w])) {
                    match[w] = h;
                    used[h] = true;
                }
    };
    pair_up(
        [](const Product& a, const Product& b) { return a.class_name == b.class_name && a.instance == b.instance; });
    pair_up([](const Product&, const Product&) { return true; });
    Element last = sections.empty() ? after : sections.back();
    for (std::size_t w = 0; w < wanted.size(); ++w) {
        if (match[w] < have.size())
            update_product(editing, sections[match[w]], have[match[w]], wanted[w]);
        else
            insert(editing.document, parent, last, fragment_of(wanted[w], editing.major));
    }
    for (std::size_t h = 0; h < have.size(); ++h)
        if (!used[h]) editing.document.erase(sections[h]);
}

}  // namespace ovfkit::detail
