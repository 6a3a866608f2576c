#include "package/files.hpp"

#include "package/integrity.hpp"
#include "support.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::test;

namespace {

const std::string ovf = "<Envelope/>\n";
const std::string disk(150000, 'd');

/// What walk_files gave, from a file and through a pipe.
struct Walked {
    std::vector<std::string> files, others;
    std::string rule;
    Diagnostics diagnostics;
};

Walked walk(const std::string& bytes, const std::vector<FileEntry>& entries, bool stream, bool lenient = false) {
    Walked out;
    const Folder folder;
    const std::string path = folder.put("x.ova", bytes);
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    out.files.resize(entries.size());
    out.rule = fault_of([&] {
        const auto package = stream ? Package::open_descriptor(file.get(), "", "-", {}, out.diagnostics) : Package::open(path, {}, out.diagnostics);
        walk_files(*package, entries, nullptr, lenient, out.diagnostics,
                   [&](PackageFile& x) { out.files[x.index()] = all_of(*x.content(1 << 20)); },
                   [&](const Member& member, ByteSource&) { out.others.push_back(member.name); });
    });
    return out;
}

std::string chunked() {
    return tar_member("vm.ovf", ovf) + tar_member("a.000000000", std::string(70, 'a')) + tar_member("a.000000001", std::string(30, 'b')) +
           tar_member("extra", "x") + tar_member("b c", "bc") + tar_end;
}

FileEntry entry(const std::string& href, std::optional<std::uint64_t> size = {}, std::optional<std::uint64_t> chunk = {},
                const std::string& compression = {}) {
    return {"id-" + href, href, size, compression, chunk};
}

}  // namespace

TEST_CASE("referenced files come by, chunks joined, whatever the package is") {
    for (const bool stream : {false, true}) {
        CAPTURE(stream);
        for (const auto& size : {std::optional<std::uint64_t>(100), std::optional<std::uint64_t>()}) {
            const Walked x = walk(chunked(), {entry("b%20c", 2), entry("a", size, 70)}, stream);
            CHECK(x.rule.empty());
            CHECK(x.files == std::vector<std::string>{"bc", std::string(70, 'a') + std::string(30, 'b')});
            CHECK(x.others == std::vector<std::string>{"extra"});
        }
        CHECK(walk(chunked(), {entry("a", 100, 71), entry("b c")}, stream).rule == "package-file-chunks");
        CHECK(walk(chunked(), {entry("a", 100, 0)}, stream).rule == "package-file-chunks");
        CHECK(walk(chunked(), {entry("a", std::uint64_t{1} << 62, 1)}, stream).rule == "package-file-chunks");
        CHECK(walk(chunked(), {entry("nothing")}, stream).rule == "package-file-missing");
        CHECK(walk(chunked(), {entry("b c", 3)}, stream).rule == "package-file-size");
        CHECK(has_rule(walk(chunked(), {entry("b c", 3)}, stream, true).diagnostics, "package-file-size"));
        CHECK(walk(chunked(), {entry("../b")}, stream).rule == "package-href-unsafe");
        CHECK(walk(chunked(), {entry("b c", 2, {}, "gzip")}, stream).rule == "package-compression-damaged");
        CHECK(walk(chunked(), {entry("b c", 2, {}, "bzip2")}, stream).rule == "package-compression-unknown");
        CHECK(walk(chunked(), {entry("b c", 2, {}, "identity")}, stream).rule.empty());
    }
}

TEST_CASE("a digest is the same however a member is read") {
    const std::string mf = "SHA256(vm.ovf)= " + digest_of(Algorithm::sha256, ovf) + "\nSHA1(disk.vmdk)= " + digest_of(Algorithm::sha1, disk) +
                           "\nSHA512(disk.vmdk)= " + digest_of(Algorithm::sha512, disk) + "\n";
    const Folder folder;
    const std::vector<FileEntry> entries{entry("disk.vmdk")};
    for (const std::string& order : {std::string("manifest first"), std::string("manifest last")}) {
        const std::string body = order == "manifest first" ? tar_member("vm.mf", mf) + tar_member("disk.vmdk", disk)
                                                           : tar_member("disk.vmdk", disk) + tar_member("vm.mf", mf);
        const std::string path = folder.put("x.ova", tar_member("vm.ovf", ovf) + body + tar_end);
        for (const int how : {0, 1, 2, 3}) {
            CAPTURE(order, how);
            Diagnostics diagnostics;
            const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
            const auto package = how == 3 ? Package::open_descriptor(file.get(), "", "-", {}, diagnostics) : Package::open(path, {}, diagnostics);
            IntegrityCheck check(*package, {}, diagnostics);
            walk_files(*package, entries, &check, false, diagnostics, [&](PackageFile& x) {
                std::vector<std::byte> some(1000);
                if (how == 0) copy_all(x.stored(), {});
                if (how == 1) CHECK(x.stored().read(some) == some.size());
                if (how == 2) CHECK(x.random()->read_at(5, some) == some.size());
                CHECK((x.random() == nullptr) == (how == 3));
            });
            const Integrity out = check.finish(entries);
            CHECK(out.trust == Trust::digests);
            CHECK(out.algorithms == "SHA1,SHA256,SHA512");
            REQUIRE(out.members.size() == 2);
            CHECK(out.members.back().state == MemberCheck::State::matches);
            CHECK(has_rule(diagnostics, "package-manifest-weak"));
            CHECK(diagnostics.all().size() == 1);
        }
    }
}
