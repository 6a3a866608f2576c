#include <filesystem>

#include <fmt/format.h>

#include <ovfkit/package.hpp>

#include "base/xml.hpp"

namespace ovfkit {

void warn_of_manifest(const std::string& path, Diagnostics& diagnostics) {
    const std::filesystem::path manifest = std::filesystem::path(path).replace_extension(".mf");
    std::error_code error;
    if (!std::filesystem::exists(manifest, error)) return;
    detail::report(diagnostics, "package-manifest-stale", Location{manifest.string(), 0, 0},
                   fmt::format("the manifest is of the old '{}': delete it, and `ovfkit pack` makes a new one",
                               printable(std::filesystem::path(path).filename().string(), 80)));
}

}  // namespace ovfkit
