#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/vdsm/vdsm.hpp"

namespace ovfkit::detail::vdsm {

namespace {

constexpr std::uint64_t mib = 1ULL << 20;

class Reader {
public:
    Reader(const std::string& name, const std::string& text, const JsonSource& source, ReadContext& context,
           Envelope& out)
        : name_(name), text_(text), source_(source), context_(context), out_(out) {}

    void run() {
        const Json& root = source_.root;
        if (!root.is_object() || !root.contains("vmId")) {
            find("vdsm-shape-invalid", "", "no object with a vmId: this is no VM definition of VDSM",
                 Failure::malformed);
            return;
        }
        system_.uuid = to_lower(text("", "vmId"));
        system_.id = system_.uuid;
        system_.name = text("", "vmName");
        system_.origin.offset = source_.offset_of("/vmId");
        if (!is_uuid(system_.uuid))
            find("vdsm-value-invalid", "/vmId", fmt::format("vmId '{}' is no UUID", printable(system_.uuid)),
                 Failure::malformed);
        numbers();
        system_.hardware.machine = text("", "emulatedMachine");
        boot();
        devices();
        the_rest();
        out_.systems.push_back(std::move(system_));
    }

private:
    void find(std::string_view rule, const std::string& pointer, std::string message, Failure failure = Failure::none) {
        Diagnostic diagnostic;
        diagnostic.rule = rule;
        const Rule* row = find_rule(rule);
        diagnostic.severity = row == nullptr ? Severity::warning : row->severity;
        diagnostic.message = std::move(message);
        diagnostic.failure = failure;
        const std::size_t offset = source_.offset_of(pointer);
        diagnostic.where = location_in(name_, text_, offset);
        diagnostic.source_line = line_in(text_, offset);
        context_.diagnostics.add(std::move(diagnostic));
    }

    const Json* member(const std::string& at, const std::string& key) {
        const Json::json_pointer pointer(at);
        const Json& object = source_.root.at(pointer);
        const auto found = object.find(key);
        if (found == object.end() || found->is_null()) return nullptr;
        taken_.insert(at + "/" + key);
        return &*found;
    }

    /// A scalar as text: VDSM writes numbers and truth values either way.
    std::string text(const std::string& at, const std::string& key) {
        const Json* value = member(at, key);
        if (value == nullptr) return {};
        if (value->is_string()) return value->get<std::string>();
        if (value->is_boolean()) return value->get<bool>() ? "true" : "false";
        if (value->is_number_integer()) return value->dump();
        find("vdsm-value-invalid", at + "/" + key, fmt::format("{} is no text or number", key), Failure::malformed);
        return {};
    }

    std::optional<std::uint32_t> number(const std::string& at, const std::string& key, std::uint32_t highest) {
        const std::string word = text(at, key);
        if (word.empty()) return std::nullopt;
        const auto value = to_number<std::uint32_t>(word);
        if (value && *value <= highest) return value;
        find("vdsm-value-invalid", at + "/" + key,
             fmt::format("{} '{}' is no number up to {}", key, printable(word), highest), Failure::malformed);
        return std::nullopt;
    }

    std::optional<bool> flag(const std::string& at, const std::string& key) {
        const std::string word = text(at, key);
        if (word.empty()) return std::nullopt;
        if (equal_nocase(word, "true") || word == "1") return true;
        if (equal_nocase(word, "false") || word == "0") return false;
        find("vdsm-value-invalid", at + "/" + key,
             fmt::format("{} '{}' is neither true nor false", key, printable(word)), Failure::malformed);
        return std::nullopt;
    }

    std::optional<std::uint64_t> megabytes(const std::string& key) {
        const auto size = number("", key, static_cast<std::uint32_t>(max_memory_bytes / mib));
        return size ? std::optional<std::uint64_t>(*size * mib) : std::nullopt;
    }

    void numbers() {
        Memory& memory = system_.hardware.memory;
        memory.boot_bytes = megabytes("memSize");
        memory.info.origin.offset = source_.offset_of("/memSize");
        memory.guaranteed_bytes = megabytes("memGuaranteedSize");
        if (memory.guaranteed_bytes && *memory.guaranteed_bytes == 0) memory.guaranteed_bytes.reset();
        memory.maximum_bytes = megabytes("maxMemSize");
        if (memory.boot_bytes && *memory.boot_bytes == 0)
            find("vdsm-value-invalid", "/memSize", "memSize is 0", Failure::malformed);
        if (memory.boot_bytes && memory.guaranteed_bytes && *memory.guaranteed_bytes > *memory.boot_bytes)
            find("vdsm-memory-order", "/memGuaranteedSize", "memGuaranteedSize is more than memSize",
                 Failure::malformed);
        Cpu& cpu = system_.hardware.cpu;
        cpu.count = number("", "smp", max_vcpus);
        cpu.info.origin.offset = source_.offset_of("/smp");
        if (cpu.count && *cpu.count == 0) find("vdsm-value-invalid", "/smp", "smp is 0", Failure::malformed);
        cpu.maximum = number("", "maxVCpus", max_vcpus);
        cpu.cores = number("", "smpCoresPerSocket", max_vcpus);
        cpu.threads = number("", "smpThreadsPerCore", max_vcpus);
        const std::string type = text("", "cpuType");
        cpu.model = type == "hostModel" ? "host-model" : type == "hostPassthrough" ? "host-passthrough" : type;
    }

    void boot() {
        for (const char letter : text("", "boot")) {
            const std::string_view word = letter == 'c'   ? "disk"
                                          : letter == 'd' ? "cdrom"
                                          : letter == 'n' ? "network"
                                          : letter == 'a' ? "floppy"
                                                          : "";
            if (!word.empty()) system_.hardware.boot.emplace_back(word);
        }
    }

    void devices() {
        const Json* list = member("", "devices");
        if (list == nullptr) {
            absent_balloon();
            return;
        }
        if (!list->is_array()) {
            find("vdsm-shape-invalid", "/devices", "devices is no list", Failure::malformed);
            return;
        }
        if (list->size() > context_.options.limits.items) {
            find("vdsm-value-invalid", "/devices",
                 fmt::format("{} devices; the limit is {}", list->size(), context_.options.limits.items),
                 Failure::refused);
            return;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::string at = fmt::format("/devices/{}", i);
            if (!(*list)[i].is_object()) {
                find("vdsm-shape-invalid", at, "a device that is no object", Failure::malformed);
                continue;
            }
            device(at);
            leftover(at, (*list)[i]);
        }
        absent_balloon();
    }

    /// VDSM asks libvirt for model='none' when there is no entry.
    void absent_balloon() {
        if (!balloon_seen_) system_.hardware.balloon.state = BalloonState::disabled;
    }

    DeviceInfo info(const std::string& at, std::string made_up) {
        DeviceInfo out;
        const std::string given = to_lower(text(at, "deviceId"));
        out.id = is_uuid(given) && ids_.insert(given).second ? given : std::move(made_up);
        out.alias = text(at, "alias");
        if (const Json* address = member(at, "address"); address != nullptr && address->is_object()) {
            std::map<std::string, std::string> sorted;
            for (const auto& [key, value] : address->items()) {
                sorted[key] = value.is_string() ? value.get<std::string>()
                                                : value.dump(-1, ' ', false, Json::error_handler_t::replace);
                taken_.insert(at + "/address/" + key);
            }
            for (const auto& [key, value] : sorted)
                out.address += fmt::format("{}{}={}", out.address.empty() ? "" : ",", key, value);
        }
        out.origin.offset = source_.offset_of(at);
        return out;
    }

    std::string special(const std::string& at, const std::string& key) {
        const Json* parameters = member(at, "specParams");
        return parameters != nullptr && parameters->is_object() ? text(at + "/specParams", key) : std::string{};
    }

    void device(const std::string& at) {
        const std::string type = to_lower(text(at, "type"));
        const std::string what = text(at, "device");
        Hardware& hardware = system_.hardware;
        if (type == "balloon" || (type.empty() && equal_nocase(what, "memballoon"))) return balloon(at);
        if (type == "disk") return drive(at, what);
        if (type == "interface") return nic(at);
        if (type == "controller") return controller(at, what);
        if (type == "video") {
            Video video;
            video.info = info(at, fmt::format("video:{}", hardware.videos.size()));
            video.model = what;
            if (const auto vram = to_number<std::uint64_t>(special(at, "vram")))
                video.vram_bytes = checked_multiply<std::uint64_t>(*vram, 1024);
            video.heads = to_number<std::uint32_t>(special(at, "heads"));
            hardware.videos.push_back(std::move(video));
        } else if (type == "graphics") {
            Graphics graphics;
            graphics.info = info(at, fmt::format("graphics:{}", hardware.graphics.size()));
            graphics.type = what;
            graphics.keymap = special(at, "keyMap");
            hardware.graphics.push_back(std::move(graphics));
        } else if (type == "sound") {
            simple(at, hardware.sounds, "sound").model = what;
        } else if (type == "watchdog") {
            SimpleDevice& watchdog = simple(at, hardware.watchdogs, "watchdog");
            watchdog.model = special(at, "model");
            watchdog.option = special(at, "action");
        } else if (type == "rng") {
            SimpleDevice& rng = simple(at, hardware.rngs, "rng");
            rng.model = text(at, "model").empty() ? "virtio" : text(at, "model");
            const std::string from = special(at, "source");
            rng.option = from == "random" || from == "urandom" || from == "hwrng" ? "/dev/" + from : from;
        } else if (type == "tpm") {
            simple(at, hardware.tpms, "tpm").model = special(at, "model");
        } else if (type == "console") {
            CharacterDevice serial;
            serial.info = info(at, fmt::format("serial:{}", hardware.serials.size()));
            serial.backend = special(at, "enableSocket") == "true" ? "unix" : "pty";
            special(at, "consoleType");
            hardware.serials.push_back(std::move(serial));
        } else {
            find("vdsm-device-unknown", at,
                 fmt::format("device '{}' of type '{}' is not understood", printable(what), printable(type)));
            OtherDevice other;
            other.info = info(at, fmt::format("other:{}", hardware.others.size()));
            other.other_type = type + "/" + what;
            other.required = false;
            hardware.others.push_back(std::move(other));
        }
    }

    SimpleDevice& simple(const std::string& at, std::vector<SimpleDevice>& into, std::string_view kind) {
        SimpleDevice out;
        out.info = info(at, fmt::format("{}:{}", kind, into.size()));
        into.push_back(std::move(out));
        return into.back();
    }

    void balloon(const std::string& at) {
        if (balloon_seen_) {
            find("vdsm-balloon-duplicate", at, "a second balloon device; keep one", Failure::malformed);
            return;
        }
        balloon_seen_ = true;
        MemoryBalloon& balloon = system_.hardware.balloon;
        balloon.info = info(at, "balloon:0");
        const std::string top = std::string(trimmed(text(at, "model")));
        std::string model(trimmed(special(at, "model")));
        if (!model.empty() && !top.empty() && model != top)
            find("vdsm-balloon-conflict", at + "/model",
                 fmt::format("model '{}' and specParams model '{}' differ; the second counts", printable(top),
                             printable(model)));
        if (model.empty()) model = top;
        if (equal_nocase(model, "none")) {
            balloon.state = BalloonState::disabled;
            return;
        }
        balloon.state = BalloonState::enabled;
        const auto known = balloon_model_from(model);
        if (model.empty())
            find("vdsm-balloon-model-missing", at, "the balloon has no model; read as virtio");
        else if (!known)
            find("vdsm-balloon-model", at,
                 fmt::format("balloon model '{}' is neither virtio nor none; read as virtio", printable(model)));
        balloon.model = known.value_or(BalloonModel::virtio);
    }

    void drive(const std::string& at, const std::string& what) {
        Drive drive;
        drive.kind = drive_kind_from(what).value_or(DriveKind::disk);
        if (!drive_kind_from(what) && what != "lun")
            find("vdsm-device-unknown", at, fmt::format("disk device '{}' is read as a disk", printable(what)));
        const std::size_t number = system_.hardware.drives.size();
        drive.info = info(at, fmt::format("{}:{}", to_string(drive.kind), number));
        drive.interface = text(at, "iface");
        drive.unit = this->number(at, "index", max_unit);
        const auto read_only = flag(at, "readonly");
        if (read_only && *read_only != (drive.kind == DriveKind::cdrom)) drive.read_only = read_only;
        const std::string shared = text(at, "shared");
        if (!shared.empty()) drive.shareable = shared == "shared" || equal_nocase(shared, "true");
        drive.boot_index = this->number(at, "bootOrder", 1000);
        drive.serial = text(at, "serial");
        const std::string format = text(at, "format");
        const std::string image = text(at, "imageID");
        const std::string volume = text(at, "volumeID");
        const std::string path = text(at, "path").empty() ? special(at, "path") : text(at, "path");
        std::string file_id;
        if (!image.empty() && !volume.empty()) {
            FileReference file;
            file.id = file_id = fmt::format("file:{}", number);
            file.href = image + "/" + volume;
            file.origin = drive.info.origin;
            out_.files.push_back(std::move(file));
        }
        if (drive.kind == DriveKind::disk) {
            VirtualDisk disk;
            disk.id = fmt::format("disk:{}", number);
            disk.file_id = file_id;
            disk.volume_format = format;
            disk.origin = drive.info.origin;
            drive.disk_id = disk.id;
            out_.disks.push_back(std::move(disk));
        } else {
            drive.file_id = file_id;
        }
        drive.source_format = path.empty() && drive.kind == DriveKind::disk ? std::string{}
                              : format == "cow"                             ? "qcow2"
                                                                            : format;
        drive.source = path;
        system_.hardware.drives.push_back(std::move(drive));
    }

    void nic(const std::string& at) {
        Nic nic;
        nic.info = info(at, fmt::format("nic:{}", system_.hardware.nics.size()));
        nic.model = nic_model(text(at, "nicModel"));
        nic.mac = to_lower(text(at, "macAddr"));
        nic.network = text(at, "network");
        nic.connected = flag(at, "linkActive");
        nic.boot_index = number(at, "bootOrder", 1000);
        const bool known = nic.network.empty() || std::any_of(out_.networks.begin(), out_.networks.end(),
                                                              [&](const Network& n) { return n.name == nic.network; });
        if (!known) out_.networks.push_back({nic.network, {}, nic.info.origin});
        system_.hardware.nics.push_back(std::move(nic));
    }

    void controller(const std::string& at, const std::string& what) {
        Controller controller;
        controller.info = info(at, fmt::format("controller:{}", system_.hardware.controllers.size()));
        controller.type = what == "virtio-serial" ? ControllerType::virtio
                          : what == "fdc"         ? ControllerType::floppy
                                                  : controller_type_from(what).value_or(ControllerType::other);
        const std::string own = special(at, "model");
        controller.model = own.empty() ? text(at, "model") : own;
        controller.address = number(at, "index", max_unit);
        system_.hardware.controllers.push_back(std::move(controller));
    }

    void unmapped(const std::string& at, const Json& value) {
        const bool nothing = value.is_null() || (value.is_object() && value.empty()) ||
                             (value.is_string() && value.get<std::string>().empty());
        if (nothing || taken_.count(at) != 0 || !context_.options.unmapped) return;
        Unmapped row;
        row.system_id = system_.id;
        row.path = at;
        row.value =
            value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
        row.origin.offset = source_.offset_of(at);
        out_.unmapped.push_back(std::move(row));
    }

    void leftover(const std::string& at, const Json& device) {
        for (const auto& [key, value] : device.items()) {
            const std::string where = at + "/" + key;
            if ((key == "specParams" || key == "address") && value.is_object()) {
                for (const auto& [inner, parameter] : value.items()) unmapped(where + "/" + inner, parameter);
            } else {
                unmapped(where, value);
            }
        }
    }

    void the_rest() {
        for (const auto& [key, value] : source_.root.items()) unmapped("/" + key, value);
    }

    const std::string& name_;
    const std::string& text_;
    const JsonSource& source_;
    ReadContext& context_;
    Envelope& out_;
    VirtualSystem system_;
    std::set<std::string> taken_, ids_;
    bool balloon_seen_ = false;
};

}  // namespace

Envelope read(std::string_view, const std::string& name, const std::string& bytes, ReadContext& context, Carried&) {
    Envelope out;
    out.dialect = "vdsm";
    out.producer = "VDSM";
    const JsonSource source = parse_json(name, bytes, context.options.limits.descriptor_bytes);
    Reader(name, bytes, source, context, out).run();
    return out;
}

}  // namespace ovfkit::detail::vdsm
