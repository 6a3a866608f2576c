// The conformance cases of this dialect, 1 to 18: the balloon and the sizes of disks.
#include <regex>

#include "support.hpp"

using namespace ovirt_test;

namespace {

std::string item(const BalloonItem& balloon) { return balloon.text(); }

/// An export of 4.3: no BalloonEnabled.
Export no_flag(const std::string& items) {
    Export out;
    out.version = "4.1.0.0";
    out.general = "<ClusterCompatibilityVersion>4.3</ClusterCompatibilityVersion>";
    out.items = items;
    return out;
}

Export with_flag(std::string_view element, const std::string& items) {
    Export out;
    out.general = std::string(element);
    out.items = items;
    return out;
}

BalloonState state_of(const Export& text) { return parse(text.text()).hardware().balloon.state; }

}  // namespace

TEST_CASE("case 1: 3.0 without a balloon reads as disabled and cannot hold one") {
    const std::string bytes = fixture("export-3.0.ovf");
    const Parsed read = parse(bytes);
    CHECK(read.hardware().balloon.state == BalloonState::disabled);
    CHECK_FALSE(read.hardware().balloon.device_kept);
    const Written out = edit(bytes, [](Envelope& e) { set_balloon(e, BalloonState::enabled); });
    CHECK((out.bytes == bytes));
    CHECK(out.notes_rule("ovirt-balloon-version"));
    CHECK(create(read.envelope, target("3.0")).read.hardware().balloon.state == BalloonState::disabled);
}

TEST_CASE("case 2: 3.1 with a virtio Item without an address is enabled") {
    const Parsed read = parse(fixture("export-3.1.ovf"));
    const MemoryBalloon& balloon = read.hardware().balloon;
    CHECK(balloon.state == BalloonState::enabled);
    CHECK(balloon.model == BalloonModel::virtio);
    CHECK(balloon.info.address.empty());
    CHECK(balloon.info.alias.empty());
    const Written out = create(read.envelope, target("3.1"));
    CHECK(out.read.hardware().balloon.state == BalloonState::enabled);
    CHECK(holds(out.bytes, "<rasd:Address/>"));
    CHECK_FALSE(holds(out.bytes, "BalloonEnabled"));
}

TEST_CASE("case 3: model none reads as disabled with a warning, and is only kept where it stands") {
    BalloonItem none;
    none.spec = "<SpecParams><model>none</model></SpecParams>";
    Export text = no_flag(item(none));
    text.version = "3.6.0.0";
    text.general.clear();
    const Parsed read = parse(text.text());
    CHECK(read.hardware().balloon.state == BalloonState::disabled);
    CHECK(read.hardware().balloon.device_kept);
    CHECK(read.hardware().balloon.model == BalloonModel::unspecified);
    CHECK(read.reports("ovirt-balloon-none-engine-reads-true"));
    const Written again = create(read.envelope, target("3.6"));
    CHECK_FALSE(holds(again.bytes, "memballoon"));
    CHECK(again.notes_rule("ovirt-balloon-device-dropped"));
    CHECK((edit(text.text(), [](Envelope&) {}).bytes == text.text()));
    // Another change of the VM leaves the Item as it is.
    const Written renamed = edit(text.text(), [](Envelope& e) { e.systems[0].name = "other"; });
    CHECK(holds(renamed.bytes, "<model>none</model>"));
}

TEST_CASE("case 4: address and alias travel, whatever the order of the keys") {
    const Parsed read = parse(fixture("export-4.3.ovf"));
    const MemoryBalloon& balloon = read.hardware().balloon;
    CHECK(balloon.state == BalloonState::enabled);
    CHECK(balloon.info.address == "bus=0x00,domain=0x0000,function=0x0,slot=0x08,type=pci");
    CHECK(balloon.info.alias == "ua-" + balloon.info.id);
    const Written out = create(read.envelope, target("4.3"));
    CHECK(out.read.hardware().balloon.info.id == balloon.info.id);
    CHECK(out.read.hardware().balloon.info.alias == balloon.info.alias);
    CHECK(holds(out.bytes, "{type=pci, slot=0x08, bus=0x00, domain=0x0000, function=0x0}"));
    const std::string shuffled =
        replaced(fixture("export-4.3.ovf"), "{type=pci, slot=0x08, bus=0x00, domain=0x0000, function=0x0}",
                 "{function=0x0, domain=0x0000, bus=0x00, slot=0x08, type=pci}");
    CHECK(parse(shuffled).envelope == read.envelope);
}

TEST_CASE("case 5: 4.5 switched off with the device kept") {
    const Parsed read = parse(fixture("export-4.5.ovf"));
    const MemoryBalloon& balloon = read.hardware().balloon;
    CHECK(balloon.state == BalloonState::disabled);
    CHECK(balloon.device_kept);
    CHECK(balloon.model == BalloonModel::virtio);
    const Written modern = create(read.envelope, target("4.5"));
    CHECK(holds(modern.bytes, "<BalloonEnabled>false</BalloonEnabled>"));
    CHECK(count_of(modern.bytes, "<Device>memballoon</Device>") == 1);
    CHECK(modern.read.hardware().balloon.info.id == balloon.info.id);
    const Written old = create(read.envelope, target("4.3"));
    CHECK_FALSE(holds(old.bytes, "BalloonEnabled"));
    CHECK_FALSE(holds(old.bytes, "memballoon"));
    CHECK(old.notes_rule("ovirt-balloon-device-dropped"));
    CHECK(old.read.hardware().balloon.state == BalloonState::disabled);
}

TEST_CASE("case 6: OVA to export and back changes tags and numbers, not ids") {
    const Parsed ova = parse(fixture("ova-4.5.ovf"));
    CHECK(ova.hardware().balloon.state == BalloonState::enabled);
    const Written exported = create(ova.envelope, target("4.5", "export"));
    CHECK(exported.read.hardware().balloon.info.id == ova.hardware().balloon.info.id);
    CHECK_FALSE(holds(exported.bytes, "rasd:InstanceID"));
    CHECK(holds(exported.bytes, "<rasd:ResourceType>20</rasd:ResourceType>"));
    CHECK(holds(exported.bytes, "<rasd:ResourceType>26</rasd:ResourceType>"));
    const Written back = create(exported.read.envelope, target("4.5", "ova"));
    CHECK_FALSE(holds(back.bytes, "rasd:InstanceId>"));
    CHECK(holds(back.bytes, "<rasd:ResourceType>32768</rasd:ResourceType>"));
    CHECK(holds(back.bytes, "<rasd:ResourceType>24</rasd:ResourceType>"));
    CHECK(back.read.hardware() == ova.hardware());
    CHECK(back.read.envelope.disks.at(0).id == ova.envelope.disks.at(0).id);
    CHECK(back.read.system().uuid == ova.system().uuid);
}

TEST_CASE("case 7: BalloonEnabled without an Item") {
    const std::string bytes = with_flag("<BalloonEnabled>true</BalloonEnabled>", "").text();
    const Parsed read = parse(bytes);
    CHECK(read.hardware().balloon.state == BalloonState::enabled);
    CHECK(read.reports("ovirt-balloon-device-missing"));
    const Written out = create(read.envelope);
    CHECK(count_of(out.bytes, "<Device>memballoon</Device>") == 1);
    CHECK(holds(out.bytes, "<model>virtio</model>"));
}

TEST_CASE("case 8: an empty BalloonEnabled counts as absent") {
    CHECK(state_of(with_flag("<BalloonEnabled/>", item({}))) == BalloonState::enabled);
    CHECK(state_of(with_flag("<BalloonEnabled></BalloonEnabled>", item({}))) == BalloonState::enabled);
    CHECK(state_of(with_flag("<BalloonEnabled/>", "")) == BalloonState::disabled);
    // Back: the word is written where the empty element stood.
    const std::string off = balloon_edit(with_flag("<BalloonEnabled/>", item({})).text(), BalloonState::disabled);
    CHECK(holds(off, "<BalloonEnabled>false</BalloonEnabled>"));
    CHECK(parse(off).hardware().balloon.state == BalloonState::disabled);
    CHECK(parse(off).hardware().balloon.info.id == balloon_id);
    CHECK(parse(balloon_edit(off, BalloonState::enabled)).hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("case 9: BalloonEnabled is true for the word true only") {
    for (const std::string_view word : {"True", "TRUE", "true"}) {
        const Parsed read =
            parse(with_flag("<BalloonEnabled>" + std::string(word) + "</BalloonEnabled>", item({})).text());
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK_FALSE(read.reports("ovirt-balloon-flag-invalid"));
    }
    for (const std::string_view word : {"1", "yes", " true ", "on"}) {
        INFO(word);
        const Parsed read =
            parse(with_flag("<BalloonEnabled>" + std::string(word) + "</BalloonEnabled>", item({})).text());
        CHECK(read.hardware().balloon.state == BalloonState::disabled);
        CHECK(read.reports("ovirt-balloon-flag-invalid"));
        // What the engine reads as false is never written: an edit makes it a word, a new descriptor has one.
        const std::string bytes =
            with_flag("<BalloonEnabled>" + std::string(word) + "</BalloonEnabled>", item({})).text();
        CHECK(holds(balloon_edit(bytes, BalloonState::enabled), "<BalloonEnabled>true</BalloonEnabled>"));
        CHECK(holds(create(read.envelope).bytes, "<BalloonEnabled>false</BalloonEnabled>"));
    }
}

TEST_CASE("case 10: an Item without SpecParams is virtio, and is written with a model") {
    for (const std::string_view spec :
         {"", "<SpecParams/>", "<SpecParams><model/></SpecParams>", "<SpecParams><other>1</other></SpecParams>"}) {
        INFO(spec);
        BalloonItem balloon;
        balloon.spec = spec;
        const Parsed read = parse(no_flag(item(balloon)).text());
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.hardware().balloon.model == BalloonModel::virtio);
        CHECK(read.reports("ovirt-balloon-model-missing"));
        CHECK(holds(create(read.envelope, target("4.3")).bytes, "<model>virtio</model>"));
        const std::string off = with_flag("<BalloonEnabled>false</BalloonEnabled>", item(balloon)).text();
        CHECK(holds(balloon_edit(off, BalloonState::enabled), "<model>virtio</model>"));
    }
}

TEST_CASE("case 11: two balloon Items give one device") {
    BalloonItem second;
    second.id = "c0a80001-0000-4000-8000-00000000ba12";
    const std::string bytes = no_flag(item({}) + item(second)).text();
    const Parsed read = parse(bytes);
    CHECK(read.hardware().balloon.info.id == balloon_id);
    CHECK(read.reports("ovirt-balloon-duplicate"));
    CHECK(read.hardware().others.empty());
    CHECK(count_of(create(read.envelope).bytes, "<Device>memballoon</Device>") == 1);
    // Switching off hides both, or one would switch it on again.
    const Written off = edit(bytes, [](Envelope& e) { set_balloon(e, BalloonState::disabled); });
    CHECK(count_of(off.bytes, "<rasd:ResourceType>0</rasd:ResourceType>") == 0);
    CHECK(count_of(off.bytes, "<rasd:ResourceType>1</rasd:ResourceType>") == 2);
    CHECK((balloon_edit(off.bytes, BalloonState::enabled) == bytes));
    CHECK(off.read.hardware().balloon.state == BalloonState::disabled);

    SECTION("the first that runs") {
        BalloonItem none;
        none.spec = "<SpecParams><model>none</model></SpecParams>";
        CHECK(parse(no_flag(item(none) + item(second)).text()).hardware().balloon.info.id == second.id);
    }
    SECTION("of the same id the last") {
        BalloonItem last;
        last.address = "<rasd:Address>{type=pci, slot=0x09}</rasd:Address>";
        CHECK(parse(no_flag(item({}) + item(last)).text()).hardware().balloon.info.address == "slot=0x09,type=pci");
    }
}

TEST_CASE("case 12: the engine's words in other cases") {
    BalloonItem upper;
    upper.type = "<Type>Balloon</Type>";
    const Parsed type = parse(no_flag(item(upper)).text());
    CHECK(type.hardware().balloon.state == BalloonState::enabled);
    CHECK_FALSE(type.reports("ovirt-balloon-name"));
    for (const std::string_view word : {"MEMBALLOON", "MemBalloon", "balloon"}) {
        BalloonItem device;
        device.device = "<Device>" + std::string(word) + "</Device>";
        const Parsed read = parse(no_flag(item(device)).text());
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.reports("ovirt-balloon-name"));
        const Written out = create(read.envelope, target("4.3"));
        CHECK(holds(out.bytes, "<Type>balloon</Type>"));
        CHECK(holds(out.bytes, "<Device>memballoon</Device>"));
        CHECK_FALSE(out.read.reports("ovirt-balloon-name"));
    }
}

TEST_CASE("case 13: an unplugged Item without BalloonEnabled is disabled") {
    BalloonItem unplugged;
    unplugged.plugged = "<IsPlugged>false</IsPlugged>";
    const std::string bytes = no_flag(item(unplugged)).text();
    const Parsed read = parse(bytes);
    CHECK(read.hardware().balloon.state == BalloonState::disabled);
    CHECK(read.reports("ovirt-balloon-unplugged"));
    const Written on = edit(bytes, [](Envelope& e) { set_balloon(e, BalloonState::enabled); });
    CHECK(on.read.hardware().balloon.state == BalloonState::enabled);
    CHECK(holds(on.bytes, "<IsPlugged>true</IsPlugged>"));
    CHECK(state_of(with_flag("<BalloonEnabled>true</BalloonEnabled>", item(unplugged))) == BalloonState::enabled);
}

TEST_CASE("case 14: addresses without braces and with blanks") {
    for (const std::string_view text :
         {"slot=0x06,type=pci", "  { slot = 0x06 ,  type = pci }  ", "{type=pci, slot=0x06}"}) {
        BalloonItem balloon;
        balloon.address = "<rasd:Address>" + std::string(text) + "</rasd:Address>";
        const Parsed read = parse(no_flag(item(balloon)).text());
        CHECK(read.hardware().balloon.info.address == "slot=0x06,type=pci");
        // Back in the engine's own form.
        CHECK(holds(create(read.envelope, target("4.3")).bytes, "<rasd:Address>{type=pci, slot=0x06}</rasd:Address>"));
    }
    for (const std::string_view text : {"", "{}", "null"}) {
        BalloonItem balloon;
        balloon.address = "<rasd:Address>" + std::string(text) + "</rasd:Address>";
        const Parsed read = parse(no_flag(item(balloon)).text());
        CHECK(read.hardware().balloon.info.address.empty());
        CHECK_FALSE(read.reports("ovirt-address-invalid"));
    }
    BalloonItem broken;
    broken.address = "<rasd:Address>0000:00:06.0</rasd:Address>";
    CHECK(parse(no_flag(item(broken)).text()).reports("ovirt-address-invalid"));
}

TEST_CASE("case 15: from 4.2 on a Disk has whole GiB and its File the used size") {
    const Export text = with_disk(
        no_flag(""), "ovf:size=\"11\" ovf:actual_size=\"3\" ovf:volume-format=\"COW\" ovf:disk-interface=\"VirtIO\"",
        "3221225472");
    const Parsed read = parse(text.text());
    const VirtualDisk& disk = read.envelope.disks.at(0);
    CHECK(disk.capacity_bytes == 11ULL << 30);
    CHECK(disk.capacity_inexact);
    CHECK(disk.populated_bytes == 3221225472ULL);
    CHECK(read.envelope.files.at(0).size == 3221225472ULL);
    CHECK(disk.volume_format == "cow");
    const Written out = create(read.envelope, target("4.3"));
    CHECK(holds(out.bytes, "ovf:size=\"11\""));
    CHECK(holds(out.bytes, "ovf:size=\"3221225472\""));
    CHECK(out.read.envelope.disks.at(0).capacity_bytes == disk.capacity_bytes);
}

TEST_CASE("case 16: up to 4.1 the size of the File is the disk's") {
    Export text = no_flag("");
    text.version = "3.6.0.0";
    text.general.clear();
    text.old_networks = true;
    const std::string bytes = with_disk(text, "ovf:size=\"10\" ovf:disk-interface=\"VirtIO\"", "11273240576").text();
    const Parsed read = parse(bytes);
    CHECK(read.envelope.disks.at(0).capacity_bytes == 11273240576ULL);
    CHECK_FALSE(read.envelope.disks.at(0).capacity_inexact);
    CHECK_FALSE(read.envelope.files.at(0).size.has_value());
    const Written old = create(read.envelope, target("3.6"));
    CHECK(old.read.envelope.disks.at(0).capacity_bytes == 11273240576ULL);
    // The same number after 4.2 is something else.
    const Written modern = create(read.envelope, target("4.5"));
    CHECK(modern.read.envelope.disks.at(0).capacity_bytes == 11273240576ULL);
    CHECK(modern.notes_rule("ovirt-disk-size-rounded"));
    CHECK(holds(modern.bytes, "ovf:size=\"11\""));
    const Parsed conflict =
        parse(with_disk(text, "ovf:size=\"10\" ovf:disk-interface=\"VirtIO\"", "1073741824").text());
    CHECK(conflict.reports("ovirt-disk-size-conflict"));
    CHECK(conflict.envelope.disks.at(0).capacity_bytes == 10ULL << 30);
}

TEST_CASE("case 17: virt-v2v's capacity in bytes is exact") {
    const Parsed read = parse(fixture("hybrid-v2v.ovf"));
    const VirtualDisk& disk = read.envelope.disks.at(0);
    CHECK(disk.capacity_bytes == (2ULL << 30) + (512ULL << 20));
    CHECK_FALSE(disk.capacity_inexact);
    const Parsed export_form = parse(
        with_disk(no_flag(""), "ovf:size=\"1\" ovf:capacity=\"536870912\" ovf:disk-interface=\"VirtIO\"", "0").text());
    CHECK(export_form.envelope.disks.at(0).capacity_bytes == 536870912ULL);
    // An edit keeps both numbers together.
    const Written out = edit(fixture("hybrid-v2v.ovf"), [](Envelope& e) { e.disks[0].capacity_bytes = 5ULL << 30; });
    CHECK(holds(out.bytes, "ovf:size=\"5\" ovf:capacity=\"5368709120\""));
}

TEST_CASE("case 18: units of an OVA's Disk") {
    const auto with_units = [](std::string_view capacity, std::string_view units) {
        const std::string attribute =
            units.empty() ? "" : " ovf:capacityAllocationUnits=\"" + std::string(units) + "\"";
        return replaced(fixture("ova-4.5.ovf"), "ovf:capacity=\"12\" ovf:capacityAllocationUnits=\"byte * 2^30\"",
                        "ovf:capacity=\"" + std::string(capacity) + "\"" + attribute);
    };
    const auto capacity_of = [](const std::string& text) { return parse(text).envelope.disks.at(0).capacity_bytes; };
    CHECK(capacity_of(fixture("ova-4.5.ovf")) == 12ULL << 30);
    CHECK(parse(fixture("ova-4.5.ovf")).envelope.disks.at(0).capacity_inexact);
    CHECK(capacity_of(with_units("4", "byte * 4 * 2^10")) == 16384U);
    CHECK(capacity_of(with_units("4096", "")) == 4096U);
    for (const std::string_view units : {"block", "byte + 2^10", "MegaBytes"}) {
        INFO(units);
        const Parsed read = parse(with_units("4", units));
        CHECK(read.reports("ovirt-disk-units-invalid"));
        CHECK(read.found.has_errors());
    }
    const Written out =
        edit(with_units("4", "byte * 4 * 2^10"), [](Envelope& e) { e.disks[0].capacity_bytes = 3ULL << 20; });
    CHECK(out.read.envelope.disks.at(0).capacity_bytes == 3ULL << 20);
    CHECK(holds(out.bytes, "ovf:capacity=\"3\" ovf:capacityAllocationUnits=\"byte * 2^20\""));
}
