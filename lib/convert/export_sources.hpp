#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "base/file_descriptor.hpp"
#include "convert/export_plan.hpp"
#include "package/integrity.hpp"
#include "package/package.hpp"

namespace ovfkit::detail {

/// A file of this host that a text names.
class HostFile {
public:
    /// Throws InputError for what is neither a regular file nor a block device, and for a disk that a running QEMU writes to; IoError.
    /// `folders`, without links: what it may be beneath.
    HostFile(std::string path, const std::string& text, bool disk, const std::vector<std::string>& folders);
    [[nodiscard]] std::shared_ptr<const RandomSource> source() const { return source_; }
    /// Throws IoError when it was changed, replaced or removed since.
    void check_unchanged() const;

private:
    std::string path_;
    std::shared_ptr<const FileDescriptor> file_;
    std::shared_ptr<const RandomSource> source_;
    struct stat before_ {};
};

/// Where the images of an export are.
class ExportSources {
public:
    using Bytes = std::shared_ptr<const RandomSource>;

    /// `package`: of an OVF or a Ganeti export; nullptr where every image has a path. `text`: the source's name.
    ExportSources(Package* package, std::vector<FileEntry> entries, std::string text, const ExportOptions& options, std::string output)
        : package_(package), entries_(std::move(entries)), text_(std::move(text)), options_(options), output_(std::move(output)) {}

    [[nodiscard]] const std::vector<FileEntry>& entries() const { return entries_; }
    /// The file itself, to guard it from being written over; empty for what lies in an archive.
    [[nodiscard]] std::string path_of(const ExportImage& image) const;
    /// What can be told of a disk without reading it: sets `capacity`, `size` (of what is read). Of a copy: `size`.
    void look_at(ExportImage& image, Diagnostics& diagnostics) const;
    /// Reads an image; a disk's without ovf:compression, a copy's as stored.
    void read(const ExportImage& image, IntegrityCheck* check, Diagnostics& diagnostics, const std::function<void(const Bytes&)>& work) const;
    [[nodiscard]] disk::InspectOptions inspect_options(const ExportImage& image) const;

private:
    void look_at_packed(ExportImage& image, PackageFile& file, Diagnostics& diagnostics) const;
    [[nodiscard]] std::string host_path(const ExportImage& image) const;
    [[nodiscard]] HostFile open_host(const ExportImage& image) const;
    [[nodiscard]] bool is_packed(const ExportImage& image) const;
    [[nodiscard]] std::uint64_t content_limit(const ExportImage& image) const;
    void of_package(const ExportImage& image, IntegrityCheck* check, Diagnostics& diagnostics, const std::function<void(PackageFile&)>& take) const;

    Package* package_;
    std::vector<FileEntry> entries_;
    std::string text_;
    const ExportOptions& options_;
    std::string output_;
};

/// Bytes of data, as far as the file system tells; few runs are enough.
std::uint64_t data_in(const RandomSource& source);

}  // namespace ovfkit::detail
