#include "descriptor/effective.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/bounds.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::uint32_t cpu = 3, memory = 4, max_type = 65535;
constexpr std::uint32_t ethernet = 10, first_drive = 14, last_drive = 17, graphics = 24;

bool is_drive(std::uint32_t type) { return type >= first_drive && type <= last_drive; }
/// What nothing can be plugged into; types that are not known here may well be controllers.
bool is_no_controller(std::uint32_t type) {
    return type == cpu || type == memory || type == ethernet || type == graphics || is_drive(type);
}
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
        add_ranges();
        check_duplicates();
        return std::move(items_);
    }

private:
    void add(Element element) {
        // Built where it will stay: an Item is large, and there may be very many.
        EffectiveItem& found = items_.emplace_back();
        read_item(element, found.item);
        set_unknown_aside(found.item);
        const bool plain = !element.raw().first_attribute();
        bool configured = false;
        if (!plain) {
            warn_unprefixed(element);
            const std::string_view list = found.item.configuration();
            configured = !list.empty();
            if (configured && !applies(list, configuration_)) {
                element.document()->set_aside(element, "ovf-configuration-other",
                                              fmt::format("Item '{}' is of the configuration '{}', which is not in effect: {}",
                                                          found.instance(), list, contents_of(found.item)));
                return items_.pop_back();
            }
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

    /// CIM has no such property: it must be understood unless it says otherwise.
    static void set_unknown_aside(const Item& item) {
        for (const Element& child : item.extras) {
            const Ns ns = child.ns();
            if (ns != Ns::rasd && ns != Ns::sasd && ns != Ns::epasd) continue;
            if (child.local() == "BusNumber" || is_field(child.local())) continue;  // of 0.9; said twice
            const std::string_view required = trimmed(child.attribute_lax(Ns::ovf, "required").value());
            item.element.document()->set_aside(child, "ovf-item-child-unknown",
                                               fmt::format("{} '{}' is no property of an Item", child.qname(),
                                                           trimmed(child.text())),
                                               to_boolean(required).value_or(true));
        }
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

    void add_ranges() {
        if (ranges_.empty()) return;
        check_ranges(ranges_, diagnostics_);
        for (EffectiveItem& range : ranges_) {
            const EffectiveItem* owner = owner_of(range);
            if (owner == nullptr) {
                add_lone_range(range);
                continue;
            }
            check_range(range, *owner, diagnostics_);
            const Element element = range.item.element;
            element.document()->set_aside(element, "ovf-bound-range", described(range));
        }
    }

    /// What a range is the range of: the Item of its InstanceID; a VM has one processor and one memory Item.
    const EffectiveItem* owner_of(const EffectiveItem& range) {
        if (const std::string_view instance = range.instance(); !instance.empty())
            if (const auto found = seen_.find(items_, instance, items_.size())) return &items_[*found];
        if (range.type != cpu && range.type != memory) return nullptr;
        const auto same =
            std::find_if(items_.begin(), items_.end(), [&](const EffectiveItem& i) { return i.type == range.type; });
        return same == items_.end() ? nullptr : &*same;
    }

    /// A range without the Item it is the range of is the only word on that device.
    void add_lone_range(const EffectiveItem& range) {
        const std::string_view bound = range.item.bound();
        if (bound == "max")
            report(diagnostics_, "ovf-bound-normal-missing", range.item.element,
                   "an Item with ovf:bound=\"max\" has no Item for the normal amount; add one without ovf:bound",
                   Failure::malformed);
        else
            report(diagnostics_, "ovf-bound-only", range.item.element,
                   fmt::format("only an Item with ovf:bound=\"{}\" gives this device; its quantity is used",
                               printable(bound, 40)));
        items_.push_back(range);
        admit(false);
    }

    void check_duplicates() {
        if (duplicates_.empty()) return;
        std::unordered_set<std::string_view> parents;
        for (const EffectiveItem& item : items_) parents.insert(item.item.text(Rasd::Parent));
        for (const auto& [instance, element] : duplicates_) {
            std::size_t drives = 0;
            for (const EffectiveItem& item : items_)
                drives += is_drive(item.type) && item.instance() == instance ? 1 : 0;
            if (drives > 1)
                report(diagnostics_, "ovf-item-ambiguous", element,
                       fmt::format("two drives have the rasd:InstanceID '{}'; give each its own", printable(instance, 80)),
                       Failure::malformed);
            else if (parents.count(instance) != 0)
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
    Seen seen_;
    std::size_t missing_ = 0;
    bool warned_ = false;
};

/// Families that some importer knows (reference: VirtualSystemType counts).
constexpr std::array<std::string_view, 10> known_families{"vmx-", "virtualbox-", "xen-",   "hvm-",   "dmtf:xen",
                                                          "kvm",  "qemu",        "engine", "ganeti", "301"};

std::string_view type_of(Element section) {
    const Element system = section.child_lax(Ns::ovf, "System");
    return trimmed(system.child_lax(Ns::vssd, "VirtualSystemType").text());
}

/// Position of the best family the section's VirtualSystemType names; `families.size()` when it names none.
std::size_t rank_of(Element section, std::span<const std::string_view> families) {
    std::size_t best = families.size();
    std::string_view list = type_of(section);
    while (!list.empty()) {
        std::size_t end = 0;
        while (end < list.size() && !is_blank(list[end]) && list[end] != ',') ++end;
        const std::string word = to_lower(list.substr(0, end));
        for (std::size_t i = 0; i < best; ++i)
            if (word.starts_with(families[i])) best = i;
        list.remove_prefix(end < list.size() ? end + 1 : end);
    }
    return best;
}

Element best_of(const std::vector<Element>& sections, std::span<const std::string_view> families) {
    const auto rank = [&](Element section) { return rank_of(section, families); };
    const auto best = std::min_element(sections.begin(), sections.end(),
                                       [&](Element a, Element b) { return rank(a) < rank(b); });
    return rank(*best) < families.size() ? *best : Element();
}

/// Whether the chain of parents has no end, or is longer than any machine's.
bool comes_back(const EffectiveItem& item, const ItemIndex& index) {
    constexpr std::size_t longest = 64;
    const EffectiveItem* at = &item;
    for (std::size_t steps = 0; steps <= longest; ++steps) {
        const std::string_view parent = at->item.text(Rasd::Parent);
        at = parent.empty() || parent == nil_uuid ? nullptr : index.by_instance(parent);
        if (at == nullptr) return false;
    }
    return true;
}

}  // namespace

std::vector<EffectiveItem> effective_items(Element section, std::string_view configuration, Diagnostics& diagnostics) {
    if (!section) return {};
    std::vector<EffectiveItem> items = Collector(configuration, diagnostics).run(section);
    const ItemIndex index(items);
    for (const EffectiveItem& item : items) {
        const std::string_view parent = item.item.text(Rasd::Parent);
        if (parent.empty() || parent == nil_uuid) continue;
        const EffectiveItem* on = index.by_instance(parent);
        if (on == nullptr)
            report(diagnostics, "ovf-parent-dangling", item.item.get(Rasd::Parent),
                   fmt::format("rasd:Parent is '{}', but no Item has that rasd:InstanceID", printable(parent, 80)),
                   Failure::malformed);
        else if (comes_back(item, index))
            report(diagnostics, "ovf-parent-unfit", item.item.get(Rasd::Parent),
                   fmt::format("rasd:Parent is '{}', and from there the parents come back to this Item or go on and on",
                               printable(parent, 80)),
                   Failure::malformed);
        else if (is_drive(item.type) && is_no_controller(on->type))
            report(diagnostics, "ovf-parent-unfit", item.item.get(Rasd::Parent),
                   fmt::format("rasd:Parent is '{}', an Item of ResourceType {}: a drive hangs on a controller",
                               printable(parent, 80), on->type),
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

Element choose_hardware(const std::vector<Element>& sections, std::span<const std::string_view> families,
                        Diagnostics& diagnostics) {
    if (sections.size() < 2) return sections.empty() ? Element() : sections.front();
    Element chosen = best_of(sections, families);
    for (auto section = sections.begin(); !chosen && section != sections.end(); ++section)
        if (rank_of(*section, known_families) < known_families.size()) chosen = *section;
    if (!chosen) chosen = sections.front();
    std::string others;
    for (const Element& section : sections) {
        if (section == chosen) continue;
        others += fmt::format("{}'{}'", others.empty() ? "" : ", ", printable(type_of(section), 60));
        section.document()->set_aside(
            section, "ovf-hardware-alternative",
            fmt::format("alternative hardware '{}'; that for '{}' is used", type_of(section), type_of(chosen)));
    }
    report(diagnostics, "ovf-hardware-several", chosen,
           fmt::format("the VM has {} alternative VirtualHardwareSections; that for '{}' is used, not {}", sections.size(),
                       printable(type_of(chosen), 60), others));
    return chosen;
}

Element hardware_of_type(const std::vector<Element>& sections, std::string_view system_type) {
    for (const Element& section : sections)
        if (type_of(section) == system_type) return section;
    return sections.empty() ? Element() : sections.front();
}

}  // namespace ovfkit::detail
