#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovfkit/export_package.hpp>

#include "convert/basis.hpp"
#include "disk/image.hpp"
#include "package/files.hpp"

/// What an export takes along, from where, and what it is called.
namespace ovfkit::detail {

struct ExportImage {
    ExportedFile::Kind kind = ExportedFile::Kind::disk;
    std::string id;                      ///< of the VirtualDisk, for a copy of the FileReference
    std::string path;                    ///< on this host; or
    std::optional<std::size_t> file;     ///< number of the FileEntry in the source package
    std::string from;                    ///< what messages call it
    std::optional<disk::Family> family;  ///< what it is said to be
    std::string name;                    ///< in the new package
    std::string adapter = "lsilogic";    ///< as a VMDK names it
    std::optional<std::uint64_t> stated; ///< capacity that the source says
    bool inexact = false;                ///< only about
    std::uint64_t capacity = 0, populated = 0, size = 0;
};

struct ExportPlanOptions {
    std::string stem;         ///< of the names
    bool platform = false;    ///< the source is a platform's text
    bool raw = false;         ///< whose images are raw where it does not say
    bool ovirt = false;       ///< oVirt takes qcow2, and an image for every disk
    bool no_media = false;
    bool all_files = false;   ///< also what no device uses
    [[nodiscard]] disk::Family family() const { return ovirt ? disk::Family::qcow2 : disk::Family::vmdk; }
};

struct ExportPlan {
    std::vector<ExportImage> images;
    std::vector<LossRow> rows;  ///< what is left out
};

/// `wanted`, a copy of `*basis.envelope`, is what shall be written: a drive that has only a file gets a Disk, what is
/// left out goes. `source` is what was read, `entries` are its files. Throws InputError for a disk that is not here.
ExportPlan plan_export(Envelope& wanted, const Basis& basis, const Envelope& source, const std::vector<FileEntry>& entries,
                       const ExportPlanOptions& options);

/// `wanted` as it is with the images in their files.
void set_images(Envelope& wanted, const std::vector<ExportImage>& images, const ExportPlanOptions& options);

}  // namespace ovfkit::detail
