#include "base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

namespace {

[[noreturn]] void io_error(const std::string& path, int code, std::string_view doing) {
    throw IoError(path, code, fmt::format("{} {}: {}", doing, path, std::strerror(code)));
}

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Closes now; the error of a delayed write may come only here.
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

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

void write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) io_error(path, done < 0 ? errno : EIO, "cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
}

struct Split {
    std::string folder, name;
};
Split split(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    Split out{slash == std::string::npos ? "." : path.substr(0, slash + 1),
              path.substr(slash == std::string::npos ? 0 : slash + 1)};
    if (out.name.empty() || out.name == "." || out.name == "..") io_error(path, EISDIR, "cannot write");
    return out;
}

/// A file on its way: written, but not yet under its name. Whatever is left of it goes when this goes.
class Pending {
public:
    Pending(const NewFile& file, bool replace) : path_(file.path), replace_(replace) {
        const Split parts = split(path_);
        name_ = parts.name;
        struct stat there {};
        const bool exists = ::lstat(path_.c_str(), &there) == 0;
        // /dev/stdout and the like are written through, never replaced.
        struct stat target {};
        if (exists && ::stat(path_.c_str(), &target) == 0 && (S_ISCHR(target.st_mode) || S_ISFIFO(target.st_mode))) {
            file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
            if (!file_) io_error(path_, errno, "cannot open");
            write_all(file_.get(), file.bytes, path_);
            through_ = true;
            return;
        }
        if (exists && !replace) io_error(path_, EEXIST, "cannot write");
        if (exists && S_ISDIR(there.st_mode)) io_error(path_, EISDIR, "cannot write");
        folder_ = Descriptor(::open(parts.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!folder_) io_error(path_, errno, "cannot write");
        const mode_t mode = file.secret ? 0600 : 0666;  // less the umask
        file_ = Descriptor(::openat(folder_.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
        if (!file_) {  // not every file system can
            temporary_ = unused_name();
            file_ = Descriptor(::openat(folder_.get(), temporary_.c_str(),
                                        O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode));
            if (!file_) {
                temporary_.clear();
                io_error(path_, errno, "cannot write");
            }
        }
        try {
            if (exists && !file.secret && ::fchmod(file_.get(), there.st_mode & 0777U) != 0)
                io_error(path_, errno, "cannot write");
            write_all(file_.get(), file.bytes, path_);
            replaces_ = exists;
            if (replaces_ && ::fsync(file_.get()) != 0) io_error(path_, errno, "cannot write");
        } catch (...) {
            discard();
            throw;
        }
    }
    Pending(Pending&& other) noexcept
        : path_(std::move(other.path_)),
          name_(std::move(other.name_)),
          temporary_(std::exchange(other.temporary_, {})),
          replace_(other.replace_),
          through_(other.through_),
          replaces_(other.replaces_),
          created_(std::exchange(other.created_, false)),
          folder_(std::move(other.folder_)),
          file_(std::move(other.file_)) {}
    Pending& operator=(Pending&&) = delete;
    ~Pending() { discard(); }

    void commit() {
        if (through_) {
            if (!file_.close()) io_error(path_, errno, "cannot write");
            return;
        }
        const std::string self = fmt::format("/proc/self/fd/{}", file_.get());
        if (temporary_.empty()) {
            const std::string as = replace_ ? unused_name() : name_;
            if (::linkat(AT_FDCWD, self.c_str(), folder_.get(), as.c_str(), AT_SYMLINK_FOLLOW) != 0)
                io_error(path_, errno, "cannot write");
            (replace_ ? temporary_ : placed_) = as;
        }
        if (!file_.close()) io_error(path_, errno, "cannot write");
        if (!temporary_.empty()) {
            const int done = replace_ ? ::renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str())
                                      : ::renameat2(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str(),
                                                    RENAME_NOREPLACE);
            if (done != 0) io_error(path_, errno, "cannot write");
            temporary_.clear();
        }
        created_ = !replace_;
        placed_.clear();
    }

    /// The folder's entry on disk too. Its failure no longer changes what is there.
    void settle() {
        if (folder_ && replaces_) ::fsync(folder_.get());
        created_ = false;
    }

private:
    void discard() {
        if (!temporary_.empty()) ::unlinkat(folder_.get(), temporary_.c_str(), 0);
        if (!placed_.empty() || created_) ::unlinkat(folder_.get(), name_.c_str(), 0);
        temporary_.clear();
        placed_.clear();
        created_ = false;
    }

    [[nodiscard]] std::string unused_name() const {
        std::random_device random;
        // Long names stay under the file system's limit for one.
        return fmt::format(".{}.ovfkit-{}-{:08x}{:08x}", name_.substr(0, 200), ::getpid(), random(), random());
    }

    std::string path_, name_;
    std::string temporary_;  ///< a name in the folder to remove on failure
    std::string placed_;     ///< the final name, linked but not yet known to be whole
    bool replace_ = false;
    bool through_ = false;
    bool replaces_ = false;  ///< there is a file that must not be lost
    bool created_ = false;   ///< under its name, but a later file of the set may still fail
    Descriptor folder_, file_;
};

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
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
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
    std::vector<Pending> pending;
    pending.reserve(files.size());
    for (const NewFile& file : files) pending.emplace_back(file, replace);
    for (Pending& file : pending) file.commit();
    for (Pending& file : pending) file.settle();
}

}  // namespace ovfkit::detail
