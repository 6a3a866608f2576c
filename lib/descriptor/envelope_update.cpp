#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/collection.hpp"
#include "descriptor/disks.hpp"
#include "descriptor/envelope.hpp"
#include "descriptor/guest.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/products.hpp"
#include "descriptor/references.hpp"
#include "descriptor/system.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> system_order{"Info", "Name"};

/// A new section of the envelope: after the last of `earlier` that is there, else before everything.
void insert_section(Editing& editing, Element envelope, std::initializer_list<Element> earlier,
                    const Fragment& section) {
    Element last;
    for (const Element& element : earlier)
        if (element) last = element;
    if (last) return editing.document.insert_after(last, section);
    if (const Element first = envelope.first()) return editing.document.insert_before(first, section);
    editing.document.append(envelope, section);
}

/// Edits a section, makes it when it is missing, and takes it out when its last entry goes.
template <class T, class New, class Update>
void update_section(Editing& editing, const EnvelopeParts& layout, std::initializer_list<Element> earlier,
                    Element section, Fragment empty, const std::vector<T>& have, const std::vector<T>& wanted,
                    New&& make, Update&& update) {
    if (have == wanted) return;
    if (section && wanted.empty() && !have.empty() && empty.local != "References")
        return editing.document.erase(section);
    if (section) return update(editing, section, have, wanted);
    if (wanted.empty()) return;
    for (const T& entry : wanted) empty.children.push_back(make(entry));
    insert_section(editing, layout.envelope, earlier, empty);
}

/// How many elements below say `ovf:configuration` of that id.
std::size_t bound_to(Element parent, std::string_view id) {
    std::size_t out = 0;
    for (Element child = parent.first(); child; child = child.next()) {
        std::string_view rest = child.attribute_lax(Ns::ovf, "configuration").value();
        while (!(rest = trimmed(rest)).empty()) {
            const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
            out += rest.substr(0, end) == id ? 1 : 0;
            rest.remove_prefix(end);
        }
        out += bound_to(child, id);
    }
    return out;
}

/// What is bound to a configuration that goes stays, and no reader will ever look at it.
void note_bound(Editing& editing, Element envelope, const Envelope& have, const Envelope& wanted) {
    for (const Configuration& gone : have.configurations) {
        const auto same = [&](const Configuration& other) { return other.id == gone.id; };
        if (std::any_of(wanted.configurations.begin(), wanted.configurations.end(), same)) continue;
        if (const std::size_t count = bound_to(envelope, gone.id); count != 0)
            editing.notes.push_back({"configurations[].id", gone.id, Fate::dropped, "ovf-configuration-bound",
                                     fmt::format("{} elements are bound to '{}' and mean nothing without it", count, gone.id)});
    }
}

void update_sections(Editing& editing, const EnvelopeParts& layout, const Envelope& have, const Envelope& wanted) {
    const bool by_property = std::any_of(wanted.disks.begin(), wanted.disks.end(),
                                         [](const VirtualDisk& d) { return !d.capacity_property.empty(); });
    const PropertyValues properties = by_property ? property_values(wanted) : PropertyValues{};
    Fragment references;
    references.ns = Ns::ovf;
    references.local = "References";
    update_section(editing, layout, {}, layout.references, references, have.files, wanted.files, new_file,
                   update_files);
    const auto of = [&](const std::vector<VirtualDisk>& disks, bool shared) {
        std::vector<VirtualDisk> out;
        for (const VirtualDisk& disk : disks)
            if (has_disk(layout.shared_disks, disk.id) == shared) out.push_back(disk);
        return out;
    };
    const auto update = [&](Editing& e, Element section, const auto& h, const auto& w) {
        update_disks(e, section, h, w, properties);
    };
    const auto make = [&](const VirtualDisk& disk) { return new_disk(editing, disk, properties); };
    update_section(editing, layout, {layout.references}, layout.disks,
                   section_fragment("DiskSection", "Virtual disk information", editing.major), of(have.disks, false),
                   of(wanted.disks, false), make, update);
    if (layout.shared_disks) update_disks(editing, layout.shared_disks, of(have.disks, true), of(wanted.disks, true), properties);
    update_section(editing, layout, {layout.references, layout.disks}, layout.networks,
                   section_fragment("NetworkSection", "The list of logical networks", editing.major), have.networks,
                   wanted.networks, new_network, update_networks);
    update_section(editing, layout, {layout.references, layout.disks, layout.networks}, layout.deployment,
                   section_fragment("DeploymentOptionSection", "The list of deployment options", editing.major),
                   have.configurations, wanted.configurations, new_configuration, update_configurations);
    if (have.configurations != wanted.configurations) note_bound(editing, layout.envelope, have, wanted);
}

}  // namespace

std::vector<std::size_t> matched_systems(const std::vector<VirtualSystem>& have,
                                         const std::vector<VirtualSystem>& wanted) {
    std::vector<std::size_t> out(wanted.size(), have.size());
    std::map<std::string_view, std::size_t> by_id;
    for (std::size_t i = 0; i < have.size(); ++i) by_id.emplace(have[i].id, i);
    std::vector<bool> used(have.size(), false);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (const auto found = by_id.find(wanted[i].id); found != by_id.end() && !used[found->second]) {
            out[i] = found->second;
            used[found->second] = true;
        }
    std::vector<std::size_t> left_have, left_wanted;
    for (std::size_t i = 0; i < have.size(); ++i)
        if (!used[i]) left_have.push_back(i);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (out[i] == have.size()) left_wanted.push_back(i);
    if (left_have.size() == left_wanted.size())
        for (std::size_t i = 0; i < left_have.size(); ++i) out[left_wanted[i]] = left_have[i];
    return out;
}

void update_system(Editing& editing, Element element, std::string_view configuration, const KnownIds& ids,
                   const VirtualSystem& have, const VirtualSystem& wanted, const Style& style) {
    const bool same = have == wanted;
    if (same && !style.balloon_as_maxmemctl) return;
    SystemParts parts = parts_of(element);
    parts.chosen = hardware_of_type(parts.hardware, have.hardware.system_type);
    if (!same) {
        if (have.id != wanted.id) edit_attribute(editing.document, element, Ns::ovf, "id", wanted.id);
        if (have.name != wanted.name) edit_child(editing.document, element, "Name", wanted.name, system_order);
        const Element head = parts.name ? parts.name : element.child_lax(Ns::ovf, "Info");
        update_operating_system(editing, element, head, parts.operating_system, have.os, wanted.os);
    }
    VirtualSystem scratch;
    scratch.id = have.id;
    scratch.name = have.name;
    Diagnostics quiet;
    const HardwareView view = read_hardware(parts, configuration, ids, style, scratch, quiet);
    update_hardware(editing, parts, view, have, wanted, style);
    if (same) return;
    update_products(editing, element, {}, parts.products, have.products, wanted.products);
    update_annotation(editing, element, {}, parts.annotation, have.annotation, wanted.annotation);
    update_eulas(editing, element, {}, parts.eulas, have.eulas, wanted.eulas);
}

void update_envelope(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext&,
                     const Style& style, std::vector<LossNote>& notes) {
    const EnvelopeParts layout = envelope_parts(document);
    if (!layout.envelope) return;
    Editing editing{document, notes, major_version(document), style.disk_attributes};
    if (have.lang != wanted.lang && !wanted.lang.empty())
        document.set_attribute(layout.envelope, Ns::xml, "lang", wanted.lang);
    update_sections(editing, layout, have, wanted);
    if (layout.collection) {
        update_products(editing, layout.collection, layout.collection.child_lax(Ns::ovf, "Info"), layout.products,
                        have.products, wanted.products);
    } else if (!wanted.products.empty() && wanted.products != have.products) {
        notes.push_back({"Envelope/ProductSection", "", Fate::dropped, "ovf-collection-missing",
                         "a ProductSection for several VMs needs a VirtualSystemCollection"});
    }
    update_collection(editing, layout, have, wanted);
    if (have.systems.size() != layout.systems.size()) return;  // not what was read from this document
    const KnownIds ids = known_ids(have);
    const auto match = matched_systems(have.systems, wanted.systems);
    std::vector<bool> kept(have.systems.size(), false);
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        if (match[i] == have.systems.size()) {
            notes.push_back({fmt::format("Envelope/VirtualSystem[@ovf:id='{}']", printable(wanted.systems[i].id, 80)),
                             "", Fate::dropped, "ovf-system-not-added",
                             "this dialect describes one VM in a descriptor; convert to another one"});
            continue;
        }
        kept[match[i]] = true;
        update_system(editing, layout.systems[match[i]], have.configuration, ids, have.systems[match[i]],
                      wanted.systems[i], style);
    }
    Element last;
    for (std::size_t i = 0; i < have.systems.size(); ++i) {
        if (kept[i])
            last = layout.systems[i];
        else
            document.erase(layout.systems[i]);
    }
    unwrap_collection(editing, layout, wanted, last);
}

}  // namespace ovfkit::detail
