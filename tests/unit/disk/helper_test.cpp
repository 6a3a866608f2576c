#include <chrono>

#include <sys/wait.h>

#include "catch.hpp"
#include "disk/helper.hpp"
#include "support.hpp"

using namespace disk_test;

namespace {

Child shell_less(std::vector<std::string> argv) {
    Child out;
    out.argv = std::move(argv);
    out.max_file_bytes = 1U << 20U;
    return out;
}

struct Folder {
    Folder() {
        path = (std::filesystem::temp_directory_path() / "ovfkit-helper-XXXXXX").string();
        REQUIRE(::mkdtemp(path.data()) != nullptr);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string path;
};

/// A helper that does what a test wants: the program is never run by a shell, but it may be one.
std::string script(const Folder& folder, const std::string& text) {
    const std::string path = folder.path + "/helper";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    const std::string whole = "#!/bin/sh\n" + text + "\n";
    REQUIRE(::write(fd, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()));
    ::close(fd);
    return path;
}

}  // namespace

TEST_CASE("a child gets its words, nothing of our environment, and limits") {
    ::setenv("OVFKIT_SECRET", "x", 1);
    ChildResult said =
        run_child(shell_less({"/bin/sh", "-c", "echo \"$1|$OVFKIT_SECRET|$(ulimit -n)|$(ulimit -c)|$(ulimit -v)\" >&2",
                              "sh", "$(id); a b"}));
    CHECK(said.good());
    CHECK(said.errors == "$(id); a b||64|0|1048576\n");
    said = run_child(shell_less({"/bin/sh", "-c", "exit 3"}));
    CHECK_FALSE(said.good());
    CHECK(WEXITSTATUS(said.status) == 3);
    CHECK_FALSE(run_child(shell_less({"/nonexistent/program"})).good());
    const int open = ::open("/dev/null", O_RDONLY);  // no O_CLOEXEC: still not the child's
    CHECK(run_child(shell_less({"/bin/sh", "-c", "test ! -e /proc/self/fd/" + std::to_string(open)})).good());
    ::close(open);
    // As long as it likes to talk, as much as is kept.
    said = run_child(
        shell_less({"/bin/sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo 0123456789 >&2; i=$((i+1)); done"}));
    CHECK(said.good());
    CHECK(said.errors.size() < 12000);
}

TEST_CASE("a child that takes too long is ended, and so is one that nobody waits for any longer") {
    Child slow = shell_less({"/bin/sleep", "100"});
    slow.timeout = std::chrono::seconds(0);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(run_child(slow).timed_out);
    slow.timeout = std::chrono::seconds(60);
    slow.tick = [] { throw std::runtime_error("stop"); };
    CHECK_THROWS_AS(run_child(slow), std::runtime_error);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("Landlock shows a child its input and its folder only") {
    const Folder folder, other;
    const std::string input = script(other, "");
    const int rules = landlock_rules(input, folder.path);
    if (rules < 0) {
        WARN("SKIP: no Landlock");
        return;
    }
    const auto run = [&](const std::string& text) {
        Child child = shell_less({"/bin/sh", "-c", text});
        child.landlock = rules;
        return run_child(child).good();
    };
    CHECK(run("read x < '" + input + "'"));
    CHECK(run("echo x > '" + folder.path + "/out'"));
    CHECK_FALSE(run("read x < /etc/passwd"));
    CHECK_FALSE(run("echo x > '" + other.path + "/out'"));
    ::close(rules);
}

TEST_CASE("a helper that is missing, fails, lies or has no sandbox") {
    const Folder folder, out;
    Image image;
    image.format = Format::vdi;
    image.capacity = 4096;
    HelperOptions options;
    options.sandbox = Sandbox::none;
    options.unsandboxed = true;
    const HelperInput input{"/dev/null", 0, 0};
    Failure failure = Failure::none;
    const auto rule = [&](Family output = Family::raw) {
        return rule_of([&] { convert_by_helper("image", input, image, out.path, "disk", output, options); }, &failure);
    };
    options.program = script(folder, "for last; do :; done; head -c 4096 /dev/zero > \"$last\"");
    CHECK(rule().empty());
    image.capacity = 8192;
    CHECK(rule() == "disk-helper-failed");
    CHECK(failure == Failure::integrity);
    CHECK(rule(Family::qcow2) == "disk-format-mismatch");
    options.program = script(folder, "echo 'it is broken' >&2; exit 1");
    CHECK(rule() == "disk-helper-failed");
    options.program = script(folder, "echo 'write: No space left on device' >&2; exit 1");
    CHECK_THROWS_AS(rule(), IoError);
    options.program =
        script(folder, "for last; do :; done; ulimit -f > /dev/null; head -c 400000000 /dev/zero > \"$last\"");
    CHECK(rule() == "disk-helper-failed");  // over the size of a file
    options.unsandboxed = false;
    CHECK(rule() == "disk-sandbox-missing");
    CHECK(failure == Failure::refused);
    options.program = folder.path + "/nothing";
    CHECK(rule() == "disk-helper-missing");
    options.no_helpers = true;
    CHECK(rule() == "disk-helper-missing");
}
