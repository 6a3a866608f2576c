#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include <ovfkit/model.hpp>

#include "descriptor/rows.hpp"
#include "descriptor/style.hpp"

/// One lens a device class: decode_x(Item) -> x, and rows_of(x) for the way back.
namespace ovfkit::detail {

/// CIM_ResourceAllocationSettingData.ResourceType, and what real files use beyond it.
enum ResourceType : std::uint32_t {
    rt_zero = 0,
    rt_other = 1,
    rt_cpu = 3,
    rt_memory = 4,
    rt_ide = 5,
    rt_scsi = 6,
    rt_nic = 10,
    rt_floppy = 14,
    rt_cd = 15,
    rt_dvd = 16,
    rt_disk = 17,
    rt_storage_extent = 19,
    rt_storage = 20,
    rt_serial = 21,
    rt_parallel = 22,
    rt_usb = 23,
    rt_video = 24,
    rt_sound = 35
};

/// Ids that Items may refer to.
struct KnownIds {
    std::unordered_set<std::string_view> disks, files, networks;
    std::unordered_set<std::string_view> shared;  ///< of `disks`
};
KnownIds known_ids(const Envelope& envelope);

struct DecodeContext {
    Diagnostics& diagnostics;
    const ItemIndex& index;
    const KnownIds& ids;
    const Style& style;
};

struct EncodeContext {
    Style style;
    /// rasd:InstanceID of the device with that id of the model.
    std::function<std::string(std::string_view)> instance_of;
};

/// What an Item is.
enum class DeviceClass {
    cpu,
    memory,
    balloon,
    controller,
    drive,
    nic,
    serial,
    parallel,
    video,
    graphics,
    sound,
    watchdog,
    rng,
    tpm,
    other
};
DeviceClass class_of(const EffectiveItem& item);

Cpu decode_cpu(const EffectiveItem& item, const DecodeContext& context);
Memory decode_memory(const EffectiveItem& item, const DecodeContext& context);
/// Adds a further Item's processors or memory; false: more than a VM may have.
bool add_up(Cpu& cpu, const Cpu& further);
bool add_up(Memory& memory, const Memory& further);
Controller decode_controller(const EffectiveItem& item, const DecodeContext& context);
Drive decode_drive(const EffectiveItem& item, const DecodeContext& context);
Nic decode_nic(const EffectiveItem& item, const DecodeContext& context);
CharacterDevice decode_character(const EffectiveItem& item, const DecodeContext& context);
Video decode_video(const EffectiveItem& item, const DecodeContext& context);
Graphics decode_graphics(const EffectiveItem& item, const DecodeContext& context);
SimpleDevice decode_simple(const EffectiveItem& item, const DecodeContext& context);
OtherDevice decode_other(const EffectiveItem& item, const DecodeContext& context);

/// Sockets that count, cores and threads make; nothing when they do not divide.
std::optional<std::uint32_t> derived_sockets(const Cpu& cpu);
/// What the numbers of a CPU Item count.
struct CpuForm {
    std::uint64_t unit = 1'000'000;  ///< hertz of Reservation and Limit
    bool in_cores = false;           ///< Limit is the most virtual CPUs
};
/// As the Item has it; with no Item: as a new one gets it.
CpuForm cpu_form(const EffectiveItem* item, const Style& style);
DeviceRows rows_of(const Cpu& cpu, const CpuForm& form);
DeviceRows rows_of(const Controller& controller, const EncodeContext& context);
DeviceRows rows_of(const Drive& drive, const EncodeContext& context);
DeviceRows rows_of(const Nic& nic, const EncodeContext& context);
DeviceRows rows_of(const Video& video, const EncodeContext& context);
DeviceRows rows_of(const Graphics& graphics, const EncodeContext& context);
DeviceRows rows_of(const OtherDevice& device, const EncodeContext& context);
DeviceRows rows_of(const CharacterDevice& device, DeviceClass kind, const EncodeContext& context);
DeviceRows rows_of(const SimpleDevice& device, DeviceClass kind, const EncodeContext& context);

/// How the numbers of a memory Item are written.
struct MemoryForm {
    std::uint64_t factor = 1U << 20;
    std::string unit;             ///< rasd:AllocationUnits; empty: none is written
    bool in_reservation = false;  ///< 0.9 files give the size as rasd:Reservation alone
    bool xen_units = false;       ///< finer units than MiB must begin with `bytes` and have a power
};
/// As the Item has it; with no Item: as a new one gets it.
MemoryForm memory_form(const EffectiveItem* item, const Style& style);
/// `form`, or a finer one where it cannot hold the numbers exactly.
MemoryForm fitting_form(const MemoryForm& form, const Memory& memory);
DeviceRows rows_of(const Memory& memory, const MemoryForm& form);

/// `aa:bb:cc:dd:ee:ff` of the spellings in use; empty: no MAC address.
std::string normal_mac(std::string_view text);

/// Where a HostResource points.
struct HostResource {
    enum class Kind { none, disk, file, foreign } kind = Kind::none;
    std::string_view id;
};
/// `ovf:/disk/ID`, `/disk/ID`, `ovf://disk/ID`, `ovf:disk/ID`, and the same with `file`; `shared` is a disk, too.
HostResource parse_host_resource(std::string_view text);

}  // namespace ovfkit::detail
