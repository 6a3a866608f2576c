#include "inputs.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

namespace fs = std::filesystem;

bool is_input(const fs::path& path) {
    const std::string name = path.filename().string();
    if (name.ends_with(".origin.ovf")) return false;  // it travels with a text beside it
    return name.ends_with(".ovf") || name.ends_with(".OVF") || name.ends_with(".ova") || name.ends_with(".OVA") || name == "config.ini";
}

std::vector<std::string> below(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    // Links to folders are not followed: they may lead round in a circle.
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (is_input(entry->path()) && entry->is_regular_file(error)) out.push_back(entry->path().string());
    if (error) throw IoError(folder, error.value(), fmt::format("cannot list {}: {}", printable(folder, 4000), error.message()));
    if (out.empty()) throw UsageError(fmt::format("{} holds no .ovf, no .ova and no config.ini", printable(folder, 4000)));
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

std::vector<std::string> find_inputs(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const std::string& path : paths) {
        std::error_code error;
        if (fs::is_directory(path, error)) {
            const std::vector<std::string> found = below(path);
            out.insert(out.end(), found.begin(), found.end());
        } else {
            out.push_back(path);
        }
    }
    return out;
}

}  // namespace ovfkit::tool
