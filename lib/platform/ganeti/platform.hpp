#pragma once

#include <string>
#include <string_view>

#include "platform/ganeti/instance.hpp"

namespace ovfkit::detail::ganeti {

/// 0 to 100: how surely the bytes are one of the forms.
int detect(std::string_view name, std::string_view bytes);
Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context,
              Carried& carried);
bool carries(std::string_view form, std::string_view key);

}  // namespace ovfkit::detail::ganeti
