#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dialect/ovirt/devices.hpp"

/// One Item into one device: what the readers of the several kinds share.
namespace ovfkit::detail::ovirt {

/// What reading the Items of one system carries around. `volumes` are those of `envelope.disks`.
struct Reading {
    const std::vector<ItemRef>& items;
    const std::vector<Volume>& volumes;
    const Envelope& envelope;
    const Form& form;
    std::string_view display;
    VirtualSystem& system;
    Diagnostics& diagnostics;
    std::vector<Element> monitors;  ///< VirtualQuantity of each video Item

    [[nodiscard]] Hardware& hardware() const { return system.hardware; }
    [[nodiscard]] std::size_t index_of(const Volume& volume) const {
        return static_cast<std::size_t>(&volume - volumes.data());
    }
};

std::optional<std::uint32_t> number_of(std::string_view text);
/// BootOrder, unless it is 0: not in the order.
std::optional<std::uint32_t> take_boot_order(ItemView& view);
std::optional<bool> take_flag(ItemView& view, std::string_view name);

void read_cpu(ItemView& view, Reading& r);
void read_memory(ItemView& view, Reading& r);

/// A volume below the active one, which is no drive.
bool is_parent_volume(const ItemRef& ref, const Reading& r);
void read_parent_volume(const ItemRef& ref);
void read_disk(ItemView& view, Reading& r);
void read_medium(ItemView& view, Reading& r, DriveKind kind, std::string_view caption);
/// Leaves without an Item: LUN disks, and what a hand-made file forgot.
void read_bare_disks(Reading& r);
/// Once every drive is read: BootOrder of the Items against ovf:boot of the Disks.
void settle_boot(Reading& r);
/// Controller and unit from the address; the SCSI controller the engine adds by itself.
void link_drives(Reading& r);

void read_nic(ItemView& view, Reading& r);
void read_usb_policy(ItemView& view, Reading& r);
void read_video(ItemView& view, Reading& r);
/// The heads of all cards, once they are counted.
void settle_heads(Reading& r);
void read_graphics(ItemView& view, Reading& r);
/// The display the engine adds by itself.
void imply_graphics(Reading& r);
void read_controller(ItemView& view, Reading& r);
void read_serial(ItemView& view, Reading& r);
void read_sound(ItemView& view, Reading& r);
void read_watchdog(ItemView& view, Reading& r);
void read_rng(ItemView& view, Reading& r);
void read_tpm(ItemView& view, Reading& r);
void read_other(ItemView& view, Reading& r);

}  // namespace ovfkit::detail::ovirt
