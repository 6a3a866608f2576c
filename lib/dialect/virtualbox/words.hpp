#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// Words of VirtualBox's settings (VirtualBox-settings.xsd) and the neutral ones of the model.
namespace ovfkit::detail::virtualbox {

enum class Words { adapter, attachment, port, display, audio, usb, boot, firmware, chipset, tpm, clock, storage };

/// The neutral word; nothing for a word VirtualBox does not have, in its own spelling.
std::optional<std::string_view> from_settings(Words kind, std::string_view word);
/// VirtualBox's word; nothing when it has none for it.
std::optional<std::string_view> to_settings(Words kind, std::string_view neutral);

/// 8-4-4-4-12 in lower case of `{...}` or without the brackets; empty: no UUID.
std::string normal_uuid(std::string_view text);
/// A UUID that is made of a kind and a name and always the same: VirtualBox requires one where the model has none.
std::string made_uuid(std::string_view kind, std::string_view name);

/// The guest OS type for a CIM id, where no vbox:OSType says it: VirtualBox requires one.
std::string_view os_type_of(const OperatingSystem& os);

/// I/O base and IRQ of COM1 to COM4.
struct PortAddress {
    std::string_view base, irq;
};
PortAddress serial_address(std::uint32_t slot);
/// Of LPT1 and LPT2.
PortAddress parallel_address(std::uint32_t slot);

inline constexpr std::uint64_t mebi = 1ULL << 20;
inline constexpr std::uint32_t max_memory_mib = 2097152, max_cpus = 64, max_vram_mib = 256, max_monitors = 64;
inline constexpr std::uint32_t adapter_slots = 36, serial_slots = 4, parallel_slots = 2, boot_positions = 4;

}  // namespace ovfkit::detail::virtualbox
