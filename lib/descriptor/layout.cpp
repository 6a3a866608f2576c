#include "descriptor/layout.hpp"

#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

/// `DiskSection` of `ovf:DiskSection_Type`.
std::string_view type_name(std::string_view type) {
    type = trimmed(type);
    if (const auto colon = type.find(':'); colon != std::string_view::npos) type.remove_prefix(colon + 1);
    constexpr std::string_view suffix = "_Type";
    if (type.size() > suffix.size() && type.substr(type.size() - suffix.size()) == suffix)
        type.remove_suffix(suffix.size());
    return type;
}

bool is_encrypted(Element element) {
    const std::string_view local = element.local();
    return local == "EncryptionSection" || local == "EncryptedData" || local == "EncryptedKey";
}

enum class Level { envelope, collection, system };

/// Of the sections that mean something in one place only.
bool is_misplaced(std::string_view section, Level level) {
    if (section == "References" || section == "DiskSection" || section == "SharedDiskSection" ||
        section == "NetworkSection" || section == "DeploymentOptionSection")
        return level != Level::envelope;
    if (section == "ResourceAllocationSection") return level != Level::collection;
    if (section == "VirtualHardwareSection" || section == "OperatingSystemSection") return level != Level::system;
    return false;
}

void walk_content(Element parent, std::size_t depth, const Limits& limits, EnvelopeParts& out) {
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (name == "VirtualSystem") {
            out.systems.push_back(child);
            for (Element part = child.first(); part; part = part.next()) {
                if (!out.encrypted && is_encrypted(part)) out.encrypted = part;
                if (is_misplaced(part_name(part), Level::system)) out.misplaced.push_back(part);
            }
        } else if (name == "VirtualSystemCollection") {
            if (!out.collection) out.collection = child;
            if (depth >= limits.collection_depth)
                out.too_deep = true;
            else
                walk_content(child, depth + 1, limits, out);
        } else if (name == "ProductSection" && depth > 0) {
            out.products.push_back(child);
        } else if (!out.encrypted && is_encrypted(child)) {
            out.encrypted = child;
        } else if (is_misplaced(name, depth == 0 ? Level::envelope : Level::collection)) {
            out.misplaced.push_back(child);
        }
    }
}

Element first_system_in(Element parent, std::size_t depth, const Limits& limits) {
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (name == "VirtualSystem") return child;
        if (name == "VirtualSystemCollection" && depth < limits.collection_depth)
            if (const Element inner = first_system_in(child, depth + 1, limits)) return inner;
    }
    return {};
}

}  // namespace

std::string_view part_name(Element element) {
    const Ns ns = element.ns();
    if (ns != Ns::ovf && ns != Ns::none) return {};
    const std::string_view local = element.local();
    if (local != "Section" && local != "Content") return local;
    const Attribute type = element.attribute_lax(Ns::xsi, "type");
    return type ? type_name(type.value()) : local;
}

void take_part(Element element) {
    const std::string_view local = element.local();
    if (local == "Section" || local == "Content") (void)element.attribute_lax(Ns::xsi, "type").take();
    (void)element.attribute_lax(Ns::ovf, "required").take();
}

Element first_system(const XmlDocument& document) {
    const Element root = document.root();
    return root.local() == "Envelope" ? first_system_in(root, 0, document.limits()) : Element{};
}

Element disk_section(const XmlDocument& document) {
    const Element root = document.root();
    if (root.local() != "Envelope") return {};
    for (Element child = root.first(); child; child = child.next())
        if (part_name(child) == "DiskSection") return child;
    return {};
}

EnvelopeParts envelope_parts(const XmlDocument& document) {
    EnvelopeParts out;
    const Element root = document.root();
    if (root.local() != "Envelope") return out;
    out.envelope = root;
    for (Element child = root.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (name == "References" && !out.references) out.references = child;
        if (name == "DiskSection" && !out.disks) out.disks = child;
        if (name == "SharedDiskSection" && !out.shared_disks) out.shared_disks = child;
        if (name == "NetworkSection" && !out.networks) out.networks = child;
        if (name == "DeploymentOptionSection" && !out.deployment) out.deployment = child;
    }
    walk_content(root, 0, document.limits(), out);
    return out;
}

SystemParts parts_of(Element system) {
    SystemParts out;
    out.element = system;
    for (Element child = system.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (name == "VirtualHardwareSection")
            out.hardware.push_back(child);
        else if (name == "OperatingSystemSection" && !out.operating_system)
            out.operating_system = child;
        else if (name == "ProductSection")
            out.products.push_back(child);
        else if (name == "AnnotationSection" && !out.annotation)
            out.annotation = child;
        else if (name == "EulaSection")
            out.eulas.push_back(child);
        else if (name == "Name" && !out.name)
            out.name = child;
        else if (name.empty() && child.is(Ns::vmw, "BootOrderSection"))
            out.boot_order.push_back(child);
    }
    return out;
}

int major_version(const XmlDocument& document) {
    const std::string_view uri = document.root().uri();
    if (uri == "http://schemas.dmtf.org/ovf/envelope/2") return 2;
    if (uri == "http://www.vmware.com/schema/ovf/1/envelope") return 0;
    return 1;
}

std::string_view take_child(Element parent, std::string_view local) {
    const Element child = parent.child_lax(Ns::ovf, local);
    return child ? child.take() : std::string_view{};
}

Fragment section_fragment(std::string_view name, std::string_view info, int major) {
    Fragment section;
    section.ns = Ns::ovf;
    section.local = std::string(name);
    if (major == 0) {
        section.local = "Section";
        section.attributes.push_back({Ns::xsi, "type", "ovf:" + std::string(name) + "_Type"});
    }
    Fragment label;
    label.ns = Ns::ovf;
    label.local = "Info";
    label.text = std::string(info);
    section.children.push_back(std::move(label));
    return section;
}

}  // namespace ovfkit::detail
