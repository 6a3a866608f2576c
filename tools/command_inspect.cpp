#include "command.hpp"
#include "inspect.hpp"

namespace ovfkit::tool {

Exit run_inspect(const Options& options, Console& console) {
    Diagnostics diagnostics;
    const Source source = load_source(options.arguments[0], options.read_options(), diagnostics, console);
    console.data(options.json ? inspect_json(source, diagnostics) : inspect_page(source));
    console.show(diagnostics);
    return diagnostics.has_errors() ? exit_of(diagnostics.failure()) : Exit::done;
}

}  // namespace ovfkit::tool
