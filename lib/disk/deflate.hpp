#pragma once

#include <cstddef>
#include <memory>

#include "disk/bytes.hpp"
#include "disk/target.hpp"

namespace ovfkit::detail::disk {

/// Packs with zlib's format at one of three levels. One a thread.
class Deflater {
public:
    Deflater() = default;
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    virtual ~Deflater() = default;
    /// Room that `size` bytes need at worst.
    [[nodiscard]] virtual std::size_t bound(std::size_t size) const = 0;
    /// The size of what it made in `into`, which has that room.
    virtual std::size_t run(Bytes from, MutableBytes into) = 0;
};

std::unique_ptr<Deflater> make_deflater(Level level);

}  // namespace ovfkit::detail::disk
