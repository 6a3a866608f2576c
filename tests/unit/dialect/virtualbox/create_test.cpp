// New descriptors: what VirtualBox reads of them, and what everyone else does.
#include "catch.hpp"

#include "fixtures.hpp"
#include "importable.hpp"
#include "unit/descriptor/differences.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/support.hpp"

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_virtualbox;

namespace {

WriteOptions form(const std::string& version, const std::string& machine = "yes") {
    WriteOptions options;
    options.options["virtualbox.version"] = version;
    options.options["virtualbox.machine"] = machine;
    return options;
}

bool has(const Changed& changed, std::string_view text) { return changed.bytes.find(text) != std::string::npos; }

/// `text` without vbox:Machine: what a reader that knows only OVF sees.
std::string without_machine(std::string text) {
    const auto begin = text.find("<vbox:Machine");
    const auto end = text.find("</vbox:Machine>") + 15;
    return begin == std::string::npos ? text : text.erase(begin, end - begin);
}

/// `text` with the Items of VirtualHardwareSection taken out: what VirtualBox itself goes by.
std::string without_items(std::string text) {
    for (const std::string_view element : {"Item", "StorageItem", "EthernetPortItem"}) {
        const std::string open = "<" + std::string(element), close = "</" + std::string(element) + ">";
        for (auto at = text.find(open); at != std::string::npos; at = text.find(open))
            text.erase(at, text.find(close, at) + close.size() - at);
    }
    return text;
}

Envelope machine_of(ControllerType type, const std::string& model) {
    Envelope out;
    out.files.push_back({"file1", "a.vmdk", {}, {}, {}, {}, {}});
    VirtualDisk disk;
    disk.id = "disk1";
    disk.file_id = "file1";
    disk.capacity_bytes = 1ULL << 30;
    disk.format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
    out.disks.push_back(disk);
    VirtualSystem& system = out.systems.emplace_back();
    system.id = "vm";
    system.uuid = "01234567-89ab-cdef-0123-456789abcdef";
    system.os.cim_id = 96;
    Hardware& hardware = system.hardware;
    hardware.system_type = "virtualbox-2.2";
    hardware.cpu.count = 2;
    hardware.cpu.info.id = "1";
    hardware.memory.boot_bytes = 1ULL << 30;
    hardware.memory.info.id = "2";
    Controller controller;
    controller.info.id = "3";
    controller.type = type;
    controller.model = model;
    controller.address = 0;
    hardware.controllers.push_back(controller);
    Drive drive;
    drive.info.id = "4";
    drive.disk_id = "disk1";
    drive.controller = "3";
    drive.unit = 1;
    hardware.drives.push_back(drive);
    return out;
}

}  // namespace

TEST_CASE("every controller, chipset and firmware comes out again, and VirtualBox knows its words") {
    struct Case {
        ControllerType type;
        const char *model, *item, *settings;
    };
    const Case cases[] = {{ControllerType::ide, "piix3", "<rasd:ResourceSubType>PIIX3<", "type=\"PIIX3\""},
                          {ControllerType::ide, "piix4", "<rasd:ResourceSubType>PIIX4<", "type=\"PIIX4\""},
                          {ControllerType::ide, "ich6", "<rasd:ResourceSubType>ICH6<", "type=\"ICH6\""},
                          {ControllerType::sata, "ahci", "<rasd:ResourceSubType>AHCI<", "type=\"AHCI\""},
                          {ControllerType::nvme, "nvme", "<rasd:ResourceSubType>NVMe<", "type=\"NVMe\""},
                          {ControllerType::scsi, "lsilogic", "<rasd:ResourceSubType>lsilogic<", "type=\"LsiLogic\""},
                          {ControllerType::scsi, "buslogic", "<rasd:ResourceSubType>buslogic<", "type=\"BusLogic\""},
                          {ControllerType::scsi, "lsisas1068", "<rasd:ResourceSubType>lsilogicsas<", "type=\"LsiLogicSas\""},
                          {ControllerType::scsi, "virtio-scsi", "<rasd:ResourceSubType>VirtioSCSI<", "type=\"VirtioSCSI\""}};
    for (const Case& x : cases)
        for (const std::string version : {"0.9", "1.0", "2.0"})
            for (const std::string chipset : {"pc", "q35"})
                for (const Firmware firmware : {Firmware::bios, Firmware::efi}) {
                    INFO(x.model << " " << version << " " << chipset);
                    Envelope wanted = machine_of(x.type, x.model);
                    wanted.systems[0].hardware.machine = chipset;
                    wanted.systems[0].hardware.firmware = firmware;
                    if (version == "0.9") wanted.systems[0].hardware.system_type = "vmx-6";
                    const Changed made = create(dialect_virtualbox, wanted, form(version));
                    INFO(made.bytes);
                    CHECK(made.notes.empty());
                    CHECK(refusals(made.bytes) == "");
                    CHECK(made.again.rules() == "");
                    CHECK(has(made, x.item));
                    CHECK(has(made, x.settings) == (version != "0.9"));
                    Envelope again = made.again.envelope;
                    again.ovf_version.clear();
                    for (const auto& info : {&again.systems[0].hardware.cpu.info, &again.systems[0].hardware.memory.info,
                                             &again.systems[0].hardware.controllers[0].info,
                                             &again.systems[0].hardware.drives[0].info})
                        info->name.clear(), info->caption.clear();
                    CHECK(differences(wanted, again) == "");
                    if (version != "0.9") {
                        CHECK(has(made, chipset == "pc" ? "<Chipset type=\"PIIX3\"/>" : "<Chipset type=\"ICH9\"/>"));
                        CHECK(has(made, firmware == Firmware::efi ? "<Firmware type=\"EFI\"/>" : "<Firmware type=\"BIOS\"/>"));
                        CHECK(has(made, "uuid=\"{01234567-89ab-cdef-0123-456789abcdef}\""));
                    }
                }
}

TEST_CASE("the two IDE channels are two Items and one controller of the settings") {
    Envelope wanted = machine_of(ControllerType::ide, "piix4");
    Hardware& hardware = wanted.systems[0].hardware;
    hardware.controllers.push_back(hardware.controllers[0]);
    hardware.controllers[1].info.id = "5";
    hardware.controllers[1].address = 1;
    Drive cd;
    cd.info.id = "6";
    cd.kind = DriveKind::cdrom;
    cd.controller = "5";
    cd.unit = 0;
    hardware.drives.push_back(cd);
    Drive floppy;
    floppy.info.id = "7";
    floppy.kind = DriveKind::floppy;
    floppy.unit = 0;
    hardware.drives.push_back(floppy);
    const Changed made = create(dialect_virtualbox, wanted, form("1.0"));
    INFO(made.bytes);
    CHECK(refusals(made.bytes) == "");
    CHECK(has(made, "<StorageController name=\"IDE\" type=\"PIIX4\" PortCount=\"2\" Bootable=\"true\">"));
    CHECK(has(made, "<AttachedDevice type=\"HardDisk\" port=\"0\" device=\"1\">"));
    CHECK(has(made, "<AttachedDevice type=\"DVD\" port=\"1\" device=\"0\"/>"));
    CHECK(has(made, "<AttachedDevice type=\"Floppy\" port=\"0\" device=\"0\"/>"));
    CHECK(made.again.hardware().controllers.size() == 2);
}

TEST_CASE("the balloon survives in every state, with and without vbox:Machine, and for readers of the Items alone") {
    for (const std::string version : {"0.9", "1.0", "2.0"})
        for (const std::string machine : {"yes", "no"})
            for (const BalloonState state : {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled})
                for (const BalloonModel model : {BalloonModel::unspecified, BalloonModel::virtio, BalloonModel::virtualbox})
                    for (const std::uint64_t target : {0ULL, 768ULL << 20, (768ULL << 20) + 1, 1ULL << 30, 2ULL << 30}) {
                        Envelope wanted = machine_of(ControllerType::sata, "ahci");
                        Hardware& hardware = wanted.systems[0].hardware;
                        hardware.balloon.state = state;
                        hardware.balloon.model = model;
                        if (target != 0) hardware.memory.target_bytes = target;
                        const Changed made = create(dialect_virtualbox, wanted, form(version, machine));
                        INFO(version << machine << to_string(state) << to_string(model) << target << made.bytes);
                        CHECK(refusals(made.bytes) == "");
                        CHECK(made.again.rules() == "");
                        const Hardware& again = made.again.hardware();
                        CHECK(again.balloon.state == state);
                        CHECK(again.balloon.model == model);
                        CHECK(again.memory.target_bytes == hardware.memory.target_bytes);
                        const bool inflated =
                            state == BalloonState::enabled && target == 768ULL << 20 && version != "0.9" && machine == "yes";
                        CHECK(has(made, "memoryBalloonSize=\"256\"") == inflated);
                        const Loaded items = load(dialect_virtualbox, without_machine(made.bytes));
                        CHECK(items.hardware().balloon.state == state);
                        CHECK(items.hardware().balloon.model == model);
                        CHECK(items.hardware().memory.target_bytes == hardware.memory.target_bytes);
                    }
}

TEST_CASE("a balloon that VirtualBox inflates is edited in its settings, and beside them") {
    MachineText machine;
    machine.guest = "<Guest memoryBalloonSize=\"256\"/>";
    const std::string text = vbox_descriptor(1, machine.text());
    Envelope wanted = load(dialect_virtualbox, text).envelope;
    CHECK(wanted.systems[0].hardware.balloon.state == BalloonState::enabled);
    CHECK(wanted.systems[0].hardware.balloon.model == BalloonModel::virtualbox);
    CHECK(wanted.systems[0].hardware.memory.target_bytes == 768ULL << 20);

    wanted.systems[0].hardware.memory.target_bytes = 512ULL << 20;
    Changed changed = change(dialect_virtualbox, text, wanted);
    std::string expected = text;
    expected.replace(expected.find("memoryBalloonSize=\"256\""), 23, "memoryBalloonSize=\"512\"");
    CHECK(changed.bytes == expected);

    wanted.systems[0].hardware.balloon = {};
    wanted.systems[0].hardware.balloon.state = BalloonState::disabled;
    wanted.systems[0].hardware.memory.target_bytes.reset();
    changed = change(dialect_virtualbox, text, wanted);
    CHECK(has(changed, "memoryBalloonSize=\"0\""));
    CHECK(has(changed, "<rasd:ResourceSubType>none</rasd:ResourceSubType>"));
    CHECK(changed.again.hardware().balloon.state == BalloonState::disabled);

    wanted.systems[0].hardware.balloon.state = BalloonState::unspecified;
    changed = change(dialect_virtualbox, changed.bytes, wanted);
    CHECK(changed.again.hardware().balloon == MemoryBalloon{});
    CHECK_FALSE(has(changed, "memballoon"));
    CHECK_FALSE(changed.again.hardware().memory.target_bytes);
}

TEST_CASE("a switched balloon is one Item more, and none when it is taken back") {
    const std::string text = vbox_descriptor(2, MachineText{}.text());
    Envelope wanted = load(dialect_virtualbox, text).envelope;
    wanted.systems[0].hardware.balloon.state = BalloonState::enabled;
    const Changed on = change(dialect_virtualbox, text, wanted);
    CHECK(has(on, "memoryBalloonSize=\"0\""));
    CHECK(has(on, "<Item ovf:required=\"false\">"));
    CHECK(refusals(on.bytes) == "");
    CHECK(change(dialect_virtualbox, on.bytes, load(dialect_virtualbox, text).envelope).bytes == text);
}

TEST_CASE("what the settings hold comes out of them alone") {
    const Loaded lab = load(dialect_virtualbox, vbox_descriptor(1, MachineText{}.text()));
    const Changed made = create(dialect_virtualbox, lab.envelope, form("1.0"));
    INFO(made.bytes);
    CHECK(refusals(made.bytes) == "");
    CHECK(made.notes.empty());
    const Loaded alone = load(dialect_virtualbox, without_items(made.bytes));
    const Hardware &a = lab.hardware(), &b = alone.hardware();
    CHECK(b.cpu.count == a.cpu.count);
    CHECK(b.memory.boot_bytes == a.memory.boot_bytes);
    CHECK(b.firmware == Firmware::efi);
    CHECK(b.machine == "q35");
    CHECK(b.boot == a.boot);
    CHECK(alone.envelope.systems[0].clock == "utc");
    CHECK(alone.envelope.systems[0].uuid == "6f1f2c57-0f0a-4d0e-8a7c-2f6d5b3e9a10");
    CHECK(alone.envelope.systems[0].parameters == lab.envelope.systems[0].parameters);
    REQUIRE(b.nics.size() == 2);
    CHECK(b.nics[1].mac == "08:00:27:a1:b2:c4");
    CHECK(b.nics[1].model == "virtio");
    CHECK(b.nics[1].attachment == "bridge");
    CHECK(b.serials.at(0).backend == "pipe");
    CHECK(b.serials.at(0).target == "/run/lab.sock");
    CHECK(b.serials.at(0).info.parameters.at(0).value == "true");
    CHECK(b.parallels.at(0).target == "/dev/parport0");
    CHECK(b.videos.at(0).model == "vmvga");
    CHECK(b.videos.at(0).vram_bytes == 16U << 20);
    CHECK(b.videos.at(0).heads == 2U);
    CHECK(b.sounds.at(0).model == "hda");
    CHECK(b.tpms.at(0).option == "2.0");
    CHECK(b.controllers.at(0).model == "ich9-ehci1");
}

TEST_CASE("storage that changes is attached anew, and what stays keeps its attributes") {
    const std::string text = vbox_descriptor(1, MachineText{}.text());
    Envelope wanted = load(dialect_virtualbox, text).envelope;
    Drive second;
    second.info.id = "12";
    second.disk_id = "disk2";
    second.controller = "5";
    second.unit = 1;
    wanted.systems[0].hardware.drives.push_back(second);
    const Changed changed = change(dialect_virtualbox, text, wanted);
    INFO(changed.bytes);
    CHECK(refusals(changed.bytes) == "");
    CHECK(changed.again.rules() == "");
    CHECK(has(changed, "PortCount=\"2\" useHostIOCache=\"false\" Bootable=\"true\""));
    CHECK(has(changed, "<AttachedDevice type=\"HardDisk\" port=\"0\" device=\"0\" nonrotational=\"true\">"));
    CHECK(has(changed, "<AttachedDevice type=\"DVD\" port=\"1\" device=\"0\" passthrough=\"false\"/>"));
    CHECK(changed.again.hardware().drives.size() == 3);
    wanted.systems[0].hardware.drives.clear();
    CHECK(refusals(change(dialect_virtualbox, changed.bytes, wanted).bytes) == "");
}

TEST_CASE("adapters are added behind, removed and put in between without mixing up the others") {
    const std::string text = vbox_descriptor(1, MachineText{}.text());
    const Envelope lab = load(dialect_virtualbox, text).envelope;
    Nic nic;
    nic.info.id = "20";
    nic.network = "NAT";
    nic.attachment = "user";
    nic.model = "pcnet";
    nic.mac = "08:00:27:00:00:99";
    for (const std::size_t at : {0U, 1U, 2U})
        for (const bool drop : {false, true}) {
            Envelope wanted = lab;
            auto& nics = wanted.systems[0].hardware.nics;
            nics.insert(nics.begin() + static_cast<std::ptrdiff_t>(at), nic);
            if (drop) nics.erase(nics.begin() + (at == 0 ? 1 : 0));
            const Changed changed = change(dialect_virtualbox, text, wanted);
            INFO(at << drop << changed.bytes);
            CHECK(refusals(changed.bytes) == "");
            CHECK(changed.again.rules() == "");
            Envelope again = changed.again.envelope;
            for (std::size_t i = 0; i < nics.size(); ++i) nics[i].info.name = again.systems[0].hardware.nics.at(i).info.name;
            CHECK(differences(wanted, again) == "");
        }
}

TEST_CASE("descriptors of other dialects become VirtualBox's, in every version") {
    for (const std::string& text : {full_descriptor(), old_descriptor(), new_descriptor()})
        for (const std::string version : {"0.9", "1.0", "2.0"}) {
            const Changed made = create(dialect_virtualbox, load(dialect_virtualbox, text).envelope, form(version));
            INFO(made.bytes);
            CHECK(refusals(made.bytes) == "");
            CHECK_FALSE(made.again.diagnostics.has_errors());
            CHECK_FALSE(change(dialect_virtualbox, made.bytes, made.again.envelope).edited);
        }
}

TEST_CASE("VirtualBox's documents are told by its namespace, its family, and in 0.9 by its captions") {
    const auto score = [](const std::string& text) {
        Diagnostics diagnostics;
        return dialect_virtualbox.detect(*detail::XmlDocument::parse("t", text, diagnostics));
    };
    CHECK(score(vbox_descriptor(1, MachineText{}.text())) == 90);
    CHECK(score(vbox_descriptor(2)) == 85);
    CHECK(score(vbox_descriptor(0)) == 75);
    CHECK(score(full_descriptor()) == 0);
    CHECK(score(old_descriptor()) == 0);
    CHECK(score("<domain/>") == 0);
    std::string theirs = vbox_descriptor(1);
    theirs.insert(theirs.find("<Envelope"), "<!--Generated by VMware ovftool 4.1.0 (build-1), UTC time: x-->");
    CHECK(score(theirs) == 0);
    std::string ganeti = vbox_descriptor(1);
    ganeti.insert(ganeti.find(" xmlns:rasd"), " xmlns:gnt=\"http://ganeti\"");
    CHECK(score(ganeti) == 0);
}
