// Every balloon state and attribute through every format of the registry: it comes out again, or a row names it.
#include "catch.hpp"
#include "systems.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

struct Variant {
    const char* name;
    const char* field;
    void (*set)(MemoryBalloon&);
    bool (*same)(const MemoryBalloon& a, const MemoryBalloon& b);
};

bool same_state(const MemoryBalloon& a, const MemoryBalloon& b) { return a.state == b.state; }
bool same_model(const MemoryBalloon& a, const MemoryBalloon& b) { return a.model == b.model; }

const Variant variants[] = {
    {"unspecified", "balloon.state", [](MemoryBalloon&) {}, same_state},
    {"disabled", "balloon.state", [](MemoryBalloon& b) { b.state = BalloonState::disabled; }, same_state},
    {"enabled", "balloon.state", [](MemoryBalloon& b) { b.state = BalloonState::enabled; }, same_state},
    {"virtio", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::virtio; }, same_model},
    {"virtio-transitional", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::virtio_transitional; }, same_model},
    {"virtio-non-transitional", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::virtio_non_transitional; }, same_model},
    {"xen", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::xen; }, same_model},
    {"vmware", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::vmware; }, same_model},
    {"hyperv", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::hyperv; }, same_model},
    {"virtualbox", "balloon.model", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.model = BalloonModel::virtualbox; }, same_model},
    {"autodeflate on", "balloon.autodeflate", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.autodeflate = true; },
     [](const MemoryBalloon& a, const MemoryBalloon& b) { return a.autodeflate == b.autodeflate; }},
    {"autodeflate off", "balloon.autodeflate", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.autodeflate = false; },
     [](const MemoryBalloon& a, const MemoryBalloon& b) { return a.autodeflate == b.autodeflate; }},
    {"free page reporting", "balloon.free_page_reporting", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.free_page_reporting = true; },
     [](const MemoryBalloon& a, const MemoryBalloon& b) { return a.free_page_reporting == b.free_page_reporting; }},
    {"stats period", "balloon.stats_period_seconds", [](MemoryBalloon& b) { b.state = BalloonState::enabled; b.stats_period_seconds = 10; },
     [](const MemoryBalloon& a, const MemoryBalloon& b) { return a.stats_period_seconds == b.stats_period_seconds; }},
    {"device kept", "balloon.device_kept", [](MemoryBalloon& b) { b.state = BalloonState::disabled; b.device_kept = true; b.model = BalloonModel::virtio; },
     [](const MemoryBalloon& a, const MemoryBalloon& b) { return a.device_kept == b.device_kept; }},
};

}  // namespace

TEST_CASE("every balloon state and attribute comes out of every format or stands in the report") {
    for (const Format& format : formats()) {
        if (!format.can_write) continue;
        for (const Variant& variant : variants) {
            INFO(format.id << ": " << variant.name);
            Envelope envelope = machine();
            MemoryBalloon& balloon = envelope.systems.front().hardware.balloon;
            variant.set(balloon);
            WriteOptions options;
            const Translation text = to(envelope, std::string(format.id), options);
            const bool named = has_row(text.report, variant.field);
            if (!format.can_read) {
                SUCCEED();
                continue;
            }
            const Envelope back = from(std::string(format.id), text.files.front().bytes);
            REQUIRE(back.systems.size() == 1);
            const bool kept = variant.same(balloon, back.systems.front().hardware.balloon);
            CHECK((kept || named));
        }
    }
}

TEST_CASE("an override is for one run and leaves the source alone") {
    const Envelope envelope = machine();
    for (const Format& format : formats()) {
        if (!format.can_write || !format.can_read) continue;
        for (const BalloonState state : {BalloonState::disabled, BalloonState::enabled}) {
            INFO(format.id << ": " << to_string(state));
            WriteOptions options;
            options.balloon = state;
            const Translation text = to(envelope, std::string(format.id), options);
            const Envelope back = from(std::string(format.id), text.files.front().bytes);
            CHECK((back.systems.front().hardware.balloon.state == state || has_row(text.report, "balloon.state")));
        }
    }
    CHECK(envelope == machine());
}

TEST_CASE("the memory range survives every format or is named") {
    Envelope envelope = machine();
    Memory& memory = envelope.systems.front().hardware.memory;
    memory.boot_bytes = 2048ULL << 20;
    memory.target_bytes = 1024ULL << 20;
    memory.guaranteed_bytes = 512ULL << 20;
    memory.maximum_bytes = 4096ULL << 20;
    envelope.systems.front().hardware.balloon.state = BalloonState::enabled;
    for (const Format& format : formats()) {
        if (!format.can_write || !format.can_read) continue;
        INFO(format.id);
        const Translation text = to(envelope, std::string(format.id));
        const Memory back = from(std::string(format.id), text.files.front().bytes).systems.front().hardware.memory;
        CHECK((back.boot_bytes == memory.boot_bytes || has_row(text.report, "memory.boot_bytes")));
        CHECK((back.target_bytes == memory.target_bytes || has_row(text.report, "memory.target_bytes")));
        CHECK((back.guaranteed_bytes == memory.guaranteed_bytes || has_row(text.report, "memory.guaranteed_bytes")));
        CHECK((back.maximum_bytes == memory.maximum_bytes || has_row(text.report, "memory.maximum_bytes")));
    }
}
