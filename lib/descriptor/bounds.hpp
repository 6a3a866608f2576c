#pragma once

#include <string>
#include <vector>

#include "descriptor/effective.hpp"

/// Ranges: Items with ovf:bound min or max (DSP0243 8.4). They are no devices.
namespace ovfkit::detail {

/// Two ranges of one kind for one device (`ovf-bound-duplicate`), and a minimum above the maximum (`ovf-bound-reversed`).
void check_ranges(const std::vector<EffectiveItem>& ranges, Diagnostics& diagnostics);

/// A quantity that is no whole number (`ovf-number-invalid`), and a normal amount outside (`ovf-bound-outside`).
void check_range(const EffectiveItem& range, const EffectiveItem& normal, Diagnostics& diagnostics);

/// `min 384 byte * 2^20 for Item '2'`: for the loss report.
std::string described(const EffectiveItem& range);

}  // namespace ovfkit::detail
