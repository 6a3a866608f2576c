#include "base/file_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/stop.hpp"

namespace ovfkit::detail {

namespace {

/// Calls `some(offset, size)` until all is done; 0 of it ends the loop.
template <class Some>
std::size_t in_full(std::size_t size, const std::string& path, std::string_view doing, Some some) {
    std::size_t done = 0;
    while (done < size) {
        stop_point();
        const ssize_t got = some(done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) io_error(path, errno, doing);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

}  // namespace

void io_error(const std::string& path, int code, std::string_view doing) {
    throw IoError(path, code, fmt::format("{} {}: {}", doing, path, std::strerror(code)));
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
    const std::size_t done = in_full(bytes.size(), path, "cannot write", [&](std::size_t at, std::size_t size) {
        return ::write(fd, bytes.data() + at, size);
    });
    if (done != bytes.size()) io_error(path, EIO, "cannot write");
}

void write_all_at(int fd, std::uint64_t offset, std::string_view bytes, const std::string& path) {
    const std::size_t done = in_full(bytes.size(), path, "cannot write", [&](std::size_t at, std::size_t size) {
        return ::pwrite(fd, bytes.data() + at, size, static_cast<off_t>(offset + at));
    });
    if (done != bytes.size()) io_error(path, EIO, "cannot write");
}

std::size_t read_full(int fd, std::span<std::byte> into, const std::string& path) {
    return in_full(into.size(), path, "cannot read",
                   [&](std::size_t at, std::size_t size) { return ::read(fd, into.data() + at, size); });
}

std::size_t read_full_at(int fd, std::uint64_t offset, std::span<std::byte> into, const std::string& path) {
    return in_full(into.size(), path, "cannot read", [&](std::size_t at, std::size_t size) {
        return ::pread(fd, into.data() + at, size, static_cast<off_t>(offset + at));
    });
}

std::size_t FileSource::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    const std::size_t got = read_full_at(file_->get(), offset_ + offset, into.first(wanted), path_);
    if (got != wanted)
        throw IoError(path_, EIO, fmt::format("cannot read {}: it became shorter while it was read", path_));
    return got;
}

RandomSource::Run FileSource::run_at(std::uint64_t offset) const {
    const std::uint64_t rest = size_ - offset;
    const auto begin = static_cast<off_t>(offset_ + offset);
    const off_t data = ::lseek(file_->get(), begin, SEEK_DATA);
    if (data < 0) return {offset, rest, errno == ENXIO};  // ENXIO: nothing but a hole up to the end
    if (data > begin) return {offset, std::min(rest, static_cast<std::uint64_t>(data - begin)), true};
    const off_t hole = ::lseek(file_->get(), begin, SEEK_HOLE);
    if (hole <= begin) return {offset, rest, false};
    return {offset, std::min(rest, static_cast<std::uint64_t>(hole - begin)), false};
}

}  // namespace ovfkit::detail
