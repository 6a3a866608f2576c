#pragma once

#include "descriptor/effective.hpp"

namespace ovfkit::detail {

/// Whether the property is what XenCenter writes there whatever the VM: it says nothing, and is taken.
bool take_xen_constant(const EffectiveItem& item, Rasd field);
/// All of them that no field of the model is made from.
void take_xen_constants(const EffectiveItem& item);

}  // namespace ovfkit::detail
