#pragma once

#include <string>

#include <ovfkit/model.hpp>

namespace ovfkit::detail {

/// Leaves one VM of several (an id or a name; empty: all of them), and of files, disks and networks what is not another's
/// alone. False: it is not there.
bool select_vm(Envelope& envelope, const std::string& vm);

}  // namespace ovfkit::detail
