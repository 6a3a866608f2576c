#include "base/staged_names.hpp"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/staged.hpp"

namespace ovfkit::detail {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = ".ovfkit-";

/// The process in `.NAME.ovfkit-PID-RANDOM`; 0 when the name is none of ours.
pid_t owner_in(std::string_view name) {
    const std::size_t at = name.rfind(mark);
    if (!name.starts_with('.') || at == std::string_view::npos || at == 0) return 0;
    const std::string_view rest = name.substr(at + mark.size());
    const std::size_t dash = rest.find('-');
    if (dash == std::string_view::npos || rest.size() - dash - 1 != 16 ||
        rest.find_first_not_of("0123456789abcdef", dash + 1) != std::string_view::npos)
        return 0;
    const auto number = to_number<std::uint32_t>(rest.substr(0, dash));
    return number && *number <= 0x7FFFFFFFU ? static_cast<pid_t>(*number) : 0;
}

void remove_if_dead(const fs::path& path) {
    const FileDescriptor entry(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!entry || ::fstat(entry.get(), &info) != 0 || info.st_uid != ::geteuid()) return;
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return;
    // The number may be free here and in use on another machine or in another container.
    if (::flock(entry.get(), LOCK_EX | LOCK_NB) != 0) return;
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

}  // namespace

std::string temporary_name(const std::string& name) {
    std::random_device random;
    // Long names stay under the file system's limit for one.
    return fmt::format(".{}{}{}-{:08x}{:08x}", name.substr(0, 200), mark, ::getpid(), random(), random());
}

void mark_alive(int fd) { (void)::flock(fd, LOCK_EX | LOCK_NB); }

void require_space(int fd, std::uint64_t bytes, const std::string& path) {
    struct statvfs room {};
    if (::fstatvfs(fd, &room) != 0 || room.f_blocks == 0) return;  // not every file system tells
    const auto free = checked_multiply<std::uint64_t>(room.f_bavail, room.f_frsize);
    if (free && *free < bytes)
        throw IoError(path, ENOSPC,
                      fmt::format("cannot write {}: it needs {} bytes and its file system has {} left", path, bytes, *free));
}

void remove_leftovers(const std::string& folder) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const pid_t owner = owner_in(it->path().filename().string());
        if (owner != 0 && ::kill(owner, 0) != 0 && errno == ESRCH) remove_if_dead(it->path());
    }
}

std::string folder_part(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool lies_in(const std::string& path, const std::string& file_or_folder) {
    struct stat wanted {}, here {};
    if (::stat(file_or_folder.c_str(), &wanted) != 0) return false;
    std::error_code error;
    fs::path at = fs::weakly_canonical(fs::absolute(path, error), error);
    if (error) return false;
    for (;; at = at.parent_path()) {
        if (::stat(at.c_str(), &here) == 0 && here.st_dev == wanted.st_dev && here.st_ino == wanted.st_ino) return true;
        if (at == at.parent_path()) return false;
    }
}

}  // namespace ovfkit::detail
