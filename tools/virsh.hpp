#pragma once

#include <string>
#include <vector>

namespace ovfkit::tool {

/// Defines the libvirt domains of these files at the connection `uri`, with the user's own virsh and environment, and
/// without a shell. Throws IoError for the first that is not taken; what virsh says goes to standard error.
void define_domains(const std::string& uri, const std::vector<std::string>& paths);

}  // namespace ovfkit::tool
