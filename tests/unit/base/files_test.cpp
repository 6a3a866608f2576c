#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <ovfkit/document.hpp>
#include <ovfkit/error.hpp>

#include "base/files.hpp"
#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ovfkit-files-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

private:
    fs::path path_;
};

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

int error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const IoError& error) {
        return error.code();
    }
    return 0;
}

mode_t mode_of(const std::string& path) {
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777U;
}

}  // namespace

TEST_CASE("A file is written whole, and not over another unless asked") {
    const Folder folder;
    const std::string path = folder / "a.ovf";
    write_file({path, "one"}, false);
    CHECK(content(path) == "one");
    CHECK(error_of([&] { write_file({path, "two"}, false); }) == EEXIST);
    CHECK(content(path) == "one");
    write_file({path, "three"}, true);
    CHECK(content(path) == "three");
    write_file({folder / "new.ovf", ""}, true);
    CHECK(content(folder / "new.ovf").empty());
    CHECK(folder.entries() == 2);  // nothing else was left
    const std::string large(3U << 20, 'x');
    write_file({folder / "large", large}, false);
    CHECK(content(folder / "large") == large);
    write_file({folder / std::string(255, 'n'), "long name"}, true);
    CHECK(content(folder / std::string(255, 'n')) == "long name");
}

TEST_CASE("The mode is the umask's, the replaced file's, or closed for a secret") {
    const Folder folder;
    const mode_t before = ::umask(027);
    write_file({folder / "plain", "x"}, false);
    write_file({folder / "secret", "x", true}, false);
    ::umask(before);
    CHECK(mode_of(folder / "plain") == 0640);
    CHECK(mode_of(folder / "secret") == 0600);
    REQUIRE(::chmod((folder / "plain").c_str(), 0604) == 0);
    write_file({folder / "plain", "y"}, true);
    CHECK(mode_of(folder / "plain") == 0604);
    write_file({folder / "plain", "y", true}, true);
    CHECK(mode_of(folder / "plain") == 0600);
}

TEST_CASE("A failure leaves nothing behind and the old file untouched") {
    const Folder folder;
    put(folder / "old", "old");
    fs::create_directory(folder / "dir");
    CHECK(error_of([&] { write_file({folder / "no/such/x", "x"}, false); }) == ENOENT);
    CHECK(error_of([&] { write_file({folder / "old/x", "x"}, false); }) == ENOTDIR);
    CHECK(error_of([&] { write_file({folder / "dir", "x"}, true); }) == EISDIR);
    CHECK(error_of([&] { write_file({folder / "dir/", "x"}, true); }) == EISDIR);
    CHECK(error_of([&] { write_file({folder / "dir/..", "x"}, true); }) == EISDIR);
    CHECK(error_of([&] { write_file({folder / std::string(256, 'n'), "x"}, false); }) == ENAMETOOLONG);
    CHECK(error_of([&] { write_file({"/dev/full", "x"}, true); }) == ENOSPC);
    // A limit on the file size makes the write fail in the middle.
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 100000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    const int replaced = error_of([&] { write_file({folder / "old", std::string(1000000, 'x')}, true); });
    const int created = error_of([&] { write_file({folder / "fresh", std::string(1000000, 'x')}, false); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(replaced == EFBIG);
    CHECK(created == EFBIG);
    CHECK(content(folder / "old") == "old");
    CHECK(folder.entries() == 2);
}

TEST_CASE("Several files appear together or not at all") {
    const Folder folder;
    put(folder / "b", "old");
    CHECK(error_of([&] { write_files({{folder / "a", "1"}, {folder / "b", "2"}, {folder / "c", "3"}}, false); }) == EEXIST);
    CHECK(folder.entries() == 1);
    CHECK(error_of([&] { write_files({{folder / "a", "1"}, {folder / "no/b", "2"}}, true); }) == ENOENT);
    CHECK(folder.entries() == 1);
    CHECK(error_of([&] { write_files({{folder / "a", "1"}, {folder / "a", "2"}}, false); }) == EEXIST);
    CHECK(folder.entries() == 1);
    write_files({{folder / "a", "1"}, {folder / "b", "2"}}, true);
    CHECK(content(folder / "a") == "1");
    CHECK(content(folder / "b") == "2");
    CHECK(folder.entries() == 2);
}

TEST_CASE("A symbolic link is replaced, its target left alone") {
    const Folder folder;
    put(folder / "target", "t");
    fs::create_symlink(folder / "target", folder / "link");
    CHECK(error_of([&] { write_file({folder / "link", "x"}, false); }) == EEXIST);
    write_file({folder / "link", "x"}, true);
    CHECK(content(folder / "target") == "t");
    CHECK_FALSE(fs::is_symlink(folder / "link"));
    fs::create_symlink(folder / "nowhere", folder / "dangling");
    CHECK(error_of([&] { write_file({folder / "dangling", "x"}, false); }) == EEXIST);
    CHECK_FALSE(fs::exists(folder / "nowhere"));
}

TEST_CASE("A device is written through, never replaced") {
    write_file({"/dev/null", "x"}, false);
    CHECK(fs::is_character_file("/dev/null"));
    write_file({"/dev/null", "x"}, true);
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("Of many writers at once one wins, and the file is whole") {
    const Folder folder;
    const std::string path = folder / "x";
    std::vector<std::thread> threads;
    std::atomic<int> won = 0;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            const std::string mine(100000, static_cast<char>('a' + i));
            try {
                write_file({path, mine}, false);
                ++won;
            } catch (const IoError&) {
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(won == 1);
    const std::string seen = content(path);
    CHECK(seen == std::string(100000, seen.front()));
    CHECK(folder.entries() == 1);
}

TEST_CASE("A killed writer leaves the old file or the new one") {
    const Folder folder;
    const std::string path = folder / "x";
    const std::string old(1U << 20, 'o'), fresh(1U << 20, 'n');
    for (int round = 0; round < 40; ++round) {
        put(path, old);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            for (int i = 0; i < 1000; ++i) write_file({path, fresh}, true);
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(137 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        const std::string seen = content(path);
        CHECK((seen == old || seen == fresh));
    }
}

TEST_CASE("Files are read whole, within the limit") {
    const Folder folder;
    put(folder / "a", "bytes");
    CHECK(read_file(folder / "a", 5) == "bytes");
    try {
        read_file(folder / "a", 4);
        FAIL("read");
    } catch (const InputError& error) {
        CHECK(error.diagnostic().rule == "input-too-large");
        CHECK(error.diagnostic().failure == Failure::refused);
        CHECK(error.diagnostic().where.file == folder / "a");
    }
    put(folder / "empty", "");
    CHECK(read_file(folder / "empty", 0).empty());
    const std::string large(5000001, 'x');
    put(folder / "large", large);
    CHECK(read_file(folder / "large", large.size()) == large);
    CHECK(error_of([&] { read_file(folder / "none", 5); }) == ENOENT);
    CHECK(error_of([&] { read_file(folder / ".", 5); }) == EISDIR);
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK(error_of([&] { read_file(folder / "fifo", 5); }) == EINVAL);  // and does not wait for a writer
    CHECK(error_of([&] { read_file("/dev/zero", 5); }) == EINVAL);
    CHECK_FALSE(read_file("/proc/self/status", 1U << 20).empty());  // of size 0, so it says
}

TEST_CASE("A stream is read to its end, within the limit") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::thread writer([&] {
        for (int i = 0; i < 100; ++i) {
            const std::string piece(1000, 'x');
            if (::write(ends[1], piece.data(), piece.size()) != 1000) break;
        }
        ::close(ends[1]);
    });
    CHECK(read_descriptor(ends[0], "-", 100000) == std::string(100000, 'x'));
    writer.join();
    ::close(ends[0]);
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "12345", 5) == 5);
    ::close(ends[1]);
    CHECK_THROWS_AS(read_descriptor(ends[0], "-", 4), InputError);
    ::close(ends[0]);
    CHECK(error_of([&] { read_descriptor(ends[0], "-", 4); }) == EBADF);
}

TEST_CASE("A document is loaded and saved") {
    const Folder folder;
    const std::string text = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\n  <b>\xE9</b>\n</a>\n";
    put(folder / "a.ovf", text);
    Diagnostics diagnostics;
    Document document = Document::load(folder / "a.ovf", diagnostics);
    CHECK(document.name() == folder / "a.ovf");
    CHECK_FALSE(document.edited());
    document.save(folder / "b.ovf");
    CHECK(content(folder / "b.ovf") == text);
    CHECK(error_of([&] { document.save(folder / "b.ovf"); }) == EEXIST);
    document.xml().set_text(document.xml().root().first(), "x");
    CHECK(document.edited());
    document.save(folder / "b.ovf", true);
    CHECK(content(folder / "b.ovf") == "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\n  <b>x</b>\n</a>\n");
    Document moved = std::move(document);
    CHECK(moved.bytes() == content(folder / "b.ovf"));
    CHECK_THROWS_AS(Document::load(folder / "none.ovf", diagnostics), IoError);
    CHECK_THROWS_AS(Document::parse("x", "<a>", diagnostics), InputError);
}
