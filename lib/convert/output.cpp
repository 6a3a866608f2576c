#include <ovfkit/output.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/files.hpp"
#include "base/staged.hpp"

namespace ovfkit {

namespace {

namespace fs = std::filesystem;

/// The topmost folder on the way to `path` that is not there; empty when all are.
fs::path missing_folder(const fs::path& path) {
    fs::path missing;
    for (fs::path folder = path.parent_path(); !folder.empty() && folder != folder.root_path();
         folder = folder.parent_path()) {
        std::error_code error;
        const fs::file_status status = fs::status(folder, error);
        if (status.type() == fs::file_type::not_found)
            missing = folder;
        else if (status.type() != fs::file_type::directory)
            detail::io_error(folder.string(), error ? error.value() : ENOTDIR, "cannot write into");
    }
    return missing;
}

}  // namespace

void write_output(const std::vector<NewOutput>& files, bool replace) {
    std::map<fs::path, detail::StagedFolder> folders;
    std::vector<fs::path> seen;
    std::vector<detail::NewFile> out;
    for (const NewOutput& file : files) {
        const fs::path path = fs::path(file.path).lexically_normal();
        if (std::find(seen.begin(), seen.end(), fs::absolute(path)) != seen.end())
            throw UsageError(fmt::format("two outputs would be '{}'", file.path));
        seen.push_back(fs::absolute(path));
        const fs::path missing = missing_folder(path);
        if (missing.empty()) {
            out.push_back({file.path, file.bytes, file.secret});
            continue;
        }
        const detail::StagedFolder& folder = folders.try_emplace(missing, missing.string(), false).first->second;
        const fs::path inside = fs::path(folder.temporary()) / path.lexically_relative(missing);
        std::error_code error;
        fs::create_directories(inside.parent_path(), error);
        if (error) detail::io_error(file.path, error.value(), "cannot make the folder of");
        out.push_back({inside.string(), file.bytes, file.secret});
    }
    detail::write_files(out, replace);
    for (auto& [path, folder] : folders) folder.commit();
}

}  // namespace ovfkit
