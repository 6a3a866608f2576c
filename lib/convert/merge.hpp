#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ovfkit/model.hpp>

#include "model/leaf.hpp"

namespace ovfkit::detail {

/// Edits made on a platform, brought back: the three-way merge of a carried descriptor.
struct MergeInput {
    const Envelope& carried;    ///< what the descriptor says
    std::size_t system = 0;     ///< which of its systems the platform text is
    const Envelope& then;       ///< what the platform text said when it was written
    const Envelope& now;        ///< what it says now
    /// Device id in the descriptor -> in the platform text.
    const std::vector<std::pair<std::string, std::string>>& ids;
};

/// `carried` with every field changed from `then` to `now`. What finds no counterpart goes to `notes`.
Envelope merge_edits(const MergeInput& input, std::vector<LossNote>& notes);

}  // namespace ovfkit::detail
