// Every real descriptor to every writable dialect: made, or refused with a reason; nothing that it says vanishes without
// a row. What was made goes to OUT/DIALECT for the schema. Prints the table of counts.
//   corpus_pairs CORPUS OUT
#include <cstdio>
#include <map>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"
#include "roundtrip/flat.hpp"

namespace {

using namespace ovfkit;

struct Cell {
    std::size_t made = 0, rows = 0;
    std::map<std::string, std::size_t> refused;  ///< by rule
};

struct Tally {
    std::map<std::string, std::map<std::string, Cell>> cells;  ///< source dialect, target
    std::map<std::string, std::size_t> unreadable;             ///< by rule
    std::vector<std::string> violations;
};

std::string first_error(const Diagnostics& diagnostics) {
    for (const Diagnostic& d : diagnostics.all())
        if (d.severity == Severity::error) return d.rule;
    return {};
}

void convert(const Source& source, const Format& to, const std::string& name, const corpus::fs::path& out, Tally& tally) {
    Cell& cell = tally.cells[source.format()][std::string(to.id)];
    const auto fail = [&](const std::string& what) { tally.violations.push_back(name + " to " + std::string(to.id) + ": " + what); };
    WriteOptions options;
    // Written anew, its own dialect too: what is only passed on is not ours.
    if (to.id == "dmtf") options.options["dmtf.version"] = "1.1";
    try {
        Diagnostics found;
        // Every VM alone, so that a dialect of one VM takes all of them; and all together where there is one.
        options.split = source.envelope().systems.size() > 1;
        for (const Translation& made : translate(source, to.id, options, found)) {
            ReadOptions read;
            read.from = std::string(to.id);
            Diagnostics again;
            const Source back = Source::parse("back.ovf", made.files.front().bytes, read, again);
            if (again.has_errors()) fail("what was written is an error to read: " + first_error(again));
            if (!options.split)
                for (const flat::Difference& d : flat::silent(source.envelope(), back.envelope(), made.report))
                    fail(d.place + " '" + printable(d.before, 80) + "' became '" + printable(d.now, 80) + "' silently");
            ++cell.made;
            cell.rows += made.report.rows.size();
            corpus::spill(out / std::string(to.id) / (name + (made.vm.empty() ? "" : "-" + std::to_string(cell.made)) + ".ovf"), made.files.front().bytes);
        }
    } catch (const InputError& error) {
        ++cell.refused[error.diagnostic().rule];
        if (error.diagnostic().message.empty()) fail("refused without a reason");
    } catch (const Error& error) {
        fail(std::string("threw ") + error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto files = corpus::descriptors(argv[1]);
    if (files.empty()) {
        std::puts("SKIPPED: no corpus");
        return 77;
    }
    Tally tally;
    for (const auto& path : files) {
        const std::string name = corpus::flat(path, argv[1]);
        try {
            Diagnostics found;
            ReadOptions read;
            read.unmapped = true;
            const Source source = Source::parse(name, corpus::slurp(path), read, found);
            if (found.has_errors()) {
                ++tally.unreadable[first_error(found)];
                continue;
            }
            for (const Format& format : formats())
                if (format.is_dialect && format.can_write) convert(source, format, name, argv[2], tally);
        } catch (const InputError& error) {
            ++tally.unreadable[error.diagnostic().rule];
        }
    }
    std::printf("%zu descriptors\n%-12s %-12s %8s %8s  refused\n", files.size(), "from", "to", "made", "rows");
    std::size_t made = 0;
    for (const auto& [from, row] : tally.cells)
        for (const auto& [to, cell] : row) {
            std::string refused;
            for (const auto& [rule, count] : cell.refused) refused += " " + rule + ":" + std::to_string(count);
            std::printf("%-12s %-12s %8zu %8zu %s\n", from.c_str(), to.c_str(), cell.made, cell.rows, refused.c_str());
            made += cell.made;
        }
    for (const auto& [rule, count] : tally.unreadable) std::printf("not read: %zu %s\n", count, rule.c_str());
    for (const std::string& violation : tally.violations) std::printf("FAILED: %s\n", violation.c_str());
    std::printf("%zu conversions, %zu failures\n", made, tally.violations.size());
    return tally.violations.empty() && made > 500 ? 0 : 1;
}
