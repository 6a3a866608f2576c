#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "command.hpp"
#include "interrupt.hpp"
#include "progress_bar.hpp"
#include "table.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

Json number(std::uint64_t value) { return value == 0 ? Json() : Json(value); }
Json word(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string json_text(const Export& done) {
    Json files = Json::array();
    for (const ExportedFile& file : done.files)
        files.push_back({{"name", file.name},
                         {"kind", to_string(file.kind)},
                         {"from", word(file.from)},
                         {"format", word(file.format)},
                         {"capacity_bytes", number(file.capacity)},
                         {"populated_bytes", file.format.empty() || !done.written ? Json() : Json(file.populated)},
                         {"size", number(file.size)}});
    const Json out{{"output", done.output}, {"written", done.written}, {"needed_bytes", done.needed_bytes}, {"files", std::move(files)}};
    return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string size_text(std::uint64_t value) { return value == 0 ? "?" : fmt::format("{}", value); }

/// What would be written, for --dry-run.
std::string plan_text(const Export& plan) {
    Table table({"FILE", "FROM", "KIND", "FORMAT", "CAPACITY", "BYTES"});
    for (const ExportedFile& file : plan.files)
        table.add({printable(file.name), printable(file.from), std::string(to_string(file.kind)), file.format,
                   file.format.empty() ? std::string{} : size_text(file.capacity), size_text(file.size)});
    return fmt::format("{}{}: at least {} bytes are needed\n", table.text("  "), printable(plan.output, 4000), plan.needed_bytes);
}

}  // namespace

Exit run_export(const Options& options, Console& console) {
    if (options.output.empty()) throw UsageError("`export` needs -o: X.ova, or X.ovf");
    if (options.json && options.report == "-") throw UsageError("standard output cannot take both --json and the report");
    if (!options.report.empty() && options.report != "-" && !options.force && ::access(options.report.c_str(), F_OK) == 0)
        throw IoError(options.report, EEXIST, fmt::format("cannot write {}: File exists", options.report));
    ExportOptions wanted = options.export_options();
    Diagnostics diagnostics;
    Export done;
    try {
        const Interruptible interruptible;
        ProgressBar bar(progress_form(options));
        wanted.progress = &bar;
        done = export_package(options.arguments[0], options.output, wanted, diagnostics);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
    console.show(diagnostics);
    console.show(done.report);
    if (options.report == "-")
        console.data(render_json(done.report));
    else if (!options.report.empty())
        write_output({{options.report, render_json(done.report)}}, options.force);
    if (!done.written && !options.dry_run) {
        console.error("values would be lost, nothing was written (--strict)");
        return Exit::loss;
    }
    if (options.json)
        console.data(json_text(done));
    else if (options.dry_run)
        console.data(plan_text(done));
    return Exit::done;
}

}  // namespace ovfkit::tool
