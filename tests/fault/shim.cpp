// Preloaded into the program: one call of a kind fails, or ends the process, the n-th time it is made.
// FAULT_CALL=write|fsync|rename|link  FAULT_NTH=n  FAULT_ERRNO=5|28 or FAULT_KILL=1; FAULT_COUNT=FILE: how many calls there were.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<long> made{0};

/// True when this call is the one.
bool hit(const char* call) {
    const char* wanted = std::getenv("FAULT_CALL");
    if (wanted == nullptr || std::strcmp(wanted, call) != 0) return false;
    const long number = ++made;
    const char* nth = std::getenv("FAULT_NTH");
    if (nth == nullptr || number != std::atol(nth)) return false;
    if (std::getenv("FAULT_KILL") != nullptr) ::kill(::getpid(), SIGKILL);
    const char* code = std::getenv("FAULT_ERRNO");
    errno = code == nullptr ? EIO : std::atoi(code);
    return true;
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

struct AtExit {
    ~AtExit() {
        const char* path = std::getenv("FAULT_COUNT");
        if (path == nullptr) return;
        char text[24];
        const int size = std::snprintf(text, sizeof text, "%ld", made.load());
        const int fd = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0) return;
        ::syscall(SYS_write, fd, text, size);
        ::close(fd);
    }
} at_exit;

}  // namespace

extern "C" {

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
ssize_t write(int fd, const void* bytes, size_t size) {
    static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
    return fd > 2 && hit("write") ? -1 : next(fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return hit("write") ? -1 : next(fd, bytes, size, at);
}
int fsync(int fd) {
    static const auto next = real<int (*)(int)>("fsync");
    return hit("fsync") ? -1 : next(fd);
}
int fdatasync(int fd) {
    static const auto next = real<int (*)(int)>("fdatasync");
    return hit("fsync") ? -1 : next(fd);
}
int rename(const char* from, const char* to) noexcept {
    static const auto next = real<int (*)(const char*, const char*)>("rename");
    return hit("rename") ? -1 : next(from, to);
}
int renameat(int from_at, const char* from, int to_at, const char* to) noexcept {
    static const auto next = real<int (*)(int, const char*, int, const char*)>("renameat");
    return hit("rename") ? -1 : next(from_at, from, to_at, to);
}
int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) noexcept {
    static const auto next = real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
    return hit("rename") ? -1 : next(from_at, from, to_at, to, flags);
}
int linkat(int from_at, const char* from, int to_at, const char* to, int flags) noexcept {
    static const auto next = real<int (*)(int, const char*, int, const char*, int)>("linkat");
    return hit("link") ? -1 : next(from_at, from, to_at, to, flags);
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
}
