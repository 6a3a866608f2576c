#include "descriptor/guest.hpp"

#include <array>

#include "descriptor/layout.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> os_order{"Info", "Description"};
constexpr std::array<std::string_view, 2> annotation_order{"Info", "Annotation"};
constexpr std::array<std::string_view, 2> eula_order{"Info", "License"};

constexpr std::uint32_t max_cim_id = 65535;  // xs:unsignedShort

Fragment virtualbox_type(const std::string& type) {
    Fragment out = text_fragment(Ns::vbox, "OSType", type);
    out.attributes.push_back({Ns::ovf, "required", "false"});
    return out;
}

/// Text sections that are one child with a text.
void update_text_section(Editing& editing, Element section, std::string_view child, const std::string& wanted,
                         std::span<const std::string_view> order) {
    if (wanted.empty())
        editing.document.erase(section);
    else
        edit_child(editing.document, section, child, wanted, order);
}

/// The engine takes every text that holds `xmlns:ovirt` for its own dialect: what is written new uses our namespace.
Attribute ovirt_id_of(Element section) {
    const Attribute theirs = section.attribute(Ns::ovirt, "id");
    return theirs ? theirs : section.attribute(Ns::hardware, "ovirtId");
}

}  // namespace

OperatingSystem read_operating_system(Element section, Diagnostics& diagnostics) {
    OperatingSystem out;
    if (!section) return out;
    take_part(section);
    out.cim_id = take_number<std::uint32_t>(section, section.attribute_lax(Ns::ovf, "id"), diagnostics, max_cim_id);
    out.version = std::string(section.attribute_lax(Ns::ovf, "version").take());
    out.vmware_type = std::string(section.attribute(Ns::vmw, "osType").take());
    out.ovirt_id = std::string(ovirt_id_of(section).take());
    out.description = std::string(take_child(section, "Description"));
    if (const Element type = section.child(Ns::vbox, "OSType")) out.virtualbox_type = std::string(type.take());
    out.ovirt_name = std::string(section.attribute(Ns::hardware, "ovirtName").take());
    out.osinfo_id = std::string(section.attribute(Ns::hardware, "osinfo").take());
    out.origin.offset = section.offset();
    return out;
}

void update_operating_system(Editing& editing, Element parent, Element after, Element section,
                             const OperatingSystem& have, const OperatingSystem& wanted) {
    if (have == wanted) return;
    XmlDocument& document = editing.document;
    if (!section) {
        Fragment added =
            section_fragment("OperatingSystemSection", "The kind of installed guest operating system", editing.major);
        // The id is required: 1 is "Other".
        add_attribute(added, Ns::ovf, "id", wanted.cim_id ? number_text(wanted.cim_id) : "1");
        add_attribute(added, Ns::ovf, "version", wanted.version);
        add_attribute(added, Ns::vmw, "osType", wanted.vmware_type);
        add_attribute(added, Ns::hardware, "ovirtId", wanted.ovirt_id);
        add_attribute(added, Ns::hardware, "osinfo", wanted.osinfo_id);
        add_attribute(added, Ns::hardware, "ovirtName", wanted.ovirt_name);
        if (!wanted.description.empty())
            added.children.push_back(text_fragment(Ns::ovf, "Description", wanted.description));
        if (!wanted.virtualbox_type.empty()) added.children.push_back(virtualbox_type(wanted.virtualbox_type));
        insert(document, parent, after, added);
        if (!wanted.cim_id)
            editing.notes.push_back(
                {"os.cim_id", "", Fate::defaulted, "ovf-os-unknown", "no CIM id is known; 1 (Other) is written"});
        return;
    }
    if (have.cim_id != wanted.cim_id) edit_attribute(document, section, Ns::ovf, "id", number_text(wanted.cim_id));
    const auto attribute = [&](Ns ns, std::string_view name, const std::string& before, const std::string& now) {
        if (before != now) edit_attribute(document, section, ns, name, now);
    };
    attribute(Ns::ovf, "version", have.version, wanted.version);
    attribute(Ns::vmw, "osType", have.vmware_type, wanted.vmware_type);
    const bool own = !section.attribute(Ns::ovirt, "id");
    attribute(own ? Ns::hardware : Ns::ovirt, own ? "ovirtId" : "id", have.ovirt_id, wanted.ovirt_id);
    attribute(Ns::hardware, "osinfo", have.osinfo_id, wanted.osinfo_id);
    attribute(Ns::hardware, "ovirtName", have.ovirt_name, wanted.ovirt_name);
    if (have.description != wanted.description)
        edit_child(document, section, "Description", wanted.description, os_order);
    if (have.virtualbox_type != wanted.virtualbox_type) {
        const Element type = section.child(Ns::vbox, "OSType");
        if (!type)
            document.append(section, virtualbox_type(wanted.virtualbox_type));
        else if (wanted.virtualbox_type.empty())
            document.erase(type);
        else
            document.set_text(type, wanted.virtualbox_type);
    }
}

std::string read_annotation(Element section) {
    if (!section) return {};
    take_part(section);
    return std::string(take_child(section, "Annotation"));
}

void update_annotation(Editing& editing, Element parent, Element after, Element section, const std::string& have,
                       const std::string& wanted) {
    if (have == wanted) return;
    if (section) return update_text_section(editing, section, "Annotation", wanted, annotation_order);
    Fragment added = section_fragment("AnnotationSection", "A human-readable annotation", editing.major);
    added.attributes.push_back({Ns::ovf, "required", "false"});
    added.children.push_back(text_fragment(Ns::ovf, "Annotation", wanted));
    insert(editing.document, parent, after, added);
}

std::vector<std::string> read_eulas(const std::vector<Element>& sections) {
    std::vector<std::string> out;
    out.reserve(sections.size());
    for (const Element& section : sections) {
        take_part(section);
        out.emplace_back(take_child(section, "License"));
    }
    return out;
}

void update_eulas(Editing& editing, Element parent, Element after, const std::vector<Element>& sections,
                  const std::vector<std::string>& have, const std::vector<std::string>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= sections.size()) {
            Fragment added = section_fragment("EulaSection", "End user licence agreement", editing.major);
            added.children.push_back(text_fragment(Ns::ovf, "License", wanted[i]));
            insert(editing.document, parent, sections.empty() ? after : sections.back(), added);
        } else if (have[i] != wanted[i]) {
            edit_child(editing.document, sections[i], "License", wanted[i], eula_order);
        }
    }
    for (std::size_t i = wanted.size(); i < sections.size(); ++i) editing.document.erase(sections[i]);
}

}  // namespace ovfkit::detail
