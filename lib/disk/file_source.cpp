#include "disk/file_source.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "disk/report.hpp"

namespace ovfkit::detail::disk {

FileSource::FileSource(std::string name, int fd) : name_(std::move(name)), fd_(fd) {
    // Of a block device too.
    const off_t end = ::lseek(fd_, 0, SEEK_END);
    if (end < 0) io_fail(name_, "cannot read");
    size_ = static_cast<std::uint64_t>(end);
}

std::size_t FileSource::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    std::size_t have = 0;
    while (have < wanted) {
        const ssize_t got =
            ::pread(fd_, into.data() + have, wanted - have, static_cast<off_t>(offset_ + offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) io_fail(name_, "cannot read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

RandomSource::Run FileSource::run_at(std::uint64_t offset) const {
    const Run all{offset, size_ - offset, false};
    const auto from = static_cast<off_t>(offset_ + offset);
    const auto end = [&](off_t at) { return std::min(static_cast<std::uint64_t>(at) - offset_, size_); };
    const off_t data = ::lseek(fd_, from, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? Run{offset, size_ - offset, true} : all;  // a hole up to the end; or no answer
    if (end(data) > offset) return {offset, end(data) - offset, true};
    const off_t hole = ::lseek(fd_, from, SEEK_HOLE);
    return hole < 0 ? all : Run{offset, end(hole) - offset, false};
}

}  // namespace ovfkit::detail::disk
