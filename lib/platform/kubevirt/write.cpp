#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/kubevirt/kubevirt.hpp"

namespace ovfkit::detail::kubevirt {

namespace {

constexpr std::array specs{
    OptionSpec{"volume", "dataVolume|persistentVolumeClaim|containerDisk", "dataVolume", "what holds the disks"},
    OptionSpec{"registry", "NAME", "registry.example/disks", "where container disks come from"},
    OptionSpec{"network", "pod|multus", "pod", "what the first NIC is on; the others are on networks of their own (Multus)"},
};

void write_cpu(Writer& w) {
    const Cpu& cpu = w.hardware().cpu;
    const std::uint32_t count = std::max(cpu.count.value_or(1), 1U);
    if (!cpu.count) w.defaulted("cpu.count", {}, "kubevirt-cpu-defaulted", "the source names no number of CPUs: 1 is written");
    Json out = Json::object();
    const auto topology = w.topology_of(count);
    const std::uint32_t sockets = topology ? topology->sockets : cpu.maximum.value_or(0) > count ? count : 1;
    const std::uint32_t cores = topology ? topology->cores : cpu.maximum.value_or(0) > count ? 1 : count;
    const std::uint32_t threads = topology ? topology->threads : 1;
    out["sockets"] = sockets;
    out["cores"] = cores;
    out["threads"] = threads;
    if (cpu.maximum) {
        const std::uint32_t most = *cpu.maximum / (cores * threads);
        if (most >= sockets && most * cores * threads == *cpu.maximum)
            out["maxSockets"] = most;
        else
            w.dropped("cpu.maximum", {}, "kubevirt-cpu-maximum", fmt::format("{} CPUs are no whole number of sockets", *cpu.maximum));
    }
    std::string model = cpu.model;
    if (!model.empty() && !only_word_characters(model, "_.-")) {
        w.dropped("cpu.model", {}, "kubevirt-cpu-model", fmt::format("'{}' is no name of a CPU model", model));
        model.clear();
    }
    if (!model.empty()) out["model"] = model;
    w.domain["cpu"] = std::move(out);
}

void write_memory(Writer& w) {
    const Memory& m = w.hardware().memory;
    if (!m.boot_bytes || *m.boot_bytes == 0 || *m.boot_bytes > max_memory_bytes)
        return w.refuse("kubevirt-memory-missing", fmt::format("VM '{}' has no usable memory size; give it one", w.system.id));
    Json out = Json::object();
    out["guest"] = quantity_of(*m.boot_bytes);
    if (m.maximum_bytes) {
        if (*m.maximum_bytes >= *m.boot_bytes)
            out["maxGuest"] = quantity_of(*m.maximum_bytes);
        else
            w.dropped("memory.maximum_bytes", {}, "kubevirt-memory-maximum", fmt::format("{} bytes are less than the memory", *m.maximum_bytes));
    }
    w.domain["memory"] = std::move(out);
}

bool has_other_virtio(const Hardware& h) {
    return !h.rngs.empty() || std::any_of(h.nics.begin(), h.nics.end(), [](const Nic& n) { return n.model == "virtio" || n.model.empty(); }) ||
           std::any_of(h.drives.begin(), h.drives.end(), [](const Drive& d) { return d.interface == "virtio"; });
}

/// useVirtioTransitional is about every virtio device of the machine.
void write_balloon(Writer& w) {
    const MemoryBalloon& balloon = w.hardware().balloon;
    if (balloon.state != BalloonState::unspecified) w.devices["autoattachMemBalloon"] = balloon.state == BalloonState::enabled;
    if (balloon.state == BalloonState::disabled) return w.note_absent_balloon();
    const bool transitional = balloon.model == BalloonModel::virtio_transitional;
    const bool own = w.envelope.dialect == "kubevirt";
    if (transitional && (own || !has_other_virtio(w.hardware())))
        w.devices["useVirtioTransitional"] = true;
    else if (balloon.model != BalloonModel::unspecified && balloon.model != BalloonModel::virtio)
        w.approximated("balloon.model", {}, "balloon-attribute-unsupported",
                       fmt::format("'{}' became virtio{}", to_string(balloon.model), transitional ? ": the switch is for all virtio devices, and the others are not transitional" : ""));
    if (balloon.free_page_reporting == false)
        w.annotations[std::string(reporting_annotation)] = "true";
    else if (balloon.free_page_reporting)
        w.defaulted("balloon.free_page_reporting", {}, "balloon-attribute-unsupported", "free pages are reported without saying, unless the cluster turns it off");
    if (balloon.autodeflate) w.drop_balloon_attribute("autodeflate", "KubeVirt sets deflate-on-oom nowhere");
    if (balloon.stats_period_seconds) w.drop_balloon_attribute("stats_period_seconds", "the period is the cluster's (memBalloonStatsPeriod)");
}

void write_firmware(Writer& w) {
    const Hardware& h = w.hardware();
    Json out = Json::object();
    const std::string uuid = w.uuid_of(w.system.uuid, "uuid");
    if (!uuid.empty()) out["uuid"] = uuid;
    const bool secure = h.secure_boot.value_or(false);
    if (h.firmware == Firmware::efi) {
        // Without a word of secureBoot, KubeVirt turns it on.
        out["bootloader"]["efi"]["secureBoot"] = secure;
        if (secure) w.domain["features"]["smm"]["enabled"] = true;
    } else if (h.firmware == Firmware::bios) {
        out["bootloader"]["bios"] = Json::object();
    }
    if (secure && h.firmware != Firmware::efi) w.dropped("secure_boot", {}, "kubevirt-firmware-secureboot", "secure boot needs EFI firmware");
    if (!out.empty()) w.domain["firmware"] = std::move(out);
    std::string machine = w.envelope.dialect == "kubevirt" ? h.machine : general_machine(h.machine);
    if (machine == "pc" || (!machine.empty() && !only_word_characters(machine, "_.-"))) machine = "q35";
    if (!machine.empty()) w.domain["machine"]["type"] = machine;
    if (machine != h.machine) w.approximated("machine", {}, "kubevirt-machine-changed", fmt::format("'{}' became {}", h.machine, machine));
}

void write_clock(Writer& w) {
    const std::string& clock = w.system.clock;
    if (clock.empty()) return;
    if (clock == "utc")
        w.domain["clock"]["utc"] = Json::object();
    else if (clock.find('/') != std::string::npos && only_word_characters(clock, "_.+-/"))
        w.domain["clock"]["timezone"] = clock;
    else
        w.dropped("clock", {}, "kubevirt-clock-zone", fmt::format("'{}': the clock runs in UTC or a time zone", clock));
}

std::string architecture_of(Writer& w) {
    const std::string& arch = w.hardware().arch;
    if (arch == "x86_64") return "amd64";
    if (arch == "aarch64") return "arm64";
    if (arch == "s390x") return "s390x";
    if (!arch.empty()) w.dropped("arch", {}, "kubevirt-machine-changed", fmt::format("'{}': KubeVirt runs amd64, arm64 and s390x", arch));
    return {};
}

void restore(Writer& w, Json& root) {
    for (const Parameter& p : w.system.parameters) {
        if (p.space != "kubevirt") continue;
        const auto kept = [&] {
            if (w.envelope.dialect != "kubevirt" || !p.key.starts_with("/") || p.key.find_first_of("0123456789") != std::string::npos) return false;
            const Json::json_pointer at(p.key);
            if (root.contains(at)) return false;
            root[at] = Json::parse(p.value, nullptr, false);
            return !root[at].is_discarded();
        };
        bool done = false;
        try {
            done = kept();
        } catch (const Json::exception&) {
            done = false;  // another value stands in the way
        }
        if (!done) w.dropped("parameters[kubevirt]", p.key, "kubevirt-parameter-untrusted", fmt::format("{}: {}: not written back", p.key, p.value));
    }
}

}  // namespace

std::span<const OptionSpec> option_specs() { return specs; }

std::string slug(std::string_view text, std::string_view fallback) {
    std::string out;
    for (const char c : text) {
        const char l = lower(c);
        if ((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9'))
            out += l;
        else if (!out.empty() && out.back() != '-')
            out += '-';
        if (out.size() >= 63) break;
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? std::string(fallback) : out;
}

std::string quantity_of(std::uint64_t bytes) {
    if (bytes % mib == 0) return fmt::format("{}Mi", bytes / mib);
    return bytes % 1024 == 0 ? fmt::format("{}Ki", bytes / 1024) : std::to_string(bytes);
}

std::optional<std::uint64_t> quantity(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = to_number<std::uint64_t>(text.substr(0, end));
    const std::string_view unit = text.substr(end);
    constexpr std::string_view letters = "KMGTPE";
    std::uint64_t factor = 1;
    if (!unit.empty()) {
        const std::size_t power = letters.find(unit.front() == 'k' ? 'K' : unit.front());
        const bool binary = unit.size() == 2 && unit[1] == 'i';
        if (power == std::string_view::npos || (unit.size() > 1 && !binary)) return std::nullopt;
        for (std::size_t i = 0; i <= power; ++i) factor *= binary ? 1024 : 1000;
    }
    return count ? checked_multiply(*count, factor) : std::nullopt;
}

Written write(std::string_view, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Writer w(envelope, system, context);
    w.label = slug(w.name(), "vm");
    w.volume = context.option("kubevirt", specs, "volume");
    w.registry = context.option("kubevirt", specs, "registry");
    w.network = context.option("kubevirt", specs, "network");
    w.note_name(w.label, "it has to be a DNS-1123 label");
    for (const BootEntry& entry : w.boot_order()) (entry.nic ? w.nic_boot : w.drive_boot)[entry.index] = entry.order;
    write_cpu(w);
    write_memory(w);
    write_firmware(w);
    write_clock(w);
    write_drives(w);
    write_nics(w);
    write_devices(w);
    write_balloon(w);
    w.domain["devices"] = std::move(w.devices);

    Json root = Json::object();
    root["apiVersion"] = "kubevirt.io/v1";
    root["kind"] = "VirtualMachine";
    root["metadata"]["name"] = w.label;
    if (!system.annotation.empty()) root["metadata"]["annotations"]["description"] = system.annotation;
    root["spec"]["runStrategy"] = "Halted";
    Json& inner = root["spec"]["template"];
    if (!w.annotations.empty()) inner["metadata"]["annotations"] = std::move(w.annotations);
    Json& spec = inner["spec"];
    if (const std::string arch = architecture_of(w); !arch.empty()) spec["architecture"] = arch;
    spec["domain"] = std::move(w.domain);
    if (!w.networks.empty()) spec["networks"] = std::move(w.networks);
    if (!w.volumes.empty()) spec["volumes"] = std::move(w.volumes);
    restore(w, root);
    w.written.files.push_back({w.label + ".yaml", yaml_of(root), false, false});
    return std::move(w.written);
}

}  // namespace ovfkit::detail::kubevirt
