#include <algorithm>

#include <fmt/format.h>

#include "model/names.hpp"
#include "platform/qemu/reader.hpp"
#include "platform/qemu/words.hpp"

namespace ovfkit::detail::qemu {

namespace {

constexpr std::uint64_t mib = 1ULL << 20;

void read_identity(Reader& r) {
    for (Option* o : r.take("name")) r.system.name = parsed(r.text, o->value, "guest").get("guest");
    for (Option* o : r.take("uuid")) {
        r.system.uuid = normal_uuid(o->value.text);
        if (r.system.uuid.empty()) r.bad_number(o->value.text, o->offset, "UUID");
    }
    if (r.system.name.empty()) r.system.name = r.system.uuid.empty() ? "vm" : r.system.uuid;
    r.system.id = r.system.name;
}

void read_type(Reader& r) {
    std::vector<Option*> given = r.take("machine");
    for (Option* o : r.take("M")) given.push_back(o);
    for (Option* o : given) {
        Parsed m = parsed(r.text, o->value, "type");
        r.hardware().machine = m.take("type");
        for (const std::string_view run : {"accel", "usb", "dump-guest-core", "mem-merge", "memory-backend", "smm", "vmport", "hpet", "kernel_irqchip"})
            static_cast<void>(m.take(run));
        if (m.has("pflash0")) r.hardware().firmware = Firmware::efi;
        static_cast<void>(m.take("pflash0"));
        static_cast<void>(m.take("pflash1"));
        if (m.has("pcspk-audiodev")) {
            SimpleDevice speaker;
            speaker.info.id = "pcspk";
            speaker.info.origin.offset = o->offset;
            speaker.model = "pcspk";
            static_cast<void>(m.take("pcspk-audiodev"));
            r.hardware().sounds.push_back(std::move(speaker));
        }
        for (const auto& [key, value] : m.rest()) r.keep("machine." + key, value);
    }
    r.machine = general_machine(r.hardware().machine.empty() ? "pc" : r.hardware().machine);
}

void read_cpu(Reader& r) {
    Cpu& cpu = r.hardware().cpu;
    for (Option* o : r.take("cpu")) {
        const std::string& text = o->value.text;
        cpu.model = text.substr(0, text.find(','));
        if (cpu.model == "host" || cpu.model == "max") cpu.model = "host-passthrough";
        if (text.find(',') != std::string::npos) r.keep("cpu.flags", text.substr(text.find(',') + 1));
    }
    cpu.count = 1;
    for (Option* o : r.take("smp")) {
        cpu.info.origin.offset = o->offset;
        Parsed smp = parsed(r.text, o->value, "cpus");
        const auto get = [&](std::string_view key) -> std::optional<std::uint32_t> {
            if (!smp.has(key)) return std::nullopt;
            const auto value = r.number<std::uint32_t>(smp.take(key), o->offset, key, max_vcpus);
            if (value == 0U) r.bad_number("0", o->offset, key);
            return value;
        };
        cpu.maximum = get("maxcpus");
        cpu.sockets = get("sockets");
        cpu.cores = get("cores");
        cpu.threads = get("threads");
        const auto count = get("cpus");
        const std::uint64_t product = std::uint64_t{cpu.sockets.value_or(1)} * cpu.cores.value_or(1) * cpu.threads.value_or(1);
        cpu.count = count ? count : cpu.maximum ? cpu.maximum : product <= max_vcpus ? std::optional(static_cast<std::uint32_t>(product)) : std::nullopt;
        for (const auto& [key, value] : smp.rest())
            if (value != "1") r.keep("smp." + key, value);
    }
}

void read_memory(Reader& r) {
    Memory& memory = r.hardware().memory;
    memory.boot_bytes = 128 * mib;  // what QEMU takes without -m
    for (Option* o : r.take("m")) {
        memory.info.origin.offset = o->offset;
        Parsed m = parsed(r.text, o->value, "size");
        if (m.has("size")) {
            const auto size = size_in(m.get("size"), mib);
            if (!size || *size == 0 || *size > max_memory_bytes)
                r.bad_number(m.get("size"), o->offset, "memory size");
            else
                memory.boot_bytes = size;
        }
        if (m.has("maxmem")) {
            const auto size = size_in(m.get("maxmem"), mib);
            if (!size || *size < memory.boot_bytes || *size > max_memory_bytes)
                r.bad_number(m.get("maxmem"), o->offset, "maxmem");
            else if (*size > memory.boot_bytes)
                memory.maximum_bytes = size;
        }
    }
}

void read_clock(Reader& r) {
    for (Option* o : r.take("rtc")) {
        const std::string base = parsed(r.text, o->value, "base").get("base");
        if (base == "utc" || base == "localtime")
            r.system.clock = base;
        else if (!base.empty())
            r.keep("rtc", o->value.text);
    }
    if (!r.take("localtime").empty()) r.system.clock = "localtime";
}

void read_boot(Reader& r) {
    for (Option* o : r.take("boot")) {
        Parsed boot = parsed(r.text, o->value, "order");
        for (const char letter : boot.take("order")) {
            const std::string_view word = letter == 'c' ? "disk" : letter == 'd' ? "cdrom" : letter == 'n' ? "network" : letter == 'a' ? "floppy" : "";
            if (!word.empty()) r.hardware().boot.emplace_back(word);
        }
        static_cast<void>(boot.take("strict"));
        if (boot.get("menu") == "off") static_cast<void>(boot.take("menu"));
        for (const auto& [key, value] : boot.rest()) r.keep("boot." + key, value);
    }
}

void read_bios(Reader& r) {
    Hardware& h = r.hardware();
    for (Option* o : r.take("bios")) {
        const std::string file = to_lower(last_part(o->value.text));
        const bool efi = file.find("ovmf") != std::string::npos || file.find("aavmf") != std::string::npos || file.find("efi") != std::string::npos || file.find("edk2") != std::string::npos;
        if (efi) h.firmware = Firmware::efi;
        r.keep("bios", o->value.text);
    }
    for (auto& [id, drive] : r.drives)
        if (drive.get("if") == "pflash") h.firmware = Firmware::efi;
    const bool x86 = h.arch.empty() || is_x86(h.arch);
    if (h.firmware == Firmware::unspecified && x86) h.firmware = Firmware::bios;
}

}  // namespace

void read_machine(Reader& r) {
    read_identity(r);
    read_type(r);
    read_cpu(r);
    read_memory(r);
    read_clock(r);
    read_boot(r);
    read_bios(r);
}

void read_balloon(Reader& r) {
    MemoryBalloon& balloon = r.hardware().balloon;
    balloon.state = BalloonState::disabled;  // no device, no balloon
    balloon.info.id = "balloon";
    std::size_t count = 0;
    for (Option* o : r.take("balloon")) {  // gone since QEMU 5.0
        balloon.info.origin.offset = o->offset;
        const std::string word = parsed(r.text, o->value, "model").get("model");
        if (word == "none") continue;
        ++count;
        balloon.state = BalloonState::enabled;
        balloon.model = BalloonModel::virtio;
    }
    for (Parsed& device : r.devices) {
        const std::string driver = device.get("driver");
        if (virtio_kind(driver) != "virtio-balloon") continue;
        static_cast<void>(device.take("driver"));
        if (++count > 1)
            r.text.report("qemu-balloon-duplicate", device.offset, "a second memory balloon: QEMU refuses to start; keep one", Failure::malformed);
        balloon.info = r.info(device, "balloon");
        balloon.state = BalloonState::enabled;
        balloon.model = driver.ends_with("-non-transitional") ? BalloonModel::virtio_non_transitional
                        : driver.ends_with("-transitional")   ? BalloonModel::virtio_transitional
                                                              : BalloonModel::virtio;
        balloon.autodeflate = r.on_off(device, "deflate-on-oom");
        balloon.free_page_reporting = r.on_off(device, "free-page-reporting");
        if (device.has("guest-stats-polling-interval"))
            balloon.stats_period_seconds = r.number<std::uint32_t>(device.take("guest-stats-polling-interval"), device.offset, "polling interval", 0x7fffffffU);
        const std::string bus = device.get("bus"), slot = device.get("addr");
        const auto number = to_address_number(slot.starts_with("0x") || slot.empty() ? slot : "0x" + slot);
        if ((bus == "pci.0" || bus == "pcie.0") && number && *number < 32)
            balloon.info.address = fmt::format("bus=0x00,slot={:#04x},type=pci", *number);
        r.keep_rest(device, balloon.info);
    }
    if (r.autodeflate_global && balloon.state == BalloonState::enabled && !balloon.autodeflate) balloon.autodeflate = r.autodeflate_value;
    std::erase_if(r.devices, [](const Parsed& d) { return virtio_kind(d.get("driver")) == "virtio-balloon"; });
}

}  // namespace ovfkit::detail::qemu
