#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/package.hpp>

/// From a platform, or from a package in another dialect, to a package: one pass over every disk.
namespace ovfkit {

enum class CompressionLevel {
    fast,      ///< several times faster, some percent larger
    balanced,
    small,     ///< about what qemu-img makes
};

/// `limits` and `lenient` are those of PackageOptions for `read` and `write`, too.
struct ExportOptions : PackageOptions {
    std::string to;  ///< id of a dialect; empty: the source's own if it is dmtf, vmware, virtualbox or ovirt, else dmtf
    ReadOptions read;
    WriteOptions write;
    CompressionLevel level = CompressionLevel::balanced;
    std::string digest;                      ///< of the manifest: `SHA256` (when empty), `SHA1`, `SHA384`, `SHA512`, `none`
    std::string key_file, certificate_file;  ///< PEM, RSA of 2048 bits or more; empty: not signed
    std::int64_t time = 0;                   ///< of every member, in seconds since 1970
    std::uint64_t max_disk_bytes = default_max_disk_bytes;
    unsigned threads = 0;    ///< 0: one a core
    bool raw_as_is = false;  ///< a raw disk may begin like an image of another format
    /// Folders, besides that of a platform's text, that its images may be in or below.
    std::vector<std::string> image_folders = {};
    bool no_media = false;   ///< leave the images of CD-ROM and floppy drives out
    bool strict = false;     ///< write nothing when a value would be lost
    bool dry_run = false;    ///< write nothing
};

struct ExportedFile {
    enum class Kind { descriptor, manifest, certificate, disk, blank_disk, copy };
    Kind kind = Kind::copy;
    std::string name;             ///< in the package
    std::string from;             ///< path on this host or name in the source package; empty: made here
    std::string format;           ///< of a disk: `vmdk`, `qcow2`
    std::uint64_t capacity = 0;   ///< of a disk: bytes that the guest sees
    std::uint64_t populated = 0;  ///< of these, in the file; 0 on a dry run
    std::uint64_t size = 0;       ///< of the file; 0: not known yet
};
OVFKIT_EXPORT std::string_view to_string(ExportedFile::Kind kind);

struct Export {
    std::string output;
    std::vector<ExportedFile> files;  ///< in their order in the package
    std::uint64_t needed_bytes = 0;   ///< at most so much room is taken, as far as can be told beforehand
    LossReport report;
    bool written = false;  ///< not on a dry run, nor with a loss under `strict`
};

/// Makes `output`, an OVA (`X.ova`) or a folder package (`X.ovf`, its files beside it), of a platform's text and the
/// disks it names, a Ganeti export or a package. It appears whole or not at all; with `X.ovf` in a folder that exists
/// the descriptor comes last. A path in a platform's text may have been written by
/// a stranger, to take a file of this host along: links followed, it must lead to a regular file or a block device
/// beneath the text's folder or one of `image_folders`. Relative ones, and all of a Ganeti export, are looked for beside the text.
OVFKIT_EXPORT Export export_package(const std::string& path, const std::string& output, const ExportOptions& options,
                                    Diagnostics& diagnostics);

}  // namespace ovfkit
