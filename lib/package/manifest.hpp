#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/diagnostic.hpp>

#include "package/digest.hpp"
#include "package/package.hpp"

/// The manifest (.mf, DSP0243 5.1): one digest a file.
namespace ovfkit::detail {

struct ManifestEntry {
    std::string name;
    Algorithm algorithm = Algorithm::sha256;
    std::string hex;  ///< lower case
};

struct Manifest {
    std::vector<ManifestEntry> entries;
    /// Every algorithm that protects the file; empty when it is not listed.
    [[nodiscard]] std::vector<const ManifestEntry*> of(std::string_view name) const;
};

/// What is wrong with a line is an error finding at it, with Failure::integrity, and the line is left out.
Manifest parse_manifest(const PackageText& text, const std::string& package, Diagnostics& diagnostics);
std::string manifest_line(const ManifestEntry& entry);

/// `ALGORITHM(NAME)= HEX` as manifests and certificate files have it. The hex digits are not looked at.
struct DigestLine {
    std::string_view algorithm, name, hex;
};
std::optional<DigestLine> parse_digest_line(std::string_view line);
bool is_hex(std::string_view text);

}  // namespace ovfkit::detail
