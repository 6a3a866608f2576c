#include "package/crypto.hpp"

#include "base/late_library.hpp"

namespace ovfkit::detail {

namespace {

Crypto load() {
    static_assert(OPENSSL_VERSION_MAJOR == 3, "the name of the library below, and the functions, are those of OpenSSL 3");
    const LateLibrary library("libcrypto.so.3");
    Crypto out{};
#define OVFKIT_BIND(name) library.bind(out.name, #name);
    OVFKIT_CRYPTO_FUNCTIONS(OVFKIT_BIND)
#undef OVFKIT_BIND
    return out;
}

}  // namespace

const Crypto& crypto() {
    static const Crypto functions = load();
    return functions;
}

}  // namespace ovfkit::detail
