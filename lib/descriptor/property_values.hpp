#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include <ovfkit/model.hpp>

/// What the properties of ProductSections amount to: by configuration, with the values of this run, and with
/// `${key}` put in (DSP0243 9.1, 9.5.1, 9.8).
namespace ovfkit::detail {

using PropertyOverrides = std::map<std::string, std::string, std::less<>>;

/// `class.key.instance`; a part that is empty and its dot are left out.
std::string full_key(const Product& product, const Property& property);

/// The value that counts in a configuration: its own `Value`, else the general one.
std::string& value_in(Property& property, std::string_view configuration);
const std::string& value_in(const Property& property, std::string_view configuration);

/// The value given for this run; nullptr when there is none. The full key goes before the bare one.
const std::string* overridden(const Product& product, const Property& property, const PropertyOverrides& overrides);

/// `key` of a text that is `${key}` and nothing else; empty for anything else.
std::string_view property_of(std::string_view text);

struct Expanded {
    std::string text;
    std::string key;      ///< the property that could not be resolved
    std::string problem;  ///< why, as a clause; empty: all is resolved
    std::size_t steps = 0;  ///< references followed
};

class PropertyValues {
public:
    PropertyValues() = default;
    PropertyValues(std::string_view configuration, const PropertyOverrides& overrides);

    /// The first of a key counts.
    void add(const Product& product);
    /// The value of a property, references in it resolved.
    [[nodiscard]] Expanded resolve(std::string_view key) const;
    /// `text` with every `${key}` in it replaced.
    [[nodiscard]] Expanded expand(std::string_view text) const;

private:
    void expand_into(Expanded& out, std::string_view text, std::size_t depth) const;
    void resolve_into(Expanded& out, std::string_view key, std::size_t depth) const;

    std::string configuration_;
    PropertyOverrides overrides_;
    std::unordered_map<std::string, std::string> values_;
};

/// The properties of a whole envelope as it stands.
PropertyValues property_values(const Envelope& envelope);

}  // namespace ovfkit::detail
