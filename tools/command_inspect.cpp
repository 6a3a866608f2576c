#include <algorithm>

#include <ovfkit/error.hpp>
#include <ovfkit/package.hpp>

#include "command.hpp"
#include "inspect.hpp"

namespace ovfkit::tool {

namespace {

/// What holds the package together, as far as it shows without reading the disks. What it finds wrong with the
/// descriptor has been said before.
std::optional<Integrity> integrity_of(const std::string& path, const Options& options, Diagnostics& diagnostics) {
    if (path == "-") return std::nullopt;
    Diagnostics found;
    std::optional<Integrity> out;
    try {
        out = glance_at_package(path, options.pack_options(), found);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    for (const Diagnostic& one : found.all()) {
        const auto same = [&](const Diagnostic& other) { return other.rule == one.rule && other.message == one.message; };
        if (one.rule.starts_with("package-") && std::none_of(diagnostics.all().begin(), diagnostics.all().end(), same)) diagnostics.add(one);
    }
    return out;
}

}  // namespace

Exit run_inspect(const Options& options, Console& console) {
    Diagnostics diagnostics;
    const std::string& path = options.arguments[0];
    const Source source = load_source(path, options.read_options(), diagnostics, console);
    std::optional<Integrity> integrity;
    if (source.document() != nullptr) integrity = integrity_of(path, options, diagnostics);
    console.data(options.json ? inspect_json(source, integrity, diagnostics) : inspect_page(source, integrity));
    console.show(diagnostics);
    return diagnostics.has_errors() ? exit_of(diagnostics.failure()) : Exit::done;
}

}  // namespace ovfkit::tool
