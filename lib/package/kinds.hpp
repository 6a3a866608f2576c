#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/file_descriptor.hpp"
#include "package/package.hpp"

/// The makers of the kinds of packages, and what these share.
namespace ovfkit::detail {

/// `path`: of a descriptor.
std::unique_ptr<Package> open_folder(const std::string& path, const Limits& limits, Diagnostics& diagnostics);
/// A regular file that is an uncompressed archive.
std::unique_ptr<Package> open_archive(std::shared_ptr<const FileDescriptor> file, std::string name, const Limits& limits,
                                      Diagnostics& diagnostics);
std::unique_ptr<Package> open_stream(std::unique_ptr<ByteSource> source, std::string name, const Limits& limits,
                                     Diagnostics& diagnostics);

/// All of a source that must not have more than `limit` bytes.
std::string read_text(ByteSource& source, std::uint64_t limit, const std::string& package, const std::string& what);

/// Which of the three texts a member is, by its extension; `none` for the others.
enum class TextKind { none, descriptor, manifest, certificate };
TextKind text_kind(std::string_view name);

}  // namespace ovfkit::detail
