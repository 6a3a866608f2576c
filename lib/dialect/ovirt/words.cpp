#include "dialect/ovirt/words.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/checked.hpp"
#include "base/sha256.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr bool is_hex(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f'); }

using AddressMap = std::map<std::string, std::string, std::less<>>;

AddressMap split(std::string_view sorted) {
    AddressMap out;
    while (!sorted.empty()) {
        const std::size_t comma = sorted.find(',');
        const std::string_view pair = sorted.substr(0, comma);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos) out.emplace(pair.substr(0, equals), pair.substr(equals + 1));
        sorted = comma == std::string_view::npos ? std::string_view{} : sorted.substr(comma + 1);
    }
    return out;
}

std::string joined(const AddressMap& map) {
    std::string out;
    for (const auto& [key, value] : map) out += (out.empty() ? "" : ",") + key + "=" + value;
    return out;
}

// The order the engine's own maps come out in (DomainXmlUtils).
constexpr std::array<std::string_view, 11> address_keys{
    "type", "slot", "bus", "domain", "function", "controller", "target", "unit", "port", "multifunction", "base"};

constexpr std::array<DiskInterface, 5> interfaces{{{"IDE", "ide", ""},
                                                   {"VirtIO", "virtio", ""},
                                                   {"VirtIO_SCSI", "scsi", "virtio-scsi"},
                                                   {"SPAPR_VSCSI", "scsi", "spapr-vscsi"},
                                                   {"SATA", "sata", ""}}};

// VmInterfaceType: the name of 5 is spelled so in the engine.
constexpr std::array<NicType, 7> nic_types{{{"0", "rtl8139_pv", "rtl8139", "1000"},
                                            {"1", "rtl8139", "rtl8139", "100"},
                                            {"2", "e1000", "e1000", "1000"},
                                            {"3", "pv", "virtio", "10000"},
                                            {"4", "spapr-vlan", "spapr-vlan", "1000"},
                                            {"5", "pci-passthorugh", "pci-passthrough", "1000"},
                                            {"6", "e1000e", "e1000e", "1000"}}};

constexpr std::array<std::string_view, 15> boot_sequences{"C",   "DC", "N", "CDN", "CND", "DCN", "DNC", "NCD",
                                                          "NDC", "CD", "D", "CN",  "DN",  "NC",  "ND"};

constexpr std::array<std::string_view, 5> displays{"cirrus", "qxl", "vga", "bochs", "none"};

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

std::string made_uuid(std::string_view vm, std::string_view role) {
    std::string hex = sha256_hex("ovfkit:ovirt:" + std::string(vm) + ":" + std::string(role)).substr(0, 32);
    hex[12] = '5';
    constexpr std::string_view variants = "89ab";
    const auto nibble = static_cast<std::size_t>(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10);
    hex[16] = variants[nibble & 3U];
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20, 12);
}

bool java_true(std::string_view text) { return equal_nocase(text, "true"); }

bool is_java_flag(std::string_view text) { return equal_nocase(text, "true") || equal_nocase(text, "false"); }

std::optional<std::string> address_from(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('{')) text.remove_prefix(1);
    if (text.ends_with('}')) text.remove_suffix(1);
    text = trimmed(text);
    if (text.empty() || text == "null") return std::string{};
    AddressMap map;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view pair = trimmed(text.substr(0, comma));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) return std::nullopt;
        const std::string_view value = trimmed(pair.substr(equals + 1));
        if (!map.emplace(trimmed(pair.substr(0, equals)), value).second) return std::nullopt;
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return joined(map);
}

std::string address_to(std::string_view sorted) {
    AddressMap map = split(sorted);
    if (map.empty()) return {};
    std::string out = "{";
    const auto add = [&](std::string_view key, std::string_view value) {
        out += (out.size() > 1 ? ", " : "") + std::string(key) + "=" + std::string(value);
    };
    for (const std::string_view key : address_keys) {
        const auto found = map.find(key);
        if (found == map.end()) continue;
        add(key, found->second);
        map.erase(found);
    }
    for (const auto& [key, value] : map) add(key, value);
    return out + "}";
}

std::string address_get(std::string_view sorted, std::string_view key) {
    const AddressMap map = split(sorted);
    const auto found = map.find(key);
    return found == map.end() ? std::string{} : found->second;
}

std::string address_with(std::string_view sorted, std::string_view key, std::string_view value) {
    AddressMap map = split(sorted);
    map.insert_or_assign(std::string(key), std::string(value));
    return joined(map);
}

const DiskInterface* disk_interface_from(std::string_view word) {
    for (const DiskInterface& row : interfaces)
        if (equal_nocase(row.word, word)) return &row;
    return nullptr;
}

const DiskInterface* disk_interface_for(std::string_view bus, std::string_view controller_model) {
    for (const DiskInterface& row : interfaces)
        if (row.interface == bus && !row.model.empty() && row.model == controller_model) return &row;
    for (const DiskInterface& row : interfaces)
        if (row.interface == bus) return &row;
    return nullptr;
}

const NicType* nic_type_from(std::string_view text) {
    for (const NicType& row : nic_types)
        if (row.number == text || equal_nocase(row.word, text)) return &row;
    if (equal_nocase(text, "pci-passthrough")) return &nic_types[5];
    return nullptr;
}

const NicType& nic_type_for(std::string_view model, bool& exact) {
    exact = true;
    if (model.empty() || model == "virtio") return nic_types[3];
    if (model == "sriov") return nic_types[5];
    for (std::size_t i = 1; i < nic_types.size(); ++i)
        if (nic_types[i].model == model) return nic_types[i];
    exact = false;
    return nic_types[2];  // every guest that knew another emulated card has a driver for this one, virtio needs one
}

std::optional<std::vector<std::string>> boot_from(std::string_view number) {
    const auto index = to_number<std::uint32_t>(number);
    if (!index || *index >= boot_sequences.size()) return std::nullopt;
    std::vector<std::string> out;
    for (const char c : boot_sequences[*index]) out.emplace_back(c == 'C' ? "disk" : c == 'D' ? "cdrom" : "network");
    return out;
}

std::optional<std::string> boot_to(const std::vector<std::string>& boot) {
    std::string letters;
    for (const std::string& device : boot)
        letters += device == "disk" ? 'C' : device == "cdrom" ? 'D' : device == "network" ? 'N' : '?';
    const auto found = std::find(boot_sequences.begin(), boot_sequences.end(), letters);
    if (found == boot_sequences.end()) return std::nullopt;
    return std::to_string(found - boot_sequences.begin());
}

std::string display_to(std::string_view video_model) {
    const auto found = std::find(displays.begin(), displays.end(), video_model);
    return found == displays.end() ? std::string{} : std::to_string(found - displays.begin());
}

std::string_view display_from(std::string_view number) {
    const auto index = to_number<std::uint32_t>(number);
    return index && *index < displays.size() ? displays[*index] : std::string_view{};
}

}  // namespace ovfkit::detail::ovirt
