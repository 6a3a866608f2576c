#pragma once

#include <csignal>

/// Signals that end the work in an orderly way.
namespace ovfkit::tool {

/// While it lives, SIGINT, SIGTERM and SIGHUP end the library's operations (Stopped) instead of the process.
class Interruptible {
public:
    Interruptible();
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    static constexpr int numbers_[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before_[3];
};

/// Ends the process by the signal that came, as if it had not been caught; returns when none did.
void die_of_signal();

}  // namespace ovfkit::tool
