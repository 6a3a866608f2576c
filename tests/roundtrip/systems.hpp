#pragma once

#include <algorithm>
#include <string>

#include <ovfkit/ovfkit.hpp>

namespace samples {

using namespace ovfkit;

/// A small machine with one of most things.
inline Envelope machine() {
    Envelope envelope;
    envelope.dialect = "dmtf";
    envelope.files.push_back({"file1", "disk1.vmdk", 1000, "", std::nullopt, "", {}});
    VirtualDisk disk;
    disk.id = "vmdisk1";
    disk.file_id = "file1";
    disk.format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
    disk.capacity_bytes = 8ULL << 30;
    envelope.disks.push_back(disk);
    envelope.networks.push_back({"VM Network", "the network", {}});
    VirtualSystem system;
    system.id = "web";
    system.name = "web";
    system.os.cim_id = 94;
    system.hardware.cpu.count = 2;
    system.hardware.cpu.info.id = "1";
    system.hardware.memory.boot_bytes = 1ULL << 30;
    system.hardware.memory.info.id = "2";
    Controller scsi;
    scsi.info.id = "3";
    scsi.type = ControllerType::scsi;
    scsi.model = "lsilogic";
    scsi.address = 0;
    system.hardware.controllers.push_back(scsi);
    Drive drive;
    drive.info.id = "4";
    drive.kind = DriveKind::disk;
    drive.disk_id = "vmdisk1";
    drive.controller = "3";
    drive.unit = 0;
    system.hardware.drives.push_back(drive);
    Nic nic;
    nic.info.id = "5";
    nic.network = "VM Network";
    nic.model = "e1000";
    nic.mac = "00:50:56:11:22:33";
    system.hardware.nics.push_back(nic);
    envelope.systems.push_back(system);
    return envelope;
}

inline Translation to(const Envelope& envelope, const std::string& format, WriteOptions options = {}) {
    Diagnostics diagnostics;
    auto all = translate(Source::of(envelope), format, options, diagnostics);
    return all.front();
}

/// Reads a text back as that format, without what travelled along unless `companion` is given.
inline Envelope from(const std::string& format, const std::string& bytes, LeafOptions leaf_options = {}) {
    Diagnostics diagnostics;
    ReadOptions options;
    options.from = format;
    options.options = std::move(leaf_options);
    return Source::parse("back", bytes, options, diagnostics).envelope();
}

inline bool has_row(const LossReport& report, const std::string& field) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) { return row.field == field; });
}

}  // namespace samples
