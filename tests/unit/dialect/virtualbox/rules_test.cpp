// Every finding and every loss of the dialect by what gives it.
#include "catch.hpp"

#include "fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"
#include "unit/descriptor/support.hpp"

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_virtualbox;

namespace {

Loaded with(const MachineText& machine) { return load(dialect_virtualbox, vbox_descriptor(1, machine.text())); }

bool noted(const Changed& changed, std::string_view rule, std::string_view field) {
    for (const detail::LossNote& note : changed.notes)
        if (note.rule == rule && note.field == field) return true;
    return false;
}

Changed made(const Envelope& envelope, const std::string& version = "1.0", const std::string& machine = "yes") {
    WriteOptions options;
    options.options["virtualbox.version"] = version;
    options.options["virtualbox.machine"] = machine;
    return create(dialect_virtualbox, envelope, options);
}

Envelope small() {
    Envelope out;
    VirtualSystem& system = out.systems.emplace_back();
    system.id = "vm";
    system.hardware.cpu.count = 1;
    system.hardware.memory.boot_bytes = 512ULL << 20;
    return out;
}

}  // namespace

TEST_CASE("the fixtures are read without a finding") {
    for (const int major : {0, 1, 2}) CHECK(load(dialect_virtualbox, vbox_descriptor(major)).rules() == "");
    for (const int major : {1, 2})
        CHECK(load(dialect_virtualbox, vbox_descriptor(major, MachineText{}.text())).rules() == "");
}

TEST_CASE("hostile values of vbox:Machine are named and not used") {
    MachineText text;
    text.memory = R"(<Memory RAMSize="99999999999999999999"/>)";
    Loaded loaded = with(text);
    CHECK(loaded.has("virtualbox-number-invalid"));
    CHECK(loaded.hardware().memory.boot_bytes == 1024ULL << 20);
    text.memory = R"(<Memory RAMSize="-1"/>)";
    CHECK(with(text).has("virtualbox-number-invalid"));
    text = {};
    text.guest = R"(<Guest memoryBalloonSize="4294967297"/>)";
    loaded = with(text);
    CHECK(loaded.has("virtualbox-number-invalid"));
    CHECK(loaded.hardware().balloon.state == BalloonState::unspecified);

    text = {};
    text.network = R"(<Network><Adapter slot="4000000000" enabled="true"/><Adapter slot="36" enabled="true"/></Network>)";
    loaded = with(text);
    CHECK(loaded.has("virtualbox-slot-invalid"));
    CHECK(loaded.hardware().nics[0].mac == "");
    text.network =
        R"(<Network><Adapter slot="1" enabled="true" MACAddress="080027000001"/><Adapter slot="1" enabled="true" MACAddress="080027000002"/></Network>)";
    loaded = with(text);
    CHECK(loaded.has("virtualbox-slot-duplicate"));
    CHECK(loaded.hardware().nics[0].mac == "08:00:27:00:00:01");
    CHECK(loaded.hardware().nics[1].mac == "");
    text = {};
    text.boot = R"(<Boot><Order position="1" device="DVD"/><Order position="1" device="Floppy"/></Boot>)";
    loaded = with(text);
    CHECK(loaded.has("virtualbox-slot-duplicate"));
    CHECK(loaded.hardware().boot == std::vector<std::string>{"cdrom"});
    for (const char* position : {"0", "5", "x"}) {
        text.boot = std::string("<Boot><Order position=\"") + position + "\" device=\"DVD\"/></Boot>";
        CHECK(with(text).has("virtualbox-slot-invalid"));
    }

    const auto unknown = [](auto member, std::string value) {
        MachineText odd;
        odd.*member = std::move(value);
        return with(odd).has("virtualbox-word-unknown");
    };
    CHECK(unknown(&MachineText::firmware, "<Firmware type=\"OpenBoot\"/>"));
    CHECK(unknown(&MachineText::firmware, "<Chipset type=\"Z9\"/>"));
    CHECK(unknown(&MachineText::display, "<Display controller=\"Voodoo\"/>"));
    CHECK(unknown(&MachineText::audio, "<AudioAdapter controller=\"GUS\" enabled=\"true\"/>"));
    CHECK(unknown(&MachineText::usb, "<USB><Controllers><Controller name=\"a\" type=\"UHCI\"/></Controllers></USB>"));
    CHECK(unknown(&MachineText::more, "<TrustedPlatformModule type=\"v9\"/>"));
    CHECK(unknown(&MachineText::network, "<Network><Adapter slot=\"0\" enabled=\"true\" type=\"3c509\"/></Network>"));
    CHECK(unknown(&MachineText::network, "<Network><Adapter slot=\"0\" enabled=\"true\" MACAddress=\"x\"/></Network>"));
    CHECK(unknown(&MachineText::ports, "<UART><Port slot=\"0\" enabled=\"true\" hostMode=\"Smoke\"/></UART>"));
    CHECK(unknown(&MachineText::boot, "<Boot><Order position=\"1\" device=\"Tape\"/></Boot>"));
    CHECK(unknown(&MachineText::attributes, "version=\"1.15-linux\" uuid=\"{nonsense}\" name=\"lab\" OSType=\"Debian_64\""));
}

TEST_CASE("where vbox:Machine and the Items differ the Items count, and it is said") {
    MachineText text;
    text.cpu = "<CPU count=\"4\"/>";
    Loaded loaded = with(text);
    CHECK(loaded.has("virtualbox-machine-conflict"));
    CHECK(loaded.message("virtualbox-machine-conflict").find("'4' for hardware.cpu.count") != std::string::npos);
    CHECK(loaded.hardware().cpu.count == 2U);
    text = {};
    text.memory = "<Memory RAMSize=\"2048\"/>";
    loaded = with(text);
    CHECK(loaded.has("virtualbox-machine-conflict"));
    CHECK(loaded.hardware().memory.boot_bytes == 1024ULL << 20);
    text = {};
    text.storage = "<StorageControllers/>";
    CHECK(with(text).has("virtualbox-machine-conflict"));
    text.storage =
        R"(<StorageControllers><StorageController name="S" type="AHCI" PortCount="1"><AttachedDevice type="HardDisk" port="0" device="0"><Image uuid="{0f9d9a52-3a39-4c27-9d5a-0b0f9f6a0002}"/></AttachedDevice></StorageController></StorageControllers>)";
    CHECK(with(text).has("virtualbox-image-dangling"));
}

TEST_CASE("a balloon that takes all of the memory is not used") {
    for (const char* size : {"1024", "1025", "2000000"}) {
        MachineText text;
        text.guest = std::string("<Guest memoryBalloonSize=\"") + size + "\"/>";
        const Loaded loaded = with(text);
        CHECK(loaded.has("virtualbox-balloon-size"));
        CHECK(loaded.hardware().balloon.state == BalloonState::unspecified);
        CHECK_FALSE(loaded.hardware().memory.target_bytes);
    }
}

TEST_CASE("what VirtualBox cannot import is changed, and named") {
    Envelope wanted = small();
    Hardware& hardware = wanted.systems[0].hardware;
    wanted.systems[0].name = "Mail server";
    hardware.system_type = "vmx-13";
    hardware.memory.boot_bytes = (512ULL << 20) + 1;
    Controller sata;
    sata.info.id = "5";
    sata.type = ControllerType::sata;
    sata.model = "ich9-ahci";
    hardware.controllers.push_back(sata);
    wanted.files.push_back({"f", "d.vmdk", {}, {}, {}, {}, {}});
    VirtualDisk disk;
    disk.id = "d";
    disk.file_id = "f";
    wanted.disks.push_back(disk);
    Drive drive;
    drive.info.id = "disk:vda";
    drive.disk_id = "d";
    drive.interface = "virtio";
    hardware.drives.push_back(drive);
    OtherDevice other;
    other.info.id = "9";
    other.resource_type = 0;
    hardware.others.push_back(other);
    Nic nic;
    nic.info.id = "10";
    hardware.nics.push_back(nic);

    const Changed result = made(wanted);
    CHECK(noted(result, "virtualbox-family-kept", "system_type"));
    CHECK(noted(result, "virtualbox-memory-rounded", "memory.boot_bytes"));
    CHECK(noted(result, "virtualbox-controller-model", "controllers[].model"));
    CHECK(noted(result, "virtualbox-controller-added", "drives[].controller"));
    CHECK(noted(result, "virtualbox-device-optional", "others[].resource_type"));
    CHECK(noted(result, "virtualbox-device-optional", "others[].required"));
    CHECK(noted(result, "virtualbox-disk-defaulted", "disks[].capacity_bytes"));
    CHECK(noted(result, "virtualbox-disk-defaulted", "disks[].format"));
    CHECK(noted(result, "virtualbox-nic-attachment", "nics[].attachment"));
    CHECK_FALSE(noted(result, "virtualbox-name-id", "id"));
    CHECK(result.again.hardware().memory.boot_bytes == 513ULL << 20);
    CHECK(result.again.hardware().drives.at(0).controller == "5");
    CHECK(result.again.hardware().system_type == "virtualbox-2.2");
    CHECK(result.again.envelope.systems[0].name == "Mail server");

    const Changed bare = made(wanted, "1.0", "no");
    CHECK(noted(bare, "virtualbox-name-id", "id"));
    CHECK(bare.again.envelope.systems[0].id == "Mail server");
    CHECK(bare.bytes.find("vbox:Machine") == std::string::npos);
    CHECK_FALSE(noted(bare, "virtualbox-nic-attachment", "nics[].attachment"));
}

TEST_CASE("a capacity by property becomes its number") {
    Envelope wanted = small();
    VirtualDisk disk;
    disk.id = "d";
    disk.format = "x";
    disk.capacity_bytes = 1 << 20;
    disk.capacity_property = "size";
    wanted.disks.push_back(disk);
    const Changed result = made(wanted);
    CHECK(noted(result, "virtualbox-disk-property", "disks[].capacity_property"));
    CHECK(result.bytes.find("ovf:capacity=\"1048576\"") != std::string::npos);
}
