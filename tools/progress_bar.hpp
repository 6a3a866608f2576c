#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <ovfkit/progress.hpp>

namespace ovfkit::tool {

/// How far it is, on one line of standard error that is written over and wiped at the end.
class ProgressBar : public Progress {
public:
    explicit ProgressBar(bool shown) : shown_(shown) {}
    ~ProgressBar() override;
    void at(std::uint64_t done, std::uint64_t total) override;

private:
    bool shown_;
    std::size_t width_ = 0;  ///< of what stands there
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace ovfkit::tool
