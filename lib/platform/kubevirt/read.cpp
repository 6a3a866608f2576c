#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "model/images.hpp"
#include "platform/kubevirt/kubevirt.hpp"

namespace ovfkit::detail::kubevirt {

namespace {

/// One VirtualMachine being read: what is asked for is taken, the rest is kept as parameters.
class Reader {
public:
    Reader(const std::string& name, std::string_view text, const JsonSource& source, ReadContext& context, Envelope& envelope)
        : name_(name), text_(text), source_(source), context_(context), envelope_(envelope) {}

    void run() {
        for (const std::string_view fixed : {"/apiVersion", "/kind", "/spec/runStrategy", "/spec/running"}) taken_.insert(std::string(fixed));
        system_.name = system_.id = string("/metadata/name");
        if (system_.name.empty()) system_.name = system_.id = "vm";
        system_.origin.offset = source_.offset_of("/metadata/name");
        system_.annotation = string("/metadata/annotations/description");
        const std::string arch = string(spec + "/architecture");
        hardware().arch = arch == "amd64" ? "x86_64" : arch == "arm64" ? "aarch64" : arch;
        read_cpu();
        read_memory();
        read_firmware();
        read_balloon();
        read_drives();
        read_nics();
        read_devices();
        keep(source_.root, {});
        envelope_.systems.push_back(std::move(system_));
    }

private:
    [[nodiscard]] Hardware& hardware() { return system_.hardware; }
    const std::string spec = "/spec/template/spec";
    const std::string domain = spec + "/domain";
    const std::string devices = domain + "/devices";

    const Json* at(const std::string& pointer) const {
        const Json::json_pointer path(pointer);
        return source_.root.contains(path) ? &source_.root.at(path) : nullptr;
    }
    void report(std::string_view rule, const std::string& pointer, std::string message, Failure failure = Failure::none) {
        detail::report(context_.diagnostics, rule, location_in(name_, text_, source_.offset_of(pointer)), std::move(message), failure);
    }
    void bad(const std::string& pointer, std::string_view wanted) {
        report("kubevirt-value-invalid", pointer, fmt::format("{} is no {}", pointer, wanted), Failure::malformed);
    }

    std::string string(const std::string& pointer) {
        const Json* value = at(pointer);
        if (value == nullptr) return {};
        taken_.insert(pointer);
        if (value->is_string()) return value->get<std::string>();
        if (value->is_number_unsigned()) return std::to_string(value->get<std::uint64_t>());
        bad(pointer, "text");
        return {};
    }
    std::optional<bool> boolean(const std::string& pointer) {
        const Json* value = at(pointer);
        if (value == nullptr || value->is_null()) return std::nullopt;
        taken_.insert(pointer);
        if (value->is_boolean()) return value->get<bool>();
        bad(pointer, "boolean");
        return std::nullopt;
    }
    std::optional<std::uint32_t> number(const std::string& pointer, std::uint32_t most) {
        const Json* value = at(pointer);
        if (value == nullptr) return std::nullopt;
        taken_.insert(pointer);
        if (value->is_number_unsigned() && value->get<std::uint64_t>() <= most) return static_cast<std::uint32_t>(value->get<std::uint64_t>());
        bad(pointer, "number in range");
        return std::nullopt;
    }
    /// Whether the key is there; an empty object says all.
    bool present(const std::string& pointer) {
        if (at(pointer) == nullptr) return false;
        taken_.insert(pointer);
        return true;
    }

    void read_cpu() {
        Cpu& cpu = hardware().cpu;
        cpu.sockets = number(domain + "/cpu/sockets", max_vcpus);
        cpu.cores = number(domain + "/cpu/cores", max_vcpus);
        cpu.threads = number(domain + "/cpu/threads", max_vcpus);
        const std::uint64_t per_socket = std::uint64_t{std::max(cpu.cores.value_or(1), 1U)} * std::max(cpu.threads.value_or(1), 1U);
        const std::uint64_t count = per_socket * std::max(cpu.sockets.value_or(1), 1U);
        if (count > max_vcpus) return bad(domain + "/cpu", "number of CPUs that makes sense");
        cpu.count = static_cast<std::uint32_t>(count);
        if (const auto most = number(domain + "/cpu/maxSockets", max_vcpus); most && per_socket * *most <= max_vcpus)
            cpu.maximum = static_cast<std::uint32_t>(per_socket * *most);
        cpu.model = string(domain + "/cpu/model");
    }

    std::optional<std::uint64_t> size(const std::string& pointer) {
        if (at(pointer) == nullptr) return std::nullopt;
        const std::string value = string(pointer);
        const auto bytes = quantity(value);
        if (bytes && *bytes > 0 && *bytes <= max_memory_bytes) return bytes;
        bad(pointer, "memory size");
        return std::nullopt;
    }

    void read_memory() {
        Memory& memory = hardware().memory;
        memory.boot_bytes = size(domain + "/memory/guest");
        if (!memory.boot_bytes) memory.boot_bytes = size(domain + "/resources/requests/memory");
        if (!memory.boot_bytes) report("kubevirt-memory-missing", "/spec", "no memory.guest: give the machine a size", Failure::malformed);
        memory.maximum_bytes = size(domain + "/memory/maxGuest");
    }

    void read_firmware() {
        Hardware& h = hardware();
        const std::string loader = domain + "/firmware/bootloader";
        if (present(loader + "/efi")) {
            h.firmware = Firmware::efi;
            h.secure_boot = boolean(loader + "/efi/secureBoot").value_or(true);
        } else if (present(loader + "/bios")) {
            h.firmware = Firmware::bios;
        }
        if (h.secure_boot.value_or(false)) static_cast<void>(boolean(domain + "/features/smm/enabled"));
        h.machine = string(domain + "/machine/type");
        if (at(domain + "/firmware/uuid") != nullptr) {
            system_.uuid = normal_uuid(string(domain + "/firmware/uuid"));
            if (system_.uuid.empty()) bad(domain + "/firmware/uuid", "UUID");
        }
        if (present(domain + "/clock/utc")) system_.clock = "utc";
        if (at(domain + "/clock/timezone") != nullptr) system_.clock = string(domain + "/clock/timezone");
    }

    void read_balloon() {
        MemoryBalloon& balloon = hardware().balloon;
        balloon.info.id = "balloon";
        if (const auto attached = boolean(devices + "/autoattachMemBalloon")) {
            balloon.state = *attached ? BalloonState::enabled : BalloonState::disabled;
            balloon.info.origin.offset = source_.offset_of(devices + "/autoattachMemBalloon");
        }
        if (boolean(devices + "/useVirtioTransitional").value_or(false) && balloon.state != BalloonState::disabled)
            balloon.model = BalloonModel::virtio_transitional;
        else if (balloon.state == BalloonState::enabled)
            balloon.model = BalloonModel::virtio;
        std::string key(reporting_annotation);
        key.replace(key.find('/'), 1, "~1");
        const std::string pointer = "/spec/template/metadata/annotations/" + key;
        if (at(pointer) != nullptr) {
            const std::string value = at(pointer)->is_boolean() ? (boolean(pointer).value_or(false) ? "true" : "false") : string(pointer);
            if (value == "true") balloon.free_page_reporting = false;
        }
    }

    [[nodiscard]] std::size_t length(const std::string& pointer) {
        const Json* list = at(pointer);
        if (list == nullptr) return 0;
        if (!list->is_array()) {
            bad(pointer, "list");
            return 0;
        }
        return std::min<std::size_t>(list->size(), context_.options.limits.items);
    }

    /// What a volume of that name names; taken.
    std::string volume(const std::string& name) {
        for (std::size_t i = 0; i < length(spec + "/volumes"); ++i) {
            const std::string stem = fmt::format("{}/volumes/{}", spec, i);
            const Json* value = at(stem + "/name");
            if (value == nullptr || !value->is_string() || value->get<std::string>() != name) continue;
            taken_.insert(stem + "/name");
            for (const std::string_view leaf : {"/dataVolume/name", "/persistentVolumeClaim/claimName", "/containerDisk/image"})
                if (at(stem + std::string(leaf)) != nullptr) return string(stem + std::string(leaf));
        }
        return {};
    }

    std::string& bus_controller(const std::string& bus, Drive& d) {
        const ControllerType type = bus == "scsi" ? ControllerType::scsi : ControllerType::sata;
        auto& list = hardware().controllers;
        if (std::none_of(list.begin(), list.end(), [&](const Controller& c) { return c.info.id == bus; })) {
            Controller c;
            c.info.id = bus;
            c.type = type;
            c.model = bus == "scsi" ? "virtio-scsi" : "ahci";
            list.push_back(std::move(c));
        }
        return d.controller = bus;
    }

    void read_drives() {
        for (std::size_t i = 0; i < length(devices + "/disks"); ++i) {
            const std::string stem = fmt::format("{}/disks/{}", devices, i);
            Drive d;
            d.info.id = string(stem + "/name");
            if (d.info.id.empty()) d.info.id = fmt::format("disk{}", i);
            d.info.origin.offset = source_.offset_of(stem);
            const std::string kind = at(stem + "/cdrom") != nullptr ? "/cdrom" : at(stem + "/lun") != nullptr ? "/lun" : "/disk";
            taken_.insert(stem + kind);
            d.kind = kind == "/cdrom" ? DriveKind::cdrom : DriveKind::disk;
            if (kind == "/lun") report("kubevirt-value-approximated", stem + kind, "a LUN is read as a disk");
            const std::string bus = string(stem + kind + "/bus");
            if (bus == "sata" || bus == "scsi")
                bus_controller(bus, d);
            else
                d.interface = bus;
            if (boolean(stem + kind + "/readonly").value_or(false) && d.kind == DriveKind::disk) d.read_only = true;
            d.boot_index = number(stem + "/bootOrder", 65535);
            d.serial = string(stem + "/serial");
            d.cache = string(stem + "/cache");
            if (boolean(stem + "/shareable").value_or(false)) d.shareable = true;
            d.source = volume(d.info.id);
            attach_image(envelope_, d);
            hardware().drives.push_back(std::move(d));
        }
    }

    void read_network(Nic& nic) {
        for (std::size_t i = 0; i < length(spec + "/networks"); ++i) {
            const std::string stem = fmt::format("{}/networks/{}", spec, i);
            const Json* value = at(stem + "/name");
            if (value == nullptr || !value->is_string() || value->get<std::string>() != nic.info.id) continue;
            taken_.insert(stem + "/name");
            if (present(stem + "/pod")) nic.attachment = "user";
            if (at(stem + "/multus/networkName") == nullptr) return;
            nic.attachment = "network";
            nic.network = string(stem + "/multus/networkName");
            const auto same = [&](const Network& n) { return n.name == nic.network; };
            if (std::none_of(envelope_.networks.begin(), envelope_.networks.end(), same)) envelope_.networks.push_back({nic.network, {}, nic.info.origin});
        }
    }

    void read_nics() {
        for (std::size_t i = 0; i < length(devices + "/interfaces"); ++i) {
            const std::string stem = fmt::format("{}/interfaces/{}", devices, i);
            Nic nic;
            nic.info.id = string(stem + "/name");
            if (nic.info.id.empty()) nic.info.id = fmt::format("net{}", i);
            nic.info.origin.offset = source_.offset_of(stem);
            nic.model = string(stem + "/model");
            for (const std::string_view binding : {"/masquerade", "/bridge"}) static_cast<void>(present(stem + std::string(binding)));
            if (at(stem + "/macAddress") != nullptr) {
                const Mac mac = normal_mac(string(stem + "/macAddress"));
                if (mac.problem != MacProblem::none) bad(stem + "/macAddress", "MAC address");
                nic.mac = mac.text;
            }
            nic.boot_index = number(stem + "/bootOrder", 65535);
            const std::string state = string(stem + "/state");
            if (state == "down" || state == "up") nic.link_up = state == "up";
            read_network(nic);
            hardware().nics.push_back(std::move(nic));
        }
    }

    SimpleDevice simple(const std::string& pointer, std::string_view id, std::string model) {
        SimpleDevice out;
        out.info.id = id;
        out.info.origin.offset = source_.offset_of(pointer);
        out.model = std::move(model);
        static_cast<void>(at(pointer + "/name") == nullptr ? std::string{} : string(pointer + "/name"));
        return out;
    }

    void read_devices() {
        Hardware& h = hardware();
        if (boolean(devices + "/autoattachGraphicsDevice").value_or(false)) {
            Graphics g;
            g.info.id = "graphics";
            g.info.origin.offset = source_.offset_of(devices + "/autoattachGraphicsDevice");
            g.type = "vnc";
            h.graphics.push_back(std::move(g));
        }
        if (boolean(devices + "/autoattachSerialConsole").value_or(false)) {
            CharacterDevice port;
            port.info.id = "serial";
            port.info.origin.offset = source_.offset_of(devices + "/autoattachSerialConsole");
            h.serials.push_back(std::move(port));
        }
        if (present(devices + "/rng")) h.rngs.push_back(simple(devices + "/rng", "rng", "virtio"));
        if (present(devices + "/tpm")) {
            h.tpms.push_back(simple(devices + "/tpm", "tpm", "tpm-tis"));
            h.tpms.back().option = "2.0";
        }
        if (at(devices + "/watchdog/i6300esb") != nullptr) {
            h.watchdogs.push_back(simple(devices + "/watchdog", "watchdog", "i6300esb"));
            h.watchdogs.back().option = string(devices + "/watchdog/i6300esb/action");
            taken_.insert(devices + "/watchdog/i6300esb");
        }
        if (at(devices + "/sound") != nullptr) h.sounds.push_back(simple(devices + "/sound", "sound", string(devices + "/sound/model")));
    }

    /// Every scalar (and empty object) that nobody asked for.
    void keep(const Json& value, const std::string& path) {
        if (taken_.count(path) != 0 && (!value.is_structured() || value.empty())) return;
        if (value.is_structured() && !value.empty()) {
            std::size_t index = 0;
            for (const auto& [key, inner] : value.items()) {
                std::string step;
                for (const char c : value.is_array() ? std::to_string(index++) : key) step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
                keep(inner, path + "/" + step);
            }
            return;
        }
        if (path == "/status" || path.starts_with("/status/") || value.is_null()) return;
        if (path.starts_with("/metadata/") && path.find("/annotations/") == std::string::npos && path.find("/labels/") == std::string::npos) return;  // the cluster's own
        report("kubevirt-key-kept", path, fmt::format("{} is kept as it is, not understood", path));
        system_.parameters.push_back({"kubevirt", path, value.dump(-1, ' ', false, Json::error_handler_t::replace)});
    }

    const std::string& name_;
    std::string_view text_;
    const JsonSource& source_;
    ReadContext& context_;
    Envelope& envelope_;
    VirtualSystem system_;
    std::set<std::string> taken_;
};

}  // namespace

Envelope read(std::string_view, const std::string& name, const std::string& bytes, ReadContext& context, Carried&) {
    constexpr std::uint64_t most = std::uint64_t{2} << 20;  // etcd keeps 1.5 MiB
    Envelope out;
    out.dialect = "kubevirt";
    out.producer = "KubeVirt";
    for (const JsonSource& source : parse_yaml(name, bytes, std::min<std::uint64_t>(context.options.limits.descriptor_bytes, most))) {
        const Json& root = source.root;
        const bool is_vm = root.is_object() && root.contains("kind") && root["kind"] == "VirtualMachine";
        if (is_vm)
            Reader(name, bytes, source, context, out).run();
        else if (!root.is_null())
            report(context.diagnostics, "kubevirt-document-skipped", Location{name, 0, 0}, "a document that is no VirtualMachine is not read");
    }
    if (out.systems.empty())
        report(context.diagnostics, "kubevirt-machine-missing", Location{name, 1, 1}, "no VirtualMachine in it", Failure::malformed);
    return out;
}

}  // namespace ovfkit::detail::kubevirt
