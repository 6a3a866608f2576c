#include <iostream>

#include "flat.hpp"

using namespace ovirt_test;

namespace {

std::vector<std::filesystem::path> all_files() {
    std::vector<std::filesystem::path> out = ovf_files(fixture_folder());
    for (const auto& path : shared_files()) out.push_back(path);
    return out;
}

/// The change, undone by hand in the model, gives the first bytes again.
void check_balloon_cycle(const std::filesystem::path& path) {
    const std::string bytes = slurp(path);
    const BalloonState state = parse(bytes).hardware().balloon.state;
    const BalloonState other = state == BalloonState::enabled ? BalloonState::disabled : BalloonState::enabled;
    const Written there = edit(bytes, [&](Envelope& e) { set_balloon(e, other); });
    INFO(path.filename());
    if (there.notes_rule("ovirt-balloon-version")) {
        CHECK((there.bytes == bytes));
        return;
    }
    CHECK(there.read.hardware().balloon.state == other);
    const Written back = edit(there.bytes, [&](Envelope& e) { set_balloon(e, state); });
    CHECK(back.read.hardware().balloon.state == state);
}

}  // namespace

TEST_CASE("the folder of fixtures and the shared descriptors are there") {
    CHECK(ovf_files(fixture_folder()).size() == 9);
    if (shared_files().empty()) std::cerr << "SKIPPED: no shared oVirt descriptors (OVFKIT_SHARED)\n";
}

TEST_CASE("every oVirt descriptor is detected and read without an error") {
    for (const auto& path : all_files()) {
        INFO(path.filename());
        const Parsed read = parse(slurp(path));
        CHECK(detail::dialect_ovirt.detect(*read.xml) >= 90);
        if (path.string().find("test-o-ovirt") == std::string::npos)
            CHECK_FALSE(read.found.has_errors());  // it has #SIZE# for a number
        CHECK(read.envelope.systems.size() == 1);
        CHECK(read.hardware().cpu.count.has_value());
        CHECK(read.hardware().memory.boot_bytes.has_value());
        CHECK(read.hardware().balloon.state != BalloonState::unspecified);
    }
}

TEST_CASE("update with what was read makes no edit") {
    for (const auto& path : all_files()) {
        INFO(path.filename());
        const std::string bytes = slurp(path);
        Parsed read = parse(bytes);
        const Written out = apply(*read.xml, read.envelope, read.envelope, {});
        CHECK_FALSE(read.xml->edited());
        CHECK((out.bytes == bytes));
        CHECK(out.notes.empty());
        CHECK(out.read.envelope == read.envelope);
    }
}

TEST_CASE("a field that changes comes out changed, or a note names it") {
    for (const auto& path : all_files()) {
        const std::string bytes = slurp(path);
        std::size_t changed = 0;
        for (std::size_t turn = 0;; ++turn) {
            Parsed before = parse(bytes);
            Envelope wanted = before.envelope;
            Mutator mutator{turn, 0, {}};
            mutate(wanted, "", mutator);
            if (mutator.key.empty()) break;
            if (wanted == before.envelope) continue;
            ++changed;
            const Written out = apply(*before.xml, before.envelope, wanted, {});
            const std::vector<std::string> lost = unexplained(wanted, out);
            INFO(path.filename() << " field " << mutator.key << ": " << (lost.empty() ? "" : lost.front()));
            CHECK(lost.empty());
            // No note for what came out right, and no edit for nothing.
            if (!out.notes_field(mutator.key) && !mutator.key.ends_with("info.id")) CHECK((out.bytes != bytes));
        }
        CHECK(changed > 100);
    }
}

TEST_CASE("the balloon goes there and back in every descriptor") {
    for (const auto& path : all_files()) check_balloon_cycle(path);
}

TEST_CASE("set and undone gives the first bytes") {
    for (const auto& path : all_files()) {
        const std::string bytes = slurp(path);
        const Parsed read = parse(bytes);
        const MemoryBalloon& balloon = read.hardware().balloon;
        const bool flag = holds(bytes, "<BalloonEnabled>");
        // A document without BalloonEnabled says disabled by having no Item: taking the Item out loses its id and
        // address.
        if (!flag && (balloon.state == BalloonState::enabled || balloon.device_kept)) continue;
        INFO(path.filename());
        const BalloonState other =
            balloon.state == BalloonState::enabled ? BalloonState::disabled : BalloonState::enabled;
        CHECK((balloon_edit(balloon_edit(bytes, other), balloon.state) == bytes));
    }
}
