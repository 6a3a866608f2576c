#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/sha256.hpp"
#include "platform/vdsm/vdsm.hpp"

namespace ovfkit::detail::vdsm {

namespace {

constexpr std::uint64_t mib = 1ULL << 20;

class Writer {
public:
    Writer(const Envelope& envelope, const VirtualSystem& system, WriteContext& context, Written& written)
        : envelope_(envelope), system_(system), hardware_(system.hardware), context_(context), written_(written) {}

    Json run() {
        identity();
        memory();
        cpu();
        if (!hardware_.machine.empty()) out_["emulatedMachine"] = hardware_.machine;
        boot();
        out_["devices"] = Json::array();
        controllers();
        drives();
        nics();
        videos();
        graphics();
        simple(hardware_.sounds, "sound");
        simple(hardware_.watchdogs, "watchdog");
        simple(hardware_.rngs, "rng");
        simple(hardware_.tpms, "tpm");
        serials();
        balloon();
        return std::move(out_);
    }

private:
    void note(Fate fate, std::string field, std::string id, std::string rule, std::string detail) {
        written_.notes.push_back({std::move(field), std::move(id), fate, std::move(rule), std::move(detail)});
    }
    void refuse(std::string_view rule, std::string message) {
        report(context_.diagnostics, rule, Location{}, std::move(message), Failure::refused);
    }

    void identity() {
        std::string uuid = system_.uuid;
        if (!is_uuid(uuid) && is_uuid(system_.id)) uuid = to_lower(system_.id);
        if (!is_uuid(uuid)) {
            const std::string hex = sha256_hex(system_.id);
            uuid = fmt::format("{}-{}-5{}-a{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                               hex.substr(15, 3), hex.substr(18, 12));
            note(Fate::defaulted, "uuid", {}, "vdsm-id-made",
                 fmt::format("vmId {} made from the id '{}'", uuid, system_.id));
        }
        out_["vmId"] = uuid;
        out_["vmName"] = system_.name.empty() ? system_.id : system_.name;
    }

    std::uint64_t megabytes(std::uint64_t bytes, const char* field) {
        const std::uint64_t size = bytes / mib + (bytes % mib != 0 ? 1 : 0);
        if (size * mib != bytes)
            note(Fate::approximated, field, {}, "vdsm-memory-rounded",
                 fmt::format("{} bytes become {} MiB", bytes, size));
        return size;
    }

    void memory() {
        const Memory& memory = hardware_.memory;
        if (!memory.boot_bytes || *memory.boot_bytes == 0)
            return refuse("vdsm-memory-missing", fmt::format("VM '{}' has no memory size; give it one", system_.id));
        out_["memSize"] = megabytes(*memory.boot_bytes, "memory.boot_bytes");
        if (memory.guaranteed_bytes) {
            if (*memory.guaranteed_bytes > *memory.boot_bytes)
                refuse("vdsm-memory-order",
                       fmt::format("VM '{}': the guaranteed memory is more than its memory", system_.id));
            out_["memGuaranteedSize"] = megabytes(*memory.guaranteed_bytes, "memory.guaranteed_bytes");
        }
        if (memory.maximum_bytes && *memory.maximum_bytes >= *memory.boot_bytes)
            out_["maxMemSize"] = megabytes(*memory.maximum_bytes, "memory.maximum_bytes");
        else if (memory.maximum_bytes)
            note(Fate::dropped, "memory.maximum_bytes", {}, "vdsm-memory-rounded",
                 "a ceiling below the memory itself means nothing to VDSM");
    }

    void cpu() {
        const Cpu& cpu = hardware_.cpu;
        if (!cpu.count)
            note(Fate::defaulted, "cpu.count", {}, "vdsm-vcpus-defaulted", "the source names no number of CPUs: smp 1");
        const std::uint64_t count = std::max<std::uint64_t>(cpu.count.value_or(1), 1);
        out_["smp"] = std::to_string(count);
        if (cpu.maximum) out_["maxVCpus"] = std::to_string(*cpu.maximum);
        std::uint64_t cores = cpu.cores.value_or(0);
        const std::uint64_t threads = cpu.threads.value_or(1);
        if (cores == 0 && cpu.sockets && *cpu.sockets != 0 && threads != 0)
            cores = std::max<std::uint64_t>(count / (*cpu.sockets * threads), 1);
        if (cores != 0) out_["smpCoresPerSocket"] = std::to_string(cores);
        if (cpu.threads) out_["smpThreadsPerCore"] = std::to_string(*cpu.threads);
        if (cpu.sockets &&
            *cpu.sockets * std::max<std::uint64_t>(cores, 1) * threads !=
                std::max<std::uint64_t>(cpu.maximum.value_or(0), count) &&
            *cpu.sockets * std::max<std::uint64_t>(cores, 1) * threads != count)
            note(Fate::approximated, "cpu.sockets", {}, "vdsm-topology-approximated",
                 fmt::format("{} sockets do not make {} CPUs", *cpu.sockets, count));
        if (!cpu.model.empty())
            out_["cpuType"] = cpu.model == "host-model"         ? "hostModel"
                              : cpu.model == "host-passthrough" ? "hostPassthrough"
                                                                : cpu.model;
    }

    void boot() {
        std::string letters;
        for (const std::string& name : hardware_.boot)
            letters += name == "disk"      ? "c"
                       : name == "cdrom"   ? "d"
                       : name == "network" ? "n"
                       : name == "floppy"  ? "a"
                                           : "";
        if (!letters.empty()) out_["boot"] = letters;
    }

    /// A device with what every device has.
    Json device(std::string_view type, std::string_view what, const DeviceInfo& info, std::string id) {
        Json out = Json::object();
        out["type"] = type;
        out["device"] = what;
        if (is_uuid(info.id)) {
            out["deviceId"] = info.id;
            id = info.id;
        }
        if (!info.alias.empty()) out["alias"] = info.alias;
        if (!info.address.empty()) out["address"] = address_of(info.address);
        if (!info.id.empty()) written_.ids.emplace_back(info.id, std::move(id));
        return out;
    }

    static Json address_of(std::string_view text) {
        Json out = Json::object();
        while (!text.empty()) {
            const std::size_t comma = std::min(text.find(','), text.size());
            const std::string_view pair = text.substr(0, comma);
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos)
                out[std::string(trimmed(pair.substr(0, equals)))] = std::string(trimmed(pair.substr(equals + 1)));
            text.remove_prefix(std::min(comma + 1, text.size()));
        }
        return out;
    }

    void add(Json device) { out_["devices"].push_back(std::move(device)); }

    void controllers() {
        std::size_t index = 0;
        for (const Controller& controller : hardware_.controllers) {
            const std::string_view word = controller.type == ControllerType::virtio ? std::string_view("virtio-serial")
                                                                                    : to_string(controller.type);
            if (controller.type == ControllerType::nvme || controller.type == ControllerType::other) {
                note(Fate::dropped, "controllers[].type", controller.info.id, "vdsm-device-dropped",
                     fmt::format("VDSM has no {} controller", word));
                continue;
            }
            Json out = device("controller", word, controller.info, fmt::format("controller:{}", index++));
            if (controller.address) out["index"] = std::to_string(*controller.address);
            Json parameters = Json::object();
            if (!controller.model.empty() && controller.type == ControllerType::usb)
                parameters["model"] = controller.model;
            else if (!controller.model.empty())
                out["model"] = controller.model;
            out["specParams"] = std::move(parameters);
            add(std::move(out));
        }
    }

    std::string interface_of(const Drive& drive) {
        std::string_view field = "drives[].interface";
        std::string word = drive.interface;
        for (const Controller& controller : hardware_.controllers)
            if (!drive.controller.empty() && controller.info.id == drive.controller) {
                word = std::string(to_string(controller.type));
                field = "drives[].controller";
            }
        if (drive.kind == DriveKind::floppy) return "fdc";
        if (word.empty()) return drive.kind == DriveKind::cdrom ? "ide" : "virtio";
        if (word == "ide" || word == "scsi" || word == "sata" || word == "virtio") return word;
        note(Fate::approximated, std::string(field), drive.info.id, "vdsm-disk-interface",
             fmt::format("'{}' becomes sata", word));
        return "sata";
    }

    void drives() {
        std::set<std::pair<std::string, std::uint32_t>> used;
        std::size_t number = 0;
        for (const Drive& drive : hardware_.drives) {
            const std::string_view kind = to_string(drive.kind);
            Json out = device("disk", kind, drive.info, fmt::format("{}:{}", kind, number++));
            const std::string interface = interface_of(drive);
            out["iface"] = interface;
            std::uint32_t index = drive.unit.value_or(0);
            while (!used.emplace(interface, index).second) ++index;
            if (drive.unit && index != *drive.unit)
                note(
                    Fate::approximated, "drives[].unit", drive.info.id, "vdsm-disk-index",
                    fmt::format("{} becomes index {}: another disk on {} has that one", *drive.unit, index, interface));
            out["index"] = std::to_string(index);
            volume(drive, out);
            out["readonly"] = drive.read_only.value_or(drive.kind == DriveKind::cdrom) ? "true" : "false";
            if (drive.shareable) out["shared"] = *drive.shareable ? "shared" : "none";
            if (drive.boot_index) out["bootOrder"] = std::to_string(*drive.boot_index);
            if (!drive.serial.empty()) out["serial"] = drive.serial;
            out["specParams"] = Json::object();
            add(std::move(out));
        }
    }

    /// Where the bytes are: an oVirt image, or a path.
    void volume(const Drive& drive, Json& out) {
        const auto disk = std::find_if(envelope_.disks.begin(), envelope_.disks.end(), [&](const VirtualDisk& d) {
            return !drive.disk_id.empty() && d.id == drive.disk_id;
        });
        std::string format = drive.source_format == "qcow2" ? "cow" : drive.source_format == "raw" ? "raw" : "";
        const std::string& file_id = disk != envelope_.disks.end() ? disk->file_id : drive.file_id;
        if (disk != envelope_.disks.end() && !disk->volume_format.empty()) format = disk->volume_format;
        if (!format.empty()) out["format"] = format;
        const auto file = std::find_if(envelope_.files.begin(), envelope_.files.end(),
                                       [&](const FileReference& f) { return !file_id.empty() && f.id == file_id; });
        if (!drive.source.empty()) {
            out["path"] = drive.source;
        } else if (file != envelope_.files.end()) {
            const std::size_t slash = file->href.find('/');
            const std::string_view image = std::string_view(file->href).substr(0, slash);
            const std::string_view rest =
                slash == std::string::npos ? std::string_view{} : std::string_view(file->href).substr(slash + 1);
            if (is_uuid(image) && is_uuid(rest)) {
                out["imageID"] = std::string(image);
                out["volumeID"] = std::string(rest);
            } else {
                out["path"] = file->href;
            }
        } else if (drive.kind != DriveKind::disk) {
            out["path"] = "";
        }
    }

    void nics() {
        std::size_t number = 0;
        for (const Nic& nic : hardware_.nics) {
            Json out = device("interface", "bridge", nic.info, fmt::format("nic:{}", number++));
            std::string_view word = nic_word(nic.model);
            if (word.empty()) {
                word = "pv";
                if (!nic.model.empty())
                    note(Fate::approximated, "nics[].model", nic.info.id, "vdsm-nic-model",
                         fmt::format("'{}' becomes pv", nic.model));
            }
            out["nicModel"] = word;
            if (!nic.mac.empty()) out["macAddr"] = nic.mac;
            out["network"] = nic.network;
            if (nic.connected || nic.link_up)
                out["linkActive"] = nic.connected.value_or(true) && nic.link_up.value_or(true) ? "true" : "false";
            if (nic.boot_index) out["bootOrder"] = std::to_string(*nic.boot_index);
            out["specParams"] = Json::object();
            add(std::move(out));
        }
    }

    void videos() {
        std::size_t number = 0;
        for (const Video& video : hardware_.videos) {
            if (video.model == "none") {
                note(Fate::dropped, "videos[].model", video.info.id, "vdsm-device-dropped",
                     "no video device is no entry");
                continue;
            }
            Json out = device("video", video.model.empty() ? "vga" : video.model, video.info,
                              fmt::format("video:{}", number++));
            Json parameters = Json::object();
            if (video.vram_bytes) parameters["vram"] = std::to_string(*video.vram_bytes / 1024);
            if (video.heads) parameters["heads"] = std::to_string(*video.heads);
            out["specParams"] = std::move(parameters);
            add(std::move(out));
        }
    }

    void graphics() {
        std::size_t number = 0;
        for (const Graphics& graphics : hardware_.graphics) {
            if (graphics.type != "vnc" && graphics.type != "spice") {
                note(Fate::dropped, "graphics[].type", graphics.info.id, "vdsm-device-dropped",
                     fmt::format("'{}': VDSM has vnc and spice", graphics.type));
                continue;
            }
            Json out = device("graphics", graphics.type, graphics.info, fmt::format("graphics:{}", number++));
            Json parameters = Json::object();
            if (!graphics.keymap.empty()) parameters["keyMap"] = graphics.keymap;
            out["specParams"] = std::move(parameters);
            add(std::move(out));
        }
    }

    /// sound: its device is the model; the others say it in specParams.
    void simple(const std::vector<SimpleDevice>& devices, const std::string& kind) {
        std::size_t number = 0;
        for (const SimpleDevice& one : devices) {
            const std::string what = kind == "sound" && !one.model.empty() ? one.model
                                     : kind == "rng"                       ? "virtio"
                                                                           : kind;
            Json out = device(kind, what, one.info, fmt::format("{}:{}", kind, number++));
            Json parameters = Json::object();
            if (kind == "rng") {
                out["model"] = one.model.empty() ? "virtio" : one.model;
                parameters["source"] = one.option.starts_with("/dev/") ? one.option.substr(5)
                                       : one.option.empty()            ? "urandom"
                                                                       : one.option;
            } else if (kind != "sound") {
                if (!one.model.empty()) parameters["model"] = one.model;
                if (kind == "watchdog" && !one.option.empty()) parameters["action"] = one.option;
            }
            out["specParams"] = std::move(parameters);
            add(std::move(out));
        }
    }

    void serials() {
        for (std::size_t i = 0; i < hardware_.serials.size(); ++i) {
            const CharacterDevice& serial = hardware_.serials[i];
            if (i != 0) {
                note(Fate::dropped, "serials[].backend", serial.info.id, "vdsm-device-dropped", "VDSM has one console");
                continue;
            }
            Json out = device("console", "console", serial.info, "serial:0");
            out["specParams"] = {{"consoleType", "serial"},
                                 {"enableSocket", serial.backend == "unix" ? "true" : "false"}};
            if (!serial.backend.empty() && serial.backend != "unix" && serial.backend != "pty")
                note(Fate::approximated, "serials[].backend", serial.info.id, "vdsm-device-dropped",
                     fmt::format("'{}' becomes VDSM's own console", serial.backend));
            add(std::move(out));
        }
    }

    /// Always exactly one: VDSM without an entry asks libvirt for none.
    void balloon() {
        const MemoryBalloon& balloon = hardware_.balloon;
        BalloonState state = balloon.state;
        if (state == BalloonState::unspecified) {
            state = context_.options.balloon_default;
            if (state == BalloonState::unspecified) state = BalloonState::enabled;
            note(Fate::defaulted, "balloon.state", {}, "balloon-state-defaulted",
                 fmt::format("the source does not say: {}", to_string(state)));
        }
        const std::string model = state == BalloonState::enabled ? "virtio" : "none";
        if (balloon.model != BalloonModel::unspecified &&
            (balloon.model != BalloonModel::virtio || state == BalloonState::disabled))
            note(Fate::approximated, "balloon.model", {}, "vdsm-balloon-model",
                 fmt::format("'{}' becomes {}", to_string(balloon.model), model));
        Json out = device("balloon", "memballoon", balloon.info, "balloon:0");
        out["model"] = model;
        out["specParams"] = {{"model", model}};
        add(std::move(out));
    }

    const Envelope& envelope_;
    const VirtualSystem& system_;
    const Hardware& hardware_;
    WriteContext& context_;
    Written& written_;
    Json out_ = Json::object();
};

}  // namespace

Written write(std::string_view, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Written out;
    const Json json = Writer(envelope, system, context, out).run();
    OutputFile file;
    file.name = json["vmId"].get<std::string>() + ".json";
    file.bytes = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    out.files.push_back(std::move(file));
    return out;
}

}  // namespace ovfkit::detail::vdsm
