#pragma once

#include "catch.hpp"

#include <map>
#include <string>

#include <ovfkit/error.hpp>

#include "unit/descriptor/differences.hpp"
#include "unit/descriptor/support.hpp"

/// The laws of a dialect over every real descriptor that is there.
namespace ovfkit::test {

/// Labels and ids of a balloon Item that has just been made.
inline void same_labels(Envelope& wanted, const Envelope& written) {
    for (std::size_t i = 0; i < wanted.systems.size() && i < written.systems.size(); ++i) {
        DeviceInfo& info = wanted.systems[i].hardware.balloon.info;
        const DeviceInfo& now = written.systems[i].hardware.balloon.info;
        for (const auto member : {&DeviceInfo::id, &DeviceInfo::name, &DeviceInfo::caption, &DeviceInfo::description})
            if ((info.*member).empty()) info.*member = now.*member;
    }
}

inline bool says_no_balloon(const Envelope& envelope) {
    for (const VirtualSystem& system : envelope.systems)
        if (!(system.hardware.balloon == MemoryBalloon{})) return false;
    return true;
}

/// Bytes without the one run by which `longer` is longer than `shorter`; true when nothing else differs.
inline bool is_insertion(const std::string& shorter, const std::string& longer) {
    std::size_t head = 0;
    while (head < shorter.size() && shorter[head] == longer[head]) ++head;
    const std::size_t tail = shorter.size() - head;
    return longer.size() >= shorter.size() && longer.compare(longer.size() - tail, tail, shorter, head, tail) == 0;
}

inline void check_balloon(const detail::Dialect& dialect, const std::string& text, const Loaded& loaded) {
    std::string before = text;
    Envelope wanted = loaded.envelope;
    for (const BalloonState state : {BalloonState::enabled, BalloonState::disabled, BalloonState::unspecified}) {
        for (VirtualSystem& system : wanted.systems) {
            system.hardware.balloon = {};
            system.hardware.balloon.state = state;
            if (state == BalloonState::enabled) system.hardware.balloon.model = BalloonModel::virtio;
        }
        const Changed changed = change(dialect, before, wanted);
        Envelope expected = wanted;
        same_labels(expected, changed.again.envelope);
        CHECK(differences(expected, changed.again.envelope) == "");
        if (state == BalloonState::enabled && wanted.systems.size() == 1) CHECK(is_insertion(text, changed.bytes));
        if (state == BalloonState::unspecified) CHECK(changed.bytes == text);
        before = changed.bytes;
        wanted = changed.again.envelope;
    }
}

/// Memory, processors and name changed together, in every VM.
inline void check_edit(const detail::Dialect& dialect, const std::string& text, const Loaded& loaded) {
    Envelope wanted = loaded.envelope;
    for (VirtualSystem& system : wanted.systems) {
        Hardware& hardware = system.hardware;
        hardware.memory.boot_bytes = hardware.memory.maximum_bytes.value_or(3ULL << 30);
        hardware.cpu.count = hardware.cpu.cores.value_or(1) * 3;
        if (hardware.cpu.sockets) hardware.cpu.sockets = 3;
        system.name = "Renamed";
        system.annotation = "Changed by a test";
    }
    const Changed changed = change(dialect, text, wanted);
    const Envelope& now = changed.again.envelope;
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        Cpu& cpu = wanted.systems[i].hardware.cpu;
        Memory& memory = wanted.systems[i].hardware.memory;
        if (cpu.info.id.empty()) cpu.info = now.systems.at(i).hardware.cpu.info;
        if (memory.info.id.empty()) memory.info = now.systems.at(i).hardware.memory.info;
        cpu.sockets = now.systems.at(i).hardware.cpu.sockets;
    }
    CHECK(differences(wanted, now) == "");
}

/// Differences other than a label that a new Item or section gets where the model has none.
inline std::string without_new_labels(const std::string& all) {
    std::string out;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find("; ", at);
        const std::string one = all.substr(at, end - at);
        at = end + 2;
        if (one.find("info.name '' / '") == std::string::npos && one.find("].info '' / '") == std::string::npos)
            out += one + "; ";
    }
    return out;
}

/// What a VirtualSystemType must have in it for the importers of a dialect.
inline std::string_view family_of(std::string_view dialect) {
    return dialect == "vmware" ? "vmx-" : dialect == "virtualbox" ? "virtualbox" : dialect == "xen" ? "-3.0-" : "";
}

/// A VM without a family of the dialect gets one; where it had another that was said.
inline void with_families(std::string_view dialect, Envelope& wanted, const Envelope& written,
                          const std::vector<detail::LossNote>& notes) {
    for (std::size_t i = 0; i < wanted.systems.size() && i < written.systems.size(); ++i) {
        std::string& type = wanted.systems[i].hardware.system_type;
        if (!type.empty() && type.find(family_of(dialect)) != std::string::npos) continue;
        const auto said = [&](const detail::LossNote& note) {
            return note.rule == std::string(dialect) + "-family-kept";
        };
        if (!type.empty()) CHECK(std::any_of(notes.begin(), notes.end(), said));
        type = written.systems[i].hardware.system_type;
    }
}

/// Ids that are no numbers become some in a new descriptor: the same for all who name them.
inline void with_numbers(Envelope& wanted, const Envelope& written) {
    for (std::size_t s = 0; s < wanted.systems.size() && s < written.systems.size(); ++s) {
        Hardware& a = wanted.systems[s].hardware;
        const Hardware& b = written.systems[s].hardware;
        std::map<std::string, std::string> numbers;
        const auto one = [&](DeviceInfo& info, const DeviceInfo& now) {
            if (info.id.empty() || info.id.find_first_not_of("0123456789") == std::string::npos) return;
            if (now.id.empty() || now.id.find_first_not_of("0123456789") != std::string::npos) return;
            numbers.emplace(info.id, now.id);
            info.id = now.id;
        };
        const auto all = [&](auto& devices, const auto& now) {
            for (std::size_t i = 0; i < devices.size() && i < now.size(); ++i) one(devices[i].info, now[i].info);
        };
        one(a.cpu.info, b.cpu.info), one(a.memory.info, b.memory.info), one(a.balloon.info, b.balloon.info);
        all(a.controllers, b.controllers), all(a.drives, b.drives), all(a.nics, b.nics), all(a.serials, b.serials);
        all(a.parallels, b.parallels), all(a.videos, b.videos), all(a.graphics, b.graphics), all(a.sounds, b.sounds);
        all(a.watchdogs, b.watchdogs), all(a.rngs, b.rngs), all(a.tpms, b.tpms), all(a.others, b.others);
        for (Drive& drive : a.drives)
            if (const auto found = numbers.find(drive.controller); found != numbers.end())
                drive.controller = found->second;
    }
}

/// Sets in `wanted` what a new descriptor of the dialect says otherwise, and says so in its notes.
using Allowance = void (*)(Envelope& wanted, const Changed& made);

inline void check_corpus(const detail::Dialect& dialect, Allowance allow = nullptr) {
    const auto files = descriptors_in(shared_folder() + "/corpus");
    if (files.empty()) {
        WARN("SKIPPED: no corpus at " << shared_folder());
        return;
    }
    std::size_t read = 0, malformed = 0, refused = 0;
    for (const auto& path : files) {
        INFO(path.string());
        const std::string text = file_bytes(path);
        try {
            const Loaded loaded = load(dialect, text);
            ++read;
            for (const Diagnostic& diagnostic : loaded.diagnostics.all())
                if (!diagnostic.rule.starts_with("xml-")) CHECK(find_rule(diagnostic.rule) != nullptr);
            const Changed same = change(dialect, text, loaded.envelope);
            CHECK_FALSE(same.edited);
            CHECK(same.bytes == text);
            if (loaded.diagnostics.has_errors()) {
                ++refused;
                continue;
            }
            if (says_no_balloon(loaded.envelope)) check_balloon(dialect, text, loaded);
            check_edit(dialect, text, loaded);
            if (dialect.skeleton == nullptr) continue;
            const Changed made = create(dialect, loaded.envelope);
            CHECK_FALSE(made.again.diagnostics.has_errors());
            Envelope wanted = loaded.envelope;
            wanted.ovf_version = made.again.envelope.ovf_version;
            with_families(dialect.id, wanted, made.again.envelope, made.notes);
            if (allow != nullptr) allow(wanted, made);
            if (dialect.id != "xen") with_numbers(wanted, made.again.envelope);
            CHECK(without_new_labels(differences(wanted, made.again.envelope)) == "");
        } catch (const InputError&) {
            ++malformed;
        }
    }
    WARN(files.size() << " descriptors: " << read << " read and written back identical, " << refused
                      << " of them with errors, " << malformed << " not XML that is read");
    CHECK(read > 200);
}

}  // namespace ovfkit::test
