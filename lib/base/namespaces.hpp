#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/xml.hpp"

/// Prefix to namespace. Nearly every document declares all its prefixes at the root: those are a short table;
/// only prefixes that are declared again below need the walk up.
namespace ovfkit::detail {

/// A short prefix as a number, so that comparing two is one instruction. Longer ones are all ~0.
constexpr std::uint64_t packed(std::string_view prefix) {
    if (prefix.size() > 7) return ~std::uint64_t{0};
    std::uint64_t key = 0;
    for (const char c : prefix) key = key << 8U | static_cast<unsigned char>(c);
    return key;
}

struct Binding {
    std::string prefix, uri;
    Ns ns = Ns::none;
    std::uint64_t key = packed(prefix);
};

struct XmlDocument::Namespaces {
    std::vector<Binding> at_root;
    std::unordered_set<std::string> nested;  ///< prefixes declared below the root
    std::string envelope;                    ///< the root's own URI when it is no known one; counts as `ovf`

    /// Of a URI in this document.
    [[nodiscard]] Ns classify(std::string_view uri) const;
    /// What is in scope: nullptr when the prefix is not bound.
    [[nodiscard]] const Binding* find(pugi::xml_node scope, std::string_view prefix) const;

private:
    [[nodiscard]] const Binding* declared_at(pugi::xml_node node, std::string_view prefix) const;
    /// Bindings met below the root, by the attribute that makes them.
    mutable std::unordered_map<const void*, Binding> below_;
    mutable struct {
        const void* parent = nullptr;
        std::string prefix;
        const Binding* found = nullptr;
    } last_;
};

/// Every prefix in scope at an element, the nearest declaration first.
std::vector<Binding> bindings_in_scope(const XmlDocument& document, pugi::xml_node scope);

/// The namespace whose usual prefix that is; none when there is none.
Ns namespace_of_usual_prefix(std::string_view prefix);

}  // namespace ovfkit::detail
