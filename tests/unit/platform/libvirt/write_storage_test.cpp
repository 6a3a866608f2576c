#include "harness.hpp"

using namespace harness;
using namespace samples;

TEST_CASE("more SATA drives than libvirt's controller holds") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::sata, "ahci");
    add_disk(e, "10", "3", 29);
    add_disk(e, "11", "3", 5);
    add_disk(e, "12", "3", 6);
    const Output out = write(e);
    CHECK(out.at("//disk[2]/address/@controller") == "0");
    CHECK(out.at("//disk[2]/address/@unit") == "5");
    CHECK(out.at("//disk[1]/address/@unit") == "5");
    CHECK(out.at("//disk[1]/address/@controller") != out.at("//disk[3]/address/@controller"));
    CHECK(out.note("libvirt-unit-moved", "drives[].unit") != nullptr);
    CHECK(out.count("//controller[@type='sata']") == 3);
    CHECK(reread(out).hardware().controllers.size() == 3);
}

TEST_CASE("lsilogic holds ids 0 to 7 in QEMU: ids beyond go to a second adapter") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "lsilogic");
    add_disk(e, "10", "3", 0);
    add_disk(e, "11", "3", 12);
    const Output out = write(e);
    CHECK(out.count("//controller[@type='scsi'][@model='lsilogic']") == 2);
    CHECK(out.at("//disk[2]/address/@controller") == "1");
    CHECK(out.at("//disk[2]/address/@unit") == "4");
    CHECK(out.note("libvirt-unit-moved", "drives[].unit") != nullptr);
}

TEST_CASE("bus numbers are kept where they can be") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::ide).address = 1;
    add_controller(e, "4", ControllerType::scsi, "vmpvscsi").address = 1;
    add_controller(e, "5", ControllerType::scsi, "lsilogic").address = 0;
    add_cdrom(e, "6", "3", 0);
    add_disk(e, "7", "4", 0);
    const Output out = write(e);
    CHECK(out.at("//disk[@device='cdrom']/target/@dev") == "hdc");
    CHECK(out.at("//controller[@model='vmpvscsi']/@index") == "1");
    CHECK(out.at("//disk[@device='disk']/address/@controller") == "1");
    CHECK(out.note("libvirt-controller-index") == nullptr);
    CHECK(out.id("4") == "controller:scsi:1");
}

TEST_CASE("a far unit of a hostile source makes no thousands of controllers") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::sata, "ahci");
    add_disk(e, "10", "3", 4294967295U);
    add_disk(e, "11", "3", 4095);
    const Output out = write(e);
    CHECK(out.count("//controller[@type='sata']") <= 3);
    CHECK(out.count("//disk") == 2);
}

TEST_CASE("units that are taken, and units nobody names") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "vmpvscsi");
    add_disk(e, "10", "3");
    add_disk(e, "11", "3", 0);
    add_disk(e, "12", "3", 0);
    for (int i = 0; i < 6; ++i) add_disk(e, std::to_string(20 + i), "3");
    const Output out = write(e);
    std::set<std::string> targets;
    for (const auto& node : out.xml.select_nodes("//disk/address/@target")) targets.insert(node.attribute().value());
    CHECK(targets.size() == 9);
    CHECK(targets.count("7") == 0);
    CHECK(out.at("//disk[2]/address/@target") == "0");
    CHECK(out.note("libvirt-unit-moved")->id == "12");
}

TEST_CASE("a fifth IDE drive goes to SATA") {
    Envelope e = package("vm");
    for (int i = 0; i < 5; ++i) add_disk(e, std::to_string(10 + i), "@ide");
    const Output out = write(e);
    CHECK(out.count("//disk[target/@bus='ide']") == 4);
    CHECK(out.count("//disk[target/@bus='sata']") == 1);
    CHECK(out.note("libvirt-ide-full") != nullptr);
    Envelope three = package("vm");
    for (const std::string id : {"3", "4", "5"}) {
        add_controller(three, id, ControllerType::ide);
        add_disk(three, "1" + id, id, 0);
    }
    CHECK(write(three).count("//disk[target/@bus='sata']") == 1);
    // One channel with four drives is all of libvirt's controller.
    Envelope four = package("vm");
    add_controller(four, "3", ControllerType::ide);
    for (std::uint32_t i = 0; i < 4; ++i) add_disk(four, std::to_string(10 + i), "3", i);
    CHECK(write(four).count("//disk[target/@bus='ide']") == 4);
    CHECK(write(four).at("//disk[4]/target/@dev") == "hdd");
}

TEST_CASE("drives without a bus") {
    Envelope e = package("vm");
    add_disk(e, "5", "");
    const Output out = write(e);
    CHECK(out.at("//target/@bus") == "ide");
    CHECK(out.note("libvirt-bus-defaulted", "drives[].interface") != nullptr);
    hardware_of(e).drives.front().controller = "99";  // dangling
    CHECK(write(e).at("//target/@bus") == "ide");
    hardware_of(e).machine = "q35";
    CHECK(write(e).at("//target/@bus") == "sata");
    hardware_of(e).drives.front().controller.clear();
    hardware_of(e).drives.front().interface = "ide";
    CHECK(write(e).note("libvirt-ide-unsupported", "drives[].interface") != nullptr);
    hardware_of(e).drives.front().interface = "nvme";
    CHECK(write(e).note("libvirt-nvme-unsupported", "drives[].interface") != nullptr);
    hardware_of(e).drives.front().interface = "scsi";
    CHECK(write(e).at("//controller[@type='scsi']/@model") == "virtio-scsi");
}

TEST_CASE("CD and floppy drives where their bus is missing") {
    Envelope e = package("vm");
    add_cdrom(e, "5", "@virtio");
    const Output out = write(e);
    CHECK(out.at("//disk[@device='cdrom']/target/@bus") == "ide");
    CHECK(out.note("libvirt-cdrom-bus", "drives[].interface") != nullptr);
    CHECK(out.count("//disk/readonly") == 1);
    CHECK(out.count("//disk/source") == 0);
    Envelope floppies = package("vm");
    for (const std::string id : {"30", "31", "32"}) {
        Drive d;
        d.info.id = id;
        d.kind = DriveKind::floppy;
        hardware_of(floppies).drives.push_back(d);
    }
    const Output three = write(floppies);
    CHECK(three.count("//disk[@device='floppy']") == 2);
    CHECK(three.at("//disk[2]/target/@dev") == "fdb");
    CHECK(three.note("libvirt-floppy-unsupported", "drives[].kind")->id == "32");
    CHECK(write(floppies, {{"arch", "aarch64"}}).count("//disk") == 0);
}

TEST_CASE("what decided nothing about a drive's place is said") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::sata, "ahci");
    add_disk(e, "5", "3", 0).interface = "scsi";
    CHECK(write(e).note("libvirt-bus-defaulted", "drives[].interface")->id == "5");
    Drive& d = hardware_of(e).drives.front();
    d.interface = "virtio";
    d.controller = "99";
    const Output dangling = write(e);
    CHECK(dangling.at("//target/@bus") == "virtio");
    CHECK(dangling.note("libvirt-bus-defaulted", "drives[].controller") != nullptr);
    CHECK(dangling.note("libvirt-unit-moved", "drives[].unit") != nullptr);
    d.kind = DriveKind::floppy;
    CHECK(write(e).note("libvirt-floppy-unsupported", "drives[].interface") == nullptr);  // the dangling one says it
    d.controller = "3";
    CHECK(write(e).note("libvirt-floppy-unsupported", "drives[].controller") != nullptr);
    d.controller.clear();
    CHECK(write(e).note("libvirt-floppy-unsupported", "drives[].interface") != nullptr);
    Envelope v = package("vm");
    add_controller(v, "3", ControllerType::virtio).address = 2;
    add_controller(v, "4", ControllerType::usb, "ehci").address = 1;
    add_controller(v, "5", ControllerType::ide).info.alias = "ua-ide0";
    add_controller(v, "6", ControllerType::ide).info.alias = "ua-ide1";
    const Output out = write(v);
    CHECK(std::count_if(out.notes.begin(), out.notes.end(),
                        [](const auto& n) { return n.rule == "libvirt-controller-index"; }) == 2);
    CHECK(out.note("libvirt-alias-own", "controllers[].info.alias")->id == "6");
}

TEST_CASE("buses of Xen guests") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "lsilogic");
    add_disk(e, "5", "3", 0);
    add_disk(e, "6", "@sata");
    add_disk(e, "7", "@ide");
    const Output out = write(e, {{"type", "xen"}});
    CHECK(out.count("//disk[target/@bus='xen']") == 2);
    CHECK(out.at("//disk[1]/target/@dev") == "xvda");
    CHECK(out.count("//controller") == 0);
    CHECK(out.note("libvirt-xen-bus", "controllers[].type") != nullptr);
    CHECK(out.note("libvirt-xen-bus", "drives[].interface") != nullptr);
}

TEST_CASE("controllers") {
    Envelope e = package("vm");
    add_controller(e, "1", ControllerType::other, "vmci");
    add_controller(e, "2", ControllerType::ide, "piix4");
    add_controller(e, "3", ControllerType::scsi, "lsilogic").address = 4;
    add_controller(e, "4", ControllerType::usb, "vt82c686b-uhci");
    add_controller(e, "5", ControllerType::virtio, "virtio-serial");
    add_controller(e, "6", ControllerType::scsi, "unheard-of");
    hardware_of(e).controllers[2].info.alias = "ua-scsi";
    const Output out = write(e);
    CHECK(out.note("libvirt-controller-unsupported", "controllers[].type")->id == "1");
    CHECK(out.note("libvirt-controller-model", "controllers[].model") != nullptr);
    CHECK(out.note("libvirt-controller-index", "controllers[].address")->id == "3");
    CHECK(out.at("//controller[@type='usb']/@model") == "qemu-xhci");
    CHECK(out.count("//controller[@type='virtio-serial']") == 1);
    CHECK(out.at("//controller[alias]/alias/@name") == "ua-scsi");
    CHECK(out.count("//controller[@type='scsi'][@model='lsilogic']") == 2);
    CHECK(write(package("vm")).at("//controller[@type='usb']/@model") == "none");
}

TEST_CASE("image files and formats") {
    Envelope e = package("vm");
    Drive& d = add_disk(e, "5", "@virtio");
    e.files.front().href = "images/../../etc/My disk.vmdk";
    e.disks.front().format = "http://www.vmware.com/specifications/vmdk.html#sparse";
    const Output out = write(e);
    CHECK(out.at("//source/@file") == "/var/lib/libvirt/images/My-disk.vmdk");
    CHECK(out.at("//driver/@type") == "vmdk");
    CHECK(out.note("libvirt-file-name", "files[].href") != nullptr);
    CHECK(out.note("libvirt-format-word", "disks[].format") != nullptr);
    const auto type = [&](const std::string& uri, const std::string& href) {
        e.disks.front().format = uri;
        e.files.front().href = href;
        return write(e).at("//driver/@type");
    };
    CHECK(type("http://go.microsoft.com/fwlink/?LinkId=137171", "a.vhd") == "vpc");
    CHECK(type("http://forums.virtualbox.org/viewtopic.php?t=8046", "a") == "vdi");
    CHECK(type("http://en.wikipedia.org/wiki/Byte", "a.vmdk") == "raw");
    CHECK(type("", "a.vmdk") == "vmdk");
    CHECK(type("", "a") == "raw");
    CHECK(type("http://example.org/strange", "a") == "raw");
    CHECK(write(e).note("libvirt-format-unknown", "disks[].format") != nullptr);
    e.disks.front().volume_format = "cow";  // oVirt's format URI is never to be trusted
    CHECK(type("http://www.vmware.com/specifications/vmdk.html#sparse", "a") == "qcow2");
    e.files.front().chunk_size = 1000;
    CHECK(write(e).note("libvirt-file-packed", "files[].chunk_size") != nullptr);

    Drive& drive = hardware_of(e).drives.front();
    drive.source = "relative/image.qcow2";
    CHECK(write(e).at("//source/@file") == "/var/lib/libvirt/images/image.qcow2");
    CHECK(write(e).note("libvirt-path-relative", "drives[].source") != nullptr);
    drive.source = "/srv/../etc/shadow";
    CHECK(write(e).at("//source/@file") == "/var/lib/libvirt/images/shadow");
    drive.source_format = "vhdx";
    CHECK(write(e).note("libvirt-format-unknown", "drives[].source_format") != nullptr);
    static_cast<void>(d);
}

TEST_CASE("a disk without a file needs one") {
    Envelope e = package("My VM");
    add_disk(e, "5", "@virtio");
    e.files.clear();
    e.disks.front().file_id.clear();
    const Output out = write(e);
    CHECK(out.at("//source/@file") == "/var/lib/libvirt/images/My-VM-vda.qcow2");
    REQUIRE(out.note("libvirt-disk-blank", "drives[].disk_id") != nullptr);
    CHECK(out.note("libvirt-disk-blank")->detail.find("8589934592") != std::string::npos);
}

TEST_CASE("disks, files and networks nothing uses") {
    Envelope e = package("vm");
    add_disk(e, "5", "@virtio");
    hardware_of(e).drives.clear();
    e.networks.push_back({"storage", {}, {}});
    const Output out = write(e);
    CHECK(out.note("libvirt-disk-unused", "disks[].id")->id == "vmdisk5");
    CHECK(out.note("libvirt-network-unused", "networks[].name")->id == "storage");
    e.files.push_back({"spare", "notes.txt", {}, {}, {}, {}, {}});
    CHECK(write(e).note("libvirt-disk-unused", "files[].href")->id == "spare");
}

TEST_CASE("access modes as far as QEMU goes along") {
    Envelope e = package("vm");
    add_disk(e, "5", "@ide").read_only = true;
    Drive& v = add_disk(e, "6", "@virtio");
    v.read_only = true;
    v.transient = true;
    v.shareable = true;
    v.serial = "S/N 1";
    v.cache = "sometimes";
    v.discard = "unmap";
    v.connected = false;
    v.info.alias = "virtio-disk0";
    const Output out = write(e);
    CHECK(out.note("libvirt-access-unsupported", "drives[].read_only")->id == "5");
    CHECK(out.note("libvirt-access-unsupported", "drives[].transient")->id == "6");
    CHECK(out.note("libvirt-access-unsupported", "drives[].shareable")->id == "6");
    CHECK(out.count("//disk[2]/readonly") == 1);
    CHECK(out.note("libvirt-value-unsupported", "drives[].serial") != nullptr);
    CHECK(out.note("libvirt-value-unsupported", "drives[].cache") != nullptr);
    CHECK(out.at("//disk[2]/driver/@discard") == "unmap");
    CHECK(out.note("libvirt-drive-connected", "drives[].connected") != nullptr);
    CHECK(out.note("libvirt-alias-own", "drives[].info.alias")->id == "6");
}

TEST_CASE("boot classes become orders at the devices") {
    Envelope e = package("vm");
    add_disk(e, "5", "@virtio");
    add_disk(e, "6", "@virtio");
    add_cdrom(e, "7", "@sata");
    add_nic(e, "8", "virtio");
    const auto order = [&](const char* xpath) { return write(e).at(xpath); };
    CHECK(order("//disk[target/@dev='vda']/boot/@order") == "1");
    CHECK(order("//disk[@device='cdrom']/boot/@order") == "3");
    CHECK(order("//interface/boot/@order").empty());
    hardware_of(e).boot = {"network", "cdrom", "disk", "disk"};
    CHECK(order("//interface/boot/@order") == "1");
    CHECK(order("//disk[@device='cdrom']/boot/@order") == "2");
    CHECK(order("//disk[target/@dev='vdb']/boot/@order") == "4");
    CHECK(write(e).notes.empty());
    hardware_of(e).boot = {"disk", "floppy"};
    CHECK(write(e).note("libvirt-boot-order", "boot") != nullptr);
    hardware_of(e).drives[1].boot_index = 0;
    CHECK(order("//disk[target/@dev='vdb']/boot/@order") == "1");
}
