#include "virsh.hpp"

#include <cerrno>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

/// Its standard output is ours for standard error: ours holds data. Gives what waitpid() says.
int run_virsh(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = -1;
    const int error = ::posix_spawnp(&child, "virsh", &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw IoError("virsh", error, "cannot run virsh (Debian: libvirt-clients)");
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) throw IoError("virsh", errno, "cannot wait for virsh");
    return status;
}

}  // namespace

void define_domains(const std::string& uri, const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        if (run_virsh({"virsh", "-q", "-c", uri, "define", "--validate", path}) != 0)
            throw IoError(path, 0, fmt::format("virsh did not define {}; its files stay where they are", printable(path, 4000)));
}

}  // namespace ovfkit::tool
