#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// ProductSection (DSP0243 9.5).
namespace ovfkit::detail {

namespace {

bool has_separator(std::string_view word) { return word.find_first_of(".:") != std::string_view::npos; }

void check_values(Element property, const std::string& key, const Subject& subject, Findings& findings) {
    std::set<std::string_view> seen;
    for (Element value = property.first(); value; value = value.next()) {
        if (!value.is_lax(Ns::ovf, "Value")) continue;
        const std::string_view configuration = value_of(value, "configuration");
        if (!seen.insert(configuration).second)
            findings.add("ovf-property-value-repeated", value,
                         fmt::format("Property '{}' has a second value for {}", key,
                                     configuration.empty() ? std::string("every configuration") : fmt::format("the configuration '{}'", printable(configuration, 80))));
        if (!configuration.empty() && !subject.configuration_ids.contains(configuration))
            findings.add("ovf-property-configuration-undefined", value,
                         fmt::format("Property '{}' has a value for the configuration '{}', which is not defined", key, printable(configuration, 80)));
    }
}

/// Whether a value stands in the element, without looking at what it is.
bool has_value(Element property) {
    if (!value_of(property, "value").empty()) return true;
    for (Element value = property.first(); value; value = value.next())
        if (value.is_lax(Ns::ovf, "Value") && !value_of(value, "value").empty()) return true;
    return false;
}

void check_property(Element property, const Subject& subject, Findings& findings) {
    const std::string_view word = value_of(property, "key");
    const std::string key = printable(word, 80);
    if (has_separator(word)) findings.add("ovf-property-key-character", property, fmt::format("the key '{}' holds a dot or a colon", key));
    if (value_of(property, "type").empty()) findings.add("ovf-property-type-missing", property, fmt::format("Property '{}' has no type", key));
    if (to_boolean(value_of(property, "password")).value_or(false) && has_value(property))
        findings.add("ovf-property-password-value", property, fmt::format("the password '{}' stands in the descriptor", key));
    if (to_boolean(value_of(property, "userConfigurable")).value_or(false) && trimmed(property.child_lax(Ns::ovf, "Label").shown()).empty())
        findings.add("ovf-property-label-missing", property, fmt::format("Property '{}' has no Label", key));
    check_values(property, key, subject, findings);
}

/// The number of its Properties.
std::size_t check_product(Element section, const Subject& subject, Findings& findings) {
    std::size_t count = 0;
    for (const std::string_view name : {"class", "instance"})
        if (has_separator(value_of(section, name)) && name == "instance")
            findings.add("ovf-property-key-character", section, fmt::format("the {} '{}' holds a dot or a colon", name, printable(value_of(section, name), 80)));
    for (Element child = section.first(); child; child = child.next()) {
        if (child.is_lax(Ns::ovf, "Icon")) {
            const std::string_view file = value_of(child, "fileRef");
            if (!file.empty() && !subject.file_ids.contains(file))
                findings.add("ovf-product-icon-dangling", child, fmt::format("the Icon is the File '{}', which References does not have", printable(file, 80)));
        }
        if (!child.is_lax(Ns::ovf, "Property")) continue;
        if (++count > subject.document.limits().properties) break;
        check_property(child, subject, findings);
    }
    return count;
}

}  // namespace

void check_properties(const Subject& subject, Findings& findings) {
    for (const Element& section : subject.layout.products) (void)check_product(section, subject, findings);
    for (const CheckedSystem& system : subject.systems) {
        std::size_t count = 0;
        for (const Element& section : system.parts.products) count += check_product(section, subject, findings);
        for (const CheckedHardware& hardware : system.hardware)
            if (count != 0 && value_of(hardware.element, "transport").empty())
                findings.add("ovf-property-transport-missing", hardware.element,
                             fmt::format("the VM has {} properties, and the hardware no ovf:transport for them", count));
    }
}

}  // namespace ovfkit::detail
