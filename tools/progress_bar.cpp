#include "progress_bar.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "table.hpp"

namespace ovfkit::tool {

namespace {

// Where it cannot be shown it is not.
void say(const std::string& text) {
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace

void ProgressBar::at(std::uint64_t done, std::uint64_t total) {
    if (form_ == Form::none) return;
    const auto now = std::chrono::steady_clock::now();
    unsaid_ = now - last_ < std::chrono::milliseconds(100);
    done_ = done, total_ = total;
    if (unsaid_) return;
    last_ = now;
    if (form_ == Form::json) {
        say_json();
        return;
    }
    std::string text = total == 0 ? fmt::format("{:.1f} MiB", static_cast<double>(done) / (1 << 20))
                                  : fmt::format("{:3} %  {:.1f} of {:.1f} MiB", done >= total ? 100 : done / (total / 100 + 1),
                                                static_cast<double>(done) / (1 << 20), static_cast<double>(total) / (1 << 20));
    text += speed();
    const std::size_t width = text.size();
    if (width < width_) text.append(width_ - width, ' ');
    width_ = width;
    say("\r" + text);
}

/// How fast, and how long it will take; nothing before a second has passed.
std::string ProgressBar::speed() const {
    const double seconds = std::chrono::duration<double>(last_ - start_).count();
    if (seconds < 1.0 || done_ == 0) return {};
    const double rate = static_cast<double>(done_) / seconds;
    std::string out = fmt::format("  {:.1f} MiB/s", rate / (1 << 20));
    if (total_ <= done_) return out;
    const double left = static_cast<double>(total_ - done_) / rate;
    if (left < 360000.0) out += fmt::format("  {}:{:02} left", static_cast<long>(left) / 60, static_cast<long>(left) % 60);
    return out;
}

void ProgressBar::say_json() const { say(fmt::format("{{\"done\":{},\"total\":{}}}\n", done_, total_)); }

/// Programs see the last state, too.
ProgressBar::~ProgressBar() {
    if (form_ == Form::json && unsaid_) say_json();
    if (width_ != 0) say("\r" + std::string(width_, ' ') + "\r");
}

}  // namespace ovfkit::tool
