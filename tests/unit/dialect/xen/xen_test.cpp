#include "catch.hpp"

#include "unit/descriptor/differences.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"
#include "unit/dialect/xen/fixtures.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_xen;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_xen;

namespace {

int score(const std::string& text) {
    Diagnostics diagnostics;
    return dialect_xen.detect(*detail::XmlDocument::parse("t", text, diagnostics));
}

std::string one(const std::string& items) { return xen::envelope(xen::system("shop", "hvm-3.0-unknown", items)); }

std::string value_of(const std::vector<Parameter>& parameters, std::string_view space, std::string_view key) {
    for (const Parameter& p : parameters)
        if (p.space == space && p.key == key) return p.value;
    return "(none)";
}

std::string setting_in(const std::string& bytes, std::string_view name) {
    const auto at = bytes.find("Name=\"" + std::string(name) + "\"");
    if (at == std::string::npos) return "(none)";
    const auto begin = bytes.find("Value>", at) + 6;
    return bytes.substr(begin, bytes.find('<', begin) - begin);
}

std::size_t count(const std::string& text, std::string_view word) {
    std::size_t out = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++out;
    return out;
}

}  // namespace

TEST_CASE("XenServer's documents are told by namespace, family and Xen Orchestra's comment") {
    CHECK(score(xen::hvm_bios()) == 90);
    CHECK(score(xen::orchestra()) == 85);
    const std::string typed = replaced(full_descriptor(), "vmx-13", "xen-3.0-x86_64");
    CHECK(score(replaced(typed, " xmlns:ovfkit=\"urn:ovfkit:hardware:1\"", "")) == 70);
    CHECK(score(typed) == 0);  // one of our own, which may hold any type
    CHECK(score(full_descriptor()) == 0);
    CHECK(score("<domain/>") == 0);
    CHECK(load(dialect_xen, xen::hvm_bios()).envelope.producer == "XenCenter");
    CHECK(load(dialect_xen, xen::orchestra()).envelope.producer == "Xen Orchestra");
}

TEST_CASE("the processors' Limit is the most virtual CPUs, and 100000 is none") {
    const auto cpu = [](std::string_view count, std::string_view limit) {
        return load(dialect_xen, one(xen::cpu(count, limit) + xen::memory("64"))).hardware().cpu;
    };
    CHECK(cpu("2", "4").count == 2U);
    CHECK(cpu("2", "4").maximum == 4U);
    CHECK_FALSE(cpu("2", "100000").maximum);
    CHECK_FALSE(cpu("2", "4000000").maximum);
    CHECK_FALSE(cpu("2", "4").limit_hz);
    CHECK_FALSE(cpu("2", "4").weight);
    CHECK(load(dialect_xen, one(xen::cpu("2", "99999"))).has("ovf-number-invalid"));
}

TEST_CASE("Limit and Weight of the memory say nothing") {
    const Memory memory = load(dialect_xen, one(xen::cpu("1") + xen::memory("64"))).hardware().memory;
    CHECK(memory.boot_bytes == 64ULL << 20);
    CHECK_FALSE(memory.maximum_bytes);
    CHECK_FALSE(memory.weight);
    CHECK(load(dialect_xen, one(xen::memory("64", "256"))).hardware().memory.maximum_bytes == 256ULL << 20);
}

TEST_CASE("processor and memory Items add up, and become one when the sum changes") {
    const std::string text = xen::appliance();
    Envelope wanted = load(dialect_xen, text).envelope;
    Hardware& back = wanted.systems.at(1).hardware;
    CHECK(back.cpu.count == 3U);
    CHECK(back.cpu.maximum == 7U);
    CHECK(back.memory.boot_bytes == 384ULL << 20);
    back.cpu.count = 5;
    back.memory.boot_bytes = 640ULL << 20;
    const Changed changed = change(dialect_xen, text, wanted);
    CHECK(differences(wanted, changed.again.envelope) == "");
    CHECK(count(changed.bytes, "<rasd:ResourceType>3<") == 2);
    CHECK(count(changed.bytes, "<rasd:ResourceType>4<") == 2);
    back.cpu = {};
    back.memory = {};
    const Changed gone = change(dialect_xen, text, wanted);
    CHECK(count(gone.bytes, "<rasd:ResourceType>3<") == 1);
    CHECK(count(gone.bytes, "<rasd:ResourceType>4<") == 1);
    const std::string far = one(xen::cpu("4000", "100000", "a") + xen::cpu("4000", "100000", "b"));
    CHECK(load(dialect_xen, far).has("ovf-limit-exceeded"));
}

TEST_CASE("a drive's slot is its Connection's device") {
    const Loaded loaded = load(dialect_xen, xen::hvm_uefi());
    const auto& drives = loaded.hardware().drives;
    REQUIRE(drives.size() == 3);
    CHECK(drives[0].kind == DriveKind::disk);
    CHECK(drives[1].disk_id == "disk3");
    CHECK(drives[1].unit == 1U);
    CHECK(drives[2].kind == DriveKind::cdrom);
    CHECK(drives[2].unit == 3U);
    const std::string moved = replaced(xen::hvm_bios(), "disk1,device=0", "disk1,device=5");
    CHECK(load(dialect_xen, moved).has("ovf-xen-device"));
    CHECK(load(dialect_xen, moved).hardware().drives.at(0).unit == 5U);
    const std::string legacy = xen::appliance();
    CHECK(load(dialect_xen, legacy).envelope.systems.at(1).hardware.drives.at(0).disk_id == "disk2");
    for (const char* hostile : {"device=", "device=-1", "device=99999999999999999999", "device=1;rm", ",,,=,"}) {
        const Loaded odd = load(dialect_xen, replaced(xen::hvm_bios(), "disk1,device=0", hostile));
        CHECK(odd.hardware().drives.at(0).unit == 0U);
    }
}

TEST_CASE("a new drive gets XenServer's resource types and a slot") {
    Envelope wanted = load(dialect_xen, xen::hvm_bios()).envelope;
    Drive drive;
    drive.info.id = "disk:xvdb";
    drive.disk_id = "disk2";
    drive.unit = 2;
    wanted.systems[0].hardware.drives.push_back(drive);
    const Changed added = change(dialect_xen, xen::hvm_bios(), wanted);
    CHECK(added.bytes.find("<rasd:Connection>disk2,device=2</rasd:Connection>") != std::string::npos);
    CHECK(count(added.bytes, "<rasd:ResourceType>19<") == 2);
    CHECK(added.again.hardware().drives.at(1).unit == 2U);
}

TEST_CASE("settings that are fields of the model") {
    const Loaded bios = load(dialect_xen, xen::hvm_bios());
    CHECK(bios.hardware().boot == std::vector<std::string>{"cdrom", "disk", "network"});
    CHECK(bios.hardware().firmware == Firmware::unspecified);
    CHECK(bios.envelope.systems[0].annotation == "Sells things");
    CHECK(bios.hardware().nics.at(0).mac == "0e:11:22:33:44:55");
    const Loaded uefi = load(dialect_xen, xen::hvm_uefi());
    CHECK(uefi.hardware().firmware == Firmware::efi);
    CHECK(uefi.hardware().secure_boot == true);
    CHECK(uefi.hardware().cpu.cores == 2U);
    CHECK(uefi.hardware().cpu.sockets == 2U);
    REQUIRE(uefi.hardware().tpms.size() == 1);
    CHECK(uefi.hardware().tpms[0].option == "2.0");
    const auto& parameters = uefi.envelope.systems[0].parameters;
    CHECK(value_of(parameters, "xenovf.platform", "videoram") == "8");
    CHECK(value_of(parameters, "xenovf.platform", "secureboot") == "(none)");
    CHECK(value_of(parameters, "xenovf", "NVRAM") == "EFI-variables=AAAA=;x=1");
    CHECK(value_of(parameters, "xenovf", "HVM_boot_policy") == "(none)");
    CHECK_FALSE(uefi.has("xen-data-duplicate"));
    const Loaded pv = load(dialect_xen, xen::pv_pygrub());
    CHECK(value_of(pv.envelope.systems[0].parameters, "xenovf", "PV_bootloader") == "pygrub");
    CHECK(value_of(pv.envelope.systems[0].parameters, "xenovf", "PV-args") == "quiet console=hvc0");
    CHECK(load(dialect_xen, xen::appliance()).envelope.systems[0].hardware.boot.size() == 3);
}

TEST_CASE("an edit touches one entry of a setting") {
    Envelope wanted = load(dialect_xen, xen::hvm_uefi()).envelope;
    Hardware& hardware = wanted.systems[0].hardware;
    hardware.secure_boot = false;
    hardware.boot = {"network"};
    const Changed changed = change(dialect_xen, xen::hvm_uefi(), wanted);
    CHECK(differences(wanted, changed.again.envelope) == "");
    CHECK(setting_in(changed.bytes, "platform") == "nx=true;secureboot=false;vtpm=true;cores-per-socket=2;videoram=8;");
    CHECK(setting_in(changed.bytes, "HVM_boot_params") == "order=n;firmware=uefi");
    hardware.tpms.clear();
    hardware.firmware = Firmware::unspecified;
    hardware.boot.clear();
    const Changed less = change(dialect_xen, xen::hvm_uefi(), wanted);
    CHECK(differences(wanted, less.again.envelope) == "");
    CHECK(setting_in(less.bytes, "HVM_boot_params") == "(none)");
    CHECK(setting_in(less.bytes, "platform") == "nx=true;secureboot=false;cores-per-socket=2;videoram=8;");
    // The old form of the boot order stays as it is until it has to hold more.
    wanted = load(dialect_xen, xen::appliance()).envelope;
    wanted.systems[0].hardware.boot = {"disk"};
    CHECK(setting_in(change(dialect_xen, xen::appliance(), wanted).bytes, "HVM-boot-params") == "c");
    wanted.systems[0].hardware.firmware = Firmware::efi;
    CHECK(setting_in(change(dialect_xen, xen::appliance(), wanted).bytes, "HVM-boot-params") == "order=c;firmware=uefi");
}

TEST_CASE("hostile settings stay opaque text") {
    const std::string odd = "=;;==;a;order=zz;firmware=$(reboot);%s%n;" + std::string(300, 'k') + "=v";
    const std::string text = one(xen::cpu("1") + xen::setting("HVM_boot_params", odd) +
                                 xen::setting("platform", "secureboot=maybe;vtpm=perhaps;cores-per-socket=0;=x") +
                                 xen::setting("", "nameless") + xen::setting("NVRAM", "&lt;!DOCTYPE x&gt;"));
    const Loaded loaded = load(dialect_xen, text);
    CHECK_FALSE(loaded.diagnostics.has_errors());
    CHECK(loaded.hardware().boot.empty());
    CHECK(loaded.hardware().firmware == Firmware::unspecified);
    CHECK_FALSE(loaded.hardware().secure_boot);
    CHECK(loaded.hardware().tpms.empty());
    CHECK_FALSE(loaded.hardware().cpu.cores);
    CHECK(value_of(loaded.envelope.systems[0].parameters, "xenovf.boot", "firmware") == "$(reboot)");
    CHECK(value_of(loaded.envelope.systems[0].parameters, "xenovf", "NVRAM") == "<!DOCTYPE x>");
    CHECK_FALSE(change(dialect_xen, text, loaded.envelope).edited);
    // A parameter with a separator in it does not fit among the others, and is not lost.
    Envelope wanted = load(dialect_xen, xen::hvm_bios()).envelope;
    wanted.systems[0].parameters.push_back({"xenovf.platform", "a=b", "c;nx=false"});
    const Changed kept = change(dialect_xen, xen::hvm_bios(), wanted);
    CHECK(setting_in(kept.bytes, "platform").find("nx=false") == std::string::npos);
    CHECK(value_of(kept.again.envelope.systems[0].parameters, "xenovf.platform", "a=b") == "c;nx=false");
    std::string many;
    for (int i = 0; i < 1100; ++i) many += "k" + std::to_string(i) + "=1;";
    CHECK(load(dialect_xen, one(xen::setting("platform", many))).has("ovf-limit-exceeded"));
}

TEST_CASE("a setting that stands twice is said, but for vGPUs") {
    const Loaded twice = load(dialect_xen, one(xen::setting("platform", "a=1") + xen::setting("platform", "a=2")));
    CHECK(twice.has("xen-data-duplicate"));
    CHECK(value_of(twice.envelope.systems[0].parameters, "xenovf.platform", "a") == "1");
    CHECK(value_of(twice.envelope.systems[0].parameters, "xenovf", "platform") == "a=2");
}

TEST_CASE("encrypted disks are refused") {
    const std::string part =
        "<ovf:SecuritySection xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"><ovf:Info>x</ovf:Info><ovf:Security>"
        "<xenc:EncryptedData/></ovf:Security></ovf:SecuritySection></ovf:Envelope>";
    CHECK(load(dialect_xen, replaced(xen::hvm_bios(), "</ovf:Envelope>", part)).has("ovf-encrypted"));
}

TEST_CASE("a new VM is one that XenCenter imports as fully virtualised") {
    Envelope wanted = load(plain_dialect(), full_descriptor()).envelope;
    wanted.systems[0].hardware.boot = {"disk", "network"};
    const Changed made = create(dialect_xen, wanted);
    INFO(made.bytes);
    CHECK(made.again.hardware().system_type == "hvm-3.0-unknown");
    REQUIRE(made.notes.size() == 1);
    CHECK(made.notes[0].rule == "xen-family-kept");
    CHECK(setting_in(made.bytes, "HVM_boot_params") == "order=cn;firmware=uefi");
    CHECK(setting_in(made.bytes, "HVM_boot_policy") == "BIOS order");
    CHECK(setting_in(made.bytes, "platform") == "secureboot=true;vtpm=true;cores-per-socket=2");
    CHECK(score(made.bytes) == 90);
    wanted.systems[0].hardware.system_type = made.again.hardware().system_type;
    wanted.ovf_version = made.again.envelope.ovf_version;
    CHECK(differences(wanted, made.again.envelope) == "");
    // The importer knows MiB, and other units only where they begin with `bytes` and have a power.
    wanted.systems[0].hardware.memory.boot_bytes = (1ULL << 30) + 1024;
    CHECK(create(dialect_xen, wanted).bytes.find("<rasd:AllocationUnits>bytes * 2^10<") != std::string::npos);
    WriteOptions pv;
    pv.options["xen.type"] = "pv";
    wanted.systems[0].hardware.system_type = "vmx-13";
    CHECK(create(dialect_xen, wanted, pv).again.hardware().system_type == "xen-3.0-unknown");
}

TEST_CASE("Xen Orchestra's third IDE place is the secondary channel's first") {
    const std::string text = xen::orchestra();
    const Loaded loaded = load(dialect_xen, text);
    CHECK(loaded.has("xen-ide-unit"));
    CHECK(loaded.hardware().memory.boot_bytes == 2ULL << 30);
    const Drive& moved_drive = loaded.hardware().drives.at(1);
    CHECK(moved_drive.controller == "4");
    CHECK(moved_drive.unit == 0U);
    Envelope wanted = loaded.envelope;
    wanted.systems[0].hardware.drives[1].unit = 1;
    const Changed moved = change(dialect_xen, text, wanted);
    CHECK(moved.again.hardware().drives.at(1).controller == "4");
    CHECK(moved.again.hardware().drives.at(1).unit == 1U);
    CHECK_FALSE(moved.again.has("xen-ide-unit"));
}
