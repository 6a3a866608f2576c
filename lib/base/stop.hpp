#pragma once

/// See ovfkit/progress.hpp.
namespace ovfkit::detail {

/// Throws Stopped after request_stop(). Every loop over the bytes of a disk passes here; the readers and writers of
/// base/file_descriptor.hpp do it themselves.
void stop_point();

}  // namespace ovfkit::detail
