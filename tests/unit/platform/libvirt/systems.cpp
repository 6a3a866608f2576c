#include "systems.hpp"

using namespace ovfkit;

namespace samples {

Envelope package(const std::string& name) {
    Envelope e;
    e.dialect = "dmtf";
    e.ovf_version = "1.1";
    VirtualSystem s;
    s.id = s.name = name;
    s.hardware.cpu.count = 1;
    s.hardware.memory.boot_bytes = 512ULL << 20;
    s.hardware.balloon.state = BalloonState::enabled;
    e.systems.push_back(s);
    return e;
}

Controller& add_controller(Envelope& e, const std::string& id, ControllerType type, const std::string& model) {
    Controller c;
    c.info.id = id;
    c.type = type;
    c.model = model;
    hardware_of(e).controllers.push_back(c);
    return hardware_of(e).controllers.back();
}

namespace {

Drive& add_drive(Envelope& e, DriveKind kind, const std::string& id, const std::string& controller,
                 std::optional<std::uint32_t> unit) {
    Drive d;
    d.info.id = id;
    d.kind = kind;
    if (controller.starts_with("@"))
        d.interface = controller.substr(1);
    else
        d.controller = controller;
    d.unit = unit;
    hardware_of(e).drives.push_back(d);
    return hardware_of(e).drives.back();
}

}  // namespace

Drive& add_disk(Envelope& e, const std::string& id, const std::string& controller, std::optional<std::uint32_t> unit) {
    FileReference file;
    file.id = "file" + id;
    file.href = "disk-" + id + ".qcow2";
    e.files.push_back(file);
    VirtualDisk disk;
    disk.id = "vmdisk" + id;
    disk.file_id = file.id;
    disk.format = "http://www.gnome.org/~markmc/qcow-image-format.html";
    disk.capacity_bytes = 8ULL << 30;
    e.disks.push_back(disk);
    Drive& d = add_drive(e, DriveKind::disk, id, controller, unit);
    d.disk_id = disk.id;
    return d;
}

Drive& add_cdrom(Envelope& e, const std::string& id, const std::string& controller, std::optional<std::uint32_t> unit) {
    return add_drive(e, DriveKind::cdrom, id, controller, unit);
}

Nic& add_nic(Envelope& e, const std::string& id, const std::string& model, const std::string& mac,
             const std::string& network) {
    Nic nic;
    nic.info.id = id;
    nic.model = model;
    nic.mac = mac;
    nic.network = network;
    hardware_of(e).nics.push_back(nic);
    bool known = false;
    for (const Network& n : e.networks) known = known || n.name == network;
    if (!known && !network.empty()) e.networks.push_back({network, {}, {}});
    return hardware_of(e).nics.back();
}

}  // namespace samples
