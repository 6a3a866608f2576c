#include "descriptor/products.hpp"

#include <set>
#include <string>
#include <tuple>
#include <unordered_set>

#include <fmt/format.h>

#include "descriptor/layout.hpp"
#include "descriptor/product_fields.hpp"
#include "descriptor/property_check.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

/// Everything of a Property that is not used still must not be listed when it is a secret.
void take_all(Element element) {
    (void)element.take();
    for (const Attribute& attribute : element.attributes()) (void)attribute.take();
    for (Element child = element.first(); child; child = child.next()) take_all(child);
}

bool is_password(Element property) {
    const Attribute attribute = property.attribute_lax(Ns::ovf, "password");
    return to_boolean(to_lower(trimmed(attribute.value()).substr(0, 6))).value_or(false) ||
           equal_nocase(trimmed(property.attribute_lax(Ns::ovf, "type").value()), "password");
}

Property read_property(const PropertyElement& source, Diagnostics& diagnostics) {
    const Element element = source.element;
    Property out;
    out.key = take_name(element, element.attribute_lax(Ns::ovf, "key"), diagnostics);
    out.type = std::string(element.attribute_lax(Ns::ovf, "type").take());
    out.qualifiers = std::string(element.attribute_lax(Ns::ovf, "qualifiers").take());
    out.user_configurable =
        take_boolean(element, element.attribute_lax(Ns::ovf, "userConfigurable"), diagnostics).value_or(false);
    out.password = is_password(element);
    (void)element.attribute_lax(Ns::ovf, "password").take();
    out.label = std::string(take_child(element, "Label"));
    out.description = std::string(take_child(element, "Description"));
    out.category = std::string(source.category);
    if (source.category_element) (void)source.category_element.take();
    const Element general = value_element(element, {});
    const Attribute value = general ? general.attribute_lax(Ns::ovf, "value") : element.attribute_lax(Ns::ovf, "value");
    out.value = std::string(value.take());
    for (Element child = element.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Value")) continue;
        const Attribute configuration = child.attribute_lax(Ns::ovf, "configuration");
        if (trimmed(configuration.value()).empty() || value_element(element, configuration.value()) != child) continue;
        out.configuration_values.push_back(
            {{}, std::string(configuration.take()), std::string(child.attribute_lax(Ns::ovf, "value").take())});
    }
    if (out.password) take_all(element);
    check_property(element, out, diagnostics);
    out.origin.offset = element.offset();
    return out;
}

}  // namespace

std::vector<PropertyElement> properties_of(Element section) {
    std::vector<PropertyElement> out;
    std::unordered_set<std::string_view> keys;
    std::string_view category;
    Element category_element;
    for (Element child = section.first(); child; child = child.next()) {
        if (child.is_lax(Ns::ovf, "Category")) {
            category = child.shown();
            category_element = child;
        } else if (child.is_lax(Ns::ovf, "Property")) {
            const std::string_view key = child.attribute_lax(Ns::ovf, "key").value();
            if (!key.empty() && keys.insert(key).second) out.push_back({child, category, category_element});
        }
    }
    return out;
}

Element value_element(Element property, std::string_view configuration) {
    for (Element child = property.first(); child; child = child.next())
        if (child.is_lax(Ns::ovf, "Value") &&
            trimmed(child.attribute_lax(Ns::ovf, "configuration").value()) == trimmed(configuration))
            return child;
    return {};
}

Product read_product(Element section, Diagnostics& diagnostics) {
    Product out;
    take_part(section);
    out.class_name = std::string(section.attribute_lax(Ns::ovf, "class").take());
    out.instance = std::string(section.attribute_lax(Ns::ovf, "instance").take());
    for (const auto& [name, member] : product_texts) out.*member = std::string(take_child(section, name));
    out.origin.offset = section.offset();

    std::unordered_set<std::string_view> keys;
    const std::size_t limit = section.document()->limits().properties;
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Property")) continue;
        const std::string_view key = child.attribute_lax(Ns::ovf, "key").value();
        const bool missing = key.empty();
        if (!missing && keys.insert(key).second) continue;
        if (is_password(child)) take_all(child);
        if (missing)
            report(diagnostics, "ovf-property-incomplete", child, "Property has no ovf:key; it is not used");
        else
            report(diagnostics, "ovf-property-duplicate", child,
                   fmt::format("the Property '{}' stands twice in this ProductSection; give each its own key",
                               printable(key, 80)),
                   Failure::malformed);
    }
    if (keys.size() > limit) {
        report(diagnostics, "ovf-limit-exceeded", section,
               fmt::format("ProductSection has more than {} Properties", limit), Failure::refused);
        return out;
    }
    const auto properties = properties_of(section);
    out.properties.reserve(properties.size());
    for (const PropertyElement& property : properties) out.properties.push_back(read_property(property, diagnostics));
    return out;
}

std::vector<Product> read_products(const std::vector<Element>& sections, Diagnostics& diagnostics) {
    std::vector<Product> out;
    out.reserve(sections.size());
    std::set<std::tuple<const void*, std::string, std::string>> seen;
    for (const Element& section : sections) {
        out.push_back(read_product(section, diagnostics));
        const Product& product = out.back();
        if (!seen.emplace(section.parent().raw().internal_object(), product.class_name, product.instance).second)
            report(diagnostics, "ovf-product-duplicate", section,
                   fmt::format("two ProductSections have the class '{}' and instance '{}'; give each its own",
                               printable(product.class_name, 80), printable(product.instance, 80)),
                   Failure::malformed);
    }
    return out;
}

}  // namespace ovfkit::detail
