#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// oVirt's spellings and their neutral words.
namespace ovfkit::detail::ovirt {

inline constexpr std::uint64_t mebibyte = 1ULL << 20;
inline constexpr std::uint64_t gibibyte = 1ULL << 30;

/// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text);
/// A name-based UUID (version 5 layout): the same for the same VM and role, so that output is reproducible.
std::string made_uuid(std::string_view vm, std::string_view role);

/// Java's parseBoolean: true for `true` in any case and nothing else, no blanks allowed.
bool java_true(std::string_view text);
/// `true` or `false` in any case: what an engine writes. Java reads every other text as false.
bool is_java_flag(std::string_view text);

/// `{type=pci, slot=0x08, ...}` in any order, braces and blanks optional -> `slot=0x08,type=pci`, sorted. Empty for
/// no address; nullopt when it is no such map.
std::optional<std::string> address_from(std::string_view text);
/// The engine's own form and key order; empty for an empty address.
std::string address_to(std::string_view sorted);
/// Value of one key of a sorted address; empty when absent.
std::string address_get(std::string_view sorted, std::string_view key);
/// The same address with one key set.
std::string address_with(std::string_view sorted, std::string_view key, std::string_view value);

struct DiskInterface {
    std::string_view word;       ///< oVirt's
    std::string_view interface;  ///< Drive::interface
    std::string_view model;      ///< Controller::model it stands for; empty: the bus's own
};
/// By oVirt's word in any case; nullptr when there is none.
const DiskInterface* disk_interface_from(std::string_view word);
/// For a bus and a controller model. nullptr: oVirt has no such bus.
const DiskInterface* disk_interface_for(std::string_view bus, std::string_view controller_model);

struct NicType {
    std::string_view number, word, model;
    std::string_view speed;  ///< Mbit/s
};
/// By number or by the engine's internal name in any case.
const NicType* nic_type_from(std::string_view text);
/// By model word; `exact` tells whether it is that model and not the nearest one.
const NicType& nic_type_for(std::string_view model, bool& exact);

/// default_boot_sequence -> `disk`, `cdrom`, `network` in order; nullopt for an unknown number.
std::optional<std::vector<std::string>> boot_from(std::string_view number);
/// nullopt when there is no number for that order.
std::optional<std::string> boot_to(const std::vector<std::string>& boot);

/// Ordinal of DefaultDisplayType from 3.1 on: cirrus qxl vga bochs none; empty when there is none.
std::string display_to(std::string_view video_model);
std::string_view display_from(std::string_view number);

/// Whole units, rounded up.
constexpr std::uint64_t ceil_div(std::uint64_t value, std::uint64_t unit) {
    return value / unit + (value % unit != 0 ? 1 : 0);
}

}  // namespace ovfkit::detail::ovirt
