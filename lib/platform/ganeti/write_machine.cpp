#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// CPU topology and model, machine type, firmware, clock: hvparams of the machine itself.
namespace ovfkit::detail::ganeti {

namespace {

/// What a field without a place on this hypervisor or release says.
void no_place(Job& job, std::string_view field, std::string_view id, std::string_view value, std::string_view param) {
    const Param* known = find_param(job.out.hypervisor.value, param);
    if (known != nullptr)
        job.notes.dropped(std::string(field), std::string(id), "ganeti-release-too-old",
                          fmt::format("'{}' needs the hvparam {}, which came with Ganeti {}.{}", value, param,
                                      known->since / 100, known->since % 100));
    else
        job.notes.dropped(
            std::string(field), std::string(id), "ganeti-hypervisor-limit",
            fmt::format("'{}': the hypervisor {} has no parameter for it", value, job.out.hypervisor.value));
}

void write_topology(Job& job) {
    const Cpu& cpu = job.system.hardware.cpu;
    if (!cpu.sockets && !cpu.cores && !cpu.threads) return;
    const std::uint64_t count = job.out.vcpus.value_or(1);
    const std::uint64_t threads = cpu.threads.value_or(1);
    std::uint64_t cores = cpu.cores.value_or(0);
    std::uint64_t sockets = cpu.sockets.value_or(0);
    if (cores == 0 && sockets == 0) cores = 1;
    if (cores == 0 && threads * sockets != 0) cores = count / (threads * sockets);
    if (sockets == 0 && threads * cores != 0) sockets = count / (threads * cores);
    const std::string given = fmt::format("{} sockets, {} cores, {} threads", sockets, cores, threads);
    const auto note_all = [&](auto&& note) {
        if (cpu.sockets) note("cpu.sockets");
        if (cpu.cores) note("cpu.cores");
        if (cpu.threads) note("cpu.threads");
    };
    if (threads == 0 || sockets > max_vcpus || cores > max_vcpus || threads > max_vcpus ||
        sockets * cores * threads != count) {
        note_all([&](const char* field) {
            job.notes.dropped(field, {}, "ganeti-topology-mismatch",
                              fmt::format("{} do not make {} CPUs: QEMU would refuse to start, so no topology is given",
                                          given, count));
        });
        return;
    }
    if (!job.has_param("cpu_cores")) {
        note_all([&](const char* field) { no_place(job, field, {}, given, "cpu_cores"); });
        return;
    }
    job.set("cpu_sockets", std::to_string(sockets));
    job.set("cpu_cores", std::to_string(cores));
    job.set("cpu_threads", std::to_string(threads));
}

void write_cpu_model(Job& job) {
    const std::string& model = job.system.hardware.cpu.model;
    if (model.empty()) return;
    if (!job.has_param("cpu_type")) return no_place(job, "cpu.model", {}, model, "cpu_type");
    if (model == "host-passthrough" || model == "host-model") {
        job.set("cpu_type", "host");
        if (model == "host-model")
            job.notes.approximated("cpu.model", {}, "ganeti-cpu-approximated",
                                   "host-model becomes cpu_type=host, the node's CPU as it is");
        return;
    }
    const bool plain = std::all_of(model.begin(), model.end(), [](char c) {
        const char l = lower(c);
        return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
    if (plain)
        job.set("cpu_type", model);
    else
        job.notes.dropped("cpu.model", {}, "ganeti-cpu-approximated",
                          fmt::format("'{}' is no CPU model QEMU could have", model));
}

/// `pc` and `pc-i440fx-7.2`: what a node's QEMU lists as a PC and Ganeti can start.
bool is_i440fx(std::string_view machine) {
    if (machine == "pc") return true;
    constexpr std::string_view prefix = "pc-i440fx-";
    if (!machine.starts_with(prefix) || machine.size() == prefix.size()) return false;
    const std::string_view version = machine.substr(prefix.size());
    return version.find_first_not_of("0123456789.") == std::string_view::npos;
}

void write_machine_type(Job& job) {
    const Hardware& hardware = job.system.hardware;
    const std::string& machine = hardware.machine;
    const bool pc = machine.starts_with("pc-i440fx") || machine == "pc";
    if (!machine.empty() && !job.is("kvm")) {
        if (!pc || !job.is("xen-hvm")) no_place(job, "machine", {}, machine, "machine_version");
    } else if (!machine.empty() && is_i440fx(machine)) {
        if (!job.set("machine_version", machine) && machine != "pc")
            no_place(job, "machine", {}, machine, "machine_version");
    } else if (!machine.empty()) {
        const bool set = job.set("machine_version", "pc");
        job.notes.approximated(
            "machine", {}, "ganeti-machine-unsupported",
            fmt::format("'{}' becomes {}: Ganeti puts every device on the bus pci.0, which only the PC (i440FX) has",
                        machine, set ? "machine_version=pc" : "QEMU's default PC"));
    }
    const std::string& arch = hardware.arch;
    if (!arch.empty() && arch != "x86_64" && arch != "i686")
        job.notes.dropped(
            "arch", {}, "ganeti-machine-unsupported",
            fmt::format("'{}': an instance runs on the architecture of its nodes; Ganeti has no parameter for it",
                        arch));
    if (hardware.firmware == Firmware::efi)
        job.notes.dropped(
            "firmware", {}, "ganeti-firmware-efi",
            "Ganeti starts every instance with a BIOS; a guest that boots by EFI needs a BIOS boot loader first");
    if (hardware.secure_boot.value_or(false))
        job.notes.dropped("secure_boot", {}, "ganeti-firmware-efi", "there is no secure boot without EFI");
}

void write_clock(Job& job) {
    const std::string& clock = job.system.clock;
    if (clock.empty()) return;
    if (!job.has_param("use_localtime")) {
        if (clock != "utc") no_place(job, "clock", {}, clock, "use_localtime");
        return;
    }
    job.set("use_localtime", clock == "localtime" ? "True" : "False");
    if (clock != "localtime" && clock != "utc")
        job.notes.approximated(
            "clock", {}, "ganeti-clock-approximated",
            fmt::format("'{}': the clock can run in UTC or the node's local time; UTC it is", clock));
}

void write_sound(Job& job) {
    const auto& sounds = job.system.hardware.sounds;
    for (std::size_t i = 0; i < sounds.size(); ++i) {
        const std::string& model = sounds[i].model;
        const std::string& id = sounds[i].info.id;
        if (!job.has_param("soundhw")) {
            no_place(job, "sounds[].model", id, model, "soundhw");
        } else if (job.is("kvm") && job.options.version < 301) {
            job.notes.dropped(
                "sounds[].model", id, "ganeti-sound-unsupported",
                fmt::format("'{}': up to 3.0 Ganeti passes -soundhw, which QEMU 7.1 and later refuse to start with",
                            model));
        } else if (i != 0) {
            job.notes.dropped("sounds[].model", id, "ganeti-device-limit",
                              fmt::format("'{}': one sound device is all there is", model));
        } else if (model == "usb" || model.empty()) {
            job.notes.dropped("sounds[].model", id, "ganeti-sound-unsupported",
                              fmt::format("'{}' is no model that soundhw takes", model));
        } else {
            job.set("soundhw", model == "ich6" || model == "ich9" ? "hda" : model);
            if (model == "ich6" || model == "ich9")
                job.notes.approximated("sounds[].model", id, "ganeti-sound-unsupported",
                                       fmt::format("'{}' becomes hda", model));
            job.ids.emplace_back(id, "sound:0");
        }
    }
}

}  // namespace

void write_machine(Job& job) {
    // Ganeti's own default is a kernel of the node: always say that the guest boots from its own disk.
    if (job.is("kvm")) job.suggest("kernel_path", "");
    if (job.is("xen-hvm")) job.suggest("kernel_path", "/usr/lib/xen/boot/hvmloader");
    if (job.is("xen-pvm")) {
        const bool own_kernel = job.parameter("ganeti.hv", "kernel_path") == nullptr &&
                                job.parameter("ganeti.hv.default", "kernel_path") == nullptr;
        job.suggest("kernel_path", "/boot/vmlinuz-3-xenU");
        if (own_kernel) {
            job.suggest("use_bootloader", "True");
            job.suggest("bootloader_path", job.options.bootloader);
        }
    }
    write_topology(job);
    write_cpu_model(job);
    write_machine_type(job);
    write_clock(job);
    write_sound(job);
}

}  // namespace ovfkit::detail::ganeti
