#pragma once

#include "catch.hpp"

#include "unit/descriptor/differences.hpp"
#include "unit/descriptor/mutations.hpp"
#include "unit/descriptor/support.hpp"

/// The second law of a dialect: read(update(d, m)) == m, one field at a time.
namespace ovfkit::test {

/// Values that mean something where any text would not.
inline const Values field_values{
    {"systems[].hardware.balloon.info.id", "77"},
    {"systems[].hardware.nics[].mac", "52:54:00:aa:bb:cc"},
    {"systems[].hardware.nics[].model", "e1000e"},
    {"systems[].hardware.drives[].disk_id", "disk2"},
    {"systems[].hardware.drives[].file_id", "file3"},
    {"systems[].hardware.drives[].controller", "2"},
    {"systems[].hardware.controllers[].model", "virtio-scsi"},
    {"systems[].hardware.videos[].model", "qxl"},
    {"systems[].hardware.sounds[].model", "ac97"},
    {"systems[].hardware.tpms[].model", "tpm-tis"},
    {"systems[].hardware.serials[].backend", "pty"},
    {"systems[].hardware.parallels[].backend", "file"},
    {"systems[].hardware.nvram_file_id", "file1"},
    {"systems[].hardware.cpu.count", "6"},
    {"systems[].hardware.cpu.cores", "4"},
    {"systems[].hardware.cpu.reservation_hz", "700000000"},
    {"systems[].hardware.cpu.limit_hz", "900000000"},
    {"systems[].hardware.memory.maximum_bytes", "8589934592"},
    {"systems[].hardware.memory.target_bytes", "1610612737"},
    {"systems[].hardware.others[].resource_type", "25"},
    {"disks[].file_id", "file2"},
    {"disks[].parent_id", "disk2"},
    {"disks[].capacity_property", ""},
    {"files[].href", "other.bin"},
    {"systems[].hardware.videos[].vram_bytes", "8388609"},
};

/// What the document says about itself, and ids that others refer to: not set one at a time.
inline bool is_left_out(std::string_view path) {
    return path == "ovf_version" || path == "configuration" || path == "is_collection" || path.starts_with("collection_") || path == "files[].id" ||
           path == "disks[].id" || path == "networks[].name" || path == "systems[].hardware.controllers[].info.id" ||
           path == "systems[].hardware.cpu.sockets" || path.find("capacity_property") != std::string_view::npos;
}

/// Fields that follow from the changed one.
inline void settle(Envelope& wanted, std::string_view path) {
    for (VirtualSystem& system : wanted.systems) {
        Cpu& cpu = system.hardware.cpu;
        cpu.sockets = cpu.count && cpu.cores && *cpu.count % (*cpu.cores * cpu.threads.value_or(1)) == 0
                          ? std::optional(*cpu.count / (*cpu.cores * cpu.threads.value_or(1)))
                          : std::nullopt;
        for (Drive& drive : system.hardware.drives)
            for (const VirtualDisk& disk : wanted.disks)
                if (disk.shared && disk.id == drive.disk_id) drive.shareable = true;
        for (Drive& drive : system.hardware.drives)
            if (!drive.disk_id.empty() && !drive.file_id.empty())
                (path.ends_with("disk_id") ? drive.file_id : drive.disk_id).clear();
        for (Controller& controller : system.hardware.controllers) {
            if (controller.type == ControllerType::sata) controller.model = "ahci";
            if (controller.type == ControllerType::nvme) controller.model = "nvme";
        }
    }
}

/// `virtio-scsi` is no model of the other controllers.
inline bool is_scsi_model(const Envelope& wanted) {
    for (const Controller& controller : wanted.systems[0].hardware.controllers)
        if (controller.model == "virtio-scsi") return controller.type == ControllerType::scsi;
    return false;
}

/// A new Item gets an id and a label where the model has none.
inline void fill_labels(Envelope& wanted, const Envelope& written) {
    DeviceInfo& info = wanted.systems[0].hardware.balloon.info;
    const DeviceInfo& now = written.systems.at(0).hardware.balloon.info;
    for (const auto member : {&DeviceInfo::id, &DeviceInfo::name, &DeviceInfo::caption, &DeviceInfo::description})
        if ((info.*member).empty()) info.*member = now.*member;
    // The schema wants a CIM id.
    OperatingSystem& os = wanted.systems[0].os;
    if (!os.cim_id && !(os == OperatingSystem{})) os.cim_id = 1;
}

inline void check_every_field(const detail::Dialect& dialect, const std::string& text) {
    const Loaded loaded = load(dialect, text);
    INFO(loaded.rules());
    REQUIRE_FALSE(loaded.diagnostics.has_errors());
    std::size_t changed = 0;
    for (std::size_t target = 0;; ++target) {
        Envelope wanted = loaded.envelope;
        const std::string path = Mutator(field_values, target).run(wanted);
        if (path.empty()) break;
        if (is_left_out(path)) continue;
        if (path == "systems[].hardware.controllers[].model" && !is_scsi_model(wanted)) continue;
        // A balloon that says nothing has no Item to be labelled.
        if (path.find("balloon.info.") != std::string::npos && loaded.hardware().balloon == MemoryBalloon{} &&
            !path.ends_with("alias") && !path.ends_with("address") && !path.ends_with("parameters"))
            continue;
        settle(wanted, path);
        const Changed result = change(dialect, text, wanted);
        INFO(path);
        CHECK(result.edited);
        fill_labels(wanted, result.again.envelope);
        CHECK(differences(wanted, result.again.envelope) == "");
        ++changed;
    }
    CHECK(changed > 50);
}

}  // namespace ovfkit::test
