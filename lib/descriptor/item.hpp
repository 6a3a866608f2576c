#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml.hpp"

/// Item, StorageItem and EthernetPortItem of a VirtualHardwareSection as they stand: one row a CIM property,
/// used for reading and for editing (DSP0243 8.3; CIM_ResourceAllocationSettingData).
namespace ovfkit::detail {

/// In the schema's (alphabetical) order.
enum class Rasd : std::uint8_t {
    Address,
    AddressOnParent,
    AllocationUnits,
    AutomaticAllocation,
    AutomaticDeallocation,
    Caption,
    Connection,
    ConsumerVisibility,
    Description,
    ElementName,
    HostResource,
    InstanceID,
    Limit,
    MappingBehavior,
    OtherResourceType,
    Parent,
    PoolID,
    Reservation,
    ResourceSubType,
    ResourceType,
    VirtualQuantity,
    VirtualQuantityUnits,
    Weight,
    count_
};
inline constexpr std::size_t rasd_count = static_cast<std::size_t>(Rasd::count_);
std::string_view name_of(Rasd field);

enum class ItemKind : std::uint8_t { item, storage, ethernet };

/// One Item. Holds handles into the document, no copies.
struct Item {
    Element element;
    ItemKind kind = ItemKind::item;
    std::array<pugi::xml_node, rasd_count> fields{};  ///< the first of each name; bare, as there are very many
    std::vector<Element> extras;                      ///< children in other namespaces, and unknown or repeated ones

    [[nodiscard]] bool has(Rasd field) const { return PugiNode::exists(fields[static_cast<std::size_t>(field)]); }
    [[nodiscard]] Element get(Rasd field) const {
        return has(field) ? Element(element.document(), fields[static_cast<std::size_t>(field)]) : Element();
    }
    /// Trimmed text; empty when absent.
    [[nodiscard]] std::string_view text(Rasd field) const;
    /// The same, and notes that the model holds it.
    [[nodiscard]] std::string_view take(Rasd field) const;
    /// First extra of that name in `ns`, or in no namespace.
    [[nodiscard]] Element extra(Ns ns, std::string_view local) const;
    /// ovf:required; absent means true. Also read without its prefix (with a warning elsewhere).
    [[nodiscard]] bool required() const;
    [[nodiscard]] std::string_view configuration() const;  ///< blank separated ids; empty: all
    [[nodiscard]] std::string_view bound() const;          ///< `min max normal` or empty
};

/// Whether CIM has a property of that name.
bool is_field(std::string_view local);

/// Every value of an Item but its id, for a report that names the Item as a whole: `ElementName '2 virtual CPUs', ...`.
std::string contents_of(const Item& item);

/// rasd:ResourceSubType. A list of preferences is only looked at: the model holds one word of it.
std::string_view take_sub_type(const Item& item);

/// True for Item, StorageItem, EthernetPortItem by name (in ns ovf, or none).
bool is_item(Element element);
Item read_item(Element element);
/// The same into a fresh Item that stands already where it is to stay.
void read_item(Element element, Item& item);

/// Sets one property: changes the text in place, inserts the child in alphabetical place, or erases it when
/// `value` is empty. No edit when the trimmed text is already `value`.
void set(XmlDocument& document, const Item& item, Rasd field, std::string_view value);

/// A new Item to insert: `fields` in any order, empty values left out, then `extras`. `id_name` is `InstanceID`,
/// or `InstanceId` where the document spells it so.
struct NewItem {
    ItemKind kind = ItemKind::item;
    std::optional<bool> required;
    std::vector<std::pair<Rasd, std::string>> fields;
    std::vector<Fragment> extras;
    std::string id_name = "InstanceID";
};
Fragment fragment_of(const NewItem& item);

}  // namespace ovfkit::detail
