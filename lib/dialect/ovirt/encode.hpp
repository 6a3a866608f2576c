#pragma once

#include <string>
#include <string_view>

#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/spec.hpp"

/// Devices of the model as the Items oVirt has for them.
namespace ovfkit::detail::ovirt {

/// What encoding one system needs to know.
struct Encoding {
    const Form& form;
    const VirtualSystem& system;
    const DiskNames& disks;
};

/// Sockets, cores a socket, threads a core that give `count`. `exact` when they are the ones asked for.
struct Topology {
    std::uint32_t sockets = 1, cores = 1, threads = 1;
    bool exact = true;
};
Topology topology_of(const Cpu& cpu, const Form& form);

/// `id` is the text of rasd:InstanceID.
ItemSpec encode_cpu(const Cpu& cpu, const Encoding& encoding, std::string_view id);
ItemSpec encode_memory(const Memory& memory, const Encoding& encoding, std::string_view id);
ItemSpec encode_drive(const Drive& drive, const Encoding& encoding, std::string_view id, std::size_t index);
ItemSpec encode_nic(const Nic& nic, const Encoding& encoding, std::string_view id, std::size_t index);
ItemSpec encode_video(const Video& video, const Encoding& encoding, std::string_view id);
ItemSpec encode_graphics(const Graphics& graphics, const Encoding& encoding, std::string_view id);
ItemSpec encode_controller(const Controller& controller, std::string_view id);
ItemSpec encode_serial(const CharacterDevice& serial, std::string_view id);
ItemSpec encode_sound(const SimpleDevice& sound, std::string_view id);
ItemSpec encode_watchdog(const SimpleDevice& watchdog, std::string_view id);
ItemSpec encode_rng(const SimpleDevice& rng, std::string_view id);
ItemSpec encode_tpm(const SimpleDevice& tpm, std::string_view id);
ItemSpec encode_other(const OtherDevice& device, std::string_view id);
ItemSpec encode_usb_policy(std::string_view policy, std::string_view id);

/// `N CPU, M Memory`, as the engine of that level spells it.
std::string hardware_info(const Hardware& hardware, const Form& form);

/// What the engine writes without being told; such text is read as no label.
std::string implied_nic_caption(std::string_view network);
/// The bus of a drive: its controller's, or its own word, or (CD) what the machine has.
struct DriveBus {
    std::string bus, model;
};
DriveBus bus_of(const Drive& drive, const Hardware& hardware);
/// ide, sata or scsi: where the engine puts the CD of such a machine.
std::string_view cdrom_bus(const Hardware& hardware);
/// What Disk/@disk-interface says of a disk.
std::string interface_word(const Drive& drive, const Hardware& hardware);
/// `type=drive` address from unit and controller, or the address as it stands.
std::string drive_address(const Drive& drive, const Hardware& hardware);

/// Word for SpecParams/source; empty for a source oVirt does not have.
std::string_view rng_source(std::string_view option);
/// `vga` for a card oVirt does not have.
std::string_view video_device(std::string_view model);
bool is_supported_sound(std::string_view model);
/// Device word of a controller; empty for one that oVirt has no entry for.
std::string_view controller_device(const Controller& controller);

}  // namespace ovfkit::detail::ovirt
