#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "model/images.hpp"
#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail::proxmox {

namespace {

template <class T>
std::optional<T> number(const Text& text, const Line& line, std::string_view value, T most) {
    const auto out = to_number<T>(value);
    if (out && *out <= most) return out;
    text.report("proxmox-value-invalid", line.offset, fmt::format("{}: '{}' is no number in range", line.key, printable(value)), Failure::malformed);
    return std::nullopt;
}

/// The parts nobody understood, on the device.
void keep(DeviceInfo& info, const Parts& parts) {
    for (const auto& [key, value] : parts) info.parameters.push_back({"proxmox", key.empty() ? "value" : key, value});
}

std::optional<std::uint64_t> size_of(std::string_view text) {
    constexpr std::string_view letters = "KMGT";
    std::uint64_t factor = 1;
    if (!text.empty() && letters.find(text.back()) != std::string_view::npos) {
        for (std::size_t i = 0; i <= letters.find(text.back()); ++i) factor *= 1024;
        text.remove_suffix(1);
    }
    const auto count = to_number<std::uint64_t>(text);
    return count ? checked_multiply(*count, factor) : std::nullopt;
}

void read_identity(const Text& text, Config& config, VirtualSystem& system) {
    system.annotation = config.description;
    if (const Line* line = config.take("name")) {
        system.name = line->value;
        system.origin.offset = line->offset;
    }
    if (system.name.empty()) {
        const std::string_view file = last_part(text.name);
        system.name = file.ends_with(".conf") && file.size() > 5 ? std::string(file.substr(0, file.size() - 5)) : "vm";
    }
    system.id = system.name;
    if (Line* line = config.take("description")) system.annotation = decoded(line->value);
    if (Line* line = config.take("smbios1")) {
        Parts parts = parts_of(line->value);
        system.uuid = normal_uuid(take(parts, "uuid"));
        if (!parts.empty()) system.parameters.push_back({"proxmox", "smbios1", joined(parts)});
    }
    if (Line* line = config.take("vmgenid")) {
        system.genid = normal_uuid(line->value);
        if (system.genid.empty() && line->value != "0" && line->value != "1")
            text.report("proxmox-value-invalid", line->offset, fmt::format("vmgenid: '{}' is no UUID", printable(line->value)), Failure::malformed);
    }
    if (const Line* line = config.take("template")) system.is_template = line->value == "1";
    if (const Line* line = config.take("localtime")) system.clock = line->value == "1" ? "localtime" : "utc";
    if (const Line* line = config.take("ostype")) system.parameters.push_back({"proxmox", "ostype", line->value});
}

void read_cpu(const Text& text, Config& config, VirtualSystem& system) {
    Cpu& cpu = system.hardware.cpu;
    std::uint32_t cores = 1, sockets = 1;
    if (const Line* line = config.take("cores")) {
        cpu.cores = number<std::uint32_t>(text, *line, line->value, max_vcpus);
        cpu.info.origin.offset = line->offset;
        cores = std::max(cpu.cores.value_or(1), 1U);
    }
    if (const Line* line = config.take("sockets")) {
        cpu.sockets = number<std::uint32_t>(text, *line, line->value, max_vcpus);
        sockets = std::max(cpu.sockets.value_or(1), 1U);
    }
    const std::uint64_t product = std::uint64_t{cores} * sockets;
    if (product > max_vcpus) {
        text.report("proxmox-value-invalid", cpu.info.origin.offset, fmt::format("{} sockets of {} cores are too many CPUs", sockets, cores), Failure::malformed);
        return;
    }
    cpu.count = static_cast<std::uint32_t>(product);
    if (const Line* line = config.take("vcpus")) {
        const auto count = number<std::uint32_t>(text, *line, line->value, cpu.count.value_or(1));
        if (count && *count > 0 && *count < cpu.count) {
            cpu.maximum = cpu.count;
            cpu.count = count;
        }
    }
    if (Line* line = config.take("cpu")) {
        Parts parts = parts_of(line->value);
        std::string model = take(parts, "");
        if (model.empty()) model = take(parts, "cputype");
        cpu.model = model == "host" ? "host-passthrough" : model;
        if (!parts.empty()) system.parameters.push_back({"proxmox", "cpu.flags", joined(parts)});
    }
}

/// Absent means an automatic balloon as large as the memory: not said.
void read_memory(const Text& text, Config& config, VirtualSystem& system) {
    Memory& memory = system.hardware.memory;
    MemoryBalloon& balloon = system.hardware.balloon;
    balloon.info.id = "balloon";
    std::uint64_t size = 512;
    if (const Line* line = config.take("memory")) {
        memory.info.origin.offset = line->offset;
        Parts parts = parts_of(line->value);
        std::string value = take(parts, "current");
        if (value.empty()) value = take(parts, "");
        size = number<std::uint64_t>(text, *line, value, max_memory_bytes / mib).value_or(0);
        if (size == 0) text.report("proxmox-value-invalid", line->offset, "memory: a machine needs some", Failure::malformed);
    }
    memory.boot_bytes = size * mib;
    if (const Line* line = config.take("balloon")) {
        balloon.info.origin.offset = line->offset;
        const auto value = number<std::uint64_t>(text, *line, line->value, max_memory_bytes / mib);
        if (value == std::uint64_t{0}) {
            balloon.state = BalloonState::disabled;
        } else if (value) {
            balloon.state = BalloonState::enabled;
            balloon.model = BalloonModel::virtio;
            if (*value > size) {
                text.report("proxmox-memory-order", line->offset, fmt::format("balloon: {} is more than memory: {}; read as that", *value, size));
            } else if (*value < size) {  // the same number is the whole memory: nothing is taken
                memory.target_bytes = *value * mib;
                memory.guaranteed_bytes = *value * mib;
            }
        }
    }
    if (const Line* line = config.take("shares")) memory.weight = number<std::uint32_t>(text, *line, line->value, 50000U);
}

void read_firmware(Config& config, VirtualSystem& system) {
    Hardware& h = system.hardware;
    if (const Line* line = config.take("bios")) h.firmware = line->value == "ovmf" ? Firmware::efi : Firmware::bios;
    if (Line* line = config.take("efidisk0")) {
        Parts parts = parts_of(line->value);
        h.secure_boot = take(parts, "pre-enrolled-keys") == "1";
    }
    if (Line* line = config.take("machine")) {
        Parts parts = parts_of(line->value);
        h.machine = take(parts, "");
        if (h.machine.empty()) h.machine = take(parts, "type");
        if (h.machine == "i440fx") h.machine = "pc";
        for (const auto& [key, value] : parts) system.parameters.push_back({"proxmox", "machine." + key, value});
    }
    if (const Line* line = config.take("arch")) h.arch = line->value;
}

void read_tpm(Config& config, VirtualSystem& system) {
    Line* line = config.take("tpmstate0");
    if (line == nullptr) return;
    Parts parts = parts_of(line->value);
    SimpleDevice tpm;
    tpm.info.id = "tpmstate0";
    tpm.info.origin.offset = line->offset;
    tpm.option = take(parts, "version") == "v2.0" ? "2.0" : "1.2";
    tpm.model = tpm.option == "2.0" ? "tpm-crb" : "tpm-tis";
    system.hardware.tpms.push_back(std::move(tpm));
}

/// `order=scsi0;net0`, or the older letters.
void read_boot(const Text& text, Config& config, VirtualSystem& system) {
    Line* line = config.take("boot");
    if (line == nullptr) return;
    Parts parts = parts_of(line->value);
    std::string order = take(parts, "order");
    const std::string letters = parts.empty() ? std::string{} : !take(parts, "legacy").empty() ? parts_of(line->value).front().second : take(parts, "");
    for (const char letter : letters) {
        const std::string_view word = letter == 'c' ? "disk" : letter == 'd' ? "cdrom" : letter == 'n' ? "network" : letter == 'a' ? "floppy" : "";
        if (!word.empty()) system.hardware.boot.emplace_back(word);
    }
    std::uint32_t index = 0;
    while (!order.empty()) {
        const std::size_t end = order.find(';');
        const std::string key = order.substr(0, end);
        order = end == std::string::npos ? std::string{} : order.substr(end + 1);
        ++index;
        bool found = false;
        for (Drive& d : system.hardware.drives)
            if (d.info.id == key) found = (d.boot_index = index).has_value();
        for (Nic& nic : system.hardware.nics)
            if (nic.info.id == key) found = (nic.boot_index = index).has_value();
        if (!found && !key.empty()) text.report("proxmox-boot-absent", line->offset, fmt::format("boot order names '{}', which is not there", printable(key)));
    }
}

Controller& controller(Hardware& h, const std::string& id, ControllerType type, std::string model, std::optional<std::uint32_t> address) {
    for (Controller& c : h.controllers)
        if (c.info.id == id) return c;
    Controller c;
    c.info.id = id;
    c.type = type;
    c.model = std::move(model);
    c.address = address;
    h.controllers.push_back(std::move(c));
    return h.controllers.back();
}

void place(Hardware& h, std::string_view bus, std::uint32_t index, const std::string& scsihw, Drive& d) {
    d.unit = index;
    if (bus == "virtio") {
        d.interface = "virtio";
        return;
    }
    if (bus == "ide") {
        d.controller = controller(h, fmt::format("ide-controller{}", index / 2), ControllerType::ide, "piix3", index / 2).info.id;
        d.unit = index % 2;
    } else if (bus == "sata") {
        d.controller = controller(h, "sata", ControllerType::sata, "ahci", 0).info.id;
    } else {
        d.controller = controller(h, "scsi", ControllerType::scsi, scsihw, 0).info.id;
    }
}

}  // namespace

void read_drives(const Text& text, Config& config, Envelope& envelope, VirtualSystem& system) {
    Hardware& h = system.hardware;
    std::string scsihw = "lsilogic";
    if (const Line* line = config.take("scsihw"))
        scsihw = line->value.starts_with("virtio-scsi") ? "virtio-scsi" : line->value == "megasas" ? "lsisas1078" : line->value == "pvscsi" ? "vmpvscsi" : "lsilogic";
    for (const std::string_view bus : {"ide", "sata", "scsi", "virtio"})
        for (std::uint32_t i = 0; i < 31; ++i) {
            const std::string key = fmt::format("{}{}", bus, i);
            Line* line = config.take(key);
            if (line == nullptr) continue;
            Parts parts = parts_of(line->value);
            Drive d;
            d.info.id = key;
            d.info.origin.offset = line->offset;
            std::string volume = take(parts, "");
            if (volume.empty()) volume = take(parts, "file");
            const bool cdrom = take(parts, "media") == "cdrom" || volume == "cdrom" || volume == "none";
            d.kind = cdrom ? DriveKind::cdrom : DriveKind::disk;
            if (volume != "none") d.source = volume;
            place(h, bus, i, scsihw, d);
            d.cache = take(parts, "cache");
            const std::string discard = take(parts, "discard");
            d.discard = discard == "on" ? "unmap" : discard;
            d.serial = decoded(take(parts, "serial"));
            d.source_format = take(parts, "format");
            if (take(parts, "ro") == "1") d.read_only = true;
            if (take(parts, "shared") == "1") d.shareable = true;
            if (take(parts, "snapshot") == "1") d.transient = true;
            const std::string size = take(parts, "size");
            const auto capacity = size_of(size);
            if (!size.empty() && !capacity)
                text.report("proxmox-value-invalid", line->offset, fmt::format("size '{}' is none", printable(size)), Failure::malformed);
            keep(d.info, parts);
            attach_image(envelope, d, capacity);
            h.drives.push_back(std::move(d));
        }
}

void read_devices(const Text& text, Config& config, Envelope& envelope, VirtualSystem& system) {
    Hardware& h = system.hardware;
    for (std::uint32_t i = 0; i < 32; ++i) {
        Line* line = config.take(fmt::format("net{}", i));
        if (line == nullptr) continue;
        Parts parts = parts_of(line->value);
        Nic nic;
        nic.info.id = line->key;
        nic.info.origin.offset = line->offset;
        nic.model = take(parts, "");
        std::string address = take(parts, "macaddr");
        if (const std::string model = take(parts, "model"); !model.empty()) nic.model = model;
        if (nic.model.empty() && !parts.empty()) {  // MODEL=MAC
            nic.model = parts.front().first;
            address = parts.front().second;
            parts.erase(parts.begin());
        }
        const Mac mac = normal_mac(address);
        if (mac.problem == MacProblem::none)
            nic.mac = mac.text;
        else if (!address.empty())
            text.report("proxmox-value-invalid", line->offset, fmt::format("'{}' is no MAC address", printable(address)), Failure::malformed);
        nic.network = take(parts, "bridge");
        nic.attachment = nic.network.empty() ? "user" : "bridge";
        nic.vlan = take(parts, "tag");
        if (take(parts, "link_down") == "1") nic.link_up = false;
        keep(nic.info, parts);
        const auto same = [&](const Network& n) { return n.name == nic.network; };
        if (!nic.network.empty() && std::none_of(envelope.networks.begin(), envelope.networks.end(), same))
            envelope.networks.push_back({nic.network, {}, nic.info.origin});
        h.nics.push_back(std::move(nic));
    }
    for (std::uint32_t i = 0; i < 4; ++i) {
        const Line* line = config.take(fmt::format("serial{}", i));
        if (line == nullptr) continue;
        CharacterDevice port;
        port.info.id = line->key;
        port.info.origin.offset = line->offset;
        port.backend = line->value == "socket" ? "unix" : "device";
        if (line->value != "socket") port.target = line->value;
        h.serials.push_back(std::move(port));
    }
    const auto simple = [&](std::string_view key, std::string_view part, std::vector<SimpleDevice>& out) -> Parts {
        Line* line = config.take(key);
        if (line == nullptr) return {};
        Parts parts = parts_of(line->value);
        SimpleDevice device;
        device.info.id = line->key;
        device.info.origin.offset = line->offset;
        device.model = take(parts, part);
        if (device.model.empty()) device.model = take(parts, "");
        out.push_back(std::move(device));
        return parts;
    };
    if (Parts parts = simple("audio0", "device", h.sounds); !h.sounds.empty()) {
        std::string& model = h.sounds.front().model;
        model = model == "AC97" ? "ac97" : model == "ich9-intel-hda" ? "ich9" : "ich6";
        static_cast<void>(take(parts, "driver"));
        keep(h.sounds.front().info, parts);
    }
    if (Parts parts = simple("watchdog", "model", h.watchdogs); !h.watchdogs.empty()) h.watchdogs.front().option = take(parts, "action");
    if (Parts parts = simple("rng0", "model", h.rngs); !h.rngs.empty()) {
        h.rngs.front().option = take(parts, "source");
        if (h.rngs.front().option.empty()) h.rngs.front().option = h.rngs.front().model;
        h.rngs.front().model = "virtio";
        keep(h.rngs.front().info, parts);
    }
    if (Line* line = config.take("vga")) {
        Parts parts = parts_of(line->value);
        Video video;
        video.info.id = "vga";
        video.info.origin.offset = line->offset;
        std::string word = take(parts, "");
        if (word.empty()) word = take(parts, "type");
        if (word.starts_with("qxl") && word.size() == 4) video.heads = to_number<std::uint32_t>(word.substr(3));
        video.model = word == "std" ? "vga" : word.starts_with("qxl") ? "qxl" : word == "vmware" ? "vmvga" : word;
        if (const auto size = to_number<std::uint32_t>(take(parts, "memory"))) video.vram_bytes = std::uint64_t{*size} * mib;
        keep(video.info, parts);
        h.videos.push_back(std::move(video));
    }
}

Envelope read(std::string_view, const std::string& name, const std::string& bytes, ReadContext& context, Carried&) {
    Envelope out;
    out.dialect = "proxmox";
    out.producer = "Proxmox VE";
    const Text text{name, bytes, context};
    Config config = parse(text);
    VirtualSystem system;
    read_identity(text, config, system);
    read_cpu(text, config, system);
    read_memory(text, config, system);
    read_firmware(config, system);
    read_drives(text, config, out, system);
    read_devices(text, config, out, system);
    read_tpm(config, system);
    read_boot(text, config, system);
    for (const Line& line : config.lines)
        if (!line.taken) {
            system.parameters.push_back({"proxmox", line.key, line.value});
            text.report("proxmox-key-kept", line.offset, fmt::format("'{}' is kept as it is, not understood", line.key));
        }
    out.systems.push_back(std::move(system));
    return out;
}

}  // namespace ovfkit::detail::proxmox
