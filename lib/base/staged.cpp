#include "base/staged.hpp"

#include <cerrno>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/staged_names.hpp"

namespace ovfkit::detail {

StagedFile::StagedFile(std::string path, bool replace, mode_t mode) : path_(std::move(path)), replace_(replace) {
    name_ = path_.substr(path_.rfind('/') + 1);
    if (name_.empty() || name_ == "." || name_ == "..") io_error(path_, EISDIR, "cannot write");
    struct stat there {}, target {};
    const bool exists = ::lstat(path_.c_str(), &there) == 0;
    if (exists && ::stat(path_.c_str(), &target) == 0 && (S_ISCHR(target.st_mode) || S_ISFIFO(target.st_mode))) {
        file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
        if (!file_) io_error(path_, errno, "cannot open");
        through_ = true;
        return;
    }
    if (exists && !replace) io_error(path_, EEXIST, "cannot write");
    if (exists && S_ISDIR(there.st_mode)) io_error(path_, EISDIR, "cannot write");
    folder_ = FileDescriptor(::open(folder_part(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_) io_error(path_, errno, "cannot write");
    // A run that was killed between its link and its rename has left one.
    if (exists) remove_leftovers(folder_part(path_));
    open_temporary(mode);
    replaces_ = exists;
    if (exists && (mode & 0077U) != 0 && ::fchmod(file_.get(), there.st_mode & 0777U) != 0) {
        const int code = errno;
        discard();
        io_error(path_, code, "cannot write");
    }
}

void StagedFile::open_temporary(mode_t mode) {
    file_ = FileDescriptor(::openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
    if (file_) return;
    // Not every file system can.
    const std::string name = temporary_name(name_);
    file_ = FileDescriptor(
        ::openat(folder_.get(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
    if (!file_) io_error(path_, errno, "cannot write");
    temporary_ = name;
    mark_alive(file_.get());
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      placed_(std::exchange(other.placed_, {})),
      replace_(other.replace_),
      through_(other.through_),
      replaces_(other.replaces_),
      created_(std::exchange(other.created_, false)),
      folder_(std::move(other.folder_)),
      file_(std::move(other.file_)) {}

void StagedFile::commit() {
    if (through_) {
        if (!file_.close()) io_error(path_, errno, "cannot write");
        return;
    }
    if (replaces_ && ::fsync(file_.get()) != 0) io_error(path_, errno, "cannot write");
    const std::string self = fmt::format("/proc/self/fd/{}", file_.get());
    if (temporary_.empty()) {
        const std::string as = replace_ ? temporary_name(name_) : name_;
        if (replace_) mark_alive(file_.get());
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

void StagedFile::settle() {
    // The folder's entry on disk too. Its failure no longer changes what is there.
    if (folder_ && replaces_) ::fsync(folder_.get());
    created_ = false;
}

void StagedFile::discard() {
    if (!temporary_.empty()) ::unlinkat(folder_.get(), temporary_.c_str(), 0);
    if (!placed_.empty() || created_) ::unlinkat(folder_.get(), name_.c_str(), 0);
    temporary_.clear();
    placed_.clear();
    created_ = false;
}

void StagedFile::require_space(std::uint64_t bytes) const {
    if (!through_) detail::require_space(file_.get(), bytes, path_);
}

}  // namespace ovfkit::detail
