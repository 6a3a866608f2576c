#pragma once

#include <cstdint>
#include <string>

/// What staged files and folders share.
namespace ovfkit::detail {

/// `.NAME.ovfkit-PID-RANDOM`: unused, and shows whose it is.
std::string temporary_name(const std::string& name);
/// Locks a temporary file or folder for as long as it is open, so that nobody takes it for a leftover.
void mark_alive(int fd);
void require_space(int fd, std::uint64_t bytes, const std::string& path);

}  // namespace ovfkit::detail
