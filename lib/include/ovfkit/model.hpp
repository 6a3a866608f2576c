#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/export.hpp>

/// The neutral model: what every dialect and platform of ovfkit reads into and writes from.
/// Plain values with defaulted equality; equality is the round-trip oracle and finds the edits.
///
/// Conventions: sizes are bytes; an empty string, an empty optional or an `unspecified` enumerator means
/// "the source did not say", never a default. Model words (controller, NIC, video ... models) are lower
/// case and neutral; each dialect spells them its own way. Ids are strings, as in DSP0243, and are opaque.
namespace ovfkit {

/// Where a value stood in its source: byte offset of the element's name (or of the line). Never compared.
struct Origin {
    std::uint64_t offset = npos;
    static constexpr std::uint64_t npos = ~std::uint64_t{0};
    friend constexpr bool operator==(const Origin&, const Origin&) { return true; }
};

/// A vendor setting that is a plain value. `space` says whose it is (`vmw`, `ovirt`, `ganeti.hv`, ...).
struct Parameter {
    std::string space, key, value;
    friend bool operator==(const Parameter&, const Parameter&) = default;
};

// ---------------------------------------------------------------------------------------------- envelope

/// References/File (DSP0243 7.1).
struct FileReference {
    std::string id, href;
    std::optional<std::uint64_t> size;        ///< bytes as stored
    std::string compression;                  ///< empty or `identity`: none; `gzip`, `bzip2`
    std::optional<std::uint64_t> chunk_size;  ///< bytes; absent: not split
    std::string description;                  ///< oVirt
    Origin origin;
    friend bool operator==(const FileReference&, const FileReference&) = default;
};

/// DiskSection/Disk (DSP0243 9.1).
struct VirtualDisk {
    std::string id;       ///< diskId
    std::string file_id;  ///< fileRef; empty: a blank disk
    std::string format;   ///< format URI, verbatim
    std::string parent_id;
    std::optional<std::uint64_t> capacity_bytes;
    bool capacity_inexact = false;  ///< rounded by its producer (oVirt writes whole GiB)
    bool shared = false;            ///< several VMs may write to it at once (SharedDiskSection, DSP0243 2.x)
    std::string capacity_property;  ///< `key` of a `${key}` capacity; capacity_bytes holds its resolved value
    std::optional<std::uint64_t> populated_bytes;
    // What oVirt adds:
    std::string volume_format;  ///< `raw`, `cow` or empty
    std::string volume_type;    ///< `preallocated`, `sparse` or empty
    std::string alias, description;
    Origin origin;
    friend bool operator==(const VirtualDisk&, const VirtualDisk&) = default;
};

/// NetworkSection/Network (DSP0243 9.2).
struct Network {
    std::string name, description;
    Origin origin;
    friend bool operator==(const Network&, const Network&) = default;
};

/// DeploymentOptionSection/Configuration (DSP0243 9.8).
struct Configuration {
    std::string id, label, description;
    bool is_default = false;
    Origin origin;
    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// StartupSection/Item (DSP0243 9.7): when a VM of a VirtualSystemCollection starts and how it stops.
struct StartupItem {
    std::string id;                             ///< of a VirtualSystem or of a nested collection
    std::optional<std::uint32_t> order;         ///< from 0; the same number: at the same time
    std::optional<std::uint32_t> start_delay_seconds, stop_delay_seconds;
    std::optional<bool> waiting_for_guest;
    std::string start_action, stop_action;      ///< `powerOn none`; `powerOff guestShutdown none`
    Origin origin;
    friend bool operator==(const StartupItem&, const StartupItem&) = default;
};

/// ResourceAllocationSection/Item (DSP0243 9.3): what a VirtualSystemCollection may use altogether.
struct ResourceAllocation {
    std::string id;             ///< rasd:InstanceID
    std::string configuration, bound;           ///< ovf:configuration, ovf:bound, verbatim
    std::string name, description;              ///< rasd:ElementName, Description
    std::string units;                          ///< `byte`, `hertz`, or rasd:AllocationUnits verbatim
    std::optional<std::uint32_t> resource_type; ///< 3: processors, 4: memory
    std::optional<std::uint64_t> limit, quantity, reservation;  ///< in bytes or hertz, or in those `units`
    std::optional<std::uint32_t> weight;
    Origin origin;
    friend bool operator==(const ResourceAllocation&, const ResourceAllocation&) = default;
};

// ---------------------------------------------------------------------------------------------- hardware

/// What every device has. `id` is unique within its VirtualSystem where the source's ids are; an OVF
/// source gives rasd:InstanceID, a platform source an id the platform leaf makes up and keeps stable.
struct DeviceInfo {
    std::string id;
    std::string name;         ///< rasd:ElementName
    std::string caption;      ///< rasd:Caption
    std::string description;  ///< rasd:Description
    std::string alias;        ///< libvirt or oVirt alias, verbatim
    std::string address;      ///< guest bus address as a sorted `key=value,key=value` map (`bus=0x00,slot=0x08,type=pci`)
    std::vector<Parameter> parameters;  ///< vmw:Config of the Item, oVirt SpecParams that have no field here
    Origin origin;
    friend bool operator==(const DeviceInfo&, const DeviceInfo&) = default;
};

struct Cpu {
    std::optional<std::uint32_t> count;             ///< virtual CPUs at boot
    std::optional<std::uint32_t> maximum;           ///< hot-plug ceiling
    std::optional<std::uint32_t> sockets, cores, threads;  ///< cores are per socket, threads per core
    std::string model;                              ///< `host-model`, `host-passthrough` or a CPU model name
    std::optional<std::uint64_t> reservation_hz, limit_hz;
    std::optional<std::uint32_t> weight;
    DeviceInfo info;
    friend bool operator==(const Cpu&, const Cpu&) = default;
};

/// 0 < guaranteed <= target <= boot <= maximum, where present.
struct Memory {
    std::optional<std::uint64_t> boot_bytes;        ///< RAM at power on (rasd:VirtualQuantity)
    std::optional<std::uint64_t> target_bytes;      ///< what the balloon leaves to the guest at start
    std::optional<std::uint64_t> guaranteed_bytes;  ///< reclaim stops here (rasd:Reservation, minmem, MinAllocatedMem)
    std::optional<std::uint64_t> maximum_bytes;     ///< ceiling (rasd:Limit, MaxMemorySizeMb, maxMemory)
    std::optional<std::uint32_t> weight;            ///< rasd:Weight
    DeviceInfo info;
    friend bool operator==(const Memory&, const Memory&) = default;
};

enum class BalloonState { unspecified, disabled, enabled };
enum class BalloonModel {
    unspecified, virtio, virtio_transitional, virtio_non_transitional, xen, vmware, hyperv, virtualbox
};

/// The memory balloon. `unspecified` is what a source that says nothing gives; it is never folded into
/// on or off. `effective()` alone resolves it. The attributes may be set in any state.
struct MemoryBalloon {
    BalloonState state = BalloonState::unspecified;
    BalloonModel model = BalloonModel::unspecified;
    std::optional<bool> autodeflate;          ///< deflate-on-oom
    std::optional<bool> free_page_reporting;
    std::optional<std::uint32_t> stats_period_seconds;
    /// A device stands in the source although `state` is disabled (oVirt >= 4.4.6 keeps it for statistics).
    bool device_kept = false;
    DeviceInfo info;
    friend bool operator==(const MemoryBalloon&, const MemoryBalloon&) = default;
};

enum class ControllerType { other, ide, sata, scsi, nvme, usb, virtio, floppy };

/// Models: ide `piix3 piix4 ich6`; sata `ahci`; scsi `lsilogic lsisas1068 lsisas1078 buslogic vmpvscsi
/// virtio-scsi am53c974 spapr-vscsi`; nvme `nvme`; usb: libvirt's names (`piix3-uhci`, `ich9-ehci1`, `qemu-xhci`, `none`, ...).
struct Controller {
    DeviceInfo info;
    ControllerType type = ControllerType::other;
    std::string model;                    ///< as above; a word unknown to ovfkit verbatim
    std::optional<std::uint32_t> address; ///< bus number (rasd:Address)
    friend bool operator==(const Controller&, const Controller&) = default;
};

enum class DriveKind { disk, cdrom, floppy };

struct Drive {
    DeviceInfo info;
    DriveKind kind = DriveKind::disk;
    std::string disk_id;     ///< VirtualDisk::id
    std::string file_id;     ///< FileReference::id, for media named by `ovf:/file/`
    std::string controller;  ///< id of the Controller; empty: none named
    std::optional<std::uint32_t> unit;    ///< rasd:AddressOnParent
    std::string interface;   ///< bus when no controller is named: `ide sata scsi virtio usb fdc nvme`
    std::string source;      ///< host path or URL of the image, platforms only
    std::string source_format;            ///< `raw qcow2 vmdk vpc vdi`, platforms only
    std::optional<bool> connected;        ///< rasd:AutomaticAllocation
    std::optional<bool> read_only, shareable, transient;
    std::optional<std::uint32_t> boot_index;  ///< from 1
    std::string serial;
    std::string cache, discard;           ///< libvirt's words
    friend bool operator==(const Drive&, const Drive&) = default;
};

/// Models: `e1000 e1000e vmxnet vmxnet2 vmxnet3 pcnet flexible virtio rtl8139 ne2k_pci spapr-vlan sriov pci-passthrough`.
struct Nic {
    DeviceInfo info;
    std::string network;                  ///< rasd:Connection; a network, bridge or profile name
    std::string attachment;               ///< `network bridge user direct routed openvswitch` or empty
    std::string model;
    std::string mac;                      ///< `aa:bb:cc:dd:ee:ff`, lower case; empty: none given
    std::optional<bool> connected;        ///< rasd:AutomaticAllocation, oVirt Linked
    std::optional<bool> link_up;
    std::optional<std::uint32_t> boot_index;
    std::string ip, vlan;                 ///< Ganeti
    friend bool operator==(const Nic&, const Nic&) = default;
};

/// rasd:ResourceType 21 and 22, libvirt `<serial>`, `<parallel>`, oVirt consoles.
struct CharacterDevice {
    DeviceInfo info;
    std::string backend;  ///< `pty file unix tcp pipe device`, or a vendor word verbatim
    std::string target;   ///< path, host:port
    std::optional<bool> connected;
    friend bool operator==(const CharacterDevice&, const CharacterDevice&) = default;
};

/// Models: `vga cirrus vmvga qxl virtio bochs none`.
struct Video {
    DeviceInfo info;
    std::string model;
    std::optional<std::uint64_t> vram_bytes;
    std::optional<std::uint32_t> heads;
    friend bool operator==(const Video&, const Video&) = default;
};

struct Graphics {
    DeviceInfo info;
    std::string type;    ///< `vnc spice`
    std::string listen;  ///< address
    std::optional<std::uint32_t> port;  ///< absent: chosen by the platform
    std::string keymap;
    friend bool operator==(const Graphics&, const Graphics&) = default;
};

/// Any device that is a model and little else. Sound: `ac97 ich6 ich9 hda sb16 es1370 pcspk usb`;
/// watchdog: `i6300esb ib700 diag288`; TPM: `tpm-crb tpm-tis`; RNG: `virtio`.
struct SimpleDevice {
    DeviceInfo info;
    std::string model;
    std::string option;  ///< watchdog action, TPM version, RNG source (`/dev/urandom`)
    friend bool operator==(const SimpleDevice&, const SimpleDevice&) = default;
};

/// A device the model has no word for. Kept, never interpreted.
struct OtherDevice {
    DeviceInfo info;
    std::uint32_t resource_type = 0;
    std::string other_type;  ///< rasd:OtherResourceType; an oVirt `Type/Device` pair
    std::string model;       ///< rasd:ResourceSubType, verbatim
    bool required = true;    ///< ovf:required
    friend bool operator==(const OtherDevice&, const OtherDevice&) = default;
};

enum class Firmware { unspecified, bios, efi };

struct Hardware {
    std::string system_type;      ///< vssd:VirtualSystemType, verbatim
    std::string transport;        ///< ovf:transport, verbatim: how the guest wants its OVF environment (`iso`, ...)
    std::string machine;          ///< `pc`, `q35`, `pseries`, `s390-ccw-virtio` or a full machine name
    std::string arch;             ///< `x86_64`, `i686`, `aarch64`, `ppc64le`, `s390x` ...; empty: not said
    Firmware firmware = Firmware::unspecified;
    std::optional<bool> secure_boot;
    std::string nvram_file_id;    ///< FileReference::id of the NVRAM image
    Cpu cpu;
    Memory memory;
    MemoryBalloon balloon;
    std::vector<Controller> controllers;
    std::vector<Drive> drives;
    std::vector<Nic> nics;
    std::vector<CharacterDevice> serials, parallels;
    std::vector<Video> videos;
    std::vector<Graphics> graphics;
    std::vector<SimpleDevice> sounds, watchdogs, rngs, tpms;
    std::vector<OtherDevice> others;
    /// Boot device classes in order: `disk cdrom network floppy`. Per-device order is Drive/Nic::boot_index.
    std::vector<std::string> boot;
    friend bool operator==(const Hardware&, const Hardware&) = default;
};

// ---------------------------------------------------------------------------------------- virtual system

/// OperatingSystemSection. CIM ids from 111 on mean different things to different tools: all are kept.
struct OperatingSystem {
    std::optional<std::uint32_t> cim_id;
    std::string version, description;
    std::string vmware_type;      ///< vmw:osType
    std::string virtualbox_type;  ///< vbox:OSType
    std::string ovirt_id;         ///< ovirt:id
    std::string ovirt_name;       ///< oVirt's unique name (`rhel_9x64`)
    std::string osinfo_id;        ///< libosinfo URI
    Origin origin;
    friend bool operator==(const OperatingSystem&, const OperatingSystem&) = default;
};

/// ProductSection/Property (DSP0243 9.5.1).
struct Property {
    std::string key, type, qualifiers, value, label, description, category;
    bool user_configurable = false;
    bool password = false;        ///< the value is a secret: never logged, printed or reported
    std::vector<Parameter> configuration_values;  ///< space empty, key: configuration id, value
    Origin origin;
    friend bool operator==(const Property&, const Property&) = default;
};

/// ProductSection (DSP0243 9.5).
struct Product {
    std::string class_name, instance, info, product, vendor, version, full_version, product_url, vendor_url, app_url;
    std::vector<Property> properties;
    Origin origin;
    friend bool operator==(const Product&, const Product&) = default;
};

struct VirtualSystem {
    std::string id;           ///< VirtualSystem/@ovf:id
    std::string name;         ///< VirtualSystem/Name
    std::string uuid;         ///< SMBIOS UUID, 8-4-4-4-12 lower case
    std::string genid;        ///< VM generation id
    std::string title;
    std::string annotation;   ///< AnnotationSection, libvirt description
    std::string clock;        ///< `utc`, `localtime` or a time zone name
    bool is_template = false;
    OperatingSystem os;
    Hardware hardware;
    std::vector<Product> products;
    std::vector<std::string> eulas;
    std::vector<Parameter> parameters;  ///< vmw:Config/ExtraConfig, oVirt general data, Ganeti hvparams without a field here
    Origin origin;
    friend bool operator==(const VirtualSystem&, const VirtualSystem&) = default;
};

/// A value of the source that the model has no field for: an unknown element, attribute or section.
/// Filled only when reading for a translation; never compared. The bytes themselves stay in the Document.
struct Unmapped {
    std::string system_id;  ///< VirtualSystem::id it belongs to; empty: the envelope's
    std::string path;       ///< XPath-like, with ids
    std::string value;      ///< its text; empty for a secret
    bool required = false;  ///< an unknown part whose ovf:required is absent or true
    bool label = false;     ///< text for people only (Info, Caption, Label ...)
    Origin origin;
    std::string rule = {};  ///< of its row in the loss report; empty: `convert-value-unmapped`
};

struct Envelope {
    std::string dialect;      ///< id of the dialect or platform leaf that read it
    std::string producer;     ///< as far as it can be told (`VMware ovftool 4.4`)
    std::string ovf_version;  ///< `0.9`, `1.0`, `1.1`, `2.0` ...; oVirt's own number in its dialect
    std::string lang;
    std::vector<FileReference> files;
    std::vector<VirtualDisk> disks;
    std::vector<Network> networks;
    std::vector<Configuration> configurations;
    std::string configuration;  ///< id in effect for what was read; empty: none defined
    std::vector<Product> products;  ///< of a VirtualSystemCollection
    std::vector<VirtualSystem> systems;
    // Of a VirtualSystemCollection (DSP0243 8.2); nested ones are read as one:
    bool is_collection = false;
    std::string collection_id, collection_name;
    std::vector<StartupItem> startup;
    std::vector<ResourceAllocation> allocations;
    std::vector<Unmapped> unmapped;

    friend bool operator==(const Envelope& a, const Envelope& b) {
        return a.dialect == b.dialect && a.ovf_version == b.ovf_version && a.lang == b.lang && a.files == b.files &&
               a.disks == b.disks && a.networks == b.networks && a.configurations == b.configurations &&
               a.configuration == b.configuration && a.products == b.products && a.systems == b.systems &&
               a.is_collection == b.is_collection && a.collection_id == b.collection_id &&
               a.collection_name == b.collection_name && a.startup == b.startup && a.allocations == b.allocations;
    }
};

// ------------------------------------------------------------------------------------------------- words

/// `unspecified`, `disabled`, `enabled`.
OVFKIT_EXPORT std::string_view to_string(BalloonState state);
/// `virtio`, `virtio-transitional`, `virtio-non-transitional`, `xen`, `vmware`, `hyperv`, `virtualbox`; empty when unspecified.
OVFKIT_EXPORT std::string_view to_string(BalloonModel model);
OVFKIT_EXPORT std::string_view to_string(ControllerType type);
OVFKIT_EXPORT std::string_view to_string(DriveKind kind);
OVFKIT_EXPORT std::string_view to_string(Firmware firmware);
OVFKIT_EXPORT std::optional<BalloonState> balloon_state_from(std::string_view word);
OVFKIT_EXPORT std::optional<BalloonModel> balloon_model_from(std::string_view word);
OVFKIT_EXPORT std::optional<ControllerType> controller_type_from(std::string_view word);
OVFKIT_EXPORT std::optional<DriveKind> drive_kind_from(std::string_view word);
OVFKIT_EXPORT std::optional<Firmware> firmware_from(std::string_view word);

/// What an unspecified balloon amounts to on a platform when nothing is written for it. The only place
/// that resolves the third state. `platform`: a leaf id, or `libvirt-xen`, `qemu`, `vmware` ...; an empty
/// `arch` is x86_64. A state that is specified comes back as it is.
OVFKIT_EXPORT BalloonState effective(BalloonState state, std::string_view platform, std::string_view arch = {});

}  // namespace ovfkit
