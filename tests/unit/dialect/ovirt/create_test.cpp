#include "flat.hpp"

using namespace ovirt_test;

namespace {

/// What a VMware descriptor would give.
Envelope foreign() {
    Envelope e;
    e.dialect = "vmware";
    e.ovf_version = "1.0";
    e.files = {{"file1", "disk1.vmdk", 1000, "", {}, "", {}}, {"file2", "disk2.vmdk", 2000, "gzip", {}, "", {}}};
    VirtualDisk first;
    first.id = "vmdisk1";
    first.file_id = "file1";
    first.format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
    first.capacity_bytes = (10ULL << 30) + 512;
    VirtualDisk second = first;
    second.id = "vmdisk2";
    second.file_id = "file2";
    second.capacity_bytes = 1ULL << 30;
    VirtualDisk blank;
    blank.id = "blank";
    blank.capacity_bytes = 2ULL << 30;
    e.disks = {first, second, blank};
    e.networks = {{"VM Network", "the LAN", {}}, {"unused", "", {}}};
    VirtualSystem system;
    system.id = "vm-1";
    system.name = "web <1>";
    system.title = "a title";
    system.annotation = "one\n& two";
    system.clock = "localtime";
    system.os.cim_id = 80;
    system.os.vmware_type = "rhel7_64Guest";
    system.parameters = {{"vmw", "tools.syncTime", "true"}, {"ovirt", "bad name", "x"}, {"ovirt", "Comment", "kept"}};
    Hardware& h = system.hardware;
    h.system_type = "vmx-13";
    h.arch = "aarch64";
    h.firmware = Firmware::efi;
    h.machine = "pc";
    h.cpu.count = 6;
    h.cpu.cores = 4;
    h.cpu.sockets = 2;
    h.memory.boot_bytes = (1ULL << 30) + 1;
    h.memory.guaranteed_bytes = 256ULL << 20;
    h.memory.weight = 1000;
    h.balloon.state = BalloonState::enabled;
    h.balloon.model = BalloonModel::vmware;
    const auto controller = [](std::string id, ControllerType type, std::string model) {
        Controller c;
        c.info.id = std::move(id);
        c.type = type;
        c.model = std::move(model);
        return c;
    };
    h.controllers = {controller("3", ControllerType::scsi, "lsilogic"), controller("4", ControllerType::nvme, "nvme"),
                     controller("5", ControllerType::ide, "piix4"), controller("6", ControllerType::other, "vmci")};
    const auto drive = [](std::string id, std::string disk, std::string parent, std::uint32_t unit) {
        Drive d;
        d.info.id = std::move(id);
        d.disk_id = std::move(disk);
        d.controller = std::move(parent);
        d.unit = unit;
        return d;
    };
    h.drives = {drive("7", "vmdisk1", "3", 0), drive("8", "vmdisk2", "4", 1), drive("9", "blank", "5", 0)};
    Drive cd;
    cd.info.id = "10";
    cd.kind = DriveKind::cdrom;
    cd.controller = "5";
    cd.unit = 1;
    cd.discard = "ignore";
    h.drives.push_back(cd);
    Nic nic;
    nic.info.id = "11";
    nic.network = "VM Network";
    nic.model = "vmxnet3";
    nic.mac = "00:50:56:01:02:03";
    Nic second_nic = nic;
    second_nic.info.id = "12";
    second_nic.mac.clear();
    second_nic.network.clear();
    second_nic.link_up = true;
    h.nics = {nic, second_nic};
    Video video;
    video.info.id = "13";
    video.model = "vmvga";
    video.vram_bytes = 4ULL << 20;
    h.videos = {video};
    Graphics graphics;
    graphics.info.id = "g";
    graphics.type = "rdp";
    h.graphics = {graphics};
    SimpleDevice sound;
    sound.info.id = "14";
    sound.model = "sb16";
    h.sounds = {sound};
    SimpleDevice rng;
    rng.info.id = "15";
    rng.model = "virtio";
    rng.option = "/dev/ttyRNG";
    h.rngs = {rng};
    CharacterDevice serial;
    serial.info.id = "16";
    serial.backend = "file";
    serial.target = "/tmp/log";
    h.serials = {serial};
    OtherDevice other;
    other.info.id = "17";
    other.resource_type = 1;
    other.other_type = "vmware.vmci";
    h.others = {other};
    h.boot = {"floppy", "disk"};
    e.systems = {system};
    return e;
}

const char* const uuid_form = "[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

}  // namespace

TEST_CASE("a foreign machine becomes an export, and every difference is named") {
    const Envelope wanted = foreign();
    for (const std::string_view version : {"3.0", "3.1", "3.6", "4.1", "4.2", "4.5"}) {
        INFO(version);
        const Written out = create(wanted, target(version));
        CHECK_FALSE(out.read.found.has_errors());
        std::vector<std::string> lost;
        for (const std::string& difference : unexplained(wanted, out))
            // What the caller names by itself: labels of lists that are shorter now, foreign parameters, the blank
            // disk's own file.
            if (difference.find("parameters") == std::string::npos && difference.find("others[") == std::string::npos &&
                difference.find("systems[0].hardware") == std::string::npos)
                lost.push_back(difference);
        INFO((lost.empty() ? std::string{} : lost.front()));
        CHECK(lost.size() <= 2);
        CHECK(out.read.system().name == "web <1>");
        CHECK(out.read.system().annotation == "one\n& two");
        CHECK(out.read.hardware().cpu.count == 6U);
        CHECK(out.read.hardware().nics.at(0).mac == "00:50:56:01:02:03");
        CHECK(out.read.hardware().nics.at(0).model == "e1000");
        CHECK(out.read.hardware().drives.size() == 4);
    }
}

TEST_CASE("what a foreign machine loses has these rules") {
    const Written out = create(foreign(), target("4.5"));
    for (const std::string_view rule :
         {"ovirt-id-generated",      "ovirt-file-renamed",     "ovirt-file-compressed",    "ovirt-disk-format",
          "ovirt-disk-size-rounded", "ovirt-controller-model", "ovirt-disk-interface",     "ovirt-nic-model",
          "ovirt-nic-unlinked",      "ovirt-video-model",      "ovirt-graphics-type",      "ovirt-sound-model",
          "ovirt-rng-source",        "ovirt-serial-backend",   "ovirt-device-unsupported", "ovirt-boot-order",
          "ovirt-clock-zone",        "ovirt-memory-rounded",   "ovirt-cpu-topology",       "ovirt-firmware-machine",
          "ovirt-arch-approximated", "ovirt-system-type",      "ovirt-parameter-invalid",  "ovirt-field-unsupported",
          "ovirt-drive-attribute",   "ovirt-balloon-attribute"}) {
        INFO(rule);
        CHECK(out.notes_rule(rule));
    }
    const Written old = create(foreign(), target("3.6"));
    CHECK(old.notes_rule("ovirt-firmware-version"));
    CHECK(old.notes_rule("ovirt-networks-fixed"));
    CHECK(old.notes_rule("ovirt-file-size"));
}

TEST_CASE("an export has what the engine's reader asks for") {
    const Written out = create(foreign(), target("4.5"));
    const std::string& text = out.bytes;
    CHECK(count_of(text, "<File ") == 3);
    CHECK(count_of(text, "ovf:description=\"\"") == 3);
    CHECK(count_of(text, "<Disk ") == 3);
    for (const std::string_view attribute :
         {"ovf:diskId=", "ovf:size=", "ovf:actual_size=", "ovf:vm_snapshot_id=", "ovf:fileRef=", "ovf:volume-format=",
          "ovf:volume-type=", "ovf:disk-interface=", "ovf:boot="})
        CHECK(count_of(text, attribute) >= 3);
    CHECK(holds(text, "<Origin>3</Origin>"));
    CHECK(holds(text, "<rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>"));
    CHECK(holds(text, "<vssd:VirtualSystemType>ENGINE 4.4.0.0</vssd:VirtualSystemType>"));
    CHECK(holds(text, "ovf:version=\"4.4.0.0\""));
    CHECK(holds(text, "<Info>6 CPU, 1025 Memory</Info>"));
    // File and Disk agree, and every id is a UUID.
    for (const VirtualDisk& disk : out.read.envelope.disks) {
        CHECK(disk.id == disk.file_id);
        CHECK_THAT(disk.id, Catch::Matchers::Matches(uuid_form));
    }
    for (const FileReference& file : out.read.envelope.files) CHECK(file.href.ends_with("/" + file.id));
    CHECK_THAT(out.read.system().uuid, Catch::Matchers::Matches(uuid_form));
    CHECK(out.read.system().id == "out");
    CHECK((create(foreign(), target("4.5")).bytes == text));  // reproducible
    Envelope renamed = foreign();
    renamed.systems[0].name = "other";
    CHECK(create(renamed, target("4.5")).read.system().uuid != out.read.system().uuid);
}

TEST_CASE("an OVA has what the engine's reader asks for") {
    const Written out = create(foreign(), target("4.5", "ova"));
    CHECK(count_of(out.bytes, "ovf:capacityAllocationUnits=") == 3);
    CHECK(holds(out.bytes, "ovf:capacity=\"10737418752\" ovf:capacityAllocationUnits=\"byte\""));
    CHECK(count_of(out.bytes, "ovf:populatedSize=") == 0);
    CHECK(holds(out.bytes, "<VirtualSystem ovf:id=\"" + out.read.system().uuid + "\">"));
    CHECK(holds(out.bytes, "ovf:/disk/" + out.read.envelope.disks.at(0).id));
    CHECK_FALSE(holds(out.bytes, "<Section"));
    CHECK_FALSE(holds(out.bytes, "ovf:version="));
    for (const FileReference& file : out.read.envelope.files) CHECK(file.href == file.id);
    CHECK(out.read.hardware().drives.at(0).disk_id == out.read.envelope.disks.at(0).id);
    CHECK(out.read.envelope.disks.at(0).capacity_bytes == (10ULL << 30) + 512);
}

TEST_CASE("each version writes its own form") {
    const Envelope envelope = parse(fixture("export-4.5.ovf")).envelope;
    const auto text = [&](std::string_view version) { return create(envelope, target(version)).bytes; };
    CHECK(holds(text("3.0"), "ovf:version=\"3.0.0.0\""));
    CHECK(holds(text("3.6"), "8 CPU, 4096 Memeory"));
    CHECK(holds(text("4.0"), "8 CPU, 4096 Memory"));
    CHECK_FALSE(holds(text("3.6"), "threads_per_cpu"));
    CHECK(holds(text("4.0"), "<rasd:threads_per_cpu>2<"));
    CHECK_FALSE(holds(text("4.0"), "max_num_of_vcpus"));
    CHECK(holds(text("4.1"), "max_num_of_vcpus"));
    CHECK(holds(text("4.1"), "<Section xsi:type=\"ovf:NetworkSection_Type\">"));
    CHECK(holds(text("4.2"), "<NetworkSection>"));
    CHECK(holds(text("4.2"), "ovf:name=\"desk-net\""));
    CHECK(holds(text("4.3"), "<ClusterCompatibilityVersion>4.3<"));
    CHECK(holds(text("4.3"), "ovf:version=\"4.1.0.0\""));
    CHECK(holds(text("3.6"), "<Nic ovf:id=\"" + envelope.systems[0].hardware.nics[0].info.id + "\"/>"));
    CHECK_FALSE(holds(text("4.2"), "<Nic "));
    CHECK(holds(text("4.5"), "<BiosType>3</BiosType>"));
    CHECK_FALSE(holds(text("4.1"), "BiosType"));
    // Sizes survive the change of meaning of File/@size.
    for (const std::string_view version : {"3.0", "3.6", "4.1", "4.2", "4.5"}) {
        const Written out = create(envelope, target(version));
        CHECK(out.read.envelope.disks.at(0).capacity_bytes == envelope.disks[0].capacity_bytes);
    }
}

TEST_CASE("there are no OVAs before 4.2") {
    const Written out = create(parse(fixture("export-4.5.ovf")).envelope, target("4.1", "ova"));
    REQUIRE(out.found.has_errors());
    CHECK(out.found.all().front().rule == "ovirt-ova-version");
    CHECK(out.found.failure() == Failure::refused);
}

TEST_CASE("an unnamed bus is the machine's own") {
    Envelope e = parse(with_disk({}, "ovf:size=\"1\" ovf:disk-interface=\"IDE\"", "1").text()).envelope;
    e.disks[0].id = "d";
    Drive& drive = e.systems[0].hardware.drives.at(0);
    drive.disk_id = "d";
    drive.interface.clear();
    CHECK(holds(create(e).bytes, "ovf:disk-interface=\"IDE\""));
    CHECK(create(e).notes_rule("ovirt-disk-interface"));
    e.systems[0].hardware.machine = "q35";
    CHECK(holds(create(e).bytes, "ovf:disk-interface=\"SATA\""));
}

TEST_CASE("NICs, networks and drives are added and taken out in place") {
    for (const std::string_view name :
         {"export-3.1.ovf", "export-4.3.ovf", "export-4.5.compact.ovf", "ova-4.5.ovf", "hybrid-v2v.ovf"}) {
        INFO(name);
        const std::string bytes = fixture(name);
        const Written more = edit(bytes, [](Envelope& e) {
            Hardware& hardware = e.systems[0].hardware;
            Nic nic = hardware.nics.at(0);
            nic.info = {};
            nic.mac = "02:00:00:00:00:09";
            nic.network = "dmz";
            hardware.nics.push_back(nic);
            e.networks.push_back({"dmz", "", {}});
            VirtualDisk disk;
            disk.id = "new";
            disk.capacity_bytes = 7ULL << 30;
            e.disks.push_back(disk);
            Drive drive;
            drive.disk_id = "new";
            drive.interface = "virtio";
            hardware.drives.push_back(drive);
        });
        CHECK(more.read.hardware().nics.size() == 2);
        CHECK(more.read.hardware().nics.at(1).mac == "02:00:00:00:00:09");
        CHECK(more.read.envelope.disks.size() == 2);
        CHECK(more.read.envelope.disks.at(1).capacity_bytes == 7ULL << 30);
        CHECK(more.read.hardware().drives.back().interface == "virtio");
        CHECK(holds(more.bytes, "<Nic ovf:id=\"" + more.read.hardware().nics.at(1).info.id) ==
              (name == "export-3.1.ovf"));
        const std::size_t files = parse(bytes).envelope.files.size();
        const Written less = edit(more.bytes, [&](Envelope& e) {
            e.systems[0].hardware.nics.pop_back();
            e.systems[0].hardware.drives.pop_back();
            e.disks.pop_back();
            e.files.resize(files);
            if (e.networks.size() > 1) e.networks.pop_back();
        });
        CHECK((less.bytes == bytes));
    }
}

TEST_CASE("devices of every list are added and taken out again") {
    const std::string bytes = fixture("export-4.5.ovf");
    const Written more = edit(bytes, [](Envelope& e) {
        Hardware& h = e.systems[0].hardware;
        SimpleDevice rng;
        rng.model = "virtio";
        rng.option = "/dev/random";
        h.rngs.push_back(rng);
        SimpleDevice watchdog;
        watchdog.model = "i6300esb";
        watchdog.option = "reset";
        h.watchdogs.push_back(watchdog);
        CharacterDevice serial;
        serial.backend = "unix";
        h.serials.push_back(serial);
        Controller controller;
        controller.type = ControllerType::scsi;
        controller.model = "virtio-scsi";
        h.controllers.push_back(controller);
        OtherDevice other;
        other.other_type = "redir/spicevmc";
        h.others.push_back(other);
    });
    const Hardware& h = more.read.hardware();
    REQUIRE(h.rngs.size() == 1);
    CHECK(h.rngs[0].option == "/dev/random");
    REQUIRE(h.watchdogs.size() == 1);
    CHECK(h.watchdogs[0].option == "reset");
    REQUIRE(h.serials.size() == 1);
    CHECK(h.serials[0].backend == "unix");
    CHECK(h.controllers.back().model == "virtio-scsi");
    CHECK(h.others.back().other_type == "redir/spicevmc");
    const Written less = edit(more.bytes, [](Envelope& e) {
        Hardware& hardware = e.systems[0].hardware;
        hardware.rngs.clear();
        hardware.watchdogs.clear();
        hardware.serials.clear();
        hardware.controllers.pop_back();
        hardware.others.pop_back();
    });
    CHECK((less.bytes == bytes));
}

TEST_CASE("a device the engine adds by itself cannot be taken out") {
    const Written out = edit(fixture("export-4.3.ovf"), [](Envelope& e) { e.systems[0].hardware.controllers.clear(); });
    CHECK(out.notes_rule("ovirt-device-implied"));
}

TEST_CASE("a template is marked and unmarked") {
    const std::string bytes = fixture("export-4.5.ovf");
    const Written made = edit(bytes, [](Envelope& e) { e.systems[0].is_template = true; });
    CHECK(made.read.system().is_template);
    CHECK(holds(made.bytes, "<TemplateId>" + made.read.system().uuid + "</TemplateId>"));
    const Written undone = edit(made.bytes, [](Envelope& e) { e.systems[0].is_template = false; });
    CHECK((undone.bytes == bytes));
}

TEST_CASE("an operating system without a name in oVirt") {
    Envelope e = parse(fixture("export-4.5.ovf")).envelope;
    e.systems[0].os = {};
    e.systems[0].os.osinfo_id = "http://plan9.example/4";
    e.systems[0].os.cim_id = 73;
    const Written out = create(e);
    CHECK(out.notes_rule("ovirt-os-approximated"));
    CHECK(out.read.system().os.ovirt_name == "other");
    e.systems[0].os = {};
    e.systems[0].os.osinfo_id = "http://redhat.com/rhel/8.6";
    CHECK(create(e).read.system().os.ovirt_name == "rhel_8x64");
}

TEST_CASE("several VMs are written, and the engine's limit is named") {
    Envelope e = parse(fixture("export-4.5.ovf")).envelope;
    e.systems.push_back(e.systems[0]);
    e.systems[1].name = "second";
    e.systems[1].hardware.drives.clear();
    const Written out = create(e);
    CHECK(out.read.envelope.systems.size() == 2);
    CHECK(out.notes_rule("ovirt-systems-several"));
    CHECK(out.read.reports("ovirt-systems-several"));
}
