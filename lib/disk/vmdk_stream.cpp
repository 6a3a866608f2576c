#include "disk/vmdk_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "disk/report.hpp"
#include "disk/vmdk_tables.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::size_t grain_head = 12;
constexpr std::size_t max_held = 3;  ///< buffers of one task; the rest of the pool keeps the reader going

/// Two forms: the tables in front of the grains (QEMU: no footer, no end marker needed), or behind markers among and
/// after them, the directory's place in the footer (VMware). Either way the tables must list exactly the grains seen.
class VmdkStreamReader final : public Reader {
public:
    VmdkStreamReader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image,
                     const InspectOptions& options, Diagnostics& diagnostics)
        : name_(std::move(name)),
          cursor_(std::move(cursor)),
          image_(image),
          diagnostics_(diagnostics),
          header_(read_vmdk_header(name_, cursor_->peek(sector), "header", options)),
          tables_(name_, header_) {
        grain_bytes_ = static_cast<std::size_t>(header_.grain * sector);
        // What deflate needs at worst, and room for another packer's habits.
        longest_ = grain_bytes_ + grain_bytes_ / 64 + 1024;
        cursor_->longest(std::max<std::size_t>(128U << 10, 2 * longest_));
    }

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const Image& image() const override { return image_; }
    void start(Tap* tap, std::size_t buffers) override { cursor_->start(tap, buffers + max_held + 1); }
    void cancel() override { cursor_->cancel(); }
    [[nodiscard]] std::uint64_t position() const override { return cursor_->offset(); }
    [[nodiscard]] std::uint64_t total() const override { return cursor_->size().value_or(0); }

    bool next(Task& task) override {
        task.clear();
        if (cursor_->offset() == 0) front();
        while (!ended_) {
            const Bytes head = cursor_->peek(sector);
            if (head.size() < sector && !last_grain(head)) {
                end_of_bytes(head);
                break;
            }
            const auto size = little<std::uint32_t>(head, 8);
            if (size == 0)
                marker(head);
            else if (!grain(task, little<std::uint64_t>(head, 0), size))
                return true;  // it belongs to another window
        }
        return !task.segments.empty();
    }

private:
    [[noreturn]] void bad_marker(std::string message) const {
        fail(name_, "disk-marker-malformed", Failure::malformed, std::move(message));
    }

    /// The end of the file may lack the padding of the last grain.
    [[nodiscard]] bool last_grain(Bytes head) const {
        if (head.size() < grain_head) return false;
        const auto size = little<std::uint32_t>(head, 8);
        return size != 0 && head.size() >= grain_head + std::size_t{size};
    }

    void front() {
        cursor_->skip((header_.descriptor_offset + header_.descriptor_size) * sector);
        tables_in_front_ = header_.directory < header_.overhead;
        if (tables_in_front_) directory_in_front();
        const std::uint64_t begin = header_.overhead * sector;
        cursor_->skip(begin - cursor_->offset());
        if (cursor_->offset() != begin) truncated(name_, cursor_->offset(), "the part in front of the VMDK grains");
    }

    void directory_in_front() {
        if (header_.directory * sector < cursor_->offset())
            fail(name_, "disk-table-malformed", Failure::malformed,
                 "the VMDK grain directory (GD) lies in the descriptor");
        cursor_->skip(header_.directory * sector - cursor_->offset());
        std::vector<std::uint32_t> directory;
        for (std::uint64_t left = header_.tables(); left > 0;) {
            const Bytes bytes = need(sector, "the VMDK grain directory");
            const std::uint64_t count = std::min<std::uint64_t>(left, sector / 4);
            for (std::size_t i = 0; i < count; ++i) directory.push_back(little<std::uint32_t>(bytes, 4 * i));
            cursor_->skip(sector);
            left -= count;
        }
        for (std::size_t i = 0; i < directory.size(); ++i) {
            if (directory[i] == 0) continue;
            const std::uint64_t at = directory[i] * sector;
            if (at < cursor_->offset() || at + vmdk_table_bytes > header_.overhead * sector)
                fail(name_, "disk-table-malformed", Failure::malformed,
                     fmt::format("entry {} of the VMDK grain directory (GD) points at sector {}, where its grain table "
                                 "cannot be",
                                 i, directory[i]));
            cursor_->skip(at - cursor_->offset());
            tables_.numbered_table(i, need(vmdk_table_bytes, "a VMDK grain table"));
            cursor_->skip(vmdk_table_bytes);
        }
    }

    Bytes need(std::size_t size, std::string_view what) {
        const Bytes bytes = cursor_->peek(size);
        if (bytes.size() < size) truncated(name_, cursor_->offset() + bytes.size(), what);
        return bytes.first(size);
    }

    /// False: not for this task.
    bool grain(Task& task, std::uint64_t lba, std::uint32_t size) {
        const auto misplaced = [&](std::string_view why) {
            fail(name_, "disk-grain-misplaced", Failure::malformed,
                 fmt::format("the grain at byte {} has LBA {}, {}", cursor_->offset(), lba, why));
        };
        if (lba >= header_.capacity)
            misplaced(fmt::format("out of range of a capacity of {} sectors", header_.capacity));
        if (lba % header_.grain != 0) misplaced(fmt::format("not aligned to a grain of {} sectors", header_.grain));
        if (size > longest_)
            fail(name_, "disk-grain-misplaced", Failure::malformed,
                 fmt::format("the grain at byte {} has a compressed size of {}; {} is the most possible",
                             cursor_->offset(), size, longest_));
        const std::uint64_t offset = lba * sector, window = offset / window_bytes * window_bytes;
        const Bytes record = cursor_->peek(grain_head + size);
        if (record.size() < grain_head + std::size_t{size})
            truncated(name_, cursor_->offset() + record.size(), fmt::format("the grain at byte {}", cursor_->offset()));
        const auto holder = cursor_->holder();
        const bool held = !task.held.empty() && task.held.back() == holder;
        if (!task.segments.empty() && (window != task.window || (!held && task.held.size() >= max_held))) return false;
        const std::uint64_t at_sector = cursor_->offset() / sector;
        if (at_sector > 0xFFFFFFFF) misplaced("beyond the 2 TiB that grain tables can point to");
        tables_.grain(lba / header_.grain, at_sector);
        task.window = window;
        if (!held) task.held.push_back(holder);
        const auto at = static_cast<std::size_t>(offset - window);
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(grain_bytes_, image_.capacity - offset));
        task.segments.push_back(
            {at, length, grain_bytes_, 0, Codec::zlib, cursor_->offset(), size, record.data() + grain_head});
        cursor_->skip(round_up(grain_head + size, sector));
        return true;
    }

    void marker(Bytes head) {
        const auto sectors = little<std::uint64_t>(head, 0);
        const auto type = little<std::uint32_t>(head, 12);
        const std::uint64_t at = cursor_->offset();
        const auto sized = [&](std::uint64_t wanted, std::string_view what) {
            if (sectors != wanted)
                bad_marker(fmt::format("the {} marker at byte {} announces {} sectors; a {} has {}", what, at, sectors,
                                       what, wanted));
            cursor_->skip(sector);
        };
        if (footer_ && type != 0)
            bad_marker(fmt::format("a marker of type {} after the footer, where end-of-stream must be", type));
        switch (static_cast<VmdkMarker>(type)) {
            case VmdkMarker::end_of_stream:
                return end_of_stream(head);
            case VmdkMarker::grain_table: {
                sized(vmdk_table_bytes / sector, "grain table");
                const std::uint64_t place = cursor_->offset() / sector;
                const Bytes bytes = need(vmdk_table_bytes, "a VMDK grain table");
                if (!tables_in_front_) tables_.table(place, bytes);
                return cursor_->skip(vmdk_table_bytes);
            }
            case VmdkMarker::grain_directory:
                sized(header_.directory_sectors(), "grain directory");
                return directory();
            case VmdkMarker::footer:
                sized(1, "footer");
                return footer();
            case VmdkMarker::progress:
                if (sectors > 2048)
                    bad_marker(fmt::format("the progress marker at byte {} announces {} sectors", at, sectors));
                return cursor_->skip((sectors + 1) * sector);
        }
        bad_marker(fmt::format("the marker at byte {} has the unknown type {}", at, type));
    }

    void directory() {
        const std::uint64_t here = cursor_->offset() / sector;
        if (directory_ && !tables_in_front_) bad_marker("a second grain directory");
        directory_ = here;
        for (std::uint64_t i = 0; i < header_.directory_sectors(); ++i) {
            const Bytes bytes = need(sector, "the VMDK grain directory");
            for (std::size_t j = 0; j < sector / 4 && !tables_in_front_; ++j)
                tables_.directory_entry(little<std::uint32_t>(bytes, 4 * j), here);
            cursor_->skip(sector);
        }
    }

    void footer() {
        footer_ = read_vmdk_footer(name_, need(sector, "the VMDK footer"), header_);
        const std::uint64_t wanted = tables_in_front_ ? header_.directory : directory_.value_or(0);
        if (footer_->directory != wanted)
            fail(name_, "disk-footer-mismatch", Failure::malformed,
                 fmt::format("the gdOffset of the VMDK footer is {}; the grain directory is at sector {}",
                             footer_->directory, wanted));
        cursor_->skip(sector);
    }

    void end_of_stream(Bytes head) {
        if (!all_zero(head.first(sector))) bad_marker("an end-of-stream marker that is not all zero");
        if (header_.directory == gd_at_end && !footer_)
            fail(name_, "disk-footer-mismatch", Failure::malformed,
                 fmt::format("the VMDK has an end-of-stream marker at byte {}, before the footer", cursor_->offset()));
        cursor_->skip(sector);
        // The digest is of the file, whatever follows.
        bool warned = false;
        for (Bytes rest = cursor_->peek(1); !rest.empty(); rest = cursor_->peek(1)) {
            if (!warned && !all_zero(rest)) {
                warn(diagnostics_, name_, "disk-image-trailing",
                     fmt::format("bytes after the end of the VMDK stream, at byte {}, are ignored", cursor_->offset()));
                warned = true;
            }
            cursor_->skip(rest.size());
        }
        finish();
    }

    void end_of_bytes(Bytes head) {
        if (!head.empty()) truncated(name_, cursor_->offset() + head.size(), "a sector of the VMDK stream");
        if (header_.directory == gd_at_end)
            fail(name_, "disk-footer-mismatch", Failure::malformed,
                 fmt::format("the VMDK is truncated: it ends at byte {} without {}", cursor_->offset(),
                             footer_ ? "an end-of-stream marker" : "a footer"));
        finish();
    }

    void finish() {
        ended_ = true;
        if (!tables_in_front_ && header_.directory != gd_at_end && directory_ != header_.directory)
            fail(name_, "disk-table-malformed", Failure::malformed,
                 fmt::format("the gdOffset of the VMDK header is {}, and no grain directory is there",
                             header_.directory));
        tables_.finish();
    }

    std::string name_;
    std::unique_ptr<StreamCursor> cursor_;
    Image image_;
    Diagnostics& diagnostics_;
    VmdkHeader header_;
    VmdkTables tables_;
    std::size_t grain_bytes_ = 0, longest_ = 0;
    bool tables_in_front_ = false, ended_ = false;
    std::optional<VmdkHeader> footer_;
    std::optional<std::uint64_t> directory_;  ///< sector of the one behind a marker
};

}  // namespace

std::unique_ptr<Reader> vmdk_stream_reader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image,
                                           const InspectOptions& options, Diagnostics& diagnostics) {
    return std::make_unique<VmdkStreamReader>(std::move(name), std::move(cursor), image, options, diagnostics);
}

}  // namespace ovfkit::detail::disk
