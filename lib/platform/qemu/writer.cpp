#include "platform/qemu/writer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ovfkit::detail::qemu {

namespace {

constexpr std::array specs{
    OptionSpec{"accel", "kvm:tcg|kvm|tcg", "kvm:tcg", "accelerator; kvm:tcg takes KVM where there is one"},
    OptionSpec{"arch", "NAME", "", "guest architecture, which picks the program; default: the system's own, else x86_64"},
    OptionSpec{"machine", "NAME", "", "machine type; default: the system's own, else pc for BIOS and q35 for EFI"},
    OptionSpec{"images", "DIR", ".", "folder the image files lie in"},
    OptionSpec{"firmware", "PATH", "", "EFI code; default: Debian's OVMF, with secure boot the one that has it"},
    OptionSpec{"nvram", "PATH", "", "EFI variables; default: NAME_VARS.fd in the images folder"},
    OptionSpec{"network", "user|bridge|tap", "user", "how a NIC on a logical network is attached"},
    OptionSpec{"bridge", "NAME", "br0", "bridge for NICs on a logical network"},
    OptionSpec{"graphics", "none|vnc|spice", "none", "a console to add when the source has none"},
    OptionSpec{"tpm-socket", "PATH", "", "socket of swtpm; default: NAME-swtpm.sock in the images folder"},
};

/// A path that no option parser takes for an option.
std::string path_of(std::string path) { return path.starts_with("-") ? "./" + path : path; }

}  // namespace

std::span<const OptionSpec> option_specs() { return specs; }

Settings settings_of(const WriteContext& context) {
    const auto get = [&](std::string_view key) { return context.option("qemu", specs, key); };
    Settings out{get("accel"),  get("arch"),    get("machine"), path_of(get("images")), path_of(get("firmware")), path_of(get("nvram")),
                 get("network"), get("bridge"), get("graphics"), path_of(get("tpm-socket"))};
    while (out.images.size() > 1 && out.images.back() == '/') out.images.pop_back();
    if (out.images == "/") out.images.clear();
    return out;
}

void Writer::option(std::string_view name, std::string value) {
    argv.emplace_back(name);
    argv.push_back(std::move(value));
}

/// A PCI slot of the first bus that the machine itself leaves free.
std::optional<std::uint32_t> Writer::free_slot(const std::string& address) {
    if (!target.pc && !target.q35) return std::nullopt;
    if (map_value(address, "type") != "pci" || !map_value(address, "multifunction").empty()) return std::nullopt;
    for (const std::string_view key : {"domain", "bus", "function"}) {
        const std::string_view text = map_value(address, key);
        if (!text.empty() && to_address_number(text) != 0U) return std::nullopt;
    }
    const auto slot = to_address_number(map_value(address, "slot"));
    if (!slot || *slot < 3 || *slot > (target.q35 ? 0x18U : 0x1fU) || !slots.insert(*slot).second) return std::nullopt;
    return slot;
}

void Writer::device(Opts opts, const DeviceInfo& info, std::string_view list) {
    const bool balloon = list == "balloon";
    const std::string id = balloon ? std::string{} : info.id;
    for (const Parameter& extra : info.parameters) {
        if (extra.space != "qemu") continue;
        if (envelope.dialect == "qemu" && extra.key.find('.') == std::string::npos)
            opts.add(extra.key, extra.value);
        else
            dropped(fmt::format("{}.info.parameters[qemu]", list), extra.key, "qemu-parameter-untrusted",
                    fmt::format("{}={}: only a QEMU command line of a host may set it", extra.key, extra.value));
    }
    if (!info.address.empty()) {
        if (const auto slot = free_slot(info.address)) {
            opts.add("bus", target.q35 ? "pcie.0" : "pci.0").add("addr", fmt::format("{:#x}", *slot));
            addressed.push_back(opts.text());
            return;
        }
        approximated(fmt::format("{}.info.address", list), id, "qemu-address-unusable",
                     fmt::format("'{}' has no place on machine {}: QEMU chooses one", info.address, target.machine));
    }
    devices.push_back(opts.text());
}

const std::string* Writer::parameter(std::string_view key) const {
    for (const Parameter& p : system.parameters)
        if (p.space == "qemu" && p.key == key && envelope.dialect == "qemu") return &p.value;
    return nullptr;
}

void write_parameters(Writer& w) {
    for (const Parameter& p : w.system.parameters) {
        if (p.space != "qemu") continue;
        if (w.envelope.dialect != "qemu") {
            w.dropped("parameters[qemu]", p.key, "qemu-parameter-untrusted",
                      fmt::format("{} {}: only a QEMU command line of a host may set it", p.key, p.value));
            continue;
        }
        if (p.key == "device") {
            w.devices.push_back(p.value);
        } else if (p.key.find('.') == std::string::npos) {
            w.flag("-" + p.key);
            if (!p.value.empty()) w.argv.push_back(p.value);
        }
    }
}

namespace {

std::string companion_of(const Writer& w) {
    std::string out = "{\"execute\":\"qmp_capabilities\"}\n";
    for (const std::string& command : w.after_start) out += command + "\n";
    return out;
}

/// Disks first: their controllers are made before what hangs on them, explicit addresses before automatic ones.
void write_devices(Writer& w) {
    for (const auto* list : {&w.addressed, &w.devices})
        for (const std::string& value : *list) w.option("-device", value);
}

void order_boot(Writer& w) {
    for (const BootEntry& entry : w.boot_order()) (entry.nic ? w.nic_boot : w.drive_boot)[entry.index] = entry.order;
}

}  // namespace

Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Writer w(envelope, system, context);
    w.stem = file_name(w.name());
    decide_target(w);
    order_boot(w);
    write_machine(w);
    write_drives(w);
    write_nics(w);
    write_ports(w);
    write_displays(w);
    write_misc(w);
    write_balloon(w);
    write_parameters(w);
    write_devices(w);
    const bool script = form == "qemu";
    std::vector<std::string> comments{fmt::format("{}: written by ovfkit", w.name())};
    if (!w.after_start.empty()) comments.push_back(fmt::format("After the start, send {}.qmp to the monitor (-qmp).", w.stem));
    OutputFile file;
    file.name = w.stem + (script ? ".sh" : ".json");
    file.bytes = script ? script_of(w.argv, comments) : json_of(w.argv);
    w.written.files.push_back(std::move(file));
    if (!w.after_start.empty()) w.written.files.push_back({w.stem + ".qmp", companion_of(w), false, false});
    return std::move(w.written);
}

}  // namespace ovfkit::detail::qemu
