#include "disk/window.hpp"

#include <algorithm>
#include <new>

namespace ovfkit::detail::disk {

namespace {
constexpr std::size_t zero_unit = 64U << 10;  ///< holes below this are not worth a write of their own
}

Window::Window() : data_(static_cast<std::byte*>(::operator new[](window_bytes, std::align_val_t{block_bytes}))) {}

void Window::reset(std::uint64_t offset, std::uint64_t capacity) {
    offset_ = offset;
    length_ = static_cast<std::size_t>(std::min<std::uint64_t>(window_bytes, capacity - offset));
    present_.reset();
    zero_.reset();
}

void Window::cover(std::size_t at, std::size_t size) {
    const std::size_t end = at + size;
    for (std::size_t block = at / block_bytes; block * block_bytes < end; ++block) {
        const std::size_t from = block * block_bytes;
        const bool whole = at <= from && from + block_bytes <= end;
        if (!whole && !present_[block]) std::fill_n(data_.get() + from, block_bytes, std::byte{0});
        present_.set(block);
        zero_.reset(block);
    }
}

void Window::cover_zero(std::size_t at, std::size_t size) {
    for (std::size_t block = at / block_bytes; block * block_bytes < at + size; ++block)
        if (!present_[block]) zero_.set(block);
}

void Window::drop_zeros(bool keep) {
    for (std::size_t unit = 0; unit < length_; unit += zero_unit) {
        const std::size_t end = std::min(unit + zero_unit, length_);
        bool found = false, zero = true;
        for (Range run = next(unit); zero && run.begin < end; run = next(run.end)) {
            if (run.begin == run.end) break;
            found = true;
            zero = all_zero(data().subspan(run.begin, std::min(run.end, end) - run.begin));
        }
        if (!found || !zero) continue;
        for (std::size_t block = unit / block_bytes; block * block_bytes < end; ++block) {
            if (present_[block] && keep) zero_.set(block);
            present_.reset(block);
        }
    }
}

bool Window::any(std::size_t at, std::size_t size) const {
    const Range run = next(at);
    return run.begin < run.end && run.begin < at + size;
}

Window::Range Window::next(const Blocks& blocks, std::size_t from) const {
    std::size_t block = from / block_bytes;
    while (block < window_blocks && !blocks[block]) ++block;
    std::size_t end = block;
    while (end < window_blocks && blocks[end]) ++end;
    const std::size_t begin = std::min(std::max(block * block_bytes, from), length_);
    return {begin, std::max(begin, std::min(end * block_bytes, length_))};
}

}  // namespace ovfkit::detail::disk
