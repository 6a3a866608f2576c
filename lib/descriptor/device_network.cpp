#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "descriptor/devices.hpp"

// Network adapters (ResourceType 10).
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 4> nic_carried{"network", "model", "mac", "connected"};

}  // namespace

std::string normal_mac(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        const char small = lower(c);
        if ((small >= '0' && small <= '9') || (small >= 'a' && small <= 'f'))
            digits += small;
        else if (c != ':' && c != '-')
            return {};
    }
    // Twelve digits alone, or separators between every pair.
    const std::size_t separators = text.size() - digits.size();
    if (digits.size() != 12 || (separators != 0 && separators != 5)) return {};
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        if (separators != 0 && (i / 2) * 3 + 2 < text.size() && text[(i / 2) * 3 + 2] != ':' &&
            text[(i / 2) * 3 + 2] != '-')
            return {};
        out += (out.empty() ? "" : ":") + digits.substr(i, 2);
    }
    return out;
}

/// Letters, digits and what stands between them in the addresses that vendors write; `${key}` of a property.
bool is_address_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               std::string_view(":.-_,=${} ").find(c) != std::string_view::npos;
    });
}

Nic decode_nic(const EffectiveItem& item, const DecodeContext& context) {
    Nic nic;
    read_info(item, nic.info);
    const Item& fields = item.item;
    nic.network = std::string(fields.take(Rasd::Connection));
    if (!nic.network.empty() && context.ids.networks.count(nic.network) == 0)
        report(context.diagnostics, "ovf-network-undeclared", fields.get(Rasd::Connection),
               fmt::format("rasd:Connection names the network '{}', which NetworkSection does not declare",
                           printable(nic.network, 80)));
    if (const std::string_view sub_type = take_sub_type(fields); !sub_type.empty())
        nic.model = neutral_word(WordKind::nic, sub_type);
    if (const std::string_view address = fields.text(Rasd::Address); !address.empty()) {
        nic.mac = normal_mac(address);
        if (nic.mac.empty() && !is_address_text(address))
            report(context.diagnostics, "ovf-mac-unsafe", fields.get(Rasd::Address),
                   fmt::format("rasd:Address of the network adapter is '{}': no MAC address has such characters",
                               printable(address, 60)),
                   Failure::refused);
        else if (nic.mac.empty())
            report(context.diagnostics, "ovf-mac-invalid", fields.get(Rasd::Address),
                   fmt::format("rasd:Address of the network adapter is '{}', no MAC address; it is not used",
                               printable(address, 60)));
        else
            (void)fields.take(Rasd::Address);
    }
    if (const Element element = fields.get(Rasd::AutomaticAllocation)) {
        nic.connected = to_boolean(to_lower(fields.text(Rasd::AutomaticAllocation).substr(0, 6)));
        if (nic.connected) (void)element.take();
    }
    read_extension(extension_of(fields, "Device"), nic, nic_carried, context.diagnostics);
    return nic;
}

DeviceRows rows_of(const Nic& nic, const EncodeContext& context) {
    DeviceRows rows;
    rows.required = true;
    rows.add(Rasd::Address, nic.mac);
    rows.add(Rasd::AutomaticAllocation, std::string(boolean_text(nic.connected)));
    rows.add(Rasd::Connection, nic.network);
    rows.add(Rasd::ResourceSubType, spelled(WordKind::nic, context.style.speller, nic.model));
    rows.add(Rasd::ResourceType, std::to_string(rt_nic));
    rows.add_info(nic.info);
    extension_rows(nic, nic_carried, rows.extension);
    return rows;
}

}  // namespace ovfkit::detail
