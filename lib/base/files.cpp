#include "base/files.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/file_descriptor.hpp"
#include "base/staged.hpp"
#include "base/stop.hpp"
#include "base/xml.hpp"

namespace ovfkit::detail {

namespace {

[[noreturn]] void too_large(const std::string& name, std::uint64_t limit) {
    Diagnostics one;
    report(
        one, "input-too-large", Location{name},
        fmt::format("the input has more than {} bytes, the limit for it; if it can be trusted, raise --max-descriptor",
                    limit),
        Failure::refused);
    throw InputError(one.all().front());
}

std::string read_all(int fd, const std::string& name, std::uint64_t limit, std::size_t expected) {
    constexpr std::size_t piece = 1U << 20;
    std::string out;
    out.reserve(expected + 1);
    prefer_huge_pages(out.data(), expected);
    while (true) {
        stop_point();
        const std::size_t have = out.size();
        if (have == out.capacity()) out.reserve(2 * have + piece);
        // Grown piece by piece: the zeros that resize() writes are still in the cache when they are overwritten.
        out.resize(std::min(have + piece, out.capacity()));
        const ssize_t got = ::read(fd, out.data() + have, out.size() - have);
        out.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (got == 0) return out;
        if (got < 0 && errno != EINTR) io_error(name, errno, "cannot read");
        if (out.size() > limit) too_large(name, limit);
    }
}

/// The file, staged and filled.
StagedFile filled(const NewFile& file, bool replace) {
    StagedFile staged(file.path, replace, file.secret ? 0600 : 0666);
    write_all(staged.fd(), file.bytes, file.path);
    return staged;
}

}  // namespace

void prefer_huge_pages(void* begin, std::size_t size) {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t page = 1U << 12;
    if (size < (std::size_t{4} << 20)) return;
    const auto from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
    const auto to = (reinterpret_cast<std::uintptr_t>(begin) + size) / page * page;
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);  // advice: its failure changes nothing
#endif
}

std::string read_file(const std::string& path, std::uint64_t limit) {
    // Without O_NONBLOCK opening a FIFO would wait for a writer.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!file) io_error(path, errno, "cannot open");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) io_error(path, errno, "cannot read");
    if (S_ISDIR(info.st_mode)) io_error(path, EISDIR, "cannot read");
    if (!S_ISREG(info.st_mode))
        throw IoError(path, EINVAL, fmt::format("cannot read {}: not a regular file; use - for standard input", path));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > limit) too_large(path, limit);
    std::string out = read_all(file.get(), path, limit, static_cast<std::size_t>(size));
    if (size != 0 && out.size() != size)
        throw IoError(path, EIO, fmt::format("cannot read {}: it changed while it was read", path));
    return out;
}

std::string read_descriptor(int fd, const std::string& name, std::uint64_t limit) {
    return read_all(fd, name, limit, 0);
}

void write_file(const NewFile& file, bool replace) { write_files({file}, replace); }

void write_files(const std::vector<NewFile>& files, bool replace) {
    std::vector<StagedFile> staged;
    staged.reserve(files.size());
    for (const NewFile& file : files) staged.push_back(filled(file, replace));
    for (StagedFile& file : staged) file.commit();
    for (StagedFile& file : staged) file.settle();
}

}  // namespace ovfkit::detail
