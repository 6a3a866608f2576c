#include <ovfkit/diff.hpp>
#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

Exit run_diff(const Options& options, Console& console) {
    ReadOptions read = options.read_options();
    read.unmapped = true;
    const std::string &left = options.arguments[0], &right = options.arguments[1];
    if (left == "-" && right == "-") throw UsageError("standard input can be one of the two only");
    Diagnostics found_left, found_right;
    const Source a = load_source(left, read, found_left, console);
    const Source b = load_source(right, read, found_right, console);
    console.show(found_left);
    console.show(found_right);
    for (const Diagnostics* found : {&found_left, &found_right})
        if (found->has_errors() && !options.lenient) return exit_of(found->failure());
    const Diff result = diff(a, b, {options.vm, options.strict});
    console.data(options.json ? render_json(result) : render_text(result, console.verbose()));
    return result.equal() ? Exit::done : Exit::findings;
}

}  // namespace ovfkit::tool
