#include <array>

#include <fmt/format.h>

#include "validate/findings.hpp"

// What the schema (DSP8023) asks for and readers live without.
namespace ovfkit::detail {

namespace {

constexpr std::size_t longest_caption = 64;

void check_item(const CheckedItem& item, const Subject& subject, Findings& findings) {
    const Element element = item.item.element;
    const std::string id = printable(item.id(), 80);
    if (!item.item.has(Rasd::ElementName) && !item.item.extra(Ns::rasd, "Caption"))
        findings.add("ovf-schema-name-missing", element, fmt::format("Item '{}' has no rasd:ElementName", id));
    if (item.item.text(Rasd::Caption).size() > longest_caption)
        findings.add("ovf-schema-caption-long", item.item.get(Rasd::Caption), fmt::format("the Caption of Item '{}' is too long", id));
    if (subject.major == 0) return;  // in 0.9 the order is free, and the spelling is this
    if (const Element spelt = item.item.get(Rasd::InstanceID); spelt && spelt.local() == "InstanceId")
        findings.add("ovf-schema-instance-id", spelt, fmt::format("{} is spelt so in OVF 0.9 only", spelt.qname()));
    std::string_view before;
    for (Element child = element.first(); child; child = child.next()) {
        const Ns ns = child.ns();
        if (ns != Ns::rasd && ns != Ns::sasd && ns != Ns::epasd) continue;
        if (child.local() < before) {
            findings.add("ovf-schema-item-order", child, fmt::format("{} comes after {} in Item '{}'", child.local(), before, id));
            break;
        }
        before = child.local();
    }
}

/// References, sections, content, Strings.
int place_of_part(std::string_view name) {
    if (name == "References") return 0;
    if (name == "VirtualSystem" || name == "VirtualSystemCollection") return 2;
    return name == "Strings" ? 3 : 1;
}

void check_children(Element parent, Findings& findings) {
    int place = 0;
    for (Element child = parent.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        const bool content = name == "VirtualSystem" || name == "VirtualSystemCollection";
        if (name.empty()) findings.add("ovf-schema-child-foreign", child, fmt::format("{} stands in {}, where the schema has no place for it", child.qname(), parent.qname()));
        if (name.ends_with("Section") || content) {
            const Element first = child.first();
            if (!first || first.local() != "Info") findings.add("ovf-schema-info", child, fmt::format("{} does not begin with Info", child.qname()));
        }
        if (parent.local() == "Envelope" && place_of_part(name) < place)
            findings.add("ovf-schema-section-order", child, fmt::format("{} comes too late in the Envelope", child.qname()));
        else if (parent.local() == "Envelope")
            place = place_of_part(name);
        if (content) check_children(child, findings);
    }
}

void check_prefixes(const Subject& subject, Findings& findings) {
    for_each_element(subject.document.root(), [&](Element element) {
        if (element.ns() != Ns::ovf) return;
        for (const Attribute& attribute : element.attributes())
            if (attribute.qname().find(':') == std::string_view::npos) {
                findings.add("ovf-schema-attribute-unprefixed", element, fmt::format("{} of {} has no prefix", attribute.qname(), element.qname()));
                return;
            }
    });
}

}  // namespace

void check_schema(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware)
            for (const CheckedItem& item : hardware.items) check_item(item, subject, findings);
    if (!findings.applies("ovf-schema-info")) return;
    check_children(subject.document.root(), findings);
    check_prefixes(subject, findings);
}

}  // namespace ovfkit::detail
