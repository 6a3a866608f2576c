// A certificate file against a manifest that nobody signed: nothing may be found valid, let alone trusted.
#include "fuzz.hpp"
#include "package/signature.hpp"

using namespace fuzz;
using namespace ovfkit::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(text_of(data, size));
    const PackageText manifest{"in.mf", "SHA256(in.ovf)= " + std::string(64, 'a') + "\nfuzz\n"};
    Diagnostics found;
    try {
        const Signature signature = check_signature({"in.cert", bytes}, manifest, {}, "in.ova", found);
        require(!signature.valid && !signature.trusted, "a manifest that nobody signed is not signed");
        require(found.has_errors(), "and that is an error");
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
    return 0;
}
