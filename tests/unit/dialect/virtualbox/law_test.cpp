// The two laws of a dialect over documents with and without vbox:Machine.
#include "catch.hpp"

#include "fixtures.hpp"
#include "importable.hpp"
#include "unit/descriptor/field_law.hpp"

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_virtualbox;

namespace {

Values values() {
    Values out = field_values;
    out["systems[].hardware.drives[].controller"] = "3";
    out["systems[].hardware.videos[].model"] = "vboxsvga";
    out["systems[].hardware.tpms[].option"] = "1.2";
    out["systems[].uuid"] = "11111111-2222-3333-4444-555555555555";
    return out;
}

/// Values that vbox:Machine has no word for.
Values odd_values() {
    Values out = field_values;
    out["systems[].hardware.drives[].controller"] = "3";
    out["systems[].hardware.nics[].model"] = "vmxnet3";
    out["systems[].hardware.nics[].attachment"] = "openvswitch";
    out["systems[].hardware.videos[].model"] = "qxl";
    out["systems[].hardware.sounds[].model"] = "ich9";
    out["systems[].hardware.cpu.count"] = "200";
    out["systems[].hardware.memory.target_bytes"] = "536870913";
    out["systems[].hardware.memory.boot_bytes"] = "4398046511104";
    out["systems[].hardware.videos[].heads"] = "100";
    return out;
}

/// A device that had no Item gets one, with an id and a label.
template <class Device>
void same_new_items(std::vector<Device>& wanted, const std::vector<Device>& written) {
    for (std::size_t i = 0; i < wanted.size() && i < written.size(); ++i) {
        if (!wanted[i].info.id.starts_with("vbox:") || wanted[i].info.id == written[i].info.id) continue;
        wanted[i].info.id = written[i].info.id;
        if (wanted[i].info.name.empty()) wanted[i].info.name = written[i].info.name;
        if (wanted[i].info.caption.empty()) wanted[i].info.caption = written[i].info.caption;
    }
}

void same_new_items(Envelope& wanted, const Envelope& written) {
    for (std::size_t s = 0; s < wanted.systems.size() && s < written.systems.size(); ++s) {
        Hardware& a = wanted.systems[s].hardware;
        const Hardware& b = written.systems[s].hardware;
        same_new_items(a.controllers, b.controllers);
        same_new_items(a.nics, b.nics);
        same_new_items(a.serials, b.serials);
        same_new_items(a.parallels, b.parallels);
        same_new_items(a.videos, b.videos);
        same_new_items(a.tpms, b.tpms);
        same_new_items(a.sounds, b.sounds);
    }
}

/// Ids of what only vbox:Machine has are made by the reader, and never written.
bool only_made_ids(const Envelope& have, Envelope wanted) {
    same_new_items(wanted, have);
    return wanted == have;
}

/// VirtualBox takes a hard disk from DiskSection alone.
bool by_file(const Envelope& wanted) {
    for (const Drive& drive : wanted.systems[0].hardware.drives)
        if (drive.kind == DriveKind::disk && !drive.file_id.empty()) return true;
    return false;
}

bool has_note(const Changed& changed, std::string_view rule) {
    for (const detail::LossNote& note : changed.notes)
        if (note.rule == rule) return true;
    return false;
}

void check_fields(const std::string& text, const Values& table) {
    const Loaded loaded = load(dialect_virtualbox, text);
    REQUIRE(loaded.rules() == "");
    REQUIRE(refusals(text) == "");
    const bool has_machine = text.find("vbox:Machine") != std::string::npos;
    std::size_t changed = 0;
    for (std::size_t target = 0;; ++target) {
        Envelope wanted = loaded.envelope;
        const std::string path = Mutator(table, target).run(wanted);
        if (path.empty()) break;
        if (is_left_out(path)) continue;
        if (path == "systems[].hardware.controllers[].model" && !is_scsi_model(wanted)) continue;
        if (path == "systems[].hardware.controllers[].type") continue;  // the drives on it would have to move
        if (path.find("balloon.info.") != std::string::npos && loaded.hardware().balloon == MemoryBalloon{} &&
            !path.ends_with("alias") && !path.ends_with("address") && !path.ends_with("parameters"))
            continue;
        settle(wanted, path);
        if (path.ends_with("drives[].file_id") && by_file(wanted)) continue;
        const bool over = wanted.systems[0].hardware.cpu.count > 64U ||
                          wanted.systems[0].hardware.memory.boot_bytes > 2ULL << 40;
        if (path.ends_with("info.id") && only_made_ids(loaded.envelope, wanted)) continue;
        const Changed result = change(dialect_virtualbox, text, wanted);
        INFO(path << "\n" << result.bytes);
        CHECK(result.edited);
        CHECK((result.again.rules().find("virtualbox-") != std::string::npos) == (over && has_machine));
        CHECK(has_note(result, "virtualbox-size-limit") == (over && has_machine));
        CHECK(refusals(result.bytes) == "");
        fill_labels(wanted, result.again.envelope);
        same_new_items(wanted, result.again.envelope);
        CHECK(differences(wanted, result.again.envelope) == "");
        // What was written is read, and not edited again.
        CHECK_FALSE(change(dialect_virtualbox, result.bytes, result.again.envelope).edited);
        // And back: the first values again.
        const Changed back = change(dialect_virtualbox, result.bytes, loaded.envelope);
        Envelope first = loaded.envelope;
        fill_labels(first, back.again.envelope);
        same_new_items(first, back.again.envelope);
        if (path != "systems[].id") CHECK(differences(first, back.again.envelope) == "");
        ++changed;
    }
    CHECK(changed > 50);
}

}  // namespace

TEST_CASE("a VirtualBox document read and updated with what was read is not edited") {
    for (const int major : {0, 1, 2})
        for (const bool machine : {false, true}) {
            if (major == 0 && machine) continue;
            const std::string text = vbox_descriptor(major, machine ? MachineText{}.text() : "");
            const Loaded loaded = load(dialect_virtualbox, text);
            const Changed result = change(dialect_virtualbox, text, loaded.envelope);
            CHECK_FALSE(result.edited);
            CHECK(result.bytes == text);
            CHECK(result.notes.empty());
        }
}

TEST_CASE("every field of an OVF 0.9 export can be changed and reads back") { check_fields(vbox_descriptor(0), values()); }
TEST_CASE("every field of an OVF 1.0 export can be changed and reads back") { check_fields(vbox_descriptor(1), values()); }
TEST_CASE("every field of an OVF 2.0 export can be changed and reads back") { check_fields(vbox_descriptor(2), values()); }
TEST_CASE("every field of a 1.0 export with vbox:Machine can be changed and reads back") {
    check_fields(vbox_descriptor(1, MachineText{}.text()), values());
}
TEST_CASE("every field of a 2.0 export with vbox:Machine can be changed and reads back") {
    check_fields(vbox_descriptor(2, MachineText{}.text()), values());
}
TEST_CASE("values vbox:Machine has no word for are kept beside it") {
    check_fields(vbox_descriptor(1, MachineText{}.text()), odd_values());
}
TEST_CASE("every field beside a balloon that is inflated can be changed and reads back") {
    MachineText machine;
    machine.guest = "<Guest memoryBalloonSize=\"256\"/>";
    check_fields(vbox_descriptor(1, machine.text()), values());
    machine.more = "";
    machine.usb = "<USBController enabled=\"true\" enabledEhci=\"false\"/>";
    machine.ports = machine.display = machine.boot = machine.firmware = "";
    check_fields(vbox_descriptor(2, machine.text()), values());
}
