#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/names.hpp"

/// Names and words as libvirt spells and restricts them.
namespace ovfkit::detail::libvirt {

/// A domain name libvirt takes: no '/', no line end or control character, not empty, at most 200 bytes.
std::string domain_name(std::string_view name);
/// `sd`, 0 -> `sda`; 26 -> `sdaa` (bijective base 26).
std::string target_name(std::string_view prefix, std::size_t index);
/// The reverse of the letters: `sdaa` -> 26. nullopt when there are none or too many.
std::optional<std::size_t> target_index(std::string_view name);

/// libvirt's name of a SCSI controller model and back (`spapr-vscsi` is `ibmvscsi` there).
std::string_view scsi_model_word(std::string_view neutral);
std::string_view scsi_model_from(std::string_view word);

}  // namespace ovfkit::detail::libvirt
