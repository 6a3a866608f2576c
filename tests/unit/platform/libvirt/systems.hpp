#pragma once

#include <map>
#include <string>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/model.hpp>

/// VMs made in memory, for the unit tests and for the programs that show them to real libvirt.
namespace samples {

struct Sample {
    std::string name;                                           ///< plain
    ovfkit::Envelope envelope;                                  ///< with one system
    std::map<std::string, std::string, std::less<>> options{};  ///< `libvirt.*`
    bool needs_tpm = false;                                     ///< real libvirt wants swtpm for it
    bool needs_spice = false;
};

/// A package's envelope with one small VM: `name`, one CPU, 512 MiB.
ovfkit::Envelope package(const std::string& name);
inline ovfkit::VirtualSystem& system_of(ovfkit::Envelope& e) { return e.systems.front(); }
inline ovfkit::Hardware& hardware_of(ovfkit::Envelope& e) { return e.systems.front().hardware; }

ovfkit::Controller& add_controller(ovfkit::Envelope& e, const std::string& id, ovfkit::ControllerType type,
                                   const std::string& model = {});
/// A drive on `controller` (or on bus `controller` when it starts with '@'), with its disk and file.
ovfkit::Drive& add_disk(ovfkit::Envelope& e, const std::string& id, const std::string& controller,
                        std::optional<std::uint32_t> unit = {});
/// Without a medium.
ovfkit::Drive& add_cdrom(ovfkit::Envelope& e, const std::string& id, const std::string& controller,
                         std::optional<std::uint32_t> unit = {});
ovfkit::Nic& add_nic(ovfkit::Envelope& e, const std::string& id, const std::string& model, const std::string& mac = {},
                     const std::string& network = "VM Network");

/// A few dozen, over all that the platform writes.
std::vector<Sample> all();

}  // namespace samples
