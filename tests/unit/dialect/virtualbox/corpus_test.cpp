#include <set>

#include "fixtures.hpp"
#include "importable.hpp"
#include "unit/descriptor/corpus_law.hpp"

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_virtualbox;

namespace {

/// Only what a note names may be otherwise.
void allow(Envelope& wanted, const Changed& made) {
    const auto noted = [&](std::string_view field, std::string_view id) {
        return std::any_of(made.notes.begin(), made.notes.end(), [&](const detail::LossNote& note) {
            return note.field == field && (note.id == id || note.id.empty());
        });
    };
    const Envelope& written = made.again.envelope;
    for (std::size_t i = 0; i < written.disks.size(); ++i) {
        const VirtualDisk& now = written.disks[i];
        if (i == wanted.disks.size()) {
            CHECK(now.id.starts_with("disk-"));
            wanted.disks.push_back(now);
        }
        VirtualDisk& disk = wanted.disks[i];
        if (noted("disks[].capacity_bytes", disk.id)) disk.capacity_bytes = now.capacity_bytes;
        if (noted("disks[].capacity_property", disk.id)) disk.capacity_property = now.capacity_property;
        if (noted("disks[].format", disk.id)) disk.format = now.format;
    }
    for (std::size_t s = 0; s < wanted.systems.size(); ++s) {
        Hardware& a = wanted.systems[s].hardware;
        const Hardware& b = written.systems.at(s).hardware;
        for (const auto member : {&Memory::boot_bytes, &Memory::guaranteed_bytes, &Memory::maximum_bytes})
            if (noted("memory.boot_bytes", "")) a.memory.*member = b.memory.*member;
        for (std::size_t i = 0; i < a.controllers.size(); ++i)
            if (noted("controllers[].model", a.controllers[i].info.id)) a.controllers[i].model = b.controllers.at(i).model;
        for (std::size_t i = 0; i < a.drives.size(); ++i) {
            Drive& drive = a.drives[i];
            const Drive& now = b.drives.at(i);
            if (noted("drives[].controller", drive.info.id)) drive.controller = now.controller, drive.unit = now.unit;
            if (noted("drives[].disk_id", drive.info.id) || noted("drives[].file_id", drive.info.id))
                drive.disk_id = now.disk_id, drive.file_id = now.file_id;
        }
        std::set<std::string_view> used;
        for (const Drive& drive : a.drives) used.insert(drive.controller);
        for (std::size_t i = a.controllers.size(); i < b.controllers.size(); ++i) {
            CHECK(used.count(b.controllers[i].info.id) == 1);
            a.controllers.push_back(b.controllers[i]);
        }
        for (std::size_t i = 0; i < a.videos.size(); ++i)
            if (a.videos[i].info.id.starts_with("vbox:")) a.videos[i].info.id = b.videos.at(i).info.id;
        for (std::size_t i = 0; i < a.nics.size(); ++i)
            if (noted("nics[].attachment", a.nics[i].info.id)) a.nics[i].attachment = b.nics.at(i).attachment;
        for (std::size_t i = 0; i < a.others.size(); ++i) {
            if (noted("others[].required", a.others[i].info.id)) a.others[i].required = b.others.at(i).required;
            if (noted("others[].resource_type", a.others[i].info.id))
                a.others[i].resource_type = b.others.at(i).resource_type;
        }
    }
}

bool have_corpus() {
    if (std::filesystem::exists(shared_folder() + "/corpus")) return true;
    WARN("SKIPPED: no corpus at " << shared_folder());
    return false;
}

Loaded read_file(const std::string& name) {
    return load(dialect_virtualbox, file_bytes(shared_folder() + "/corpus/" + name));
}

}  // namespace

TEST_CASE("the laws hold for every real descriptor") { check_corpus(dialect_virtualbox, allow); }

TEST_CASE("VirtualBox would import what is made of every real descriptor") {
    if (!have_corpus()) return;
    const auto files = descriptors_in(shared_folder() + "/corpus");
    std::size_t made = 0;
    for (const auto& path : files) {
        INFO(path.string());
        try {
            const Loaded loaded = load(dialect_virtualbox, file_bytes(path));
            if (loaded.diagnostics.has_errors()) continue;
            // Without a size of the memory there is nothing to import.
            const auto& systems = loaded.envelope.systems;
            if (std::any_of(systems.begin(), systems.end(),
                            [](const VirtualSystem& s) { return !s.hardware.memory.boot_bytes; }))
                continue;
            for (const std::string version : {"0.9", "1.0", "2.0"}) {
                WriteOptions options;
                options.options["virtualbox.version"] = version;
                const Changed result = create(dialect_virtualbox, loaded.envelope, options);
                INFO(version << "\n" << result.bytes);
                CHECK(refusals(result.bytes) == "");
                ++made;
            }
        } catch (const InputError&) {
        }
    }
    CHECK(made > 300);
}

TEST_CASE("a 1.0 export and the 0.9 one of the same VM give the same model") {
    if (!have_corpus()) return;
    std::size_t pairs = 0;
    for (int n = 1; n <= 11; ++n) {
        const std::string stem = "virtualbox/vmware+govmomi+vbox" + std::to_string(n);
        if (!std::filesystem::exists(shared_folder() + "/corpus/" + stem + ".ovf") ||
            !std::filesystem::exists(shared_folder() + "/corpus/" + stem + "_0.9.ovf"))
            continue;
        INFO(stem);
        const Loaded now = read_file(stem + ".ovf"), old = read_file(stem + "_0.9.ovf");
        CHECK(dialect_virtualbox.detect(*now.document) == 85);
        CHECK(dialect_virtualbox.detect(*old.document) == 75);
        Envelope twin = old.envelope;
        CHECK(twin.ovf_version == "0.9");
        twin.ovf_version = now.envelope.ovf_version;
        twin.systems.at(0).hardware.system_type = now.hardware().system_type;  // its family says the version
        // 0.9 has no ElementName: there its text is the Caption alone.
        std::string all = differences(now.envelope, twin), rest;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t end = all.find("; ", at);
            const std::string one = all.substr(at, end - at);
            at = end + 2;
            if (one.find("info.name '") == std::string::npos || !one.ends_with("/ ''")) rest += one + "; ";
        }
        CHECK(rest == "");
        ++pairs;
    }
    CHECK(pairs >= 5);
}

TEST_CASE("a real 2.0 export: 0 MB of balloon say nothing, and 128 MB enabled") {
    if (!have_corpus()) return;
    const Loaded ubuntu = read_file("cot/ubuntu.2.0.ovf");
    CHECK(ubuntu.rules() == "");
    CHECK(ubuntu.hardware().balloon == MemoryBalloon{});
    CHECK(ubuntu.hardware().boot == std::vector<std::string>{"floppy", "cdrom", "disk"});
    CHECK(ubuntu.hardware().drives.at(0).controller == "5");
    CHECK(ubuntu.hardware().nics.at(0).mac == "08:00:27:2a:fb:4e");
    CHECK(ubuntu.hardware().nics.at(0).attachment == "user");
    CHECK(refusals(file_bytes(shared_folder() + "/corpus/cot/ubuntu.2.0.ovf")) == "");

    std::string text = file_bytes(shared_folder() + "/corpus/cot/ubuntu.2.0.ovf");
    text.replace(text.find("memoryBalloonSize=\"0\""), 21, "memoryBalloonSize=\"128\"");
    const Loaded inflated = load(dialect_virtualbox, text);
    CHECK(inflated.hardware().balloon.state == BalloonState::enabled);
    CHECK(inflated.hardware().balloon.model == BalloonModel::virtualbox);
    CHECK(inflated.hardware().memory.target_bytes == 384ULL << 20);
}

TEST_CASE("untangle: two NICs of one InstanceID on networks that are not declared") {
    if (!have_corpus()) return;
    const Loaded loaded = read_file("virtualbox/untangle+ngfw_isotools-stretch+untangle.ovf");
    CHECK(loaded.hardware().nics.size() == 2);
    CHECK(loaded.has("ovf-item-duplicate"));
    std::size_t undeclared = 0;
    for (const Diagnostic& d : loaded.diagnostics.all()) undeclared += d.rule == "ovf-network-undeclared" ? 1 : 0;
    CHECK(undeclared == 2);
    CHECK(loaded.hardware().cpu.count == 2U);
}
