#include "descriptor/collection.hpp"

#include <algorithm>

#include "descriptor/system.hpp"

namespace ovfkit::detail {

namespace {

/// An id for a collection that no VM has.
std::string collection_id_of(const Envelope& wanted) {
    const auto taken = [&](const std::string& id) {
        return std::any_of(wanted.systems.begin(), wanted.systems.end(),
                           [&](const VirtualSystem& system) { return system.id == id; });
    };
    std::string id = wanted.collection_id.empty() ? "collection" : wanted.collection_id;
    for (int number = 2; taken(id); ++number) id = "collection-" + std::to_string(number);
    return id;
}

Fragment collection_fragment(const Envelope& wanted, int major) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = major == 0 ? "Content" : "VirtualSystemCollection";
    out.attributes.push_back({Ns::ovf, "id", collection_id_of(wanted)});
    if (major == 0) out.attributes.push_back({Ns::xsi, "type", "ovf:VirtualSystemCollection_Type"});
    out.children.push_back(text_fragment(Ns::ovf, "Info", "A collection of virtual machines"));
    if (!wanted.collection_name.empty()) out.children.push_back(text_fragment(Ns::ovf, "Name", wanted.collection_name));
    return out;
}

/// Nothing in it but labels, VMs, and sections that the model holds.
bool says_nothing_more(Element collection) {
    for (pugi::xml_attribute at = collection.raw().first_attribute(); at; at = at.next_attribute())
        if (const std::string_view name = at.name(); name == "xmlns" || name.starts_with("xmlns:")) return false;
    for (Element child = collection.first(); child; child = child.next()) {
        const std::string_view name = part_name(child);
        if (name != "Info" && name != "Name" && name != "VirtualSystem" && name != "StartupSection" &&
            name != "ResourceAllocationSection" && name != "ProductSection" && name != "VirtualSystemCollection")
            return false;
        if (name == "VirtualSystemCollection" && !says_nothing_more(child)) return false;
    }
    return true;
}

bool needs_collection(const Envelope& have, const Envelope& wanted) {
    if (have.is_collection || have.systems.empty()) return false;
    return wanted.is_collection || (have.systems.size() == 1 && wanted.systems.size() > 1);
}

}  // namespace

bool needs_structure(const Envelope& have, const Envelope& wanted) {
    if (needs_collection(have, wanted)) return true;
    const auto match = matched_systems(have.systems, wanted.systems);
    return !have.systems.empty() &&
           std::any_of(match.begin(), match.end(), [&](std::size_t at) { return at == have.systems.size(); });
}

void add_structure(XmlDocument& document, const Envelope& have, const Envelope& wanted,
                   const std::vector<Element>& elements) {
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() != have.systems.size() || layout.systems.empty()) return;
    const auto match = matched_systems(have.systems, wanted.systems);
    Fragment end;
    if (needs_collection(have, wanted))
        end = document.open_before(layout.systems.front(), collection_fragment(wanted, major_version(document)));
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        if (match[i] != have.systems.size() || !elements.at(i)) continue;
        const Fragment system = Fragment::of(elements[i]);
        std::size_t next = i;
        while (next < match.size() && match[next] == have.systems.size()) ++next;
        if (next < match.size())
            document.insert_before(layout.systems[match[next]], system);
        else
            document.insert_after(layout.systems.back(), system);
    }
    if (!end.verbatim.empty()) document.insert_after(layout.systems.back(), end);
}

void unwrap_collection(Editing& editing, const EnvelopeParts& layout, const Envelope& wanted, Element kept) {
    if (!layout.collection || wanted.is_collection || wanted.systems.size() != 1) return;
    if (!wanted.products.empty() || !wanted.allocations.empty() || !wanted.startup.empty()) return;
    if (!says_nothing_more(layout.collection)) return;
    editing.document.unwrap(layout.collection, kept);
}

}  // namespace ovfkit::detail
