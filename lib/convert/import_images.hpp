#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file_descriptor.hpp"
#include "base/staged.hpp"
#include "convert/import_plan.hpp"
#include "disk/helper.hpp"
#include "disk/target.hpp"
#include "disk/transfer.hpp"
#include "package/package.hpp"

namespace ovfkit::detail {

/// What is asked of a part's image; `child`: it may name a parent.
disk::InspectOptions inspect_options(const ImagePart& part, const ImportOptions& options, bool child = false);

/// Writes the images of a plan while the package goes by.
class ImageWriter {
public:
    /// `plan` learns the sizes.
    ImageWriter(Package& package, const std::vector<FileEntry>& entries, ImportPlan& plan, const StagedFolder& folder,
                const ImportOptions& options, Diagnostics& diagnostics);
    ~ImageWriter();
    ImageWriter(const ImageWriter&) = delete;
    ImageWriter& operator=(const ImageWriter&) = delete;

    /// For walk_files().
    void take(PackageFile& file);
    /// What had to wait for several files, and what comes from none.
    void finish();

private:
    /// A file that can be read at any offset: where it lies, or unpacked into a temporary file of the folder.
    struct Kept;

    void write_at_once(PackageFile& file, PlannedImage& image);
    void write_from_content(PackageFile& file, PlannedImage& image);
    void write_chain(PlannedImage& image);
    void write_blank(PlannedImage& image);
    void copy(ByteSource& from, PlannedImage& image);

    [[nodiscard]] std::unique_ptr<Kept> keep(PackageFile& file);
    [[nodiscard]] std::unique_ptr<Kept> spool(ByteSource& content, const std::string& name);
    void convert(disk::Reader& reader, PlannedImage& image);
    void convert_kept(const Kept& kept, PlannedImage& image);
    void convert_by_qemu(const Kept& kept, const disk::Image& found, PlannedImage& image);

    [[nodiscard]] disk::TransferOptions transfer_options();
    [[nodiscard]] std::unique_ptr<disk::Target> target(int fd, const PlannedImage& image, std::uint64_t capacity) const;
    void settle(PlannedImage& image, FileDescriptor file, std::uint64_t capacity);
    [[nodiscard]] std::uint64_t content_limit(const PlannedImage& image) const;
    void begin_progress(std::uint64_t size);

    Package& package_;
    const std::vector<FileEntry>& entries_;
    ImportPlan& plan_;
    const StagedFolder& folder_;
    const ImportOptions& options_;
    Diagnostics& diagnostics_;
    std::map<std::size_t, std::vector<PlannedImage*>> users_;  ///< of every file
    std::map<std::size_t, std::unique_ptr<Kept>> kept_;
    std::size_t spools_ = 0;
    std::uint64_t done_ = 0, current_ = 0, total_ = 0;
};

}  // namespace ovfkit::detail
