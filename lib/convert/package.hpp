#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ovfkit/package.hpp>

#include "package/digest.hpp"
#include "package/files.hpp"
#include "package/package.hpp"

/// Packages with what their descriptors say of them.
namespace ovfkit::detail {

/// `-` is standard input.
std::unique_ptr<Package> open_package(const std::string& path, const Limits& limits, Diagnostics& diagnostics);
/// The References of the descriptor. Throws InputError for what cannot be followed.
std::vector<FileEntry> entries_of(const Package& package, const Limits& limits, Diagnostics& diagnostics);
/// What all members together have; 0 of a stream.
std::uint64_t total_size(const Package& package);

/// Whether it is the descriptor, the manifest or the certificate file.
bool is_text(const Package& package, const Member& member);
/// Leaves holes where whole pieces are zero.
void write_sparse(int fd, std::uint64_t offset, std::span<const std::byte> bytes, const std::string& path);

/// Of a manifest; empty: SHA256. Throws UsageError for a word that is none.
Algorithm algorithm_of(const std::string& word);
/// Throws the first error of `found` after all of it went to `diagnostics`.
void forward_and_stop(const Diagnostics& found, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
