#pragma once

#include <vector>

#include "model/leaf.hpp"

namespace ovfkit::detail::ovirt {

/// A note for every field that oVirt has no place for in any form, where `wanted` says it and `have` does not.
void note_unsupported(const Envelope& have, const Envelope& wanted, std::vector<LossNote>& notes);

}  // namespace ovfkit::detail::ovirt
