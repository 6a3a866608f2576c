#include "package/signature.hpp"

#include <cerrno>

#include <fcntl.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/file_descriptor.hpp"
#include "base/xml.hpp"
#include "package/evp.hpp"
#include "package/fault.hpp"
#include "package/kinds.hpp"
#include "package/limits.hpp"
#include "package/manifest.hpp"
#include "package/pem.hpp"

namespace ovfkit::detail {

namespace {

std::string bytes_of_hex(std::string_view hex) {
    std::string out;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : lower(c) - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    return out;
}

/// A STACK_OF(X509) of certificates that stay their owner's.
class CertificateStack {
public:
    explicit CertificateStack(const std::vector<CryptoPtr<X509>>& certificates) : stack_(crypto().OPENSSL_sk_new_null()) {
        for (const auto& certificate : certificates) crypto().OPENSSL_sk_push(stack_, certificate.get());
    }
    CertificateStack(const CertificateStack&) = delete;
    CertificateStack& operator=(const CertificateStack&) = delete;
    ~CertificateStack() { crypto().OPENSSL_sk_free(stack_); }
    [[nodiscard]] STACK_OF(X509) * get() const { return reinterpret_cast<STACK_OF(X509)*>(stack_); }

private:
    OPENSSL_STACK* stack_;
};

class Checker {
public:
    Checker(const PackageText& certificate, const PackageText& manifest, const TrustPolicy& policy, const std::string& package,
            Diagnostics& diagnostics)
        : file_(certificate), manifest_(manifest), policy_(policy), package_(package), diagnostics_(diagnostics) {
        out_.certificate = certificate.name;
    }

    Signature check() {
        if (file_.bytes.find("PRIVATE KEY-----") != std::string::npos)
            add("package-certificate-key", "it holds a private key, which is now known to others: revoke its certificate", Failure::refused);
        std::string_view hex;
        std::optional<Algorithm> algorithm;
        if (!signature_line(hex, algorithm) || !certificates()) return std::move(out_);
        describe();
        verify(bytes_of_hex(hex), *algorithm);
        if (out_.valid) check_cms();
        if (out_.valid) check_trust();
        if (policy_.require_signature && out_.valid && (!out_.trusted || weak_))
            add("package-signature-refused",
                weak_ ? "the signature is weak (SHA1 or a short key), and one that is not is required"
                      : fmt::format("the key is not trusted, and a trusted one is required (--ca-file): {}", out_.untrusted_because),
                Failure::integrity);
        return std::move(out_);
    }

private:
    void add(std::string_view rule, const std::string& message, Failure failure) {
        report(diagnostics_, rule, Location{package_}, fmt::format("certificate file '{}': {}", file_.name, message), failure);
    }
    bool malformed(const std::string& message) {
        add("package-signature-malformed", message, Failure::integrity);
        return false;
    }

    bool signature_line(std::string_view& hex, std::optional<Algorithm>& algorithm) {
        std::optional<DigestLine> line;
        for (std::string_view rest = file_.bytes; !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            const std::string_view text = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (text.starts_with("-----BEGIN")) {  // base64 up to its end
                const std::size_t close = rest.find("-----END");
                rest.remove_prefix(std::min(close, rest.size()));
                continue;
            }
            const auto found = parse_digest_line(text);
            if (!found) continue;
            if (line) return malformed(fmt::format("it has two signature lines (twice '{}')", printable(found->name)));
            line = found;
        }
        if (!line) return malformed(fmt::format("it has no signature line ALGORITHM({})= HEX; it may be empty", manifest_.name));
        if (line->name != manifest_.name)
            return malformed(fmt::format("it signs '{}', while the manifest is '{}'", printable(line->name), manifest_.name));
        algorithm = algorithm_from(line->algorithm);
        if (!algorithm) return malformed(fmt::format("the signature is of the algorithm '{}', which is not known", printable(line->algorithm)));
        if (!is_hex(line->hex) || line->hex.size() % 2 != 0) return malformed("the signature is not hexadecimal and cannot be parsed");
        hex = line->hex;
        out_.algorithm = to_string(*algorithm);
        return true;
    }

    bool certificates() {
        if (!read_certificates(file_.bytes, max_certificates, certificates_))
            return malformed("a certificate in it is damaged (PEM or DER), or there are too many");
        if (certificates_.empty()) return malformed("it has no certificate");
        return true;
    }

    void describe() {
        const X509* own = certificates_.front().get();
        out_.subject = name_text(crypto().X509_get_subject_name(own));
        out_.issuer = name_text(crypto().X509_get_issuer_name(own));
        const ASN1_TIME* from = crypto().X509_get0_notBefore(own);
        const ASN1_TIME* until = crypto().X509_get0_notAfter(own);
        out_.not_before = time_text(from);
        out_.not_after = time_text(until);
        if (crypto().X509_cmp_current_time(from) > 0 || crypto().X509_cmp_current_time(until) < 0)
            add("package-certificate-dates", fmt::format("the certificate is valid from {} to {} only", out_.not_before, out_.not_after),
                Failure::none);
    }

    void verify(const std::string& signature, Algorithm algorithm) {
        EVP_PKEY* key = crypto().X509_get0_pubkey(certificates_.front().get());
        const bool rsa = key != nullptr && crypto().EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
        if (rsa && static_cast<std::size_t>(crypto().EVP_PKEY_get_size(key)) != signature.size()) {
            add("package-signature-invalid", "the signature has not the length of the certificate's key", Failure::integrity);
            return;
        }
        const CryptoPtr<EVP_MD_CTX> context(crypto().EVP_MD_CTX_new());
        out_.valid = key != nullptr && context != nullptr &&
                     crypto().EVP_DigestVerifyInit(context.get(), nullptr, evp_of(algorithm), nullptr, key) == 1 &&
                     crypto().EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                               reinterpret_cast<const unsigned char*>(manifest_.bytes.data()), manifest_.bytes.size()) == 1;
        crypto().ERR_clear_error();
        if (!out_.valid)
            add("package-signature-invalid",
                fmt::format("the signature is not one of '{}' by this certificate: one of them was changed", manifest_.name), Failure::integrity);
        weak_ = algorithm == Algorithm::sha1 || (rsa && crypto().EVP_PKEY_get_bits(key) < min_rsa_bits);
        if (out_.valid && weak_) add("package-signature-weak", "the signature uses SHA1 or a short key", Failure::none);
    }

    /// VirtualBox's second signature: of the same manifest, by the same certificate.
    void check_cms() {
        for (const std::string_view begin : {"-----BEGIN CMS-----", "-----BEGIN PKCS7-----"}) {
            const std::size_t at = file_.bytes.find(begin);
            if (at == std::string::npos) continue;
            const CryptoPtr<BIO> text = memory_bio(std::string_view(file_.bytes).substr(at));
            const CryptoPtr<CMS_ContentInfo> cms(crypto().PEM_read_bio_CMS(text.get(), nullptr, nullptr, nullptr));
            const CryptoPtr<BIO> content = memory_bio(manifest_.bytes);
            out_.has_cms = cms != nullptr &&
                           crypto().CMS_verify(cms.get(), nullptr, nullptr, content.get(), nullptr,
                                               CMS_DETACHED | CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1 &&
                           signed_by_same(cms.get());
            crypto().ERR_clear_error();
            if (out_.has_cms) continue;
            out_.valid = false;
            add("package-signature-invalid", "its CMS signature is not one of the manifest by the same certificate", Failure::integrity);
            return;
        }
    }

    bool signed_by_same(CMS_ContentInfo* cms) {
        auto* signers = reinterpret_cast<OPENSSL_STACK*>(crypto().CMS_get0_signers(cms));
        const bool one = signers != nullptr && crypto().OPENSSL_sk_num(signers) == 1;
        const bool same = one && crypto().X509_cmp(static_cast<X509*>(crypto().OPENSSL_sk_value(signers, 0)), certificates_.front().get()) == 0;
        crypto().OPENSSL_sk_free(signers);
        auto* carried = reinterpret_cast<OPENSSL_STACK*>(crypto().CMS_get1_certs(cms));
        const int count = carried == nullptr ? 0 : crypto().OPENSSL_sk_num(carried);
        for (int i = 0; i < count; ++i) certificates_.emplace_back(static_cast<X509*>(crypto().OPENSSL_sk_value(carried, i)));
        crypto().OPENSSL_sk_free(carried);
        return same;
    }

    void check_trust() {
        const CryptoPtr<X509_STORE> store(crypto().X509_STORE_new());
        const CryptoPtr<X509_STORE_CTX> context(crypto().X509_STORE_CTX_new());
        if (!store || !context) throw std::bad_alloc();
        std::vector<CryptoPtr<X509>> anchors;
        if (policy_.ca_file.empty()) {
            crypto().X509_STORE_set_default_paths(store.get());
        } else {
            if (!read_certificates(read_pem(policy_.ca_file), SIZE_MAX, anchors))
                throw UsageError(fmt::format("--ca-file: a certificate in {} is damaged", policy_.ca_file));
            for (const auto& anchor : anchors) crypto().X509_STORE_add_cert(store.get(), anchor.get());
        }
        crypto().X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);  // a certificate named as trusted is
        const CertificateStack others(certificates_);
        crypto().X509_STORE_CTX_init(context.get(), store.get(), certificates_.front().get(), others.get());
        crypto().X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_ANY);
        out_.trusted = crypto().X509_verify_cert(context.get()) == 1;
        crypto().ERR_clear_error();
        if (out_.trusted) return;
        out_.untrusted_because = crypto().X509_verify_cert_error_string(crypto().X509_STORE_CTX_get_error(context.get()));
        add("package-certificate-untrusted",
            fmt::format("the signature is valid, but the certificate of '{}' leads to no trusted one: {}", out_.subject, out_.untrusted_because),
            Failure::none);
    }

public:
    static std::string read_pem(const std::string& path) {
        const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!file) io_error(path, errno, "cannot open");
        DescriptorSource source(file.get(), path);
        return read_text(source, max_ca_file, path, path);
    }

private:
    const PackageText& file_;
    const PackageText& manifest_;
    const TrustPolicy& policy_;
    const std::string& package_;
    Diagnostics& diagnostics_;
    Signature out_;
    std::vector<CryptoPtr<X509>> certificates_;
    bool weak_ = false;
};

int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Signature check_signature(const PackageText& certificate, const PackageText& manifest, const TrustPolicy& policy, const std::string& package,
                          Diagnostics& diagnostics) {
    return Checker(certificate, manifest, policy, package, diagnostics).check();
}

struct Signer::Keys {
    CryptoPtr<EVP_PKEY> key;
    std::vector<CryptoPtr<X509>> certificates;
};

Signer::Signer(const std::string& key_file, const std::string& certificate_file) : keys_(std::make_unique<Keys>()) {
    const std::string key = Checker::read_pem(key_file);
    const CryptoPtr<BIO> bio = memory_bio(key);
    keys_->key.reset(crypto().PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    crypto().ERR_clear_error();
    if (!keys_->key) throw UsageError(fmt::format("{} holds no private key in PEM without a passphrase", key_file));
    if (crypto().EVP_PKEY_get_base_id(keys_->key.get()) != EVP_PKEY_RSA || crypto().EVP_PKEY_get_bits(keys_->key.get()) < min_rsa_bits)
        throw UsageError(fmt::format("the key in {} is not RSA of {} bits or more: no other is read by all importers", key_file, min_rsa_bits));
    if (!read_certificates(Checker::read_pem(certificate_file), max_certificates, keys_->certificates) || keys_->certificates.empty())
        throw UsageError(fmt::format("{} holds no certificate in PEM, or a damaged one", certificate_file));
    if (crypto().X509_check_private_key(keys_->certificates.front().get(), keys_->key.get()) != 1) {
        crypto().ERR_clear_error();
        throw UsageError(fmt::format("the first certificate in {} is not of the key in {}", certificate_file, key_file));
    }
}
Signer::Signer(Signer&&) noexcept = default;
Signer::~Signer() = default;

std::string Signer::certificate_for(const PackageText& manifest) const {
    const CryptoPtr<EVP_MD_CTX> context(crypto().EVP_MD_CTX_new());
    std::string signature(static_cast<std::size_t>(crypto().EVP_PKEY_get_size(keys_->key.get())), '\0');
    std::size_t size = signature.size();
    if (!context || crypto().EVP_DigestSignInit(context.get(), nullptr, crypto().EVP_sha256(), nullptr, keys_->key.get()) != 1 ||
        crypto().EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                reinterpret_cast<const unsigned char*>(manifest.bytes.data()), manifest.bytes.size()) != 1)
        throw Error("libcrypto cannot sign with this key");
    signature.resize(size);
    std::string out = fmt::format("SHA256({})= {}\n", manifest.name, to_hex(signature));
    for (const auto& certificate : keys_->certificates) {
        const CryptoPtr<BIO> bio(crypto().BIO_new(crypto().BIO_s_mem()));
        char* data = nullptr;
        if (!bio || crypto().PEM_write_bio_X509(bio.get(), certificate.get()) != 1) throw std::bad_alloc();
        const long length = crypto().BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
        out.append(data, static_cast<std::size_t>(length));
    }
    return out;
}

}  // namespace ovfkit::detail
