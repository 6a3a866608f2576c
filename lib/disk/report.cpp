#include "disk/report.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail::disk {

void fail(std::string_view name, std::string_view rule, Failure failure, std::string message) {
    Diagnostics one;
    report(one, rule, Location{std::string(name)}, std::move(message), failure);
    throw InputError(one.all().front());
}

void warn(Diagnostics& diagnostics, std::string_view name, std::string_view rule, std::string message) {
    report(diagnostics, rule, Location{std::string(name)}, std::move(message), Failure::none);
}

void io_fail(std::string_view name, std::string_view doing) {
    const int code = errno;
    throw IoError(std::string(name), code, fmt::format("{} {}: {}", doing, name, std::strerror(code)));
}

void truncated(std::string_view name, std::uint64_t offset, std::string_view what) {
    fail(name, "disk-image-truncated", Failure::malformed,
         fmt::format("the image is truncated: it ends at byte {}, inside {}; fetch it again", offset, what));
}

void read_exactly(const RandomSource& source, std::string_view name, std::uint64_t offset, MutableBytes into,
                  std::string_view what) {
    const std::size_t got = source.read_at(offset, into);
    if (got != into.size()) truncated(name, offset + got, what);
}

void write_at(int fd, std::string_view name, std::uint64_t offset, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = EIO;
        if (done <= 0) io_fail(name, "cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
}

}  // namespace ovfkit::detail::disk
