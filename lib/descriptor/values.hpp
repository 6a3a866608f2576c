#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/checked.hpp"
#include "base/xml.hpp"

/// Values as they stand in a descriptor, checked; a bad one is reported and not taken.
namespace ovfkit::detail {

/// Reports `ovf-number-invalid`.
void report_number(Diagnostics& diagnostics, Element where, std::string_view what, std::string_view text,
                   std::uint64_t max);

/// The whole text as a number up to `max`. `what` names it in the message (`rasd:VirtualQuantity`).
template <std::unsigned_integral T>
std::optional<T> checked_number(std::string_view text, Element where, std::string_view what, Diagnostics& diagnostics,
                                T max = std::numeric_limits<T>::max()) {
    text = trimmed(text);
    const auto value = to_number<T>(text);
    if (!value || *value > max) {
        report_number(diagnostics, where, what, text, max);
        return std::nullopt;
    }
    return value;
}

/// A number in an attribute; absent and empty ones give nothing. Taken when good.
template <std::unsigned_integral T>
std::optional<T> take_number(Element element, Attribute attribute, Diagnostics& diagnostics,
                             T max = std::numeric_limits<T>::max()) {
    if (!attribute || trimmed(attribute.value()).empty()) return std::nullopt;
    const auto value = checked_number<T>(attribute.value(), element, attribute.qname(), diagnostics, max);
    if (value) (void)attribute.take();
    return value;
}

/// `true`, `false`, `1`, `0` in any case; anything else is reported (`ovf-boolean-invalid`), not taken and nothing.
std::optional<bool> take_boolean(Element element, Attribute attribute, Diagnostics& diagnostics);

/// Taken value of an id, href or name; reports one over Limits::name_bytes.
std::string take_name(Element element, Attribute attribute, Diagnostics& diagnostics);
/// The same of an element's text.
std::string take_name(Element element, Diagnostics& diagnostics);

/// `true` or `false`; empty for nothing.
std::string_view boolean_text(std::optional<bool> value);

template <std::unsigned_integral T>
std::string number_text(std::optional<T> value) {
    return value ? std::to_string(*value) : std::string{};
}

}  // namespace ovfkit::detail
