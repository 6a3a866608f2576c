#include "descriptor/effective.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::uint32_t cpu = 3, memory = 4, max_type = 65535;
constexpr std::size_t linear_below = 24;
constexpr std::string_view nil_uuid = "00000000-0000-0000-0000-000000000000";  // oVirt's "none"

/// Real descriptors hold a dozen Items, generated ones thousands: plain comparison first, a sorted list later.
class Seen {
public:
    std::optional<std::size_t> find(const std::vector<EffectiveItem>& items, std::string_view instance,
                                    std::size_t count) {
        if (count < linear_below) {
            for (std::size_t i = 0; i < count; ++i)
                if (items[i].instance() == instance) return i;
            return std::nullopt;
        }
        for (; hashed_ < count; ++hashed_) first_.emplace(items[hashed_].instance(), hashed_);
        const auto found = first_.find(instance);
        return found == first_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::unordered_map<std::string_view, std::size_t> first_;
    std::size_t hashed_ = 0;
};

class Collector {
public:
    Collector(std::string_view configuration, Diagnostics& diagnostics)
        : configuration_(configuration), diagnostics_(diagnostics) {}

    std::vector<EffectiveItem> run(Element section) {
        const std::size_t limit = section.document()->limits().items;
        std::size_t count = 0;
        items_.reserve(16);
        for (Element child = section.first(); child; child = child.next()) {
            if (!is_item(child)) continue;
            if (++count > limit) {
                report(diagnostics_, "ovf-limit-exceeded", child,
                       fmt::format("VirtualHardwareSection has more than {} Items", limit), Failure::refused);
                break;
            }
            add(child);
        }
        for (EffectiveItem& range : ranges_) add_lone_range(std::move(range));
        check_duplicates();
        return std::move(items_);
    }

private:
    void add(Element element) {
        // Built where it will stay: an Item is large, and there may be very many.
        EffectiveItem& found = items_.emplace_back();
        read_item(element, found.item);
        const bool plain = !element.raw().first_attribute();
        bool configured = false;
        if (!plain) {
            warn_unprefixed(element);
            const std::string_view list = found.item.configuration();
            configured = !list.empty();
            if (configured && !applies(list, configuration_)) return items_.pop_back();
        }
        if (!read_type(found)) return items_.pop_back();
        if (!plain) {
            const std::string_view bound = found.item.bound();
            if (bound == "min" || bound == "max") {
                ranges_.push_back(std::move(found));
                return items_.pop_back();
            }
            if (!bound.empty() && bound != "normal")
                report(diagnostics_, "ovf-bound-invalid", element,
                       fmt::format("ovf:bound is '{}'; it is read as normal: give min, max or normal",
                                   printable(bound, 40)));
        }
        admit(configured);
    }

    /// False: the Item is left out.
    bool read_type(EffectiveItem& found) {
        const std::string_view text = found.item.text(Rasd::ResourceType);
        if (text.empty()) {
            if (found.item.configuration().empty() && found.item.required())
                report(diagnostics_, "ovf-item-type-missing", found.item.element,
                       "Item has no rasd:ResourceType; give it one, or mark the Item ovf:required=\"false\"",
                       Failure::malformed);
            return !found.item.configuration().empty();  // an override need not repeat it
        }
        const auto type = checked_number<std::uint32_t>(text, found.item.get(Rasd::ResourceType), "rasd:ResourceType",
                                                        diagnostics_, max_type);
        if (!type) return false;
        found.type = *type;
        found.has_type = true;
        return true;
    }

    /// Gives the last Item its id, or merges it into an earlier one.
    void admit(bool configured) {
        EffectiveItem& found = items_.back();
        const std::string_view instance = found.instance();
        if (instance.empty()) {
            found.id = fmt::format("#{}", ++missing_);
            report(diagnostics_, "ovf-item-id-missing", found.item.element,
                   fmt::format("Item has no rasd:InstanceID; it is called '{}' here", found.id));
            return keep(configured);
        }
        const auto earlier = seen_.find(items_, instance, items_.size() - 1);
        if (!earlier) {
            found.id = std::string(instance);
            return keep(configured);
        }
        const EffectiveItem& first = items_[*earlier];
        const bool same_type = !first.has_type || !found.has_type || first.type == found.type;
        if (same_type && (configured || configured_[*earlier])) {
            merge(*earlier, found, configured);
            return items_.pop_back();
        }
        found.id = fmt::format("{}#{}", instance, ++copies_.emplace(instance, 1).first->second);
        duplicates_.emplace_back(instance, found.item.element);
        keep(configured);
    }

    void keep(bool configured) {
        const EffectiveItem& found = items_.back();
        if (!found.has_type) {  // an override of nothing
            if (found.item.required())
                report(diagnostics_, "ovf-item-type-missing", found.item.element,
                       "Item has no rasd:ResourceType; give it one, or mark the Item ovf:required=\"false\"",
                       Failure::malformed);
            return items_.pop_back();
        }
        has_cpu_ = has_cpu_ || found.type == cpu;
        has_memory_ = has_memory_ || found.type == memory;
        configured_.push_back(configured);
    }

    /// The children of a configured Item override those of the plain one, wherever it stands.
    void merge(std::size_t index, const EffectiveItem& found, bool configured) {
        EffectiveItem& into = items_[index];
        for (std::size_t i = 0; i < rasd_count; ++i) {
            const pugi::xml_node field = found.item.fields[i];
            if (PugiNode::exists(field) && (configured || !PugiNode::exists(into.item.fields[i])))
                into.item.fields[i] = field;
        }
        const auto place = configured ? into.item.extras.begin() : into.item.extras.end();
        into.item.extras.insert(place, found.item.extras.begin(), found.item.extras.end());
        into.overrides.push_back(found.item.element);
        if (found.has_type) into.type = found.type;
        if (configured) configured_[index] = true;
    }

    /// A range without the Item it is the range of is the only word on that device.
    void add_lone_range(EffectiveItem range) {
        const std::string_view instance = range.instance();
        const bool counted = (range.type == cpu && has_cpu_) || (range.type == memory && has_memory_);
        if (counted || (!instance.empty() && seen_.find(items_, instance, items_.size()))) return;
        report(diagnostics_, "ovf-bound-only", range.item.element,
               fmt::format("only an Item with ovf:bound=\"{}\" gives this device; its quantity is used",
                           printable(range.item.bound(), 40)));
        items_.push_back(std::move(range));
        admit(false);
    }

    void check_duplicates() {
        if (duplicates_.empty()) return;
        std::unordered_set<std::string_view> parents;
        for (const EffectiveItem& item : items_) parents.insert(item.item.text(Rasd::Parent));
        for (const auto& [instance, element] : duplicates_) {
            if (parents.count(instance) != 0)
                report(diagnostics_, "ovf-item-ambiguous", element,
                       fmt::format(
                           "two Items have the rasd:InstanceID '{}', and a rasd:Parent names it; give each its own",
                           printable(instance, 80)),
                       Failure::malformed);
            else
                report(diagnostics_, "ovf-item-duplicate", element,
                       fmt::format("two Items have the rasd:InstanceID '{}'; both are used, but give each its own",
                                   printable(instance, 80)));
        }
    }

    void warn_unprefixed(Element element) {
        if (warned_) return;
        for (const std::string_view name : {"required", "configuration", "bound"}) {
            const Attribute attribute = element.attribute_lax(Ns::ovf, name);
            if (!attribute || attribute.qname() != name) continue;
            warned_ = true;
            report(diagnostics_, "ovf-attribute-unprefixed", element,
                   fmt::format("{} is written without the ovf: prefix; it is read as ovf:{}", name, name));
            return;
        }
    }

    std::string_view configuration_;
    Diagnostics& diagnostics_;
    std::vector<EffectiveItem> items_, ranges_;
    std::vector<bool> configured_;
    std::vector<std::pair<std::string_view, Element>> duplicates_;
    std::unordered_map<std::string_view, std::size_t> copies_;
    bool has_cpu_ = false, has_memory_ = false;
    Seen seen_;
    std::size_t missing_ = 0;
    bool warned_ = false;
};

/// Families that some importer knows (reference: VirtualSystemType counts).
bool is_known_family(std::string_view type) {
    constexpr std::array<std::string_view, 10> families{"vmx-", "virtualbox-", "xen-",   "hvm-",   "dmtf:xen",
                                                        "kvm",  "qemu",        "engine", "ganeti", "301"};
    const std::string word = to_lower(type);
    return std::any_of(families.begin(), families.end(),
                       [&](std::string_view family) { return word.starts_with(family); });
}

bool has_known_family(Element section) {
    const Element system = section.child_lax(Ns::ovf, "System");
    std::string_view list = trimmed(system.child_lax(Ns::vssd, "VirtualSystemType").text());
    while (!list.empty()) {
        std::size_t end = 0;
        while (end < list.size() && !is_blank(list[end]) && list[end] != ',') ++end;
        if (is_known_family(list.substr(0, end))) return true;
        list.remove_prefix(end < list.size() ? end + 1 : end);
    }
    return false;
}

}  // namespace

std::vector<EffectiveItem> effective_items(Element section, std::string_view configuration, Diagnostics& diagnostics) {
    if (!section) return {};
    std::vector<EffectiveItem> items = Collector(configuration, diagnostics).run(section);
    const ItemIndex index(items);
    for (const EffectiveItem& item : items) {
        const std::string_view parent = item.item.text(Rasd::Parent);
        if (!parent.empty() && parent != nil_uuid && index.by_instance(parent) == nullptr)
            report(diagnostics, "ovf-parent-dangling", item.item.get(Rasd::Parent),
                   fmt::format("rasd:Parent is '{}', but no Item has that rasd:InstanceID", printable(parent, 80)),
                   Failure::malformed);
    }
    return items;
}

ItemIndex::ItemIndex(const std::vector<EffectiveItem>& items) : items_(items) {
    if (items.size() < linear_below) return;
    sorted_.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) sorted_.emplace_back(items[i].instance(), i);
    std::sort(sorted_.begin(), sorted_.end());
}

const EffectiveItem* ItemIndex::by_instance(std::string_view instance) const {
    if (instance.empty()) return nullptr;
    if (sorted_.empty()) {
        for (const EffectiveItem& item : items_)
            if (item.instance() == instance) return &item;
        return nullptr;
    }
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(instance, std::size_t{0}));
    return found != sorted_.end() && found->first == instance ? &items_[found->second] : nullptr;
}

Element choose_hardware(const std::vector<Element>& sections, Diagnostics& diagnostics) {
    if (sections.empty()) return {};
    Element chosen = sections.front();
    if (sections.size() > 1) {
        const auto known = std::find_if(sections.begin(), sections.end(), has_known_family);
        if (known != sections.end()) chosen = *known;
        report(diagnostics, "ovf-hardware-several", chosen,
               fmt::format("the VM has {} alternative VirtualHardwareSections; this one is used", sections.size()));
    }
    return chosen;
}

}  // namespace ovfkit::detail
