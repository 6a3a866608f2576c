#pragma once

#include <string>

#include <ovfkit/package.hpp>

#include "package/package.hpp"

/// The certificate file (.cert, DSP0243 5.1): a signature of the manifest and the certificate that goes with it.
namespace ovfkit::detail {

/// Findings: error with Failure::integrity for what does not hold or what the policy asks for and is not there.
Signature check_signature(const PackageText& certificate, const PackageText& manifest, const TrustPolicy& policy,
                          const std::string& package, Diagnostics& diagnostics);

/// A key and its certificate, to sign with.
class Signer {
public:
    /// PEM files; the first certificate is the key's. Throws UsageError when they do not fit or are too weak, IoError.
    Signer(const std::string& key_file, const std::string& certificate_file);
    Signer(Signer&&) noexcept;
    ~Signer();
    /// The content of NAME.cert for the manifest of that name. Its size depends on the name only.
    [[nodiscard]] std::string certificate_for(const PackageText& manifest) const;

private:
    struct Keys;
    std::unique_ptr<Keys> keys_;
};

}  // namespace ovfkit::detail
