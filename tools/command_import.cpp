#include <cerrno>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "command.hpp"
#include "interrupt.hpp"
#include "progress_bar.hpp"
#include "table.hpp"
#include "virsh.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

std::string json_text(const Import& import) {
    Json files = Json::array();
    for (const ImportedFile& file : import.files)
        files.push_back({{"name", file.name},
                         {"kind", to_string(file.kind)},
                         {"from", file.from.empty() ? Json() : Json(file.from)},
                         {"format", file.format.empty() ? Json() : Json(file.format)},
                         {"bytes", file.bytes}});
    const Json out{{"folder", import.folder},
                   {"written", import.written},
                   {"needed_bytes", import.needed_bytes},
                   {"holds", import.written ? Json(to_string(import.integrity.trust)) : Json()},
                   {"files", std::move(files)},
                   {"commands", import.commands}};
    return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string size_text(const ImportedFile& file) { return file.bytes == 0 ? "?" : fmt::format("{}", file.bytes); }

/// What would be written, for --dry-run.
std::string plan_text(const Import& import) {
    Table table({"FILE", "FROM", "KIND", "FORMAT", "BYTES"});
    for (const ImportedFile& file : import.files)
        table.add({printable(file.name), printable(file.from), std::string(to_string(file.kind)), file.format, size_text(file)});
    return fmt::format("{}{}: at least {} bytes are needed\n", table.text("  "), printable(import.folder, 4000), import.needed_bytes);
}

std::string next_text(const Import& import) {
    std::string out;
    for (const std::string& command : import.commands) out += command + "\n";
    return out;
}

void write_report(const Options& options, const LossReport& report, Console& console) {
    if (options.report == "-") console.data(render_json(report));
    else if (!options.report.empty()) write_output({{options.report, render_json(report)}}, options.force);
}

}  // namespace

Exit run_import(const Options& options, Console& console) {
    if (options.output.empty() || options.output == "-") throw UsageError("`import` needs -o: the folder to make");
    if (options.to.empty()) throw UsageError("`import` needs --to: libvirt, ganeti or another of `ovfkit formats`");
    if (!options.define.empty() && options.to != "libvirt") throw UsageError("--define goes with --to libvirt");
    if (!options.report.empty() && options.report != "-" && !options.force && ::access(options.report.c_str(), F_OK) == 0)
        throw IoError(options.report, EEXIST, fmt::format("cannot write {}: File exists", options.report));
    ImportOptions wanted = options.import_options();
    Diagnostics diagnostics;
    Import import;
    try {
        const Interruptible interruptible;
        ProgressBar bar(progress_form(options));
        wanted.progress = &bar;
        import = import_package(options.arguments[0], options.output, wanted, diagnostics);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
    console.show(diagnostics);
    const LossReport report = merged(import.reports);
    console.show(report);
    write_report(options, report, console);
    if (!import.written && !options.dry_run) {
        console.error("values would be lost, nothing was written (--strict)");
        return Exit::loss;
    }
    if (!options.define.empty() && import.written) {
        define_domains(options.define, import.domains);
        import.commands.clear();
    }
    console.data(options.json ? json_text(import) : options.dry_run ? plan_text(import) : next_text(import));
    return Exit::done;
}

}  // namespace ovfkit::tool
