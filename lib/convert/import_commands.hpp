#pragma once

#include <string>
#include <vector>

#include <ovfkit/import.hpp>

namespace ovfkit::detail {

/// What a text is called, however long its VM's name is.
std::string text_name(const OutputFile& text);

/// What brings one VM to life, after its folder is in place.
std::vector<std::string> commands_for(const Format& format, const Translation& translation, const std::string& folder,
                                      const std::vector<ImportedFile>& files, const LeafOptions& options);

}  // namespace ovfkit::detail
