#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// xenovf:VirtualSystemOtherConfigurationData: XenServer's own settings of a VM, `Name` and `Value`, as parameters.
/// HVM_boot_params and platform are lists (`order=cdn;firmware=uefi`): each entry is a parameter of its own space.
namespace ovfkit::detail::xen {

inline constexpr std::string_view space = "xenovf", boot_space = "xenovf.boot", platform_space = "xenovf.platform";

/// Every setting of the section, in its order; the values are opaque text. Reports `xen-data-*`.
std::vector<Parameter> read_configuration(Element section, Diagnostics& diagnostics);

/// Whether a setting can be written so that it reads back: names and entries have separators.
bool is_setting(const Parameter& parameter);

/// Edits the section until read_configuration gives `wanted`, as far as the order goes that the document has.
void update_configuration(XmlDocument& document, Element section, const std::vector<Parameter>& wanted);

}  // namespace ovfkit::detail::xen
