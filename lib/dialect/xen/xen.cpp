#include <array>

#include "base/checked.hpp"
#include "descriptor/envelope.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/system.hpp"
#include "dialect/xen/configuration.hpp"
#include "dialect/xen/fields.hpp"
#include "dialect/xen/orchestra.hpp"
#include "model/leaf.hpp"

// OVF of XenCenter and XCP-ng Center (XenServer), and Xen Orchestra's variant.
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> families{"hvm-", "xen-"};

constexpr std::array options{
    OptionSpec{"type", "hvm|pv", "hvm", "a new VM whose source does not say: fully virtualised or paravirtual"}};

constexpr std::string_view family = "-3.0-";

Style style_of(const XmlDocument& document) {
    Style style;
    style.any_ids = true;
    if (xen::is_orchestra(document)) {
        style.speller = Speller::vmware;
        style.nvram_in_extra_config = true;
        return style;
    }
    style.family = family;
    style.family_rule = "xen-family-kept";
    style.xen_items = true;
    return style;
}

int detect(const XmlDocument& document) {
    if (document.root().local() != "Envelope") return 0;
    if (xen::is_orchestra(document)) return 85;
    if (producer_of(document) != "XenCenter") return 0;
    return declares_namespace(document, Ns::xenovf) ? 90 : 70;
}

/// The section that `system` was read from.
Element hardware_of(Element element, const VirtualSystem& system) {
    return hardware_of_type(parts_of(element).hardware, system.hardware.system_type);
}

/// XenServer's description of a VM.
Element description_of(Element section) {
    return section.child_lax(Ns::ovf, "System").child_lax(Ns::vssd, "Description");
}

/// XenCenter encrypts disks, and says so below its own SecuritySection.
Element encrypted_part(Element element, std::size_t depth) {
    const std::string_view local = element.local();
    if ((local == "EncryptedData" || local == "EncryptedKey" || local == "EncryptionMethod") &&
        element.uri() == "http://www.w3.org/2001/04/xmlenc#")
        return element;
    if (depth == 0) return {};
    for (Element child = element.first(); child; child = child.next())
        if (const Element found = encrypted_part(child, depth - 1)) return found;
    return {};
}

/// XenServer starts from the disk in slot 0 unless told otherwise: the flag that says the same says nothing.
void read_bootable(Element section, const Envelope& envelope) {
    for (Element disk = section.first(); disk; disk = disk.next()) {
        const Attribute flag = disk.attribute(Ns::xenovf, "isBootable");
        if (!flag) continue;
        const std::string_view id = disk.attribute_lax(Ns::ovf, "diskId").value();
        bool first = false;
        for (const VirtualSystem& system : envelope.systems)
            for (const Drive& drive : system.hardware.drives) first = first || (drive.disk_id == id && drive.unit == 0U);
        if (to_boolean(to_lower(trimmed(flag.value()).substr(0, 6))) == first) (void)flag.take();
    }
}

void read_system(Element element, VirtualSystem& system, Diagnostics& diagnostics) {
    const Element section = hardware_of(element, system);
    xen::read_fields(xen::read_configuration(section, diagnostics), section, system, diagnostics);
    if (const Element description = description_of(section); description && system.annotation.empty())
        system.annotation = std::string(description.take());
}

Envelope read(const XmlDocument& document, ReadContext& context) {
    Envelope envelope = read_envelope(document, context, style_of(document));
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() != envelope.systems.size()) return envelope;
    if (xen::is_orchestra(document)) {
        for (VirtualSystem& system : envelope.systems) xen::spread_ide(document, system, context.diagnostics);
        return envelope;
    }
    if (const Element part = encrypted_part(layout.envelope, document.limits().depth); part && !layout.encrypted)
        report(context.diagnostics, "ovf-encrypted", part, "parts of the package are encrypted; decrypt it first",
               Failure::refused);
    for (std::size_t i = 0; i < envelope.systems.size(); ++i)
        read_system(layout.systems[i], envelope.systems[i], context.diagnostics);
    read_bootable(layout.disks, envelope);
    return envelope;
}

/// Drives that stand where they were read stay where the document has them, if they are read as before there.
void unspread(const XmlDocument& document, const VirtualSystem& plain, VirtualSystem& wanted) {
    VirtualSystem there = wanted;
    for (Drive& drive : there.hardware.drives)
        for (const Drive& before : plain.hardware.drives)
            if (before.info.id == drive.info.id) drive.controller = before.controller, drive.unit = before.unit;
    VirtualSystem read = there;
    Diagnostics quiet;
    xen::spread_ide(document, read, quiet);
    for (std::size_t i = 0; i < wanted.hardware.drives.size(); ++i)
        if (read.hardware.drives[i] == wanted.hardware.drives[i]) wanted.hardware.drives[i] = there.hardware.drives[i];
}

/// vssd:Description holds the annotation unless an AnnotationSection does.
void update_description(XmlDocument& document, Element section, const std::string& now) {
    const Element system = section.child_lax(Ns::ovf, "System");
    if (const Element present = description_of(section)) {
        if (now.empty()) return document.erase(present);
        if (trimmed(present.text()) != now) document.set_text(present, now);
        return;
    }
    if (now.empty()) return;
    Fragment text;
    text.ns = Ns::vssd;
    text.local = "Description";
    text.text = now;
    if (const Element name = system.child_lax(Ns::vssd, "ElementName")) return document.insert_before(name, text);
    document.append(system, text);
}

void update_center(XmlDocument& document, const Envelope& have, const Envelope& wanted, const Envelope& plain,
                   const EnvelopeParts& layout, WriteContext& context, std::vector<LossNote>& notes) {
    struct Edit {
        Element section;
        std::vector<Parameter> settings;
        std::optional<std::string> description;
    };
    std::vector<Edit> edits;
    Envelope rest = wanted;
    Diagnostics quiet;
    const auto matched = matched_systems(have.systems, wanted.systems);
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        const std::size_t index = matched[i];
        if (index == have.systems.size()) continue;
        const Element section = hardware_of(layout.systems[index], have.systems[index]);
        if (!section) continue;  // a new section has no place for settings yet
        Edit edit{section, {}, std::nullopt};
        edit.settings = xen::settings_for(wanted.systems[i], xen::read_configuration(section, quiet),
                                          plain.systems[index], rest.systems[i]);
        if (plain.systems[index].annotation.empty() && section.child_lax(Ns::ovf, "System")) {
            edit.description = wanted.systems[i].annotation;
            rest.systems[i].annotation.clear();
        }
        edits.push_back(std::move(edit));
    }
    update_envelope(document, plain, rest, context, style_of(document), notes);
    for (const Edit& edit : edits) {
        xen::update_configuration(document, edit.section, edit.settings);
        if (edit.description) update_description(document, edit.section, *edit.description);
    }
}

/// The shared writer sees the document as the shared reader does; what has another place here goes there.
void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    Diagnostics quiet;
    ReadOptions read_options;
    read_options.configuration = have.configuration;
    // Of alternative hardware the one that was read.
    const std::string type = to_lower(have.systems.empty() ? std::string{} : have.systems.front().hardware.system_type);
    const std::array<std::string_view, 1> read_type{type};
    ReadContext read_context{quiet, read_options, {}};
    if (!type.empty()) read_context.families = read_type;
    const Envelope plain = read_envelope(document, read_context, style_of(document));
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() != have.systems.size()) return;  // not what was read from this document
    if (!xen::is_orchestra(document))
        return update_center(document, have, wanted, plain, layout, context, notes);
    Envelope rest = wanted;
    const auto matched = matched_systems(have.systems, wanted.systems);
    for (std::size_t i = 0; i < matched.size(); ++i)
        if (matched[i] != have.systems.size()) unspread(document, plain.systems[matched[i]], rest.systems[i]);
    update_envelope(document, plain, rest, context, style_of(document), notes);
}

std::string skeleton(const Envelope& wanted, WriteContext& context) {
    Skeleton form;
    form.system_type = context.option("xen", options, "type") == "pv" ? "xen-3.0-unknown" : "hvm-3.0-unknown";
    form.family = family;
    form.namespaces = {Ns::xenovf};
    return skeleton_text(wanted, form);
}

}  // namespace

extern const Dialect dialect_xen;
const Dialect dialect_xen{"xen", "XenServer OVF (XenCenter, XCP-ng Center, Xen Orchestra)", options, detect, read, update,
                          skeleton, families};

}  // namespace ovfkit::detail
