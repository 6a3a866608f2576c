#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edit/editor.hpp"

/// Where drives go and what they are made of: for disk_operations and controller_operations.
namespace ovfkit::detail::edit {

/// How many units a controller of that kind has, and the one that is its own.
struct Units {
    std::uint32_t count = 0;
    std::optional<std::uint32_t> reserved;
};
Units units_of(const Controller& controller);

/// The lowest unit of the controller that no drive but `self` has. Throws UsageError when it is full.
std::uint32_t free_unit(const Hardware& hardware, const Controller& controller, const Drive* self, std::string_view what);

/// Sets controller and unit as `controller=` and `unit=` say; a drive that is new and gets no word goes where the others of
/// its kind are.
void place(const VirtualSystem& system, Drive& drive, const Pairs& pairs, bool is_new);

/// The File of a file that lies beside the output: its size is known, its name may be in a package.
struct NewFileReference {
    FileReference file;
    std::uint64_t capacity = 0;  ///< of the image in it
    std::string format;          ///< URI of what it is
};
/// `format`: a word that it is said to be, `iso` for what is not looked into; empty: by its first bytes.
NewFileReference reference(const Editor& editor, std::string_view what, const std::string& name, std::string_view format);

}  // namespace ovfkit::detail::edit
