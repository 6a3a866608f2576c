#include "descriptor/networks.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "descriptor/layout.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 1> network_order{"Description"};
constexpr std::array<std::string_view, 2> configuration_order{"Label", "Description"};

}  // namespace

Fragment new_network(const Network& network) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Network";
    out.attributes.push_back({Ns::ovf, "name", network.name});
    if (!network.description.empty())
        out.children.push_back(text_fragment(Ns::ovf, "Description", network.description));
    return out;
}

Fragment new_configuration(const Configuration& configuration) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "Configuration";
    if (configuration.is_default) out.attributes.push_back({Ns::ovf, "default", "true"});
    out.attributes.push_back({Ns::ovf, "id", configuration.id});
    // Both are required by the schema; what is not known is the id.
    const auto or_id = [&](const std::string& text) { return text.empty() ? configuration.id : text; };
    out.children.push_back(text_fragment(Ns::ovf, "Label", or_id(configuration.label)));
    out.children.push_back(text_fragment(Ns::ovf, "Description", or_id(configuration.description)));
    return out;
}

std::vector<Network> read_networks(Element section, Diagnostics& diagnostics) {
    std::vector<Network> networks;
    std::unordered_set<std::string_view> names;
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Network")) continue;
        Network network;
        const Attribute name = child.attribute_lax(Ns::ovf, "name");
        if (!names.insert(name.value()).second) {
            report(diagnostics, "ovf-network-duplicate", child,
                   fmt::format("the Network '{}' is declared twice; the first counts", printable(name.value(), 80)));
            continue;
        }
        network.name = take_name(child, name, diagnostics);
        network.description = std::string(take_child(child, "Description"));
        network.origin.offset = child.offset();
        networks.push_back(std::move(network));
    }
    return networks;
}

void update_networks(Editing& editing, Element section, const std::vector<Network>& have,
                     const std::vector<Network>& wanted) {
    if (have == wanted || !section) return;
    XmlDocument& document = editing.document;
    std::unordered_map<std::string_view, Element> elements;
    Element last = section.child_lax(Ns::ovf, "Info");
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Network")) continue;
        elements.emplace(child.attribute_lax(Ns::ovf, "name").value(), child);
        last = child;
    }
    const auto named = [](const std::vector<Network>& list, const std::string& name) {
        return std::find_if(list.begin(), list.end(), [&](const Network& n) { return n.name == name; });
    };
    std::unordered_set<std::string_view> renamed;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Network& network = wanted[i];
        auto known = named(have, network.name);
        // Another name at the same place: it is the same Network.
        if (known == have.end() && i < have.size() && named(wanted, have[i].name) == wanted.end()) {
            known = have.begin() + static_cast<std::ptrdiff_t>(i);
            renamed.insert(known->name);
            edit_attribute(document, elements[known->name], Ns::ovf, "name", network.name);
        }
        if (known == have.end())
            insert(document, section, last, new_network(network));
        else if (known->description != network.description)
            edit_child(document, elements[known->name], "Description", network.description, network_order);
    }
    for (const Network& network : have)
        if (named(wanted, network.name) == wanted.end() && renamed.count(network.name) == 0)
            document.erase(elements[network.name]);
}

std::vector<Configuration> read_configurations(Element section, Diagnostics& diagnostics) {
    std::vector<Configuration> configurations;
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Configuration")) continue;
        Configuration configuration;
        configuration.id = take_name(child, child.attribute_lax(Ns::ovf, "id"), diagnostics);
        configuration.is_default =
            take_boolean(child, child.attribute_lax(Ns::ovf, "default"), diagnostics).value_or(false);
        configuration.label = std::string(take_child(child, "Label"));
        configuration.description = std::string(take_child(child, "Description"));
        configuration.origin.offset = child.offset();
        const auto same = [&](const Configuration& c) { return c.id == configuration.id; };
        if (configuration.id.empty() || std::any_of(configurations.begin(), configurations.end(), same)) {
            report(diagnostics, "ovf-configuration-duplicate", child,
                   fmt::format("Configuration id '{}' is missing or not the only one; give each its own",
                               printable(configuration.id, 80)),
                   Failure::malformed);
            continue;
        }
        configurations.push_back(std::move(configuration));
    }
    return configurations;
}

std::string configuration_in_effect(const std::vector<Configuration>& configurations, std::string_view wanted) {
    if (!wanted.empty()) {
        std::vector<std::string_view> ids;
        for (const Configuration& configuration : configurations) ids.push_back(configuration.id);
        if (std::find(ids.begin(), ids.end(), wanted) != ids.end()) return std::string(wanted);
        const std::string_view hit = nearest(wanted, ids);
        throw UsageError(
            ids.empty()
                ? fmt::format("no configuration '{}': the descriptor defines none", printable(wanted, 80))
                : fmt::format("no configuration '{}'; the descriptor has: {}{}", printable(wanted, 80),
                              fmt::join(ids, " "),
                              hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", printable(hit, 80))));
    }
    for (const Configuration& configuration : configurations)
        if (configuration.is_default) return configuration.id;
    return configurations.empty() ? std::string{} : configurations.front().id;
}

void update_configurations(Editing& editing, Element section, const std::vector<Configuration>& have,
                           const std::vector<Configuration>& wanted) {
    if (have == wanted || !section) return;
    XmlDocument& document = editing.document;
    std::unordered_map<std::string_view, Element> elements;
    Element last = section.child_lax(Ns::ovf, "Info");
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "Configuration")) continue;
        elements.emplace(child.attribute_lax(Ns::ovf, "id").value(), child);
        last = child;
    }
    for (const Configuration& configuration : wanted) {
        const auto known =
            std::find_if(have.begin(), have.end(), [&](const Configuration& c) { return c.id == configuration.id; });
        if (known == have.end()) {
            insert(document, section, last, new_configuration(configuration));
            continue;
        }
        const Element element = elements[configuration.id];
        if (known->is_default != configuration.is_default)
            edit_attribute(document, element, Ns::ovf, "default", configuration.is_default ? "true" : "");
        if (known->label != configuration.label)
            edit_child(document, element, "Label", configuration.label, configuration_order);
        if (known->description != configuration.description)
            edit_child(document, element, "Description", configuration.description, configuration_order);
    }
    for (const Configuration& configuration : have)
        if (std::none_of(wanted.begin(), wanted.end(),
                         [&](const Configuration& c) { return c.id == configuration.id; }))
            document.erase(elements[configuration.id]);
}

bool applies(std::string_view list, std::string_view id) {
    list = trimmed(list);
    if (list.empty()) return true;
    while (!list.empty()) {
        std::size_t end = 0;
        while (end < list.size() && !is_blank(list[end])) ++end;
        if (list.substr(0, end) == id) return true;
        list = trimmed(list.substr(end));
    }
    return false;
}

}  // namespace ovfkit::detail
