#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/devices.hpp"
#include "descriptor/item.hpp"
#include "descriptor/layout.hpp"
#include "package/package.hpp"

/// What the checks look at: a descriptor as it stands and as it was read.
namespace ovfkit::detail {

struct CheckedItem {
    Item item;
    std::optional<std::uint32_t> type;  ///< rasd:ResourceType, where it is a number
    /// Applies whatever the configuration, and is no range.
    bool plain = true;

    [[nodiscard]] bool is(std::uint32_t wanted) const { return type == wanted; }
    [[nodiscard]] bool is_drive() const { return is(rt_disk) || is(rt_cd) || is(rt_dvd) || is(rt_floppy); }
    [[nodiscard]] std::string_view id() const { return item.text(Rasd::InstanceID); }
};

/// A VirtualHardwareSection.
struct CheckedHardware {
    Element element, system;  ///< and its System
    std::vector<CheckedItem> items;
    /// The first of that InstanceID; nullptr when there is none.
    [[nodiscard]] const CheckedItem* find(std::string_view id) const;
    [[nodiscard]] const CheckedItem* first(std::uint32_t type) const;
    [[nodiscard]] std::string_view family() const;  ///< VirtualSystemType

    std::unordered_map<std::string_view, std::size_t> by_id;
};

struct CheckedSystem {
    SystemParts parts;
    std::vector<CheckedHardware> hardware;
    const VirtualSystem* model = nullptr;  ///< nullptr when it was not read
};

struct Subject {
    Subject(const XmlDocument& document, const Envelope& envelope, std::string_view dialect);

    const XmlDocument& document;
    const Envelope& envelope;
    std::string_view dialect;
    int major;  ///< 0, 1, 2
    EnvelopeParts layout;
    std::vector<CheckedSystem> systems;
    std::vector<Element> files, disks, networks, configurations;
    std::unordered_set<std::string_view> file_ids, configuration_ids, system_ids;
    const Package* package = nullptr;  ///< with its members; nullptr: the descriptor stands alone

    [[nodiscard]] bool is_ovirt() const { return dialect == "ovirt"; }
};

/// Value of an attribute of the envelope's namespace, or without one, trimmed.
std::string_view value_of(Element element, std::string_view attribute);
/// Its part_name is that.
bool is_part(Element element, std::string_view name);
/// ovf:required: absent is true.
bool is_required(Element element);
/// Calls for the element and everything below it.
template <class F>
void for_each_element(Element element, const F& call) {
    call(element);
    for (Element child = element.first(); child; child = child.next()) for_each_element(child, call);
}

}  // namespace ovfkit::detail
