#include "dialect/ovirt/form.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "descriptor/item.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view ovirt_uri = "http://www.ovirt.org/ovf";

bool declares_ovirt(Element root) {
    for (const pugi::xml_attribute& attribute : root.raw().attributes())
        if (std::string_view(attribute.name()).starts_with("xmlns") && std::string_view(attribute.value()) == ovirt_uri)
            return true;
    return false;
}

/// Type and Device without a namespace of their own, as only oVirt writes them.
bool has_device_info(Element hardware) {
    for (Element item = hardware.first(); item; item = item.next()) {
        if (!is_item(item)) continue;
        if (item.child_lax(Ns::ovf, "Type") && item.child_lax(Ns::ovf, "Device")) return true;
        if (item.child(Ns::rasd, "UsbPolicy") || item.child(Ns::rasd, "num_of_sockets")) return true;
    }
    return false;
}

bool is_dmtf_envelope(std::string_view uri) { return uri.starts_with("http://schemas.dmtf.org/ovf/envelope/1"); }

/// The first occurrence of an element anywhere below the hardware sections.
bool uses_upper_id(const EnvelopeParts& layout) {
    for (const Element& system : layout.systems)
        for (const Element& hardware : parts_of(system).hardware)
            for (Element item = hardware.first(); item; item = item.next())
                for (Element child = item.first(); child; child = child.next()) {
                    if (child.local() == "InstanceID") return true;
                    if (child.local() == "InstanceId") return false;
                }
    return false;
}

std::string_view cluster_version(const EnvelopeParts& layout) {
    for (const Element& system : layout.systems)
        if (const Element found = system.child_lax(Ns::ovf, "ClusterCompatibilityVersion"))
            return trimmed(found.text());
    return {};
}

}  // namespace

Level level_from(std::string_view version) {
    const std::size_t dot = version.find('.');
    if (dot == std::string_view::npos) return 0;
    std::string_view minor = version.substr(dot + 1);
    if (const std::size_t next = minor.find('.'); next != std::string_view::npos) minor = minor.substr(0, next);
    const auto a = to_number<std::uint16_t>(version.substr(0, dot));
    const auto b = to_number<std::uint16_t>(minor);
    if (!a || !b || *a > 99 || *b > 99) return 0;
    return *a * 100 + *b;
}

Form form_of(const XmlDocument& document, const EnvelopeParts& layout) {
    Form form;
    const Element root = document.root();
    const bool content = !layout.systems.empty() && layout.systems.front().local() == "Content";
    if (content)
        form.flavour = Flavour::exported;
    else
        form.flavour = root.uri().ends_with("/") ? Flavour::hybrid : Flavour::ova;
    if (!layout.systems.empty()) form.body = layout.systems.front().ns();
    form.upper_id = uses_upper_id(layout);
    if (form.is_ova() && !form.upper_id) {
        // Nothing to go by yet: the engine's own spelling.
        bool any = false;
        for (const Element& system : layout.systems)
            for (const Element& hardware : parts_of(system).hardware) any = any || hardware.child_lax(Ns::ovf, "Item");
        form.upper_id = !any;
    }

    // Up to 4.1 the network section is a Section with one fixed Network; later engines name the element and the
    // networks.
    const bool old_networks = content && layout.networks && layout.networks.local() == "Section";
    const Level cluster = level_from(cluster_version(layout));
    const std::string_view version = root.attribute_lax(Ns::ovf, "version").value();
    const Level written = level_from(trimmed(version));
    if (written >= 300 && written <= 400) {
        form.level = written;
    } else if (written == 401) {
        if (old_networks)
            form.level = 401;
        else if (layout.networks)
            form.level = cluster == 402 || cluster == 403 ? cluster : 403;
        else
            form.level = cluster >= 400 && cluster <= 403 ? cluster : 401;
    } else if (written > 401) {
        form.level = written;
        if (written == 404 && cluster > 404) form.level = 405;
    } else if (written > 0) {
        form.level = 403;  // 0.9: virt-v2v; no BalloonEnabled, allocated sizes
    } else if (cluster != 0) {
        form.level = cluster > 405 ? 405 : cluster;
    } else {
        form.level = old_networks ? 401 : 405;
    }
    const bool v2v = written > 0 && written < 300;
    form.fixed_networks = old_networks && !v2v && form.level < level_allocated;
    form.nic_references =
        form.flavour == Flavour::exported && !v2v && form.level >= level_balloon && form.level < level_allocated;
    form.file_size_is_capacity = form.flavour == Flavour::exported && !v2v && form.level < level_allocated;
    return form;
}

int detect(const XmlDocument& document) {
    const Element root = document.root();
    if (root.local() != "Envelope") return 0;
    const Element system = first_system(document);  // oVirt writes one
    if (!system) return 0;
    const bool named = declares_ovirt(root);
    const bool content = system.local() == "Content";
    const SystemParts parts = parts_of(system);
    const bool evidence = system.child_lax(Ns::ovf, "TemplateId") ||
                          system.child_lax(Ns::ovf, "ClusterCompatibilityVersion") ||
                          (parts.operating_system && parts.operating_system.attribute(Ns::ovirt, "id")) ||
                          std::any_of(parts.hardware.begin(), parts.hardware.end(), has_device_info);
    // 0.9 descriptors of other producers have Content too, in another namespace and without oVirt's own elements.
    if (content && (evidence || named)) return 95;
    if (content && is_dmtf_envelope(root.uri())) return 60;
    return named || evidence ? 90 : 0;
}

}  // namespace ovfkit::detail::ovirt
