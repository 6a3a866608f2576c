#include <random>

#include "catch.hpp"
#include "support.hpp"

using namespace disk_test;

namespace {

constexpr std::uint64_t grains_at = 64;  ///< sector of the first grain

/// monolithicSparse: two grains of 64 KiB on a MiB, the first and the last, which ends with the disk.
Content sparse(const std::function<void(MutableBytes)>& spoil = nullptr, std::uint32_t flags = 3) {
    VmdkHeader header;
    header.flags = flags;
    header.compression = 0;
    header.version = 1;
    header.capacity = 2048 - 3;
    header.directory = 21;
    header.overhead = grains_at;
    Content out((grains_at + 256 - 3) * sector);
    const auto put_all = [&](Bytes bytes, std::uint64_t at) {
        std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at * sector));
    };
    put_all(write_vmdk_header(header), 0);
    put_all(bytes_of("version=1\nCID=00000001\nparentCID=ffffffff\ncreateType=\"monolithicSparse\"\nRW 2045 SPARSE "
                     "\"a.vmdk\"\n"),
            1);
    put_little<std::uint32_t>(out, 21 * sector, 22);
    put_little<std::uint32_t>(out, 22 * sector, grains_at);
    put_little<std::uint32_t>(out, 22 * sector + 15 * 4, grains_at + 128);
    put_all(pattern(65536, 1), grains_at);
    put_all(pattern(65536 - 3 * sector, 2), grains_at + 128);
    if (spoil) spoil(out);
    return out;
}

std::string entry_rule(std::size_t at, std::uint32_t value) {
    return rule_of_image(sparse([&](MutableBytes b) { put_little<std::uint32_t>(b, at, value); }), Family::vmdk);
}

/// Spoils some bytes and reads: whatever comes out, it is no crash.
void damage(const Content& image, Family family, int rounds) {
    std::mt19937 random(11);
    for (int round = 0; round < rounds; ++round) {
        Content bytes = image;
        for (int i = 0; i < 1 + round % 6; ++i) {
            const std::size_t range = random() % 3 == 0
                                          ? bytes.size()
                                          : std::min<std::size_t>(bytes.size(), random() % 2 == 0 ? 160 : 270000);
            bytes[random() % range] = static_cast<std::byte>(random());
        }
        if (round % 7 == 0) bytes.resize(random() % bytes.size());
        InspectOptions options = said(family);
        options.max_capacity = 64U << 20U;
        try {
            read_raw(bytes, options, false, 1 + static_cast<unsigned>(round) % 3);
        } catch (const Error&) {
        }
    }
}

}  // namespace

TEST_CASE("monolithicSparse is read by its tables") {
    const Content wanted =
        guest(2045 * sector, {{0, pattern(65536, 1)}, {1920 * sector, pattern(65536 - 3 * sector, 2)}});
    CHECK(read_raw(sparse(), said(Family::vmdk)) == wanted);
    CHECK(rule_of([] { read_raw(sparse(), said(Family::vmdk), true); }) == "disk-feature-unsupported");
    CHECK(read_raw(sparse([](MutableBytes b) { put_little<std::uint32_t>(b, 21 * sector, 0); }), said(Family::vmdk)) ==
          Content(2045 * sector));
    // A grain table entry of 1 says zero where the flag allows it.
    const auto zeroed = [](MutableBytes b) { put_little<std::uint32_t>(b, 22 * sector, 1); };
    CHECK(rule_of_image(sparse(zeroed), Family::vmdk) == "disk-table-malformed");
    CHECK(read_raw(sparse(zeroed, 7), said(Family::vmdk)) ==
          guest(2045 * sector, {{1920 * sector, pattern(65536 - 3 * sector, 2)}}));
}

TEST_CASE("monolithicSparse tables that point where nothing can be: disk-table-malformed") {
    CHECK(entry_rule(56, 0xFFFFFF) == "disk-table-malformed");
    CHECK(entry_rule(21 * sector, 0x7FFFFFFF) == "disk-table-malformed");
    CHECK(entry_rule(22 * sector, 5) == "disk-table-malformed");
    CHECK(entry_rule(22 * sector, 0xFFFFFFFF) == "disk-table-malformed");
    CHECK(entry_rule(22 * sector + 15 * 4, grains_at + 129) == "disk-table-malformed");
}

TEST_CASE("damaged images with tables are refused or read, never a crash") {
    damage(sparse(), Family::vmdk, 300);
    const TemporaryFile file;
    const Content raw = pattern(3U << 20U, 4);
    const Memory source(raw);
    Diagnostics diagnostics;
    const auto reader = open_random("raw", source, said(Family::raw), diagnostics);
    const auto target = qcow2_target("out", file.fd(), raw.size());
    transfer(*reader, *target, {});
    target->finish();
    damage(file.content(), Family::qcow2, 150);
    SUCCEED();
}
