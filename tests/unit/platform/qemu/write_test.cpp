#include "harness.hpp"

using namespace harness;

TEST_CASE("the balloon is a device or nothing, never -balloon") {
    Envelope e = machine();
    MemoryBalloon& balloon = hardware_of(e).balloon;
    balloon.model = BalloonModel::virtio_non_transitional;
    balloon.autodeflate = true;
    balloon.free_page_reporting = false;
    balloon.stats_period_seconds = 5;
    balloon.info.address = "bus=0x00,slot=0x08,type=pci";
    Output out = write(e);
    CHECK(out.has("-device virtio-balloon-pci-non-transitional,id=balloon0,deflate-on-oom=on,free-page-reporting=off,"
                  "guest-stats-polling-interval=5,bus=pci.0,addr=0x8"));
    CHECK_FALSE(out.has("-balloon "));
    CHECK(out.notes.empty());
    balloon.state = BalloonState::disabled;
    out = write(e);
    CHECK_FALSE(out.has("balloon"));
    CHECK(out.says("balloon-attribute-absent"));
    CHECK(out.note("balloon.state") == nullptr);
    balloon = {};
    out = write(e);
    CHECK(out.has("virtio-balloon-pci"));
    REQUIRE(out.note("balloon.state") != nullptr);
    CHECK(out.note("balloon.state")->rule == "balloon-state-defaulted");
    balloon.state = BalloonState::enabled;
    hardware_of(e).arch = "s390x";
    CHECK(write(e).has("-device virtio-balloon-ccw,id=balloon0"));
    hardware_of(e).arch.clear();
    CHECK(write(e, {{"qemu.machine", "microvm"}}).has("-device virtio-balloon-device,id=balloon0"));
}

TEST_CASE("less memory at the start is a QMP command beside the script") {
    Envelope e = machine();
    hardware_of(e).memory.target_bytes = 256 * mib;
    const Output out = write(e);
    REQUIRE(out.files.size() == 2);
    CHECK(out.files[1].name == "web.qmp");
    CHECK_FALSE(out.files[1].companion);  // that is the carried descriptor
    CHECK(out.files[1].bytes == "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"balloon\",\"arguments\":{\"value\":268435456}}\n");
    CHECK(out.says("qemu-memory-target"));
}

TEST_CASE("words are quoted for the shell and commas doubled for QEMU") {
    Envelope e = machine();
    e.systems[0].name = e.systems[0].id = "it's,$(id)\n-x";
    add_disk(e, "1", "virtio");
    e.files[0].href = "../-a,b;c.qcow2";
    const Output out = write(e);
    CHECK(out.has("'guest=it'\\''s,,$(id)--x'"));
    CHECK(out.has("file.filename=./a-b-c.qcow2"));
    CHECK(out.says("platform-name-changed"));
    CHECK(out.says("platform-image-path"));
    const Input back = read(out.text());
    CHECK(back.system().name == "it's,$(id)--x");
    CHECK(back.hardware().drives.at(0).source == "./a-b-c.qcow2");
}

TEST_CASE("secure boot takes q35 and firmware that has it") {
    Envelope e = machine();
    hardware_of(e).firmware = Firmware::efi;
    hardware_of(e).secure_boot = true;
    hardware_of(e).machine = "pc";
    const Output out = write(e);
    CHECK(out.has("q35,accel=kvm:tcg,smm=on"));
    CHECK(out.has("OVMF_CODE_4M.ms.fd"));
    CHECK(out.says("qemu-secureboot-machine"));
    CHECK(out.says("qemu-firmware-nvram"));
    CHECK(write(e, {{"qemu.machine", "pc"}}).says("qemu-secureboot-machine"));
    CHECK(read(out.text()).hardware().secure_boot == true);
    CHECK(write(e, {{"qemu.firmware", "/fw/x.fd"}, {"qemu.nvram", "-vars.fd"}}).has("file=./-vars.fd"));
}

namespace {

struct Case {
    const char* rule;
    void (*change)(Envelope& e);
};

const Case cases[] = {
    {"qemu-balloon-model", [](Envelope& e) { hardware_of(e).balloon.model = BalloonModel::xen; }},
    {"qemu-parameter-untrusted", [](Envelope& e) { e.systems[0].parameters.push_back({"qemu", "chardev", "file,path=/etc/x,id=y"}); }},
    {"qemu-address-unusable", [](Envelope& e) { hardware_of(e).balloon.info.address = "bus=0x03,slot=0x00,type=pci"; }},
    {"qemu-machine-changed", [](Envelope& e) { hardware_of(e).machine = "pc-q35-rhel9.2.0"; }},
    {"qemu-firmware-unsupported", [](Envelope& e) { hardware_of(e).secure_boot = true; }},
    {"qemu-cpu-model", [](Envelope& e) { hardware_of(e).cpu.model = "host-model"; }},
    {"qemu-cpu-defaulted", [](Envelope& e) { hardware_of(e).cpu.count.reset(); }},
    {"qemu-memory-missing", [](Envelope& e) { hardware_of(e).memory.boot_bytes.reset(); }},
    {"qemu-memory-rounded", [](Envelope& e) { hardware_of(e).memory.boot_bytes = 512 * mib + 1; }},
    {"qemu-memory-maximum", [](Envelope& e) { hardware_of(e).memory.maximum_bytes = 512 * mib; }},
    {"qemu-clock-zone", [](Envelope& e) { e.systems[0].clock = "Europe/Berlin"; }},
    {"qemu-boot-word", [](Envelope& e) { hardware_of(e).boot = {"moon"}; }},
    {"platform-boot-absent", [](Envelope& e) { hardware_of(e).boot = {"cdrom"}; }},
    {"qemu-controller-model", [](Envelope& e) { add_controller(e, "1", ControllerType::scsi, "buslogic"); }},
    {"qemu-controller-type", [](Envelope& e) { add_controller(e, "1", ControllerType::other, "warp"); }},
    {"qemu-bus-defaulted", [](Envelope& e) { add_disk(e, "1", ""); }},
    {"qemu-bus-changed", [](Envelope& e) { add_disk(e, "1", "xen"); }},
    {"qemu-unit-moved", [](Envelope& e) { add_disk(e, "1", "ide").unit = 9; }},
    {"qemu-floppy-unsupported", [](Envelope& e) {
         for (const char* id : {"1", "2", "3"}) add_disk(e, id, "fdc").kind = DriveKind::floppy;
     }},
    {"qemu-drive-access", [](Envelope& e) { add_disk(e, "1", "virtio").transient = true; }},
    {"qemu-drive-serial", [](Envelope& e) { add_disk(e, "1", "virtio").serial = "a,b"; }},
    {"platform-image-blank", [](Envelope& e) { add_disk(e, "1", "virtio"); e.disks[0].file_id.clear(); }},
    {"platform-image-format", [](Envelope& e) { add_disk(e, "1", "virtio"); e.disks[0].format = "urn:what"; e.files[0].href = "x.bin"; }},
    {"platform-image-streamoptimized", [](Envelope& e) { add_disk(e, "1", "virtio"); e.disks[0].format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"; }},
    {"platform-image-packed", [](Envelope& e) { add_disk(e, "1", "virtio"); e.files[0].compression = "gzip"; }},
    {"platform-topology-mismatch", [](Envelope& e) { hardware_of(e).cpu.cores = 3; }},
    {"platform-uuid-invalid", [](Envelope& e) { e.systems[0].uuid = "none"; }},
    {"platform-name-one", [](Envelope& e) { e.systems[0].id = "vm-7"; }},
    {"platform-mac-invalid", [](Envelope& e) { add_nic(e, "1", "e1000").mac = "ff:ff:ff:ff:ff:ff"; }},
    {"platform-mac-duplicate", [](Envelope& e) { add_nic(e, "1", "e1000"); add_nic(e, "2", "e1000").mac = "52:54:00:00:00:01"; }},
    {"qemu-nic-model", [](Envelope& e) { add_nic(e, "1", "flexible"); }},
    {"qemu-nic-network", [](Envelope& e) { add_nic(e, "1", "e1000"); }},
    {"qemu-nic-link", [](Envelope& e) { add_nic(e, "1", "e1000").link_up = false; }},
    {"qemu-port-backend", [](Envelope& e) { CharacterDevice c; c.backend = "file"; c.target = "/etc/passwd"; hardware_of(e).serials.push_back(c); }},
    {"qemu-port-limit", [](Envelope& e) { hardware_of(e).serials.resize(5); }},
    {"qemu-video-model", [](Envelope& e) { Video v; v.model = "cga"; hardware_of(e).videos.push_back(v); }},
    {"qemu-video-memory", [](Envelope& e) { Video v; v.model = "vga"; v.vram_bytes = 5 * mib; hardware_of(e).videos.push_back(v); }},
    {"qemu-graphics-type", [](Envelope& e) { Graphics g; g.type = "rdp"; hardware_of(e).graphics.push_back(g); }},
    {"qemu-graphics-listen", [](Envelope& e) { Graphics g; g.type = "vnc"; g.listen = "0.0.0.0"; hardware_of(e).graphics.push_back(g); }},
    {"qemu-sound-model", [](Envelope& e) { hardware_of(e).sounds.push_back(simple("1", "hda")); }},
    {"qemu-watchdog-model", [](Envelope& e) { hardware_of(e).watchdogs.push_back(simple("1", "i6300esb", "dump")); }},
    {"qemu-rng-source", [](Envelope& e) { hardware_of(e).rngs.push_back(simple("1", "virtio", "/etc/shadow")); }},
    {"qemu-tpm-model", [](Envelope& e) { hardware_of(e).tpms.push_back(simple("1", "tpm-crb", "1.2")); }},
};

}  // namespace

TEST_CASE("what QEMU cannot hold is named") {
    for (const Case& c : cases) {
        INFO(c.rule);
        Envelope e = machine();
        c.change(e);
        CHECK(write(e).says(c.rule));
        CHECK_FALSE(write(machine()).says(c.rule));
    }
}

TEST_CASE("a machine with one of most things reads back alike") {
    Envelope e = machine();
    Hardware& h = hardware_of(e);
    e.dialect = "libvirt";
    e.systems[0].uuid = "564d2f6c-6d6d-4e4a-8f9a-0123456789ab";
    e.systems[0].genid = "664d2f6c-6d6d-4e4a-8f9a-0123456789ab";
    e.systems[0].clock = "localtime";
    h.arch = "x86_64";
    h.machine = "pc";
    h.firmware = Firmware::bios;
    h.cpu.count = 2;
    h.cpu.maximum = 4;
    h.cpu.sockets = 1;
    h.cpu.cores = 4;
    h.cpu.threads = 1;
    h.cpu.model = "Haswell";
    h.memory.maximum_bytes = 2048 * mib;
    add_controller(e, "10", ControllerType::ide, "piix3").address = 1;
    add_controller(e, "11", ControllerType::scsi, "vmpvscsi").address = 0;
    add_controller(e, "12", ControllerType::sata, "ahci").address = 0;
    add_controller(e, "13", ControllerType::nvme, "nvme").address = 0;
    add_controller(e, "14", ControllerType::usb, "qemu-xhci").address = 0;
    add_disk(e, "1", "").controller = "11";
    h.drives[0].unit = 5;
    h.drives[0].boot_index = 2;
    h.drives[0].read_only = true;
    h.drives[0].cache = "directsync";
    h.drives[0].discard = "unmap";
    h.drives[0].serial = "S-1";
    for (const auto& [id, controller, unit] : {std::tuple{"2", "10", 1U}, {"3", "12", 4U}, {"4", "13", 0U}, {"5", "14", 1U}}) {
        add_disk(e, id, "").controller = controller;
        h.drives.back().unit = unit;
    }
    h.drives[1].kind = DriveKind::cdrom;
    add_disk(e, "6", "virtio").cache = "writethrough";
    add_disk(e, "7", "fdc").kind = DriveKind::floppy;
    add_nic(e, "1", "virtio").attachment = "bridge";
    h.nics[0].network = "br0";
    h.nics[0].boot_index = 1;
    CharacterDevice port;
    port.info.id = "20";
    port.backend = "unix";
    port.target = "/run/x.sock";
    h.serials.push_back(port);
    Video video;
    video.info.id = "21";
    video.model = "qxl";
    video.vram_bytes = 16 * mib;
    h.videos.push_back(video);
    Graphics vnc;
    vnc.info.id = "22";
    vnc.type = "vnc";
    vnc.listen = "127.0.0.1";
    vnc.port = 5901;
    vnc.keymap = "de";
    h.graphics.push_back(vnc);
    h.sounds.push_back(simple("23", "ich6"));
    h.watchdogs.push_back(simple("24", "i6300esb", "reset"));
    h.rngs.push_back(simple("25", "virtio", "/dev/urandom"));
    for (const std::string form : {"qemu", "qemu-argv"}) {
        const Output out = write(e, {}, form);
        for (const detail::LossNote& n : out.notes) UNSCOPED_INFO(n.field << " " << n.rule << " " << n.detail);
        CAPTURE(out.text());
        CHECK(out.diagnostics.empty());
        const Input back = read(out.text());
        for (const Diagnostic& d : back.diagnostics) UNSCOPED_INFO(render_text(d));
        CHECK(back.diagnostics.empty());
        const Hardware& b = back.hardware();
        CHECK(back.system().uuid == e.systems[0].uuid);
        CHECK(back.system().genid == e.systems[0].genid);
        CHECK(back.system().clock == "localtime");
        CHECK(back.system().parameters.empty());
        CHECK(b.machine == "pc");
        CHECK(b.cpu == h.cpu);
        CHECK(b.memory.maximum_bytes == h.memory.maximum_bytes);
        REQUIRE(b.drives.size() == 7);
        for (std::size_t i = 0; i < 7; ++i) {
            INFO("drive " << i);
            CHECK(b.drives[i].kind == h.drives[i].kind);
            if (i < 5) CHECK(b.drives[i].unit == h.drives[i].unit);
            CHECK(b.drives[i].serial == h.drives[i].serial);
            CHECK(b.drives[i].cache == h.drives[i].cache);
            CHECK(b.drives[i].read_only == h.drives[i].read_only);
            CHECK(b.drives[i].boot_index == h.drives[i].boot_index);
            CHECK(b.drives[i].info.parameters.empty());
        }
        CHECK(b.drives[1].controller == "ide1");
        CHECK(b.controllers.size() == 5);
        CHECK(b.nics.at(0).network == "br0");
        CHECK(b.nics[0].mac == h.nics[0].mac);
        CHECK(b.nics[0].boot_index == 1U);
        CHECK(b.serials.at(0).target == "/run/x.sock");
        CHECK(b.videos.at(0).vram_bytes == 16 * mib);
        CHECK(b.graphics.at(0).port == 5901U);
        CHECK(b.graphics[0].keymap == "de");
        CHECK(b.sounds.at(0).model == "ich6");
        CHECK(b.watchdogs.at(0).option == "reset");
        CHECK(b.rngs.at(0).option == "/dev/urandom");
    }
}
