#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <ovfkit/progress.hpp>

namespace ovfkit::tool {

/// How far it is, on one line of standard error that is written over and wiped at the end, or as lines of JSON
/// (`{"done":BYTES,"total":BYTES}`, total 0 when it is not known).
class ProgressBar : public Progress {
public:
    enum class Form { none, bar, json };
    explicit ProgressBar(Form form) : form_(form) {}
    ~ProgressBar() override;
    void at(std::uint64_t done, std::uint64_t total) override;

private:
    void say_json() const;
    [[nodiscard]] std::string speed() const;

    Form form_;
    bool unsaid_ = false;  ///< the last state
    std::uint64_t done_ = 0, total_ = 0;
    std::size_t width_ = 0;  ///< of what stands there
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_{};
};

struct Options;
/// As the command line and the terminal want it; throws UsageError.
ProgressBar::Form progress_form(const Options& options);

}  // namespace ovfkit::tool
