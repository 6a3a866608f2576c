#pragma once

#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// Property types and qualifiers (DSP0243 9.5.1, table of types; CIM qualifiers MinLen, MaxLen, ValueMap, MinValue,
/// MaxValue).
namespace ovfkit::detail {

/// Why `value` does not do for the property, as a clause (`'x' is no uint16 (0 to 65535)`); empty when it does, or
/// when it is empty or holds a reference. The value of a password is never in it.
std::string value_problem(const Property& property, std::string_view value);

/// Whether an empty value does not do: its least length is above 0.
bool needs_value(const Property& property);

/// What is wrong with a Property as it stands: `ovf-property-type-unknown`, `ovf-property-qualifier-invalid`,
/// `ovf-property-value-invalid`.
void check_property(Element element, const Property& property, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
