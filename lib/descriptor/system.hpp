#pragma once

#include <string_view>
#include <unordered_set>

#include "descriptor/hardware.hpp"

/// One VirtualSystem, its sections and its hardware.
namespace ovfkit::detail {

/// Into a fresh VirtualSystem that stands already where it is to stay.
void read_system(const SystemParts& parts, std::string_view configuration, const KnownIds& ids, const Style& style,
                 VirtualSystem& system, Diagnostics& diagnostics);

/// Gives a VirtualSystem without an id, or with one that is taken, an id of its own (`#2`, `vm#2`) that is never
/// written.
void make_unique(VirtualSystem& system, std::size_t number, Element element, std::unordered_set<std::string_view>& seen,
                 Diagnostics& diagnostics);

/// Which of `have` each of `wanted` is, have.size() for none: by id; the rest pairs up in order when as many are left
/// over on both sides.
std::vector<std::size_t> matched_systems(const std::vector<VirtualSystem>& have,
                                         const std::vector<VirtualSystem>& wanted);

void update_system(Editing& editing, Element element, std::string_view configuration, const KnownIds& ids,
                   const VirtualSystem& have, const VirtualSystem& wanted, const Style& style);

}  // namespace ovfkit::detail
