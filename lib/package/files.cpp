#include "package/files.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/stop.hpp"
#include "package/decompress.hpp"
#include "package/fault.hpp"
#include "package/integrity.hpp"
#include "package/kinds.hpp"
#include "package/limits.hpp"
#include "package/names.hpp"

namespace ovfkit::detail {

namespace {

[[noreturn]] void missing(const std::string& package, const std::string& name) {
    package_fault("package-file-missing", package, fmt::format("the file '{}' (href) is not in the package", printable(name)),
                  Failure::malformed);
}

[[noreturn]] void bad_chunks(const std::string& package, const std::string& name, const std::string& why) {
    package_fault("package-file-chunks", package, fmt::format("the chunks of '{}' (ovf:chunkSize): {}", printable(name), why),
                  Failure::malformed);
}

void check_size(const FileEntry& entry, const std::string& name, std::uint64_t size, const std::string& package, bool lenient,
                Diagnostics& diagnostics) {
    if (!entry.size || *entry.size == size) return;
    Diagnostic found{lenient ? Severity::warning : Severity::error,
                     "package-file-size",
                     fmt::format("the file '{}' has {} bytes; ovf:size in the descriptor says {}{}", name, size, *entry.size,
                                 lenient ? "" : " (--lenient lets it pass)"),
                     {package, 0, 0},
                     {},
                     lenient ? Failure::none : Failure::integrity};
    if (!lenient) throw InputError(std::move(found));
    diagnostics.add(std::move(found));
}

/// How many chunks there must be; nullopt when the descriptor does not say the size.
std::optional<std::uint64_t> chunks_of(const FileEntry& entry, const std::string& name, const std::string& package) {
    if (*entry.chunk_size == 0) bad_chunks(package, name, "a chunkSize of 0");
    if (!entry.size) return std::nullopt;
    const std::uint64_t count = *entry.size / *entry.chunk_size + (*entry.size % *entry.chunk_size != 0 ? 1 : 0);
    if (count > max_members) bad_chunks(package, name, fmt::format("size and chunkSize make {} chunks; the limit is {}", count, max_members));
    return std::max<std::uint64_t>(count, 1);
}

void check_chunk(const FileEntry& entry, const std::string& name, const Member& member, bool last, const std::string& package) {
    if (member.size > *entry.chunk_size || (!last && member.size != *entry.chunk_size))
        bad_chunks(package, name, fmt::format("'{}' has {} bytes, the chunkSize is {}", printable(member.name), member.size, *entry.chunk_size));
}

/// Parts one after the other.
class JoinedSource : public ByteSource {
public:
    using Next = std::function<std::unique_ptr<ByteSource>()>;
    JoinedSource(Next next, std::optional<std::uint64_t> size) : next_(std::move(next)), size_(size) {}
    std::size_t read(std::span<std::byte> into) override {
        std::size_t done = 0;
        while (done < into.size()) {
            if (current_ == nullptr && (current_ = next_()) == nullptr) break;
            const std::size_t got = current_->read(into.subspan(done));
            done += got;
            count_ += got;
            if (done < into.size()) current_ = nullptr;
        }
        return done;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    Next next_;
    std::optional<std::uint64_t> size_;
    std::unique_ptr<ByteSource> current_;
    std::uint64_t count_ = 0;
};

/// Leaves the source to its owner.
class BorrowedSource : public ByteSource {
public:
    explicit BorrowedSource(ByteSource& source) : source_(source) {}
    std::size_t read(std::span<std::byte> into) override { return source_.read(into); }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_.size(); }

private:
    ByteSource& source_;
};

class File : public PackageFile {
public:
    File(std::size_t index, const FileEntry& entry, std::string name, std::string package, JoinedSource stored,
         std::shared_ptr<const RandomSource> random)
        : index_(index), entry_(entry), name_(std::move(name)), package_(std::move(package)), stored_(std::move(stored)), random_(std::move(random)) {}
    [[nodiscard]] std::size_t index() const override { return index_; }
    [[nodiscard]] const std::string& name() const override { return name_; }
    ByteSource& stored() override { return stored_; }
    std::unique_ptr<ByteSource> content(std::uint64_t limit) override {
        auto plain = std::make_unique<BorrowedSource>(stored_);
        if (entry_.compression.empty() || entry_.compression == "identity") return plain;
        if (entry_.compression == "gzip") return decompressed(std::move(plain), Compression::gzip, package_, fmt::format("'{}'", name_), limit);
        package_fault("package-compression-unknown", package_,
                      fmt::format("the file '{}' has the compression '{}'; gzip is known", printable(name_), printable(entry_.compression)),
                      Failure::refused);
    }
    std::shared_ptr<const RandomSource> random() override { return random_; }
    [[nodiscard]] std::uint64_t count() const { return stored_.count(); }

private:
    std::size_t index_;
    const FileEntry& entry_;
    std::string name_, package_;
    JoinedSource stored_;
    std::shared_ptr<const RandomSource> random_;
};

std::unique_ptr<ByteSource> watched(Package& package, const Member& member, IntegrityCheck* check) {
    auto bytes = package.open(member);
    return check == nullptr ? std::move(bytes) : check->watch(member, std::move(bytes));
}

using Take = std::function<void(PackageFile&)>;
using Other = std::function<void(const Member&, ByteSource&)>;

void read_in_place(Package& package, const std::vector<FileEntry>& entries, IntegrityCheck* check, bool lenient, Diagnostics& diagnostics,
                   const Take& take, const Other& other) {
    std::vector<std::pair<std::size_t, FilePlace>> order;
    std::set<std::string_view> used;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        order.emplace_back(i, place_of(package, entries[i], lenient, diagnostics));
        for (const Member* part : order.back().second.parts) used.insert(part->name);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second.parts.front()->offset < b.second.parts.front()->offset; });
    for (const auto& [index, place] : order) {
        std::size_t at = 0;
        const auto& parts = place.parts;
        File file(index, entries[index], place.name, package.name(),
                  {[&]() { return at < parts.size() ? watched(package, *parts[at++], check) : nullptr; }, place.size},
                  parts.size() == 1 ? package.random(*parts.front()) : nullptr);
        take(file);
    }
    if (!other) return;
    for (const Member& member : package.members()) {
        if (text_kind(member.name) != TextKind::none || used.contains(member.name)) continue;
        const auto bytes = watched(package, member, check);
        other(member, *bytes);
    }
}

class StreamWalk {
public:
    StreamWalk(Package& package, const std::vector<FileEntry>& entries, IntegrityCheck* check, bool lenient, Diagnostics& diagnostics)
        : package_(package), entries_(entries), check_(check), lenient_(lenient), diagnostics_(diagnostics) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::string name = name_of(entries[i], package.name());
            if (!names_.emplace(name, i).second)
                package_fault("package-file-missing", package.name(),
                              fmt::format("two references to '{}' cannot be read from a stream", printable(name)), Failure::malformed);
            if (entries[i].chunk_size) (void)chunks_of(entries[i], name, package.name());
        }
    }

    void run(const Take& take, const Other& other) {
        while (const Member* member = pop()) {
            std::string name = member->name;
            auto found = names_.find(name);
            bool chunked = false;
            if (found == names_.end() && name.ends_with(".000000000")) {
                name.resize(name.size() - 10);
                found = names_.find(name);
                chunked = found != names_.end() && entries_[found->second].chunk_size;
                if (!chunked) found = names_.end();
            }
            if (found == names_.end()) {
                const auto bytes = watched(package_, *member, check_);
                if (other) other(*member, *bytes);
                copy_all(*bytes, {});
                continue;
            }
            const std::size_t index = found->second;
            names_.erase(found);
            read(index, name, *member, chunked, take);
        }
        if (!names_.empty()) missing(package_.name(), names_.begin()->first);
    }

private:
    const Member* pop() { return waiting_ != nullptr ? std::exchange(waiting_, nullptr) : package_.next(); }

    void read(std::size_t index, const std::string& name, const Member& first, bool chunked, const Take& take) {
        const FileEntry& entry = entries_[index];
        const Member* current = &first;
        std::size_t number = 0;
        if (!chunked) check_size(entry, name, first.size, package_.name(), lenient_, diagnostics_);
        const auto next = [&]() -> std::unique_ptr<ByteSource> {
            if (number > 0 && !chunked) return nullptr;
            if (number > 0) {
                const Member* following = package_.next();
                const bool more = following != nullptr && following->name == chunk_name(name, number);
                check_chunk(entry, name, *current, !more, package_.name());
                current = following;
                if (!more) {
                    waiting_ = following;
                    chunked = false;
                    return nullptr;
                }
            }
            ++number;
            return watched(package_, *current, check_);
        };
        // What the chunks are together is known, and checked, once they have gone by.
        File file(index, entry, name, package_.name(), {next, chunked ? entry.size : std::optional(first.size)}, nullptr);
        const bool in_chunks = chunked;
        take(file);
        copy_all(file.stored(), {});
        if (in_chunks) check_size(entry, name, file.count(), package_.name(), lenient_, diagnostics_);
    }

    Package& package_;
    const std::vector<FileEntry>& entries_;
    IntegrityCheck* check_;
    bool lenient_;
    Diagnostics& diagnostics_;
    std::map<std::string, std::size_t> names_;
    const Member* waiting_ = nullptr;
};

}  // namespace

std::string name_of(const FileEntry& entry, const std::string& package) {
    std::string problem;
    auto name = name_from_href(entry.href, problem);
    if (name && text_kind(*name) != TextKind::none) problem = "is the name of a descriptor, a manifest or a certificate", name.reset();
    if (!name)
        package_fault("package-href-unsafe", package, fmt::format("the href '{}' of a file {}", printable(entry.href), problem), Failure::refused);
    return *name;
}

FilePlace place_of(Package& package, const FileEntry& entry, bool lenient, Diagnostics& diagnostics) {
    FilePlace out;
    out.name = name_of(entry, package.name());
    if (!entry.chunk_size) {
        const Member* member = package.find(out.name);
        if (member == nullptr) missing(package.name(), out.name);
        out.parts = {member};
    } else {
        const auto expected = chunks_of(entry, out.name, package.name());
        for (std::size_t i = 0; !expected || i < *expected; ++i) {
            const Member* member = package.find(chunk_name(out.name, i));
            const Member* whole = i == 0 && member == nullptr ? package.find(out.name) : nullptr;
            if (whole != nullptr && whole->size <= *entry.chunk_size) {
                out.parts = {whole};  // some leave a file alone that is no larger than a chunk
                break;
            }
            if (member == nullptr && (i == 0 || expected)) missing(package.name(), chunk_name(out.name, i));
            if (member == nullptr) break;
            if (i == max_members) bad_chunks(package.name(), out.name, fmt::format("more than {}", max_members));
            out.parts.push_back(member);
        }
        for (const Member* part : out.parts) check_chunk(entry, out.name, *part, part == out.parts.back(), package.name());
    }
    for (const Member* part : out.parts) {
        const auto sum = checked_add(out.size, part->size);
        if (!sum) bad_chunks(package.name(), out.name, "their sizes overflow");
        out.size = *sum;
    }
    check_size(entry, out.name, out.size, package.name(), lenient, diagnostics);
    return out;
}

void walk_files(Package& package, const std::vector<FileEntry>& entries, IntegrityCheck* check, bool lenient, Diagnostics& diagnostics,
                const std::function<void(PackageFile&)>& take, const std::function<void(const Member&, ByteSource&)>& other) {
    if (package.kind() == Package::Kind::stream)
        StreamWalk(package, entries, check, lenient, diagnostics).run(take, other);
    else
        read_in_place(package, entries, check, lenient, diagnostics, take, other);
    package.check_unchanged();
}

std::uint64_t copy_all(ByteSource& from, const std::function<void(std::span<const std::byte>)>& to) {
    std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(copy_buffer, from.size().value_or(copy_buffer) + 1)));
    std::uint64_t count = 0;
    while (const std::size_t got = from.read(buffer)) {
        stop_point();
        count += got;
        if (to) to(std::span(buffer).first(got));
        if (got < buffer.size()) break;
    }
    return count;
}

}  // namespace ovfkit::detail
