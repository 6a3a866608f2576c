#include "helpers.hpp"

using namespace ganeti_test;

namespace {

Machine usual() {
    Machine machine;
    machine.disk(8192 * mib).interface = "virtio";
    machine.nic("00:50:56:aa:bb:01", "virtio");
    return machine;
}

Drive cdrom(const std::string& id, const std::string& source) {
    Drive drive;
    drive.kind = DriveKind::cdrom;
    drive.info.id = id;
    drive.source = source;
    return drive;
}

}  // namespace

TEST_CASE("what the source does not say is defaulted and reported") {
    Machine machine;
    machine.disk(1024 * mib);
    machine.nic("");
    machine.hardware().cpu.count.reset();
    const Result result = write(machine);
    CHECK(result.be()["vcpus"] == 1);
    CHECK(result.noted("ganeti-vcpus-defaulted", "cpu.count"));
    CHECK(result.parsed["os"] == "noop+default");
    CHECK(result.noted("ganeti-os-defaulted"));
    CHECK(result.hv()["disk_type"] == "paravirtual");
    CHECK(result.noted("ganeti-disk-type-defaulted"));
    CHECK(result.hv()["nic_type"] == "paravirtual");
    CHECK(result.noted("ganeti-nic-type-defaulted"));
    CHECK(result.parsed["nics"][0]["mac"] == "auto");
    CHECK(result.noted("balloon-state-defaulted", "balloon.state"));
    CHECK_FALSE(write(machine, {{"ganeti.os", "debian"}}).noted("ganeti-os-defaulted"));
    CHECK(write(machine, {{"ganeti.os", "../x y"}}).refused("ganeti-os-invalid"));
    CHECK(write(machine, {{"ganeti.os", "None"}}).refused("ganeti-os-invalid"));
}

TEST_CASE("memory that cannot be written") {
    Machine machine = usual();
    machine.hardware().memory.target_bytes = 512 * mib;
    CHECK(write(machine).noted("ganeti-memory-target", "memory.target_bytes"));
    machine.hardware().memory.target_bytes = machine.hardware().memory.boot_bytes;
    CHECK_FALSE(write(machine).noted("ganeti-memory-target"));
    machine.hardware().memory.boot_bytes.reset();
    CHECK(write(machine).refused("ganeti-memory-missing"));
    machine.hardware().memory.boot_bytes = ~std::uint64_t{0};
    CHECK(write(machine).refused("ganeti-memory-missing"));
}

TEST_CASE("disks that cannot be written as they are") {
    Machine machine = usual();
    SECTION("without a size") {
        machine.envelope.disks.front().capacity_bytes.reset();
        CHECK(write(machine).refused("ganeti-disk-size-missing"));
    }
    SECTION("of two types") {
        machine.disk(1024 * mib).interface = "ide";
        const Result result = write(machine);
        CHECK(result.hv()["disk_type"] == "paravirtual");
        CHECK(result.noted("ganeti-disk-type-mixed", "drives[].interface"));
    }
    SECTION("of two policies") {
        machine.hardware().drives.front().cache = "none";
        machine.disk(1024 * mib).cache = "writeback";
        machine.hardware().drives.front().discard = "unmap";
        const Result result = write(machine);
        CHECK(result.hv()["disk_cache"] == "none");
        CHECK(result.hv()["disk_discard"] == "unmap");
        CHECK(result.noted("ganeti-disk-policy", "drives[].cache"));
        CHECK(write(machine, {{"ganeti.version", "2.15"}}).noted("ganeti-disk-policy", "drives[].discard"));
        machine.hardware().drives.front().cache = "unsafe";
        CHECK(write(machine).noted("ganeti-disk-policy", "drives[].cache"));
    }
    SECTION("on a template that needs more") {
        CHECK(write(machine, {{"ganeti.disk-template", "drbd"}, {"ganeti.pnode", "n1"}}, "ganeti-instance")
                  .refused("ganeti-template-invalid"));
        const Result both =
            write(machine, {{"ganeti.disk-template", "drbd"}, {"ganeti.pnode", "n1"}, {"ganeti.snode", "n2"}},
                  "ganeti-instance");
        CHECK(both.parsed[0]["snode"] == "n2");
        machine.parameter("ganeti", "disk_template", "blockdev");
        CHECK(write(machine).refused("ganeti-template-invalid"));
    }
}

TEST_CASE("NIC attachments") {
    Machine machine = usual();
    Nic& nic = machine.hardware().nics.front();
    SECTION("a bridge stays") {
        nic.attachment = "bridge";
        nic.network = "br7";
        const Result result = write(machine);
        CHECK(result.parsed["nics"][0]["link"] == "br7");
        CHECK_FALSE(result.noted("ganeti-nic-link"));
        nic.network = "no bridge, surely";
        CHECK(write(machine).refused("ganeti-nic-link-invalid"));
    }
    SECTION("a logical network becomes the link of the options") {
        CHECK(write(machine).parsed["nics"][0]["link"] == "br0");
        CHECK(write(machine).noted("ganeti-nic-link", "nics[].network"));
        const Result result = write(machine, {{"ganeti.network-link", "ovs1"}, {"ganeti.network-mode", "openvswitch"}});
        CHECK(result.parsed["nics"][0]["mode"] == "openvswitch");
        CHECK(result.parsed["nics"][0]["link"] == "ovs1");
        nic.attachment = "user";
        CHECK(write(machine).noted("ganeti-nic-link", "nics[].attachment"));
    }
    SECTION("routed needs an address") {
        CHECK(write(machine, {{"ganeti.network-mode", "routed"}}).refused("ganeti-nic-routed"));
        nic.ip = "10.0.0.5";
        CHECK(write(machine, {{"ganeti.network-mode", "routed"}}).parsed["nics"][0]["ip"] == "10.0.0.5");
        nic.ip = "10.0.0.500";
        nic.vlan = "x";
        CHECK(write(machine).noted("ganeti-nic-address", "nics[].ip"));
        CHECK(write(machine).noted("ganeti-nic-address", "nics[].vlan"));
    }
    SECTION("the same address twice") {
        machine.nic("00:50:56:aa:bb:01");
        const Result result = write(machine);
        CHECK(result.parsed["nics"][1]["mac"] == "auto");
        CHECK(result.noted("ganeti-mac-unusable"));
    }
}

TEST_CASE("CD-ROM drives without a usable image, and floppies") {
    Machine machine = usual();
    machine.hardware().drives.push_back(cdrom("1", ""));
    CHECK(write(machine).noted("ganeti-cdrom-unset", "drives[].kind"));
    machine.hardware().drives.back().source = "/a/../b.iso";
    CHECK(write(machine).noted("ganeti-cdrom-unset"));
    machine.hardware().drives.back() = cdrom("1", "/iso/1.iso");
    machine.hardware().drives.push_back(cdrom("2", "/iso/2.iso"));
    machine.hardware().drives.push_back(cdrom("3", "/iso/3.iso"));
    CHECK(write(machine).noted("ganeti-device-limit", "drives[].kind"));
    Drive floppy = cdrom("4", "/img/a.img");
    floppy.kind = DriveKind::floppy;
    machine.hardware().drives.push_back(floppy);
    machine.hardware().boot = {"floppy"};
    const Result result = write(machine);
    CHECK(result.hv()["floppy_image_path"] == "/img/a.img");
    CHECK(result.hv()["boot_order"] == "disk");
    CHECK(result.noted("ganeti-boot-order", "boot"));
    const Result later = write(machine, {{"ganeti.version", "3.1"}});
    CHECK(later.hv()["boot_order"] == "floppy");
    CHECK(read(later.text).hardware().boot == std::vector<std::string>{"floppy"});
    // A URL is fine for kvm only.
    Machine xen = usual();
    xen.hardware().drives.push_back(cdrom("1", "http://h/x.iso"));
    CHECK(write(xen, {{"ganeti.hypervisor", "xen-hvm"}}).noted("ganeti-cdrom-unset"));
}

TEST_CASE("a boot order per device") {
    Machine machine = usual();
    machine.disk(1024 * mib).boot_index = 1;
    machine.hardware().nics.front().boot_index = 2;
    const Result result = write(machine);
    CHECK(result.hv()["boot_order"] == "disk");
    CHECK(result.noted("ganeti-boot-order", "drives[].boot_index"));
    CHECK(result.noted("ganeti-boot-order", "nics[].boot_index"));
    machine.hardware().boot = {"network"};
    CHECK(write(machine).hv()["boot_order"] == "network");
    CHECK(write(machine, {{"ganeti.hypervisor", "xen-pvm"}}).noted("ganeti-boot-order", "boot"));
}

TEST_CASE("the machine itself") {
    Machine machine = usual();
    Hardware& hardware = machine.hardware();
    hardware.machine = "pc-q35-7.2";
    hardware.arch = "aarch64";
    hardware.firmware = Firmware::efi;
    hardware.cpu.model = "host-model";
    machine.system().clock = "Europe/Paris";
    const Result result = write(machine);
    CHECK(result.hv()["machine_version"] == "pc");
    CHECK(result.noted("ganeti-machine-unsupported", "machine"));
    CHECK(result.noted("ganeti-machine-unsupported", "arch"));
    CHECK(result.noted("ganeti-firmware-efi", "firmware"));
    CHECK(result.hv()["cpu_type"] == "host");
    CHECK(result.noted("ganeti-cpu-approximated", "cpu.model"));
    CHECK(result.hv()["use_localtime"] == false);
    CHECK(result.noted("ganeti-clock-approximated", "clock"));
    hardware.cpu.model = "no model, surely";
    CHECK_FALSE(write(machine).hv().contains("cpu_type"));
    hardware.machine = "pc-i440fx-7.2";
    hardware.cpu.model = "Haswell-noTSX";
    machine.system().clock = "localtime";
    const Result exact = write(machine);
    CHECK(exact.hv()["machine_version"] == "pc-i440fx-7.2");
    const Found back = read(exact.text);
    CHECK(back.hardware().machine == "pc-i440fx-7.2");
    CHECK(back.hardware().cpu.model == "Haswell-noTSX");
    CHECK(back.system().clock == "localtime");
}

TEST_CASE("console, video, graphics and sound") {
    Machine machine = usual();
    Hardware& hardware = machine.hardware();
    CHECK(write(machine).hv()["serial_console"] == false);
    hardware.serials.emplace_back().backend = "tcp";
    hardware.serials.emplace_back();
    hardware.videos.emplace_back().model = "bochs";
    hardware.videos.emplace_back().model = "qxl";
    hardware.graphics.emplace_back().type = "vnc";
    hardware.graphics.back().keymap = "de";
    hardware.graphics.emplace_back().type = "spice";
    hardware.sounds.emplace_back().model = "ac97";
    const Result result = write(machine);
    CHECK(result.hv()["serial_console"] == true);
    CHECK(result.noted("ganeti-serial-approximated", "serials[].backend"));
    CHECK(result.noted("ganeti-device-limit", "serials[].backend"));
    CHECK(result.hv()["vga"] == "std");
    CHECK(result.noted("ganeti-video-approximated", "videos[].model"));
    CHECK(result.hv()["vnc_bind_address"] == "127.0.0.1");
    CHECK(result.hv()["keymap"] == "de");
    CHECK(result.noted("ganeti-graphics-address", "graphics[].listen"));
    CHECK(result.noted("ganeti-device-limit", "graphics[].type"));
    CHECK_FALSE(result.hv().contains("soundhw"));
    CHECK(result.noted("ganeti-sound-unsupported", "sounds[].model"));
    CHECK(write(machine, {{"ganeti.version", "3.1"}}).hv()["soundhw"] == "ac97");
    const Found back = read(result.text);
    CHECK(back.hardware().graphics.at(0).keymap == "de");
    CHECK(back.hardware().videos.at(0).model == "vga");
}

TEST_CASE("balloon attributes") {
    Machine machine = usual();
    MemoryBalloon& balloon = machine.hardware().balloon;
    balloon.state = BalloonState::enabled;
    balloon.model = BalloonModel::virtio_transitional;
    balloon.autodeflate = true;
    balloon.free_page_reporting = true;
    balloon.stats_period_seconds = 5;
    machine.parameter("ganeti.hv", "kvm_extra", "-device virtio-rng-pci");
    const Result result = write(machine);
    CHECK(result.hv()["kvm_extra"] == "-device virtio-rng-pci -global virtio-balloon-pci.deflate-on-oom=on");
    CHECK(result.noted("ganeti-balloon-attribute", "balloon.model"));
    CHECK(result.noted("ganeti-balloon-attribute", "balloon.free_page_reporting"));
    CHECK(result.noted("ganeti-balloon-attribute", "balloon.stats_period_seconds"));
    CHECK_FALSE(result.noted("ganeti-balloon-attribute", "balloon.autodeflate"));
    const Found back = read(result.text);
    CHECK(back.hardware().balloon.autodeflate == true);
    CHECK(back.parameter("ganeti.hv", "kvm_extra") == "-device virtio-rng-pci");
    CHECK(write(machine, {{"ganeti.version", "2.6"}}).noted("ganeti-balloon-attribute", "balloon.autodeflate"));
    balloon.autodeflate = false;
    CHECK(read(write(machine).text).hardware().balloon.autodeflate == false);
}

TEST_CASE("the balloon on releases before the device") {
    Machine machine = usual();
    machine.hardware().balloon.state = BalloonState::enabled;
    CHECK(write(machine, {{"ganeti.version", "2.5"}}).noted("ganeti-balloon-stock", "balloon.state"));
    machine.hardware().balloon.state = BalloonState::disabled;
    CHECK_FALSE(write(machine, {{"ganeti.version", "2.5"}}).noted("ganeti-balloon-stock"));
    CHECK(write(machine, {{"ganeti.version", "2.6"}, {"ganeti.balloon-off", "wrapper"}})
              .refused("ganeti-balloon-refused"));
    CHECK(write(machine, {{"ganeti.balloon-off", "wrapper"}, {"ganeti.wrapper", "kvm"}})
              .refused("ganeti-balloon-refused"));
    CHECK(write(machine, {{"ganeti.hypervisor", "xen-pvm"}}).noted("ganeti-balloon-hypervisor", "balloon.state"));
    CHECK(write(machine, {{"ganeti.hypervisor", "xen-pvm"}, {"ganeti.balloon-off", "error"}})
              .refused("ganeti-balloon-refused"));
}

TEST_CASE("parameters brought along are put before Ganeti's checks") {
    Machine machine = usual();
    const auto with = [&](const std::string& key, const std::string& value, const LeafOptions& options = {}) {
        Machine copy = machine;
        copy.parameter("ganeti.hv", key, value);
        return write(copy, options);
    };
    CHECK(with("acpi", "true").hv()["acpi"] == true);
    CHECK(with("acpi", "yes").refused("ganeti-hvparam-value"));
    CHECK(with("mem_path", "relative").refused("ganeti-hvparam-value"));
    CHECK(with("spice_use_tls", "True").refused("ganeti-hvparam-value"));
    CHECK(with("security_model", "user").refused("ganeti-hvparam-value"));
    CHECK(with("kernel_path", "/boot/vmlinuz").hv()["kernel_path"] == "/boot/vmlinuz");
    CHECK(with("kernel_args", "ro\ninit=/bin/sh").refused("ganeti-value-unsafe"));
    CHECK(with("kernel_args", "ro ").refused("ganeti-value-unsafe"));
    CHECK(with("kvm_extra", "-device virtio-balloon-pci").refused("ganeti-balloon-twice"));
    CHECK(with("kvm_extra", "-balloon none").refused("ganeti-balloon-twice"));
    CHECK(with("migration_port", "1").noted("ganeti-hvparam-unsupported", "parameters[ganeti.hv]"));
    CHECK(with("pae", "True").noted("ganeti-hvparam-unsupported"));
    CHECK(with("user_shutdown", "True", {{"ganeti.version", "2.10"}}).noted("ganeti-release-too-old"));
    CHECK(with("no_such", "1").noted("ganeti-hvparam-unknown"));
    CHECK_FALSE(with("no_such", "1").hv().contains("no_such"));
}

TEST_CASE("a source that names another hypervisor, OS or template") {
    Machine machine = usual();
    machine.envelope.dialect = "ganeti";
    machine.parameter("ganeti", "hypervisor", "xen-hvm");
    machine.parameter("ganeti", "os", "debian+x");
    machine.parameter("ganeti", "disk_template", "file");
    machine.parameter("ganeti.be", "spindle_use", "2");
    machine.parameter("ganeti.be", "nonsense", "2");
    machine.parameter("ganeti.be.default", "auto_balance", "True");
    const Result kept = write(machine);
    CHECK(kept.parsed["hypervisor"] == "xen-hvm");
    CHECK(kept.parsed["os"] == "debian+x");
    CHECK(kept.parsed["disk_template"] == "file");
    CHECK(kept.be()["spindle_use"] == 2);
    CHECK(kept.be()["auto_balance"] == true);
    CHECK(kept.noted("ganeti-hvparam-unknown", "parameters[ganeti.be]"));
    const Result other =
        write(machine, {{"ganeti.hypervisor", "kvm"}, {"ganeti.os", "noop"}, {"ganeti.disk-template", "rbd"}});
    CHECK(other.parsed["disk_template"] == "rbd");
    CHECK(other.noted("ganeti-hvparam-replaced", "parameters[ganeti]"));
}

TEST_CASE("tags and device names") {
    Machine machine = usual();
    machine.parameter("ganeti", "tags", "good b?d");
    const Result result = write(machine);
    CHECK(result.parsed["tags"] == json{"good"});
    CHECK(result.noted("ganeti-tag-invalid", "parameters[ganeti]"));
    machine.system().parameters.front().value = "none";
    CHECK(write(machine).parsed["tags"].empty());
    machine.hardware().nics.front().info.parameters.push_back({"ganeti", "name", "42"});
    CHECK(write(machine).refused("ganeti-device-name"));
    machine.hardware().nics.front().info.parameters.front().value = "lan";
    CHECK(write(machine).parsed["nics"][0]["name"] == "lan");
    machine.nic("").info.parameters.push_back({"ganeti", "name", "lan"});
    CHECK(write(machine).refused("ganeti-device-name"));
}

TEST_CASE("many paravirtual devices get PCI slots") {
    Machine machine;
    for (int i = 0; i < 16; ++i) machine.disk(1024 * mib).interface = "virtio";
    for (int i = 0; i < 8; ++i) machine.nic("", "virtio");
    const Result result = write(machine);
    CHECK_FALSE(result.diagnostics.has_errors());
    CHECK(result.hv()["kvm_pci_reservations"] == 8);
    CHECK(result.noted("ganeti-pci-slots"));
}

TEST_CASE("the source descriptor travels beside config.ini") {
    Machine machine = usual();
    machine.system().id = "vm 1 \xc3\xa9";
    const LeafOptions options{{"ganeti.wrapper", "/opt/100%/kvm"}, {"convert.balloon", "disabled"}};
    for (const std::string form : {"ganeti", "ganeti-hvparams"}) {
        const Result result = write(machine, options, form, "<Envelope/>");
        REQUIRE(result.written.files.size() == 2);
        CHECK(result.written.origin_carried);
        CHECK(result.written.files[1].companion);
        CHECK(result.written.files[1].bytes == "<Envelope/>");
        const Found back = read(result.text);
        CHECK(back.carried.file == result.written.files[1].name);
        CHECK(back.carried.sha256.size() == 64);
        CHECK(back.carried.system_id == machine.system().id);
        CHECK(back.carried.options == options);
        CHECK(back.envelope.unmapped.empty());
    }
    const Result instance = write(machine, options, "ganeti-instance", "<Envelope/>");
    CHECK(instance.written.files.size() == 1);
    CHECK_FALSE(instance.written.origin_carried);
}

TEST_CASE("private OS parameters stay secret") {
    Machine machine = usual();
    machine.parameter("ganeti.os", "dhcp", "yes");
    machine.parameter("ganeti.os_private", "password", "hunter2");
    const Result ini = write(machine, {}, "ganeti");
    CHECK(ini.written.files.front().secret);
    CHECK(read(ini.text).parameter("ganeti.os_private", "password") == "hunter2");
    CHECK(read(ini.text).parameter("ganeti.os", "dhcp") == "yes");
    const Result instance = write(machine, {}, "ganeti-instance");
    CHECK(instance.noted("ganeti-private-dropped", "parameters[ganeti.os_private]"));
    CHECK(instance.text.find("hunter2") == std::string::npos);
    CHECK(instance.detail("ganeti-private-dropped").find("hunter2") == std::string::npos);
    machine.parameter("ganeti.os_private", "Key = x\n[hypervisor]", "1");
    CHECK_THROWS_AS(write(machine, {}, "ganeti"), InputError);
}

TEST_CASE("ids lead from the machine to the text") {
    Machine machine;
    machine.controller("3", ControllerType::scsi, "virtio-scsi");
    machine.disk(1024 * mib, "3");
    machine.nic("");
    const Result result = write(machine);
    const std::vector<std::pair<std::string, std::string>> wanted{
        {"d0", "disk:0"}, {"3", "controller:scsi:0"}, {"n0", "nic:0"}};
    CHECK(result.written.ids == wanted);
    const Found back = read(result.text);
    CHECK(back.hardware().drives.at(0).info.id == "disk:0");
    CHECK(back.hardware().controllers.at(0).info.id == "controller:scsi:0");
    CHECK(back.hardware().nics.at(0).info.id == "nic:0");
}

TEST_CASE("what a running instance always has is no loss, its absence is") {
    Machine machine = usual();
    machine.system().id = "other";
    Drive& drive = machine.hardware().drives.front();
    Nic& nic = machine.hardware().nics.front();
    drive.connected = nic.connected = nic.link_up = true;
    drive.shareable = drive.transient = machine.hardware().secure_boot = false;
    const Result result = write(machine);
    CHECK_FALSE(result.noted("ganeti-link-state"));
    CHECK_FALSE(result.noted("ganeti-disk-policy"));
    CHECK_FALSE(result.noted("ganeti-firmware-efi"));
    CHECK(result.noted("ganeti-system-id", "id"));
    CHECK(result.noted("ganeti-dump-name", "files[].href"));
    CHECK(result.detail("ganeti-dump-name").find("disk-0.vmdk") != std::string::npos);
    drive.connected = nic.connected = nic.link_up = false;
    drive.shareable = drive.transient = machine.hardware().secure_boot = true;
    const Result lost = write(machine);
    for (const std::string_view field : {"drives[].connected", "nics[].connected", "nics[].link_up"})
        CHECK(lost.noted("ganeti-link-state", field));
    for (const std::string_view field : {"drives[].shareable", "drives[].transient"})
        CHECK(lost.noted("ganeti-disk-policy", field));
    CHECK(lost.noted("ganeti-firmware-efi", "secure_boot"));
}
