#include "base/staged.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>

#include <sys/stat.h>
#include <sys/wait.h>

#include <ovfkit/error.hpp>

#include "base/sha256.hpp"
#include "base/stop.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
namespace fs = std::filesystem;

namespace {

class Scratch {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "ovfkit-staged-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

private:
    std::string path_;
};

int error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const IoError& error) {
        return error.code();
    }
    return 0;
}

}  // namespace

TEST_CASE("a staged file of any size appears at commit") {
    const Scratch scratch;
    {
        StagedFile file(scratch / "disk", false);
        write_all_at(file.fd(), std::uint64_t{1} << 33, "end", "disk");
        CHECK_FALSE(fs::exists(scratch / "disk"));
        file.commit();
        file.settle();
    }
    CHECK(fs::file_size(scratch / "disk") == (std::uint64_t{1} << 33) + 3);
    CHECK(error_of([&] { StagedFile(scratch / "disk", false); }) == EEXIST);
    { const StagedFile dropped(scratch / "other", false); }
    CHECK(scratch.entries() == 1);
    const StagedFile file(scratch / "large", false);
    CHECK(error_of([&] { file.require_space(UINT64_MAX); }) == ENOSPC);
}

TEST_CASE("a staged folder appears at commit, closed until then") {
    const Scratch scratch;
    const auto fill = [&](bool replace, const std::string& name, const std::string& text) {
        StagedFolder folder(scratch / "out", replace);
        struct stat info {};
        CHECK((::stat(folder.temporary().c_str(), &info) == 0 && (info.st_mode & 0777U) == 0700));
        write_all(folder.create(name).get(), text, name);
        CHECK(error_of([&] { (void)folder.create(name); }) == EEXIST);
        folder.commit();
    };
    fill(false, "sub/deep/a", "1");
    CHECK(fs::file_size(scratch / "out/sub/deep/a") == 1);
    CHECK(error_of([&] { fill(false, "sub/deep/a", "2"); }) == EEXIST);
    fill(true, "sub/deep/a", "22");
    CHECK(fs::file_size(scratch / "out/sub/deep/a") == 2);
    std::ofstream(scratch / "out/precious") << "x";
    CHECK(error_of([&] { fill(true, "sub/deep/a", "3"); }) == ENOTEMPTY);
    CHECK(fs::exists(scratch / "out/precious"));
    { const StagedFolder dropped(scratch / "dropped", false); }
    fs::create_directory(scratch / "empty");
    { StagedFolder folder(scratch / "empty", false); folder.commit(); }
    CHECK(scratch.entries() == 2);
}

TEST_CASE("leftovers of the dead go, those of the living stay") {
    const Scratch scratch;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    const std::string dead = scratch / (".x.ovfkit-" + std::to_string(child) + "-0123456789abcdef");
    const std::string living = scratch / (".x.ovfkit-" + std::to_string(::getpid()) + "-0123456789abcdef");
    const std::string foreign = scratch / (".x.ovfkit-" + std::to_string(child) + "-short");
    fs::create_directory(dead);
    std::ofstream(dead + "/part") << "x";
    std::ofstream(living) << "x";
    std::ofstream(foreign) << "x";
    remove_leftovers(scratch / "");
    CHECK_FALSE(fs::exists(dead));
    CHECK(fs::exists(living));
    CHECK(fs::exists(foreign));
}

TEST_CASE("what lies in what") {
    const Scratch scratch;
    fs::create_directories(scratch / "a/b");
    std::ofstream(scratch / "a/f") << "x";
    fs::create_symlink("a", scratch / "l");
    CHECK(lies_in(scratch / "a/new", scratch / "a"));
    CHECK(lies_in(scratch / "l/b/new", scratch / "a"));
    CHECK(lies_in(scratch / "a", scratch / "a"));
    CHECK(lies_in(scratch / "l/f", scratch / "a/f"));
    CHECK_FALSE(lies_in(scratch / "ab", scratch / "a"));
    CHECK_FALSE(lies_in(scratch / "a/new", scratch / "a/f"));
}

TEST_CASE("SHA-256 at every length around a block") {
    CHECK(sha256_hex(std::string(55, 'a')) == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    CHECK(sha256_hex(std::string(56, 'a')) == "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    CHECK(sha256_hex(std::string(64, 'a')) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    CHECK(sha256_hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
