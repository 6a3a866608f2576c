#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

std::string read_standard_input(std::uint64_t limit) {
    std::string out;
    std::string buffer(1 << 16, '\0');
    while (out.size() <= limit) {
        const std::size_t room =
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), limit + 1 - out.size()));
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), room);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw IoError("standard input", errno, fmt::format("cannot read standard input: {}", std::strerror(errno)));
        if (got == 0) break;
        out.append(buffer, 0, static_cast<std::size_t>(got));
    }
    return out;
}

void show_all_but(const Diagnostic& last, const Diagnostics& diagnostics, Console& console) {
    for (const Diagnostic& found : diagnostics.all())
        if (found.rule != last.rule || found.message != last.message) console.show(found);
}

Source load_source(const std::string& path, const ReadOptions& options, Diagnostics& diagnostics, Console& console) {
    try {
        if (path != "-") return Source::load(path, options, diagnostics);
        return Source::parse("<stdin>", read_standard_input(options.limits.descriptor_bytes), options, diagnostics);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
}

}  // namespace ovfkit::tool
