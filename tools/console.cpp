#include "console.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

/// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// A message that cannot be delivered has nowhere to be reported.
void say(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

}  // namespace

void Console::flush() {
    const int code = write_all(STDOUT_FILENO, data_);
    data_.clear();
    if (code != 0)
        throw IoError("standard output", code,
                      fmt::format("cannot write standard output: {}; it got only a part", std::strerror(code)));
}

void Console::set_volume(bool quiet, bool verbose) {
    quiet_ = quiet;
    verbose_ = verbose;
}

void Console::set_color(std::string_view when) {
    const char* no_color = std::getenv("NO_COLOR");
    const bool allowed = no_color == nullptr || *no_color == '\0';
    const auto wanted = [&](int fd) { return when == "always" || (when == "auto" && allowed && ::isatty(fd) == 1); };
    color_ = wanted(STDERR_FILENO);
    color_data_ = wanted(STDOUT_FILENO);
}

void Console::error(std::string_view text) const {
    say(fmt::format("ovfkit: {}error:{} {}\n", color_ ? "\033[1;31m" : "", color_ ? "\033[0m" : "", text));
}

void Console::warning(std::string_view text) const {
    if (quiet_) return;
    say(fmt::format("ovfkit: {}warning:{} {}\n", color_ ? "\033[1;35m" : "", color_ ? "\033[0m" : "", text));
}

void Console::show(const Diagnostic& diagnostic) const {
    if (diagnostic.severity == Severity::warning && quiet_) return;
    if (diagnostic.severity == Severity::note && !verbose_) return;
    say(render_text(diagnostic, color_));
}

void Console::show(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics.all()) show(diagnostic);
    if (diagnostics.suppressed() != 0)
        say(fmt::format("ovfkit: {} more findings are not shown\n", diagnostics.suppressed()));
}

void Console::show(const LossReport& report) const {
    if (!quiet_ && !report.rows.empty()) say(render_text(report, verbose_));
}

void guard_standard_streams() {
    // The wrong direction on purpose: a read of a closed input and a write to a closed output stay errors.
    constexpr int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd <= 2; ++fd)
        if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF && ::open("/dev/null", modes[fd]) != fd) std::_Exit(70);
    (void)std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace ovfkit::tool
