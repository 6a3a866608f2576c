#include <array>
#include <unordered_set>

#include <fmt/format.h>

#include "descriptor/collection.hpp"
#include "descriptor/disks.hpp"
#include "descriptor/envelope.hpp"
#include "descriptor/guest.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/products.hpp"
#include "descriptor/references.hpp"
#include "descriptor/system.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 4> known_envelopes{
    "http://www.vmware.com/schema/ovf/1/envelope", "http://schemas.dmtf.org/ovf/envelope/1",
    "http://schemas.dmtf.org/ovf/envelope/1/", "http://schemas.dmtf.org/ovf/envelope/2"};

void check_namespace(Element root, Diagnostics& diagnostics) {
    const std::string_view uri = root.uri();
    for (const std::string_view known : known_envelopes)
        if (uri == known) return;
    report(diagnostics, "ovf-namespace-unknown", root,
           uri.empty() ? std::string("the Envelope is in no namespace; it is read as OVF 1")
                       : fmt::format("the Envelope's namespace is '{}', which is not known; it is read as OVF 1",
                                     printable(uri, 120)));
}

std::string version_of(const XmlDocument& document) {
    const Attribute attribute = document.root().attribute_lax(Ns::ovf, "version");
    if (const std::string_view said = trimmed(attribute.value()); !said.empty()) {
        (void)attribute.take();
        return std::string(said);
    }
    const int major = major_version(document);
    return major == 0 ? "0.9" : major == 2 ? "2.0" : "1.0";
}

void check_references(const EnvelopeParts& layout, const Envelope& envelope, Diagnostics& diagnostics) {
    if (layout.references) return;
    for (const VirtualDisk& disk : envelope.disks)
        if (!disk.file_id.empty()) {
            report(diagnostics, "ovf-references-missing", layout.disks,
                   "Disks name files, but there is no References section", Failure::malformed);
            return;
        }
}

PropertyValues values_in(const EnvelopeParts& layout, std::string_view configuration,
                         const PropertyOverrides& overrides) {
    PropertyValues values(configuration, overrides);
    Diagnostics quiet;
    for (const Element& section : layout.products) values.add(read_product(section, quiet));
    for (const Element& system : layout.systems)
        for (const Element& section : parts_of(system).products) values.add(read_product(section, quiet));
    return values;
}

}  // namespace

void read_system(const SystemParts& parts, std::string_view configuration, const KnownIds& ids, const Style& style,
                 VirtualSystem& system, Diagnostics& diagnostics) {
    take_part(parts.element);
    system.origin.offset = parts.element.offset();
    system.id = take_name(parts.element, parts.element.attribute_lax(Ns::ovf, "id"), diagnostics);
    if (parts.name) system.name = take_name(parts.name, diagnostics);
    system.os = read_operating_system(parts.operating_system, diagnostics);
    system.products = read_products(parts.products, diagnostics);
    system.annotation = read_annotation(parts.annotation);
    system.eulas = read_eulas(parts.eulas);
    if (parts.hardware.empty())
        report(diagnostics, "ovf-hardware-missing", parts.element,
               "the VirtualSystem has no VirtualHardwareSection: its hardware is not known");
    (void)read_hardware(parts, configuration, ids, style, system, diagnostics);
}

Envelope read_envelope(const XmlDocument& document, ReadContext& context) {
    return read_envelope(document, context, Style{});
}

Envelope read_envelope(const XmlDocument& document, ReadContext& context, const Style& style) {
    Envelope envelope;
    Diagnostics& diagnostics = context.diagnostics;
    const EnvelopeParts layout = envelope_parts(document);
    if (!layout.envelope) {
        report(diagnostics, "ovf-envelope-missing", document.root(),
               fmt::format("the root element is '{}', not an OVF Envelope", printable(document.root().qname(), 60)),
               Failure::malformed);
        return envelope;
    }
    check_namespace(layout.envelope, diagnostics);
    if (layout.encrypted)
        report(diagnostics, "ovf-encrypted", layout.encrypted, "parts of the package are encrypted; decrypt it first",
               Failure::refused);
    for (const Element& section : layout.misplaced)
        report(diagnostics, "ovf-section-misplaced", section,
               fmt::format("{} does not belong into {}", part_name(section), printable(section.parent().qname(), 80)),
               Failure::malformed);
    if (layout.too_deep)
        report(diagnostics, "ovf-limit-exceeded", layout.collection,
               fmt::format("VirtualSystemCollections are nested deeper than {}", document.limits().collection_depth),
               Failure::refused);
    (void)layout.envelope.attribute(Ns::hardware, "dialect").take();
    envelope.producer = producer_of(document);
    envelope.ovf_version = version_of(document);
    envelope.lang = std::string(layout.envelope.attribute(Ns::xml, "lang").take());
    for (const Element& section : {layout.disks, layout.shared_disks, layout.networks, layout.deployment})
        if (section) take_part(section);
    envelope.configurations = read_configurations(layout.deployment, diagnostics);
    envelope.configuration = configuration_in_effect(envelope.configurations, context.options.configuration);
    envelope.files = read_files(layout.references, diagnostics);
    const std::array disk_sections{layout.disks, layout.shared_disks};
    const PropertyValues properties = needs_properties(disk_sections)
                                          ? values_in(layout, envelope.configuration, context.options.properties)
                                          : PropertyValues{};
    envelope.disks = read_disks(disk_sections, envelope.files, properties, diagnostics);
    check_references(layout, envelope, diagnostics);
    envelope.networks = read_networks(layout.networks, diagnostics);
    if (layout.networks && envelope.networks.empty())
        report(diagnostics, "ovf-network-missing", layout.networks, "NetworkSection has no Network; VMware refuses it");
    envelope.products = read_products(layout.products, diagnostics);
    envelope.is_collection = static_cast<bool>(layout.collection);
    read_collection(layout, envelope, diagnostics);
    if (layout.systems.empty())
        report(diagnostics, "ovf-system-missing", layout.envelope, "the Envelope has no VirtualSystem",
               Failure::malformed);

    const KnownIds ids = known_ids(envelope);
    std::unordered_set<std::string_view> seen;
    seen.reserve(layout.systems.size());
    envelope.systems.reserve(layout.systems.size());
    for (const Element& element : layout.systems) {
        VirtualSystem& system = envelope.systems.emplace_back();
        SystemParts parts = parts_of(element);
        parts.chosen = choose_hardware(parts.hardware, context.families, diagnostics);
        read_system(parts, envelope.configuration, ids, style, system, diagnostics);
        make_unique(system, envelope.systems.size(), element, seen, diagnostics);
    }
    return envelope;
}

void make_unique(VirtualSystem& system, std::size_t number, Element element, std::unordered_set<std::string_view>& seen,
                 Diagnostics& diagnostics) {
    if (system.id.empty()) {
        system.id = fmt::format("#{}", number);
        report(diagnostics, "ovf-system-id-missing", element,
               fmt::format("VirtualSystem has no ovf:id; it is called '{}' here", system.id));
    }
    // Views of the document's own text: system.id may move.
    const std::string_view text = element.attribute_lax(Ns::ovf, "id").value();
    if (text.empty() || seen.insert(text).second) return;
    report(diagnostics, "ovf-system-duplicate", element,
           fmt::format("two VirtualSystems have the ovf:id '{}'; give each its own", printable(system.id, 80)));
    system.id += fmt::format("#{}", number);
}

}  // namespace ovfkit::detail
