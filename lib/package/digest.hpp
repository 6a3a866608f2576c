#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/stream.hpp"

struct evp_md_ctx_st;

/// Digests of manifests (libcrypto).
namespace ovfkit::detail {

enum class Algorithm { sha1, sha256, sha384, sha512 };
inline constexpr Algorithm all_algorithms[] = {Algorithm::sha1, Algorithm::sha256, Algorithm::sha384, Algorithm::sha512};

/// As a manifest spells it: `SHA256`.
std::string_view to_string(Algorithm algorithm);
/// In any case; nullopt for another word.
std::optional<Algorithm> algorithm_from(std::string_view word);
/// Hexadecimal digits of a digest.
std::size_t digits_of(Algorithm algorithm);

class Digest {
public:
    explicit Digest(Algorithm algorithm);
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;
    ~Digest();
    [[nodiscard]] Algorithm algorithm() const { return algorithm_; }
    void update(std::span<const std::byte> bytes);
    /// Lower-case hex. Once.
    std::string finish();

private:
    Algorithm algorithm_;
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string digest_of(Algorithm algorithm, std::string_view bytes);

}  // namespace ovfkit::detail
