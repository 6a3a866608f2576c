#pragma once

#include <optional>
#include <string_view>

#include <ovfkit/model.hpp>

#include "disk/image.hpp"

namespace ovfkit::detail {

/// QEMU's and oVirt's words: `raw`, `vmdk`, `qcow2`, `cow`, `vpc` ...
std::optional<disk::Family> family_of_word(std::string_view word);
/// What a Disk is said to be: by oVirt's word, by its format, by the name of its file.
std::optional<disk::Family> family_of_disk(const VirtualDisk& disk, std::string_view href);

}  // namespace ovfkit::detail
