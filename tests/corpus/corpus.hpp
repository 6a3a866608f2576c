#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace corpus {

namespace fs = std::filesystem;

/// Every .ovf below a folder, sorted. Empty when the folder is not there.
inline std::vector<fs::path> descriptors(const fs::path& root) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file() && it->path().extension() == ".ovf") out.push_back(it->path());
    std::sort(out.begin(), out.end());
    return out;
}

/// The same of several folders, in their order.
inline std::vector<fs::path> descriptors_below(char** first, char** last) {
    std::vector<fs::path> out;
    for (; first != last; ++first)
        for (fs::path& path : descriptors(*first)) out.push_back(std::move(path));
    return out;
}

inline std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void spill(const fs::path& path, const std::string& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

/// A flat file name for a path below the corpus.
inline std::string flat(const fs::path& path, const fs::path& root) {
    std::string name = fs::relative(path, root).string();
    for (char& c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_')) c = '_';
    return name;
}

}  // namespace corpus
