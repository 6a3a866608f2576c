// A manifest: what is read as a line is written as the same line.
#include "fuzz.hpp"
#include "package/manifest.hpp"
#include "package/names.hpp"

using namespace fuzz;
using namespace ovfkit::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(text_of(data, size));
    Diagnostics found;
    try {
        const Manifest manifest = parse_manifest({"in.mf", bytes}, "in.ova", found);
        std::string written;
        for (const ManifestEntry& entry : manifest.entries) {
            require(is_hex(entry.hex), "a digest is hex", entry.hex);
            written += manifest_line(entry);
        }
        Diagnostics again;
        const Manifest back = parse_manifest({"out.mf", written}, "in.ova", again);
        require(back.entries.size() == manifest.entries.size(), "every line comes back", written);
        for (std::size_t i = 0; i < back.entries.size(); ++i) {
            const ManifestEntry &a = manifest.entries[i], &b = back.entries[i];
            require(a.name == b.name && a.algorithm == b.algorithm && a.hex == b.hex, "a line comes back as it was", written);
        }
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
    (void)parse_digest_line(bytes);
    std::string problem;
    if (const auto name = name_from_href(bytes, problem)) {
        require(name_problem(*name).empty(), "an href leads to a name inside the package", *name);
        require(name->find("..") == std::string::npos || ("/" + *name + "/").find("/../") == std::string::npos, "no way up", *name);
    }
    return 0;
}
