#pragma once

#include <string>
#include <string_view>

#include "model/leaf.hpp"

/// The entry points of the platform (model/leaf.hpp).
namespace ovfkit::detail::libvirt {

int detect(std::string_view name, std::string_view bytes);
Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context,
              Carried& carried);
bool carries(std::string_view form, std::string_view key);

}  // namespace ovfkit::detail::libvirt
