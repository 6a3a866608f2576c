#include "package/digest.hpp"

#include <array>
#include <new>

#include "base/checked.hpp"
#include "base/file_descriptor.hpp"
#include "package/crypto.hpp"
#include "package/evp.hpp"

namespace ovfkit::detail {

std::string_view to_string(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::sha1:
            return "SHA1";
        case Algorithm::sha256:
            return "SHA256";
        case Algorithm::sha384:
            return "SHA384";
        case Algorithm::sha512:
            break;
    }
    return "SHA512";
}

std::optional<Algorithm> algorithm_from(std::string_view word) {
    for (const Algorithm algorithm : all_algorithms)
        if (equal_nocase(word, to_string(algorithm))) return algorithm;
    return std::nullopt;
}

std::size_t digits_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::sha1:
            return 40;
        case Algorithm::sha256:
            return 64;
        case Algorithm::sha384:
            return 96;
        case Algorithm::sha512:
            break;
    }
    return 128;
}

const EVP_MD* evp_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::sha1:
            return crypto().EVP_sha1();
        case Algorithm::sha256:
            return crypto().EVP_sha256();
        case Algorithm::sha384:
            return crypto().EVP_sha384();
        case Algorithm::sha512:
            break;
    }
    return crypto().EVP_sha512();
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += "0123456789abcdef"[byte >> 4U];
        out += "0123456789abcdef"[byte & 0xFU];
    }
    return out;
}

void Digest::Free::operator()(evp_md_ctx_st* context) const { crypto().EVP_MD_CTX_free(context); }

Digest::Digest(Algorithm algorithm) : algorithm_(algorithm), context_(crypto().EVP_MD_CTX_new()) {
    if (!context_ || crypto().EVP_DigestInit_ex(context_.get(), evp_of(algorithm), nullptr) != 1) throw std::bad_alloc();
}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(std::span<const std::byte> bytes) {
    if (crypto().EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

std::string Digest::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (crypto().EVP_DigestFinal_ex(context_.get(), out.data(), &size) != 1) throw std::bad_alloc();
    return to_hex({reinterpret_cast<const char*>(out.data()), size});
}

std::string digest_of(Algorithm algorithm, std::string_view bytes) {
    Digest digest(algorithm);
    digest.update(as_bytes_of(bytes));
    return digest.finish();
}

}  // namespace ovfkit::detail
