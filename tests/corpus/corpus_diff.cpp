// The difference of a descriptor and itself said otherwise is empty; of it and one with a single value changed it is not.
// usage: corpus_diff BUDGET FOLDER...
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"
#include "mutations.hpp"
#include "twins.hpp"

namespace {

using namespace ovfkit;

std::optional<Source> parsed(const std::string& name, const std::string& bytes, std::string& findings) {
    Diagnostics diagnostics;
    try {
        ReadOptions options;
        options.unmapped = true;
        options.lenient = true;
        Source source = Source::parse(name, bytes, options, diagnostics);
        for (const Diagnostic& d : diagnostics.all()) findings += d.rule + d.message + "\n";
        return source;
    } catch (const Error& error) {
        findings = error.what();
        return std::nullopt;
    }
}

struct Tally {
    std::size_t twins = 0, tried = 0, found = 0, refused = 0, warned = 0, meaningless = 0;
    std::map<std::string, std::pair<std::size_t, std::string>> blind;
    std::vector<std::string> unequal;
};

void check_twins(const std::string& name, const std::string& bytes, const Source& source, Tally& tally) {
    for (const corpus::Twin& twin : corpus::twins(bytes)) {
        if (twin.bytes == bytes) continue;
        std::string findings;
        const auto other = parsed(name, twin.bytes, findings);
        ++tally.twins;
        if (!other) {
            tally.unequal.push_back(name + ": " + twin.what + ": not readable: " + findings);
            continue;
        }
        const Diff result = diff(source, *other);
        if (result.equal() && result.not_comparable.empty()) continue;
        tally.unequal.push_back(name + ": " + twin.what + ":\n" + render_text(result, true));
    }
}

void check_mutation(const corpus::fs::path& path, const std::string& bytes, const Source& source, const std::string& findings,
                    const corpus::Mutation& mutation, Tally& tally) {
    std::string changed = bytes, now;
    changed.replace(mutation.at, mutation.length, mutation.text);
    ++tally.tried;
    const auto other = parsed(path.string(), changed, now);
    if (!other) {
        ++tally.refused;
        return;
    }
    if (!diff(source, *other).equal()) {
        ++tally.found;
        return;
    }
    // A name that nothing refers to, and a display that oVirt adds by itself.
    const bool is_id = mutation.what.starts_with("File/@ovf:id") || mutation.what.starts_with("Disk/@ovf:diskId") ||
                       mutation.what.starts_with("xenovf:VirtualSystemOtherConfigurationData/@id");
    if (is_id || corpus::says_nothing(bytes.substr(mutation.at, mutation.length))) {
        ++tally.meaningless;
        return;
    }
    // What a reader finds wrong is told beside the difference, not in it.
    if (now != findings) {
        ++tally.warned;
        return;
    }
    auto& [count, example] = tally.blind[mutation.what.substr(0, mutation.what.find(" '"))];
    if (count++ < 5) example += "\n    " + path.filename().string() + ":" + corpus::place_of(bytes, mutation.at) + ": " + mutation.what;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::size_t budget = std::strtoull(argv[1], nullptr, 10);
    const std::vector<corpus::fs::path> files = corpus::descriptors_below(argv + 2, argv + argc);
    if (files.empty()) {
        std::printf("SKIP: no corpus at %s\n", argv[2]);
        return 77;
    }
    Tally tally;
    std::size_t read = 0;
    for (const auto& path : files) {
        const std::string bytes = corpus::slurp(path);
        std::string findings;
        const auto source = parsed(path.string(), bytes, findings);
        if (!source || bytes.size() > 200000) continue;
        ++read;
        if (!diff(*source, *source).equal()) tally.unequal.push_back(path.string() + " differs from itself");
        // What is not in effect is compared by its text: a twin with other ids or units shows there.
        const bool aside = bytes.find("DeploymentOptionSection") != std::string::npos || bytes.find("bound=\"m") != std::string::npos;
        if (aside) std::printf("no twins, it has configurations or ranges: %s\n", path.c_str());
        else check_twins(path.string(), bytes, *source, tally);
        const auto all = corpus::mutations(bytes);
        const std::size_t step = std::max<std::size_t>(1, all.size() * files.size() / std::max<std::size_t>(1, budget));
        for (std::size_t i = 0; i < all.size(); i += step) check_mutation(path, bytes, *source, findings, all[i], tally);
    }
    std::size_t blind = 0;
    for (const auto& [what, row] : tally.blind) {
        blind += row.first;
        std::printf("BLIND %zu x %s, e.g. %s\n", row.first, what.c_str(), row.second.c_str());
    }
    for (const std::string& text : tally.unequal) std::printf("UNEQUAL %s\n", text.c_str());
    std::printf("%zu files, %zu twins, %zu of them unequal; %zu values changed: %zu differences, %zu refused, %zu told by a finding, %zu ids that nothing refers to, %zu unseen\n", read,
                tally.twins, tally.unequal.size(), tally.tried, tally.found, tally.refused, tally.warned, tally.meaningless, blind);
    return tally.unequal.empty() && blind == 0 && read != 0 ? 0 : 1;
}
