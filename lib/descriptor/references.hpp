#pragma once

#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"

/// References (DSP0243 7.1).
namespace ovfkit::detail {

/// What is wrong with a reference: it must name a file beside or below the descriptor. Empty: nothing. The
/// percent code is resolved once before looking.
std::string_view unsafe_href(std::string_view href);

/// Reports `ovf-file-incomplete`, `ovf-file-duplicate`, `ovf-href-unsafe`, `ovf-limit-exceeded`.
std::vector<FileReference> read_files(Element references, Diagnostics& diagnostics);

/// The element of one file.
Fragment new_file(const FileReference& file);

/// Adds, changes and removes File elements where `have` (what is read from them) and `wanted` differ. Files are
/// told apart by id. Does nothing when `references` is
/// invalid.
void update_files(Editing& editing, Element references, const std::vector<FileReference>& have,
                  const std::vector<FileReference>& wanted);

}  // namespace ovfkit::detail
