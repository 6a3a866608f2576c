#include "base/stop.hpp"

#include <atomic>

#include <ovfkit/progress.hpp>

namespace ovfkit {

namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // or a signal handler could not set it

}  // namespace

Progress::~Progress() = default;

Stopped::Stopped() : Error("stopped") {}

void request_stop() noexcept { stop_requested.store(true, std::memory_order_relaxed); }

void detail::stop_point() {
    if (stop_requested.load(std::memory_order_relaxed)) throw Stopped();
}

}  // namespace ovfkit
