#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Files in and out. Output appears whole or not at all (reference: security 5.2).
namespace ovfkit::detail {

/// A whole regular file. Throws IoError; InputError (rule `input-too-large`) over `limit`. Never blocks on a FIFO.
std::string read_file(const std::string& path, std::uint64_t limit);
/// Everything from a descriptor (standard input). Throws like read_file.
std::string read_descriptor(int fd, const std::string& name, std::uint64_t limit);

/// Tells the system that a large buffer, not yet touched, will be used whole: fewer page faults.
void prefer_huge_pages(void* begin, std::size_t size);

struct NewFile {
    std::string path;
    std::string_view bytes;
    bool secret = false;  ///< mode 0600 whatever the umask
};
/// Writes to a file without a name (or with a temporary one) in the same folder, then gives it its name; without
/// `replace` an existing file is an IoError with EEXIST. On any failure, also a kill, nothing of it is left. What
/// replaces a file is synced to the disk first, so that a loss of power leaves the old or the new one; a new file is
/// not (10 ms each, where a conversion takes 1).
void write_file(const NewFile& file, bool replace);
/// Several files: all temporary names first, then all renames.
void write_files(const std::vector<NewFile>& files, bool replace);

}  // namespace ovfkit::detail
