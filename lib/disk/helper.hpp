#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "disk/image.hpp"

/// Formats we have no reader for, converted by qemu-img: after our own inspection, in a sandbox that shows it its input
/// and an empty folder for its output, under limits of memory, open files, file size and time (reference:
/// security 5.4).
namespace ovfkit::detail::disk {

enum class Sandbox { automatic, bubblewrap, landlock, none };

struct HelperOptions {
    bool no_helpers = false;
    bool unsandboxed = false;  ///< where neither bubblewrap nor Landlock is there, go on without
    Sandbox sandbox = Sandbox::automatic;
    std::chrono::seconds timeout{4 * 3600};
    std::string program = "/usr/bin/qemu-img", bubblewrap = "/usr/bin/bwrap";
    /// Now and then on the calling thread; what it throws ends the helper.
    std::function<void()> tick;
};

struct HelperInput {
    std::string path;                    ///< a regular file
    std::uint64_t offset = 0, size = 0;  ///< the image in it
};

/// Makes `folder`/`file`, raw or qcow2, of an image that inspect() found. `folder` is the helper's to write in: it
/// holds nothing else. Throws InputError (rules disk-helper-missing, disk-helper-failed, disk-sandbox-missing),
/// IoError.
void convert_by_helper(std::string_view name, const HelperInput& input, const Image& image, const std::string& folder,
                       const std::string& file, Family output, const HelperOptions& options);

/// A program, not a shell: `argv` as it is, nothing of our environment.
struct Child {
    std::vector<std::string> argv;
    std::uint64_t max_file_bytes = 0;
    std::chrono::seconds timeout{60};
    int landlock = -1;  ///< a ruleset to restrict it with
    std::function<void()> tick;
};
struct ChildResult {
    int status = 0;  ///< of waitpid
    bool timed_out = false;
    std::string errors;  ///< the first 4 KiB of its standard error
    [[nodiscard]] bool good() const { return status == 0 && !timed_out; }
};
ChildResult run_child(const Child& child);

/// A Landlock ruleset (a descriptor) under which only the system's programs, `input` and, to write, `folder` can be
/// opened; -1 where the kernel has none.
int landlock_rules(const std::string& input, const std::string& folder);

}  // namespace ovfkit::detail::disk
