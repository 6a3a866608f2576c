#include "helpers.hpp"

// The conformance cases of the Ganeti platform by number; those that are a matter of choice are decided as
// lib/platform/ganeti/README.md says.
using namespace ganeti_test;

namespace {

Machine usual() {
    Machine machine;
    machine.disk(8192 * mib);
    machine.nic("00:50:56:aa:bb:01");
    return machine;
}

}  // namespace

TEST_CASE("case 1: processors, memory, a disk and a NIC") {
    Machine machine = usual();
    const Result result = write(machine);
    CHECK_FALSE(result.diagnostics.has_errors());
    CHECK(result.be() == json{{"maxmem", 2048}, {"minmem", 2048}, {"vcpus", 2}});
    CHECK(result.parsed["disks"][0]["size"] == 8192);
    CHECK(result.parsed["nics"][0]["mac"] == "00:50:56:aa:bb:01");
    CHECK(result.hv()["kernel_path"] == "");
    const Found back = read(result.text);
    CHECK(back.hardware().cpu.count == 2U);
    CHECK(back.hardware().memory.boot_bytes == 2048 * mib);
    CHECK_FALSE(back.hardware().memory.guaranteed_bytes);
    CHECK(back.hardware().nics.at(0).mac == "00:50:56:aa:bb:01");
    CHECK(back.envelope.disks.at(0).capacity_bytes == 8192 * mib);
}

TEST_CASE("case 2: balloon on, stock") {
    Machine machine = usual();
    machine.hardware().balloon.state = BalloonState::enabled;
    const Result result = write(machine);
    CHECK_FALSE(result.hv().contains("balloon"));
    CHECK_FALSE(result.noted("ganeti-balloon-stock"));
    CHECK(read(result.text).hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("case 3: balloon off, cluster with the hvparam") {
    Machine machine = usual();
    machine.hardware().balloon.state = BalloonState::disabled;
    const Result result = write(machine, {{"ganeti.profile", "balloon-hvparam"}});
    CHECK(result.hv()["balloon"] == "none");
    CHECK(result.written.notes.size() ==
          write(machine = usual(), {{"ganeti.profile", "balloon-hvparam"}}).written.notes.size());
    CHECK(read(result.text, {{"ganeti.profile", "balloon-hvparam"}}).hardware().balloon.state ==
          BalloonState::disabled);
    CHECK(read(result.text).hardware().balloon.state == BalloonState::disabled);
}

TEST_CASE("case 4: balloon on, cluster with the hvparam") {
    Machine machine = usual();
    machine.hardware().balloon.state = BalloonState::enabled;
    const Result result = write(machine, {{"ganeti.profile", "balloon-hvparam"}});
    CHECK(result.hv()["balloon"] == "virtio");
    CHECK(read(result.text).hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("case 5: balloon off, stock") {
    Machine machine = usual();
    machine.hardware().balloon.state = BalloonState::disabled;
    machine.hardware().memory.guaranteed_bytes = 1024 * mib;
    SECTION("warn keeps the device and takes the range away") {
        const Result result = write(machine);
        CHECK_FALSE(result.hv().contains("balloon"));
        CHECK(result.be()["minmem"] == 2048);
        CHECK(result.noted("ganeti-balloon-stock", "balloon.state"));
        CHECK(result.noted("ganeti-balloon-stock", "memory.guaranteed_bytes"));
    }
    SECTION("wrapper") {
        const Result result = write(machine, {{"ganeti.balloon-off", "wrapper"}, {"ganeti.wrapper", "/opt/kvm-nb"}});
        CHECK_FALSE(result.hv().contains("balloon"));
        CHECK(result.hv()["kvm_path"] == "/opt/kvm-nb");
        CHECK(result.be()["minmem"] == 1024);
        CHECK(result.noted("ganeti-balloon-wrapper"));
        CHECK(read(result.text, {{"ganeti.wrapper", "/opt/kvm-nb"}}).hardware().balloon.state ==
              BalloonState::disabled);
        const Found other = read(result.text);
        CHECK(other.hardware().balloon.state == BalloonState::enabled);
        CHECK(other.parameter("ganeti.hv", "kvm_path") == "/opt/kvm-nb");
    }
    SECTION("error") { CHECK(write(machine, {{"ganeti.balloon-off", "error"}}).refused("ganeti-balloon-refused")); }
}

TEST_CASE("case 6: memory rounded up to 4 MiB") {
    for (const auto& [given, stored] :
         std::vector<std::pair<std::uint64_t, int>>{{1023, 1024}, {513, 516}, {257, 260}}) {
        Machine machine = usual();
        machine.hardware().memory.boot_bytes = given * mib;
        const Result result = write(machine);
        CHECK(result.be()["maxmem"] == stored);
        CHECK(result.noted("ganeti-memory-rounded", "memory.boot_bytes"));
        CHECK(read(result.text).hardware().memory.boot_bytes == static_cast<std::uint64_t>(stored) * mib);
    }
    // The same when Ganeti's own text has such a number.
    CHECK(read(export_of({}, {}, "maxmem = 257\nminmem = 257\nvcpus = 1\n")).hardware().memory.boot_bytes == 260 * mib);
}

TEST_CASE("case 7: sizes that are no whole MiB are rounded up") {
    Machine machine = usual();
    machine.hardware().memory.boot_bytes = 2000000000;  // byte * 10^9, two of them
    const Result result = write(machine);
    CHECK(result.be()["maxmem"] == 1908);
    CHECK(result.noted("ganeti-memory-rounded"));
    machine.hardware().memory.boot_bytes = 4096 * mib;  // GigaBytes, byte * 2^30
    CHECK(write(machine).be()["maxmem"] == 4096);
    for (const auto& [text, size] : std::vector<std::pair<std::string, std::uint64_t>>{
             {"1", 4}, {"5", 8}, {"1.1g", 1128}, {"0.5", 4}, {"1G", 1024}, {"2 GiB", 2048}})
        CHECK(read(export_of({}, {}, "maxmem = " + text + "\nminmem = " + text + "\nvcpus = 1\n"))
                  .hardware()
                  .memory.boot_bytes == size * mib);
    for (const std::string text : {"1000k", "1e3", "-4", "x", "0"})
        CHECK(read(export_of({}, {}, "maxmem = " + text + "\nvcpus = 1\n")).has("ganeti-number-invalid"));
}

TEST_CASE("case 8: reservation and limit") {
    Machine machine = usual();
    Memory& memory = machine.hardware().memory;
    memory.boot_bytes = 1024 * mib;
    memory.guaranteed_bytes = 512 * mib;
    memory.maximum_bytes = 2048 * mib;
    const Result result = write(machine);
    CHECK(result.be()["maxmem"] == 1024);
    CHECK(result.be()["minmem"] == 512);
    CHECK_FALSE(platform_ganeti.carries("ganeti", "memory.maximum_bytes"));
    CHECK(read(result.text).hardware().memory.guaranteed_bytes == 512 * mib);
}

TEST_CASE("case 9: cores per socket") {
    Machine machine = usual();
    machine.hardware().cpu.count = 4;
    machine.hardware().cpu.cores = 2;
    const Result result = write(machine);
    CHECK(result.hv()["cpu_cores"] == 2);
    CHECK(result.hv()["cpu_sockets"] == 2);
    CHECK(result.hv()["cpu_threads"] == 1);
    const Found back = read(result.text);
    CHECK(back.hardware().cpu.cores == 2U);
    CHECK(back.hardware().cpu.sockets == 2U);
    const Result old = write(machine, {{"ganeti.version", "2.6"}});
    CHECK_FALSE(old.hv().contains("cpu_cores"));
    CHECK(old.noted("ganeti-release-too-old", "cpu.cores"));
    machine.hardware().cpu.cores = 3;
    const Result odd = write(machine);
    CHECK_FALSE(odd.hv().contains("cpu_cores"));
    CHECK(odd.noted("ganeti-topology-mismatch", "cpu.cores"));
}

TEST_CASE("case 10: SCSI controllers") {
    Machine machine;
    machine.controller("3", ControllerType::scsi, "lsilogic");
    machine.disk(1024 * mib, "3");
    machine.disk(1024 * mib, "3");
    const Result result = write(machine);
    CHECK(result.hv()["disk_type"] == "scsi-hd");
    CHECK(result.hv()["scsi_controller_type"] == "lsi");
    CHECK_FALSE(result.noted("ganeti-controller-approximated"));
    const Found back = read(result.text);
    CHECK(back.hardware().controllers.at(0).model == "lsilogic");
    CHECK(back.hardware().drives.at(1).controller == back.hardware().controllers.at(0).info.id);
    for (int i = 0; i < 6; ++i) machine.disk(1024 * mib, "3");
    const Result many = write(machine);
    CHECK(many.hv()["scsi_controller_type"] == "virtio-scsi-pci");
    CHECK(many.noted("ganeti-disk-type-approximated", "controllers[].model"));
}

TEST_CASE("case 11: SATA and NVMe do not exist") {
    for (const auto& [type, word] : std::vector<std::pair<ControllerType, std::string>>{
             {ControllerType::sata, "ide"}, {ControllerType::nvme, "paravirtual"}}) {
        Machine machine;
        machine.controller("3", type);
        machine.disk(1024 * mib, "3");
        const Result result = write(machine);
        CHECK(result.hv()["disk_type"] == word);
        CHECK(result.noted("ganeti-disk-type-approximated", "drives[].controller"));
        CHECK(result.noted("ganeti-controller-approximated"));
    }
    Machine machine;
    machine.controller("3", ControllerType::sata, "ahci");
    for (int i = 0; i < 5; ++i) machine.disk(1024 * mib, "3");
    CHECK(write(machine).hv()["disk_type"] == "paravirtual");
}

TEST_CASE("case 12: NICs of two models") {
    Machine machine = usual();
    machine.hardware().nics.front().model = "vmxnet3";
    machine.nic("00:50:56:aa:bb:02", "e1000");
    const Result result = write(machine);
    CHECK(result.hv()["nic_type"] == "paravirtual");
    CHECK(result.noted("ganeti-nic-type-approximated", "nics[].model"));
    CHECK(result.noted("ganeti-nic-type-mixed", "nics[].model"));
    CHECK(read(result.text).hardware().nics.at(1).model == "virtio");
}

TEST_CASE("case 13: MAC addresses") {
    Machine machine = usual();
    machine.hardware().nics.front().mac = "00-50-56-AA-BB-01";
    CHECK(write(machine).parsed["nics"][0]["mac"] == "00:50:56:aa:bb:01");
    machine.hardware().nics.front().mac = "01:50:56:aa:bb:01";
    const Result result = write(machine);
    CHECK(result.parsed["nics"][0]["mac"] == "auto");
    CHECK(result.noted("ganeti-mac-unusable", "nics[].mac"));
    CHECK(read(result.text).hardware().nics.at(0).mac.empty());
    std::string text = export_of();
    text.replace(text.find("aa:00:00:11:22:33"), 17, "AA-00-00-11-22-33");
    const Found back = read(text);
    CHECK(back.has("ganeti-mac-invalid"));
    CHECK(back.hardware().nics.at(0).mac == "aa:00:00:11:22:33");
}

TEST_CASE("case 14: two NICs on one network, and one on none") {
    Machine machine = usual();
    machine.nic("00:50:56:aa:bb:02");
    machine.nic("00:50:56:aa:bb:03", "e1000", "");
    const Result result = write(machine, {}, "ganeti");
    CHECK(result.text.find("nic_count = 3\n") != std::string::npos);
    CHECK(result.noted("ganeti-nic-link", "nics[].network"));
    CHECK(read(result.text).hardware().nics.size() == 3);
}

TEST_CASE("case 15: no NIC") {
    Machine machine;
    machine.disk(1024 * mib);
    const Result result = write(machine);
    CHECK(result.parsed["nics"] == json::array());
    CHECK(result.noted("ganeti-nics-none"));
    CHECK(read(result.text).hardware().nics.empty());
}

TEST_CASE("case 16: a blank disk keeps its place") {
    Machine machine;
    machine.disk(1024 * mib);
    machine.disk(5120 * mib, {}, false);
    machine.disk(1024 * mib);
    const Result result = write(machine, {}, "ganeti");
    CHECK(result.text.find("disk1_size = 5120\n") != std::string::npos);
    CHECK(result.text.find("disk1_dump") == std::string::npos);
    CHECK(result.text.find("disk2_dump = disk2.raw\n") != std::string::npos);
    const Found back = read(result.text);
    REQUIRE(back.envelope.disks.size() == 3);
    CHECK(back.envelope.disks.at(1).file_id.empty());
    CHECK(back.envelope.disks.at(1).capacity_bytes == 5120 * mib);
}

TEST_CASE("case 17: a disk of half a MiB too much") {
    Machine machine;
    machine.disk(35127296);
    const Result result = write(machine);
    CHECK(result.parsed["disks"][0]["size"] == 34);
    CHECK(result.noted("ganeti-disk-rounded", "disks[].capacity_bytes"));
    CHECK(read(result.text).envelope.disks.at(0).capacity_bytes == 35651584U);
}

TEST_CASE("case 18: a compressed file is named as the raw image it becomes") {
    Machine machine;
    machine.disk(1024 * mib);
    machine.envelope.files.front().compression = "gzip";
    machine.envelope.files.front().chunk_size = 1000;
    const Result result = write(machine);
    CHECK(result.parsed["disks"][0]["dump"] == "disk0.raw");
    CHECK(result.parsed["disks"][0]["size"] == 1024);
}

TEST_CASE("case 19: CD-ROMs") {
    Machine machine;
    machine.disk(1024 * mib);
    Drive cdrom;
    cdrom.kind = DriveKind::cdrom;
    cdrom.info.id = "9";
    machine.hardware().boot = {"cdrom", "disk"};
    SECTION("an image in the package cannot be booted from") {
        cdrom.file_id = "file9";
        machine.hardware().drives.push_back(cdrom);
        const Result result = write(machine);
        CHECK_FALSE(result.hv().contains("cdrom_image_path"));
        CHECK(result.hv()["boot_order"] == "disk");
        CHECK(result.noted("ganeti-cdrom-unset", "drives[].kind"));
        CHECK(result.noted("ganeti-boot-order", "boot"));
    }
    SECTION("a relative path neither") {
        cdrom.source = "isos/x.iso";
        machine.hardware().drives.push_back(cdrom);
        CHECK(write(machine).noted("ganeti-cdrom-unset"));
    }
    SECTION("an absolute path or a URL can") {
        cdrom.source = "/isos/x.iso";
        machine.hardware().drives.push_back(cdrom);
        cdrom.info.id = "10";
        cdrom.source = "http://host/y.iso";
        machine.hardware().drives.push_back(cdrom);
        const Result result = write(machine);
        CHECK(result.hv()["cdrom_image_path"] == "/isos/x.iso");
        CHECK(result.hv()["cdrom2_image_path"] == "http://host/y.iso");
        CHECK(result.hv()["cdrom_disk_type"] == "ide");
        CHECK(result.hv()["boot_order"] == "cdrom");
        const Found back = read(result.text);
        CHECK(back.hardware().boot == std::vector<std::string>{"cdrom"});
        CHECK(back.hardware().drives.at(1).source == "/isos/x.iso");
        CHECK(back.hardware().drives.at(2).kind == DriveKind::cdrom);
    }
}

TEST_CASE("case 20: names and tags") {
    Machine machine = usual();
    machine.system().name = "My VM (1)";
    machine.parameter("ganeti", "tags", "a,b");
    const Result result = write(machine, {}, "ganeti");
    CHECK(result.text.find("name = my-vm-1\n") != std::string::npos);
    CHECK(result.text.find("tags = a b\n") != std::string::npos);
    CHECK(result.noted("ganeti-name-changed", "name"));
    CHECK(read(result.text).parameter("ganeti", "tags") == "a b");
    std::string text = export_of();
    text.replace(text.find("tags = a b"), 10, "tags = a,b");
    const Found back = read(text);
    CHECK(back.has("ganeti-tag-invalid"));
    CHECK(back.parameter("ganeti", "tags") == "a b");
}

TEST_CASE("case 21: a percent sign") {
    Machine machine = usual();
    machine.parameter("ganeti.hv", "kernel_args", "ro x=50%");
    const Result result = write(machine, {}, "ganeti");
    CHECK(result.text.find("kernel_args = ro x=50%%\n") != std::string::npos);
    CHECK(read(result.text).parameter("ganeti.hv", "kernel_args") == "ro x=50%");
}

TEST_CASE("case 22: parameters of a Ganeti OVF") {
    Machine machine = usual();
    machine.parameter("ganeti", "hypervisor", "xen-pvm");
    machine.parameter("ganeti.hv", "root-path", "/dev/sda");
    machine.parameter("ganeti.hv.default", "kernel_args", "ro");
    const Result result = write(machine);
    CHECK(result.parsed["hypervisor"] == "xen-pvm");
    CHECK_FALSE(result.hv().contains("root-path"));
    CHECK(result.hv()["kernel_args"] == "ro");
    CHECK(result.noted("ganeti-hvparam-unknown", "parameters[ganeti.hv]"));
    CHECK(result.detail("ganeti-hvparam-unknown").find("root_path") != std::string::npos);
}

TEST_CASE("case 23: a real export as source") {
    const Found found =
        read(export_of("acpi = True\nkernel_args = ro quiet\nserial_console = True\nvhost_net = False\n"));
    CHECK_FALSE(found.diagnostics.has_errors());
    CHECK(found.hardware().memory.boot_bytes == 512 * mib);
    CHECK(found.hardware().memory.guaranteed_bytes == 256 * mib);
    CHECK(found.hardware().balloon.state == BalloonState::enabled);
    CHECK(found.hardware().balloon.model == BalloonModel::virtio);
    CHECK(found.parameter("ganeti.hv.default", "acpi") == "True");
    CHECK(found.parameter("ganeti.hv", "kernel_args") == "ro quiet");
    CHECK(found.hardware().serials.size() == 1);
    CHECK(read(export_of(), {{"ganeti.profile", "balloon-hvparam"}}).hardware().balloon.state ==
          BalloonState::unspecified);
    CHECK(read(export_of(), {{"ganeti.version", "2.5"}}).hardware().balloon.state == BalloonState::unspecified);
    const Found old =
        read("[export]\nversion = 0\nos = x\n[instance]\nname = a\nhypervisor = kvm\nmemory = 640\nvcpus = 3\n");
    CHECK(old.hardware().memory.boot_bytes == 640 * mib);
    CHECK(old.hardware().cpu.count == 3U);
}

TEST_CASE("case 24: values Ganeti accepts and fails with") {
    const Found order = read(export_of({}, {}, "maxmem = 512\nminmem = 1024\nvcpus = 2\n"));
    CHECK(order.first("ganeti-memory-order").severity == Severity::error);
    const Found none = read(export_of({}, {}, "maxmem = 512\nminmem = 512\nvcpus = 0\n"));
    CHECK(none.first("ganeti-vcpus-invalid").severity == Severity::error);
    std::string text = export_of();
    text.replace(text.find("nic0_network = None"), 19, "nic0_network = auto");
    const Found network = read(text);
    CHECK(network.first("ganeti-nic-incomplete").severity == Severity::error);
    CHECK(network.first("ganeti-nic-incomplete").where.line == 19);
    Machine machine = usual();
    machine.hardware().memory.guaranteed_bytes = 4096 * mib;
    CHECK(write(machine).refused("ganeti-memory-order"));
    machine = usual();
    machine.hardware().cpu.count = 0;
    CHECK(write(machine).refused("ganeti-vcpus-invalid"));
}

TEST_CASE("case 25: too many disks and NICs") {
    Machine machine = usual();
    for (int i = 0; i < 16; ++i) machine.disk(1024 * mib);
    CHECK(write(machine).refused("ganeti-disks-exceeded"));
    machine = usual();
    for (int i = 0; i < 8; ++i) machine.nic("");
    CHECK(write(machine).refused("ganeti-nics-exceeded"));
    std::string disks;
    for (int i = 1; i < 17; ++i) disks += "disk" + std::to_string(i) + "_size = 64\n";
    CHECK(read(export_of({}, disks)).has("ganeti-disks-exceeded"));
    std::string nics;
    for (int i = 1; i < 9; ++i)
        nics += "nic" + std::to_string(i) + "_mac = auto\nnic" + std::to_string(i) + "_link = br0\nnic" +
                std::to_string(i) + "_mode = bridged\n";
    CHECK(read(export_of({}, nics)).has("ganeti-nics-exceeded"));
}

TEST_CASE("case 26: fake and lxc") {
    for (const std::string hypervisor : {"fake", "lxc", "chroot"}) {
        Machine machine = usual();
        machine.hardware().balloon.state = BalloonState::enabled;
        machine.hardware().cpu.cores = 2;
        machine.hardware().nics.front().model = "e1000";
        const Result result = write(machine, {{"ganeti.hypervisor", hypervisor}});
        CHECK_FALSE(result.diagnostics.has_errors());
        CHECK(result.hv().empty());
        CHECK(result.noted("ganeti-balloon-hypervisor", "balloon.state"));
        CHECK(result.noted("ganeti-hypervisor-limit", "cpu.cores"));
        CHECK(result.noted("ganeti-hypervisor-limit", "nics[].model"));
        CHECK(read(result.text).hardware().balloon.state == BalloonState::unspecified);
    }
}

TEST_CASE("case 27: xen-hvm boots from a CD-ROM, then a disk") {
    Machine machine;
    machine.controller("3", ControllerType::ide);
    machine.disk(1024 * mib, "3");
    machine.nic("00:50:56:aa:bb:01", "e1000");
    machine.hardware().boot = {"cdrom", "disk"};
    const Result result = write(machine, {{"ganeti.hypervisor", "xen-hvm"}});
    CHECK(result.hv()["boot_order"] == "dc");
    CHECK(result.hv()["nic_type"] == "e1000");
    CHECK(result.hv()["disk_type"] == "ioemu");
    CHECK(result.hv()["kernel_path"] == "/usr/lib/xen/boot/hvmloader");
    const Found back = read(result.text);
    CHECK(back.hardware().boot == std::vector<std::string>{"cdrom", "disk"});
    CHECK(back.hardware().drives.at(0).interface == "ide");
}

TEST_CASE("case 28: a read-only disk") {
    Machine machine;
    machine.disk(1024 * mib).read_only = true;
    const Result result = write(machine, {}, "ganeti-instance");
    CHECK(result.parsed[0]["disks"][0]["mode"] == "rw");
    CHECK(result.noted("ganeti-disk-readonly", "drives[].read_only"));
    const Found back = read(R"({"instance_name":"a","disks":[{"size":64,"mode":"ro"}]})");
    CHECK(back.hardware().drives.at(0).read_only == true);
}
