#pragma once

#include <string>
#include <string_view>

namespace ovfkit::detail::libvirt {

bool is_x86(std::string_view arch);
/// `pc-i440fx-7.2` -> `pc`, `pc-q35-rhel8.1.0` -> `q35` ...: libvirt replaces the alias by the version it has.
std::string general_machine(std::string_view machine);

}  // namespace ovfkit::detail::libvirt
