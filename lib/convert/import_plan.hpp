#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovfkit/import.hpp>

#include "disk/image.hpp"
#include "package/files.hpp"

/// What an import makes of which files of a package.
namespace ovfkit::detail {

/// A file of the package and what it is said to be.
struct ImagePart {
    std::size_t file = 0;  ///< number of the FileEntry
    std::string disk_id;
    std::optional<disk::Family> family;  ///< absent: told by its magic
};

struct PlannedImage {
    ImportedFile::Kind kind = ImportedFile::Kind::disk;
    std::string id;                ///< of the VirtualDisk, for a copy of the FileReference
    std::vector<ImagePart> parts;  ///< one, or a disk's parents and itself, the eldest first; none for a blank disk
    std::string name;              ///< of the file that is written, without its folder
    std::vector<std::string> folders;  ///< where it is needed, each empty or with its slash
    disk::Family format = disk::Family::raw;
    std::optional<std::uint64_t> capacity;  ///< what the descriptor says, then what it is
    bool inexact = false;                   ///< the descriptor only says about
    std::uint64_t size = 0;                 ///< of a copy

    [[nodiscard]] std::string path() const { return folders.front() + name; }
};

struct ImportPlan {
    std::vector<PlannedImage> images;
    std::vector<std::string> folders;  ///< of every VirtualSystem; empty: the one of all
};

struct PlanOptions {
    std::string vm;               ///< id or name; empty: every VM
    disk::Family format = disk::Family::qcow2;
    bool all_files = false;       ///< also what no device uses
    bool folder_each = false;     ///< a folder for every VM
    bool lenient = false;
};

/// Whether it has to be unpacked (`ovf:compression`).
bool is_packed(const FileEntry& entry);

/// Adds to `envelope` what a drive lacks to be written (the Disk of one that names a file).
ImportPlan plan_import(Envelope& envelope, const std::vector<FileEntry>& entries, const PlanOptions& options,
                       const std::string& package);

/// `envelope` as it is once the images lie in `folder` (absolute): files, formats and sizes are theirs, parents merged.
/// `sources`: every drive names its image by its path.
Envelope with_images(const Envelope& envelope, const ImportPlan& plan, const std::string& folder, bool sources);

/// Names the images as `written` does, the same envelope read from the text that was made of `planned`.
void name_as(ImportPlan& plan, const Envelope& planned, const Envelope& written);

/// Renames networks; throws UsageError for one that is not there.
void rename_networks(Envelope& envelope, const std::map<std::string, std::string, std::less<>>& names);

}  // namespace ovfkit::detail
