#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_source.hpp"
#include "model/leaf.hpp"

/// The VM definition of VDSM's API (VM.create): numbers of the VM and the list of its devices.
namespace ovfkit::detail::vdsm {

using Json = nlohmann::ordered_json;

Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context,
              Carried& carried);
bool carries(std::string_view form, std::string_view key);
int detect(std::string_view name, std::string_view bytes);

/// `8-4-4-4-12` hex.
bool is_uuid(std::string_view text);
/// VDSM's nicModel for the model's word and back; empty when there is none.
std::string_view nic_word(std::string_view model);
std::string nic_model(std::string_view word);

}  // namespace ovfkit::detail::vdsm
