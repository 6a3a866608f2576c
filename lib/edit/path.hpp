#pragma once

#include <string>
#include <string_view>

#include "edit/editor.hpp"

/// A field of the model by its path: `cpu.model`, `nics[5].mac`, `disks[vmdisk1].capacity_bytes`, `parameters[vmw].KEY`.
namespace ovfkit::detail::edit {

/// What a path leads to and what becomes of it. `value` null: unset, where a whole list or an element of one may go, too.
struct PathEdit {
    std::string_view what;  ///< `--set`, for messages
    std::string_view path;
    const std::string* value = nullptr;
};

/// Throws UsageError with the nearest name where the path ends.
void apply_path(Editor& editor, const PathEdit& edit);

}  // namespace ovfkit::detail::edit
