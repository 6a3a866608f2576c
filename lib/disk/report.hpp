#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>

#include "base/stream.hpp"
#include "disk/bytes.hpp"

namespace ovfkit::detail::disk {

/// Throws InputError of that rule, about the file `name`.
[[noreturn]] void fail(std::string_view name, std::string_view rule, Failure failure, std::string message);
void warn(Diagnostics& diagnostics, std::string_view name, std::string_view rule, std::string message);
/// Throws IoError from errno.
[[noreturn]] void io_fail(std::string_view name, std::string_view doing);
/// The file ends where more is needed.
[[noreturn]] void truncated(std::string_view name, std::uint64_t offset, std::string_view what);

/// Exactly `into.size()` bytes, or `truncated`.
void read_exactly(const RandomSource& source, std::string_view name, std::uint64_t offset, MutableBytes into,
                  std::string_view what);
/// All of `bytes` at `offset` of a file. Throws IoError.
void write_at(int fd, std::string_view name, std::uint64_t offset, Bytes bytes);

}  // namespace ovfkit::detail::disk
