#include "interrupt.hpp"

#include <ovfkit/progress.hpp>

namespace ovfkit::tool {

namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void on_signal(int number) {
    caught = number;
    request_stop();
}

}  // namespace

Interruptible::Interruptible() {
    struct sigaction action {};
    action.sa_handler = on_signal;  // without SA_RESTART: a read that waits for a pipe ends, too
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < std::size(numbers_); ++i) {
        ::sigaction(numbers_[i], nullptr, &before_[i]);
        if (before_[i].sa_handler != SIG_IGN) ::sigaction(numbers_[i], &action, nullptr);
    }
}

Interruptible::~Interruptible() {
    for (std::size_t i = 0; i < std::size(numbers_); ++i) ::sigaction(numbers_[i], &before_[i], nullptr);
}

void die_of_signal() {
    if (caught == 0) return;
    (void)std::signal(caught, SIG_DFL);
    (void)std::raise(caught);
}

}  // namespace ovfkit::tool
