#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "systems.hpp"
#include "where.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

struct Trip {
    std::string bytes, text;
    Diagnostics diagnostics;

    Trip() {
        Envelope envelope = machine();
        envelope.systems.front().hardware.balloon.state = BalloonState::enabled;
        bytes = to(envelope, "dmtf").files.front().bytes;
        text = translate(parsed(bytes), "libvirt", {}, diagnostics).front().files.front().bytes;
    }

    Source parsed(const std::string& input) {
        ReadOptions options;
        options.unmapped = true;
        return Source::parse("in", input, options, diagnostics);
    }

    void replace(const std::string& what, const std::string& with) {
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), with);
    }

    /// Takes out from the first `begin` to the end of the next `end`.
    void cut(const std::string& begin, const std::string& end) {
        const auto at = text.find(begin);
        REQUIRE(at != std::string::npos);
        text.erase(at, text.find(end, at) + end.size() - at);
    }

    Envelope back() { return from("dmtf", translate(parsed(text), "ovf", {}, diagnostics).front().files.front().bytes); }
};

}  // namespace

TEST_CASE("a balloon switched off in the platform text is off in the descriptor") {
    Trip trip;
    trip.replace("<memballoon model='virtio'", "<memballoon model='none'");
    CHECK(trip.back().systems.front().hardware.balloon.state == BalloonState::disabled);
}

TEST_CASE("switching an oVirt balloon off in libvirt touches the flag only, and on again gives the first bytes") {
    for (const std::string path : {"samples/ovirt-4.5-enabled.ovf", "tests/unit/dialect/ovirt/export-4.3.ovf"}) {
        INFO(path);
        std::ifstream in(source_folder() / path, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        Diagnostics diagnostics;
        const auto text_of = [&](const std::string& input, const std::string& to) {
            return translate(Source::parse("in", input, {}, diagnostics), to, {}, diagnostics).front().files.front().bytes;
        };
        const auto with_balloon = [](std::string text, const std::string& balloon) {
            const auto at = text.find("<memballoon");
            REQUIRE(at != std::string::npos);
            const auto tag = text.find('>', at);
            const auto end = text[tag - 1] == '/' ? tag + 1 : text.find("</memballoon>", at) + 13;
            return text.replace(at, end - at, balloon);
        };
        const std::string off = text_of(with_balloon(text_of(bytes, "libvirt"), "<memballoon model='none'/>"), "ovf");
        const MemoryBalloon before = from("", bytes).systems.front().hardware.balloon;
        const MemoryBalloon after = from("", off).systems.front().hardware.balloon;
        CHECK(after.state == BalloonState::disabled);
        CHECK_FALSE(before.info.alias.empty());
        CHECK(after.info == before.info);
        CHECK(after.model == before.model);
        CHECK((text_of(with_balloon(text_of(off, "libvirt"), "<memballoon model='virtio'/>"), "ovf") == bytes));
    }
}

TEST_CASE("a removed interface is gone, the rest stays") {
    Trip trip;
    trip.cut("<interface", "</interface>");
    const Envelope back = trip.back();
    CHECK(back.systems.front().hardware.nics.empty());
    CHECK(back.systems.front().hardware.drives.size() == 1);
}

TEST_CASE("an added interface gets an id of its own") {
    Trip trip;
    trip.replace("</interface>", "</interface><interface type='bridge'><mac address='52:54:00:aa:bb:cc'/><source bridge='br7'/><model type='virtio'/></interface>");
    const Envelope back = trip.back();
    REQUIRE(back.systems.front().hardware.nics.size() == 2);
    const Nic& added = back.systems.front().hardware.nics.back();
    CHECK(added.mac == "52:54:00:aa:bb:cc");
    CHECK(added.model == "virtio");
    CHECK(added.network == "br7");
    CHECK(added.info.id != back.systems.front().hardware.nics.front().info.id);
}

TEST_CASE("a changed CPU count is the only change") {
    Trip trip;
    trip.replace(">2</vcpu>", ">4</vcpu>");
    const Envelope back = trip.back();
    CHECK(back.systems.front().hardware.cpu.count == 4);
    CHECK(back.systems.front().hardware.memory == from("dmtf", trip.bytes).systems.front().hardware.memory);
}

TEST_CASE("a damaged carried descriptor is said, and the text alone is used") {
    Trip trip;
    const auto at = trip.text.find("</ovfkit:origin>");
    REQUIRE(at != std::string::npos);
    const auto digit = trip.text.find_last_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", at - 30);
    trip.text[digit] = trip.text[digit] == 'A' ? 'B' : 'A';
    const Envelope back = trip.back();
    CHECK(back.systems.front().hardware.balloon.state == BalloonState::enabled);
    const auto& found = trip.diagnostics.all();
    CHECK(std::any_of(found.begin(), found.end(), [](const Diagnostic& d) { return d.rule.find("origin") != std::string::npos; }));
}
