#include "package/tar.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/xml.hpp"
#include "package/fault.hpp"
#include "package/limits.hpp"
#include "package/names.hpp"
#include "package/tar_header.hpp"

namespace ovfkit::detail {

namespace {

class RandomFeed : public TarFeed {
public:
    explicit RandomFeed(std::shared_ptr<const RandomSource> source) : source_(std::move(source)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_->read_at(at_, into);
        at_ += got;
        return got;
    }
    bool skip(std::uint64_t bytes) override {
        if (bytes > source_->size() - at_) return false;
        at_ += bytes;
        return true;
    }
    [[nodiscard]] std::uint64_t offset() const override { return at_; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_->size(); }

private:
    std::shared_ptr<const RandomSource> source_;
    std::uint64_t at_ = 0;  // never beyond the end
};

class StreamFeed : public TarFeed {
public:
    explicit StreamFeed(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_->read(into);
        at_ += got;
        return got;
    }
    bool skip(std::uint64_t bytes) override {
        std::vector<std::byte> waste(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, copy_buffer)));
        while (bytes > 0) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, waste.size()));
            if (read(std::span(waste).first(wanted)) != wanted) return false;
            bytes -= wanted;
        }
        return true;
    }
    [[nodiscard]] std::uint64_t offset() const override { return at_; }

private:
    std::unique_ptr<ByteSource> source_;
    std::uint64_t at_ = 0;
};

std::uint64_t padding_of(std::uint64_t size) { return (tar_block - size % tar_block) % tar_block; }

std::string type_problem(char type) {
    switch (type) {
        case '1':
            return "is a hard link";
        case '2':
            return "is a symbolic link";
        case '3':
        case '4':
            return "is a device (type 3 or 4)";
        case '6':
            return "is a FIFO (type 6)";
        case 'S':
            return "is a sparse member (type S)";
        default:
            return fmt::format("has the type '{}'", printable(std::string_view(&type, 1)));
    }
}

}  // namespace

std::unique_ptr<TarFeed> random_feed(std::shared_ptr<const RandomSource> source) {
    return std::make_unique<RandomFeed>(std::move(source));
}
std::unique_ptr<TarFeed> stream_feed(std::unique_ptr<ByteSource> source) {
    return std::make_unique<StreamFeed>(std::move(source));
}

void TarReader::fault(std::string_view rule, Failure failure, const std::string& message) const {
    package_fault(rule, package_, message, failure);
}

void TarReader::truncated(const std::string& what) const {
    fault("package-archive-truncated", Failure::malformed, fmt::format("the archive ends inside {}: it is truncated", what));
}

bool TarReader::read_header(TarHeader& header) {
    header.offset = feed_->offset();
    const std::size_t got = feed_->read(std::as_writable_bytes(std::span(header.block)));
    if (got == 0) {
        if (count_ == 0)
            fault("package-archive-malformed", Failure::malformed, "the file is empty: not a tar archive");
        finish(false);
        return false;
    }
    if (got != tar_block) {
        if (header.offset == 0) fault("package-archive-malformed", Failure::malformed, "not a tar archive: shorter than one block");
        truncated(fmt::format("the header at byte {}", header.offset));
    }
    if (header.is_zero()) {
        finish(true);
        return false;
    }
    if (!header.checksum_fits())
        fault("package-archive-malformed", Failure::malformed,
              header.offset == 0 ? std::string("not a tar archive: the checksum of the first header is wrong")
                                 : fmt::format("the checksum of the tar header at byte {} is wrong", header.offset));
    if (!header.magic_known())
        fault("package-archive-malformed", Failure::malformed,
              fmt::format("the tar header at byte {} is of an unknown format", header.offset));
    return true;
}

void TarReader::finish(bool first_block_read) {
    done_ = true;
    const auto incomplete = [&] {
        report(diagnostics_, "package-archive-end", Location{package_},
               "the archive does not end with two blocks of zeros; it may have been cut short");
    };
    if (!first_block_read) return incomplete();
    TarHeader second;
    const std::size_t got = feed_->read(std::as_writable_bytes(std::span(second.block)));
    if (got == 0) return incomplete();
    if (got == tar_block && second.is_zero()) return look_behind();
    report(diagnostics_, "package-archive-trailing", Location{package_},
           "trailing bytes after the end of the archive are ignored");
}

void TarReader::look_behind() {
    std::vector<std::byte> piece(64 << 10);
    for (std::uint64_t seen = 0; seen < max_tail_looked_at; seen += piece.size()) {
        const std::size_t got = feed_->read(piece);
        if (std::any_of(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got), [](std::byte b) { return b != std::byte{}; })) {
            report(diagnostics_, "package-archive-trailing", Location{package_},
                   "trailing bytes after the end of the archive are ignored");
            return;
        }
        if (got != piece.size()) return;
    }
}

std::string TarReader::read_record(const TarHeader& header, std::string_view what) {
    const auto size = header.size();
    if (!size)
        fault("package-archive-malformed", Failure::malformed,
              fmt::format("the size of the {} at byte {} is no number", what, header.offset));
    if (*size > max_tar_record)
        fault("package-size-exceeded", Failure::refused,
              fmt::format("the {} at byte {} has a size of {} bytes; the limit is {}", what, header.offset, *size, max_tar_record));
    std::string out(static_cast<std::size_t>(*size), '\0');
    if (feed_->read(std::as_writable_bytes(std::span(out))) != out.size() || !feed_->skip(padding_of(*size)))
        truncated(fmt::format("the {} at byte {}", what, header.offset));
    return out;
}

/// Records `LENGTH KEY=VALUE\n`, the length that of the whole record.
void TarReader::parse_pax(const std::string& records, bool global, Extended& extended) {
    const auto malformed = [&] {
        fault("package-archive-malformed", Failure::malformed, "a pax header is damaged: its records are not LENGTH KEY=VALUE");
    };
    for (std::string_view rest = records; !rest.empty();) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        const auto length = to_number<std::uint64_t>(rest.substr(0, blank));
        if (!length || *length > rest.size() || *length < blank + 3 || rest[static_cast<std::size_t>(*length) - 1] != '\n')
            malformed();
        const std::string_view record = rest.substr(blank + 1, static_cast<std::size_t>(*length) - blank - 2);
        const std::size_t equals = record.find('=');
        if (equals == std::string_view::npos) malformed();
        pax_field(record.substr(0, equals), record.substr(equals + 1), global, extended);
        rest.remove_prefix(static_cast<std::size_t>(*length));
    }
}

void TarReader::pax_field(std::string_view key, std::string_view value, bool global, Extended& extended) {
    const bool harmless = key == "comment" || key == "mtime" || key == "charset" || key == "hdrcharset";
    if (global && !harmless)
        fault("package-header-refused", Failure::refused,
              fmt::format("a global pax header sets '{}' to '{}' for all members", printable(key), printable(value)));
    if (key.starts_with("GNU.sparse."))
        fault("package-type-refused", Failure::refused, "a pax header makes a member sparse");
    if (key == "path") extended.path = std::string(value);
    if (key == "size") {
        extended.size = to_number<std::uint64_t>(value);
        if (!extended.size)
            fault("package-archive-malformed", Failure::malformed,
                  fmt::format("the size '{}' in a pax header is no number", printable(value)));
    }
}

std::uint64_t TarReader::size_of(const TarHeader& header, const Extended& extended, const std::string& name) const {
    const auto size = extended.size ? extended.size : header.size();
    if (!size)
        fault("package-archive-malformed", Failure::malformed,
              fmt::format("the size of member '{}' is no number that can be", printable(name)));
    const auto end = checked_add<std::uint64_t>(feed_->offset(), *size);
    if (!end || *end > max_member_end)
        fault("package-archive-malformed", Failure::malformed,
              fmt::format("the size of member '{}', {}, cannot be", printable(name), *size));
    if (feed_->size() && *end > *feed_->size()) truncated(fmt::format("member '{}'", printable(name)));
    return *size;
}

void TarReader::enter(const std::string& name) {
    if (!names_.insert(name).second)
        fault("package-member-duplicate", Failure::refused, fmt::format("member '{}' is in the archive twice", printable(name)));
    if (!folded_.insert(to_lower(name)).second)
        report(diagnostics_, "package-name-case", Location{package_},
               fmt::format("member '{}' differs from another one in the case of letters only", printable(name)));
}

void TarReader::skip_rest() {
    if (!feed_->skip(left_)) truncated(fmt::format("member '{}'", printable(current_)));
    // The padding of the last member may be missing; what follows then is the end.
    feed_->skip(feed_->size() ? std::min(padding_, *feed_->size() - feed_->offset()) : padding_);
    left_ = padding_ = 0;
}

std::optional<TarMember> TarReader::next() {
    Extended extended;
    TarHeader header;
    while (!done_) {
        skip_rest();
        if (!read_header(header)) break;
        if (++count_ > max_members)
            fault("package-members-exceeded", Failure::refused,
                  fmt::format("the archive has too many members: the limit is {}", max_members));
        const char type = header.type();
        if (type == 'x' || type == 'g') {
            parse_pax(read_record(header, "pax header"), type == 'g', extended);
            continue;
        }
        if (type == 'L') {
            std::string path = read_record(header, "long name");
            path.erase(std::min(path.find('\0'), path.size()));
            extended.path = std::move(path);
            continue;
        }
        std::string name = extended.path ? *extended.path : header.name();
        const bool folder = type == '5' || (type == '\0' && name.ends_with('/'));
        if (folder && name.ends_with('/')) name.pop_back();
        if (type != '0' && type != '\0' && type != '7' && !folder)
            fault("package-type-refused", Failure::refused,
                  fmt::format("member '{}' {}: only regular files are read", printable(name), type_problem(type)));
        const std::uint64_t size = size_of(header, extended, name);
        extended = {};
        if (folder && name == "." && size == 0) continue;
        if (const std::string problem = name_problem(name); !problem.empty())
            fault("package-name-unsafe", Failure::refused, fmt::format("the name of member '{}' {}", printable(name), problem));
        if (folder && size != 0)
            fault("package-type-refused", Failure::refused, fmt::format("member '{}' is a folder with data", printable(name)));
        name = plain_name(name);
        left_ = size;
        padding_ = padding_of(size);
        current_ = name;
        if (folder || name == "pad") continue;  // oVirt aligns disks with members called `pad`
        enter(name);
        return TarMember{std::move(name), size, feed_->offset()};
    }
    return std::nullopt;
}

std::size_t TarReader::read(std::span<std::byte> into) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    const std::size_t got = feed_->read(into.first(wanted));
    left_ -= got;
    if (got != wanted) truncated(fmt::format("member '{}'", printable(current_)));
    return got;
}

}  // namespace ovfkit::detail
