#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptor/item.hpp"

/// The Items that count (DSP0243 8.3, 9.8): those of the configuration in effect, overrides merged, ranges left out.
namespace ovfkit::detail {

struct EffectiveItem {
    Item item;                       ///< where several Items make one, the later one's children override
    std::vector<Element> overrides;  ///< the further Items merged into it; item.element is the first
    std::string id;                  ///< the InstanceID, made unique (`7#2`) and never empty (`#1`)
    std::uint32_t type = 0;          ///< ResourceType
    bool has_type = false;

    /// rasd:InstanceID as it stands.
    [[nodiscard]] std::string_view instance() const { return item.text(Rasd::InstanceID); }
};

/// Reports `ovf-item-*`, `ovf-bound-*`, `ovf-attribute-unprefixed`, `ovf-limit-exceeded`, `ovf-parent-dangling`.
/// Nothing is taken yet. An Item without a usable ResourceType is left out when it is not required.
std::vector<EffectiveItem> effective_items(Element section, std::string_view configuration, Diagnostics& diagnostics);

/// Finds Items by rasd:InstanceID or by the id made unique; cheap for the usual few, hashed for many.
class ItemIndex {
public:
    explicit ItemIndex(const std::vector<EffectiveItem>& items);
    /// The first of that rasd:InstanceID; nullptr when there is none.
    [[nodiscard]] const EffectiveItem* by_instance(std::string_view instance) const;

private:
    const std::vector<EffectiveItem>& items_;
    std::vector<std::pair<std::string_view, std::size_t>> sorted_;
};

/// The VirtualHardwareSection to use when there are several: the one whose VirtualSystemType names the earliest of
/// `families`, else the first that names a family some importer knows, else the first. Warns `ovf-hardware-several`;
/// the others are set aside. Invalid when there is none.
Element choose_hardware(const std::vector<Element>& sections, std::span<const std::string_view> families,
                        Diagnostics& diagnostics);
/// The one that was read: the first of that VirtualSystemType.
Element hardware_of_type(const std::vector<Element>& sections, std::string_view system_type);

}  // namespace ovfkit::detail
