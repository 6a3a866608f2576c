#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/stream.hpp"

/// Streams of gzip, bzip2 and xz. Their libraries are loaded on first use.
namespace ovfkit::detail {

enum class Compression { none, gzip, bzip2, xz };

/// By the magic bytes at its beginning.
Compression compression_of(std::span<const std::byte> beginning);

/// What comes out of `in`. Throws InputError when it is damaged, cut short, followed by something that is not another
/// stream of the kind, or gives more than `limit` bytes. `what` is what messages call it.
std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> in, Compression compression, std::string package,
                                         std::string what, std::uint64_t limit = UINT64_MAX);

}  // namespace ovfkit::detail
