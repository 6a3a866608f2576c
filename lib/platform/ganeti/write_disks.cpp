#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "model/names.hpp"
#include "platform/ganeti/instance.hpp"

// Disks, and the one disk_type and scsi_controller_type that all of them share.
namespace ovfkit::detail::ganeti {

namespace {

/// The bus a drive sits on, in the model's words: its controller's, or what it names itself.
struct Bus {
    std::string type;        ///< `ide sata scsi virtio usb nvme fdc` or empty
    std::string controller;  ///< model of a SCSI controller
    std::string field = "drives[].interface";
};

Bus bus_of(const VirtualSystem& system, const Drive& drive) {
    for (const Controller& controller : system.hardware.controllers)
        if (!drive.controller.empty() && controller.info.id == drive.controller)
            return {std::string(to_string(controller.type)), controller.model, "drives[].controller"};
    return {drive.interface, {}, "drives[].interface"};
}

/// What Ganeti can offer for a bus.
struct Choice {
    std::string disk_type, controller_type;
    bool exact = true;
    friend bool operator==(const Choice& a, const Choice& b) {
        return a.disk_type == b.disk_type && a.controller_type == b.controller_type;
    }
};

Choice kvm_choice(const Bus& bus, const Options& options) {
    if (bus.type == "ide") return {"ide", {}, true};
    if (bus.type == "virtio") return {"paravirtual", {}, true};
    if (bus.type == "scsi") {
        const std::string& model = bus.controller;
        if (model.empty() || model == "lsilogic") return {"scsi-hd", "lsi", true};
        if (model == "virtio-scsi") return {"scsi-hd", "virtio-scsi-pci", true};
        if (model == "lsisas1078") return {"scsi-hd", "megasas", true};
        if (model == "lsisas1068") return {"scsi-hd", "megasas", false};
        if (model == "vmpvscsi" || model == "spapr-vscsi") return {"scsi-hd", "virtio-scsi-pci", false};
        if (model == "am53c974") return {"scsi-hd", options.version >= 301 ? "dc390" : "lsi", options.version >= 301};
        return {"scsi-hd", "lsi", false};
    }
    if (bus.type == "sata") return {"ide", {}, false};
    return {"paravirtual", {}, bus.type.empty()};
}

Choice choice_for(const Job& job, const Bus& bus) {
    if (job.is("xen-hvm"))
        return bus.type == "virtio" || bus.type == "xen" || bus.type.empty()
                   ? Choice{"paravirtual", {}, bus.type != "virtio"}
                   : Choice{"ioemu", {}, bus.type == "ide"};
    return kvm_choice(bus, job.options);
}

std::string words(const Choice& choice) {
    return "disk_type=" + choice.disk_type +
           (choice.controller_type.empty() ? "" : ", scsi_controller_type=" + choice.controller_type);
}

std::string words(const Bus& bus) { return bus.type + (bus.controller.empty() ? "" : " (" + bus.controller + ")"); }

std::vector<const Drive*> drives_of(const VirtualSystem& system, DriveKind kind) {
    std::vector<const Drive*> out;
    for (const Drive& drive : system.hardware.drives)
        if (drive.kind == kind) out.push_back(&drive);
    return out;
}

/// QEMU's own limits: four IDE units, CD-ROM drives included; SCSI ids 0 to 7 on an LSI controller.
void within_limits(Job& job, Choice& choice, const std::vector<const Drive*>& disks) {
    const std::size_t count = disks.size();
    if (job.is("kvm") && choice.disk_type == "ide" && count + drives_of(job.system, DriveKind::cdrom).size() > 4) {
        choice = {"paravirtual", {}, false};
        job.notes.approximated("drives[].interface", disks.front()->info.id, "ganeti-disk-type-approximated",
                               "more than four IDE units are not possible: disk_type=paravirtual");
    }
    if (choice.disk_type == "scsi-hd" && choice.controller_type == "lsi" && count > 7) {
        choice.controller_type = "virtio-scsi-pci";
        job.notes.approximated(
            "controllers[].model", {}, "ganeti-disk-type-approximated",
            fmt::format("{} disks do not fit an LSI controller: scsi_controller_type=virtio-scsi-pci", count));
    }
}

void choose_type(Job& job, const std::vector<const Drive*>& disks) {
    if (disks.empty() || !(job.is("kvm") || job.is("xen-hvm"))) {
        if (!job.is("kvm") && !job.is("xen-hvm"))
            for (const Drive* disk : disks)
                if (const Bus bus = bus_of(job.system, *disk);
                    !bus.type.empty() && !(bus.type == "xen" && job.is("xen-pvm")))
                    job.notes.approximated(
                        bus.field, disk->info.id, "ganeti-hypervisor-limit",
                        fmt::format("{}: {} has no disk types, the guest sees the hypervisor's own disks", words(bus),
                                    job.out.hypervisor.value));
        return;
    }
    Choice chosen = choice_for(job, bus_of(job.system, *disks.front()));
    within_limits(job, chosen, disks);
    bool named = false;
    for (const Drive* disk : disks) {
        const Bus bus = bus_of(job.system, *disk);
        if (bus.type.empty()) continue;
        named = true;
        const Choice own = choice_for(job, bus);
        if (!(own == chosen)) {
            job.notes.approximated(bus.field, disk->info.id, "ganeti-disk-type-mixed",
                                   fmt::format("{}: all disks of an instance share {}", words(bus), words(chosen)));
        } else if (!own.exact) {
            job.notes.approximated(bus.field, disk->info.id, "ganeti-disk-type-approximated",
                                   fmt::format("{} becomes {}", words(bus), words(chosen)));
        }
    }
    if (!named)
        job.notes.defaulted("drives[].interface", disks.front()->info.id, "ganeti-disk-type-defaulted",
                            fmt::format("the source names no bus for its disks: {}", words(chosen)));
    // A Ganeti source may name a disk type the model has no word for: `scsi-generic` is scsi to the model.
    const std::string* own = job.from_ganeti ? job.parameter("ganeti.hv", "disk_type") : nullptr;
    const bool startable =
        own != nullptr && (own->starts_with("scsi-") || *own == "ide" || *own == "paravirtual" || *own == "ioemu");
    if (startable && (chosen.disk_type == "scsi-hd" || job.envelope.dialect != "ganeti"))
        chosen.disk_type = *own;
    else if (own != nullptr)
        job.notes.approximated(
            "parameters[ganeti.hv]", "disk_type", "ganeti-disk-type-approximated",
            fmt::format("disk_type '{}' becomes {}: QEMU starts no PC with it", *own, chosen.disk_type));
    job.set("disk_type", chosen.disk_type);
    if (!chosen.controller_type.empty() && !job.set("scsi_controller_type", chosen.controller_type) &&
        chosen.controller_type != "lsi")
        job.notes.approximated("controllers[].model", {}, "ganeti-release-too-old",
                               "scsi_controller_type came with Ganeti 2.16: an LSI controller it is");
}

void note_controllers(Job& job, const std::vector<const Drive*>& disks) {
    bool scsi_used = false;
    for (const Controller& controller : job.system.hardware.controllers) {
        const std::string& id = controller.info.id;
        const bool used =
            std::any_of(disks.begin(), disks.end(), [&](const Drive* disk) { return disk->controller == id; });
        const auto approximated = [&](std::string detail) {
            job.notes.approximated(controller.model.empty() ? "controllers[].type" : "controllers[].model", id,
                                   "ganeti-controller-approximated", std::move(detail));
        };
        switch (controller.type) {
            case ControllerType::ide:
                if (!job.is("kvm") && !job.is("xen-hvm"))
                    approximated(fmt::format("{} has no IDE controller", job.out.hypervisor.value));
                else if (!controller.model.empty() && controller.model != "piix3")
                    approximated(fmt::format("IDE '{}' becomes the PIIX3 of QEMU's PC", controller.model));
                break;
            case ControllerType::scsi: {
                const Choice own = kvm_choice({"scsi", controller.model, {}}, job.options);
                const auto type = job.hv.find("disk_type");
                const auto model = job.hv.find("scsi_controller_type");
                const bool same =
                    type != job.hv.end() && type->second.starts_with("scsi") && own.exact &&
                    (model == job.hv.end() ? own.controller_type == "lsi" : model->second == own.controller_type);
                if (!same || scsi_used || !used)
                    approximated(fmt::format(
                        "SCSI controller '{}' {}: an instance has the one controller that disk_type asks for",
                        controller.model, used ? "becomes another" : "is not there"));
                if (used && !scsi_used && type != job.hv.end() && type->second.starts_with("scsi"))
                    job.ids.emplace_back(id, "controller:scsi:0");
                scsi_used = scsi_used || used;
                break;
            }
            case ControllerType::usb:
                if (!job.is("kvm") || (!controller.model.empty() && controller.model != "piix3-uhci"))
                    approximated(
                        fmt::format("USB controller '{}': every kvm instance has one PIIX3 UHCI, others have none",
                                    controller.model));
                break;
            case ControllerType::virtio:
                if (!used) approximated(fmt::format("virtio controller '{}' is not there", controller.model));
                break;
            case ControllerType::floppy:
                break;
            default:
                approximated(fmt::format("{} controller '{}' does not exist in Ganeti", to_string(controller.type),
                                         controller.model));
        }
    }
}

const VirtualDisk* disk_named(const Envelope& envelope, std::string_view id) {
    for (const VirtualDisk& disk : envelope.disks)
        if (disk.id == id && !id.empty()) return &disk;
    return nullptr;
}

const FileReference* file_named(const Envelope& envelope, std::string_view id) {
    for (const FileReference& file : envelope.files)
        if (file.id == id && !id.empty()) return &file;
    return nullptr;
}

const std::string* own_parameter(const DeviceInfo& info, std::string_view key) {
    for (const Parameter& parameter : info.parameters)
        if (parameter.space == "ganeti" && parameter.key == key) return &parameter.value;
    return nullptr;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && !equal_nocase(name, "none") &&
           name.find('/') == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c != 0x7F; });
}

/// A raw image as it lies is what Ganeti calls a dump.
bool is_dump(const VirtualDisk* disk, const FileReference& file) {
    const bool packed = file.chunk_size || !(file.compression.empty() || file.compression == "identity");
    return disk != nullptr && !packed && format_word(disk->format) == "raw";
}

DiskSpec spec_of(Job& job, const Drive& drive, std::size_t index) {
    DiskSpec spec;
    spec.id = drive.info.id;
    const VirtualDisk* disk = disk_named(job.envelope, drive.disk_id);
    const FileReference* file = file_named(job.envelope, disk != nullptr ? disk->file_id : drive.file_id);
    if (disk == nullptr || !disk->capacity_bytes || *disk->capacity_bytes == 0) {
        job.notes.refuse("ganeti-disk-size-missing",
                         fmt::format("disk '{}' has no size; Ganeti needs one (ovf:capacity of Disk '{}')",
                                     drive.info.id, drive.disk_id));
    } else {
        spec.size_mib = ceil_mib(*disk->capacity_bytes);
        if (spec.size_mib * mib != *disk->capacity_bytes)
            job.notes.approximated(
                "disks[].capacity_bytes", disk->id, "ganeti-disk-rounded",
                fmt::format("{} bytes become {} MiB: pad the image to it", *disk->capacity_bytes, spec.size_mib));
    }
    if (file != nullptr) {
        const bool keeps = is_plain_name(file->href) && (job.envelope.dialect == "ganeti" || is_dump(disk, *file));
        spec.dump = keeps ? file->href : fmt::format("disk{}.raw", index);
        if (!keeps)
            job.notes.defaulted("files[].href", file->id, "ganeti-dump-name",
                                fmt::format("'{}' is to become the raw image {}", file->href, spec.dump));
    }
    if (drive.read_only.value_or(false))
        job.notes.approximated("drives[].read_only", drive.info.id, "ganeti-disk-readonly",
                               "the disk becomes writable: Ganeti does not start read-only disks");
    if (drive.shareable.value_or(false))
        job.notes.dropped("drives[].shareable", drive.info.id, "ganeti-disk-policy", "a disk belongs to one instance");
    if (drive.transient.value_or(false))
        job.notes.dropped("drives[].transient", drive.info.id, "ganeti-disk-policy", "writes to the disk stay");
    if (const std::string* name = own_parameter(drive.info, "name")) spec.name = *name;
    for (const Parameter& parameter : drive.info.parameters)
        if (parameter.space == "ganeti" && parameter.key != "name")
            spec.extra.push_back({parameter.key, {parameter.value, Origin::npos}});
    return spec;
}

/// disk_cache and disk_discard, one for all.
void write_policy(Job& job, const std::vector<const Drive*>& disks, std::string Drive::*member, std::string_view field,
                  std::string_view param, std::string_view valid) {
    std::string chosen;
    for (const Drive* disk : disks) {
        const std::string& value = disk->*member;
        if (value.empty()) continue;
        const bool known = (" " + std::string(valid) + " ").find(" " + value + " ") != std::string::npos;
        if (!known || !job.has_param(param)) {
            job.notes.dropped(std::string(field), disk->info.id, "ganeti-disk-policy",
                              fmt::format("'{}' cannot be said with {}", value, param));
        } else if (chosen.empty()) {
            chosen = value;
            job.set(param, value);
        } else if (value != chosen) {
            job.notes.approximated(std::string(field), disk->info.id, "ganeti-disk-policy",
                                   fmt::format("'{}': all disks share {}={}", value, param, chosen));
        }
    }
}

}  // namespace

void write_disks(Job& job) {
    const std::vector<const Drive*> disks = drives_of(job.system, DriveKind::disk);
    if (disks.size() > max_disks)
        job.notes.refuse("ganeti-disks-exceeded", fmt::format("VM '{}' has {} disks; an instance has at most {}",
                                                              job.system.id, disks.size(), max_disks));
    for (const Drive* disk : disks) {
        job.ids.emplace_back(disk->info.id, fmt::format("disk:{}", job.out.disks.size()));
        job.out.disks.push_back(spec_of(job, *disk, job.out.disks.size()));
    }
    choose_type(job, disks);
    note_controllers(job, disks);
    for (const Drive& drive : job.system.hardware.drives)
        if (!drive.connected.value_or(true))
            job.notes.approximated("drives[].connected", drive.info.id, "ganeti-link-state",
                                   "a drive is connected from the start, or not there at all");
    write_policy(job, disks, &Drive::cache, "drives[].cache", "disk_cache", "none writethrough writeback");
    write_policy(job, disks, &Drive::discard, "drives[].discard", "disk_discard", "ignore unmap");
    const std::string* own = job.from_ganeti ? job.parameter("ganeti", "disk_template") : nullptr;
    if (disks.empty())
        job.out.disk_template.value = "diskless";
    else if (!job.options.disk_template.empty())
        job.out.disk_template.value = job.options.disk_template;
    else
        job.out.disk_template.value = own != nullptr && !own->empty() && *own != "diskless" ? *own : "plain";
}

}  // namespace ovfkit::detail::ganeti
