#include "virsh.hpp"

#include <cerrno>
#include <cstdio>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

/// Closes and removes a scratch file.
class Scratch {
public:
    Scratch() : file_(std::tmpfile()) {
        if (file_ == nullptr) throw IoError("(temporary file)", errno, "cannot make a temporary file");
    }
    ~Scratch() { std::fclose(file_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] int number() const { return ::fileno(file_); }
    /// A path to it that a child can open.
    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), number()); }
    void write(const std::string& bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size() || std::fflush(file_) != 0)
            throw IoError("(temporary file)", errno, "cannot write a temporary file");
    }
    [[nodiscard]] std::string read() {
        std::string out;
        std::rewind(file_);
        char piece[4096];
        for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, file_)) > 0;) out.append(piece, got);
        return out;
    }

private:
    std::FILE* file_;
};

/// virsh's own quoting within one argument: a backslash before whatever could mean something.
std::string quoted(const std::string& word) {
    std::string out;
    for (const char c : word) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        if (!plain) out += '\\';
        out += c;
    }
    return out;
}

/// Its standard output is `output`: ours holds data. Gives what waitpid() says.
int run_virsh(std::vector<std::string> words, int output = STDERR_FILENO, int errors = STDERR_FILENO) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (errors != STDERR_FILENO) ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
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

std::string through_libvirt(const std::string& uri, const std::string& name, const std::string& xml) {
    if (name.starts_with('-')) throw IoError(name, 0, fmt::format("the name '{}' is an option to virsh", printable(name, 200)));
    Scratch there, text, dump, errors;
    if (run_virsh({"virsh", "-q", "-c", uri, "domuuid", name}, there.number(), there.number()) == 0)
        throw IoError(name, 0, fmt::format("a domain '{}' is there at {}: it is left alone", printable(name, 200), printable(uri, 200)));
    text.write(xml);
    // One run for all: a driver such as test:///default forgets what another run did.
    const std::string commands = fmt::format("define --validate {}; dumpxml --inactive {}; undefine {}", quoted(text.path()), quoted(name), quoted(name));
    if (run_virsh({"virsh", "-q", "-c", uri, commands}, dump.number(), errors.number()) != 0)
        throw IoError(name, 0, fmt::format("libvirt at {} does not take it: {}", printable(uri, 200), printable(errors.read(), 1000)));
    return dump.read();
}

}  // namespace ovfkit::tool
