#include "harness.hpp"

// The 32 conformance cases between OVF and libvirt; the OVF side is the model. Both directions where both exist.

using namespace harness;
using namespace samples;

namespace {

constexpr std::uint64_t MiB = 1ULL << 20;

Envelope with_balloon(BalloonState state, BalloonModel model = BalloonModel::unspecified) {
    Envelope e = package("vm");
    hardware_of(e).balloon.state = state;
    hardware_of(e).balloon.model = model;
    return e;
}

}  // namespace

TEST_CASE("case 1: an enabled balloon is model virtio") {
    const Output out = write(with_balloon(BalloonState::enabled, BalloonModel::virtio));
    CHECK(out.text.find("<memballoon model='virtio'/>") != std::string::npos);
    CHECK(out.count("//memballoon") == 1);
    CHECK(out.notes.empty());
    const Input in = reread(out);
    CHECK(in.hardware().balloon.state == BalloonState::enabled);
    CHECK(in.hardware().balloon.model == BalloonModel::virtio);
}

TEST_CASE("case 2: a disabled balloon is model none, never an absent element") {
    const Output out = write(with_balloon(BalloonState::disabled));
    CHECK(out.text.find("<memballoon model='none'/>") != std::string::npos);
    CHECK(out.count("//memballoon") == 1);
    const Input in = reread(out);
    CHECK(in.hardware().balloon.state == BalloonState::disabled);
    CHECK(in.hardware().balloon.model == BalloonModel::unspecified);
}

TEST_CASE("case 3: nothing said about a balloon is written by the default and reported") {
    const Output on = write(with_balloon(BalloonState::unspecified));
    CHECK(on.at("//memballoon/@model") == "virtio");
    REQUIRE(on.note("balloon-state-defaulted", "balloon.state") != nullptr);
    CHECK(on.note("balloon-state-defaulted")->fate == Fate::defaulted);
    const Output off = write(with_balloon(BalloonState::unspecified), {}, {}, BalloonState::disabled);
    CHECK(off.at("//memballoon/@model") == "none");
    CHECK(off.note("balloon-state-defaulted") != nullptr);
    // A default that says nothing itself: what libvirt does on that architecture, written out.
    CHECK(write(with_balloon(BalloonState::unspecified), {}, {}, BalloonState::unspecified).at("//memballoon/@model") ==
          "virtio");
    CHECK(write(with_balloon(BalloonState::unspecified), {{"arch", "aarch64"}}, {}, BalloonState::unspecified)
              .at("//memballoon/@model") == "none");
}

TEST_CASE("case 4: an absent element reads as unspecified, whatever type and architecture") {
    for (const std::string type : {"kvm", "qemu", "test", "xen"}) {
        const Input in = read(domain("", "", type));
        CHECK(in.clean());
        CHECK(in.hardware().balloon.state == BalloonState::unspecified);
        CHECK(in.hardware().balloon.info.id.empty());
    }
    CHECK(effective(BalloonState::unspecified, "libvirt", "x86_64") == BalloonState::enabled);
    CHECK(effective(BalloonState::unspecified, "libvirt", "aarch64") == BalloonState::disabled);
}

TEST_CASE("case 5: the transitional models come back as they were") {
    for (const BalloonModel model : {BalloonModel::virtio_transitional, BalloonModel::virtio_non_transitional}) {
        const Input in = read(domain("<memballoon model='" + std::string(to_string(model)) + "'/>"));
        CHECK(in.hardware().balloon.model == model);
        const Output out = write(in.envelope);
        CHECK(out.at("//memballoon/@model") == to_string(model));
        CHECK(reread(out).hardware().balloon == in.hardware().balloon);
    }
}

TEST_CASE("case 6: all four attributes survive") {
    const Input in = read(
        domain("<memballoon model='virtio' autodeflate='on' freePageReporting='on'><stats period='10'/></memballoon>"));
    const MemoryBalloon& b = in.hardware().balloon;
    CHECK(b.state == BalloonState::enabled);
    CHECK(b.autodeflate == true);
    CHECK(b.free_page_reporting == true);
    CHECK(b.stats_period_seconds == 10U);
    const Output out = write(in.envelope);
    CHECK(out.at("//memballoon/@autodeflate") == "on");
    CHECK(out.at("//memballoon/@freePageReporting") == "on");
    CHECK(out.at("//memballoon/stats/@period") == "10");
    CHECK(reread(out).hardware().balloon == b);
    const Input off = read(domain("<memballoon model='virtio' autodeflate='off' freePageReporting='off'/>"));
    CHECK(off.hardware().balloon.autodeflate == false);
    CHECK(write(off.envelope).at("//memballoon/@autodeflate") == "off");
}

TEST_CASE("case 7: model none keeps its statistics and loses address and alias, as in libvirt") {
    const Input in =
        read(domain("<memballoon model='none' autodeflate='on'><stats period='5'/><alias name='ua-b'/>"
                    "<address type='pci' domain='0x0000' bus='0x00' slot='0x08' function='0x0'/></memballoon>"));
    const MemoryBalloon& b = in.hardware().balloon;
    CHECK(b.state == BalloonState::disabled);
    CHECK(b.stats_period_seconds == 5U);
    CHECK(b.autodeflate == true);
    CHECK(b.info.address.empty());
    CHECK(b.info.alias.empty());
    const Output out = write(in.envelope);
    CHECK(out.at("//memballoon/@model") == "none");
    CHECK(out.at("//memballoon/stats/@period") == "5");
    CHECK(out.count("//memballoon/address") == 0);
}

TEST_CASE("case 8: two balloons, no model, a model in capitals are errors with their line") {
    const Input two = read(domain("<memballoon model='virtio'/>\n<memballoon model='none'/>"));
    REQUIRE(two.finding("libvirt-balloon-duplicate") != nullptr);
    CHECK(two.finding("libvirt-balloon-duplicate")->where.line == 8);
    CHECK(two.finding("libvirt-balloon-duplicate")->failure == Failure::malformed);
    const Input missing = read(domain("<memballoon/>"));
    REQUIRE(missing.finding("libvirt-balloon-model-missing") != nullptr);
    CHECK(missing.finding("libvirt-balloon-model-missing")->where.line == 7);
    const Input capitals = read(domain("<memballoon model='VIRTIO'/>"));
    REQUIRE(capitals.finding("libvirt-balloon-model-unknown") != nullptr);
    CHECK(capitals.finding("libvirt-balloon-model-unknown")->message.find("'VIRTIO'") != std::string::npos);
    CHECK(capitals.hardware().balloon.state == BalloonState::unspecified);
}

TEST_CASE("case 9: Xen guests always have a balloon") {
    const Output off = write(with_balloon(BalloonState::disabled), {{"type", "xen"}});
    CHECK(off.at("//memballoon/@model") == "xen");
    REQUIRE(off.note("libvirt-balloon-xen", "balloon.state") != nullptr);
    CHECK(off.note("libvirt-balloon-xen")->fate == Fate::approximated);
    CHECK(off.finding("libvirt-balloon-xen") != nullptr);
    CHECK_FALSE(off.has_errors());
    const Output on = write(with_balloon(BalloonState::enabled, BalloonModel::virtio), {{"type", "xen"}});
    CHECK(on.at("//memballoon/@model") == "xen");
    CHECK(on.note("libvirt-balloon-model", "balloon.model") != nullptr);
    const Input in = read(domain("<memballoon model='xen'/>", "", "xen"));
    CHECK(in.hardware().balloon.model == BalloonModel::xen);
    CHECK(write(in.envelope, {{"type", "xen"}}).note("libvirt-balloon-model") == nullptr);
    CHECK(write(in.envelope).note("libvirt-balloon-model") != nullptr);
}

TEST_CASE("cases 10 and 11: memory is KiB") {
    Envelope e = package("vm");
    CHECK(write(e).at("//memory") == "524288");
    CHECK(write(e).at("//memory/@unit") == "KiB");
    hardware_of(e).memory.boot_bytes = 1024 * MiB;
    const Output out = write(e);
    CHECK(out.at("//memory") == "1048576");
    CHECK(out.count("//currentMemory") == 0);
    CHECK(reread(out).hardware().memory.boot_bytes == 1024 * MiB);
}

TEST_CASE("case 12: bytes are rounded up to KiB, and that is said") {
    Envelope e = package("vm");
    hardware_of(e).memory.boot_bytes = 536870913;
    const Output out = write(e);
    CHECK(out.at("//memory") == "524289");
    REQUIRE(out.note("libvirt-memory-rounded", "memory.boot_bytes") != nullptr);
    CHECK(out.note("libvirt-memory-rounded")->fate == Fate::approximated);
}

TEST_CASE("case 13: libvirt's MB is a million bytes") {
    const auto memory = [](const std::string& element) {
        std::string text = domain("");
        const std::string usual = "<memory unit='KiB'>524288</memory>";
        return read(text.replace(text.find(usual), usual.size(), element)).hardware().memory.boot_bytes;
    };
    CHECK(memory("<memory unit='MB'>512</memory>") == 512000000U);
    CHECK(memory("<memory unit='GB'>1</memory>") == 976563U * 1024U);
    CHECK(memory("<memory unit='b'>536870913</memory>") == 524289U * 1024U);
    CHECK(memory("<memory unit='KB'>524288</memory>") == 512000U * 1024U);
    for (const std::string unit : {"M", "m", "MiB", "mib"})
        CHECK(memory("<memory unit='" + unit + "'>512</memory>") == 512 * MiB);
    CHECK(memory("<memory>524288</memory>") == 512 * MiB);
}

TEST_CASE("case 14: a target below the memory; without a balloon it has no effect") {
    Envelope e = package("vm");
    hardware_of(e).memory.target_bytes = 256 * MiB;
    const Output out = write(e);
    CHECK(out.at("//currentMemory") == "262144");
    CHECK(out.note("libvirt-target-without-balloon") == nullptr);
    CHECK(reread(out).hardware().memory.target_bytes == 256 * MiB);
    hardware_of(e).balloon.state = BalloonState::disabled;
    const Output off = write(e);
    CHECK(off.at("//currentMemory") == "262144");
    CHECK(off.note("libvirt-target-without-balloon", "memory.target_bytes") != nullptr);
    // libvirt: 0 means unset, more than memory is clamped.
    CHECK_FALSE(read(domain("", "<currentMemory>0</currentMemory>")).hardware().memory.target_bytes);
    const Input big = read(domain("", "<currentMemory unit='GiB'>4</currentMemory>"));
    CHECK_FALSE(big.hardware().memory.target_bytes);
    CHECK(big.finding("libvirt-memory-order") != nullptr);
    hardware_of(e).memory.target_bytes = 1024 * MiB;
    CHECK(write(e).note("libvirt-memory-order", "memory.target_bytes") != nullptr);
    CHECK(write(e).at("//currentMemory") == "524288");
}

TEST_CASE("case 15: QEMU has no guaranteed memory") {
    Envelope e = package("vm");
    hardware_of(e).memory.guaranteed_bytes = 256 * MiB;
    const Output kvm = write(e);
    CHECK(kvm.count("//memtune") == 0);
    REQUIRE(kvm.note("libvirt-reservation-unsupported", "memory.guaranteed_bytes") != nullptr);
    CHECK(kvm.note("libvirt-reservation-unsupported")->fate == Fate::dropped);
    const Output test = write(e, {{"type", "test"}});
    CHECK(test.at("//memtune/min_guarantee") == "262144");
    CHECK(test.note("libvirt-reservation-unsupported") == nullptr);
    CHECK(reread(test).hardware().memory.guaranteed_bytes == 256 * MiB);
}

TEST_CASE("case 16: cores per socket become a topology") {
    Envelope e = package("vm");
    hardware_of(e).cpu.count = 4;
    hardware_of(e).cpu.cores = 2;
    const Output out = write(e);
    CHECK(out.at("//vcpu") == "4");
    CHECK(out.at("//topology/@sockets") == "2");
    CHECK(out.at("//topology/@dies") == "1");
    CHECK(out.at("//topology/@cores") == "2");
    CHECK(out.at("//topology/@threads") == "1");
    CHECK(out.notes.empty());
    const Input in = reread(out);
    CHECK(in.hardware().cpu.count == 4U);
    CHECK(in.hardware().cpu.sockets == 2U);
    CHECK(in.hardware().cpu.cores == 2U);
}

TEST_CASE("case 17: a topology that does not make the CPUs is left out") {
    Envelope e = package("vm");
    hardware_of(e).cpu.count = 3;
    hardware_of(e).cpu.cores = 2;
    const Output out = write(e);
    CHECK(out.at("//vcpu") == "3");
    CHECK(out.count("//topology") == 0);
    CHECK(out.note("libvirt-topology-mismatch", "cpu.cores") != nullptr);
    hardware_of(e).cpu.count = 8;
    hardware_of(e).cpu.sockets = 3;
    const Output mended = write(e);
    CHECK(mended.at("//topology/@sockets") == "4");
    CHECK(mended.note("libvirt-topology-mismatch", "cpu.sockets")->fate == Fate::approximated);
}

TEST_CASE("case 18: EFI says that it wants no secure boot, on q35") {
    Envelope e = package("vm");
    hardware_of(e).firmware = Firmware::efi;
    const Output out = write(e);
    CHECK(out.at("//os/@firmware") == "efi");
    CHECK(out.at("//firmware/feature[@name='secure-boot']/@enabled") == "no");
    CHECK(out.at("//os/type/@machine") == "q35");
    const Input in = reread(out);
    CHECK(in.hardware().firmware == Firmware::efi);
    CHECK(in.hardware().secure_boot == false);
    // BIOS is no attribute: libvirt finds no firmware for firmware='bios'.
    hardware_of(e).firmware = Firmware::bios;
    CHECK(write(e).count("//os/@firmware") == 0);
    CHECK(write(e).at("//os/type/@machine") == "pc");
}

TEST_CASE("case 19: secure boot") {
    Envelope e = package("vm");
    hardware_of(e).firmware = Firmware::efi;
    hardware_of(e).secure_boot = true;
    const Output out = write(e);
    CHECK(out.at("//firmware/feature[@name='secure-boot']/@enabled") == "yes");
    CHECK(out.at("//firmware/feature[@name='enrolled-keys']/@enabled") == "yes");
    CHECK(out.at("//os/type/@machine") == "q35");
    CHECK(reread(out).hardware().secure_boot == true);
    hardware_of(e).machine = "pc";
    CHECK(write(e).at("//os/type/@machine") == "q35");
    CHECK(write(e).note("libvirt-secureboot-machine", "machine") != nullptr);
    const Output refused = write(e, {{"machine", "pc"}});
    REQUIRE(refused.finding("libvirt-secureboot-machine") != nullptr);
    CHECK(refused.finding("libvirt-secureboot-machine")->failure == Failure::refused);
    hardware_of(e).firmware = Firmware::bios;
    CHECK(write(e).note("libvirt-secureboot-firmware", "secure_boot") != nullptr);
}

TEST_CASE("case 20: IDE drives are SATA on q35") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::ide);
    add_controller(e, "4", ControllerType::ide);
    add_disk(e, "5", "3", 0);
    add_cdrom(e, "6", "4", 0);
    const Output pc = write(e);
    CHECK(pc.at("//disk[@device='disk']/target/@dev") == "hda");
    CHECK(pc.at("//disk[@device='cdrom']/target/@dev") == "hdc");
    CHECK(pc.at("//disk[@device='cdrom']/address/@bus") == "1");
    CHECK(pc.count("//controller[@type='ide']") == 1);
    CHECK(pc.notes.empty());
    const Input in = reread(pc);
    CHECK(in.hardware().controllers.size() == 2);
    CHECK(in.hardware().drives.at(1).controller == "controller:ide:1");
    CHECK(pc.id("4") == "controller:ide:1");
    CHECK(pc.id("6") == "disk:hdc");

    hardware_of(e).machine = "q35";
    const Output q35 = write(e);
    CHECK(q35.count("//controller[@type='ide']") == 0);
    CHECK(q35.count("//disk[target/@bus='sata']") == 2);
    CHECK(q35.note("libvirt-ide-unsupported", "controllers[].type") != nullptr);
    CHECK(q35.id("3") == "controller:sata:0");
    CHECK(reread(q35).hardware().drives.size() == 2);
}

TEST_CASE("case 21: SCSI ids are targets, but units on lsilogic") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "vmpvscsi");
    add_disk(e, "5", "3", 3);
    const Output out = write(e);
    CHECK(out.at("//controller[@type='scsi']/@model") == "vmpvscsi");
    CHECK(out.at("//target/@dev") == "sda");
    CHECK(out.at("//disk/address/@target") == "3");
    CHECK(out.at("//disk/address/@unit") == "0");
    CHECK(reread(out).hardware().drives.at(0).unit == 3U);
    hardware_of(e).controllers.front().model = "lsilogic";
    const Output lsi = write(e);
    CHECK(lsi.at("//disk/address/@target") == "0");
    CHECK(lsi.at("//disk/address/@unit") == "3");
    CHECK(reread(lsi).hardware().drives.at(0).unit == 3U);
}

TEST_CASE("case 22: target names are unique over SCSI and SATA") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "lsilogic");
    add_controller(e, "4", ControllerType::sata, "ahci");
    add_disk(e, "5", "3", 0);
    add_cdrom(e, "6", "4", 0);
    const Output out = write(e);
    CHECK(out.at("//disk[target/@bus='scsi']/target/@dev") == "sda");
    CHECK(out.at("//disk[target/@bus='sata']/target/@dev") == "sdb");
    CHECK(out.notes.empty());
    const Input twice =
        read(domain("<disk type='file'><target dev='sda' bus='scsi'/></disk>\n<disk type='file'><target dev='sda' "
                    "bus='sata'/></disk>"));
    REQUIRE(twice.finding("libvirt-target-duplicate") != nullptr);
    CHECK(twice.finding("libvirt-target-duplicate")->where.line == 8);
}

TEST_CASE("case 23: BusLogic becomes lsilogic") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "buslogic");
    add_disk(e, "5", "3", 0);
    const Output out = write(e);
    CHECK(out.at("//controller[@type='scsi']/@model") == "lsilogic");
    REQUIRE(out.note("libvirt-scsi-model", "controllers[].model") != nullptr);
    CHECK(out.note("libvirt-scsi-model")->fate == Fate::approximated);
    hardware_of(e).controllers.front().model.clear();
    CHECK(write(e).at("//controller[@type='scsi']/@model") == "lsilogic");
    CHECK(write(e).note("libvirt-scsi-model")->fate == Fate::defaulted);
    hardware_of(e).controllers.front().model = "spapr-vscsi";
    CHECK(write(e).at("//controller[@type='scsi']/@model") == "virtio-scsi");
    CHECK(write(e, {{"arch", "ppc64le"}}).at("//controller[@type='scsi']/@model") == "ibmvscsi");
}

TEST_CASE("an NVMe controller holds sixteen namespaces and no CD drive") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::nvme, "nvme");
    for (std::uint32_t unit = 0; unit < 17; ++unit) add_disk(e, std::to_string(10 + unit), "3", unit);
    const Output full = write(e, {{"nvme", "nvme"}});
    CHECK(full.count("//controller[@type='nvme']") == 2);
    CHECK(full.count("//disk[target/@bus='nvme']") == 17);
    CHECK(full.at("//disk[17]/target/@dev") == "nvme1n1");
    CHECK(full.note("libvirt-unit-moved", "drives[].unit") != nullptr);
    CHECK(reread(full).hardware().drives.size() == 17);

    Envelope cd = package("vm");
    add_controller(cd, "3", ControllerType::nvme, "nvme");
    add_disk(cd, "5", "3", 0);
    cd.systems.front().hardware.drives.back().kind = DriveKind::cdrom;
    const Output moved = write(cd, {{"nvme", "nvme"}});
    CHECK(moved.count("//disk[target/@bus='nvme']") == 0);
    CHECK(moved.note("libvirt-cdrom-bus") != nullptr);
}

TEST_CASE("a Xen guest of any sample has what libvirt's Xen driver takes") {
    for (const samples::Sample& sample : samples::all()) {
        INFO(sample.name);
        Options options{{"type", "xen"}};
        for (const auto& [key, value] : sample.options)
            if (key != "libvirt.type") options[key] = value;
        const Output out = write(sample.envelope, options);
        // "balloon device cannot be disabled", and no virtio.
        CHECK(out.count("//memballoon") == 1);
        CHECK(out.at("//memballoon/@model") == "xen");
        CHECK(out.count("//disk[target/@bus='virtio' or target/@bus='scsi' or target/@bus='sata' or target/@bus='nvme']") == 0);
        CHECK(out.at("/domain/@type") == "xen");
        if (sample.envelope.systems.front().hardware.balloon.state == BalloonState::disabled)
            CHECK(out.note("libvirt-balloon-xen", "balloon.state") != nullptr);
    }
}

TEST_CASE("case 24: NVMe falls back to SATA unless asked for") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::nvme, "nvme");
    add_disk(e, "5", "3", 0);
    const Output sata = write(e);
    CHECK(sata.at("//target/@bus") == "sata");
    CHECK(sata.note("libvirt-nvme-unsupported", "controllers[].type") != nullptr);
    const Output nvme = write(e, {{"nvme", "nvme"}});
    CHECK(nvme.at("//target/@bus") == "nvme");
    CHECK(nvme.at("//target/@dev") == "nvme0n1");
    CHECK(nvme.notes.empty());
    REQUIRE(nvme.finding("libvirt-nvme-version") != nullptr);
    CHECK(nvme.finding("libvirt-nvme-version")->severity == Severity::note);
    CHECK(sata.finding("libvirt-nvme-version") == nullptr);
    CHECK(reread(nvme).hardware().controllers.at(0).type == ControllerType::nvme);
}

TEST_CASE("case 25: nine disks on one pvscsi; id 7 is refused") {
    Envelope e = package("vm");
    add_controller(e, "3", ControllerType::scsi, "vmpvscsi");
    for (const std::uint32_t unit : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 8U, 9U})
        add_disk(e, std::to_string(10 + unit), "3", unit);
    const Output out = write(e);
    CHECK(out.count("//controller[@type='scsi']") == 1);
    CHECK(out.at("//disk[9]/address/@target") == "9");
    CHECK(out.at("//disk[9]/target/@dev") == "sdi");
    CHECK_FALSE(out.has_errors());
    CHECK(reread(out).hardware().drives.at(8).unit == 9U);
    hardware_of(e).drives.at(3).unit = 7;
    const Output refused = write(e);
    REQUIRE(refused.finding("libvirt-scsi-unit-reserved") != nullptr);
    CHECK(refused.finding("libvirt-scsi-unit-reserved")->failure == Failure::refused);
    // A libvirt host may well use it.
    e.dialect = "libvirt";
    CHECK_FALSE(write(e).has_errors());
}

TEST_CASE("case 26: a VMXNET3 with its MAC address and network") {
    Envelope e = package("vm");
    add_nic(e, "7", "vmxnet3", "00:50:56:11:22:33");
    const Output out = write(e);
    CHECK(out.at("//interface/@type") == "network");
    CHECK(out.at("//interface/source/@network") == "VM Network");
    CHECK(out.at("//interface/mac/@address") == "00:50:56:11:22:33");
    CHECK(out.at("//interface/model/@type") == "vmxnet3");
    CHECK(out.id("7") == "nic:0");
    const Input in = reread(out);
    CHECK(in.hardware().nics.at(0).network == "VM Network");
    CHECK(in.envelope.networks.size() == 1);
    const Output bridge = write(e, {{"network", "bridge"}});
    CHECK(bridge.at("//interface/source/@bridge") == "VM Network");
    CHECK(bridge.finding("libvirt-bridge-name") != nullptr);
    hardware_of(e).nics.front().mac = "00-50-56-11-22-33";
    CHECK(write(e).at("//interface/mac/@address") == "00:50:56:11:22:33");
    for (const std::string bad : {"00:00:00:00:00:00", "01:00:5e:00:00:01", "00:50:56:11:22", "zz:50:56:11:22:33"}) {
        hardware_of(e).nics.front().mac = bad;
        CHECK(write(e).count("//interface/mac") == 0);
        CHECK(write(e).note("libvirt-mac-invalid", "nics[].mac") != nullptr);
    }
    CHECK(read(domain("<interface type='user'><mac address='52-54-00-11-22-33'/></interface>"))
              .finding("libvirt-mac-invalid") != nullptr);
    CHECK(read(domain("<interface type='user'><mac address='01:00:5e:00:00:01'/></interface>"))
              .finding("libvirt-mac-invalid") != nullptr);
    CHECK(read(domain("<interface type='user'><mac address='00:00:00:00:00:00'/></interface>"))
              .hardware()
              .nics.at(0)
              .mac.empty());
}

TEST_CASE("case 27: PCNet32 is pcnet, flexible is the nearest") {
    Envelope e = package("vm");
    add_nic(e, "7", "pcnet");
    CHECK(write(e).at("//interface/model/@type") == "pcnet");
    CHECK(write(e).note("libvirt-nic-model") == nullptr);
    hardware_of(e).nics.front().model = "flexible";
    CHECK(write(e).at("//interface/model/@type") == "pcnet");
    REQUIRE(write(e).note("libvirt-nic-model", "nics[].model") != nullptr);
    hardware_of(e).machine = "q35";
    CHECK(write(e).at("//interface/model/@type") == "e1000");
    hardware_of(e).nics.front().model = "igb";  // would pass libvirt and fail when QEMU starts
    CHECK(write(e).at("//interface/model/@type") == "e1000");
    CHECK(write(e).note("libvirt-nic-model")->fate == Fate::approximated);
}

TEST_CASE("case 28: a NIC without a model is an e1000") {
    Envelope e = package("vm");
    add_nic(e, "7", "");
    CHECK(write(e).at("//interface/model/@type") == "e1000");
    CHECK(write(e).note("libvirt-nic-model")->fate == Fate::defaulted);
    CHECK(write(e, {{"arch", "aarch64"}}).at("//interface/model/@type") == "virtio");
}

TEST_CASE("case 29: boot orders stand at the devices, never in <os>") {
    Envelope e = package("vm");
    add_disk(e, "5", "@virtio").boot_index = 2;
    add_disk(e, "6", "@virtio").boot_index = 1;
    const Output out = write(e);
    CHECK(out.count("//os/boot") == 0);
    CHECK(out.at("//disk[target/@dev='vda']/boot/@order") == "2");
    CHECK(out.at("//disk[target/@dev='vdb']/boot/@order") == "1");
    CHECK(out.notes.empty());
    CHECK(reread(out).hardware().drives.at(1).boot_index == 1U);
    hardware_of(e).drives[1].boot_index = 2;
    CHECK(write(e).note("libvirt-boot-order", "drives[].boot_index") != nullptr);
    CHECK(write(e).at("//disk[target/@dev='vdb']/boot/@order") == "3");
    for (Drive& d : hardware_of(e).drives) d.boot_index.reset();
    CHECK(write(e).at("//disk[target/@dev='vda']/boot/@order") == "1");
    CHECK(read(domain("<disk type='file'><target dev='vda'/><boot order='1'/></disk>\n<disk type='file'><target "
                      "dev='vdb'/><boot order='1'/></disk>"))
              .finding("libvirt-boot-duplicate") != nullptr);
}

TEST_CASE("case 30: a name with a slash") {
    Envelope e = package("vm");
    system_of(e).name = "a/b";
    const Output out = write(e);
    CHECK(out.at("/domain/name") == "a-b");
    CHECK(out.at("/domain/title") == "a/b");
    CHECK(out.file == "a-b.xml");
    CHECK(out.note("libvirt-name-slug", "name") != nullptr);
    CHECK(reread(out).system().title == "a/b");
}

TEST_CASE("case 31: compressed and streamOptimized images") {
    Envelope e = package("vm");
    add_disk(e, "5", "@sata");
    e.files.front().href = "disk1.vmdk.gz";
    e.files.front().compression = "gzip";
    e.disks.front().format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
    const Output out = write(e);
    CHECK(out.at("//disk/driver/@type") == "vmdk");
    CHECK(out.at("//disk/source/@file") == "/var/lib/libvirt/images/disk1.vmdk.gz");
    CHECK(out.note("libvirt-file-packed", "files[].compression") != nullptr);
    CHECK(out.note("libvirt-vmdk-streamoptimized", "disks[].format") != nullptr);
    // An import that converted the image says so.
    hardware_of(e).drives.front().source = "/srv/vm/disk1.qcow2";
    hardware_of(e).drives.front().source_format = "qcow2";
    const Output converted = write(e);
    CHECK(converted.at("//disk/driver/@type") == "qcow2");
    CHECK(converted.at("//disk/source/@file") == "/srv/vm/disk1.qcow2");
    CHECK(converted.note("libvirt-vmdk-streamoptimized") == nullptr);
}

TEST_CASE("case 32: of two systems each is a text of its own") {
    Envelope e = package("one");
    e.systems.push_back(e.systems.front());
    e.systems.back().id = e.systems.back().name = "two";
    add_disk(e, "5", "@virtio");
    const Output one = write(e), two = write(e, {}, {}, BalloonState::enabled, 1);
    CHECK(one.file == "one.xml");
    CHECK(one.count("//disk") == 1);
    CHECK(two.file == "two.xml");
    CHECK(two.count("//disk") == 0);
    CHECK(two.note("libvirt-disk-unused") == nullptr);
}
