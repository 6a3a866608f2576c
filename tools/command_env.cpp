#include <charconv>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include <ovfkit/environment.hpp>
#include <ovfkit/error.hpp>
#include <ovfkit/version.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

/// SOURCE_DATE_EPOCH, so that a build that sets it dates its files; else the same date always.
std::uint64_t source_date() {
    const char* text = std::getenv("SOURCE_DATE_EPOCH");  // NOLINT(concurrency-mt-unsafe): one thread
    if (text == nullptr || *text == 0) return 315532800;  // 1980-01-01, which every system can show
    const std::string_view word(text);
    std::uint64_t seconds = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    if (error != std::errc{} || end != word.data() + word.size())
        throw UsageError(fmt::format("SOURCE_DATE_EPOCH is '{}'; it is a number of seconds", printable(word, 40)));
    return seconds;
}

}  // namespace

Exit run_env(const Options& options, Console& console) {
    if (options.output.empty()) throw UsageError("`env` needs -o: ovf-env.xml, a name ending in .iso, or -");
    const ReadOptions read = options.read_options();
    (void)options.write_options();  // so that a wrong --to is found
    EnvironmentOptions wanted;
    wanted.vm = options.vm;
    wanted.locale = options.lang;
    wanted.image = options.output.ends_with(".iso");
    const Format* format = find_format(options.to);
    wanted.kind = format == nullptr ? "ovfkit" : format->title;
    if (format == nullptr) wanted.version = OVFKIT_VERSION;
    const std::uint64_t date = wanted.image ? source_date() : 0;

    Diagnostics diagnostics;
    const Source source = load_source(options.arguments[0], read, diagnostics, console);
    if (diagnostics.has_errors() && !options.lenient) return finish(options, console, diagnostics, {}, {});
    const Environment environment = ovfkit::environment(source, wanted, diagnostics);
    std::vector<NewOutput> files;
    files.push_back({options.output.ends_with('/') ? options.output + "ovf-env.xml" : options.output,
                     wanted.image ? environment_image(environment.xml, date) : environment.xml, environment.secret});
    return finish(options, console, diagnostics, {}, std::move(files));
}

}  // namespace ovfkit::tool
