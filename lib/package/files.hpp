#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/progress.hpp>

#include "package/package.hpp"

/// The files that a descriptor refers to, read in one pass over the package whatever kind it is.
namespace ovfkit::detail {

class IntegrityCheck;

/// A File of References (DSP0243 7.1), as far as a package must know it.
struct FileEntry {
    std::string id, href;
    std::optional<std::uint64_t> size;
    std::string compression;
    std::optional<std::uint64_t> chunk_size;
};

/// The members that are a file: one, or its chunks in order.
struct FilePlace {
    std::string name;  ///< from the href
    std::vector<const Member*> parts;
    std::uint64_t size = 0;  ///< of the parts together
};

/// A referenced file while it is its turn.
class PackageFile {
public:
    virtual ~PackageFile() = default;
    /// Which of the entries it is.
    [[nodiscard]] virtual std::size_t index() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;
    /// As stored, chunks joined. Whatever is read from it is digested on the way, if there is a check. Its size() is
    /// known but for the chunks of a stream without an ovf:size.
    virtual ByteSource& stored() = 0;
    /// The same with `ovf:compression` undone: at most `limit` bytes, then InputError. Throws for a compression other
    /// than gzip.
    virtual std::unique_ptr<ByteSource> content(std::uint64_t limit) = 0;
    /// The stored bytes at any offset, from several threads; nullptr for a stream or a file in chunks. What is read so is
    /// digested afterwards, by a second reading, in IntegrityCheck::finish().
    virtual std::shared_ptr<const RandomSource> random() = 0;
};

/// Calls `take` for every entry once, in the order in which the files lie in the package. What `take` does not read is
/// digested all the same when it is a stream. Throws InputError for a reference that leads out of the package, a file
/// that is missing, chunks that do not fit, and, unless `lenient`, an ovf:size that is not the file's.
/// `other`, when given, is called for members that nothing refers to; of a folder there are none.
void walk_files(Package& package, const std::vector<FileEntry>& entries, IntegrityCheck* check, bool lenient, Diagnostics& diagnostics,
                const std::function<void(PackageFile&)>& take,
                const std::function<void(const Member&, ByteSource&)>& other = {});

/// The name an entry stands for; throws InputError when it leads out of the package.
std::string name_of(const FileEntry& entry, const std::string& package);
/// Where a file lies; not of a stream. Throws like walk_files.
FilePlace place_of(Package& package, const FileEntry& entry, bool lenient, Diagnostics& diagnostics);

/// Copies all that is left; gives the number of bytes.
std::uint64_t copy_all(ByteSource& from, const std::function<void(std::span<const std::byte>)>& to);

/// Counts what all files together have of it and tells the user's Progress.
class ProgressMeter {
public:
    ProgressMeter(Progress* progress, std::uint64_t total) : progress_(progress), total_(total) {}
    void add(std::uint64_t bytes) {
        done_ += bytes;
        if (progress_ != nullptr) progress_->at(done_, total_);
    }

private:
    Progress* progress_;
    std::uint64_t total_, done_ = 0;
};

}  // namespace ovfkit::detail
