#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/ovirt/devices.hpp"

/// How Items become devices; behind read_devices().
namespace ovfkit::detail::ovirt {

std::optional<std::uint32_t> number_of(std::string_view text);
/// BootOrder, when it is not 0.
std::optional<std::uint32_t> take_boot_order(ItemView& view);
/// A flag by Java's rule; nothing when it is absent or empty.
std::optional<bool> take_flag(ItemView& view, std::string_view name);

class DeviceReader {
public:
    DeviceReader(const std::vector<Volume>& volumes, const Envelope& envelope, const Form& form,
                 std::string_view display, VirtualSystem& system, Diagnostics& diagnostics)
        : volumes_(volumes),
          envelope_(envelope),
          form_(form),
          display_(display),
          system_(system),
          hardware_(system.hardware),
          diagnostics_(diagnostics) {}

    void read(const ItemRef& ref);
    /// Leaves without an Item: LUN disks, and what a hand-made file forgot.
    void bare_disks();
    void finish();

private:
    const Volume* volume_of(const ItemRef& ref) const;
    bool is_leaf(const ItemRef& ref) const;
    std::size_t index_of(const Volume& volume) const { return static_cast<std::size_t>(&volume - volumes_.data()); }
    /// A volume below the active one: its place in the chain is VirtualDisk::parent_id.
    void parent_volume(const ItemRef& ref);
    void cpu(ItemView& view);
    void memory(ItemView& view);
    void take_boot(const Volume& volume, const Drive& drive);
    void disk(ItemView& view);
    void medium(ItemView& view, DriveKind kind, std::string_view caption);
    void nic(ItemView& view);
    static bool is_mac(std::string_view text);
    void usb_policy(ItemView& view);
    void video(ItemView& view);
    void graphics(ItemView& view);
    void controller(ItemView& view);
    void serial(ItemView& view);
    void sound(ItemView& view);
    void watchdog(ItemView& view);
    void rng(ItemView& view);
    void tpm(ItemView& view);
    void other(ItemView& view);
    /// Without BootOrder (3.0, virt-v2v) ovf:boot marks the disk to boot from.
    void boot_fallback();
    std::vector<const Controller*> controllers_of(ControllerType type, std::string_view model) const;
    /// Controller and unit from the address; the SCSI controller the engine adds by itself.
    void link_drives();
    std::string_view scsi_model(const Drive& drive) const;
    void link(Drive& drive);

    const std::vector<Volume>& volumes_;
    const Envelope& envelope_;
    const Form& form_;
    std::string_view display_;
    VirtualSystem& system_;
    Hardware& hardware_;
    Diagnostics& diagnostics_;
    std::vector<std::uint32_t> monitors_;
};

}  // namespace ovfkit::detail::ovirt
