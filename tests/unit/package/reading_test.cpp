#include <sys/stat.h>

#include "package/limits.hpp"
#include "support.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::test;

namespace {

const std::string ovf = "<Envelope/>\n";
const std::string disk(70000, 'd');

/// Opens the archive from a file and through a pipe of any speed; both must say the same.
struct Opened {
    std::unique_ptr<Package> package;
    Diagnostics diagnostics;
};

Opened open_file(const Folder& folder, const std::string& bytes) {
    Opened out;
    out.package = Package::open(folder.put("x.ova", bytes), {}, out.diagnostics);
    return out;
}

std::string file_fault(const std::string& bytes, std::string* message = nullptr) {
    const Folder folder;
    return fault_of([&] { (void)open_file(folder, bytes); }, message);
}

/// Goes through the whole archive as if it came through a pipe.
std::string stream_fault(const std::string& bytes, Diagnostics& diagnostics, std::size_t* members = nullptr) {
    const Folder folder;
    const FileDescriptor file(::open(folder.put("x", bytes).c_str(), O_RDONLY | O_CLOEXEC));
    std::string beginning(std::min(bytes.size(), Package::beginning_size), '\0');
    REQUIRE(::read(file.get(), beginning.data(), beginning.size()) == static_cast<ssize_t>(beginning.size()));
    return fault_of([&] {
        const auto package = Package::open_descriptor(file.get(), beginning, "-", {}, diagnostics);
        while (const Member* member = package->next()) (void)all_of(*package->open(*member));
        if (members != nullptr) *members = package->members().size();
    });
}

std::string stream_fault(const std::string& bytes) {
    Diagnostics diagnostics;
    return stream_fault(bytes, diagnostics);
}

}  // namespace

TEST_CASE("an archive is read in place, by name") {
    const Folder folder;
    const std::string bytes = tar_member("./vm.ovf", ovf) + tar_member("vm.mf", "m") + tar_member("disk.vmdk", disk) +
                              tar_member("vm.cert", "c") + tar_end;
    const Opened x = open_file(folder, bytes);
    CHECK(x.package->kind() == Package::Kind::archive);
    CHECK(x.diagnostics.all().empty());
    CHECK(x.package->descriptor().name == "vm.ovf");
    CHECK(x.package->descriptor().bytes == ovf);
    CHECK(x.package->manifest()->bytes == "m");
    CHECK(x.package->certificate()->bytes == "c");
    REQUIRE(x.package->find("disk.vmdk") != nullptr);
    CHECK(all_of(*x.package->open(*x.package->find("disk.vmdk"))) == disk);
    std::vector<std::byte> part(5);
    CHECK(x.package->random(*x.package->find("disk.vmdk"))->read_at(disk.size() - 2, part) == 2);
    CHECK(x.package->find("other") == nullptr);
    x.package->check_unchanged();
    fs::last_write_time(folder / "x.ova", fs::file_time_type::clock::now() + std::chrono::seconds(9));
    CHECK_THROWS_AS(x.package->check_unchanged(), IoError);

    std::size_t members = 0;
    Diagnostics diagnostics;
    CHECK(stream_fault(bytes, diagnostics, &members).empty());
    CHECK(members == 4);
}

TEST_CASE("every form of size and name that tar has") {
    const std::string size8 = std::string("\x80", 1) + std::string(10, '\0') + "\x03";
    const std::string long_name = std::string(120, 'n') + "/" + std::string(120, 'm');
    const std::string bytes = tar_member("vm.ovf", ovf, {.magic = std::string("ustar  \0", 8)}) +
                              tar_header("base256", 3, {.size = size8}) + padded("abc") +
                              pax("size", "4") + tar_header("pax-size", 0) + padded("abcd") + pax("path", "sub/pax-path") +
                              tar_member("x", "1") + tar_member("././@LongLink", long_name + '\0', {.type = 'L'}) +
                              tar_member("y", "22") + tar_member("name", "p", {.prefix = "folder"}) +
                              tar_member("folder/", "", {.type = '5'}) + tar_member("v7", "7", {.type = '\0', .magic = std::string(8, '\0')}) +
                              tar_member("contiguous", "c", {.type = '7'}) + pax("comment", "x", 'g') + tar_member("pad", "padding") +
                              tar_member("pad", "padding") + tar_end;
    const Folder folder;
    const Opened x = open_file(folder, bytes);
    const auto size = [&](const std::string& name) {
        const Member* member = x.package->find(name);
        return member == nullptr ? -1 : static_cast<int>(member->size);
    };
    CHECK(size("base256") == 3);
    CHECK(size("pax-size") == 4);
    CHECK(size("sub/pax-path") == 1);
    CHECK(size(long_name) == 2);
    CHECK(size("folder/name") == 1);
    CHECK(size("v7") == 1);
    CHECK(size("contiguous") == 1);
    CHECK(size("pad") == -1);
    CHECK(stream_fault(bytes).empty());
}

TEST_CASE("an archive that is not as it should be is refused, from a file and from a stream") {
    const std::string head = tar_member("vm.ovf", ovf);
    const std::string good = tar_member("disk.vmdk", disk);
    struct Case {
        std::string rule, bytes;
    };
    std::string many = head;
    for (int i = 0; i < 1100; ++i) many += tar_member(fmt::format("m{}", i), "");
    const std::vector<Case> cases{
        {"package-archive-malformed", ""},
        {"package-archive-malformed", "short"},
        {"package-archive-malformed", std::string("PK\x03\x04") + std::string(600, '\0')},
        {"package-archive-malformed", head + tar_member("d", "x", {.bad_checksum = true})},
        {"package-archive-malformed", head + tar_member("d", "x", {.magic = "posixtar"})},
        {"package-archive-malformed", head + tar_header("d", 0, {.size = "12zz9999999"})},
        {"package-archive-malformed", head + tar_header("d", 0, {.size = std::string(12, '\xff')})},
        {"package-archive-malformed", head + tar_header("d", 0, {.size = "\x80\x7f" + std::string(10, '\xff')})},
        {"package-archive-malformed", head + pax("size", "9223372036854775807") + good},
        {"package-archive-malformed", head + pax("size", "-512") + good},
        {"package-archive-malformed", head + tar_member("p", "99999999999999999999 path=x\n", {.type = 'x'}) + good},
        {"package-archive-malformed", head + tar_member("p", "9 path=xy", {.type = 'x'}) + good},
        {"package-archive-malformed", head + tar_member("p", "5 ab\n", {.type = 'x'}) + good},
        {"package-archive-truncated", head + good.substr(0, 40000)},
        {"package-archive-truncated", head.substr(0, 515)},
        {"package-archive-truncated", head + good + std::string(100, 'x')},
        {"package-size-exceeded", head + tar_header("././@LongLink", 0, {.type = 'L', .size = "\x80" + std::string(5, '\0') + "\x01" + std::string(5, '\0')})},
        {"package-size-exceeded", head + tar_member("vm.cert", std::string(max_certificate + 1, 'c'))},
        {"package-size-exceeded", head + tar_member("vm.mf", std::string(max_manifest + 1, 'c'))},
        {"package-members-exceeded", many + tar_end},
        {"package-header-refused", head + pax("path", "g", 'g') + good},
        {"package-type-refused", head + tar_member("l", "", {.type = '2'})},
        {"package-type-refused", head + tar_member("l", "", {.type = '1'})},
        {"package-type-refused", head + tar_member("l", "", {.type = '3'})},
        {"package-type-refused", head + tar_member("l", "", {.type = '6'})},
        {"package-type-refused", head + tar_member("l", "", {.type = 'S'})},
        {"package-type-refused", head + tar_member("l", "", {.type = 'Z'})},
        {"package-type-refused", head + pax("GNU.sparse.major", "1") + good},
        {"package-type-refused", head + tar_member("f", "data", {.type = '5'})},
        {"package-name-unsafe", head + tar_member("../x", "")},
        {"package-name-unsafe", head + pax("path", "/x") + tar_member("y", "")},
        {"package-name-unsafe", head + tar_member("..", "", {.type = '5'})},
        {"package-member-duplicate", head + good + tar_member("./disk.vmdk", "evil")},
        {"package-member-duplicate", head + good + head},
        {"package-member-duplicate", head + good + tar_member("other.ovf", ovf)},
        {"package-member-duplicate", head + tar_member("vm.mf", "") + tar_member("vm.MF", "")},
        {"package-descriptor-missing", good + tar_end},
        {"package-descriptor-missing", tar_end},
    };
    for (const Case& x : cases) {
        CAPTURE(x.rule, &x - cases.data());
        CHECK(file_fault(x.bytes) == x.rule);
        if (x.bytes.size() >= 512) CHECK(stream_fault(x.bytes) == x.rule);
    }
}

TEST_CASE("what is odd but harmless is said") {
    const std::string head = tar_member("vm.ovf", ovf);
    const std::string good = tar_member("disk.vmdk", disk);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"package-archive-end", head + good},
        {"package-archive-end", head + good + std::string(512, '\0')},
        {"package-archive-trailing", head + good + tar_end + "more"},
        {"package-archive-trailing", head + good + tar_end + std::string(9000, '\0') + head},
        {"package-name-case", head + good + tar_member("DISK.vmdk", "x") + tar_end},
        {"package-manifest-name", head + tar_member("other.mf", "x") + tar_end},
        {"package-manifest-name", head + good + tar_member("other.cert", "x") + tar_end},
    };
    for (const auto& [rule, bytes] : cases) {
        CAPTURE(rule);
        const Folder folder;
        const Opened x = open_file(folder, bytes);
        CHECK(has_rule(x.diagnostics, rule));
        CHECK(x.diagnostics.all().size() == 1);
        Diagnostics diagnostics;
        CHECK(stream_fault(bytes, diagnostics).empty());
        CHECK(has_rule(diagnostics, rule));
        CHECK(diagnostics.all().size() == 1);
    }
    const Folder folder;
    CHECK(has_rule(open_file(folder, good + head + tar_end).diagnostics, "package-descriptor-late"));
    CHECK(stream_fault(good + head + tar_end) == "package-descriptor-missing");
    CHECK(open_file(folder, head + good + tar_end + std::string(9216, '\0')).diagnostics.all().empty());
}

TEST_CASE("a folder is read where it lies, and nothing outside of it") {
    const Folder folder;
    const std::string path = folder.put("pkg/vm.ovf", ovf);
    (void)folder.put("pkg/vm.mf", "m");
    (void)folder.put("pkg/sub/disk.vmdk", disk);
    (void)folder.put("pkg2/secret", "s");
    fs::create_symlink("../pkg2/secret", folder / "pkg/link");
    fs::create_symlink("../pkg2", folder / "pkg/linked");
    REQUIRE(::mkfifo((folder / "pkg/fifo").c_str(), 0600) == 0);
    Diagnostics diagnostics;
    for (const std::string& opened : {path, folder / "pkg"}) {
        const auto package = Package::open(opened, {}, diagnostics);
        CHECK(package->kind() == Package::Kind::folder);
        CHECK(package->descriptor().bytes == ovf);
        CHECK(package->manifest()->bytes == "m");
        CHECK(package->certificate() == nullptr);
        REQUIRE(package->find("sub/disk.vmdk") != nullptr);
        CHECK(all_of(*package->open(*package->find("sub/disk.vmdk"))) == disk);
        CHECK(package->find("nothing") == nullptr);
        CHECK(package->find("../pkg2/secret") == nullptr);
        CHECK(package->find((folder / "pkg2/secret")) == nullptr);
        for (const char* name : {"link", "linked/secret", "fifo", "sub"})
            CHECK(fault_of([&] { (void)package->find(name); }) == "package-type-refused");
    }
    CHECK(diagnostics.all().empty());
    (void)folder.put("pkg/other.ovf", ovf);
    CHECK_THROWS_AS(Package::open(folder / "pkg", {}, diagnostics), UsageError);
}
