#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/loss.hpp>
#include <ovfkit/model.hpp>

#include "convert/places.hpp"
#include "model/leaf.hpp"

/// Loss accounting: nothing that has a value may vanish without a row.
namespace ovfkit::detail {

struct Account {
    const Envelope& envelope;
    const VirtualSystem& system;
    const Places& places;
    bool origin_carried = false;  ///< what is dropped is kept in the carried descriptor
    bool first_system = true;     ///< whose report also names what belongs to no VM
};

/// Rows of a translation to a platform form: the leaf's notes, every field it does not claim, every one it claims that
/// does not read back from what was written, and what the source holds that the model does not.
std::vector<LossRow> account_platform(const Account& account, const Platform& platform, std::string_view form,
                                      const Written& written);

/// Rows of writing a dialect: the leaf's notes, every field of `wanted` that does not read back from what was
/// written, and `unmapped` of the source.
std::vector<LossRow> account_dialect(const Envelope& wanted, const Envelope& written, const Places& places,
                                     const std::vector<LossNote>& notes, const std::vector<Unmapped>& unmapped);

/// Rows of what has no counterpart in the model.
std::vector<LossRow> unmapped_rows(const Places& places, const std::vector<Unmapped>& unmapped);

/// Devices and sections that must be understood and are not: an error finding each, exit 4 unless lenient.
void report_required(const Account& account, Diagnostics& diagnostics, const std::string& name, bool lenient);

}  // namespace ovfkit::detail
