#include "disk/helper.hpp"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "disk/file_source.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

bool can_run(const std::string& program) { return ::access(program.c_str(), X_OK) == 0; }

std::vector<std::string> bubblewrap(const HelperOptions& options, const std::string& input, const std::string& folder) {
    return {options.bubblewrap,
            "--unshare-all",
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--clearenv",
            "--setenv",
            "LC_ALL",
            "C",
            "--setenv",
            "MALLOC_ARENA_MAX",
            "1",
            "--ro-bind",
            "/usr",
            "/usr",
            "--symlink",
            "usr/lib",
            "/lib",
            "--symlink",
            "usr/lib64",
            "/lib64",
            "--symlink",
            "usr/bin",
            "/bin",
            "--dev",
            "/dev",
            "--tmpfs",
            "/tmp",
            "--ro-bind",
            input,
            "/in",
            "--bind",
            folder,
            "/out",
            "--chdir",
            "/out"};
}

/// Whether bubblewrap is there and may make its namespaces.
bool bubblewrap_works(const HelperOptions& options, const std::string& folder) {
    if (!can_run(options.bubblewrap)) return false;
    Child child;
    child.argv = bubblewrap(options, "/dev/null", folder);
    child.argv.emplace_back("/usr/bin/true");
    return run_child(child).good();
}

/// In QEMU's own syntax a comma is doubled.
std::string option_value(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == ',' ? ",," : std::string(1, c);
    return out;
}

/// The format is named, so that nothing is probed; the sizes are those of our inspection.
std::string source_option(const HelperInput& input, const std::string& path, Format format) {
    const std::string_view driver =
        format == Format::vhd ? "vpc,force_size_calc=current_size" : to_string(family_of(format));
    return fmt::format(
        "driver={},file.driver=raw,file.offset={},file.size={},file.file.driver=file,file.file.locking=off,"
        "file.file.filename={}",
        driver, input.offset, input.size, option_value(path));
}

std::string absolute(std::string_view name, const std::string& path) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), &::free);
    if (!real) io_fail(name, "cannot read");
    return real.get();
}

[[noreturn]] void failed(std::string_view name, const HelperOptions& options, const ChildResult& result) {
    if (result.errors.find("No space left on device") != std::string::npos)
        throw IoError(std::string(name), ENOSPC, fmt::format("cannot convert {}: no space left on the device", name));
    std::string why = result.errors.substr(0, result.errors.find('\n'));
    if (result.timed_out) why = fmt::format("it took longer than {} s", options.timeout.count());
    if (why.empty())
        why = WIFSIGNALED(result.status) ? fmt::format("signal {}", WTERMSIG(result.status))
                                         : fmt::format("exit {}", WEXITSTATUS(result.status));
    fail(name, "disk-helper-failed", result.timed_out ? Failure::refused : Failure::malformed,
         fmt::format("{} could not convert the image: {}", options.program, why));
}

/// What came out is looked at like what goes in.
void check_result(std::string_view name, const std::string& path, const Image& image, Family output) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) io_fail(name, "cannot read what was made of");
    const std::unique_ptr<const int, void (*)(const int*)> closed(&fd, [](const int* open) { ::close(*open); });
    InspectOptions options;
    options.declared = output;
    options.raw_as_is = true;
    options.max_capacity = ~std::uint64_t{0};
    Diagnostics ignored;
    const Image made = inspect(path, FileSource(path, fd), options, ignored);
    if (made.capacity != image.capacity)
        fail(name, "disk-helper-failed", Failure::integrity,
             fmt::format("the converted disk has {} bytes, not {}", made.capacity, image.capacity));
}

}  // namespace

void convert_by_helper(std::string_view name, const HelperInput& input, const Image& image, const std::string& folder,
                       const std::string& file, Family output, const HelperOptions& options) {
    const std::string_view format = to_string(family_of(image.format));
    if (options.no_helpers)
        fail(name, "disk-helper-missing", Failure::refused,
             fmt::format("a {} image needs qemu-img, and helpers are switched off", format));
    if (!can_run(options.program))
        fail(name, "disk-helper-missing", Failure::refused,
             fmt::format("a {} image needs {}, which is not there; install it (Debian: qemu-utils)", format,
                         options.program));
    const std::string in = absolute(name, input.path), out = absolute(name, folder);
    Sandbox sandbox = options.sandbox;
    int rules = -1;
    if (sandbox == Sandbox::automatic)
        sandbox = bubblewrap_works(options, out) ? Sandbox::bubblewrap : Sandbox::landlock;
    if (sandbox == Sandbox::landlock && (rules = landlock_rules(in, out)) < 0) sandbox = Sandbox::none;
    if (sandbox == Sandbox::none && !options.unsandboxed)
        fail(name, "disk-sandbox-missing", Failure::refused,
             "neither bubblewrap nor Landlock is there to run qemu-img in; install bubblewrap, or, if the image can be "
             "trusted, say "
             "--unsandboxed-helper");
    const bool wrapped = sandbox == Sandbox::bubblewrap;
    Child child;
    if (wrapped) child.argv = bubblewrap(options, in, out);
    child.argv.insert(
        child.argv.end(),
        {options.program, "convert", "--image-opts", "-O", std::string(to_string(output)), "-t", "writeback",
         source_option(input, wrapped ? "/in" : in, image.format), (wrapped ? "/out/" : out + "/") + file});
    child.max_file_bytes = image.capacity + image.capacity / 8 + (64U << 20U);
    child.timeout = options.timeout;
    child.landlock = rules;
    child.tick = options.tick;
    const std::unique_ptr<const int, void (*)(const int*)> closed(&rules, [](const int* open) {
        if (*open >= 0) ::close(*open);
    });
    const ChildResult result = run_child(child);
    if (!result.good()) failed(name, options, result);
    check_result(name, out + "/" + file, image, output);
}

}  // namespace ovfkit::detail::disk
