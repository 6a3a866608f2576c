#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk/helper.hpp"
#include "disk/report.hpp"

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

// posix_spawn can set neither limits nor a sandbox: fork, then nothing but system calls.
namespace ovfkit::detail::disk {

namespace {

constexpr std::size_t max_errors = 4096;
constexpr rlim_t max_memory = rlim_t{1} << 30U, max_open = 64;
/// QEMU starts up to 64 threads: with the usual stacks and one heap each they would not fit.
constexpr rlim_t max_stack = 1U << 20;

bool limit(__rlimit_resource_t what, rlim_t value) {
    const rlimit both{value, value};
    return ::setrlimit(what, &both) == 0;
}

bool restrict_self(int rules) {
    if (rules < 0) return true;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
#ifdef SYS_landlock_restrict_self
    return ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
#else
    return false;
#endif
}

[[noreturn]] void become(const Child& child, char* const* argv, int errors, pid_t parent) {
    static char path[] = "PATH=/usr/bin:/bin", language[] = "LC_ALL=C", arenas[] = "MALLOC_ARENA_MAX=1";
    char* const environment[] = {path, language, arenas, nullptr};
    ::setpgid(0, 0);
    const int null = ::open("/dev/null", O_RDWR);
    const bool ready = null >= 0 && ::dup2(null, 0) == 0 && ::dup2(null, 1) == 1 && ::dup2(errors, 2) == 2 &&
                       ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent &&
                       limit(RLIMIT_AS, max_memory) && limit(RLIMIT_NOFILE, max_open) &&
                       limit(RLIMIT_STACK, max_stack) && limit(RLIMIT_CORE, 0) &&
                       limit(RLIMIT_FSIZE, static_cast<rlim_t>(child.max_file_bytes)) && restrict_self(child.landlock);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // Nothing else of ours is left open: every descriptor closes at the exec.
#ifdef SYS_close_range
    constexpr unsigned close_at_exec = 4;
    ::syscall(SYS_close_range, 3U, ~0U, close_at_exec);
#endif
    if (ready) ::execve(argv[0], argv, environment);
    ::_exit(127);
}

class Running {
public:
    Running(pid_t pid, int errors) : pid_(pid), errors_(errors) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        ::close(errors_);
        if (pid_ <= 0) return;
        kill();
        wait(0);
    }
    void kill() const {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
    }
    /// Whether it has ended; the status then is `status`.
    bool wait(int flags) {
        pid_t got = 0;
        do got = ::waitpid(pid_, &status, flags);
        while (got < 0 && errno == EINTR);
        if (got == 0) return false;
        if (got < 0) status = 127 << 8;
        pid_ = 0;
        return true;
    }
    int status = 0;

private:
    pid_t pid_;
    int errors_;
};

}  // namespace

ChildResult run_child(const Child& child) {
    std::vector<char*> argv;
    for (const std::string& word : child.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) io_fail(child.argv.front(), "cannot start");
    const pid_t self = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(child, argv.data(), ends[1], self);
    ::close(ends[1]);
    if (pid < 0) {
        ::close(ends[0]);
        io_fail(child.argv.front(), "cannot start");
    }
    Running running(pid, ends[0]);
    ChildResult out;
    const auto deadline = std::chrono::steady_clock::now() + child.timeout;
    bool open = true;
    while (!running.wait(open ? WNOHANG : 0)) {
        if (child.tick) child.tick();
        if (std::chrono::steady_clock::now() > deadline) {
            out.timed_out = true;
            running.kill();
            running.wait(0);
            break;
        }
        pollfd said{ends[0], POLLIN, 0};
        if (::poll(&said, 1, 50) <= 0) continue;
        std::array<char, 1024> piece{};
        const ssize_t got = ::read(ends[0], piece.data(), piece.size());
        if (got > 0 && out.errors.size() < max_errors) out.errors.append(piece.data(), static_cast<std::size_t>(got));
        if (got == 0) ::poll(nullptr, 0, 5);  // closed its standard error, not yet ended
    }
    out.status = running.status;
    // What it said last.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::array<char, max_errors> rest{};
    const ssize_t got = ::read(ends[0], rest.data(), rest.size());
    if (got > 0 && out.errors.size() < max_errors) out.errors.append(rest.data(), static_cast<std::size_t>(got));
    return out;
}

#if defined(SYS_landlock_create_ruleset) && __has_include(<linux/landlock.h>)

int landlock_rules(const std::string& input, const std::string& folder) {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return -1;
    constexpr std::uint64_t refer = 1U << 13U, truncate = 1U << 14U;  // later versions
    constexpr std::uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE,
                            run = read | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_DIR;
    landlock_ruleset_attr all{};
    all.handled_access_fs = (1U << 13U) - 1;
    if (version >= 2) all.handled_access_fs |= refer;
    if (version >= 3) all.handled_access_fs |= truncate;
    const std::uint64_t write = read | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                LANDLOCK_ACCESS_FS_READ_DIR | (version >= 3 ? truncate : 0);
    const auto rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0));
    if (rules < 0) return -1;
    const auto allow = [&](const char* path, std::uint64_t access) {
        const int at = ::open(path, O_PATH | O_CLOEXEC);
        if (at < 0) return false;
        landlock_path_beneath_attr rule{};
        rule.allowed_access = access;
        rule.parent_fd = at;
        const bool good = ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
        ::close(at);
        return good;
    };
    for (const char* system : {"/usr", "/lib", "/lib64"}) allow(system, run);
    allow("/etc/ld.so.cache", read);
    allow("/dev/null", read | LANDLOCK_ACCESS_FS_WRITE_FILE);
    if (allow(input.c_str(), read) && allow(folder.c_str(), write)) return rules;
    ::close(rules);
    return -1;
}

#else

int landlock_rules(const std::string&, const std::string&) { return -1; }

#endif

}  // namespace ovfkit::detail::disk
