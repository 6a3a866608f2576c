#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

/// The package with the new descriptor.
Exit write_package(const Options& options, Console& console, const std::string& path, Diagnostics& diagnostics, const LossReport& report,
                   const Document& document) {
    const Exit result = finish(options, console, diagnostics, report, {});
    if (result != Exit::done) return result;
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& found) {
        replace_descriptor(path, document.bytes(), options.output, package, found);
    });
}

void check_output(const Options& options, const std::string& path, std::string_view command) {
    if (options.output.empty() == !options.in_place) throw UsageError(fmt::format("`{}` needs either -o or --in-place", command));
    if (options.in_place && is_archive(path)) throw UsageError("an OVA is not changed in place: name another one with -o");
    if (options.in_place && path == "-") throw UsageError("standard input cannot be changed in place");
    if (options.output == "-" && options.report == "-")
        throw UsageError("standard output cannot take both the result and the report");
}

}  // namespace

Exit edit_descriptor(const Options& options, Console& console, const std::string& path, std::string_view command,
                     const std::function<std::string(const Source& source)>& hint,
                     const std::function<void(Envelope& wanted)>& change) {
    check_output(options, path, command);
    const ReadOptions read_options = options.read_options();
    Diagnostics diagnostics, ignored;
    const Source source = load_source(path, read_options, diagnostics, console);
    if (source.document() == nullptr)
        throw UsageError(fmt::format("`{}` changes OVF descriptors; for this: {}", command, hint(source)));
    try {
        Document document = Document::parse(source.name(), source.bytes(), ignored, read_options.limits);
        Envelope wanted = source.envelope();
        change(wanted);
        // What was read is what is compared, whichever configuration becomes the default.
        ReadOptions same = read_options;
        same.configuration = source.envelope().configuration;
        const LossReport report = diagnostics.has_errors() && !options.lenient
                                      ? LossReport{}
                                      : update(document, wanted, diagnostics, same);
        if (options.output.ends_with(".ova")) return write_package(options, console, path, diagnostics, report, document);
        // Of a folder, its descriptor was read.
        const std::string& target = options.in_place ? source.name() : options.output;
        std::vector<NewOutput> files;
        files.push_back({target, document.bytes()});
        if (target != "-" && !(options.in_place && document.bytes() == source.bytes())) warn_of_manifest(target, diagnostics);
        return finish(options, console, diagnostics, report, std::move(files));
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
}

}  // namespace ovfkit::tool
