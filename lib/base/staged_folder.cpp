#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/staged.hpp"
#include "base/staged_names.hpp"

namespace ovfkit::detail {

namespace {

namespace fs = std::filesystem;

/// Names in a folder, with `mine` left out; empty when it cannot be listed.
std::string first_not_in(const std::string& folder, const std::string& mine) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code missing;
        const fs::path name = it->path().filename();
        if (!fs::exists(fs::symlink_status(fs::path(mine) / name, missing))) return name.string();
    }
    return {};
}

}  // namespace

StagedFolder::StagedFolder(std::string path, bool replace) : path_(std::move(path)), replace_(replace) {
    while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
    const std::string name = path_.substr(path_.rfind('/') + 1);
    if (name.empty() || name == "." || name == "..") io_error(path_, EEXIST, "cannot make the folder");
    struct stat there {};
    if (::lstat(path_.c_str(), &there) == 0) {
        if (!S_ISDIR(there.st_mode)) io_error(path_, replace ? ENOTDIR : EEXIST, "cannot make the folder");
        if (!replace && !fs::is_empty(path_)) io_error(path_, EEXIST, "cannot make the folder");
    }
    const std::string parent = folder_part(path_);
    remove_leftovers(parent);
    const std::string wanted = (parent == "." ? "" : parent) + temporary_name(name);
    if (::mkdir(wanted.c_str(), 0777) != 0) io_error(path_, errno, "cannot make the folder");
    temporary_ = wanted;
    folder_ = FileDescriptor(::open(wanted.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat made {};
    if (!folder_ || ::fstat(folder_.get(), &made) != 0 || ::fchmod(folder_.get(), 0700) != 0) {
        const int code = errno;
        ::rmdir(wanted.c_str());
        io_error(path_, code, "cannot make the folder");
    }
    mode_ = made.st_mode & 0777U;
    mark_alive(folder_.get());
}

StagedFolder::~StagedFolder() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

FileDescriptor StagedFolder::create(const std::string& name) const {
    FileDescriptor deeper;
    int at = folder_.get();
    std::size_t begin = 0;
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', begin)) {
        const std::string part = name.substr(begin, slash - begin);
        if (::mkdirat(at, part.c_str(), 0777) != 0 && errno != EEXIST) io_error(name, errno, "cannot make the folder of");
        FileDescriptor next(::openat(at, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) io_error(name, errno, "cannot make the folder of");
        deeper = std::move(next);
        at = deeper.get();
        begin = slash + 1;
    }
    FileDescriptor file(
        ::openat(at, name.c_str() + begin, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0666));
    if (!file) io_error(name, errno, "cannot write");
    return file;
}

void StagedFolder::commit() {
    if (::fchmod(folder_.get(), mode_) != 0) io_error(path_, errno, "cannot make the folder");
    // Takes the place of an empty folder, too, and of nothing else.
    if (::rename(temporary_.c_str(), path_.c_str()) == 0) {
        temporary_.clear();
        return;
    }
    if (!replace_ || (errno != ENOTEMPTY && errno != EEXIST)) io_error(path_, errno, "cannot make the folder");
    const std::string other = first_not_in(path_, temporary_);
    if (!other.empty())
        throw IoError(path_, ENOTEMPTY, fmt::format("cannot replace the folder {}: it holds {}, too", path_, other));
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) != 0)
        io_error(path_, errno, "cannot replace the folder");
    // What bears the temporary name now is the old one; the destructor removes it.
}

void StagedFolder::require_space(std::uint64_t bytes) const { detail::require_space(folder_.get(), bytes, path_); }

}  // namespace ovfkit::detail
