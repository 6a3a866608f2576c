#pragma once

#include <string>
#include <vector>

/// The user's own virsh, in the user's environment and without a shell.
namespace ovfkit::tool {

/// Defines the libvirt domains of these files at the connection `uri`. Throws IoError for the first that is not taken;
/// what virsh says goes to standard error.
void define_domains(const std::string& uri, const std::vector<std::string>& paths);

/// What libvirt makes of a domain's text: defines it at `uri`, dumps it, and takes it back. A domain of that name or UUID
/// that is there is never touched: IoError, as for a text that is not taken.
std::string through_libvirt(const std::string& uri, const std::string& name, const std::string& xml);

}  // namespace ovfkit::tool
