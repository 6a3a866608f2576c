#pragma once

#include "dialect/virtualbox/machine.hpp"

/// A VM as its Items and its vbox:Machine say it together, and the way back.
namespace ovfkit::detail::virtualbox {

/// Fills `system`, what the rest of the descriptor says, from vbox:Machine. Reports `virtualbox-machine-conflict`,
/// `virtualbox-balloon-size`.
void join_machine(VirtualSystem& system, const Machine& machine, Diagnostics& diagnostics);

struct Division {
    VirtualSystem says;                          ///< vbox:Machine's share
    std::optional<std::uint64_t> balloon_bytes;  ///< and what it takes from the guest
    VirtualSystem rest;                          ///< what the rest of the descriptor is to say
};

/// So that join_machine() of both shares gives `wanted`. `plain` and `machine` are the shares as they are, `have` is
/// what they join to. With `fresh` the rest says everything: other readers take no notice of vbox:Machine.
Division divide(const Machine& machine, const VirtualSystem& plain, const VirtualSystem& have,
                const VirtualSystem& wanted, bool fresh);

}  // namespace ovfkit::detail::virtualbox
