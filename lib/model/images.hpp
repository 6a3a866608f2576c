#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ovfkit/model.hpp>

namespace ovfkit::detail {

/// Makes the File and the Disk behind a drive that was read from a platform: its source, or a disk without a file.
/// `drive.info.id` has to be set.
void attach_image(Envelope& envelope, Drive& drive, std::optional<std::uint64_t> capacity = {});

}  // namespace ovfkit::detail
