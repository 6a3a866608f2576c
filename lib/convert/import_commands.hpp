#pragma once

#include <string>
#include <vector>

#include <ovfkit/import.hpp>

namespace ovfkit::detail {

/// What a text is called, however long its VM's name is.
std::string text_name(const OutputFile& text);

/// Whether the platform's texts name volumes of its own, which images become, and no paths.
bool has_own_volumes(const Format& format);

/// What brings one VM to life, after its folder is in place. `images` are those of the VM's disks and CD
/// drives, named as they lie in `folder`.
std::vector<std::string> commands_for(const Format& format, const Translation& translation, const std::string& folder,
                                      const std::vector<ImportedFile>& images, const LeafOptions& options);

}  // namespace ovfkit::detail
