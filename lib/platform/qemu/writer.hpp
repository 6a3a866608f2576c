#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/writing.hpp"
#include "platform/qemu/argv.hpp"

/// What the parts of the writer share.
namespace ovfkit::detail::qemu {

struct Settings {
    std::string accel, arch, machine, images, firmware, nvram, network, bridge, graphics, tpm_socket;
};
std::span<const OptionSpec> option_specs();
Settings settings_of(const WriteContext& context);

/// The machine, decided before anything is written.
struct Target {
    std::string machine, arch, program;
    bool x86 = true, q35 = false, pc = true;
    bool efi = false, secure_boot = false;
    std::string transport = "pci";  ///< of virtio devices: `pci ccw device`
};

struct Writer : Writing {
    Writer(const Envelope& e, const VirtualSystem& s, WriteContext& c) : Writing(e, s, c), settings(settings_of(c)) {}

    Settings settings;
    Target target;
    std::string stem;  ///< of the files
    std::vector<std::string> argv;
    std::vector<std::string> after_start;  ///< QMP commands
    std::map<std::size_t, std::uint32_t> drive_boot, nic_boot;
    std::vector<std::string> devices, addressed;  ///< values of -device; those with an address of their own come first
    std::set<std::uint32_t> slots;

    void option(std::string_view name, std::string value);
    void flag(std::string_view name) { argv.emplace_back(name); }
    /// A `-device`: its PCI address, and what a QEMU text said besides. `list` is the model's (`nics[]`).
    void device(Opts opts, const DeviceInfo& info, std::string_view list);
    /// `virtio-blk` -> `virtio-blk-pci`.
    [[nodiscard]] std::string virtio(std::string_view kind) const { return std::string(kind) + "-" + target.transport; }
    [[nodiscard]] const std::string* parameter(std::string_view key) const;

private:
    std::optional<std::uint32_t> free_slot(const std::string& address);
};

void decide_target(Writer& w);
void write_machine(Writer& w);   // name uuid machine firmware cpu smp memory clock
void write_drives(Writer& w);    // controllers and drives
void write_nics(Writer& w);
void write_ports(Writer& w);     // serial parallel
void write_displays(Writer& w);  // video graphics sound
void write_misc(Writer& w);      // watchdog rng tpm genid
void write_balloon(Writer& w);
void write_parameters(Writer& w);

int detect(std::string_view name, std::string_view bytes);
Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context, Carried& carried);
bool carries(std::string_view form, std::string_view key);

}  // namespace ovfkit::detail::qemu
