#include "dialect/ovirt/encode.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view no_date = "1970/01/01 00:00:00";

std::string either(std::string_view own, std::string_view otherwise) {
    return std::string(own.empty() ? otherwise : own);
}

std::string_view flag(bool value) { return value ? "true" : "false"; }

std::string setting(const DeviceInfo& info, std::string_view key, std::string_view otherwise = {}) {
    const std::string* value = parameter(info.parameters, key);
    return value != nullptr ? *value : std::string(otherwise);
}

bool is_item_key(std::string_view key) { return key.find('.') == std::string_view::npos; }

/// A flag of the model, or what the engine writes when the model does not say.
struct Flag {
    std::optional<bool> said;
    bool otherwise = false;
};

Field field_of(Ns ns, std::string_view name, const Flag& value) {
    return {ns, std::string(name), std::string(flag(value.said.value_or(value.otherwise))), false, !value.said};
}

/// Type to Alias, then SpecParams: what the engine writes for every device it manages.
struct Block {
    std::string_view type, device;
    std::string address;
    std::optional<std::uint32_t> boot_index;
    Flag plugged{{}, true}, read_only;
};

void add_block(ItemSpec& spec, const DeviceInfo& info, const Block& block) {
    spec.plain("Type", block.type);
    spec.plain("Device", block.device);
    spec.rasd("Address", address_to(block.address));
    spec.plain("BootOrder", std::to_string(block.boot_index.value_or(0)));
    for (const auto& [name, value] :
         {std::pair{"IsPlugged", &block.plugged}, std::pair{"IsReadOnly", &block.read_only}}) {
        if (const std::string* text = parameter(info.parameters, name))
            spec.plain(name, *text);
        else
            spec.fields.push_back(field_of(Ns::none, name, *value));
    }
    spec.plain("Alias", info.alias);
}

/// Caption (the device's own or what the engine writes), Description and ElementName where there is one.
void add_labels(ItemSpec& spec, const DeviceInfo& info, std::string_view caption, std::string_view description = {}) {
    if (!info.caption.empty() || !caption.empty()) spec.rasd("Caption", either(info.caption, caption));
    if (!info.description.empty() || !description.empty())
        spec.rasd("Description", either(info.description, description));
    if (!info.name.empty()) spec.rasd("ElementName", info.name);
}

/// Parameters that are SpecParams or children of the Item which no field stands for.
void add_parameters(ItemSpec& spec, const DeviceInfo& info) {
    constexpr std::string_view prefix = "SpecParams/", rasd = "rasd:";
    for (const Parameter& entry : info.parameters) {
        if (entry.space != space) continue;
        if (entry.key.starts_with(prefix)) {
            spec.spec_params.emplace_back(entry.key.substr(prefix.size()), entry.value);
        } else if (is_item_key(entry.key)) {
            const bool foreign = entry.key.starts_with(rasd);
            const std::string name = foreign ? entry.key.substr(rasd.size()) : entry.key;
            if (spec.find(name) == nullptr) spec.fields.push_back({foreign ? Ns::rasd : Ns::none, name, entry.value});
        }
    }
}

ItemSpec special(std::string_view type, std::string_view device, const DeviceInfo& info, std::string_view id,
                 bool read_only, std::string_view caption = {}) {
    ItemSpec spec;
    add_labels(spec, info, caption);
    spec.rasd("ResourceType", "0");
    spec.rasd("InstanceID", id);
    add_block(spec, info, {type, device, info.address, {}, {{}, true}, {{}, read_only}});
    return spec;
}

const Controller* controller_by_id(const Hardware& hardware, std::string_view id) {
    if (id.empty()) return nullptr;
    const auto found = std::find_if(hardware.controllers.begin(), hardware.controllers.end(),
                                    [&](const Controller& c) { return c.info.id == id; });
    return found == hardware.controllers.end() ? nullptr : &*found;
}

/// Position among the controllers that drives of its bus can be on.
std::uint32_t position_of(const Controller& controller, const Hardware& hardware) {
    std::uint32_t position = 0;
    for (const Controller& other : hardware.controllers) {
        if (&other == &controller) break;
        if (other.type == controller.type) ++position;
    }
    return position;
}

}  // namespace

Topology topology_of(const Cpu& cpu, const Form& form) {
    Topology out;
    const std::uint32_t count = cpu.count.value_or(1);
    out.cores = std::max(1U, cpu.cores.value_or(1));
    out.threads = std::max(1U, cpu.threads.value_or(1));
    if (form.level < level_threads && out.threads > 1) {
        out.exact = false;
        out.cores = checked_multiply(out.cores, out.threads).value_or(count);
        out.threads = 1;
    }
    const std::uint64_t per_socket = std::uint64_t{out.cores} * out.threads;
    if (!cpu.count && cpu.sockets) {
        out.sockets = *cpu.sockets;
    } else if (per_socket != 0 && count % per_socket == 0) {
        out.sockets = static_cast<std::uint32_t>(count / per_socket);
    } else {
        out = {count, 1, 1, false};
    }
    if (cpu.sockets && *cpu.sockets != out.sockets) out.exact = false;
    return out;
}

ItemSpec encode_cpu(const Cpu& cpu, const Encoding& encoding, std::string_view id) {
    const Topology topology = topology_of(cpu, encoding.form);
    const std::uint64_t count = std::uint64_t{topology.sockets} * topology.cores * topology.threads;
    ItemSpec spec;
    add_labels(spec, cpu.info, fmt::format("{} virtual cpu", count), "Number of virtual CPU");
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", "3");
    spec.rasd("num_of_sockets", std::to_string(topology.sockets));
    spec.rasd("cpu_per_socket", std::to_string(topology.cores));
    if (encoding.form.level >= level_threads)
        spec.fields.push_back({Ns::rasd, "threads_per_cpu", std::to_string(topology.threads), false, !cpu.threads});
    if (cpu.maximum && encoding.form.level >= level_max_vcpus)
        spec.rasd("max_num_of_vcpus", std::to_string(*cpu.maximum));
    spec.fields.push_back(
        {Ns::rasd, "VirtualQuantity", std::to_string(count), encoding.form.level < level_allocated, false});
    add_parameters(spec, cpu.info);
    return spec;
}

ItemSpec encode_memory(const Memory& memory, const Encoding&, std::string_view id) {
    const std::uint64_t amount = ceil_div(memory.boot_bytes.value_or(0), mebibyte);
    ItemSpec spec;
    add_labels(spec, memory.info, fmt::format("{} MB of memory", amount), "Memory Size");
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", "4");
    spec.rasd("AllocationUnits", "MegaBytes");
    spec.rasd("VirtualQuantity", std::to_string(amount));
    add_parameters(spec, memory.info);
    return spec;
}

std::string_view cdrom_bus(const Hardware& hardware) {
    if (hardware.arch.starts_with("ppc64") || hardware.arch == "s390x") return "scsi";
    return hardware.machine.find("q35") != std::string::npos || hardware.firmware == Firmware::efi ? "sata" : "ide";
}

DriveBus bus_of(const Drive& drive, const Hardware& hardware) {
    if (drive.kind == DriveKind::floppy) return {"fdc", {}};
    if (drive.kind == DriveKind::cdrom) return {std::string(cdrom_bus(hardware)), {}};
    if (const Controller* controller = controller_by_id(hardware, drive.controller)) {
        if (controller->type == ControllerType::nvme) return {"nvme", {}};
        return {std::string(to_string(controller->type)), controller->model};
    }
    return {drive.interface, {}};
}

std::string interface_word(const Drive& drive, const Hardware& hardware) {
    DriveBus bus = bus_of(drive, hardware);
    const std::string_view own = cdrom_bus(hardware);
    if (bus.bus.empty()) bus.bus = own;
    if (bus.bus == "ide" && own == "sata") bus.bus = own;  // q35 has no IDE
    const DiskInterface* row = disk_interface_for(bus.bus, bus.model);
    return std::string(row != nullptr ? row->word : std::string_view("VirtIO_SCSI"));
}

std::string drive_address(const Drive& drive, const Hardware& hardware) {
    const std::string& own = drive.info.address;
    if (!drive.unit || (!own.empty() && address_get(own, "type") != "drive")) return own;
    const DriveBus bus = bus_of(drive, hardware);
    if (bus.bus == "virtio" || drive.kind == DriveKind::floppy) return own;
    const Controller* controller = controller_by_id(hardware, drive.controller);
    const std::uint32_t position = controller != nullptr ? position_of(*controller, hardware) : 0;
    std::string out = own.empty() ? std::string("bus=0,controller=0,target=0,type=drive,unit=0") : own;
    // IDE: one controller with two buses of two units; a second controller of the source is the second bus.
    const bool ide = bus.bus == "ide" || (drive.kind == DriveKind::cdrom && address_get(own, "bus") == "1");
    if (ide) {
        const std::uint32_t flat = position * 2 + *drive.unit;
        out = address_with(out, "bus", std::to_string(flat / 2));
        out = address_with(out, "unit", std::to_string(flat % 2));
        return address_with(out, "controller", "0");
    }
    out = address_with(out, "unit", std::to_string(*drive.unit));
    return controller != nullptr ? address_with(out, "controller", std::to_string(position)) : out;
}

ItemSpec encode_drive(const Drive& drive, const Encoding& encoding, std::string_view id, std::size_t index) {
    const Hardware& hardware = encoding.system.hardware;
    ItemSpec spec;
    const bool disk = drive.kind == DriveKind::disk;
    const bool cdrom = drive.kind == DriveKind::cdrom;
    const Flag plugged{drive.connected, true}, read_only{drive.read_only, cdrom};
    if (!disk) {
        add_labels(spec, drive.info, cdrom ? "CDROM" : "Floppy");
        spec.rasd("InstanceID", id);
        spec.rasd("ResourceType", cdrom ? "15" : "14");
        add_block(
            spec, drive.info,
            {"disk", cdrom ? "cdrom" : "floppy", drive_address(drive, hardware), drive.boot_index, plugged, read_only});
        if (!drive.file_id.empty()) spec.rasd("HostResource", "ovf:/file/" + drive.file_id);
        if (parameter(drive.info.parameters, "SpecParams/path") == nullptr) spec.spec_params.emplace_back("path", "");
        add_parameters(spec, drive.info);
        return spec;
    }
    const DiskName* name = encoding.disks.find(drive.disk_id);
    const DeviceInfo& info = drive.info;
    add_labels(spec, info, fmt::format("Drive {}", index + 1));
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", "17");
    spec.rasd("HostResource", name != nullptr         ? name->host_resource
                              : drive.file_id.empty() ? std::string{}
                                                      : "ovf:/file/" + drive.file_id);
    spec.rasd("Parent",
              name != nullptr && !name->parent.empty() ? name->parent : setting(info, "rasd:Parent", zero_uuid));
    spec.rasd("Template", setting(info, "rasd:Template", zero_uuid));
    spec.rasd("ApplicationList", setting(info, "rasd:ApplicationList"));
    spec.rasd("StorageId", setting(info, "rasd:StorageId", zero_uuid));
    spec.rasd("StoragePoolId", setting(info, "rasd:StoragePoolId", zero_uuid));
    for (const std::string_view date : {"CreationDate", "LastModified", "last_modified_date"})
        spec.rasd(date, setting(info, "rasd:" + std::string(date), no_date));
    add_block(spec, info, {"disk", "disk", drive_address(drive, hardware), drive.boot_index, plugged, read_only});
    add_parameters(spec, info);
    return spec;
}

std::string implied_nic_caption(std::string_view network) {
    return "Ethernet adapter on " + std::string(network.empty() ? std::string_view("[No Network]") : network);
}

ItemSpec encode_nic(const Nic& nic, const Encoding& encoding, std::string_view id, std::size_t index) {
    bool exact = true;
    const NicType& type = nic_type_for(nic.model, exact);
    const std::string number = setting(nic.info, "nic.type", type.number);
    const bool passthrough = number == "5";
    const std::string name = either(nic.info.name, fmt::format("nic{}", index + 1));
    ItemSpec spec;
    spec.rasd("Caption", either(nic.info.caption, implied_nic_caption(nic.network)));
    if (!nic.info.description.empty()) spec.rasd("Description", nic.info.description);
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", "10");
    if (encoding.form.level >= level_balloon)
        spec.rasd("OtherResourceType", setting(nic.info, "nic.profile", nic.network));
    spec.rasd("ResourceSubType", number);
    spec.rasd("Connection", nic.network);
    spec.fields.push_back(field_of(Ns::rasd, "Linked", {nic.link_up, true}));
    spec.rasd("Name", name);
    spec.fields.push_back({Ns::rasd, "ElementName", name, encoding.form.level < level_allocated, false});
    if (!encoding.system.is_template || !nic.mac.empty()) spec.rasd("MACAddress", nic.mac);
    spec.rasd("speed", type.speed);
    add_block(
        spec, nic.info,
        {"interface", passthrough ? "hostdev" : "bridge", nic.info.address, nic.boot_index, {nic.connected, true}, {}});
    add_parameters(spec, nic.info);
    return spec;
}

std::string_view video_device(std::string_view model) {
    for (const std::string_view known : {"qxl", "vga", "cirrus", "bochs", "none"})
        if (model == known) return known;
    return "vga";
}

ItemSpec encode_video(const Video& video, const Encoding& encoding, std::string_view id) {
    const std::size_t count = std::max<std::size_t>(1, encoding.system.hardware.videos.size());
    ItemSpec spec;
    add_labels(spec, video.info, "Graphical Controller");
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", encoding.form.is_ova() ? "32768" : "20");
    spec.rasd("VirtualQuantity", std::to_string(std::max<std::size_t>(count, video.heads.value_or(1))));
    spec.rasd("SinglePciQxl", setting(video.info, "rasd:SinglePciQxl", "false"));
    add_block(spec, video.info, {"video", video_device(video.model), video.info.address, {}, {{}, true}, {}});
    if (video.vram_bytes) spec.spec_params.emplace_back("vram", std::to_string(ceil_div(*video.vram_bytes, 1024)));
    if (video.heads) spec.spec_params.emplace_back("heads", std::to_string(*video.heads));
    add_parameters(spec, video.info);
    return spec;
}

ItemSpec encode_graphics(const Graphics& graphics, const Encoding& encoding, std::string_view id) {
    ItemSpec spec;
    add_labels(spec, graphics.info, "Graphical Framebuffer");
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", encoding.form.is_ova() ? "24" : "26");
    add_block(spec, graphics.info,
              {"graphics", graphics.type == "spice" ? "spice" : "vnc", graphics.info.address, {}, {{}, true}, {}});
    add_parameters(spec, graphics.info);
    return spec;
}

std::string_view controller_device(const Controller& controller) {
    switch (controller.type) {
        case ControllerType::ide:
            return "ide";
        case ControllerType::sata:
            return "sata";
        case ControllerType::usb:
            return "usb";
        case ControllerType::scsi:
            return controller.model == "spapr-vscsi" ? "spapr-vscsi" : "virtio-scsi";
        case ControllerType::nvme:
            return "virtio-scsi";
        default:
            return {};
    }
}

ItemSpec encode_controller(const Controller& controller, std::string_view id) {
    ItemSpec spec = special("controller", controller_device(controller), controller.info, id, false);
    if (controller.address) spec.spec_params.emplace_back("index", std::to_string(*controller.address));
    if (controller.type == ControllerType::usb && !controller.model.empty())
        spec.spec_params.emplace_back("model", controller.model);
    add_parameters(spec, controller.info);
    return spec;
}

ItemSpec encode_serial(const CharacterDevice& serial, std::string_view id) {
    ItemSpec spec = special("console", "console", serial.info, id, false);
    if (parameter(serial.info.parameters, "SpecParams/consoleType") == nullptr)
        spec.spec_params.emplace_back("consoleType", "serial");
    if (serial.backend == "unix") spec.spec_params.emplace_back("enableSocket", "true");
    add_parameters(spec, serial.info);
    return spec;
}

bool is_supported_sound(std::string_view model) { return model == "ich6" || model == "ac97" || model == "ich9"; }

ItemSpec encode_sound(const SimpleDevice& sound, std::string_view id) {
    ItemSpec spec = special("sound", is_supported_sound(sound.model) ? std::string_view(sound.model) : "ich6",
                            sound.info, id, true);
    add_parameters(spec, sound.info);
    return spec;
}

ItemSpec encode_watchdog(const SimpleDevice& watchdog, std::string_view id) {
    ItemSpec spec = special("watchdog", "watchdog", watchdog.info, id, false);
    spec.spec_params.emplace_back("action", either(watchdog.option, "none"));
    spec.spec_params.emplace_back("model", either(watchdog.model, "i6300esb"));
    add_parameters(spec, watchdog.info);
    return spec;
}

std::string_view rng_source(std::string_view option) {
    if (option.empty() || option == "/dev/urandom") return "urandom";
    if (option == "/dev/random") return "random";
    if (option == "/dev/hwrng") return "hwrng";
    return {};
}

ItemSpec encode_rng(const SimpleDevice& rng, std::string_view id) {
    ItemSpec spec = special("rng", "virtio", rng.info, id, false);
    spec.spec_params.emplace_back("source", either(rng_source(rng.option), "urandom"));
    add_parameters(spec, rng.info);
    return spec;
}

ItemSpec encode_tpm(const SimpleDevice& tpm, std::string_view id) {
    ItemSpec spec = special("tpm", "tpm", tpm.info, id, false, "TPM");
    add_parameters(spec, tpm.info);
    return spec;
}

ItemSpec encode_other(const OtherDevice& device, std::string_view id) {
    const std::size_t slash = device.other_type.find('/');
    const std::string_view type = std::string_view(device.other_type).substr(0, slash);
    const std::string_view name =
        slash == std::string::npos ? std::string_view{} : std::string_view(device.other_type).substr(slash + 1);
    ItemSpec spec = special(type, name, device.info, id, false);
    if (device.resource_type != 0)
        for (Field& field : spec.fields)
            if (field.name == "ResourceType") field.text = std::to_string(device.resource_type);
    if (!device.model.empty()) spec.rasd("ResourceSubType", device.model);
    add_parameters(spec, device.info);
    return spec;
}

ItemSpec encode_usb_policy(std::string_view policy, std::string_view id) {
    ItemSpec spec;
    spec.rasd("Caption", "USB Controller");
    spec.rasd("InstanceID", id);
    spec.rasd("ResourceType", "23");
    spec.rasd("UsbPolicy", policy);
    return spec;
}

std::string hardware_info(const Hardware& hardware, const Form& form) {
    return fmt::format("{} CPU, {} {}", hardware.cpu.count.value_or(1),
                       ceil_div(hardware.memory.boot_bytes.value_or(0), mebibyte),
                       form.level < 400 ? "Memeory" : "Memory");
}

}  // namespace ovfkit::detail::ovirt
