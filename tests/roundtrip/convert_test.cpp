#include "catch.hpp"
#include "systems.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

/// A descriptor of the dialect, as text.
std::string descriptor(const std::string& dialect, BalloonState state) {
    Envelope envelope = machine();
    envelope.systems.front().hardware.balloon.state = state;
    return to(envelope, dialect).files.front().bytes;
}

Source parsed(const std::string& bytes, Diagnostics& diagnostics, const std::string& companion = {}) {
    ReadOptions options;
    options.unmapped = true;
    return Source::parse("in", bytes, options, diagnostics, companion);
}

}  // namespace

TEST_CASE("a descriptor translated to its own dialect keeps its bytes") {
    for (const Format& format : formats()) {
        if (!format.is_dialect || !format.can_write) continue;
        INFO(format.id);
        const std::string bytes = descriptor(std::string(format.id), BalloonState::enabled);
        Diagnostics diagnostics;
        const Source source = parsed(bytes, diagnostics);
        CHECK(source.format() == format.id);
        CHECK(translate(source, "ovf", {}, diagnostics).front().files.front().bytes == bytes);
        CHECK_FALSE(diagnostics.has_errors());
    }
}

TEST_CASE("with the carried descriptor, platform and back gives the first bytes") {
    for (const Format& dialect : formats()) {
        if (!dialect.is_dialect || !dialect.can_write) continue;
        for (const std::string platform : {"libvirt", "ganeti"}) {
            for (const BalloonState state : {BalloonState::disabled, BalloonState::enabled}) {
                INFO(dialect.id << " -> " << platform << " " << to_string(state));
                const std::string bytes = descriptor(std::string(dialect.id), state);
                Diagnostics diagnostics;
                const auto text = translate(parsed(bytes, diagnostics), platform, {}, diagnostics).front();
                const std::string companion = text.files.size() > 1 ? text.files[1].bytes : std::string{};
                const Source back = parsed(text.files.front().bytes, diagnostics, companion);
                REQUIRE_FALSE(back.carried().empty());
                CHECK(translate(back, "ovf", {}, diagnostics).front().files.front().bytes == bytes);
            }
        }
    }
}

TEST_CASE("an override for one run comes back as what the source said") {
    const std::string bytes = descriptor("dmtf", BalloonState::enabled);
    Diagnostics diagnostics;
    WriteOptions options;
    options.balloon = BalloonState::disabled;
    const auto text = translate(parsed(bytes, diagnostics), "libvirt", options, diagnostics).front();
    CHECK(text.files.front().bytes.find("<memballoon model='none'") != std::string::npos);
    const Source back = parsed(text.files.front().bytes, diagnostics);
    CHECK(back.envelope().systems.front().hardware.balloon.state == BalloonState::disabled);
    CHECK(translate(back, "ovf", {}, diagnostics).front().files.front().bytes == bytes);
}

TEST_CASE("an edit made in the platform text appears as that edit and no other") {
    const std::string bytes = descriptor("dmtf", BalloonState::enabled);
    Diagnostics diagnostics;
    auto text = translate(parsed(bytes, diagnostics), "libvirt", {}, diagnostics).front().files.front().bytes;
    const auto at = text.find("1048576</memory>");
    REQUIRE(at != std::string::npos);
    text.replace(at, 7, "2097152");
    const Source back = parsed(text, diagnostics);
    const std::string again = translate(back, "ovf", {}, diagnostics).front().files.front().bytes;
    CHECK(again != bytes);
    CHECK(again.size() == bytes.size());  // 1024 became 2048
    const Envelope edited = from("dmtf", again);
    CHECK(edited.systems.front().hardware.memory.boot_bytes == (2ULL << 30));
    CHECK(edited.systems.front().hardware.balloon.state == BalloonState::enabled);
}

TEST_CASE("unknown names are usage errors with the nearest word") {
    Diagnostics diagnostics;
    try {
        translate(Source::of(machine()), "libvrit", {}, diagnostics);
        FAIL("accepted");
    } catch (const UsageError& error) {
        CHECK(std::string(error.what()).find("'libvirt'") != std::string::npos);
    }
    CHECK_THROWS_AS(check_options({{"libvirt.tipe", "kvm"}}), UsageError);
    CHECK_THROWS_AS(check_options({{"libvirt.type", "kwm"}}), UsageError);
    CHECK_NOTHROW(check_options({{"libvirt.type", "qemu"}}));
    WriteOptions options;
    options.vm = "wbe";
    CHECK_THROWS_AS(translate(Source::of(machine()), "libvirt", options, diagnostics), UsageError);
}

TEST_CASE("several systems give several texts, or the one asked for") {
    Envelope envelope = machine();
    envelope.systems.push_back(envelope.systems.front());
    envelope.systems.back().id = envelope.systems.back().name = "db";
    envelope.is_collection = true;
    Diagnostics diagnostics;
    CHECK(translate(Source::of(envelope), "libvirt", {}, diagnostics).size() == 2);
    WriteOptions options;
    options.vm = "db";
    const auto one = translate(Source::of(envelope), "libvirt", options, diagnostics);
    REQUIRE(one.size() == 1);
    CHECK(one.front().vm == "db");
}

TEST_CASE("an input of no known format is refused and says so") {
    Diagnostics diagnostics;
    try {
        Source::parse("x", "<html/>", {}, diagnostics);
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.diagnostic().rule == "input-format-unknown");
        CHECK(error.diagnostic().failure == Failure::malformed);
    }
}
