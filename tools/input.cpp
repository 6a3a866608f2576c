#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

void show_all_but(const Diagnostic& last, const Diagnostics& diagnostics, Console& console) {
    for (const Diagnostic& found : diagnostics.all())
        if (found.rule != last.rule || found.message != last.message) console.show(found);
}

Source load_source(const std::string& path, const ReadOptions& options, Diagnostics& diagnostics, Console& console) {
    try {
        return Source::load(path, options, diagnostics);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
}

}  // namespace ovfkit::tool
