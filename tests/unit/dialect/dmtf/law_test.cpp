#include "catch.hpp"

#include "unit/descriptor/field_law.hpp"
#include "unit/descriptor/fixtures.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_dmtf;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_dmtf;

TEST_CASE("a document read and updated with what was read is not edited") {
    for (const std::string& text : {full_descriptor(), old_descriptor(), new_descriptor()}) {
        const Loaded loaded = load(dialect_dmtf, text);
        const Changed result = change(dialect_dmtf, text, loaded.envelope);
        CHECK_FALSE(result.edited);
        CHECK(result.bytes == text);
        CHECK(result.notes.empty());
    }
}

TEST_CASE("every field of an OVF 1.1 descriptor can be changed and reads back") {
    check_every_field(dialect_dmtf, full_descriptor());
}
TEST_CASE("every field of an OVF 0.9 descriptor can be changed and reads back") {
    check_every_field(dialect_dmtf, old_descriptor());
}
TEST_CASE("every field of an OVF 2 descriptor can be changed and reads back") {
    check_every_field(dialect_dmtf, new_descriptor());
}

TEST_CASE("devices are added beside their neighbours and removed, and undoing it gives the first bytes back") {
    const std::string text = full_descriptor();
    const Loaded loaded = load(dialect_dmtf, text);
    Envelope wanted = loaded.envelope;
    Hardware& hardware = wanted.systems[0].hardware;
    Nic nic;
    nic.info.id = "nic:new";
    nic.network = "wan";
    nic.model = "virtio";
    hardware.nics.insert(hardware.nics.begin(), nic);
    Controller controller;
    controller.info.id = "controller:sata:0";
    controller.type = ControllerType::sata;
    controller.model = "ahci";
    hardware.controllers.push_back(controller);
    Drive drive;
    drive.info.id = "disk:sdb";
    drive.disk_id = "disk2";
    drive.controller = "controller:sata:0";
    drive.unit = 3;
    hardware.drives.push_back(drive);

    const Changed added = change(dialect_dmtf, text, wanted);
    const Hardware& now = added.again.hardware();
    REQUIRE(now.nics.size() == 2);
    CHECK(now.nics[0].network == "wan");
    CHECK(now.nics[0].model == "virtio");
    CHECK(now.nics[0].info.id == "21");
    REQUIRE(now.controllers.size() == 4);
    REQUIRE(now.drives.size() == 3);
    CHECK(now.drives[2].controller == now.controllers[3].info.id);
    CHECK(now.drives[2].unit == 3U);
    CHECK_FALSE(added.again.diagnostics.has_errors());
    CHECK(added.bytes.find("nic:new") == std::string::npos);
    CHECK(added.bytes.find("<rasd:InstanceID>19</rasd:InstanceID>") <
          added.bytes.find("<rasd:HostResource>ovf:/disk/disk1"));

    const Changed undone = change(dialect_dmtf, added.bytes, loaded.envelope);
    CHECK(undone.bytes == text);
}

TEST_CASE("a section that is missing is made") {
    const std::string text =
        R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <VirtualSystem ovf:id="bare">
    <Info>Nothing else</Info>
  </VirtualSystem>
</Envelope>
)";
    const Loaded loaded = load(dialect_dmtf, text);
    CHECK(loaded.has("ovf-hardware-missing"));
    Envelope wanted = load(dialect_dmtf, full_descriptor()).envelope;
    wanted.systems[0].id = "bare";
    const Changed result = change(dialect_dmtf, text, wanted);
    CHECK_FALSE(result.again.diagnostics.has_errors());
    CHECK(differences(wanted.systems[0].hardware, result.again.hardware()) == "");
    CHECK(differences(wanted, result.again.envelope) == "");
    CHECK(result.bytes.find("<References>") < result.bytes.find("<DiskSection>"));
    CHECK(result.bytes.find("<DiskSection>") < result.bytes.find("<NetworkSection>"));
    CHECK(result.bytes.find("<NetworkSection>") < result.bytes.find("<VirtualSystem "));

    Envelope empty = result.again.envelope;
    empty.disks.clear();
    empty.networks.clear();
    empty.systems[0].hardware.drives.clear();
    empty.systems[0].hardware.nics.clear();
    const Changed less = change(dialect_dmtf, result.bytes, empty);
    CHECK(less.bytes.find("DiskSection") == std::string::npos);
    CHECK(less.bytes.find("NetworkSection") == std::string::npos);
    CHECK(differences(empty, less.again.envelope) == "");
}

TEST_CASE("a VM is renamed in place, removed, and never added silently") {
    const std::string text = full_descriptor();
    Envelope wanted = load(dialect_dmtf, text).envelope;
    wanted.systems[0].id = "shop";
    const Changed renamed = change(dialect_dmtf, text, wanted);
    CHECK(renamed.again.envelope.systems[0].id == "shop");
    CHECK(renamed.again.envelope == wanted);

    wanted.systems.push_back(wanted.systems[0]);
    wanted.systems[1].id = "second";
    const Changed more = change(dialect_dmtf, text, wanted);
    REQUIRE(more.notes.size() >= 1);
    CHECK(more.notes[0].rule == "ovf-system-not-added");

    wanted.systems.clear();
    const Changed none = change(dialect_dmtf, text, wanted);
    CHECK(none.again.envelope.systems.empty());
    CHECK(none.again.has("ovf-system-missing"));
}
