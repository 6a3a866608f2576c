#include "convert/foreign.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "base/checked.hpp"
#include "convert/read.hpp"
#include "convert/unmapped.hpp"
#include "descriptor/item.hpp"
#include "descriptor/layout.hpp"

namespace ovfkit::detail {

namespace {

bool is_foreign(Ns ns) {
    switch (ns) {
        case Ns::none:
        case Ns::ovf:
        case Ns::rasd:
        case Ns::vssd:
        case Ns::sasd:
        case Ns::epasd:
        case Ns::cim:
        case Ns::xsi:
        case Ns::xml:
        case Ns::xmlns:
        case Ns::hardware:
        case Ns::origin:
            return false;
        default:
            return true;
    }
}

bool is_container(std::string_view part) {
    return part == "Envelope" || part == "VirtualSystem" || part == "VirtualSystemCollection";
}

class Carrier {
public:
    Carrier(const XmlDocument& source, XmlDocument& target)
        : source_(source), target_(target), uri_(target.root().uri()), same_version_(source.root().uri() == uri_) {}

    void run() {
        const EnvelopeParts from = envelope_parts(source_), to = envelope_parts(target_);
        if (!from.envelope || !to.envelope) return;
        const Element content = to.collection ? to.collection : to.systems.empty() ? Element() : to.systems.front();
        carry(from.envelope, to.envelope, content);
        carry_all(from.references, to.references, "File", "id");
        carry_all(from.disks, to.disks, "Disk", "diskId");
        carry_all(from.networks, to.networks, "Network", "name");
        if (from.collection && to.collection) carry(from.collection, to.collection, first_content(to.collection));
        std::map<std::string_view, Element> systems;
        for (const Element& system : to.systems) systems.emplace(id_of(system), system);
        for (const Element& system : from.systems)
            if (const auto found = systems.find(id_of(system)); found != systems.end()) {
                systems_.push_back(system);
                carry_system(parts_of(system), parts_of(found->second));
            }
    }

    /// Whether it stands in the new descriptor at all: what is said in a VM that was left out is not lost.
    [[nodiscard]] bool is_wanted(const Unmapped& value) const {
        if (value.system_id.empty()) return true;
        for (const Element& system : systems_)
            if (id_of(system) == value.system_id) return true;
        return false;
    }

private:
    static std::string_view id_of(Element element) { return element.attribute_lax(Ns::ovf, "id").value(); }

    static Element first_content(Element collection) {
        for (Element child = collection.first(); child; child = child.next())
            if (is_container(part_name(child))) return child;
        return {};
    }

    [[nodiscard]] bool is_taken(Element element) const {
        if (source_.taken(element.raw().internal_object())) return true;
        for (const Attribute& attribute : element.attributes())
            if (source_.taken(attribute.raw().internal_object())) return true;
        for (Element child = element.first(); child; child = child.next())
            if (is_taken(child)) return true;
        return false;
    }

    void mark(Element element) const {
        source_.mark(element.raw().internal_object());
        for (const Attribute& attribute : element.attributes()) source_.mark(attribute.raw().internal_object());
        for (Element child = element.first(); child; child = child.next()) mark(child);
    }

    /// Attributes and children of `from`; children go before `before`, else to the end of `to`.
    void carry(Element from, Element to, Element before = {}) {
        if (!from || !to) return;
        for (const Attribute& attribute : from.attributes()) {
            const Ns ns = attribute.ns(from.raw());
            if (!is_foreign(ns) || source_.taken(attribute.raw().internal_object())) continue;
            const std::string_view qname = attribute.qname();
            const std::string_view prefix = qname.substr(0, std::min(qname.find(':'), qname.size()));
            const std::string_view uri = source_.resolve_uri(from.raw(), prefix, true);
            if (uri.empty()) continue;
            target_.add_foreign_attribute(to, prefix, uri, attribute.local(), attribute.value());
            source_.mark(attribute.raw().internal_object());
        }
        for (Element child = from.first(); child; child = child.next()) {
            const std::string_view part = part_name(child);
            if (is_container(part) || is_taken(child)) continue;
            // A section of the standard that ovfkit does not know means the same in the same version only.
            const bool section = is_container(part_name(from)) && child.ns() == Ns::ovf && same_version_ &&
                                 part.ends_with("Section");
            if (!is_foreign(child.ns()) && !section) continue;
            Fragment copy;
            copy.verbatim = source_.standalone(child, uri_, true);
            if (before)
                target_.insert_before(before, copy);
            else
                target_.append(to, copy);
            mark(child);
        }
    }

    void carry_all(Element from, Element to, std::string_view name, std::string_view key) {
        if (!from || !to) return;
        std::map<std::string_view, Element> elements;
        for (Element child = to.first(); child; child = child.next())
            if (child.is_lax(Ns::ovf, name)) elements.emplace(child.attribute_lax(Ns::ovf, key).value(), child);
        for (Element child = from.first(); child; child = child.next()) {
            if (!child.is_lax(Ns::ovf, name)) continue;
            const auto found = elements.find(child.attribute_lax(Ns::ovf, key).value());
            if (found != elements.end()) carry(child, found->second);
        }
    }

    void carry_system(const SystemParts& from, const SystemParts& to) {
        carry(from.element, to.element);
        if (from.hardware.empty() || to.hardware.empty()) return;
        carry(from.hardware.front(), to.hardware.front());
        std::map<std::string_view, Element> items;
        for (Element child = to.hardware.front().first(); child; child = child.next())
            if (is_item(child)) items.emplace(read_item(child).text(Rasd::InstanceID), child);
        for (Element child = from.hardware.front().first(); child; child = child.next()) {
            if (!is_item(child)) continue;
            const Item item = read_item(child);
            const auto found = items.find(item.text(Rasd::InstanceID));
            if (found == items.end()) continue;
            if (read_item(found->second).text(Rasd::ResourceType) == item.text(Rasd::ResourceType))
                carry(child, found->second);
        }
    }

    const XmlDocument& source_;
    XmlDocument& target_;
    std::string uri_;
    bool same_version_;
    std::vector<Element> systems_;
};

}  // namespace

Foreign with_foreign(const XmlDocument& source, const Dialect& own, const std::string& bytes, const Dialect& target,
                     const ReadOptions& options) {
    Diagnostics quiet;
    ReadOptions plain = options;
    plain.lenient = true;
    plain.unmapped = false;
    auto document = XmlDocument::parse("(new)", bytes, quiet, options.limits);
    const Envelope before = read_with(target, *document, quiet, plain);
    Foreign out;
    source.trace(true);
    ReadContext context{quiet, plain};
    (void)own.read(source, context);
    const std::vector<Unmapped> all = unmapped_values(source);
    Carrier carrier(source, *document);
    carrier.run();
    out.left = unmapped_values(source);
    source.trace(false);
    out.bytes = document->bytes();
    if (document->edited()) {
        // What means nothing to the source's dialect may mean something to the target's: then it stays away.
        document = document->reparsed(quiet);
        if (!(read_with(target, *document, quiet, plain) == before)) {
            out.bytes = bytes;
            out.left = all;
        }
    }
    std::erase_if(out.left, [&](const Unmapped& value) { return !carrier.is_wanted(value); });
    return out;
}

}  // namespace ovfkit::detail
