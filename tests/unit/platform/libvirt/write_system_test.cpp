#include "harness.hpp"

using namespace harness;
using namespace samples;

TEST_CASE("names that libvirt or a file system refuses") {
    Envelope e = package("vm-1");
    system_of(e).name = "Web <&>\n\"1\"";
    const Output out = write(e);
    CHECK(out.at("/domain/name") == "Web <&>-\"1\"");
    CHECK(out.file == "Web------1-.xml");
    CHECK(out.note("libvirt-name-slug", "name") != nullptr);
    CHECK(out.note("libvirt-system-id", "id") != nullptr);
    system_of(e).name = "..";
    CHECK(write(e).at("/domain/name") == "vm");
    system_of(e).name.clear();
    CHECK(write(e).at("/domain/name") == "vm-1");
    CHECK(write(e).note("libvirt-system-id") == nullptr);
    system_of(e).name = std::string(400, 'x');
    CHECK(write(e).at("/domain/name").size() == 200);
}

TEST_CASE("uuid, genid, title and description") {
    Envelope e = package("vm");
    VirtualSystem& s = system_of(e);
    s.uuid = "564D2F6C6D6D4E4A8F9A0123456789AB";
    s.genid = "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee";
    s.title = "two\nlines";
    s.annotation = "  first\n<b>second</b> & more  ";
    const Output out = write(e);
    CHECK(out.at("/domain/uuid") == "564d2f6c-6d6d-4e4a-8f9a-0123456789ab");
    CHECK(out.at("/domain/genid") == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    CHECK(out.at("/domain/title") == "two lines");
    CHECK(out.note("libvirt-title-line", "title") != nullptr);
    const Input in = reread(out);
    CHECK(in.system().annotation == s.annotation);
    CHECK(in.system().uuid == "564d2f6c-6d6d-4e4a-8f9a-0123456789ab");
    s.uuid = "not-a-uuid";
    CHECK(write(e).note("libvirt-uuid-invalid", "uuid") != nullptr);
    CHECK(write(e).count("/domain/uuid") == 0);
}

TEST_CASE("machine and architecture") {
    Envelope e = package("vm");
    CHECK(write(e).at("//type/@machine") == "pc");
    CHECK(write(e).at("//type/@arch") == "x86_64");
    hardware_of(e).machine = "pc-q35-rhel8.1.0";
    CHECK(write(e).at("//type/@machine") == "q35");
    CHECK(write(e).note("libvirt-machine-generalized", "machine") != nullptr);
    CHECK(write(e, {{"machine", "pc"}}).note("libvirt-option-overrides", "machine") != nullptr);
    CHECK(write(e, {{"machine", "pc-q35-7.2"}}).notes.empty());
    hardware_of(e).machine = "bad machine'";
    CHECK(write(e).at("//type/@machine") == "pc");
    CHECK(write(e).note("libvirt-name-invalid", "machine") != nullptr);
    hardware_of(e).machine.clear();
    hardware_of(e).arch = "ppc64le";
    CHECK(write(e).at("//type/@machine") == "pseries");
    CHECK(write(e).count("//features") == 0);  // no ACPI there
    CHECK(write(e, {{"arch", "x86_64"}}).note("libvirt-option-overrides", "arch") != nullptr);
    hardware_of(e).arch = "<x86>";
    CHECK(write(e).note("libvirt-name-invalid", "arch") != nullptr);
    CHECK(write(e, {{"arch", "s390x"}}).at("//type/@machine") == "s390-ccw-virtio");
    CHECK(write(e, {{"type", "xen"}}).at("//type/@machine") == "xenfv");
}

TEST_CASE("options out of their list count as the default") {
    const Output out = write(package("vm"), {{"type", "evil' x='"}, {"images", "relative"}, {"nvme", "yes"}});
    CHECK(out.at("/domain/@type") == "kvm");
    Envelope e = package("vm");
    add_disk(e, "5", "@virtio");
    CHECK(write(e, {{"images", "/srv/images/"}}).at("//source/@file") == "/srv/images/disk-5.qcow2");
    CHECK(write(e, {{"images", "relative"}}).at("//source/@file") == "/var/lib/libvirt/images/disk-5.qcow2");
    CHECK(write(e, {{"images", "/"}}).at("//source/@file") == "/disk-5.qcow2");
}

TEST_CASE("memory that cannot be") {
    Envelope e = package("vm");
    hardware_of(e).memory.maximum_bytes = 4ULL << 30;
    CHECK(write(e).note("libvirt-maxmemory-unsupported", "memory.maximum_bytes") != nullptr);
    hardware_of(e).memory.boot_bytes.reset();
    const Output out = write(e);
    REQUIRE(out.finding("libvirt-memory-missing") != nullptr);
    CHECK(out.finding("libvirt-memory-missing")->failure == Failure::refused);
    hardware_of(e).memory.boot_bytes = 0;
    CHECK(write(e).has_errors());
}

TEST_CASE("processors") {
    Envelope e = package("vm");
    Cpu& cpu = hardware_of(e).cpu;
    cpu.count = 2;
    cpu.maximum = 8;
    cpu.sockets = 4;
    cpu.cores = 1;
    cpu.threads = 2;
    const Output out = write(e);
    CHECK(out.at("//vcpu") == "8");
    CHECK(out.at("//vcpu/@current") == "2");
    CHECK(out.at("//topology/@threads") == "2");
    const Input in = reread(out);
    CHECK(in.hardware().cpu.count == 2U);
    CHECK(in.hardware().cpu.maximum == 8U);
    cpu = {};
    cpu.count = 4;
    cpu.maximum = 2;
    CHECK(write(e).at("//vcpu") == "4");
    CHECK(write(e).note("libvirt-vcpu-count", "cpu.maximum") != nullptr);
    cpu.maximum.reset();
    cpu.count = 0;
    CHECK(write(e).at("//vcpu") == "1");
    CHECK(write(e).note("libvirt-vcpu-count", "cpu.count") != nullptr);
    cpu.count = 300;
    REQUIRE(write(e).finding("libvirt-vcpu-limit") != nullptr);
    CHECK(write(e).finding("libvirt-vcpu-limit")->failure == Failure::refused);
    CHECK_FALSE(write(e, {{"arch", "ppc64le"}}).has_errors());
    cpu.count.reset();
    CHECK(write(e).at("//vcpu") == "1");
    cpu.model = "Nehalem";
    CHECK(write(e).at("//cpu/model") == "Nehalem");
    CHECK(reread(write(e)).hardware().cpu.model == "Nehalem");
    cpu.model = "Nehalem,+aes";
    CHECK(write(e).count("//cpu") == 0);
    CHECK(write(e).note("libvirt-cpu-model", "cpu.model") != nullptr);
    cpu.model = "host-passthrough";
    CHECK(write(e).at("//cpu/@mode") == "host-passthrough");
    CHECK(write(e, {{"type", "qemu"}}).at("//cpu/@mode") == "host-model");
    CHECK(write(e, {{"type", "qemu"}}).note("libvirt-cpu-model") != nullptr);
}

TEST_CASE("clocks") {
    Envelope e = package("vm");
    const auto offset = [&] { return write(e).at("//clock/@offset"); };
    CHECK(offset() == "utc");
    system_of(e).os.vmware_type = "windows9_64Guest";
    CHECK(offset() == "localtime");
    system_of(e).clock = "utc";
    CHECK(offset() == "utc");
    system_of(e).clock = "Europe/Berlin";
    CHECK(write(e).at("//clock/@timezone") == "Europe/Berlin");
    CHECK(reread(write(e)).system().clock == "Europe/Berlin");
    system_of(e).clock = "GMT Standard Time";
    CHECK(offset() == "localtime");
    CHECK(write(e).note("libvirt-clock-zone", "clock") != nullptr);
    system_of(e).clock = "x' y='";
    system_of(e).os = {};
    CHECK(offset() == "utc");
}

TEST_CASE("the guest's operating system as a libosinfo id") {
    Envelope e = package("vm");
    OperatingSystem& os = system_of(e).os;
    const auto id = [&] { return write(e).at("//*[local-name()='os']/@id"); };
    CHECK(id().empty());
    os.cim_id = 103;
    CHECK(id() == "http://microsoft.com/win/2k8r2");
    os.cim_id = 121;  // above 110 tools disagree
    CHECK(id().empty());
    os.ovirt_name = "rhel_9x64";
    CHECK(id() == "http://redhat.com/rhel/9-unknown");
    os.vmware_type = "debian11_64Guest";
    CHECK(id() == "http://debian.org/debian/11");
    const Input in = reread(write(e));
    CHECK(in.system().os.osinfo_id == "http://debian.org/debian/11");
    CHECK(in.system().os.cim_id == 96U);
    os.osinfo_id = "http://example.org/mine/1";
    CHECK(id() == "http://example.org/mine/1");
    CHECK_FALSE(reread(write(e)).system().os.cim_id);
    os.osinfo_id = "two words";
    CHECK(write(e).note("libvirt-name-invalid", "os.osinfo_id") != nullptr);
    os = {};
    os.vmware_type = "windows7Server64Guest";
    CHECK(id() == "http://microsoft.com/win/2k8r2");
    os.vmware_type = "windows7_64Guest";
    CHECK(id() == "http://microsoft.com/win/7");
    os.vmware_type = "rhel6_64Guest";
    CHECK(id() == "http://redhat.com/rhel/6-unknown");
    os.vmware_type = "debian12_64Guest";
    CHECK(id() == "http://debian.org/debian/12");
}

TEST_CASE("a balloon's other values") {
    Envelope e = package("vm");
    MemoryBalloon& b = hardware_of(e).balloon;
    b.model = BalloonModel::vmware;
    CHECK(write(e).at("//memballoon/@model") == "virtio");
    CHECK(write(e).note("libvirt-balloon-model", "balloon.model") != nullptr);
    b.stats_period_seconds = 0;
    CHECK(write(e).count("//stats") == 0);
    CHECK(write(e).note("libvirt-balloon-period", "balloon.stats_period_seconds") != nullptr);
    b = {};
    b.state = BalloonState::enabled;
    b.info.alias = "balloon0";
    CHECK(write(e).count("//alias") == 0);
    CHECK(write(e).note("libvirt-alias-own", "balloon.info.alias") != nullptr);
    b.info.alias = "ua-0f";
    b.info.address = "bus=0x00,domain=0x0000,function=0x0,slot=0x08,type=pci";
    const Output out = write(e);
    CHECK(out.at("//memballoon/alias/@name") == "ua-0f");
    CHECK(out.at("//memballoon/address/@slot") == "0x08");
    CHECK(reread(out).hardware().balloon.info.address == b.info.address);
    CHECK(reread(out).hardware().balloon.info.alias == "ua-0f");
    for (const std::string bad :
         {"bus=0x04,slot=0x08,type=pci", "slot=0x02,type=pci", "slot=0x20,type=pci", "slot=8", "cssid=0xfe,type=ccw",
          "slot=0xffffffffff,type=pci", "bus=0x00,function=0x1,slot=0x08,type=pci"}) {
        b.info.address = bad;
        CAPTURE(bad);
        CHECK(write(e).count("//memballoon/address") == 0);
        CHECK(write(e).note("libvirt-balloon-address", "balloon.info.address") != nullptr);
    }
    b.state = BalloonState::disabled;
    b.model = BalloonModel::virtio;
    CHECK(write(e).note("libvirt-balloon-absent", "balloon.model") != nullptr);
    CHECK(write(e).note("libvirt-balloon-absent", "balloon.info.alias") != nullptr);
    CHECK(write(e).note("libvirt-balloon-absent", "balloon.info.address") != nullptr);
    b.state = BalloonState::enabled;
    hardware_of(e).machine = "isapc";
    CHECK(write(e).at("//memballoon/@model") == "none");
    CHECK(write(e).note("libvirt-balloon-isapc", "balloon.state") != nullptr);
}

TEST_CASE("every sample has exactly one balloon and reads back without a finding") {
    for (const Sample& sample : all()) {
        CAPTURE(sample.name);
        const Output out = write(sample.envelope, sample.options);
        CHECK_FALSE(out.has_errors());
        CHECK(out.count("//memballoon") == 1);
        CHECK(out.count("//memballoon/@model") == 1);
        CHECK(out.count("//os/boot") == 0);
        const Input in = reread(out);
        CHECK(in.hardware().drives.size() == out.count("//disk"));
        // Every id that is promised exists.
        std::string ids;
        for (const auto& list : {out.ids})
            for (const auto& [mine, theirs] : list) {
                const Hardware& h = in.hardware();
                const auto has = [&, id = theirs](const auto& devices) {
                    return std::any_of(devices.begin(), devices.end(), [&](const auto& d) { return d.info.id == id; });
                };
                const bool found = has(h.drives) || has(h.nics) || has(h.controllers) || has(h.serials) ||
                                   has(h.parallels) || has(h.videos) || has(h.graphics) || has(h.sounds) ||
                                   has(h.watchdogs) || has(h.rngs) || has(h.tpms) || h.balloon.info.id == theirs;
                const bool idle = theirs.starts_with("controller:ide:") || theirs.starts_with("controller:sata:");
                if (!found && !idle) ids += theirs + " ";
            }
        CHECK(ids.empty());
        // Writing what was read changes nothing that can be read.
        const Output again = write(in.envelope, sample.options);
        const Input second = reread(again);
        CHECK(second.system().hardware.drives == in.system().hardware.drives);
        CHECK(second.system().hardware.controllers == in.system().hardware.controllers);
        CHECK(second.system().hardware.balloon == in.system().hardware.balloon);
    }
}
