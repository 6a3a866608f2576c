#pragma once

#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/loss.hpp>

/// Standard output and error of the tool. Data goes to the one, whole or as an error; messages to the other.
namespace ovfkit::tool {

class Console {
public:
    /// Data for standard output; written by flush().
    void data(std::string_view text) { data_ += text; }
    /// Throws IoError when standard output cannot take it: closed, full, its reader gone.
    void flush();

    void set_volume(bool quiet, bool verbose);
    /// `auto`, `always` or `never`.
    void set_color(std::string_view when);
    /// Whether what goes to standard output may be colored.
    [[nodiscard]] bool color_data() const { return color_data_; }
    [[nodiscard]] bool verbose() const { return verbose_; }

    /// `ovfkit: error: TEXT`.
    void error(std::string_view text) const;
    void warning(std::string_view text) const;
    /// Findings not shown yet: errors always, warnings unless quiet, notes when verbose.
    void show(const Diagnostics& diagnostics);
    void show(const Diagnostic& diagnostic) const;
    /// The loss report for people; nothing when it is empty or the user wants quiet.
    void show(const LossReport& report) const;

private:
    std::string data_;
    bool quiet_ = false, verbose_ = false, color_ = false, color_data_ = false;
};

/// Gives file descriptors 0 to 2 something harmless where they were closed, so that no file of ours gets
/// their number, and has a vanished reader reported as an error instead of a signal.
void guard_standard_streams();

}  // namespace ovfkit::tool
