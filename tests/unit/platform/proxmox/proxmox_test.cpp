#include <algorithm>

#include "catch.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Platform platform_proxmox;
}

using namespace ovfkit;

namespace {

constexpr std::uint64_t mib = 1ULL << 20;

struct Output {
    std::string text, file;
    std::vector<detail::LossNote> notes;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] bool has(std::string_view line) const { return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos; }
    [[nodiscard]] bool says(std::string_view rule) const {
        return std::any_of(notes.begin(), notes.end(), [&](const detail::LossNote& n) { return n.rule == rule; }) ||
               std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

Output write(const Envelope& e, const LeafOptions& options = {}) {
    Diagnostics diagnostics;
    WriteOptions write_options;
    write_options.options = options;
    detail::WriteContext context{diagnostics, write_options, {}, {}};
    detail::Written written = detail::platform_proxmox.write("proxmox", e, e.systems.at(0), context);
    return {written.files.at(0).bytes, written.files.at(0).name, std::move(written.notes), diagnostics.all()};
}

struct Input {
    Envelope envelope;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] const VirtualSystem& system() const { return envelope.systems.at(0); }
    [[nodiscard]] const Hardware& hardware() const { return system().hardware; }
    [[nodiscard]] bool says(std::string_view rule) const {
        return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

Input read(const std::string& text, const std::string& name = "100.conf") {
    Diagnostics diagnostics;
    ReadOptions options;
    detail::ReadContext context{diagnostics, options};
    detail::Carried carried;
    return {detail::platform_proxmox.read("proxmox", name, text, context, carried), diagnostics.all()};
}

Envelope machine() {
    Envelope e;
    e.dialect = "dmtf";
    VirtualSystem s;
    s.id = s.name = "web";
    s.hardware.cpu.count = 2;
    s.hardware.memory.boot_bytes = 2048 * mib;
    s.hardware.balloon.state = BalloonState::enabled;
    e.systems.push_back(s);
    return e;
}

Hardware& hardware_of(Envelope& e) { return e.systems.at(0).hardware; }

Drive& add_disk(Envelope& e, const std::string& id, const std::string& interface) {
    e.files.push_back({"file" + id, "disk-" + id + ".qcow2", {}, {}, {}, {}, {}});
    VirtualDisk disk;
    disk.id = "vmdisk" + id;
    disk.file_id = "file" + id;
    disk.capacity_bytes = 8192 * mib;
    e.disks.push_back(disk);
    Drive d;
    d.info.id = id;
    d.disk_id = disk.id;
    d.interface = interface;
    hardware_of(e).drives.push_back(d);
    return hardware_of(e).drives.back();
}

Nic& add_nic(Envelope& e, const std::string& model) {
    Nic n;
    n.info.id = "n";
    n.model = model;
    n.network = "LAN";
    n.mac = "52:54:00:00:00:01";
    hardware_of(e).nics.push_back(n);
    return hardware_of(e).nics.back();
}

SimpleDevice simple(const std::string& model, const std::string& option = {}) {
    SimpleDevice d;
    d.model = model;
    d.option = option;
    return d;
}

Controller& add_controller(Envelope& e, ControllerType type, const std::string& model) {
    Controller c;
    c.info.id = "c" + std::to_string(hardware_of(e).controllers.size());
    c.type = type;
    c.model = model;
    hardware_of(e).controllers.push_back(c);
    return hardware_of(e).controllers.back();
}

}  // namespace

TEST_CASE("balloon: 0, absent, a number") {
    const std::string rest = "memory: 2048\ncores: 2\n";
    CHECK(read("balloon: 0\n" + rest).hardware().balloon.state == BalloonState::disabled);
    CHECK(read(rest).hardware().balloon.state == BalloonState::unspecified);
    const Input some = read("balloon: 512\nshares: 0\n" + rest);
    CHECK(some.hardware().balloon.state == BalloonState::enabled);
    CHECK(some.hardware().memory.target_bytes == 512 * mib);
    CHECK(some.hardware().memory.guaranteed_bytes == 512 * mib);
    CHECK(some.hardware().memory.weight == 0U);
    CHECK(read("balloon: 4096\n" + rest).says("proxmox-memory-order"));
    CHECK(read("memory: current=1024\ncores: 1\n").hardware().memory.boot_bytes == 1024 * mib);
}

TEST_CASE("each balloon state is said") {
    Envelope e = machine();
    CHECK(write(e).has("balloon: 2048"));
    CHECK(read(write(e).text).hardware().balloon.state == BalloonState::enabled);
    CHECK_FALSE(read(write(e).text).hardware().memory.target_bytes);
    hardware_of(e).balloon.state = BalloonState::disabled;
    CHECK(write(e).has("balloon: 0"));
    hardware_of(e).balloon.state = BalloonState::unspecified;
    CHECK(write(e).text.find("balloon") == std::string::npos);
    CHECK(read(write(e).text).hardware().balloon.state == BalloonState::unspecified);
    hardware_of(e).memory.target_bytes = 384 * mib;
    CHECK(write(e).says("balloon-state-defaulted"));
    hardware_of(e).balloon.state = BalloonState::enabled;
    hardware_of(e).memory.target_bytes = 384 * mib;
    CHECK(write(e).has("balloon: 384"));
    hardware_of(e).memory.guaranteed_bytes = 256 * mib;
    CHECK(write(e).has("balloon: 256"));
    CHECK(write(e).says("proxmox-memory-target"));
    hardware_of(e).balloon.autodeflate = true;
    CHECK(write(e).says("balloon-attribute-unsupported"));
}

TEST_CASE("no value can make a line or a part of its own") {
    Envelope e = machine();
    e.systems[0].name = "web\nhookscript: local:x";
    e.systems[0].annotation = "one\nargs: -x\r\n100%";
    hardware_of(e).cpu.model = "host,flags=+x";
    hardware_of(e).machine = "q35\nargs: x";
    add_disk(e, "1", "scsi").serial = "a,ro=1";
    e.files[0].href = "x,media=cdrom\n.iso";
    add_nic(e, "e1000").vlan = "1,bridge=x";
    e.systems[0].parameters.push_back({"proxmox", "args", "-x"});
    const Output out = write(e);
    CHECK(out.text.find("args") == out.text.find("args%3A"));
    CHECK(out.text.find("\nhookscript") == std::string::npos);
    CHECK(out.text.find("ro=1") == std::string::npos);
    CHECK(out.says("platform-name-changed"));
    CHECK(out.says("proxmox-parameter-untrusted"));
    CHECK(read(out.text).system().annotation == "one\nargs: -x\n100%");
    CHECK(write(e, {{"proxmox.storage", "a,b"}}).says("proxmox-option-invalid"));
}

TEST_CASE("a configuration reads back alike, what is unknown as well") {
    const std::string text =
        "#first\n#second%3A\nagent: 1\naudio0: device=ich9-intel-hda,driver=none\nballoon: 512\nbios: ovmf\nboot: order=scsi0;net0\n"
        "cores: 2\ncpu: host,flags=+aes\nefidisk0: local-lvm:vm-100-disk-efi,efitype=4m,pre-enrolled-keys=1\n"
        "ide2: none,media=cdrom\nmachine: q35\nmemory: 2048\nname: relay\nnet0: virtio=52:54:00:5A:20:01,bridge=vmbr0,tag=12,link_down=1,firewall=1\n"
        "numa: 0\nostype: l26\nrng0: source=/dev/urandom\nsata1: local:100/vm-100-disk-1.qcow2,cache=none,size=32G\n"
        "scsi0: local-lvm:vm-100-disk-0,discard=on,serial=S1,size=8G,iothread=1\nscsihw: virtio-scsi-pci\nserial0: socket\nshares: 50\n"
        "smbios1: uuid=8d4f2b1c-63e5-4c2d-8b88-3a7e9a5fac21,base64=1\nsockets: 1\ntemplate: 1\ntpmstate0: local-lvm:vm-100-disk-tpm,version=v2.0\n"
        "vga: qxl2,memory=32\nvirtio3: local-lvm:vm-100-disk-3,size=4G\nvmgenid: 9d4f2b1c-63e5-4c2d-8b88-3a7e9a5fac21\nwatchdog: model=i6300esb,action=reset\n";
    const Input in = read(text);
    CHECK(in.says("proxmox-key-kept"));
    CHECK(in.hardware().secure_boot == true);
    CHECK(in.hardware().drives.size() == 4);
    CHECK(in.hardware().nics.at(0).vlan == "12");
    CHECK(in.envelope.disks.size() == 3);
    const Output out = write(in.envelope);
    for (const detail::LossNote& n : out.notes) UNSCOPED_INFO(n.field << " " << n.rule << " " << n.detail);
    CAPTURE(out.text);
    const Input again = read(out.text);
    CHECK(again.envelope.systems == in.envelope.systems);
    CHECK(again.envelope.disks == in.envelope.disks);
    CHECK(out.file == "100.conf");
    CHECK(out.has("agent: 1"));
}

TEST_CASE("what Proxmox would not read is an error with its line") {
    const std::string good = "memory: 512\ncores: 1\n";
    CHECK(read(good + "no colon\n").says("proxmox-line-malformed"));
    CHECK(read(good + "Bad Key: 1\n").says("proxmox-line-malformed"));
    CHECK(read(good + "a: \x01\n").says("proxmox-line-malformed"));
    CHECK(read(good + "cores: 2\n").says("proxmox-key-duplicate"));
    CHECK(read(good + "[snap1]\ncores: 9\n").says("proxmox-section-skipped"));
    CHECK(read(good + "[snap1]\ncores: 9\n").hardware().cpu.count == 1U);
    CHECK(read("memory: -1\n").says("proxmox-value-invalid"));
    CHECK(read(good + "net0: virtio=zz,bridge=a\n").says("proxmox-value-invalid"));
    CHECK(read(good + "scsi0: a:b,size=99999999999999999999G\n").says("proxmox-value-invalid"));
    CHECK(read("cores: 4096\nsockets: 4096\n").says("proxmox-value-invalid"));
    CHECK(read(good + "boot: order=scsi9\n").says("proxmox-boot-absent"));
    CHECK(read(std::string(600 * 1024, '#')).says("input-too-large"));
    CHECK(read(good + "boot: cdn\n").hardware().boot.size() == 3);
}

namespace {

struct Case {
    const char* rule;
    void (*change)(Envelope& e);
};

const Case cases[] = {
    {"proxmox-memory-missing", [](Envelope& e) { hardware_of(e).memory.boot_bytes.reset(); }},
    {"proxmox-memory-rounded", [](Envelope& e) { hardware_of(e).memory.boot_bytes = 512 * mib + 1; }},
    {"proxmox-cpu-defaulted", [](Envelope& e) { hardware_of(e).cpu.count.reset(); }},
    {"proxmox-cpu-threads", [](Envelope& e) { hardware_of(e).cpu.threads = 2; }},
    {"proxmox-cpu-model", [](Envelope& e) { hardware_of(e).cpu.model = "host-model"; }},
    {"proxmox-machine-changed", [](Envelope& e) { hardware_of(e).machine = "virt"; }},
    {"proxmox-firmware-secureboot", [](Envelope& e) { hardware_of(e).secure_boot = true; }},
    {"proxmox-clock-zone", [](Envelope& e) { e.systems[0].clock = "Europe/Rome"; }},
    {"proxmox-controller-model", [](Envelope& e) { add_controller(e, ControllerType::scsi, "buslogic"); }},
    {"proxmox-controller-type", [](Envelope& e) { add_controller(e, ControllerType::nvme, "nvme"); }},
    {"proxmox-drive-bus", [](Envelope& e) { add_disk(e, "1", "nvme"); }},
    {"proxmox-drive-access", [](Envelope& e) { add_disk(e, "1", "ide").read_only = true; }},
    {"proxmox-drives-exceeded", [](Envelope& e) { for (int i = 0; i < 60; ++i) add_disk(e, std::to_string(i), "scsi"); }},
    {"proxmox-volume-import", [](Envelope& e) { add_disk(e, "1", "scsi"); }},
    {"proxmox-floppy-unsupported", [](Envelope& e) { add_disk(e, "1", "fdc").kind = DriveKind::floppy; }},
    {"proxmox-nic-model", [](Envelope& e) { add_nic(e, "flexible"); }},
    {"proxmox-nic-bridge", [](Envelope& e) { add_nic(e, "e1000"); }},
    {"proxmox-nic-link", [](Envelope& e) { add_nic(e, "e1000").connected = false; }},
    {"proxmox-nics-exceeded", [](Envelope& e) { hardware_of(e).nics.resize(33); }},
    {"proxmox-port-backend", [](Envelope& e) { hardware_of(e).serials.resize(1); }},
    {"proxmox-video-model", [](Envelope& e) { hardware_of(e).videos.resize(1); }},
    {"proxmox-graphics-own", [](Envelope& e) { hardware_of(e).graphics.resize(1); }},
    {"proxmox-device-limit", [](Envelope& e) { hardware_of(e).rngs = {simple("virtio"), simple("virtio")}; }},
    {"proxmox-device-model", [](Envelope& e) { hardware_of(e).sounds = {simple("sb16")}; }},
};

}  // namespace

TEST_CASE("what Proxmox cannot hold is named") {
    for (const Case& c : cases) {
        INFO(c.rule);
        Envelope e = machine();
        c.change(e);
        CHECK(write(e).says(c.rule));
        CHECK_FALSE(write(machine()).says(c.rule));
    }
}

TEST_CASE("a configuration is told from other texts") {
    const auto detect = detail::platform_proxmox.detect;
    CHECK(detect("100.conf", "memory: 512\ncores: 1\n") == 90);
    CHECK(detect("x", "#note\nmemory: 512\nballoon: 0\n") == 70);
    CHECK(detect("x.yaml", "apiVersion: v1\nmemory: 1\ncores: 1\n") == 0);
    CHECK(detect("config.ini", "[instance]\nname = x\n") == 0);
}
