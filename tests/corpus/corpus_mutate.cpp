// Changes one value at a time in real descriptors and looks whether the libvirt text (without the carried
// descriptor) or the loss report changes. A change that alters neither is a silent loss.
// usage: corpus_mutate BUDGET FOLDER...
#include <cstdio>
#include <cstdlib>
#include <map>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"
#include "mutations.hpp"

namespace {

using namespace ovfkit;
using corpus::Mutation;
using corpus::mutations;
using corpus::place_of;
using corpus::says_nothing;

/// What a user sees of a translation: texts and reports, or the refusal.
std::string seen(const std::string& name, const std::string& bytes) {
    Diagnostics diagnostics;
    try {
        ReadOptions read_options;
        read_options.unmapped = true;
        const Source source = Source::parse(name, bytes, read_options, diagnostics);
        WriteOptions options;
        options.carry_origin = false;
        std::string out;
        for (const Translation& text : translate(source, "libvirt", options, diagnostics)) out += text.files.front().bytes + render_json(text.report);
        for (const Diagnostic& d : diagnostics.all())
            if (d.severity != Severity::note) out += d.rule + d.message;
        return out;
    } catch (const InputError& error) {
        return "refused " + error.diagnostic().rule + error.diagnostic().message;
    }
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
    std::vector<std::pair<corpus::fs::path, Mutation>> all;
    std::map<std::string, std::string> baseline;
    std::map<std::string, std::size_t> left_out;
    for (const auto& path : files) {
        const std::string bytes = corpus::slurp(path);
        const std::string base = seen(path.string(), bytes);
        if (base.starts_with("refused")) {
            ++left_out["refused as it is"];
            continue;
        }
        if (bytes.size() > 200000) {
            ++left_out["over 200 kB"];
            continue;
        }
        baseline.emplace(path.string(), base);
        for (Mutation& mutation : mutations(bytes)) all.emplace_back(path, std::move(mutation));
    }
    // An even sample, every file in it: the step is prime to nothing in particular, only fixed.
    const std::size_t step = std::max<std::size_t>(1, all.size() / budget);
    std::size_t tried = 0;
    std::size_t same = 0;
    std::map<std::string, std::pair<std::size_t, std::string>> silent;
    for (std::size_t i = 0; i < all.size(); i += step) {
        const auto& [path, mutation] = all[i];
        const std::string baseline_bytes = corpus::slurp(path);
        std::string bytes = baseline_bytes;
        bytes.replace(mutation.at, mutation.length, mutation.text);
        ++tried;
        if (seen(path.string(), bytes) != baseline.at(path.string())) continue;
        if (mutation.text.empty() && says_nothing(baseline_bytes.substr(mutation.at, mutation.length))) continue;
        ++same;
        auto& [count, example] = silent[mutation.what.substr(0, mutation.what.find(" '"))];
        if (count++ < 20) example += "\n    " + path.filename().string() + ":" + place_of(baseline_bytes, mutation.at) + ": " + mutation.what;
    }
    for (const auto& [why, count] : left_out) std::printf("%6zu  files left out: %s\n", count, why.c_str());
    std::printf("%6zu  values in %zu files, %zu changed one at a time, %zu silent\n", all.size(), baseline.size(), tried, same);
    for (const auto& [what, row] : silent) std::printf("SILENT %zu x %s, e.g. %s\n", row.first, what.c_str(), row.second.c_str());
    return same == 0 ? 0 : 1;
}
