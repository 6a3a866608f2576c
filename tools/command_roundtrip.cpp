#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/roundtrip.hpp>

#include "command.hpp"
#include "inputs.hpp"
#include "table.hpp"
#include "virsh.hpp"

namespace ovfkit::tool {

namespace {

constexpr std::array verdicts{RoundTripVerdict::identical, RoundTripVerdict::equal, RoundTripVerdict::named, RoundTripVerdict::refused, RoundTripVerdict::unnamed};

std::vector<std::string> formats_of(const Options& options) {
    if (options.matrix) {
        const auto all = roundtrip_formats();
        return {all.begin(), all.end()};
    }
    if (!options.through.empty()) return options.through;
    return {"libvirt", "ganeti"};
}

/// The source cannot be read at all: one result for the file, whatever it should go through.
RoundTrip unreadable(const std::string& file, const std::string& through, std::string reason, Failure failure) {
    RoundTrip out;
    out.file = file;
    out.format = "unknown";
    out.through = through;
    out.verdict = RoundTripVerdict::refused;
    out.reason = std::move(reason);
    out.failure = failure;
    return out;
}

constexpr std::string_view real_libvirt = "libvirt.uri=";

/// `-O libvirt.uri=URI`: the text goes through the libvirt there. Taken out of the options, as no leaf knows it.
std::string take_uri(std::vector<std::string>& leaf_options) {
    std::string out;
    std::erase_if(leaf_options, [&](const std::string& word) {
        if (!word.starts_with(real_libvirt)) return false;
        out = word.substr(real_libvirt.size());
        return true;
    });
    return out;
}

std::string name_in(const std::string& xml) {
    Diagnostics quiet;
    ReadOptions read;
    read.from = "libvirt";
    return Source::parse("(libvirt)", xml, read, quiet).envelope().systems.at(0).name;
}

void run_one(const std::string& file, const std::string& through, const Options& options, const std::string& uri, std::vector<RoundTrip>& out) {
    ReadOptions read = options.read_options();
    read.unmapped = true;
    read.target = through;
    RoundTripOptions trip{options.write_options(), false};
    if (!uri.empty() && through == "libvirt") trip.pass = [&](const std::string& xml) { return through_libvirt(uri, name_in(xml), xml); };
    Diagnostics found;
    try {
        const Source source = Source::load(file, read, found);
        for (const Diagnostic& diagnostic : found.all())
            if (diagnostic.severity == Severity::error && !options.lenient) throw InputError(diagnostic);
        const Format* format = find_format(through);
        const bool travels = source.document() != nullptr && format != nullptr && !format->is_dialect;
        if (travels && !options.no_origin) {
            trip.origin = true;
            out.push_back(roundtrip(source, through, trip));
            if (!out.back().with_origin) return;  // nothing travels there
        }
        trip.origin = false;
        out.push_back(roundtrip(source, through, trip));
    } catch (const InputError& error) {
        const Diagnostic& why = error.diagnostic();
        out.push_back(unreadable(file, through, fmt::format("line {}: {} ({})", why.where.line, why.message, why.rule), why.failure));
    }
}

/// How many results of each kind by the source's format and what it went through.
std::string table_of(const std::vector<RoundTrip>& results) {
    std::map<std::pair<std::string, std::string>, std::array<std::size_t, verdicts.size()>> counts;
    for (const RoundTrip& result : results) {
        const std::string through = result.through + (result.with_origin ? " with origin" : "");
        ++counts[{result.format, through}][static_cast<std::size_t>(result.verdict)];
    }
    std::vector<std::string> head{"source", "through"};
    for (const RoundTripVerdict verdict : verdicts) head.emplace_back(to_string(verdict));
    Table table(std::move(head));
    for (const auto& [pair, numbers] : counts) {
        std::vector<std::string> row{pair.first, pair.second};
        for (const std::size_t number : numbers) row.push_back(fmt::format("{}", number));
        table.add(std::move(row));
    }
    return table.text("");
}

/// A difference nobody announced weighs most, then a refusal.
Exit exit_of_all(const std::vector<RoundTrip>& results) {
    Exit out = Exit::done;
    for (const RoundTrip& result : results) {
        if (result.verdict == RoundTripVerdict::unnamed) return Exit::internal;
        if (result.verdict == RoundTripVerdict::refused && (out == Exit::done || out == Exit::findings)) out = exit_of(result.failure);
        if (result.verdict == RoundTripVerdict::named && out == Exit::done) out = Exit::findings;
    }
    return out;
}

}  // namespace

Exit run_roundtrip(const Options& given, Console& console) {
    Options options = given;
    const std::string uri = take_uri(options.leaf_options);
    const std::vector<std::string> through = formats_of(options);
    const std::string form = options.json ? "json" : options.format.empty() ? "text" : options.format;
    const std::vector<std::string_view> forms{"text", "json", "junit"};
    if (std::find(forms.begin(), forms.end(), form) == forms.end())
        throw UsageError(fmt::format("--format is text, json or junit, not '{}'{}", form, did_you_mean(form, forms)));
    std::vector<RoundTrip> results;
    for (const std::string& file : find_inputs(options.arguments))
        for (const std::string& format : through) {
            const std::size_t before = results.size();
            run_one(file, format, options, uri, results);
            if (form != "text" || options.matrix) continue;
            for (std::size_t i = before; i < results.size(); ++i) console.data(render_text(results[i], console.verbose()));
        }
    if (form == "json") console.data(render_json(results));
    if (form == "junit") console.data(render_junit(results));
    if (form == "text" && options.matrix) {
        for (const RoundTrip& result : results)
            if (result.verdict == RoundTripVerdict::unnamed) console.data(render_text(result, console.verbose()));
        console.data(table_of(results));
    }
    return exit_of_all(results);
}

}  // namespace ovfkit::tool
