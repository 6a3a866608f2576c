#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/file_descriptor.hpp"

/// Output that appears whole or not at all (reference: security 5.2). What is destroyed before commit() leaves nothing
/// behind; what a killed process left is removed by the next one that stages in the same folder.
namespace ovfkit::detail {

/// A file on its way: without a name in the folder of `path`, or with a temporary one. Any size, sparse or not: write
/// to fd() as you like, then commit().
class StagedFile {
public:
    /// Throws IoError, with EEXIST when there is something and `replace` is false. Devices and FIFOs (/dev/stdout) are
    /// written through, never replaced; seekable() is false for them.
    StagedFile(std::string path, bool replace, mode_t mode = 0666);
    StagedFile(StagedFile&& other) noexcept;
    StagedFile& operator=(StagedFile&&) = delete;
    ~StagedFile() { discard(); }

    [[nodiscard]] int fd() const { return file_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool seekable() const { return !through_; }
    /// Gives it its name. What replaces a file is synced to the disk first, so that a loss of power leaves the old or
    /// the new one; a new file is not (10 ms, where a conversion takes 1). Until settle() it can still be taken back.
    void commit();
    void settle();
    /// Throws IoError (ENOSPC) when the file system has less room than that.
    void require_space(std::uint64_t bytes) const;

private:
    void open_temporary(mode_t mode);
    void discard();

    std::string path_, name_;
    std::string temporary_;  ///< a name in the folder to remove on failure
    std::string placed_;     ///< the final name, linked but not yet known to be whole
    bool replace_ = false;
    bool through_ = false;
    bool replaces_ = false;  ///< there is a file that must not be lost
    bool created_ = false;   ///< under its name, but a later file of the set may still fail
    FileDescriptor folder_, file_;
};

/// A folder on its way, under a temporary name beside `path`, closed to others.
class StagedFolder {
public:
    /// With `replace` an existing folder is taken over at commit() if it holds nothing but names that this one has, too.
    StagedFolder(std::string path, bool replace);
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;
    ~StagedFolder();

    /// Where it is until commit().
    [[nodiscard]] const std::string& temporary() const { return temporary_; }
    [[nodiscard]] int fd() const { return folder_.get(); }
    /// A new, empty file in it, open for reading and writing, by a relative name without `.` and `..`; folders on the
    /// way are made. Follows no link.
    [[nodiscard]] FileDescriptor create(const std::string& name) const;
    void commit();
    void require_space(std::uint64_t bytes) const;

private:
    std::string path_, temporary_;
    bool replace_;
    mode_t mode_ = 0;  ///< it will have
    FileDescriptor folder_;
};

/// Removes what dead processes left in the folder. Their locks, not their numbers alone, say that they are dead.
void remove_leftovers(const std::string& folder);

/// The folder part of a path, `.` when it has none; with its slash.
std::string folder_part(const std::string& path);
/// Whether `path`, which may not exist yet, is that file or folder or lies inside it, whatever they are called.
bool lies_in(const std::string& path, const std::string& file_or_folder);

}  // namespace ovfkit::detail
