#include "descriptor/property_values.hpp"

#include <utility>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "descriptor/networks.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::size_t max_depth = 16;
/// Of one value with everything put in: references that double at every step grow fast.
constexpr std::size_t max_expanded = 1U << 20;
constexpr std::size_t max_steps = 10000;

}  // namespace

std::string full_key(const Product& product, const Property& property) {
    std::string key = product.class_name.empty() ? property.key : product.class_name + "." + property.key;
    if (!product.instance.empty()) key += "." + product.instance;
    return key;
}

const std::string& value_in(const Property& property, std::string_view configuration) {
    const std::string* value = &property.value;
    for (const Parameter& own : property.configuration_values)
        if (!own.key.empty() && applies(own.key, configuration)) value = &own.value;
    return *value;
}

std::string& value_in(Property& property, std::string_view configuration) {
    return const_cast<std::string&>(value_in(std::as_const(property), configuration));
}

const std::string* overridden(const Product& product, const Property& property, const PropertyOverrides& overrides) {
    if (overrides.empty()) return nullptr;
    auto found = overrides.find(full_key(product, property));
    if (found == overrides.end()) found = overrides.find(property.key);
    return found == overrides.end() ? nullptr : &found->second;
}

std::string_view property_of(std::string_view text) {
    text = trimmed(text);
    if (text.size() < 4 || text.substr(0, 2) != "${" || text.back() != '}') return {};
    const std::string_view key = trimmed(text.substr(2, text.size() - 3));
    return key.find('}') == std::string_view::npos ? key : std::string_view{};
}

PropertyValues::PropertyValues(std::string_view configuration, const PropertyOverrides& overrides)
    : configuration_(configuration), overrides_(overrides) {}

void PropertyValues::add(const Product& product) {
    for (const Property& property : product.properties) {
        const std::string* given = overridden(product, property, overrides_);
        const std::string& value = given != nullptr ? *given : value_in(property, configuration_);
        values_.emplace(full_key(product, property), value);
        values_.emplace(property.key, value);
    }
}

void PropertyValues::resolve_into(Expanded& out, std::string_view key, std::size_t depth) const {
    const std::string name(key);
    const auto found = values_.find(name);
    const auto given = found == values_.end() ? overrides_.find(name) : overrides_.end();
    if (found == values_.end() && given == overrides_.end()) {
        out.key = name;
        out.problem = fmt::format("no ProductSection defines the property '{}'", printable(key, 80));
    } else if (++out.steps > max_steps) {
        out.key = name;
        out.problem = fmt::format("more than {} references have to be followed", max_steps);
    } else if (depth == max_depth) {
        out.key = name;
        out.problem = fmt::format("the property '{}' refers to itself or too deep", printable(key, 80));
    } else {
        expand_into(out, found != values_.end() ? found->second : given->second, depth + 1);
    }
}

void PropertyValues::expand_into(Expanded& out, std::string_view text, std::size_t depth) const {
    while (!text.empty() && out.problem.empty()) {
        const std::size_t begin = text.find("${");
        const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
        out.text += text.substr(0, end == std::string_view::npos ? text.size() : begin);
        if (out.text.size() > max_expanded) out.problem = "a value grows over 1 MiB by its references";
        if (end == std::string_view::npos) return;
        if (out.problem.empty()) resolve_into(out, trimmed(text.substr(begin + 2, end - begin - 2)), depth);
        text.remove_prefix(end + 1);
    }
}

Expanded PropertyValues::resolve(std::string_view key) const {
    Expanded out;
    resolve_into(out, key, 0);
    return out;
}

Expanded PropertyValues::expand(std::string_view text) const {
    Expanded out;
    expand_into(out, text, 0);
    return out;
}

PropertyValues property_values(const Envelope& envelope) {
    PropertyValues values(envelope.configuration, {});
    for (const Product& product : envelope.products) values.add(product);
    for (const VirtualSystem& system : envelope.systems)
        for (const Product& product : system.products) values.add(product);
    return values;
}

}  // namespace ovfkit::detail
