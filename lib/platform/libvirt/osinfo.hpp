#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// Guest operating systems: libosinfo's ids against those of OVF producers.
namespace ovfkit::detail::libvirt {

/// libosinfo id of the guest; empty when none is certain. Ids of the CIM list are used up to 110 only: above,
/// tools disagree on their meaning.
std::string osinfo_id_of(const OperatingSystem& os);

/// CIM id that OVF tools use for a libosinfo id; nullopt when none is certain.
std::optional<std::uint32_t> cim_id_of(std::string_view osinfo_id);

bool is_windows(const OperatingSystem& os);

}  // namespace ovfkit::detail::libvirt
