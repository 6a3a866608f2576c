#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ovfkit/package.hpp>

#include "package/digest.hpp"
#include "package/files.hpp"
#include "package/manifest.hpp"
#include "package/package.hpp"

namespace ovfkit::detail {

/// Holds a package against its manifest and certificate while somebody reads it.
class IntegrityCheck {
public:
    IntegrityCheck(Package& package, TrustPolicy policy, Diagnostics& diagnostics);

    /// The same bytes; their digest is taken as they pass. To be read in order; what is not read is seen to by finish().
    std::unique_ptr<ByteSource> watch(const Member& member, std::unique_ptr<ByteSource> bytes);
    /// Compares. Reads what nobody read, unless `glance` or it is a stream. Findings, each with Failure::integrity:
    /// digests that differ, files without a line, lines without a file, signatures, what the policy asks for.
    /// `entries`: what the descriptor refers to.
    Integrity finish(const std::vector<FileEntry>& entries, bool glance = false, ProgressMeter* meter = nullptr);
    /// Digests in one algorithm of every member watched, for a new manifest: call before the first watch().
    void also(Algorithm algorithm) { also_ = algorithm; }
    /// By member name, after finish().
    [[nodiscard]] std::string digest(const std::string& member, Algorithm algorithm) const;

private:
    struct Watched {
        std::vector<Digest> digests;
        std::uint64_t done = 0;
        std::map<Algorithm, std::string> hex;
    };
    class WatchedSource;
    void read_manifest();
    std::vector<Algorithm> wanted(const std::string& name) const;
    Watched& start(const std::string& name);
    void complete(const Member& member, ProgressMeter* meter);
    MemberCheck compare(const Member& member);
    void check_listed(const std::vector<FileEntry>& entries, Integrity& out);
    void check_signature_of(Integrity& out);
    void add(std::string_view rule, const std::string& message);

    Package& package_;
    TrustPolicy policy_;
    Diagnostics& diagnostics_;
    bool manifest_read_ = false, sound_ = true;
    std::optional<Manifest> manifest_;
    std::optional<Algorithm> also_;
    std::map<std::string, Watched> watched_;
};

}  // namespace ovfkit::detail
