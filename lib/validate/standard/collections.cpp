#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// VirtualSystemCollection and the sections about several VMs (DSP0243 6.1, 9.9, 9.10; 2.0 ScaleOut and Placement).
namespace ovfkit::detail {

namespace {

void check_startup(Element section, bool in_collection, const std::unordered_set<std::string_view>& ids, Findings& findings) {
    if (!in_collection) return findings.add("ovf-startup-single", section, "the StartupSection stands in a single VirtualSystem");
    for (Element item = section.first(); item; item = item.next()) {
        const std::string_view id = value_of(item, "id");
        if (item.local() == "Item" && !ids.contains(id))
            findings.add("ovf-startup-dangling", item, fmt::format("StartupSection names '{}', which is no VirtualSystem", printable(id, 80)));
    }
}

void check_allocation(Element section, Findings& findings) {
    for (Element child = section.first(); child; child = child.next()) {
        if (!is_item(child)) continue;
        const Item item = read_item(child);
        const auto type = to_number<std::uint32_t>(item.text(Rasd::ResourceType));
        if (type && *type != rt_cpu && *type != rt_memory)
            findings.add("ovf-allocation-type", item.get(Rasd::ResourceType), fmt::format("ResourceType {} is neither processor nor memory", *type));
    }
}

void check_scale_out(Element section, Findings& findings) {
    const Element count = section.child_lax(Ns::ovf, "InstanceCount");
    const auto number = [&](std::string_view name, std::uint64_t otherwise) { return to_number<std::uint64_t>(value_of(count, name)).value_or(otherwise); };
    const std::uint64_t least = number("minimum", 0), most = number("maximum", ~std::uint64_t{0}), usual = number("default", least);
    if (least > most || usual < least || usual > most)
        findings.add("ovf-scale-out-range", count, fmt::format("minimum {}, default {} and maximum {} are not in order", value_of(count, "minimum"),
                                                               value_of(count, "default"), value_of(count, "maximum")));
}

class Walk {
public:
    Walk(const Subject& subject, Findings& findings) : findings_(findings), ids_(subject.system_ids) {
        for_each_content(subject.document.root(), [&](Element section, bool) {
            if (section.local() == "PlacementGroupSection") groups_.insert(value_of(section, "id"));
            if (is_part(section, "VirtualSystemCollection")) ids_.insert(value_of(section, "id"));
        });
    }

    void run(Element root) {
        for_each_content(root, [&](Element section, bool in_collection) {
            const std::string_view name = part_name(section);
            if (name == "StartupSection") check_startup(section, in_collection, ids_, findings_);
            if (name == "ResourceAllocationSection") check_allocation(section, findings_);
            if (section.local() == "ScaleOutSection") check_scale_out(section, findings_);
            if (name == "VirtualSystemCollection" && !has_system(section))
                findings_.add("ovf-collection-empty", section, "the VirtualSystemCollection has no VirtualSystem");
            const std::string_view group = value_of(section, "group");
            if (name == "PlacementSection" && !groups_.contains(group))
                findings_.add("ovf-placement-dangling", section, fmt::format("there is no PlacementGroupSection '{}'", printable(group, 80)));
        });
    }

private:
    /// Every child of the envelope, of collections and of systems.
    template <class F>
    static void for_each_content(Element parent, const F& call, bool in_collection = false) {
        for (Element child = parent.first(); child; child = child.next()) {
            call(child, in_collection);
            const bool collection = is_part(child, "VirtualSystemCollection");
            if (collection || is_part(child, "VirtualSystem")) for_each_content(child, call, collection);
        }
    }

    static bool has_system(Element collection) {
        for (Element child = collection.first(); child; child = child.next())
            if (is_part(child, "VirtualSystem") || is_part(child, "VirtualSystemCollection")) return true;
        return false;
    }

    Findings& findings_;
    std::unordered_set<std::string_view> ids_, groups_;
};

}  // namespace

void check_collections(const Subject& subject, Findings& findings) { Walk(subject, findings).run(subject.document.root()); }

}  // namespace ovfkit::detail
