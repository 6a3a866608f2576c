#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "package/fault.hpp"
#include "package/kinds.hpp"
#include "package/names.hpp"

namespace ovfkit::detail {

namespace {

constexpr int open_flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;

/// Where the kernel has no openat2: folder by folder, no link followed. `name` has no `..`.
FileDescriptor open_stepwise(int folder, const std::string& name) {
    FileDescriptor held;
    std::size_t begin = 0;
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', begin)) {
        FileDescriptor next(::openat(folder, name.substr(begin, slash - begin).c_str(), open_flags | O_DIRECTORY));
        if (!next) return next;
        held = std::move(next);
        folder = held.get();
        begin = slash + 1;
    }
    return FileDescriptor(::openat(folder, name.c_str() + begin, open_flags));
}

/// A file below `folder`, whatever somebody does to the folder meanwhile.
FileDescriptor open_beneath(int folder, const std::string& name) {
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(open_flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof(how));
    if (fd >= 0) return FileDescriptor(static_cast<int>(fd));
    if (errno == ENOSYS || errno == EPERM) return open_stepwise(folder, name);
    return FileDescriptor();
}

class Folder : public Package {
public:
    Folder(const std::string& path, const Limits& limits, Diagnostics& diagnostics) : Package(Kind::folder, path) {
        const std::size_t slash = path.rfind('/');
        where_ = slash == std::string::npos ? "" : path.substr(0, slash + 1);
        const std::string name = path.substr(where_.size());
        folder_ = FileDescriptor(::open(where_.empty() ? "." : where_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!folder_) io_error(path, errno, "cannot open");
        take_descriptor(path, name, limits);
        const std::string base = name.substr(0, name.rfind('.'));
        for (const char* extension : {".mf", ".cert"})
            if (const Member* member = name_problem(base).empty() ? find(base + extension) : nullptr)
                take_text(*member, limits, [&] { return open(*member); });
        check_texts(diagnostics);
    }

    const Member* find(std::string_view wanted) override {
        if (!name_problem(wanted).empty()) return nullptr;
        if (const Member* known = Package::find(wanted)) return known;
        const std::string name(wanted);
        struct stat info {};
        if (!open_checked(name, info)) return nullptr;
        return &add({name, static_cast<std::uint64_t>(info.st_size), 0});
    }

    std::shared_ptr<const RandomSource> random(const Member& member) override {
        struct stat info {};
        auto file = std::make_shared<FileDescriptor>(open_checked(member.name, info));
        if (!*file || static_cast<std::uint64_t>(info.st_size) != member.size)
            throw IoError(where_ + member.name, EIO, fmt::format("cannot read {}{}: it changed", where_, member.name));
        return std::make_shared<const FileSource>(std::move(file), where_ + member.name, 0, member.size);
    }

private:
    /// The user named it: it may be a link, and be called whatever it is.
    void take_descriptor(const std::string& path, const std::string& name, const Limits& limits) {
        auto file = std::make_shared<FileDescriptor>(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
        struct stat info {};
        if (!*file || ::fstat(file->get(), &info) != 0) io_error(path, errno, "cannot open");
        if (!S_ISREG(info.st_mode)) throw IoError(path, EINVAL, fmt::format("cannot read {}: not a regular file", path));
        const auto size = static_cast<std::uint64_t>(info.st_size);
        SequentialSource source(std::make_shared<const FileSource>(std::move(file), path, 0, size));
        descriptor_ = PackageText{name, read_text(source, limits.descriptor_bytes, path, name)};
        add({name, size, 0});
    }

    /// Invalid when it is not there.
    FileDescriptor open_checked(const std::string& name, struct stat& info) const {
        FileDescriptor file = open_beneath(folder_.get(), name);
        if (!file && (errno == ENOENT || errno == ENOTDIR)) return file;
        if (!file && (errno == ELOOP || errno == EXDEV))
            package_fault("package-type-refused", name_,
                          fmt::format("file '{}' is a link or behind one: only regular files of the folder are read", printable(name)),
                          Failure::refused);
        if (!file || ::fstat(file.get(), &info) != 0) io_error(where_ + name, errno, "cannot open");
        if (!S_ISREG(info.st_mode))
            package_fault("package-type-refused", name_, fmt::format("file '{}' is not a regular file", printable(name)), Failure::refused);
        return file;
    }

    std::string where_;  ///< the folder, with its slash; empty: the current one
    FileDescriptor folder_;
};

}  // namespace

std::unique_ptr<Package> open_folder(const std::string& path, const Limits& limits, Diagnostics& diagnostics) {
    return std::make_unique<Folder>(path, limits, diagnostics);
}

}  // namespace ovfkit::detail
