#include <fmt/format.h>

#include "package/manifest.hpp"
#include "validate/findings.hpp"

// What consumers make of the package around the descriptor.
namespace ovfkit::detail {

void check_consumer_package(const Subject& subject, Findings& findings) {
    const Package* package = subject.package;
    if (package == nullptr) return;
    if (package->kind() != Package::Kind::folder && package->members().front().name != package->descriptor().name)
        findings.add("import-descriptor-late", package->name(), fmt::format("the first member is '{}'", printable(package->members().front().name, 80)));
    if (package->manifest() == nullptr) return;
    Diagnostics known;  // the reader says what is wrong with its lines
    bool sha1 = false, sha512 = false, other = false;
    for (const ManifestEntry& entry : parse_manifest(*package->manifest(), package->name(), known).entries) {
        sha1 = sha1 || entry.algorithm == Algorithm::sha1;
        sha512 = sha512 || entry.algorithm == Algorithm::sha512;
        other = other || entry.algorithm != Algorithm::sha1;
    }
    if (sha1) findings.add("import-manifest-sha1", package->name(), fmt::format("the manifest has SHA-1 digests, which are refused by {}", findings.wanted("import-manifest-sha1")));
    if (sha512) findings.add("import-manifest-sha512", package->name(), "the manifest has SHA-512 digests, which virt-v2v does not check");
    if (other) findings.add("import-manifest-unread", package->name(), "the manifest has digests that Ganeti does not check");
}

}  // namespace ovfkit::detail
