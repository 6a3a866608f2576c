#include <algorithm>

#include "catch.hpp"
#include "model/leaf.hpp"
#include "ovfkit/error.hpp"

namespace ovfkit::detail {
extern const Platform platform_kubevirt;
}

using namespace ovfkit;

namespace {

constexpr std::uint64_t mib = 1ULL << 20;

struct Output {
    std::string text, file;
    std::vector<detail::LossNote> notes;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
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
    detail::Written written = detail::platform_kubevirt.write("kubevirt", e, e.systems.at(0), context);
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

Input read(const std::string& text) {
    Diagnostics diagnostics;
    ReadOptions options;
    detail::ReadContext context{diagnostics, options};
    detail::Carried carried;
    return {detail::platform_kubevirt.read("kubevirt", "vm.yaml", text, context, carried), diagnostics.all()};
}

std::string refused(const std::string& text) {
    try {
        read(text);
    } catch (const InputError& error) {
        return error.diagnostic().rule;
    }
    return "read";
}

/// A VirtualMachine of 512 MiB with these lines under domain.
std::string vm(const std::string& domain, const std::string& before = {}) {
    return before + "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      domain:\n"
                    "        memory:\n          guest: 512Mi\n" + domain;
}

std::string devices(const std::string& lines) { return vm("        devices:\n" + lines); }

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
    n.network = "LAN 1";
    hardware_of(e).nics.push_back(n);
    return hardware_of(e).nics.back();
}

SimpleDevice simple(const std::string& model, const std::string& option = {}) {
    SimpleDevice d;
    d.model = model;
    d.option = option;
    return d;
}

}  // namespace

TEST_CASE("autoattachMemBalloon: nil, true, false") {
    CHECK(read(vm("")).hardware().balloon.state == BalloonState::unspecified);
    CHECK(read(devices("          autoattachMemBalloon: true\n")).hardware().balloon.state == BalloonState::enabled);
    CHECK(read(devices("          autoattachMemBalloon: false\n")).hardware().balloon.state == BalloonState::disabled);
    Envelope e = machine();
    CHECK(write(e).has("autoattachMemBalloon: true\n"));
    hardware_of(e).balloon.state = BalloonState::disabled;
    CHECK(write(e).has("autoattachMemBalloon: false\n"));
    CHECK(read(write(e).text).hardware().balloon.state == BalloonState::disabled);
    hardware_of(e).balloon.state = BalloonState::unspecified;
    CHECK_FALSE(write(e).has("autoattachMemBalloon"));
}

TEST_CASE("balloon attributes") {
    Envelope e = machine();
    MemoryBalloon& balloon = hardware_of(e).balloon;
    balloon.free_page_reporting = false;
    CHECK(write(e).has("kubevirt.io/free-page-reporting-disabled: \"true\"\n"));
    CHECK(read(write(e).text).hardware().balloon.free_page_reporting == false);
    balloon.free_page_reporting = true;
    CHECK(write(e).says("balloon-attribute-unsupported"));
    balloon = {};
    balloon.state = BalloonState::enabled;
    balloon.model = BalloonModel::virtio_transitional;
    CHECK(write(e).has("useVirtioTransitional: true"));
    CHECK(read(write(e).text).hardware().balloon.model == BalloonModel::virtio_transitional);
    add_nic(e, "virtio");
    CHECK_FALSE(write(e).has("useVirtioTransitional"));
    CHECK(write(e).says("balloon-attribute-unsupported"));
}

TEST_CASE("hostile YAML") {
    CHECK(refused("a: [") == "yaml-malformed");
    CHECK(refused("a: \x01") == "yaml-malformed");
    CHECK(refused("a: 1\na: 2\n") == "yaml-key-duplicate");
    CHECK(refused("a: !!python/object:os.system x\n") == "yaml-tag-refused");
    CHECK(refused("a: !own x\n") == "yaml-tag-refused");
    CHECK(refused("? [a]\n: b\n") == "yaml-malformed");
    CHECK(refused("a: &x [*x]\n") == "yaml-malformed");
    CHECK(refused(std::string(200, '[') + std::string(200, ']')) == "yaml-depth-exceeded");
    CHECK(refused(std::string(20000, '[') + std::string(20000, ']')) == "yaml-depth-exceeded");
    CHECK(refused(std::string(100000, '[')) != "read");
    std::string dashes;
    for (int i = 0; i < 40; ++i) dashes += "- ";
    CHECK(refused(dashes + "x\n") == "yaml-depth-exceeded");
    CHECK(refused(std::string(3 << 20, ' ')) == "input-too-large");
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int n = 0; n < 9; ++n) bomb += "," + last;
        bomb += "]\n";
    }
    CHECK(refused(bomb) == "input-too-large");
    CHECK(read("x: &m 1\ny: *m\n").says("kubevirt-machine-missing"));
    CHECK(read("kind: Pod\n---\n" + vm("")).says("kubevirt-document-skipped"));
    CHECK(read(vm("        cpu:\n          cores: -1\n")).says("kubevirt-value-invalid"));
    CHECK(read(vm("        cpu:\n          cores: 5000000000\n")).says("kubevirt-value-invalid"));
    CHECK(read(devices("          autoattachMemBalloon: maybe\n")).says("kubevirt-value-invalid"));
    CHECK(read(devices("          disks: 7\n")).says("kubevirt-value-invalid"));
    CHECK(read("kind: VirtualMachine\nspec: text\n").says("kubevirt-memory-missing"));
    CHECK(read(devices("          disks:\n          - name: a\n            lun: {}\n")).says("kubevirt-value-approximated"));
}

TEST_CASE("a value stays the value it is") {
    Envelope e = machine();
    e.systems[0].name = "Web: true\n- x";
    e.systems[0].annotation = "yes\n\"quoted\": {a}\n# no";
    hardware_of(e).cpu.model = "no";
    const Output out = write(e);
    CHECK(out.file == "web-true-x.yaml");
    CHECK(out.says("platform-name-changed"));
    const Input back = read(out.text);
    CHECK(back.system().name == "web-true-x");
    CHECK(back.system().annotation == e.systems[0].annotation);
    CHECK(back.hardware().cpu.model == "no");
}

TEST_CASE("a machine reads back alike, what is unknown as well") {
    const std::string text = vm(
        "          maxGuest: 4Gi\n        cpu:\n          sockets: 1\n          cores: 2\n          threads: 1\n          maxSockets: 4\n          model: host-model\n"
        "          dedicatedCpuPlacement: true\n        firmware:\n          uuid: 8d4f2b1c-63e5-4c2d-8b88-3a7e9a5fac21\n          bootloader:\n            efi:\n"
        "              secureBoot: true\n        features:\n          smm:\n            enabled: true\n        machine:\n          type: q35\n        clock:\n          utc: {}\n"
        "        devices:\n          autoattachMemBalloon: true\n          disks:\n          - name: root\n            disk:\n              bus: virtio\n            bootOrder: 1\n"
        "            serial: S1\n          - name: cd\n            cdrom:\n              bus: sata\n          interfaces:\n          - name: default\n            masquerade: {}\n"
        "            model: virtio\n          - name: blue\n            bridge: {}\n            model: e1000\n            macAddress: 52:54:00:00:00:01\n          rng: {}\n"
        "          tpm: {}\n          watchdog:\n            name: dog\n            i6300esb:\n              action: reset\n"
        "      networks:\n      - name: default\n        pod: {}\n      - name: blue\n        multus:\n          networkName: ns/blue\n"
        "      volumes:\n      - name: root\n        dataVolume:\n          name: root-disk\n      - name: cd\n        persistentVolumeClaim:\n          claimName: cd-image\n");
    const Input in = read(text);
    for (const Diagnostic& d : in.diagnostics) UNSCOPED_INFO(render_text(d));
    CHECK(in.says("kubevirt-key-kept"));
    CHECK(in.hardware().secure_boot == true);
    CHECK(in.hardware().cpu.maximum == 8U);
    CHECK(in.hardware().drives.size() == 2);
    CHECK(in.hardware().nics.at(1).network == "ns/blue");
    const Output out = write(in.envelope);
    for (const detail::LossNote& n : out.notes) UNSCOPED_INFO(n.field << " " << n.rule << " " << n.detail);
    CAPTURE(out.text);
    CHECK(out.has("dedicatedCpuPlacement: true"));
    CHECK(read(out.text).envelope.systems == in.envelope.systems);
}

namespace {

struct Case {
    const char* rule;
    void (*change)(Envelope& e);
};

const Case cases[] = {
    {"kubevirt-memory-missing", [](Envelope& e) { hardware_of(e).memory.boot_bytes.reset(); }},
    {"kubevirt-memory-maximum", [](Envelope& e) { hardware_of(e).memory.maximum_bytes = mib; }},
    {"kubevirt-cpu-defaulted", [](Envelope& e) { hardware_of(e).cpu.count.reset(); }},
    {"kubevirt-cpu-maximum", [](Envelope& e) { hardware_of(e).cpu.maximum = 3; hardware_of(e).cpu.cores = 2; }},
    {"kubevirt-cpu-model", [](Envelope& e) { hardware_of(e).cpu.model = "a b"; }},
    {"kubevirt-firmware-secureboot", [](Envelope& e) { hardware_of(e).secure_boot = true; }},
    {"kubevirt-machine-changed", [](Envelope& e) { hardware_of(e).machine = "pc"; }},
    {"kubevirt-clock-zone", [](Envelope& e) { e.systems[0].clock = "localtime"; }},
    {"kubevirt-parameter-untrusted", [](Envelope& e) { e.systems[0].parameters.push_back({"kubevirt", "/spec/x", "1"}); }},
    {"kubevirt-drive-bus", [](Envelope& e) { add_disk(e, "1", "ide"); }},
    {"kubevirt-drive-kind", [](Envelope& e) { add_disk(e, "1", "fdc").kind = DriveKind::floppy; }},
    {"kubevirt-drive-access", [](Envelope& e) { add_disk(e, "1", "virtio").cache = "unsafe"; }},
    {"kubevirt-volume-import", [](Envelope& e) { add_disk(e, "1", "virtio"); }},
    {"kubevirt-controller-type", [](Envelope& e) { Controller c; c.info.id = "1"; c.type = ControllerType::ide; hardware_of(e).controllers.push_back(c); }},
    {"kubevirt-nic-network", [](Envelope& e) { add_nic(e, "e1000"); }},
    {"kubevirt-nic-model", [](Envelope& e) { add_nic(e, "vmxnet3"); }},
    {"kubevirt-port-backend", [](Envelope& e) { CharacterDevice c; c.backend = "pty"; hardware_of(e).serials.push_back(c); }},
    {"kubevirt-device-limit", [](Envelope& e) { hardware_of(e).sounds = {simple("ich9"), simple("ich9")}; }},
    {"kubevirt-device-model", [](Envelope& e) { hardware_of(e).sounds = {simple("sb16")}; }},
};

}  // namespace

TEST_CASE("what KubeVirt cannot hold is named") {
    for (const Case& c : cases) {
        INFO(c.rule);
        Envelope e = machine();
        c.change(e);
        CHECK(write(e).says(c.rule));
        CHECK_FALSE(write(machine()).says(c.rule));
    }
}

TEST_CASE("volumes as asked for") {
    Envelope e = machine();
    add_disk(e, "1", "virtio");
    CHECK(write(e).has("dataVolume:\n            name: \"web-disk0\""));
    CHECK(write(e, {{"kubevirt.volume", "persistentVolumeClaim"}}).has("claimName: \"web-disk0\""));
    CHECK(write(e, {{"kubevirt.volume", "containerDisk"}}).has("image: \"registry.example/disks/web-disk0\""));
    CHECK(detail::platform_kubevirt.detect("x", write(e).text) == 92);
    CHECK(detail::platform_kubevirt.detect("x", "<VirtualMachine kubevirt.io/v1>") == 0);
}
