#pragma once

#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// Fields of the model that XenServer keeps among its settings: boot order, firmware, secure boot, virtual TPM,
/// cores per socket.
namespace ovfkit::detail::xen {

/// Moves what `settings` say into `system`, which is as the standard's parts have it; the rest becomes parameters.
void read_fields(std::vector<Parameter> settings, Element section, VirtualSystem& system, Diagnostics& diagnostics);

/// The settings for `wanted`. `settings` are those of the document, `plain` what its standard parts say; `rest`
/// becomes `wanted` without what the settings hold.
std::vector<Parameter> settings_for(const VirtualSystem& wanted, const std::vector<Parameter>& settings,
                                    const VirtualSystem& plain, VirtualSystem& rest);

}  // namespace ovfkit::detail::xen
