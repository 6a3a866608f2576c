#include "helpers.hpp"

using namespace ganeti_test;

TEST_CASE("every form is told from the others and detected") {
    CHECK(platform_ganeti.detect("x/config.ini", export_of()) > 90);
    CHECK(platform_ganeti.detect("config.ini", "[a]\nx = 1\n") == 0);
    CHECK(platform_ganeti.detect("x.json", R"({"instance_name":"a","hvparams":{}})") == 90);
    CHECK(platform_ganeti.detect("x.json", R"([{"mode":"create","instance_name":"a"}])") == 60);
    CHECK(platform_ganeti.detect("x.json", R"({"vmId":"a"})") == 0);
    CHECK(platform_ganeti.detect("x.ovf", "<Envelope/>") == 0);
}

TEST_CASE("a text of Ganeti comes back as it was") {
    const std::string hv =
        "acpi = True\nboot_order = disk\ncdrom_image_path = /iso/a.iso\ncdrom_disk_type = ide\ncpu_cores = "
        "2\ncpu_sockets = 1\n"
        "cpu_threads = 1\ncpu_type = host\ndisk_cache = none\ndisk_type = scsi-hd\nkernel_args = ro x=5%%\nkvm_extra = "
        "-device virtio-rng-pci\n"
        "machine_version = pc\nnic_type = e1000\nscsi_controller_type = virtio-scsi-pci\nserial_console = "
        "True\nserial_speed = 38400\n"
        "usb_mouse = tablet\nuse_localtime = True\nvga = cirrus\nvnc_bind_address = 0.0.0.0\n";
    Found found = read(export_of(hv));
    CHECK_FALSE(found.diagnostics.has_errors());
    CHECK(found.diagnostics.all().empty());
    CHECK(found.envelope.unmapped.empty());
    Machine machine;
    machine.envelope = found.envelope;
    for (const std::string form : {"ganeti", "ganeti-hvparams", "ganeti-instance"}) {
        const Result result = write(machine, {}, form);
        CHECK_FALSE(result.diagnostics.has_errors());
        for (const LossNote& note : result.written.notes) CHECK(note.rule == "ganeti-controller-approximated");
        const Found again = read(result.text);
        CHECK(again.system().hardware.drives.size() == 2);
        CHECK(again.system().parameters.size() == found.system().parameters.size());
        if (form == "ganeti-instance") continue;
        auto sorted = [](std::vector<Parameter> list) {
            std::sort(list.begin(), list.end(),
                      [](const Parameter& a, const Parameter& b) { return a.space + a.key < b.space + b.key; });
            return list;
        };
        CHECK(sorted(again.system().parameters) == sorted(found.system().parameters));
        VirtualSystem one = again.system();
        VirtualSystem two = found.system();
        one.parameters = two.parameters = {};
        CHECK(one == two);
        CHECK(again.envelope.disks == found.envelope.disks);
        CHECK(again.envelope.files == found.envelope.files);
    }
}

TEST_CASE("the dump keeps its name, also when written again") {
    Found found = read(export_of());
    CHECK(found.envelope.files.at(0).href == "7a0c6f6e-1111");
    CHECK(found.envelope.producer == "Ganeti, node 5c0f2d0e");
    Machine machine;
    machine.envelope = found.envelope;
    CHECK(write(machine, {}, "ganeti").text.find("disk0_dump = 7a0c6f6e-1111\n") != std::string::npos);
    for (const std::string bad : {"../x", "a/b", "/etc/shadow", "..", ""}) {
        std::string text = export_of();
        text.replace(text.find("7a0c6f6e-1111"), 13, bad);
        const Found unsafe = read(text);
        CHECK(unsafe.has("ganeti-dump-unsafe"));
        CHECK(unsafe.envelope.files.empty());
        CHECK(unsafe.first("ganeti-dump-unsafe").failure == Failure::refused);
    }
}

TEST_CASE("config.ini that configparser refuses") {
    CHECK(read("x = 1\n").has("ganeti-ini-malformed"));
    CHECK(read("[instance]\nname\n").has("ganeti-ini-malformed"));
    CHECK(read("[instance]\n= 1\n").has("ganeti-ini-malformed"));
    CHECK(read("[instance]\nname = a\xff\n").has("ganeti-ini-malformed"));
    CHECK(read(std::string("[instance]\nname = a\0b\n", 22)).has("ganeti-ini-malformed"));
    CHECK(read("[instance]\nname = a\nNAME = b\n").has("ganeti-ini-duplicate"));
    CHECK(read("[instance]\nname = a\n[instance]\n").has("ganeti-ini-duplicate"));
    const Found percent = read(export_of("kernel_args = ro x=50%\n"));
    CHECK(percent.first("ganeti-ini-interpolation").severity == Severity::error);
    CHECK(percent.first("ganeti-ini-interpolation").where.line == 33);
    CHECK(percent.first("ganeti-ini-interpolation").source_line == "kernel_args = ro x=50%");
    CHECK(read(export_of("kernel_args = %(kernel_args)s\n")).has("ganeti-ini-interpolation"));
    CHECK(read(export_of("kernel_args = %(machine_version)s\nmachine_version = pc\n"))
              .parameter("ganeti.hv", "kernel_args") == "pc");
    CHECK(read("[instance]\nname = " + std::string(70000, 'a')).has("ganeti-ini-too-large"));
    CHECK(read(std::string((1U << 20) + 1, '\n')).has("ganeti-ini-too-large"));
    std::string many = "[instance]\n";
    for (int i = 0; i < 5000; ++i) many += "k" + std::to_string(i) + " = 1\n";
    CHECK(read(many).has("ganeti-ini-too-large"));
    // References that grow without end stop early.
    std::string bomb = "[hypervisor]\n";
    for (int i = 0; i < 10; ++i) {
        bomb += "k" + std::to_string(i) + " = ";
        for (int n = 0; n < 1000; ++n) bomb += "%(k" + std::to_string(i + 1) + ")s";
        bomb += "\n";
    }
    CHECK(read(bomb + "k10 =\n[instance]\nname = a\n").has("ganeti-ini-interpolation"));
}

TEST_CASE("a hostile value stays a value") {
    // A line end inside a value cannot become a section or another key when it is written again.
    Found found = read(export_of("kernel_args = ro\n  [hypervisor]\n  kvm_path = /evil\n"));
    CHECK(found.parameter("ganeti.hv", "kernel_args") == "ro\n[hypervisor]\nkvm_path = /evil");
    CHECK(found.parameter("ganeti.hv", "kvm_path") == "(none)");
    Machine machine;
    machine.envelope = found.envelope;
    CHECK(write(machine).refused("ganeti-value-unsafe"));
    CHECK_THROWS_AS(write(machine, {}, "ganeti"), InputError);
}

TEST_CASE("exports that Ganeti would not import") {
    CHECK(read("[instance]\nname = a\n").has("ganeti-section-missing"));
    CHECK(read("[export]\nversion = 0\n").has("ganeti-section-missing"));
    CHECK(read("[export]\nversion = 1\nos = x\n[instance]\nname = a\n").has("ganeti-version-unsupported"));
    CHECK(read("[export]\nos = x\n[instance]\nname = a\n").has("ganeti-version-unsupported"));
    CHECK(read("[export]\nversion = 0\nos = x\n[instance]\n").has("ganeti-name-missing"));
    CHECK(read("[export]\nversion = 0\n[instance]\nname = a\n").has("ganeti-os-missing"));
    CHECK(read("[export]\nversion = 0\nos = None\n[instance]\nname = a\n").has("ganeti-os-missing"));
    CHECK(read("[export]\nversion = 0\nos = x\n[instance]\nname = A b\n").has("ganeti-name-invalid"));
    CHECK(read(export_of({}, "disk1_size = big\n")).has("ganeti-number-invalid"));
    CHECK(read(export_of({}, "nic1_mac = auto\n")).has("ganeti-nic-incomplete"));
    CHECK(read(export_of({}, "nic1_mac = auto\nnic1_mode = bridged\n")).has("ganeti-nic-incomplete"));
    std::string text = export_of();
    text.replace(text.find("hypervisor = kvm"), 16, "hypervisor = zen");
    CHECK(read(text).has("ganeti-hypervisor-unknown"));
}

TEST_CASE("what is odd but readable") {
    CHECK(read(export_of({}, "disk2_size = 64\n")).has("ganeti-disk-gap"));
    CHECK(read(export_of({}, "disk1_size = 0\n")).has("ganeti-disk-size-zero"));
    CHECK(read(export_of({}, "disk1_size = 64\n")).has("ganeti-count-mismatch"));
    CHECK(read(export_of({}, "nic1_mac = zz\nnic1_mode = bridged\nnic1_link = br0\n")).has("ganeti-mac-invalid"));
    CHECK(read(export_of({}, "nic1_mac = auto\nnic1_mode = pool\nnic1_link = x\n")).has("ganeti-nic-mode"));
    CHECK(read(export_of("root-path = /dev/sda\n")).first("ganeti-hvparam-unknown").message.find("root_path") !=
          std::string::npos);
    CHECK(read(export_of("pae = True\n")).has("ganeti-hvparam-unsupported"));
    CHECK(read(export_of("migration_mode = live\n")).has("ganeti-hvparam-unsupported"));
    CHECK(read(export_of("acpi = yes\n")).has("ganeti-hvparam-value"));
    CHECK(read(export_of("balloon = maybe\n")).has("ganeti-balloon-value"));
    CHECK(read(export_of("kvm_extra = -device virtio-balloon-pci\n")).has("ganeti-balloon-extra"));
    const Found unknown = read(export_of({}, "colour = blue\n"));
    REQUIRE(unknown.envelope.unmapped.size() == 1);
    CHECK(unknown.envelope.unmapped[0].path == "[instance]/colour");
    CHECK(unknown.envelope.unmapped[0].value == "blue");
}

TEST_CASE("the memory key overwrites both sizes") {
    const Found found = read(export_of({}, {}, "memory = 1024\nmaxmem = 2048\nminmem = 512\nvcpus = 1\n"));
    CHECK(found.hardware().memory.boot_bytes == 1024 * mib);
    CHECK_FALSE(found.hardware().memory.guaranteed_bytes);
}

TEST_CASE("NIC modes and networks") {
    const Found found =
        read(export_of({},
                       "nic1_mac = auto\nnic1_network = lan\nnic1_ip = pool\nnic2_mac = auto\nnic2_mode = "
                       "routed\nnic2_link = rt\nnic2_ip = 10.1.1.1\nnic2_vlan = .5\n"));
    const auto& nics = found.hardware().nics;
    REQUIRE(nics.size() == 3);
    CHECK(nics[0].attachment == "bridge");
    CHECK(nics[1].attachment == "network");
    CHECK(nics[1].network == "lan");
    CHECK(nics[2].attachment == "routed");
    CHECK(nics[2].vlan == ".5");
    Machine machine;
    machine.envelope = found.envelope;
    const Result result = write(machine);
    CHECK(result.parsed["nics"][1] == json{{"mac", "auto"}, {"network", "lan"}, {"ip", "pool"}});
    CHECK(result.parsed["nics"][2]["link"] == "rt");
}

TEST_CASE("JSON definitions") {
    const Found found = read(
        R"([{"mode":"create","instance_name":"bat1.gnt.test","disk_template":"file","hypervisor":"kvm","os_type":"noop+default",
      "pnode":"node1","disks":[{"size":"1G","mode":"rw","name":"sysdisk"},{"size":64,"vg":"x"}],
      "nics":[{"mac":"aa:00:00:00:00:77","mode":"bridged","link":"br0","ip":"none","name":"nic-a"}],
      "beparams":{"maxmem":"1G","minmem":128,"vcpus":2},
      "hvparams":{"kernel_path":"","nic_type":"e1000","disk_type":"ide","serial_console":false,"vga":false},
      "name_check":false,"start":false,"tags":["x","y"]},{"instance_name":"bat2","disks":[{"size":64}]}])");
    CHECK_FALSE(found.diagnostics.has_errors());
    REQUIRE(found.envelope.systems.size() == 2);
    CHECK(found.hardware().memory.boot_bytes == 1024 * mib);
    CHECK(found.hardware().memory.guaranteed_bytes == 128 * mib);
    CHECK(found.envelope.disks.at(0).capacity_bytes == 1024 * mib);
    CHECK(found.envelope.disks.at(2).id == "bat2:disk:0");
    CHECK(found.hardware().drives.at(0).interface == "ide");
    CHECK(found.parameter("ganeti", "tags") == "x y");
    CHECK(found.hardware().serials.empty());
    CHECK(found.parameter("ganeti.hv", "serial_console") == "False");
    REQUIRE(found.envelope.unmapped.size() == 1);
    CHECK(found.envelope.unmapped[0].path == "/0/pnode");
    const Found bad =
        read("{\n\"instance_name\": \"a\",\n\"beparams\": {\"vcpus\": \"two\"},\n\"nics\": [null], \"disks\": 7}");
    CHECK(bad.first("ganeti-number-invalid").where.line == 3);
    CHECK(read("{}").has("ganeti-name-missing"));
    CHECK(read("[1]").has("ganeti-section-missing"));
    CHECK(read("[]").has("ganeti-section-missing"));
    CHECK(read(R"({"instance_name":"a","disks":[{"size":1,"dump":"../x"}]})").has("ganeti-dump-unsafe"));
    CHECK_THROWS_AS(read("{\"a\": 1, \"a\": 2}"), InputError);
}

TEST_CASE("no parameter is lost between two readings, whatever it is") {
    Found found =
        read(export_of("spice_tls_ciphers = HIGH\nvirtio_net_queues = 4\nuse_chroot = True\nnic_type = "
                       "i82551\nboot_order = network\ncpu_mask = 0-1:all\n"));
    Machine machine;
    machine.envelope = found.envelope;
    const Result result = write(machine);
    CHECK(result.hv()["spice_tls_ciphers"] == "HIGH");
    CHECK(result.hv()["virtio_net_queues"] == 4);
    CHECK(result.hv()["use_chroot"] == true);
    CHECK(result.hv()["nic_type"] == "i82551");
    CHECK(result.hv()["boot_order"] == "network");
    CHECK(result.hv()["cpu_mask"] == "0-1:all");
    CHECK_FALSE(result.hv().contains("serial_console"));
}
