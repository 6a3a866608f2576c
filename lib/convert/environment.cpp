#include <ovfkit/environment.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/xml_writer.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/property_check.hpp"
#include "descriptor/property_values.hpp"

namespace ovfkit {

namespace {

using detail::Element;

constexpr std::string_view uri = "http://schemas.dmtf.org/ovf/environment/1";

using Products = std::vector<const Product*>;

Products all_of(const std::vector<Product>& products) {
    Products out;
    for (const Product& product : products) out.push_back(&product);
    return out;
}

/// A VirtualSystem or VirtualSystemCollection with its own properties.
struct Entity {
    std::string id;
    Products products;
};

/// Where the VM stands: the collection around it and what else is in that.
struct Place {
    Products parent;
    std::vector<Entity> siblings;
};

std::size_t index_of(const Envelope& envelope, const std::string& vm) {
    std::vector<std::string_view> ids;
    for (std::size_t i = 0; i < envelope.systems.size(); ++i) {
        const VirtualSystem& system = envelope.systems[i];
        if (vm.empty() ? envelope.systems.size() == 1 : system.id == vm || system.name == vm) return i;
        ids.push_back(system.id);
    }
    if (ids.empty()) throw UsageError("there is no virtual machine in it");
    std::string names;
    for (const std::string_view id : ids) names += fmt::format("{}{}", names.empty() ? "" : ", ", printable(id, 80));
    if (vm.empty()) throw UsageError(fmt::format("{} virtual machines: name one of {}", ids.size(), printable(names, 400)));
    const std::string_view hit = nearest(vm, ids);
    throw UsageError(fmt::format("no VM '{}' in it{}", printable(vm),
                                 hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", printable(hit))));
}

Place place_of(const Envelope& envelope, const detail::EnvelopeParts& layout, std::size_t index) {
    Place out;
    // Another dialect may read VMs its own way.
    if (layout.systems.size() != envelope.systems.size() || layout.products.size() != envelope.products.size()) return out;
    const Element parent = layout.systems[index].parent();
    if (parent == layout.envelope) return out;
    const auto products_of = [&](Element collection) {
        Products products;
        for (std::size_t i = 0; i < layout.products.size(); ++i)
            if (layout.products[i].parent() == collection) products.push_back(&envelope.products[i]);
        return products;
    };
    out.parent = products_of(parent);
    for (Element child = parent.first(); child; child = child.next()) {
        if (child == layout.systems[index]) continue;
        const auto system = std::find(layout.systems.begin(), layout.systems.end(), child);
        if (system != layout.systems.end()) {
            const VirtualSystem& sibling = envelope.systems[static_cast<std::size_t>(system - layout.systems.begin())];
            out.siblings.push_back({sibling.id, all_of(sibling.products)});
        } else if (detail::part_name(child) == "VirtualSystemCollection") {
            out.siblings.push_back({std::string(child.attribute_lax(detail::Ns::ovf, "id").value()), products_of(child)});
        }
    }
    return out;
}

class Writer {
public:
    Writer(const Envelope& envelope, const detail::XmlDocument& document, Diagnostics& diagnostics)
        : envelope_(envelope), document_(document), diagnostics_(diagnostics) {}

    std::string run(const VirtualSystem& system, const Place& place, const EnvironmentOptions& options) {
        xml_.open("Environment", {{"xmlns", std::string(uri)}, {"xmlns:oe", std::string(uri)}, {"oe:id", system.id}});
        platform(options);
        properties(all_of(system.products), place.parent, place.parent);
        for (const Entity& entity : place.siblings) {
            xml_.open("Entity", {{"oe:id", entity.id}});
            properties(entity.products, {}, place.parent);
            xml_.close();
        }
        xml_.close();
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml_.text();
    }

    [[nodiscard]] bool secret() const { return secret_; }

private:
    void platform(const EnvironmentOptions& options) {
        const std::string& locale = options.locale.empty() ? envelope_.lang : options.locale;
        xml_.open("PlatformSection");
        const auto leaf = [&](std::string_view name, const std::string& text) {
            if (!text.empty()) xml_.leaf(name, text);
        };
        leaf("Kind", options.kind);
        leaf("Version", options.version);
        leaf("Vendor", options.vendor);
        leaf("Locale", locale.empty() ? "en-US" : locale);
        xml_.close();
    }

    /// `own`, then those of `inherited` that are not among them. References are to the collection first.
    void properties(const Products& own, const Products& inherited, const Products& scope) {
        detail::PropertyValues values(envelope_.configuration, {});
        for (const Product* product : scope) values.add(*product);
        for (const Product* product : own) values.add(*product);
        if (own.empty() && inherited.empty()) return;
        std::set<std::string> seen;
        xml_.open("PropertySection");
        for (const Products* products : {&own, &inherited})
            for (const Product* product : *products)
                for (const Property& property : product->properties) {
                    const std::string key = detail::full_key(*product, property);
                    if (seen.insert(key).second)
                        xml_.empty("Property", {{"oe:key", key}, {"oe:value", value_of(property, key, values)}});
                }
        xml_.close();
    }

    std::string value_of(const Property& property, const std::string& key, const detail::PropertyValues& values) {
        const std::string& raw = detail::value_in(property, envelope_.configuration);
        const detail::Expanded expanded = values.expand(raw);
        const std::string name = printable(key, 80);
        if (!expanded.problem.empty())
            report("env-property-undefined", property,
                   fmt::format("the value of the property '{}' cannot be told: {}; give --property {}=VALUE", name,
                               expanded.problem, name));
        else if (expanded.text.empty() && detail::needs_value(property))
            report("env-property-unset", property,
                   fmt::format("the property '{}' needs a value; give --property {}=VALUE", name, name));
        else if (const std::string problem = detail::value_problem(property, expanded.text); !problem.empty())
            report("env-property-invalid", property,
                   fmt::format("the property '{}': {}; give another with --property {}=VALUE", name, problem, name));
        secret_ = secret_ || (property.password && !expanded.text.empty());
        return expanded.text;
    }

    void report(std::string_view rule, const Property& property, std::string message) {
        detail::report(diagnostics_, rule, document_, property.origin.offset, std::move(message), Failure::malformed);
    }

    const Envelope& envelope_;
    const detail::XmlDocument& document_;
    Diagnostics& diagnostics_;
    detail::XmlWriter xml_;
    bool secret_ = false;
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!(text = detail::trimmed(text)).empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return out;
}

void check_transport(const Environment& environment, const VirtualSystem& system, const detail::XmlDocument& document,
                     bool image, Diagnostics& diagnostics) {
    const auto& asked = environment.transports;
    if (asked.empty())
        detail::report(diagnostics, "env-transport-none", document, system.origin.offset,
                       "ovf:transport names no way to hand over an OVF environment: the guest may not look for one");
    else if (image && std::find(asked.begin(), asked.end(), "iso") == asked.end())
        detail::report(diagnostics, "env-transport-other", document, system.origin.offset,
                       fmt::format("ovf:transport is '{}': the guest may not look for an ISO image",
                                   printable(system.hardware.transport, 80)));
}

}  // namespace

std::string property_key(const Product& product, const Property& property) { return detail::full_key(product, property); }

const std::string& property_value(const Property& property, std::string_view configuration) {
    return detail::value_in(property, configuration);
}

Environment environment(const Source& source, const EnvironmentOptions& options, Diagnostics& diagnostics) {
    if (source.document() == nullptr)
        throw UsageError("an OVF environment is made from a descriptor; first: ovfkit convert --to ovf");
    const Envelope& envelope = source.envelope();
    const detail::XmlDocument& document = source.document()->xml();
    const std::size_t index = index_of(envelope, options.vm);
    const VirtualSystem& system = envelope.systems[index];
    Environment out;
    out.vm = system.id;
    out.transports = words_of(system.hardware.transport);
    check_transport(out, system, document, options.image, diagnostics);
    Writer writer(envelope, document, diagnostics);
    out.xml = writer.run(system, place_of(envelope, detail::envelope_parts(document), index), options);
    out.secret = writer.secret();
    return out;
}

}  // namespace ovfkit
