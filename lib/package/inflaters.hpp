#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "package/decompress.hpp"

namespace ovfkit::detail {

/// One stream of a compression library.
class Inflater {
public:
    enum class State { more, stream_end, damaged, memory };
    virtual ~Inflater() = default;
    /// Makes it ready for the next stream.
    virtual void restart() = 0;
    /// Takes bytes off `in` and puts bytes to `out`; shortens both by what it did.
    virtual State step(std::span<const std::byte>& in, std::span<std::byte>& out) = 0;
};

std::unique_ptr<Inflater> make_inflater(Compression compression);

}  // namespace ovfkit::detail
