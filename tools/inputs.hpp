#pragma once

#include <string>
#include <vector>

namespace ovfkit::tool {

/// What of a command line's paths is to be read: a folder stands for the descriptors, packages and Ganeti exports in it
/// and below it, in a stable order; anything else for itself. Throws IoError for a folder that cannot be listed and
/// UsageError for one without any.
std::vector<std::string> find_inputs(const std::vector<std::string>& paths);

}  // namespace ovfkit::tool
