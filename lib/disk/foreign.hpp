#pragma once

#include "disk/image.hpp"

/// Formats that a helper program reads. Looked at first: sizes sane, nothing refers to another file.
namespace ovfkit::detail::disk {

Image inspect_vhd(std::string_view name, const RandomSource& source, const InspectOptions& options);
Image inspect_vhdx(std::string_view name, const RandomSource& source, const InspectOptions& options);
Image inspect_vdi(std::string_view name, const RandomSource& source, const InspectOptions& options);

}  // namespace ovfkit::detail::disk
