#include "dialect/ovirt/explain.hpp"

#include <fmt/format.h>

#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

void note(std::vector<LossNote>& notes, std::string field, const DeviceInfo& info, Fate fate, std::string_view rule,
          std::string detail) {
    notes.push_back({std::move(field), info.id, fate, std::string(rule), std::move(detail)});
}

std::string shown(std::string_view text) { return printable(text, 60); }

std::size_t controllers_on(std::string_view bus, const Hardware& hardware) {
    std::size_t count = 0;
    for (const Controller& controller : hardware.controllers) count += to_string(controller.type) == bus ? 1U : 0U;
    return count;
}

/// Bus of the controller that a drive names; empty when it names none.
std::string_view controller_bus(const Drive& drive, const Hardware& hardware) {
    for (const Controller& controller : hardware.controllers)
        if (!drive.controller.empty() && controller.info.id == drive.controller) return to_string(controller.type);
    return {};
}

}  // namespace

void explain_cpu(const Cpu& cpu, const Form& form, std::vector<LossNote>& notes) {
    const Topology topology = topology_of(cpu, form);
    if (!topology.exact && (cpu.sockets || cpu.cores || cpu.threads)) {
        const std::string detail =
            fmt::format("{} CPUs became {} sockets of {} cores of {} threads", cpu.count.value_or(1), topology.sockets,
                        topology.cores, topology.threads);
        if (cpu.sockets && *cpu.sockets != topology.sockets)
            note(notes, "cpu.sockets", {}, Fate::approximated, "ovirt-cpu-topology", detail);
        if (cpu.cores && *cpu.cores != topology.cores)
            note(notes, "cpu.cores", {}, Fate::approximated, "ovirt-cpu-topology", detail);
        if (cpu.threads && *cpu.threads != topology.threads)
            note(notes, "cpu.threads", {}, Fate::approximated, "ovirt-cpu-topology", detail);
    }
    if (cpu.threads == 1U && form.level < level_threads)
        note(notes, "cpu.threads", {}, Fate::defaulted, "ovirt-cpu-topology", "before 4.0 a core is always one thread");
    if (cpu.maximum && form.level < level_max_vcpus)
        note(notes, "cpu.maximum", {}, Fate::dropped, "ovirt-cpu-topology",
             "before 4.1 the cluster decides how many CPUs can be added");
}

bool explain_drive(const Drive& drive, const Drive* old, const Hardware& now, const Hardware& then, const Form& form,
                   std::vector<LossNote>& notes) {
    const auto changed = [&](auto member) { return old == nullptr || old->*member != drive.*member; };
    const bool disk = drive.kind == DriveKind::disk;
    if (!drive.discard.empty() && changed(&Drive::discard) && (drive.discard != "unmap" || !disk))
        note(notes, "drives[].discard", drive.info, Fate::approximated, "ovirt-drive-attribute",
             fmt::format("oVirt knows discard 'unmap' of disks or nothing, not '{}'", shown(drive.discard)));
    if (drive.shareable && changed(&Drive::shareable) && (form.is_ova() || !disk))
        note(notes, "drives[].shareable", drive.info, *drive.shareable ? Fate::dropped : Fate::defaulted,
             "ovirt-drive-attribute", "this form of descriptor has no shareable drives");
    if (!disk && old == nullptr && !drive.disk_id.empty())
        note(notes, "drives[].disk_id", drive.info, Fate::dropped, "ovirt-drive-attribute",
             "a CD or floppy of oVirt has no Disk");

    // Bus, controller, unit and address are one thing in oVirt: an address on the bus of the disk-interface.
    const DriveBus bus = bus_of(drive, now);
    const std::string address = drive_address(drive, now);
    const std::string own = interface_word(drive, now);
    const std::string_view named = controller_bus(drive, now);
    const bool moved = old == nullptr || *old != drive || bus_of(*old, then).bus != bus.bus ||
                       drive_address(*old, then) != address || interface_word(*old, then) != own ||
                       controller_bus(*old, then) != named ||
                       controllers_on(bus.bus, then) != controllers_on(bus.bus, now);
    if (!moved) return true;
    if (!drive.info.address.empty() && drive.info.address != address)
        note(notes, "drives[].info.address", drive.info, Fate::defaulted, "ovirt-drive-attribute",
             fmt::format("the address follows from controller and unit: {}", address));
    if (drive.unit && address_get(address, "type") != "drive")
        note(notes, "drives[].unit", drive.info, Fate::dropped, "ovirt-drive-attribute",
             fmt::format("a drive on {} has no unit",
                         bus.bus.empty() ? std::string_view("this bus") : std::string_view(bus.bus)));
    const DiskInterface* row = disk_interface_from(own);
    const std::string_view written = !disk ? std::string_view(bus.bus) : row != nullptr ? row->interface : std::string_view{};
    const bool linked = !drive.controller.empty() || (written != "virtio" && controllers_on(written, now) != 0);
    if (named == "ide" && controllers_on("ide", now) > 1 && drive.unit.value_or(0) > 1)
        for (const std::string_view field : {"controller", "unit"})
            note(notes, "drives[]." + std::string(field), drive.info, Fate::defaulted, "ovirt-drive-attribute",
                 "an IDE controller of several holds two units: the drive is on the next one");
    if (!drive.interface.empty() && (drive.interface != written || linked))
        note(notes, "drives[].interface", drive.info, drive.interface == written ? Fate::defaulted : Fate::approximated,
             "ovirt-disk-interface", fmt::format("the drive is on {}", written));
    else if (drive.interface.empty() && drive.controller.empty() && disk && old == nullptr)
        note(notes, "drives[].interface", drive.info, Fate::defaulted, "ovirt-disk-interface",
             fmt::format("no bus was named: written as {}", own));
    else if (!drive.controller.empty() && named != written)
        note(notes, "drives[].controller", drive.info, Fate::approximated, "ovirt-disk-interface",
             fmt::format("oVirt has no {} drives here: written as {}", named, disk ? std::string_view(own) : written));
    return true;
}

void explain_bare_drive(const Drive& drive, const Drive& old, std::vector<LossNote>& notes) {
    const auto lost = [&](std::string_view field, bool changed) {
        if (changed)
            note(notes, "drives[]." + std::string(field), drive.info, Fate::dropped, "ovirt-drive-attribute",
                 "this disk has no Item that could say it");
    };
    lost("info.name", drive.info.name != old.info.name);
    lost("info.caption", drive.info.caption != old.info.caption);
    lost("info.description", drive.info.description != old.info.description);
    lost("info.alias", drive.info.alias != old.info.alias);
    lost("info.address", drive.info.address != old.info.address);
    lost("boot_index", drive.boot_index != old.boot_index);
    lost("interface", drive.interface != old.interface && !drive.controller.empty());
    lost("connected", drive.connected != old.connected && parameter(drive.info.parameters, "Disk.lun_id") == nullptr);
    lost("unit", drive.unit != old.unit);
    lost("controller", drive.controller != old.controller);
}

bool explain_nic(const Nic& nic, const Nic* old, std::vector<LossNote>& notes) {
    bool exact = true;
    const NicType& type = nic_type_for(nic.model, exact);
    if ((old == nullptr || old->model != nic.model) && (!exact || (!nic.model.empty() && type.model != nic.model)))
        note(notes, "nics[].model", nic.info, Fate::approximated, "ovirt-nic-model",
             fmt::format("oVirt has no '{}': the NIC became {}", shown(nic.model), type.model));
    if (nic.network.empty() && nic.link_up.value_or(true) &&
        (old == nullptr || old->link_up != nic.link_up || old->network != nic.network))
        note(notes, "nics[].link_up", nic.info, Fate::approximated, "ovirt-nic-unlinked",
             "a NIC without a network has its link down");
    return true;
}

bool explain_video(const Video& video, const Video* old, std::vector<LossNote>& notes) {
    if (!video.model.empty() && video_device(video.model) != video.model &&
        (old == nullptr || old->model != video.model))
        note(notes, "videos[].model", video.info, Fate::approximated, "ovirt-video-model",
             fmt::format("oVirt has no video card '{}': it became {}", shown(video.model), video_device(video.model)));
    if (video.vram_bytes && *video.vram_bytes % 1024 != 0 && (old == nullptr || old->vram_bytes != video.vram_bytes))
        note(notes, "videos[].vram_bytes", video.info, Fate::approximated, "ovirt-video-model",
             "video memory is counted in KiB");
    return true;
}

bool explain_sound(const SimpleDevice& sound, const SimpleDevice* old, std::vector<LossNote>& notes) {
    if (!is_supported_sound(sound.model) && (old == nullptr || old->model != sound.model))
        note(notes, "sounds[].model", sound.info, Fate::approximated, "ovirt-sound-model",
             fmt::format("oVirt has no sound card '{}': it became ich6", shown(sound.model)));
    return true;
}

bool explain_rng(const SimpleDevice& rng, const SimpleDevice* old, std::vector<LossNote>& notes) {
    if (rng_source(rng.option).empty() && (old == nullptr || old->option != rng.option))
        note(notes, "rngs[].option", rng.info, Fate::approximated, "ovirt-rng-source",
             fmt::format("oVirt takes random numbers from /dev/random, /dev/urandom or /dev/hwrng, not from '{}'",
                         shown(rng.option)));
    if (!rng.model.empty() && rng.model != "virtio" && (old == nullptr || old->model != rng.model))
        note(notes, "rngs[].model", rng.info, Fate::approximated, "ovirt-rng-source",
             "oVirt's random number device is virtio");
    return true;
}

bool explain_device(const Graphics& graphics, const Graphics* old, std::vector<LossNote>& notes) {
    if (graphics.type != "vnc" && graphics.type != "spice" && (old == nullptr || old->type != graphics.type))
        note(notes, "graphics[].type", graphics.info, Fate::approximated, "ovirt-graphics-type",
             fmt::format("oVirt has VNC and SPICE, not '{}': it became vnc", shown(graphics.type)));
    return true;
}

bool explain_device(const Controller& controller, const Controller* old, std::vector<LossNote>& notes) {
    if (controller_device(controller).empty()) {
        note(notes, "controllers[].type", controller.info, Fate::dropped, "ovirt-controller-model",
             fmt::format("oVirt has no entry for a '{}' controller", shown(to_string(controller.type))));
        if (!controller.model.empty())
            note(notes, "controllers[].model", controller.info, Fate::dropped, "ovirt-controller-model",
                 fmt::format("oVirt has no entry for a '{}' controller", shown(controller.model)));
        return false;
    }
    if (old != nullptr && old->type == controller.type && old->model == controller.model) return true;
    if (controller.type == ControllerType::nvme)
        note(notes, "controllers[].type", controller.info, Fate::approximated, "ovirt-controller-model",
             "oVirt has no NVMe: it became virtio-scsi");
    const bool scsi = controller.type == ControllerType::scsi && controller.model != "virtio-scsi" &&
                      controller.model != "spapr-vscsi";
    const bool fixed = controller.type == ControllerType::ide || controller.type == ControllerType::sata ||
                       controller.type == ControllerType::nvme;
    if (!controller.model.empty() && (scsi || fixed))
        note(notes, "controllers[].model", controller.info, scsi ? Fate::approximated : Fate::defaulted,
             "ovirt-controller-model",
             scsi ? fmt::format("oVirt attaches SCSI disks to virtio-scsi, not '{}'", shown(controller.model))
                  : fmt::format("the machine decides the model of this controller, not '{}'", shown(controller.model)));
    return true;
}

bool explain_device(const CharacterDevice& serial, const CharacterDevice* old, std::vector<LossNote>& notes) {
    if (!serial.backend.empty() && serial.backend != "pty" && serial.backend != "unix" &&
        (old == nullptr || old->backend != serial.backend))
        note(notes, "serials[].backend", serial.info, Fate::approximated, "ovirt-serial-backend",
             fmt::format("an oVirt console is a terminal or a socket, not '{}'", shown(serial.backend)));
    return true;
}

bool explain_device(const OtherDevice& device, const OtherDevice* old, std::vector<LossNote>& notes) {
    const bool named = device.resource_type == 0 && device.other_type.find('/') != std::string::npos;
    if (old == nullptr && !named) {
        for (const std::string_view field : {"resource_type", "other_type", "model"})
            note(notes, "others[]." + std::string(field), device.info, Fate::dropped, "ovirt-device-unsupported",
                 fmt::format("the engine ignores ResourceType {} ('{}')", device.resource_type,
                             shown(device.model.empty() ? device.other_type : device.model)));
        return false;
    }
    return true;
}

}  // namespace ovfkit::detail::ovirt
