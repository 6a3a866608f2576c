#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>
#include <ovfkit/progress.hpp>

/// Packages: what holds them together, and making, unpacking, checking and signing them. A package is an OVA (tar, also
/// compressed), a folder, a descriptor in its folder, or `-`: an OVA on standard input.
namespace ovfkit {

/// What was found to hold, from weak to strong (DSP0243 5.1).
enum class Trust {
    nothing,            ///< no manifest
    digests,            ///< every file is as the manifest says; anybody can have written that
    signature,          ///< and the manifest is signed, by a key nothing is known of
    trusted_signature,  ///< and that key's certificate leads to a trusted one
};
OVFKIT_EXPORT std::string_view to_string(Trust trust);

/// What is asked of a package besides that nothing contradicts.
struct TrustPolicy {
    bool require_manifest = false;
    bool require_signature = false;  ///< by a trusted key, and not a weak one
    std::string ca_file;             ///< PEM; empty: the system's certificates
};

/// The certificate file, read and checked.
struct Signature {
    std::string certificate;  ///< name of the file
    std::string subject, issuer, not_before, not_after;
    std::string algorithm;    ///< of the signature: `SHA256`
    bool valid = false;       ///< it is this certificate's, and of this manifest
    bool trusted = false;
    bool has_cms = false;     ///< VirtualBox's second signature was there, too, and valid
    std::string untrusted_because;
};

struct MemberCheck {
    enum class State { matches, differs, missing, unlisted, unchecked };
    std::string name;
    std::uint64_t size = 0;
    std::string algorithm;  ///< `SHA256`; empty when the manifest does not list it
    State state = State::unchecked;
};
OVFKIT_EXPORT std::string_view to_string(MemberCheck::State state);

struct Integrity {
    std::string manifest;    ///< its name; empty: none
    std::string algorithms;  ///< `SHA256`, or several with a comma between
    std::optional<Signature> signature;
    std::vector<MemberCheck> members;
    /// Of what has been checked; `inspect` checks the descriptor and the signature only.
    Trust trust = Trust::nothing;
};

struct PackageOptions {
    Limits limits;
    TrustPolicy trust;
    bool lenient = false;  ///< let ovf:size be wrong
    bool replace = false;  ///< overwrite the output
    Progress* progress = nullptr;
};

/// Reads all of it once and checks every file. What is wrong is a finding.
OVFKIT_EXPORT Integrity verify_package(const std::string& path, const PackageOptions& options, Diagnostics& diagnostics);

struct PackOptions : PackageOptions {
    std::string digest;            ///< of the manifest: `SHA256` (when empty), `SHA1`, `SHA384`, `SHA512`, `none`
    bool strict_ustar = false;     ///< split files of 8 GiB and more into chunks instead of using newer tar headers
    std::uint64_t chunk_size = 0;  ///< split files larger than that; 0: only as strict_ustar says
    std::int64_t time = 0;         ///< of every member, in seconds since 1970
};
/// Makes an OVA (`output`, or `-`: standard output) of a folder or a descriptor, or repacks an OVA. The old manifest is
/// checked and a new one made; a signed one is kept with its certificate, unless `digest` or chunks ask for another.
OVFKIT_EXPORT void pack(const std::string& path, const std::string& output, const PackOptions& options, Diagnostics& diagnostics);
/// Puts the files of an OVA into a new folder, if it is as its manifest says.
OVFKIT_EXPORT Integrity unpack(const std::string& path, const std::string& folder, const PackageOptions& options, Diagnostics& diagnostics);

struct SignOptions : PackOptions {
    std::string key_file, certificate_file;  ///< PEM; RSA of 2048 bits or more
};
/// Makes a signed OVA of a package, with a new manifest. Its descriptor and files are not changed.
OVFKIT_EXPORT void sign(const std::string& path, const std::string& output, const SignOptions& options, Diagnostics& diagnostics);

/// An OVA of the package with another descriptor, that refers to the same files, and a new manifest. A signature does
/// not survive that: a warning.
OVFKIT_EXPORT void replace_descriptor(const std::string& path, const std::string& descriptor, const std::string& output,
                                      const PackOptions& options, Diagnostics& diagnostics);

/// A warning when a manifest lies beside the descriptor `path`, which is about to be written: it will not hold any more.
OVFKIT_EXPORT void warn_of_manifest(const std::string& path, Diagnostics& diagnostics);

/// What can be said without reading the disks.
OVFKIT_EXPORT Integrity glance_at_package(const std::string& path, const PackageOptions& options, Diagnostics& diagnostics);
/// Whether a file is an OVA rather than a text; false for what cannot be read.
OVFKIT_EXPORT bool is_archive(const std::string& path);

}  // namespace ovfkit
