#include "support.hpp"

using namespace ovirt_test;

namespace {

Export flagged(std::string_view word, const std::string& items) {
    Export out;
    out.general = "<BalloonEnabled>" + std::string(word) + "</BalloonEnabled>";
    out.items = items;
    return out;
}

Export plain(const std::string& items) {
    Export out;
    out.general.clear();
    out.version = "4.1.0.0";
    out.items = items;
    return out;
}

Parsed read_item(const BalloonItem& item) { return parse(plain(item.text()).text()); }

}  // namespace

TEST_CASE("a balloon Item that engines would choke on is read as meant, with a warning") {
    SECTION("no Device") {
        BalloonItem item;
        item.device.clear();
        const Parsed read = read_item(item);
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.reports("ovirt-balloon-incomplete"));
    }
    SECTION("no Type") {
        BalloonItem item;
        item.type.clear();
        const Parsed read = read_item(item);
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.reports("ovirt-balloon-incomplete"));
    }
    SECTION("another ResourceType") {
        BalloonItem item;
        item.resource_type = "1";
        const Parsed read = read_item(item);
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.hardware().others.empty());
        CHECK(read.reports("ovirt-balloon-resource-type"));
    }
    SECTION("blanks around the model") {
        BalloonItem item;
        item.spec = "<SpecParams><model> virtio </model></SpecParams>";
        const Parsed read = read_item(item);
        CHECK(read.hardware().balloon.model == BalloonModel::virtio);
        CHECK(read.reports("ovirt-balloon-model-blank"));
    }
    SECTION("an unknown model") {
        BalloonItem item;
        item.spec = "<SpecParams><model>zeppelin</model></SpecParams>";
        const Parsed read = read_item(item);
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.hardware().balloon.model == BalloonModel::unspecified);
        CHECK(read.reports("ovirt-balloon-model-unknown"));
    }
    SECTION("virtio-transitional, as in a domain's XML") {
        BalloonItem item;
        item.spec = "<SpecParams><model>virtio-transitional</model></SpecParams>";
        CHECK(read_item(item).hardware().balloon.model == BalloonModel::virtio_transitional);
    }
    SECTION("an id that is no UUID") {
        for (const std::string_view id : {"", "7", "#UUID#"}) {
            BalloonItem item;
            item.id = id;
            const Parsed read = read_item(item);
            CHECK(read.reports("ovirt-balloon-id-invalid"));
            CHECK(read.hardware().balloon.info.id.size() == 36);
            CHECK(read_item(item).hardware().balloon.info.id == read.hardware().balloon.info.id);
        }
    }
    SECTION("a second BalloonEnabled") {
        const Parsed read = parse(replaced(flagged("false", BalloonItem{}.text()).text(), "<BalloonEnabled>",
                                           "<BalloonEnabled>true</BalloonEnabled><BalloonEnabled>"));
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.reports("ovirt-balloon-flag-duplicate"));
    }
    SECTION("model none against BalloonEnabled") {
        BalloonItem item;
        item.spec = "<SpecParams><model>none</model></SpecParams>";
        const Parsed read = parse(flagged("true", item.text()).text());
        CHECK(read.hardware().balloon.state == BalloonState::enabled);
        CHECK(read.reports("ovirt-balloon-none-engine-reads-true"));
    }
}

TEST_CASE("3.0 reads as disabled, even with an Item") {
    Export text = plain(BalloonItem{}.text());
    text.version = "3.0.0.0";
    const Parsed read = parse(text.text());
    CHECK(read.hardware().balloon.state == BalloonState::disabled);
    CHECK(read.reports("ovirt-balloon-version"));
}

TEST_CASE("a template's balloon reads and writes as a VM's") {
    Export text = flagged("false", BalloonItem{}.text());
    text.general += "<TemplateId>11111111-2222-4333-8444-555555555555</TemplateId>";
    const Parsed read = parse(text.text());
    CHECK(read.system().is_template);
    CHECK(read.hardware().balloon.state == BalloonState::disabled);
    const Written on = edit(text.text(), [](Envelope& e) { set_balloon(e, BalloonState::enabled); });
    CHECK(on.read.system().is_template);
    CHECK(on.read.hardware().balloon.state == BalloonState::enabled);
    const Written again = create(on.read.envelope);
    CHECK(again.read.system().is_template);
    CHECK(again.read.hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("an edit of the flag touches one word") {
    const std::string bytes = fixture("export-4.5.ovf");
    CHECK((balloon_edit(bytes, BalloonState::enabled) ==
           replaced(bytes, "<BalloonEnabled>false</", "<BalloonEnabled>true</")));
}

TEST_CASE("an added Item is a pure insertion in the engine's own form") {
    const std::string bytes = fixture("export-3.6.ovf");
    const std::string out = balloon_edit(bytes, BalloonState::enabled);
    REQUIRE(out.size() > bytes.size());
    std::size_t head = 0;
    while (out[head] == bytes[head]) ++head;
    const std::size_t added = out.size() - bytes.size();
    CHECK(out.substr(head + added) == bytes.substr(head));
    const Parsed read = parse(out);
    const std::string& id = read.hardware().balloon.info.id;
    CHECK(id.size() == 36);
    std::string flat;
    for (std::size_t i = out.find("<Item>", head - 40); i < head + added; ++i)
        if (out[i] != '\n' && out[i] != ' ') flat += out[i];
    CHECK(holds(
        flat,
        "<Item><rasd:ResourceType>0</rasd:ResourceType><rasd:InstanceId>" + id +
            "</rasd:InstanceId><Type>balloon</Type><Device>memballoon</Device><rasd:Address/><BootOrder>0</BootOrder>"
            "<IsPlugged>true</IsPlugged><IsReadOnly>true</IsReadOnly><Alias/><SpecParams><model>virtio</model></"
            "SpecParams></Item>"));
    CHECK((balloon_edit(out, BalloonState::disabled) == bytes));
}

TEST_CASE("a flag without an Item gets one, and gives it back") {
    const std::string bytes = flagged("false", "").text();
    const std::string on = balloon_edit(bytes, BalloonState::enabled);
    CHECK(holds(on, "<BalloonEnabled>true</BalloonEnabled>"));
    CHECK(count_of(on, "<Device>memballoon</Device>") == 1);
    CHECK((balloon_edit(on, BalloonState::disabled) == bytes));
}

TEST_CASE("a new descriptor's balloon goes off and on without losing its Item") {
    const Written out = create(parse(fixture("export-3.1.ovf")).envelope, target("4.5"));
    const std::string off = balloon_edit(out.bytes, BalloonState::disabled);
    CHECK(holds(off, "<Device>memballoon</Device>"));
    CHECK((balloon_edit(off, BalloonState::enabled) == out.bytes));
}

TEST_CASE("without BalloonEnabled, off and on again gives the first bytes: id, address and alias stay") {
    const std::string address = "<rasd:Address>{type=pci, slot=0x08, bus=0x00, domain=0x0000, function=0x0}</rasd:Address>";
    for (const std::string version : {"3.1.0.0", "3.6.0.0", "4.1.0.0", "4.4.0.0"}) {
        INFO(version);
        BalloonItem item;
        item.address = address;
        Export text = plain(item.text());
        text.version = version;
        const std::string bytes = text.text();
        const Written off = edit(bytes, [](Envelope& e) { set_balloon(e, BalloonState::disabled); });
        CHECK(off.notes.empty());
        CHECK(off.read.found.all().empty());
        // An engine before 4.4.6 looks for ResourceType 0, a later one at the flag.
        CHECK(holds(off.bytes, "<BalloonEnabled>false</BalloonEnabled>"));
        CHECK(holds(off.bytes, "<rasd:ResourceType>1</rasd:ResourceType><rasd:InstanceId>" + std::string(balloon_id)));
        const MemoryBalloon& balloon = off.read.hardware().balloon;
        CHECK(balloon.state == BalloonState::disabled);
        CHECK_FALSE(balloon.device_kept);
        CHECK(balloon.info.id == balloon_id);
        CHECK(balloon.info.address == "bus=0x00,domain=0x0000,function=0x0,slot=0x08,type=pci");
        CHECK((balloon_edit(off.bytes, BalloonState::enabled) == bytes));
        // A balloon of which nothing is said but that it is off has no device to come back to.
        const Written gone = edit(bytes, [](Envelope& e) {
            e.systems[0].hardware.balloon = {};
            set_balloon(e, BalloonState::disabled);
        });
        CHECK_FALSE(holds(gone.bytes, "memballoon"));
    }
}

TEST_CASE("real exports without BalloonEnabled give their bytes back") {
    for (const std::string_view name : {"export-3.1.ovf", "export-4.3.ovf", "hybrid-v2v.ovf"}) {
        INFO(name);
        const std::string bytes = fixture(name);
        const std::string off = balloon_edit(bytes, BalloonState::disabled);
        CHECK(parse(off).hardware().balloon.state == BalloonState::disabled);
        CHECK((balloon_edit(off, BalloonState::enabled) == bytes));
    }
}

TEST_CASE("a device for statistics stays only where the version has it") {
    const auto keep = [](Envelope& e) {
        set_balloon(e, BalloonState::disabled);
        e.systems[0].hardware.balloon.device_kept = true;
    };
    Export text = plain(BalloonItem{}.text());
    const Written old = edit(text.text(), keep);
    CHECK_FALSE(old.read.hardware().balloon.device_kept);
    CHECK(old.notes_rule("ovirt-balloon-device-dropped"));
    text.version = "4.4.0.0";
    const Written modern = edit(text.text(), keep);
    CHECK(modern.read.hardware().balloon.device_kept);
    CHECK(holds(modern.bytes, "<BalloonEnabled>false</BalloonEnabled>"));
    CHECK(holds(modern.bytes, "<rasd:ResourceType>0</rasd:ResourceType>"));
    // And comes out of hiding.
    const Written hidden = edit(text.text(), [](Envelope& e) { set_balloon(e, BalloonState::disabled); });
    CHECK(edit(hidden.bytes, keep).read.hardware().balloon.device_kept);
}

TEST_CASE("the device that is kept can be taken out, and noted when it cannot stay") {
    const std::string bytes = fixture("export-4.5.ovf");
    const Written gone = edit(bytes, [](Envelope& e) { e.systems[0].hardware.balloon.device_kept = false; });
    CHECK_FALSE(holds(gone.bytes, "memballoon"));
    CHECK(gone.read.hardware().balloon.state == BalloonState::disabled);
    const Written kept =
        edit(balloon_edit(bytes, BalloonState::enabled), [](Envelope& e) { set_balloon(e, BalloonState::disabled); });
    CHECK(kept.read.hardware().balloon.device_kept);
    CHECK(kept.notes_rule("ovirt-balloon-device-kept"));
    const Written back =
        edit(flagged("false", "").text(), [](Envelope& e) { e.systems[0].hardware.balloon.device_kept = true; });
    CHECK(back.read.hardware().balloon.device_kept);
}

TEST_CASE("nothing said about the balloon") {
    Envelope envelope = parse(fixture("export-4.5.ovf")).envelope;
    envelope.systems[0].hardware.balloon = {};
    WriteOptions options = target("4.5");
    const Written enabled = create(envelope, options);
    CHECK(enabled.read.hardware().balloon.state == BalloonState::enabled);
    REQUIRE(enabled.notes_rule("balloon-state-defaulted"));
    for (const auto& note : enabled.notes)
        if (note.rule == "balloon-state-defaulted") CHECK(note.fate == Fate::defaulted);
    options.balloon_default = BalloonState::disabled;
    CHECK(create(envelope, options).read.hardware().balloon.state == BalloonState::disabled);
    options.balloon = BalloonState::enabled;  // for this run only
    CHECK(create(envelope, options).read.hardware().balloon.state == BalloonState::enabled);
    // oVirt cannot leave it open, in a document of its own neither.
    const Written own = edit(fixture("export-4.5.ovf"), [](Envelope& e) { e.systems[0].hardware.balloon = {}; });
    CHECK(own.notes_rule("balloon-state-defaulted"));
    CHECK(own.read.hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("an override for one run edits a document that is otherwise unchanged") {
    WriteOptions options;
    options.balloon = BalloonState::enabled;
    const std::string bytes = fixture("export-4.5.ovf");
    CHECK(edit(
              bytes, [](Envelope&) {}, options)
              .read.hardware()
              .balloon.state == BalloonState::enabled);
    options.balloon = BalloonState::disabled;
    CHECK((edit(
               bytes, [](Envelope&) {}, options)
               .bytes == bytes));
}

TEST_CASE("attributes that oVirt has no place for are named") {
    const Written out = edit(fixture("export-4.5.ovf"), [](Envelope& e) {
        MemoryBalloon& balloon = e.systems[0].hardware.balloon;
        balloon.autodeflate = true;
        balloon.free_page_reporting = false;
        balloon.stats_period_seconds = 7;
        balloon.model = BalloonModel::virtio_non_transitional;
    });
    for (const std::string_view field :
         {"balloon.autodeflate", "balloon.free_page_reporting", "balloon.stats_period_seconds", "balloon.model"})
        CHECK(out.notes_field(field));
    CHECK(out.notes_rule("ovirt-balloon-attribute"));
    CHECK((out.bytes == fixture("export-4.5.ovf")));
}

TEST_CASE("every version and flavour holds what it can of every state") {
    for (const std::string_view version :
         {"3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.0", "4.1", "4.2", "4.3", "4.4", "4.5"})
        for (const std::string_view flavour : {"export", "ova"})
            for (const BalloonState state : {BalloonState::disabled, BalloonState::enabled}) {
                const bool old = version < "4.2";
                if (flavour == "ova" && old) continue;
                INFO(version << " " << flavour << " " << to_string(state));
                Envelope envelope = parse(fixture("export-4.5.ovf")).envelope;
                set_balloon(envelope, state);
                envelope.systems[0].hardware.balloon.device_kept = false;
                const Written out = create(envelope, target(version, flavour));
                const bool flag = version >= "4.4";
                CHECK(holds(out.bytes, "<BalloonEnabled>") == flag);
                const bool item = version != "3.0" && (flag || state == BalloonState::enabled);
                CHECK(count_of(out.bytes, "<Device>memballoon</Device>") == (item ? 1U : 0U));
                CHECK(count_of(out.bytes, "<model>virtio</model>") == (item ? 1U : 0U));
                if (version == "3.0") {
                    CHECK(out.read.hardware().balloon.state == BalloonState::disabled);
                    CHECK(out.notes_rule("ovirt-balloon-version") == (state == BalloonState::enabled));
                } else {
                    CHECK(out.read.hardware().balloon.state == state);
                }
            }
}
