#pragma once

#include "descriptor/edit.hpp"
#include "dialect/virtualbox/machine.hpp"

/// VirtualBox refuses a whole descriptor for one Item it cannot read.
namespace ovfkit::detail::virtualbox {

/// `wanted` with everything that is not in `have` made such that VirtualBox imports it, and a note for every change.
Envelope arranged(const Envelope& have, const Envelope& wanted, std::vector<LossNote>& notes);

}  // namespace ovfkit::detail::virtualbox
