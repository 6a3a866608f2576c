#include "convert/import_images.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"
#include "convert/package.hpp"
#include "disk/reader.hpp"

namespace ovfkit::detail {

namespace {

using Kind = ImportedFile::Kind;

constexpr std::uint64_t mib = 1 << 20;
/// More than any format adds to what the guest sees (security rule Z1).
constexpr std::uint64_t content_slack = 64 * mib;

/// Bytes that were looked at, and the rest.
class Peeked final : public ByteSource {
public:
    explicit Peeked(ByteSource& source) : source_(source), head_(disk::head_bytes) { head_.resize(source.read(head_)); }
    [[nodiscard]] std::span<const std::byte> head() const { return head_; }
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t mine = std::min(into.size(), head_.size() - at_);
        std::memcpy(into.data(), head_.data() + at_, mine);
        at_ += mine;
        return mine == into.size() ? mine : mine + source_.read(into.subspan(mine));
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_.size(); }

private:
    ByteSource& source_;
    std::vector<std::byte> head_;
    std::size_t at_ = 0;
};

void set_size(int fd, std::uint64_t size, const std::string& path) {
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0) io_error(path, errno, "cannot write");
}

/// Gives the number of bytes.
std::uint64_t write_all_of(ByteSource& from, int fd, const std::string& path) {
    std::uint64_t at = 0;
    copy_all(from, [&](std::span<const std::byte> part) {
        write_sparse(fd, at, part, path);
        at += part.size();
    });
    set_size(fd, at, path);
    return at;
}

void sync(FileDescriptor& file, const std::string& path) {
    if (::fdatasync(file.get()) != 0 || !file.close()) io_error(path, errno, "cannot write");
}

}  // namespace

disk::InspectOptions inspect_options(const ImagePart& part, const ImportOptions& options, bool child) {
    disk::InspectOptions out;
    out.declared = part.family;
    out.raw_as_is = options.raw_as_is;
    out.child = child;
    out.max_capacity = options.max_disk_bytes;
    return out;
}

struct ImageWriter::Kept {
    std::string name;
    std::shared_ptr<const RandomSource> source;
    disk::HelperInput input;
    std::string temporary;  ///< to be removed

    Kept() = default;
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() {
        if (!temporary.empty()) ::unlink(temporary.c_str());
    }
};

ImageWriter::ImageWriter(Package& package, const std::vector<FileEntry>& entries, ImportPlan& plan, const StagedFolder& folder,
                         const ImportOptions& options, Diagnostics& diagnostics)
    : package_(package), entries_(entries), plan_(plan), folder_(folder), options_(options), diagnostics_(diagnostics) {
    for (PlannedImage& image : plan_.images)
        for (const ImagePart& part : image.parts) users_[part.file].push_back(&image);
    if (package.kind() == Package::Kind::stream) return;
    Diagnostics said_again;  // by walk_files()
    for (const auto& [file, users] : users_)
        for (const Member* part : place_of(package, entries[file], true, said_again).parts) total_ += part->size;
}

ImageWriter::~ImageWriter() = default;

std::uint64_t ImageWriter::content_limit(const PlannedImage& image) const {
    const std::uint64_t most = std::min(image.capacity.value_or(options_.max_disk_bytes), options_.max_disk_bytes);
    return image.kind == Kind::copy ? options_.max_disk_bytes : most + content_slack;
}

void ImageWriter::begin_progress(std::uint64_t size) {
    done_ += std::exchange(current_, size);
    if (options_.progress != nullptr) options_.progress->at(done_, std::max(done_, total_));
}

disk::TransferOptions ImageWriter::transfer_options() {
    disk::TransferOptions out;
    out.threads = options_.threads;
    if (options_.progress == nullptr) return out;
    out.progress = [this](std::uint64_t position, std::uint64_t all) {
        const double share = all == 0 ? 0.0 : static_cast<double>(position) / static_cast<double>(all);
        const auto mine = total_ == 0 ? position : static_cast<std::uint64_t>(share * static_cast<double>(current_));
        options_.progress->at(done_ + mine, total_);
    };
    return out;
}

std::unique_ptr<disk::Target> ImageWriter::target(int fd, const PlannedImage& image, std::uint64_t capacity) const {
    return image.format == disk::Family::raw ? disk::raw_target(image.path(), fd, capacity) : disk::qcow2_target(image.path(), fd, capacity);
}

/// Ganeti takes whole MiB, and nobody minds them.
void ImageWriter::settle(PlannedImage& image, FileDescriptor file, std::uint64_t capacity) {
    if (image.format == disk::Family::raw && capacity % mib != 0 && options_.to.starts_with("ganeti"))
        set_size(file.get(), capacity + (mib - capacity % mib), image.path());
    sync(file, image.path());
    if (image.capacity && *image.capacity != capacity && !image.inexact)
        report(diagnostics_, "import-disk-size-differs", Location{package_.name(), 0, 0},
               fmt::format("the image of disk '{}' has {} bytes, the descriptor says {} (ovf:capacity): the image holds", printable(image.id),
                           capacity, *image.capacity));
    image.capacity = capacity;
}

void ImageWriter::take(PackageFile& file) {
    const auto found = users_.find(file.index());
    if (found == users_.end()) return;
    begin_progress(file.stored().size().value_or(0));
    PlannedImage& image = *found->second.front();
    if (found->second.size() == 1 && image.parts.size() == 1)
        write_at_once(file, image);
    else
        kept_[file.index()] = keep(file);
}

void ImageWriter::finish() {
    for (PlannedImage& image : plan_.images) {
        if (image.kind == Kind::blank_disk) write_blank(image);
        const bool waited = !image.parts.empty() && kept_.contains(image.parts.back().file);
        if (!waited) continue;
        if (image.kind == Kind::copy) {
            SequentialSource source(kept_.at(image.parts.front().file)->source);
            copy(source, image);
        } else if (image.parts.size() == 1) {
            convert_kept(*kept_.at(image.parts.front().file), image);
        } else {
            write_chain(image);
        }
    }
    kept_.clear();
    for (const PlannedImage& image : plan_.images)
        for (std::size_t i = 1; i < image.folders.size(); ++i) {
            const std::string other = image.folders[i] + image.name;
            (void)::mkdirat(folder_.fd(), image.folders[i].c_str(), 0777);
            if (::linkat(folder_.fd(), image.path().c_str(), folder_.fd(), other.c_str(), 0) != 0) io_error(other, errno, "cannot write");
        }
    begin_progress(0);
}

/// The usual case: an image that is converted while it goes by.
void ImageWriter::write_at_once(PackageFile& file, PlannedImage& image) {
    if (image.kind == Kind::copy) {
        const auto content = file.content(content_limit(image));
        copy(*content, image);
        return;
    }
    const auto random = file.random();
    if (random == nullptr || is_packed(entries_[file.index()])) {
        write_from_content(file, image);
        return;
    }
    // What has tables is read by them; what has not, in order, and is digested on the way.
    const disk::InspectOptions options = inspect_options(image.parts.front(), options_);
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(random->size(), disk::head_bytes)));
    head.resize(random->read_at(0, head));
    Diagnostics seen_again;
    const disk::Image found = disk::inspect_head(file.name(), head, random->size(), options, seen_again);
    if (found.format == disk::Format::vmdk_stream || (found.format == disk::Format::raw && package_.manifest() != nullptr)) {
        const auto reader = disk::open_stream(file.name(), file.stored(), options, diagnostics_);
        convert(*reader, image);
        return;
    }
    convert_kept(*keep(file), image);
}

/// From a stream, in chunks or compressed.
void ImageWriter::write_from_content(PackageFile& file, PlannedImage& image) {
    const auto content = file.content(content_limit(image));
    Peeked source(*content);
    const disk::InspectOptions options = inspect_options(image.parts.front(), options_);
    Diagnostics seen_again;
    const disk::Image found = disk::inspect_head(file.name(), source.head(), source.size(), options, seen_again);
    const bool raw = found.format == disk::Format::raw;
    if (found.format == disk::Format::vmdk_stream || (raw && source.size())) {
        const auto reader = disk::open_stream(file.name(), source, options, diagnostics_);
        convert(*reader, image);
    } else if (raw && image.format == disk::Family::raw) {
        FileDescriptor out = folder_.create(image.path());
        const std::uint64_t size = write_all_of(source, out.get(), image.path());
        settle(image, std::move(out), size);
    } else {
        convert_kept(*spool(source, file.name()), image);
    }
}

void ImageWriter::convert(disk::Reader& reader, PlannedImage& image) {
    FileDescriptor out = folder_.create(image.path());
    const std::uint64_t capacity = reader.image().capacity;
    const auto into = target(out.get(), image, capacity);
    disk::transfer(reader, *into, transfer_options());
    into->finish();
    settle(image, std::move(out), capacity);
}

void ImageWriter::convert_kept(const Kept& kept, PlannedImage& image) {
    const disk::InspectOptions options = inspect_options(image.parts.back(), options_);
    Diagnostics seen_again;
    const disk::Image found = disk::inspect(kept.name, *kept.source, options, seen_again);
    if (!disk::readable(found.format)) {
        convert_by_qemu(kept, found, image);
        return;
    }
    const auto reader = disk::open_random(kept.name, *kept.source, options, diagnostics_);
    convert(*reader, image);
}

/// The helper gets a folder of its own, and its file is moved out of it.
void ImageWriter::convert_by_qemu(const Kept& kept, const disk::Image& found, PlannedImage& image) {
    disk::HelperOptions options;
    options.no_helpers = options_.no_helpers;
    options.unsandboxed = options_.unsandboxed_helper;
    if (options_.progress != nullptr) options.tick = [this] { options_.progress->at(done_, total_); };
    const std::string inner = ".helper", made = inner + "/disk";
    if (::mkdirat(folder_.fd(), inner.c_str(), 0700) != 0) io_error(inner, errno, "cannot make the folder");
    disk::convert_by_helper(kept.name, kept.input, found, folder_.temporary() + "/" + inner, "disk", image.format, options);
    (void)folder_.create(image.path());  // with the mode and the folder of the others
    struct stat mode {};
    if (::fstatat(folder_.fd(), image.path().c_str(), &mode, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::renameat(folder_.fd(), made.c_str(), folder_.fd(), image.path().c_str()) != 0 ||
        ::unlinkat(folder_.fd(), inner.c_str(), AT_REMOVEDIR) != 0)
        io_error(image.path(), errno, "cannot write");
    FileDescriptor out(::openat(folder_.fd(), image.path().c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!out || ::fchmod(out.get(), mode.st_mode & 0777U) != 0) io_error(image.path(), errno, "cannot write");
    settle(image, std::move(out), found.capacity);
}

/// Parents first, then what their children changed.
void ImageWriter::write_chain(PlannedImage& image) {
    std::vector<disk::Image> found;
    for (std::size_t i = 0; i < image.parts.size(); ++i) {
        const Kept& kept = *kept_.at(image.parts[i].file);
        Diagnostics seen_again;
        found.push_back(disk::inspect(kept.name, *kept.source, inspect_options(image.parts[i], options_, i > 0), seen_again));
        if (i > 0) disk::check_parent(kept.name, found[i], kept_.at(image.parts[i - 1].file)->name, found[i - 1]);
    }
    FileDescriptor out = folder_.create(image.path());
    const auto into = target(out.get(), image, found.back().capacity);
    for (std::size_t i = 0; i < image.parts.size(); ++i) {
        const Kept& kept = *kept_.at(image.parts[i].file);
        const auto reader = disk::open_random(kept.name, *kept.source, inspect_options(image.parts[i], options_, i > 0), diagnostics_);
        disk::TransferOptions options = transfer_options();
        options.over = i > 0;
        disk::transfer(*reader, *into, options);
    }
    into->finish();
    settle(image, std::move(out), found.back().capacity);
}

void ImageWriter::write_blank(PlannedImage& image) {
    if (*image.capacity > options_.max_disk_bytes) {
        Diagnostics found;
        report(found, "disk-capacity-exceeded", Location{package_.name(), 0, 0},
               fmt::format("the disk '{}' has a capacity of {} bytes, limit {} (--max-disk-size)", printable(image.id), *image.capacity,
                           options_.max_disk_bytes),
               Failure::refused);
        throw InputError(found.all().front());
    }
    FileDescriptor out = folder_.create(image.path());
    target(out.get(), image, *image.capacity)->finish();
    settle(image, std::move(out), *image.capacity);
}

void ImageWriter::copy(ByteSource& from, PlannedImage& image) {
    FileDescriptor out = folder_.create(image.path());
    image.size = write_all_of(from, out.get(), image.path());
    sync(out, image.path());
}

std::unique_ptr<ImageWriter::Kept> ImageWriter::keep(PackageFile& file) {
    const auto random = file.random();
    if (random == nullptr || is_packed(entries_[file.index()])) {
        std::uint64_t limit = 0;
        for (const PlannedImage* image : users_.at(file.index())) limit = std::max(limit, content_limit(*image));
        const auto content = file.content(limit);
        return spool(*content, file.name());
    }
    auto out = std::make_unique<Kept>();
    out->name = file.name();
    out->source = random;
    const Member* member = package_.find(file.name());
    const bool folder = package_.kind() == Package::Kind::folder;
    const std::string parent = folder ? folder_part(package_.name()) : std::string{};
    out->input.path = folder ? (parent.ends_with('/') ? parent : parent + "/") + file.name() : package_.name();
    out->input.offset = member == nullptr ? 0 : member->offset;
    out->input.size = random->size();
    return out;
}

std::unique_ptr<ImageWriter::Kept> ImageWriter::spool(ByteSource& content, const std::string& name) {
    auto out = std::make_unique<Kept>();
    const std::string file_name = fmt::format(".part-{}", ++spools_);
    auto file = std::make_shared<FileDescriptor>(folder_.create(file_name));
    out->name = name;
    out->temporary = folder_.temporary() + "/" + file_name;
    const std::uint64_t size = write_all_of(content, file->get(), name);
    out->source = std::make_shared<FileSource>(std::move(file), name, 0, size);
    out->input = {out->temporary, 0, size};
    return out;
}

}  // namespace ovfkit::detail
