#pragma once

#include <cstdlib>
#include <filesystem>

/// Where the checkout stands. Defined once, in where.cpp, so that no other object depends on the path.
std::filesystem::path source_folder();

/// The extra corpus, oracles and schemas: $OVFKIT_SHARED, or `shared` beside the checkout; it may not exist.
inline std::filesystem::path shared_path() {
    const char* set = std::getenv("OVFKIT_SHARED");
    return set != nullptr ? std::filesystem::path(set) : source_folder() / ".." / "shared";
}
