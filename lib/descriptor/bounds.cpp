#include "descriptor/bounds.hpp"

#include <optional>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

/// Files of 0.9 give the amount of a range as its Reservation.
Element quantity_of(const EffectiveItem& item) {
    const Element quantity = item.item.get(Rasd::VirtualQuantity);
    return quantity ? quantity : item.item.get(Rasd::Reservation);
}

/// In the base unit, so that MiB and GiB compare; nothing when it cannot be told.
std::optional<std::uint64_t> amount_of(const EffectiveItem& item) {
    const auto number = to_number<std::uint64_t>(trimmed(quantity_of(item).text()));
    const std::string_view text = item.item.text(Rasd::AllocationUnits);
    const auto unit = text.empty() ? Unit{} : parse_unit(text).value_or(Unit{});
    return number ? scaled(*number, unit) : std::nullopt;
}

bool same_device(const EffectiveItem& a, const EffectiveItem& b) {
    return a.type == b.type && a.instance() == b.instance();
}

}  // namespace

void check_ranges(const std::vector<EffectiveItem>& ranges, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const EffectiveItem& range = ranges[i];
        for (std::size_t j = 0; j < i; ++j) {
            const EffectiveItem& earlier = ranges[j];
            if (!same_device(range, earlier)) continue;
            const bool configured = range.item.configuration().empty() != earlier.item.configuration().empty();
            if (range.item.bound() == earlier.item.bound()) {
                if (!configured)
                    report(diagnostics, "ovf-bound-duplicate", range.item.element,
                           fmt::format("a second Item with ovf:bound=\"{}\" for the rasd:InstanceID '{}'; remove one",
                                       printable(range.item.bound(), 40), printable(range.instance(), 80)),
                           Failure::malformed);
                break;
            }
            const bool is_min = range.item.bound() == "min";
            const auto low = amount_of(is_min ? range : earlier), high = amount_of(is_min ? earlier : range);
            if (low && high && *low > *high)
                report(diagnostics, "ovf-bound-reversed", range.item.element,
                       fmt::format("the minimum for the rasd:InstanceID '{}' is above its maximum",
                                   printable(range.instance(), 80)),
                       Failure::malformed);
        }
    }
}

void check_range(const EffectiveItem& range, const EffectiveItem& normal, Diagnostics& diagnostics) {
    const Element quantity = quantity_of(range);
    if (quantity && !checked_number<std::uint64_t>(quantity.text(), quantity, quantity.qname(), diagnostics)) return;
    const auto bound = amount_of(range), amount = amount_of(normal);
    if (!bound || !amount) return;
    const bool is_min = range.item.bound() == "min";
    if (is_min ? *amount < *bound : *amount > *bound)
        report(diagnostics, "ovf-bound-outside", quantity_of(normal),
               fmt::format("the normal amount {} of the rasd:InstanceID '{}' is {} the {} {} of line {}",
                           printable(trimmed(quantity_of(normal).text()), 40), printable(normal.instance(), 80),
                           is_min ? "below" : "above", is_min ? "minimum" : "maximum",
                           printable(trimmed(quantity.text()), 40),
                           range.item.element.document()->locate(range.item.element.offset()).line));
}

std::string described(const EffectiveItem& range) {
    return fmt::format("range: {} of Item '{}': {}", range.item.bound(), range.instance(), contents_of(range.item));
}

}  // namespace ovfkit::detail
