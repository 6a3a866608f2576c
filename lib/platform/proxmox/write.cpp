#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail::proxmox {

namespace {

constexpr std::array specs{
    OptionSpec{"storage", "NAME", "local-lvm", "storage of the disks"},
    OptionSpec{"bridge", "NAME", "vmbr0", "bridge of NICs on a logical network"},
    OptionSpec{"vmid", "ID", "100", "number of the machine: file name and names of its disks"},
};

/// A DNS name, as the key `name` has to be.
std::string dns_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (plain)
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
    while (!out.empty() && (out.front() == '-' || out.front() == '.')) out.erase(0, 1);
    if (out.size() > 63) out = cut_text(out, 63);
    return out.empty() ? "vm" : out;
}

void write_cpu(Writer& w) {
    const Cpu& cpu = w.hardware().cpu;
    const std::uint32_t count = std::max(cpu.count.value_or(1), 1U);
    if (!cpu.count) w.defaulted("cpu.count", {}, "proxmox-cpu-defaulted", "the source names no number of CPUs: 1 is written");
    const std::uint32_t most = std::max(cpu.maximum.value_or(0), count);
    const auto topology = w.topology_of(most);
    const std::uint32_t sockets = topology ? topology->sockets : 1;
    if (topology && topology->threads > 1)
        w.approximated("cpu.threads", {}, "proxmox-cpu-threads", fmt::format("{} threads a core became cores", topology->threads));
    else if (topology && cpu.threads)
        w.defaulted("cpu.threads", {}, "proxmox-cpu-threads", "a core has one thread");
    w.line("cores", std::to_string(most / sockets));
    w.line("sockets", std::to_string(sockets));
    if (most != count) w.line("vcpus", std::to_string(count));
    std::string model = cpu.model;
    if (model == "host-model" || model == "host-passthrough") {
        if (model == "host-model") w.approximated("cpu.model", {}, "proxmox-cpu-model", "host-model became host");
        model = "host";
    }
    if (!model.empty() && !is_word(model)) {
        w.dropped("cpu.model", {}, "proxmox-cpu-model", fmt::format("'{}' is no name of a CPU model", model));
        model.clear();
    }
    const std::string* flags = nullptr;
    for (const Parameter& p : w.system.parameters)
        if (w.envelope.dialect == "proxmox" && p.space == "proxmox" && p.key == "cpu.flags") flags = &p.value;
    if (!model.empty()) w.line("cpu", flags != nullptr ? model + "," + *flags : model);
}

std::uint64_t to_mib(Writer& w, std::uint64_t bytes, std::string_view field) {
    const std::uint64_t out = bytes / mib + (bytes % mib != 0 ? 1 : 0);
    if (bytes % mib != 0) w.approximated(std::string(field), {}, "proxmox-memory-rounded", fmt::format("{} bytes became {} MiB", bytes, out));
    return out;
}

/// `balloon` is the least and the first size in one; `shares: 0` leaves it there.
void write_memory(Writer& w) {
    const Memory& m = w.hardware().memory;
    const MemoryBalloon& balloon = w.hardware().balloon;
    if (!m.boot_bytes || *m.boot_bytes == 0 || *m.boot_bytes > max_memory_bytes)
        return w.refuse("proxmox-memory-missing", fmt::format("VM '{}' has no usable memory size; give it one", w.system.id));
    const std::uint64_t size = to_mib(w, *m.boot_bytes, "memory.boot_bytes");
    w.line("memory", std::to_string(size));
    if (balloon.state == BalloonState::disabled) {
        w.line("balloon", "0");
        w.note_absent_balloon();
        if (m.target_bytes) w.dropped("memory.target_bytes", {}, "proxmox-memory-target", "there is no balloon to start with less");
        if (m.guaranteed_bytes) w.dropped("memory.guaranteed_bytes", {}, "proxmox-memory-target", "there is no balloon to take memory back");
        return;
    }
    const std::uint64_t least = m.guaranteed_bytes ? to_mib(w, *m.guaranteed_bytes, "memory.guaranteed_bytes") : 0;
    const std::uint64_t target = m.target_bytes ? to_mib(w, *m.target_bytes, "memory.target_bytes") : 0;
    std::uint64_t value = least != 0 ? least : target != 0 ? target : size;
    if (least != 0 && target != 0 && least != target)
        w.approximated("memory.target_bytes", {}, "proxmox-memory-target", fmt::format("starts with {} MiB, the least size, not {}: one number says both", least, target));
    if (m.guaranteed_bytes && !m.target_bytes && least < size)
        w.defaulted("memory.target_bytes", {}, "proxmox-memory-target", fmt::format("balloon: {} is also what the machine starts with", least));
    value = std::min(value, size);
    const bool sized = least != 0 || target != 0;
    if (balloon.state == BalloonState::unspecified && sized)
        w.defaulted("balloon.state", {}, "balloon-state-defaulted", "the source does not say whether there is a memory balloon: its sizes need one");
    if (balloon.state == BalloonState::enabled || sized) w.line("balloon", std::to_string(value));  // no line leaves it to Proxmox
    if (m.weight) w.line("shares", std::to_string(std::min<std::uint32_t>(*m.weight, 50000)));
    if (m.weight && *m.weight > 50000) w.approximated("memory.weight", {}, "proxmox-memory-target", fmt::format("{} shares became 50000", *m.weight));
    if (balloon.model != BalloonModel::unspecified && balloon.model != BalloonModel::virtio)
        w.approximated("balloon.model", {}, "balloon-attribute-unsupported", fmt::format("'{}' became virtio", to_string(balloon.model)));
    if (balloon.autodeflate) w.drop_balloon_attribute("autodeflate", "Proxmox sets deflate-on-oom nowhere");
    if (balloon.free_page_reporting) w.drop_balloon_attribute("free_page_reporting", "Proxmox reports free pages whenever the machine type can");
    if (balloon.stats_period_seconds) w.drop_balloon_attribute("stats_period_seconds", "Proxmox polls every 2 seconds");
}

void write_firmware(Writer& w) {
    const Hardware& h = w.hardware();
    const bool efi = h.firmware == Firmware::efi;
    if (h.firmware != Firmware::unspecified) w.line("bios", efi ? "ovmf" : "seabios");
    if (efi)
        w.line("efidisk0", fmt::format("{0}:vm-{1}-disk-efi,efitype=4m,pre-enrolled-keys={2}", w.storage, w.vmid, h.secure_boot.value_or(false) ? 1 : 0));
    else if (h.secure_boot.value_or(false))
        w.dropped("secure_boot", {}, "proxmox-firmware-secureboot", "secure boot needs EFI firmware");
    if (!h.nvram_file_id.empty())
        w.dropped("nvram_file_id", {}, "proxmox-firmware-secureboot", "the EFI variables are made anew");
    std::string machine = general_machine(h.machine);
    if (w.envelope.dialect == "proxmox") machine = h.machine;
    if (machine == "pc" || machine.empty()) {
        if (!h.machine.empty()) w.line("machine", machine);
    } else if (machine == "q35" || (w.envelope.dialect == "proxmox" && is_word(machine))) {
        w.line("machine", machine);
    } else {
        machine.clear();
        w.dropped("machine", {}, "proxmox-machine-changed", fmt::format("'{}' is none of Proxmox", h.machine));
    }
    if (!machine.empty() && machine != h.machine)
        w.approximated("machine", {}, "proxmox-machine-changed", fmt::format("'{}' became {}: other hosts lack the version", h.machine, machine));
    if (!h.arch.empty() && h.arch != "x86_64") {
        if (h.arch == "aarch64")
            w.line("arch", "aarch64");
        else
            w.dropped("arch", {}, "proxmox-machine-changed", fmt::format("'{}': Proxmox runs x86_64 and aarch64", h.arch));
    }
}

/// ostype is a hint for defaults; ids 18 to 123 as Proxmox' own import.
std::string ostype_of(const OperatingSystem& os) {
    const std::uint32_t id = os.cim_id.value_or(0);
    if (id == 116 || id == 115) return "win8";
    if (id == 105 || id == 103) return "win7";
    if (id == 120 || id == 123) return "win10";
    if (id == 76 || id == 77) return "w2k8";
    if (id == 67 || id == 69 || id == 70 || id == 71) return "wxp";
    if (id == 36 || (id >= 79 && id <= 102 && id != 90 && id != 91) || (id >= 106 && id <= 110)) return "l26";
    return {};
}

void write_identity(Writer& w) {
    const std::string name = dns_name(w.name());
    w.note_name(name, "it has to be a DNS name");
    w.line("name", name);
    std::string ostype;
    for (const Parameter& p : w.system.parameters)
        if (p.space == "proxmox" && p.key == "ostype" && w.envelope.dialect == "proxmox") ostype = p.value;
    if (ostype.empty()) ostype = ostype_of(w.system.os);
    if (!ostype.empty()) w.line("ostype", ostype);
    const std::string uuid = w.uuid_of(w.system.uuid, "uuid");
    std::string smbios = uuid.empty() ? std::string{} : "uuid=" + uuid;
    for (const Parameter& p : w.system.parameters)
        if (p.space == "proxmox" && p.key == "smbios1" && w.envelope.dialect == "proxmox" && is_part(p.value.substr(0, 1))) smbios += (smbios.empty() ? "" : ",") + p.value;
    if (!smbios.empty()) w.line("smbios1", smbios);
    const std::string genid = w.uuid_of(w.system.genid, "genid");
    if (!genid.empty()) w.line("vmgenid", genid);
    if (w.system.is_template) w.line("template", "1");
    if (w.system.clock == "localtime" || w.system.clock == "utc")
        w.line("localtime", w.system.clock == "localtime" ? "1" : "0");
    else if (!w.system.clock.empty())
        w.dropped("clock", {}, "proxmox-clock-zone", fmt::format("'{}': the clock runs in UTC or local time", w.system.clock));
}

void write_boot(Writer& w) {
    std::string order;
    for (const BootEntry& entry : w.boot_order()) {
        const std::string& key = entry.nic ? w.nic_keys[entry.index] : w.drive_keys[entry.index];
        if (!key.empty()) order += (order.empty() ? "" : ";") + key;
    }
    if (!order.empty()) w.line("boot", "order=" + order);
}

void write_parameters(Writer& w) {
    for (const Parameter& p : w.system.parameters) {
        if (p.space != "proxmox" || p.key == "ostype" || p.key == "smbios1" || p.key == "cpu.flags") continue;
        const bool used = std::any_of(w.lines.begin(), w.lines.end(), [&](const auto& line) { return line.first == p.key; });
        if (w.envelope.dialect == "proxmox" && !used)
            w.line(p.key, p.value);
        else
            w.dropped("parameters[proxmox]", p.key, "proxmox-parameter-untrusted", fmt::format("{}: {}: only a Proxmox configuration may set it", p.key, p.value));
    }
}

std::string text_of(const Writer& w) {
    std::string out, rest = w.system.annotation;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        out += "#" + encoded(rest.substr(0, end)) + "\n";
        rest = end == std::string::npos ? std::string{} : rest.substr(end + 1);
    }
    Parts sorted = w.lines;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, value] : sorted) out += key + ": " + value + "\n";
    return out;
}

}  // namespace

std::span<const OptionSpec> option_specs() { return specs; }

/// The only way into the file: a control character would be another line.
void Writer::line(std::string key, std::string value) {
    std::replace_if(value.begin(), value.end(), is_control, ' ');
    lines.emplace_back(std::move(key), std::move(value));
}

Written write(std::string_view, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Writer w(envelope, system, context);
    const auto word = [&](std::string_view key) {
        const std::string value = context.option("proxmox", specs, key);
        if (is_word(value)) return value;
        w.refuse("proxmox-option-invalid", fmt::format("-O proxmox.{}='{}' is no plain name", key, value));
        return std::string("x");
    };
    w.storage = word("storage");
    w.bridge = word("bridge");
    w.vmid = word("vmid");
    write_identity(w);
    write_cpu(w);
    write_memory(w);
    write_firmware(w);
    write_drives(w);
    write_devices(w);
    write_boot(w);
    write_parameters(w);
    w.written.files.push_back({w.vmid + ".conf", text_of(w), false, false});
    return std::move(w.written);
}

}  // namespace ovfkit::detail::proxmox
