#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/xml.hpp"
#include "dialect/ovirt/form.hpp"

/// What an element should say, as names and texts. One description serves both ways of writing: a new element is
/// made from it, and an existing one is edited where two descriptions differ.
namespace ovfkit::detail::ovirt {

struct Field {
    Ns ns = Ns::rasd;
    std::string name;
    std::string text;
    bool only_present = false;  ///< edits an existing child, never makes one: other engines do not write it
    bool implied = false;       ///< the model does not say it; what the engine writes anyway
};

/// One Item. A child without text is written empty, as the engine does; one that should not stand is left out.
struct ItemSpec {
    std::vector<Field> fields;
    std::vector<std::pair<std::string, std::string>> spec_params;  ///< `a/b` for a nested map

    void rasd(std::string_view name, std::string_view text) {
        fields.push_back({Ns::rasd, std::string(name), std::string(text)});
    }
    void plain(std::string_view name, std::string_view text) {
        fields.push_back({Ns::none, std::string(name), std::string(text)});
    }
    [[nodiscard]] const Field* find(std::string_view name) const;
};

/// Ns::none fields are written in the namespace of the document's body.
Fragment fragment_of(const ItemSpec& spec, const Form& form);

/// Edits `item` where `have` (what is encoded from what was read) and `wanted` differ.
void apply(XmlDocument& document, Element item, const ItemSpec& have, const ItemSpec& wanted, const Form& form);

/// Attributes of one element; empty text: left out, unless `empty` says to write it.
struct AttributeSpec {
    std::string name, text;
    bool empty = false;
};
using AttributeSpecs = std::vector<AttributeSpec>;
Fragment fragment_of(std::string_view local, const AttributeSpecs& attributes, const Form& form);
void apply(XmlDocument& document, Element element, const AttributeSpecs& have, const AttributeSpecs& wanted);

/// A child of the body with text.
Fragment body_element(const Form& form, std::string_view local, std::string_view text);

}  // namespace ovfkit::detail::ovirt
