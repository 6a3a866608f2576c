#pragma once

#include <memory>
#include <string>

#include "disk/reader.hpp"
#include "disk/tap.hpp"

namespace ovfkit::detail::disk {

/// streamOptimized, from its first byte on. `image` is what the inspection of the same bytes found.
std::unique_ptr<Reader> vmdk_stream_reader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image,
                                           const InspectOptions& options, Diagnostics& diagnostics);

}  // namespace ovfkit::detail::disk
