// Over every real descriptor: unedited bytes are the same, a balloon comes and goes as stated, and it translates
// or is refused with a reason. What was written goes to OUT for the oracles. Prints the table of counts.
#include <cstdio>
#include <map>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"

namespace {

using namespace ovfkit;

struct Tally {
    std::map<std::string, std::size_t> count;
    std::map<std::string, std::vector<std::string>> reasons;  ///< refusal -> files
    std::vector<std::string> violations;
};

/// `longer` is `shorter` with bytes put in, in at most `places` places.
bool is_insertion(const std::string& shorter, const std::string& longer, int places) {
    std::size_t i = 0;
    std::size_t j = 0;
    for (int gap = 0; gap <= places; ++gap) {
        while (i < shorter.size() && j < longer.size() && shorter[i] == longer[j]) ++i, ++j;
        if (i == shorter.size()) return true;
        // Skip one inserted run: up to where the rest of `shorter` for 64 bytes goes on.
        const std::string rest = shorter.substr(i, 64);
        const std::size_t next = longer.find(rest, j);
        if (next == std::string::npos) return false;
        j = next;
    }
    return i == shorter.size();
}

std::vector<BalloonState> states_of(const Envelope& envelope) {
    std::vector<BalloonState> out;
    for (const VirtualSystem& system : envelope.systems) out.push_back(system.hardware.balloon.state);
    return out;
}

std::string first_error(const Diagnostics& diagnostics) {
    for (const Diagnostic& d : diagnostics.all())
        if (d.severity == Severity::error) return d.rule + ": " + d.message;
    return {};
}

void check_balloon(const std::string& name, const std::string& bytes, Tally& tally) {
    const auto fail = [&](const std::string& what) { tally.violations.push_back(name + ": " + what); };
    Diagnostics quiet;
    ReadOptions lenient;
    lenient.lenient = true;
    Document document = Document::parse(name, bytes, quiet);
    const Envelope have = read(document, quiet, lenient);
    if (have.systems.empty()) return;
    const bool ovirt = have.dialect == "ovirt";
    const auto set = [&](BalloonState state) {
        Envelope wanted = read(document, quiet, lenient);
        for (VirtualSystem& system : wanted.systems) {
            system.hardware.balloon = state == BalloonState::unspecified ? MemoryBalloon{} : system.hardware.balloon;
            system.hardware.balloon.state = state;
        }
        return update(document, wanted, quiet, lenient);
    };
    const bool fresh = std::all_of(have.systems.begin(), have.systems.end(), [&](const VirtualSystem& s) {
        return s.hardware.balloon.state == (ovirt ? BalloonState::disabled : BalloonState::unspecified);
    });
    const LossReport report = set(BalloonState::enabled);
    const Envelope on = read(document, quiet, lenient);
    const bool enabled = std::all_of(on.systems.begin(), on.systems.end(), [](const VirtualSystem& s) { return s.hardware.balloon.state == BalloonState::enabled; });
    if (!enabled) {
        if (!report.is_loss()) fail("an enabled balloon reads back as something else, and no row says so");
        ++tally.count["balloon cannot be held (said so)"];
    }
    if (fresh) {
        ++tally.count["balloon added"];
        const auto systems = static_cast<int>(have.systems.size());
        if (!is_insertion(bytes, document.bytes(), systems * 2)) fail("adding a balloon is no pure insertion");
        set(ovirt ? BalloonState::disabled : BalloonState::unspecified);
        if (document.bytes() != bytes) fail("taking the balloon out again does not give the first bytes");
    } else {
        ++tally.count["balloon was there"];
    }
    // Every state is reached and comes back.
    for (const BalloonState state : {BalloonState::disabled, BalloonState::enabled}) {
        const LossReport loss = set(state);
        const auto got = states_of(read(document, quiet, lenient));
        if (!std::all_of(got.begin(), got.end(), [&](BalloonState s) { return s == state; }) && !loss.is_loss())
            fail("balloon " + std::string(to_string(state)) + " is not read back, silently");
    }
}

void check_translation(const std::string& name, const std::string& flat, const std::string& bytes, const corpus::fs::path& out, Tally& tally) {
    for (const std::string to : {"libvirt", "ganeti", "ganeti-hvparams", "ganeti-instance", "vdsm"}) {
        Diagnostics diagnostics;
        try {
            ReadOptions options;
            options.unmapped = true;
            const Source source = Source::parse(name, bytes, options, diagnostics);
            WriteOptions write;
            if (to == "libvirt") write.options["libvirt.type"] = "qemu";
            const auto texts = translate(source, to, write, diagnostics);
            ++tally.count[to + ": translated"];
            std::size_t n = 0;
            for (const Translation& text : texts) {
                const std::string& main = text.files.front().bytes;
                corpus::spill(out / to / (flat + "." + std::to_string(n++) + (to == "libvirt" ? ".xml" : to == "ganeti" ? ".ini" : ".json")), main);
                ++tally.count[to + ": texts"];
                if (to != "libvirt" && to != "ganeti") continue;
                // With the carried descriptor the way back gives the first bytes.
                Diagnostics back_found;
                const std::string companion = text.files.size() > 1 ? text.files[1].bytes : std::string{};
                const Source back = Source::parse(flat + (to == "libvirt" ? ".xml" : ".ini"), main, options, back_found, companion);
                const auto again = translate(back, "ovf", {}, back_found);
                if (again.front().files.front().bytes != bytes)
                    tally.violations.push_back(name + ": " + to + " and back is not the first bytes");
                else
                    ++tally.count[to + ": and back, same bytes"];
            }
        } catch (const InputError& error) {
            ++tally.count[to + ": refused"];
            tally.reasons[to + " " + error.diagnostic().rule].push_back(name + ":" + std::to_string(error.diagnostic().where.line) + ": " + error.diagnostic().message);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const corpus::fs::path root = argv[1];
    const auto files = corpus::descriptors(root);
    if (files.empty()) {
        std::printf("SKIP: no corpus at %s\n", argv[1]);
        return 77;
    }
    const corpus::fs::path out = argv[2];
    corpus::fs::remove_all(out);
    Tally tally;
    for (const auto& path : files) {
        const std::string name = corpus::fs::relative(path, root).string();
        const std::string bytes = corpus::slurp(path);
        ++tally.count["files"];
        try {
            Diagnostics diagnostics;
            const Document document = Document::parse(name, bytes, diagnostics);
            ++tally.count["well-formed"];
            if (document.bytes() != bytes) tally.violations.push_back(name + ": bytes differ without an edit");
            const Envelope envelope = read(document, diagnostics);
            ++tally.count["dialect " + envelope.dialect];
            if (diagnostics.has_errors()) {
                ++tally.count["read with errors"];
                tally.reasons["read " + first_error(diagnostics).substr(0, first_error(diagnostics).find(':'))].push_back(name + ": " + first_error(diagnostics));
            }
        } catch (const InputError& error) {
            ++tally.count["not readable"];
            tally.reasons["not readable " + error.diagnostic().rule].push_back(name + ": " + error.diagnostic().message);
            continue;
        }
        try {
            check_balloon(name, bytes, tally);
            check_translation(name, corpus::flat(path, root), bytes, out, tally);
        } catch (const std::exception& error) {
            tally.violations.push_back(name + ": exception: " + error.what());
        }
    }
    for (const auto& [what, count] : tally.count) std::printf("%6zu  %s\n", count, what.c_str());
    for (const auto& [reason, where] : tally.reasons) {
        std::printf("\n%zu x %s\n", where.size(), reason.c_str());
        for (const std::string& line : where) std::printf("    %s\n", line.c_str());
    }
    for (const std::string& violation : tally.violations) std::printf("VIOLATION %s\n", violation.c_str());
    return tally.violations.empty() ? 0 : 1;
}
