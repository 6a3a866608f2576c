#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/qemu/writer.hpp"

namespace ovfkit::detail::qemu {

namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;
constexpr std::array<std::string_view, 9> architectures{"x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64"};

std::string program_of(std::string_view arch) {
    if (arch == "i686") return "qemu-system-i386";
    if (arch == "ppc64le") return "qemu-system-ppc64";
    if (arch == "armv7l") return "qemu-system-arm";
    return fmt::format("qemu-system-{}", arch);
}

void decide_arch(Writer& w) {
    const std::string& said = w.hardware().arch;
    Target& t = w.target;
    t.arch = !w.settings.arch.empty() ? w.settings.arch : !said.empty() ? said : "x86_64";
    if (std::find(architectures.begin(), architectures.end(), t.arch) == architectures.end()) t.arch = "x86_64";
    if (!said.empty() && t.arch != said)
        w.approximated("arch", {}, "qemu-machine-changed", fmt::format("'{}' became '{}'", said, t.arch));
    t.program = program_of(t.arch);
    t.x86 = is_x86(t.arch);
}

std::string default_machine(const Target& t) {
    if (t.x86) return t.efi ? "q35" : "pc";
    if (t.arch.starts_with("ppc64")) return "pseries";
    return t.arch == "s390x" ? "s390-ccw-virtio" : "virt";
}

void decide_machine(Writer& w) {
    Target& t = w.target;
    const std::string& said = w.hardware().machine;
    const bool asked = !w.settings.machine.empty();
    t.machine = asked ? w.settings.machine : w.envelope.dialect == "qemu" ? said : general_machine(said);
    const bool foreign = t.x86 ? t.machine == "pseries" || t.machine == "virt" || t.machine == "s390-ccw-virtio"
                               : general_machine(t.machine) == "pc" || general_machine(t.machine) == "q35";
    if (!only_word_characters(t.machine, "_.-") || t.machine.front() == '-' || foreign) t.machine = default_machine(t);
    if (!said.empty() && t.machine != said)
        w.approximated("machine", {}, "qemu-machine-changed",
                       fmt::format("'{}' became '{}'{}", said, t.machine, asked ? " as asked for" : ": every QEMU has it"));
    t.q35 = general_machine(t.machine) == "q35";
    t.pc = general_machine(t.machine) == "pc";
    if (t.machine == "s390-ccw-virtio" || t.arch == "s390x") t.transport = "ccw";
    if (t.machine == "microvm") t.transport = "device";
}

void decide_firmware(Writer& w) {
    Target& t = w.target;
    t.efi = w.hardware().firmware == Firmware::efi;
    t.secure_boot = w.hardware().secure_boot.value_or(false);
    if (t.efi && !t.x86 && t.arch != "aarch64") {
        w.dropped("firmware", {}, "qemu-firmware-unsupported", fmt::format("no EFI firmware is known for {}", t.arch));
        t.efi = false;
    }
    if (t.secure_boot && (!t.efi || !t.x86)) {
        w.dropped("secure_boot", {}, "qemu-firmware-unsupported", "secure boot needs EFI firmware on x86");
        t.secure_boot = false;
    }
}

}  // namespace

void decide_target(Writer& w) {
    decide_arch(w);
    decide_firmware(w);
    decide_machine(w);
    if (!w.target.secure_boot || w.target.q35) return;
    if (!w.settings.machine.empty())
        return w.refuse("qemu-secureboot-machine", fmt::format("secure boot needs machine q35, not '{}'", w.target.machine));
    w.approximated("machine", {}, "qemu-secureboot-machine", fmt::format("'{}' became 'q35': secure boot needs it", w.target.machine));
    w.target.machine = "q35";
    w.target.q35 = true;
    w.target.pc = false;
}

namespace {

void write_identity(Writer& w) {
    std::string name = w.name();
    std::replace_if(name.begin(), name.end(), is_control, '-');
    w.note_name(name, "a name has no control characters");
    w.option("-name", Opts().add("guest", name).text());
    const std::string uuid = w.uuid_of(w.system.uuid, "uuid");
    if (!uuid.empty()) w.option("-uuid", uuid);
}

void write_machine_type(Writer& w) {
    Opts opts(w.target.machine);
    opts.add("accel", w.settings.accel);
    if (w.target.secure_boot) opts.add_flag("smm", true);
    for (const SimpleDevice& sound : w.hardware().sounds)
        if (sound.model == "pcspk" && w.target.x86) {
            opts.add("pcspk-audiodev", "audio0");
            break;
        }
    for (const Parameter& p : w.system.parameters)
        if (p.space == "qemu" && p.key.starts_with("machine.") && w.envelope.dialect == "qemu") opts.add(p.key.substr(8), p.value);
    w.option("-machine", opts.text());
}

void write_firmware(Writer& w) {
    const Target& t = w.target;
    const FileReference* nvram = find_id(w.envelope.files, w.hardware().nvram_file_id);
    if (!t.efi) return;
    std::string code = w.settings.firmware;
    if (code.empty())
        code = t.arch == "aarch64" ? "/usr/share/AAVMF/AAVMF_CODE.fd" : t.secure_boot ? "/usr/share/OVMF/OVMF_CODE_4M.ms.fd" : "/usr/share/OVMF/OVMF_CODE_4M.fd";
    std::string variables = w.settings.nvram;
    if (nvram != nullptr && variables.empty()) variables = w.settings.images + "/" + file_name(last_part(nvram->href));
    if (variables.empty()) {
        variables = fmt::format("{}/{}_VARS.fd", w.settings.images, w.stem);
        w.defaulted("firmware", {}, "qemu-firmware-nvram",
                    fmt::format("create {} as a copy of the variables that belong to {}", variables, code));
    }
    w.option("-drive", Opts().add("if", "pflash").add("format", "raw").add("unit", "0").add_flag("readonly", true).add("file", code).text());
    w.option("-drive", Opts().add("if", "pflash").add("format", "raw").add("unit", "1").add("file", variables).text());
    if (t.secure_boot) w.option("-global", Opts().add("driver", "cfi.pflash01").add("property", "secure").add("value", "on").text());
}

void write_cpu(Writer& w) {
    const Cpu& cpu = w.hardware().cpu;
    std::string model = cpu.model;
    if (model == "host-model" || model == "host-passthrough") {
        const std::string by = w.settings.accel == "kvm" ? "host" : "max";
        if (model == "host-model") w.approximated("cpu.model", {}, "qemu-cpu-model", fmt::format("host-model became {}", by));
        model = by;
    } else if (!model.empty() && (!only_word_characters(model, "_.-") || model.front() == '-')) {
        w.dropped("cpu.model", {}, "qemu-cpu-model", fmt::format("'{}' is no name of a CPU model", model));
        model.clear();
    }
    if (const std::string* flags = w.parameter("cpu.flags"); flags != nullptr && !model.empty()) model += "," + *flags;
    if (!model.empty()) w.option("-cpu", model);

    const std::uint32_t count = std::max(cpu.count.value_or(1), 1U);
    if (!cpu.count) w.defaulted("cpu.count", {}, "qemu-cpu-defaulted", "the source names no number of CPUs: 1 is written");
    const std::uint32_t most = std::max(cpu.maximum.value_or(0), count);
    Opts smp(std::to_string(count));
    if (const auto topology = w.topology_of(most))
        smp.add("sockets", std::to_string(topology->sockets)).add("cores", std::to_string(topology->cores)).add("threads", std::to_string(topology->threads));
    if (cpu.maximum) smp.add("maxcpus", std::to_string(most));
    w.option("-smp", smp.text());
}

std::string size_of(Writer& w, std::uint64_t bytes, std::string_view field) {
    if (bytes % mib == 0) return fmt::format("{}M", bytes / mib);
    const std::uint64_t rounded = bytes / kib + (bytes % kib != 0 ? 1 : 0);
    if (bytes % kib != 0)
        w.approximated(std::string(field), {}, "qemu-memory-rounded", fmt::format("{} bytes became {} KiB", bytes, rounded));
    return fmt::format("{}K", rounded);
}

void write_memory(Writer& w) {
    const Memory& m = w.hardware().memory;
    if (!m.boot_bytes || *m.boot_bytes == 0 || *m.boot_bytes > max_memory_bytes)
        return w.refuse("qemu-memory-missing", fmt::format("VM '{}' has no usable memory size; give it one", w.system.id));
    Opts opts;
    opts.add("size", size_of(w, *m.boot_bytes, "memory.boot_bytes"));
    if (m.maximum_bytes) {
        const bool fits = *m.maximum_bytes > *m.boot_bytes && *m.maximum_bytes % mib == 0 && *m.boot_bytes % mib == 0 &&
                          *m.maximum_bytes <= max_memory_bytes && (w.target.pc || w.target.q35 || w.target.machine == "virt");
        if (fits)
            opts.add("slots", "16").add("maxmem", size_of(w, *m.maximum_bytes, "memory.maximum_bytes"));
        else
            w.dropped("memory.maximum_bytes", {}, "qemu-memory-maximum",
                      fmt::format("{} bytes: the machine cannot grow to it", *m.maximum_bytes));
    }
    w.option("-m", opts.text());
}

void write_clock(Writer& w) {
    const std::string& clock = w.system.clock;
    if (clock.empty()) return;
    const bool known = clock == "utc" || clock == "localtime";
    if (!known) w.approximated("clock", {}, "qemu-clock-zone", fmt::format("'{}' became localtime: QEMU knows the host's zone only", clock));
    w.option("-rtc", Opts().add("base", known ? clock : "localtime").text());
}

void write_boot(Writer& w) {
    std::string letters;
    for (const std::string& word : w.hardware().boot) {
        const char letter = word == "disk" ? 'c' : word == "cdrom" ? 'd' : word == "network" ? 'n' : word == "floppy" ? 'a' : '\0';
        if (letter == '\0')
            w.dropped("boot", {}, "qemu-boot-word", fmt::format("'{}' is no class of devices", word));
        else if (letters.find(letter) == std::string::npos)
            letters += letter;
    }
    if (!letters.empty()) w.option("-boot", Opts().add("order", letters).text());
}

}  // namespace

void write_machine(Writer& w) {
    w.argv.push_back(w.target.program);
    write_identity(w);
    w.flag("-nodefaults");
    write_machine_type(w);
    write_firmware(w);
    write_cpu(w);
    write_memory(w);
    write_clock(w);
    write_boot(w);
}

}  // namespace ovfkit::detail::qemu
