#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <utility>

#include "disk/bytes.hpp"

/// A piece of the disk as the guest sees it: an aligned MiB, the unit of work of every transfer. Grains and most
/// clusters divide it, so that a window is filled by one task and written by one.
namespace ovfkit::detail::disk {

inline constexpr std::size_t window_bytes = 1U << 20;
inline constexpr std::size_t block_bytes = 4096;  ///< the smallest grain; what is present is known by blocks
inline constexpr std::size_t window_blocks = window_bytes / block_bytes;

class Window {
public:
    using Blocks = std::bitset<window_blocks>;
    struct Range {
        std::size_t begin = 0, end = 0;  ///< bytes in the window
    };

    Window();
    void reset(std::uint64_t offset, std::uint64_t capacity);

    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    /// window_bytes, or what is left at the end of the disk.
    [[nodiscard]] std::size_t length() const { return length_; }
    [[nodiscard]] MutableBytes data() { return {data_.get(), window_bytes}; }
    [[nodiscard]] Bytes data() const { return {data_.get(), window_bytes}; }

    /// About to be filled: blocks it covers in part only get zeros around it.
    void cover(std::size_t at, std::size_t size);
    /// Explicitly zero: over another layer these are written, else they stay holes.
    void cover_zero(std::size_t at, std::size_t size);
    /// Takes out what is all zero, by `unit` bytes; with `keep` it becomes explicitly zero.
    void drop_zeros(bool keep);

    /// The next run of present (or explicitly zero) blocks from byte `from` on; empty at the end.
    [[nodiscard]] Range next(std::size_t from) const { return next(present_, from); }
    [[nodiscard]] Range next_zero(std::size_t from) const { return next(zero_, from); }
    [[nodiscard]] bool empty() const { return present_.none() && zero_.none(); }
    [[nodiscard]] bool any(std::size_t at, std::size_t size) const;

private:
    [[nodiscard]] Range next(const Blocks& blocks, std::size_t from) const;
    struct Free {
        void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{block_bytes}); }
    };
    std::unique_ptr<std::byte[], Free> data_;
    std::uint64_t offset_ = 0;
    std::size_t length_ = window_bytes;
    Blocks present_, zero_;
};

}  // namespace ovfkit::detail::disk
