#include <ovfkit/output.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <system_error>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/files.hpp"

namespace ovfkit {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void io_error(const fs::path& path, int code, std::string_view doing) {
    throw IoError(path.string(), code, fmt::format("{} {}: {}", doing, path.string(), std::strerror(code)));
}

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
            io_error(folder, error ? error.value() : ENOTDIR, "cannot write into");
    }
    return missing;
}

/// A folder under a temporary name beside the one it is to become; gone again unless commit() was called.
class NewFolder {
public:
    explicit NewFolder(fs::path target) : target_(std::move(target)) {
        std::random_device random;
        for (int tries = 0; tries < 100; ++tries) {
            temporary_ = target_.parent_path() /
                         fmt::format(".{}.ovfkit-{}-{:08x}", target_.filename().string(), ::getpid(), random());
            if (::mkdir(temporary_.c_str(), 0777) == 0) return;
            if (errno != EEXIST) break;
        }
        temporary_.clear();
        io_error(target_, errno, "cannot make the folder");
    }
    ~NewFolder() {
        std::error_code ignored;
        if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
    }
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;

    [[nodiscard]] fs::path inside(const fs::path& path) const { return temporary_ / path.lexically_relative(target_); }
    void commit() {
        // Fails when something of that name has come meanwhile, unless it is an empty folder.
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) io_error(target_, errno, "cannot make the folder");
        temporary_.clear();
    }

private:
    fs::path target_, temporary_;
};

}  // namespace

void write_output(const std::vector<NewOutput>& files, bool replace) {
    std::map<fs::path, NewFolder> folders;
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
        const NewFolder& folder = folders.try_emplace(missing, missing).first->second;
        const fs::path inside = folder.inside(path);
        std::error_code error;
        fs::create_directories(inside.parent_path(), error);
        if (error) io_error(file.path, error.value(), "cannot make the folder of");
        out.push_back({inside.string(), file.bytes, file.secret});
    }
    detail::write_files(out, replace);
    for (auto& [path, folder] : folders) folder.commit();
}

}  // namespace ovfkit
