#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/ganeti/instance.hpp"

// CD-ROM and floppy images, and what the instance boots from.
namespace ovfkit::detail::ganeti {

namespace {

bool is_image(const Job& job, const std::string& source) {
    return is_normal_path(source) || (job.is("kvm") && is_url(source));
}

void drop_medium(Job& job, const Drive& drive, std::string_view what) {
    std::string held = drive.source;
    if (held.empty())
        held = !drive.file_id.empty() ? "file " + drive.file_id
                                      : (drive.disk_id.empty() ? std::string{} : "disk " + drive.disk_id);
    if (held.empty())
        job.notes.dropped("drives[].kind", drive.info.id, "ganeti-cdrom-unset",
                          fmt::format("an empty {} drive has no place: Ganeti has the drive only with an image", what));
    else
        job.notes.dropped(
            "drives[].kind", drive.info.id, "ganeti-cdrom-unset",
            fmt::format("{} image '{}': Ganeti takes an absolute path on the nodes{}; put it there and set the hvparam",
                        what, held, job.is("kvm") ? " or a URL" : ""));
}

void write_cdroms(Job& job) {
    constexpr std::array<std::string_view, 2> params{"cdrom_image_path", "cdrom2_image_path"};
    std::size_t used = 0;
    std::string bus;
    for (const Drive& drive : job.system.hardware.drives) {
        if (drive.kind != DriveKind::cdrom) continue;
        if (!is_image(job, drive.source)) {
            drop_medium(job, drive, "CD-ROM");
            continue;
        }
        if (used == params.size() || !job.set(params[used], drive.source)) {
            job.notes.dropped(
                "drives[].kind", drive.info.id, "ganeti-device-limit",
                fmt::format("CD-ROM '{}': {} has no further drive for it", drive.source, job.out.hypervisor.value));
            continue;
        }
        job.ids.emplace_back(drive.info.id, fmt::format("cdrom:{}", used++));
        const auto& controllers = job.system.hardware.controllers;
        const auto found = std::find_if(controllers.begin(), controllers.end(), [&](const Controller& c) {
            return !drive.controller.empty() && c.info.id == drive.controller;
        });
        const std::string own = found == controllers.end() ? drive.interface : std::string(to_string(found->type));
        if (bus.empty()) bus = own == "virtio" ? "paravirtual" : "ide";
        if (!own.empty() && own != (bus == "ide" ? "ide" : "virtio"))
            job.notes.approximated(found == controllers.end() ? "drives[].interface" : "drives[].controller",
                                   drive.info.id, "ganeti-disk-type-approximated",
                                   fmt::format("CD-ROM on {} becomes cdrom_disk_type={}", own, bus));
    }
    // Left empty it would be disk_type, and QEMU has no if=scsi-hd.
    if (used != 0 && job.is("kvm")) job.set("cdrom_disk_type", bus);
}

void write_floppies(Job& job) {
    bool used = false;
    for (const Drive& drive : job.system.hardware.drives) {
        if (drive.kind != DriveKind::floppy) continue;
        if (!used && is_normal_path(drive.source) && job.set("floppy_image_path", drive.source)) {
            used = true;
            job.ids.emplace_back(drive.info.id, "floppy:0");
        } else {
            drop_medium(job, drive, "floppy");
        }
    }
}

/// Boot classes in order: `disk cdrom network floppy`.
std::vector<std::string> boot_classes(const Hardware& hardware) {
    if (!hardware.boot.empty()) return hardware.boot;
    std::vector<std::pair<std::uint32_t, std::string>> devices;
    for (const Drive& drive : hardware.drives)
        if (drive.boot_index) devices.emplace_back(*drive.boot_index, std::string(to_string(drive.kind)));
    for (const Nic& nic : hardware.nics)
        if (nic.boot_index) devices.emplace_back(*nic.boot_index, "network");
    std::stable_sort(devices.begin(), devices.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> out;
    for (const auto& [index, name] : devices)
        if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// The field the boot order comes from, for notes.
void note_boot(Job& job, const std::string& detail) {
    const Hardware& hardware = job.system.hardware;
    if (!hardware.boot.empty()) {
        job.notes.approximated("boot", {}, "ganeti-boot-order", detail);
        return;
    }
    for (const Drive& drive : hardware.drives)
        if (drive.boot_index) job.notes.approximated("drives[].boot_index", drive.info.id, "ganeti-boot-order", detail);
    for (const Nic& nic : hardware.nics)
        if (nic.boot_index) job.notes.approximated("nics[].boot_index", nic.info.id, "ganeti-boot-order", detail);
}

bool is_possible(const Job& job, std::string_view name) {
    if (name == "cdrom") return job.hv.count("cdrom_image_path") != 0;
    // Up to 3.0 Ganeti adds boot=on to the floppy's -drive, which no present QEMU takes.
    if (name == "floppy") return job.hv.count("floppy_image_path") != 0 && job.options.version >= 301;
    return name == "disk" || name == "network";
}

/// Only the first disk can be booted from; a per-device order that wants another one is lost.
bool wants_later_disk(const Hardware& hardware) {
    const Drive* first = nullptr;
    const Drive* wanted = nullptr;
    for (const Drive& drive : hardware.drives) {
        if (drive.kind != DriveKind::disk) continue;
        if (first == nullptr) first = &drive;
        if (drive.boot_index && (wanted == nullptr || *drive.boot_index < *wanted->boot_index)) wanted = &drive;
    }
    return wanted != nullptr && wanted != first;
}

}  // namespace

void write_media(Job& job) {
    write_cdroms(job);
    write_floppies(job);
}

void write_boot(Job& job) {
    const std::vector<std::string> wanted = boot_classes(job.system.hardware);
    if (wanted.empty()) return;
    if (job.is("xen-hvm")) {
        std::string letters;
        for (const std::string& name : wanted) {
            const char letter = name == "disk"      ? 'c'
                                : name == "cdrom"   ? 'd'
                                : name == "network" ? 'n'
                                : name == "floppy"  ? 'a'
                                                    : '\0';
            if (letter != '\0' && letters.find(letter) == std::string::npos) letters += letter;
        }
        if (!letters.empty()) job.set("boot_order", letters);
        if (letters.size() != wanted.size())
            note_boot(job, fmt::format("'{}' becomes boot_order={}", joined(wanted), letters));
    } else if (!job.is("kvm")) {
        note_boot(job, fmt::format("'{}': {} has no boot order", joined(wanted), job.out.hypervisor.value));
    } else {
        const auto usable =
            std::find_if(wanted.begin(), wanted.end(), [&](const std::string& name) { return is_possible(job, name); });
        const std::string chosen = usable == wanted.end() ? "disk" : *usable;
        job.set("boot_order", chosen);
        if (wanted.size() > 1 || chosen != wanted.front())
            note_boot(job, fmt::format("'{}' becomes boot_order={}: kvm instances boot from one class of device, and "
                                       "from a CD-ROM or floppy (from 3.1 on) only with an image",
                                       joined(wanted), chosen));
    }
    if (wants_later_disk(job.system.hardware)) note_boot(job, "only the first disk is booted from");
}

}  // namespace ovfkit::detail::ganeti
