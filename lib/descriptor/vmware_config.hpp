#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/devices.hpp"

/// vmw:Config and vmw:ExtraConfig of a VirtualHardwareSection that the model has fields for. Every dialect may carry
/// them: they are the only place standard OVF has for firmware and secure boot.
namespace ovfkit::detail {

/// The first of each key, where its value is understood.
struct VmwareConfig {
    Element firmware, secure_boot, nvram, maxmemctl;
};

/// `has_balloon`: an Item has the balloon, so that sched.mem.maxmemctl is only a parameter.
VmwareConfig vmware_config(Element section, const KnownIds& ids, bool has_balloon);

/// Sets the fields, and puts every other parameter into `parameters`.
void read_vmware_config(Element section, const VmwareConfig& config, Hardware& hardware,
                        std::vector<Parameter>& parameters);

/// The parameters as children of the section: what the fields say first, then `parameters`. `before` is what was
/// read, with which it is the same text where the meaning is.
std::vector<Parameter> vmware_parameters(const VmwareConfig& config, const Hardware& hardware, const Hardware& before,
                                         const std::vector<Parameter>& parameters, bool maxmemctl);

}  // namespace ovfkit::detail
