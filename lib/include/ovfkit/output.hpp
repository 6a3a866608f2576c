#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/export.hpp>

namespace ovfkit {

/// A file to be written. Folders of `path` that do not exist are made.
struct NewOutput {
    std::string path;
    std::string bytes;
    bool secret = false;  ///< mode 0600 whatever the umask
};

/// Writes files so that each appears whole or not at all, and none when one cannot be written: every temporary
/// name first, then every rename; a new folder appears with all that is in it. Throws IoError, also when a file
/// exists and `replace` is false, and UsageError when two outputs have one path.
OVFKIT_EXPORT void write_output(const std::vector<NewOutput>& files, bool replace);

}  // namespace ovfkit
