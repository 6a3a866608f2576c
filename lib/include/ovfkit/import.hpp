#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/package.hpp>

/// From a package to a platform: checked disks in a format it runs, and the text that points at them.
namespace ovfkit {

enum class ImageFormat {
    automatic,  ///< raw for Ganeti, qcow2 for the others
    raw,
    qcow2,
};

/// `limits` and `lenient` are those of PackageOptions for `read` and `write`, too.
struct ImportOptions : PackageOptions {
    std::string to;  ///< id of a format
    ReadOptions read;
    WriteOptions write;
    std::map<std::string, std::string, std::less<>> networks;  ///< name in the descriptor -> name on the platform
    ImageFormat images = ImageFormat::automatic;
    std::uint64_t max_disk_bytes = default_max_disk_bytes;
    unsigned threads = 0;             ///< 0: one a core
    bool raw_as_is = false;           ///< a raw disk may begin like an image of another format
    bool no_helpers = false;          ///< refuse what needs qemu-img
    bool unsandboxed_helper = false;  ///< run it without a sandbox where there is none
    bool strict = false;              ///< write nothing when a value would be lost
    bool dry_run = false;             ///< write nothing
};

struct ImportedFile {
    enum class Kind { disk, blank_disk, copy, text };
    Kind kind = Kind::text;
    std::string name;         ///< in the folder
    std::string from;         ///< in the package; empty: made here
    std::string format;       ///< of a disk: `raw`, `qcow2`
    std::uint64_t bytes = 0;  ///< of a disk what the guest sees, else the file's size; 0: not known yet
};
OVFKIT_EXPORT std::string_view to_string(ImportedFile::Kind kind);

struct Import {
    std::string folder;  ///< absolute
    std::vector<ImportedFile> files;
    std::uint64_t needed_bytes = 0;     ///< at least so much room is taken
    Integrity integrity;                ///< nothing when nothing was written
    std::vector<LossReport> reports;    ///< one a VM
    std::vector<std::string> commands;  ///< what brings the VMs to life: lines for a POSIX shell
    std::vector<std::string> domains;   ///< paths of the libvirt domains, for `virsh define`
    bool written = false;               ///< not on a dry run, nor with a loss under `strict`
};

/// Reads a package once (`-`: standard input, the descriptor first), writes its disks and the platform's text into a new
/// `folder`, and gives that its name only when everything was as the manifest says. `replace` takes the place of a
/// folder that holds the same names and no others.
OVFKIT_EXPORT Import import_package(const std::string& path, const std::string& folder, const ImportOptions& options,
                                    Diagnostics& diagnostics);

/// A word for a POSIX shell: as it is, or in single quotes.
OVFKIT_EXPORT std::string shell_quoted(std::string_view word);

}  // namespace ovfkit
