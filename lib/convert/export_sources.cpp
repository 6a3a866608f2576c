#include "convert/export_sources.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/staged.hpp"
#include "base/xml.hpp"
#include "convert/package.hpp"

namespace ovfkit::detail {

namespace {

using Kind = ExportedFile::Kind;

/// More than any format adds to what the guest sees (security rule Z1).
constexpr std::uint64_t content_slack = 64U << 20;

[[noreturn]] void refuse(std::string_view rule, const std::string& where, std::string message) {
    Diagnostics found;
    report(found, rule, Location{where, 0, 0}, std::move(message), Failure::refused);
    throw InputError(found.all().front());
}

/// QEMU locks a byte of the image for every permission it holds: 101 is that to write (its block/file-posix.c).
bool is_written_by_qemu(int fd) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 101;
    lock.l_len = 1;
    return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool same_file(const struct stat& a, const struct stat& b) {
    const bool device = S_ISBLK(a.st_mode);  // has no times that tell
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode == b.st_mode &&
           (device || (a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec));
}

/// An unnamed file with all of a source, holes where it is zero.
class Spool {
public:
    Spool(ByteSource& content, const std::string& folder, const std::string& name) : staged_(folder + ".unpacked", true) {
        std::uint64_t size = 0;
        copy_all(content, [&](std::span<const std::byte> part) {
            write_sparse(staged_.fd(), size, part, name);
            size += part.size();
        });
        if (::ftruncate(staged_.fd(), static_cast<off_t>(size)) != 0) io_error(name, errno, "cannot unpack");
        auto file = std::make_shared<FileDescriptor>(::fcntl(staged_.fd(), F_DUPFD_CLOEXEC, 0));
        if (!*file) io_error(name, errno, "cannot unpack");
        source_ = std::make_shared<const FileSource>(std::move(file), name, 0, size);
    }
    [[nodiscard]] const ExportSources::Bytes& source() const { return source_; }

private:
    StagedFile staged_;  // never committed
    ExportSources::Bytes source_;
};

/// Where an open file is, links resolved: of the file itself, whatever its path leads to by now.
std::string real_path(const FileDescriptor& file, const std::string& path) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t got = ::readlink(fmt::format("/proc/self/fd/{}", file.get()).c_str(), buffer.data(), buffer.size());
    if (got <= 0 || static_cast<std::size_t>(got) >= buffer.size()) io_error(path, got < 0 ? errno : ENAMETOOLONG, "cannot tell where it is");
    return {buffer.data(), static_cast<std::size_t>(got)};
}

bool is_beneath(const std::string& path, const std::vector<std::string>& folders) {
    return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
        return path.starts_with(folder) && (folder.ends_with('/') || path.substr(folder.size()).starts_with('/'));
    });
}

}  // namespace

HostFile::HostFile(std::string path, const std::string& text, bool disk, const std::vector<std::string>& folders) : path_(std::move(path)) {
    auto file = std::make_shared<FileDescriptor>(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!*file || ::fstat(file->get(), &before_) != 0) io_error(path_, errno, "cannot open the image");
    if (!S_ISREG(before_.st_mode) && !S_ISBLK(before_.st_mode))
        refuse("export-source-refused", text, fmt::format("the image {} is neither a regular file nor a block device", printable(path_)));
    if (!is_beneath(real_path(*file, path_), folders))
        refuse("export-source-outside", text,
               fmt::format("the source {} is not beneath the folder of the text: whoever wrote that could take any file of this host along; if "
                           "you know it, name its folder with --images",
                           printable(path_)));
    if (disk && is_written_by_qemu(file->get()))
        refuse("export-source-in-use", text,
               fmt::format("the image {} is in use: a running machine writes to it, and a copy would fit no moment; shut it down first, or export a "
                           "snapshot of it",
                           printable(path_)));
    const off_t size = ::lseek(file->get(), 0, SEEK_END);  // of a block device too
    if (size < 0) io_error(path_, errno, "cannot read");
    file_ = std::move(file);
    source_ = std::make_shared<const FileSource>(file_, path_, 0, static_cast<std::uint64_t>(size));
}

void HostFile::check_unchanged() const {
    struct stat now {}, there {};
    if (::fstat(file_->get(), &now) != 0 || ::stat(path_.c_str(), &there) != 0) io_error(path_, errno, "cannot read to the end");
    if (!same_file(before_, now) || !same_file(before_, there))
        throw IoError(path_, EIO, fmt::format("cannot read {}: it was changed or replaced while it was read", path_));
}

std::string ExportSources::host_path(const ExportImage& image) const {
    if (image.path.starts_with('/')) return image.path;
    const std::string folder = folder_part(text_);
    return (folder.ends_with('/') ? folder : folder + "/") + image.path;
}

HostFile ExportSources::open_host(const ExportImage& image) const {
    std::vector<std::string> folders{folder_part(text_)};
    folders.insert(folders.end(), options_.image_folders.begin(), options_.image_folders.end());
    for (std::string& folder : folders) {
        std::error_code error;
        const std::string real = std::filesystem::canonical(folder, error).string();
        if (error) io_error(folder, error.value(), "cannot find the folder");
        folder = real;
    }
    return {host_path(image), text_, image.kind == Kind::disk, folders};
}

std::string ExportSources::path_of(const ExportImage& image) const {
    if (!image.path.empty()) return host_path(image);
    if (!image.file || package_ == nullptr) return {};
    if (package_->kind() != Package::Kind::folder) return package_->name();
    const std::string folder = folder_part(package_->name());
    return (folder.ends_with('/') ? folder : folder + "/") + name_of(entries_[*image.file], package_->name());
}

bool ExportSources::is_packed(const ExportImage& image) const {
    const std::string& compression = entries_[*image.file].compression;
    return image.kind == Kind::disk && !compression.empty() && compression != "identity";
}

std::uint64_t ExportSources::content_limit(const ExportImage& image) const {
    return std::min(image.stated.value_or(options_.max_disk_bytes), options_.max_disk_bytes) + content_slack;
}

disk::InspectOptions ExportSources::inspect_options(const ExportImage& image) const {
    disk::InspectOptions out;
    out.declared = image.family;
    out.raw_as_is = options_.raw_as_is;
    out.max_capacity = options_.max_disk_bytes;
    return out;
}

void ExportSources::of_package(const ExportImage& image, IntegrityCheck* check, Diagnostics& diagnostics,
                               const std::function<void(PackageFile&)>& take) const {
    walk_files(*package_, {entries_[*image.file]}, check, options_.lenient, diagnostics, take);
}

void ExportSources::look_at(ExportImage& image, Diagnostics& diagnostics) const {
    if (image.kind == Kind::blank_disk) return;
    const auto look = [&](const Bytes& bytes) {
        image.size = bytes->size();
        if (image.kind != Kind::disk) return;
        const disk::Image found = disk::inspect(image.from, *bytes, inspect_options(image), diagnostics);
        if (!disk::readable(found.format))
            refuse("disk-helper-missing", image.from,
                   fmt::format("a {} image is not exported as it is: make qcow2 of it first (`qemu-img convert`, or `ovfkit import` for a package)",
                               disk::to_string(disk::family_of(found.format))));
        image.capacity = found.capacity;
    };
    if (!image.path.empty()) {
        const HostFile file = open_host(image);
        look(file.source());
        return;
    }
    of_package(image, nullptr, diagnostics, [&](PackageFile& file) {
        const Bytes bytes = file.random();
        if (bytes != nullptr && !is_packed(image))
            look(bytes);
        else
            look_at_packed(image, file, diagnostics);
    });
}

/// Only its beginning is unpacked for that.
void ExportSources::look_at_packed(ExportImage& image, PackageFile& file, Diagnostics& diagnostics) const {
    if (image.kind != Kind::disk) {
        image.size = copy_all(file.stored(), {});
        return;
    }
    std::vector<std::byte> head(disk::head_bytes);
    head.resize(file.content(content_limit(image))->read(head));
    const disk::Image found = disk::inspect_head(image.from, head, std::nullopt, inspect_options(image), diagnostics);
    image.capacity = found.capacity != 0 ? found.capacity : image.stated.value_or(0);
}

void ExportSources::read(const ExportImage& image, IntegrityCheck* check, Diagnostics& diagnostics, const std::function<void(const Bytes&)>& work) const {
    if (!image.path.empty()) {
        const HostFile file = open_host(image);
        work(file.source());
        file.check_unchanged();
        return;
    }
    of_package(image, check, diagnostics, [&](PackageFile& file) {
        const Bytes bytes = file.random();
        if (bytes != nullptr && !is_packed(image)) {
            work(bytes);
            return;
        }
        const std::string folder = folder_part(output_);
        const auto content = image.kind == Kind::disk ? file.content(content_limit(image)) : nullptr;
        const Spool spool(content ? *content : file.stored(), folder.ends_with('/') ? folder : folder + "/", file.name());
        work(spool.source());
    });
}

std::uint64_t data_in(const RandomSource& source) {
    std::uint64_t out = 0, at = 0;
    for (int runs = 0; at < source.size() && runs < 4096; ++runs) {
        const RandomSource::Run run = source.run_at(at);
        if (!run.hole) out += run.length;
        at = run.offset + std::max<std::uint64_t>(run.length, 1);
    }
    return out;
}

}  // namespace ovfkit::detail
