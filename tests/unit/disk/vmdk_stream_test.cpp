#include <random>

#include "catch.hpp"
#include "support.hpp"

using namespace disk_test;

namespace {

constexpr std::uint64_t grain = 128, mib = 2048;  // sectors

/// Two grains of 64 KiB on a MiB.
StreamVmdk small() {
    StreamVmdk out(mib, grain);
    out.add(0, pattern(65536, 1));
    out.add(1024, pattern(65536, 2));
    return out;
}

Content small_guest() { return guest(mib * sector, {{0, pattern(65536, 1)}, {1024 * sector, pattern(65536, 2)}}); }

std::string stream_rule(const StreamVmdk& image, Failure* failure = nullptr) {
    const Content bytes = image.build();
    return rule_of([&] { read_raw(bytes, said(Family::vmdk), true); }, failure);
}

}  // namespace

TEST_CASE("a stream reads back, in both forms, as a file and as a stream") {
    StreamVmdk image = small();
    for (const bool front : {false, true}) {
        image.tables_in_front = front;
        const Content bytes = image.build();
        CHECK(read_raw(bytes, said(Family::vmdk)) == small_guest());
        CHECK(read_raw(bytes, said(Family::vmdk), true) == small_guest());
        CHECK(read_raw(bytes, InspectOptions{}, true, 1) == small_guest());
    }
}

TEST_CASE("every legal grain size, a partial last grain, an empty and a full disk") {
    for (std::uint64_t size = 8; size <= 2048; size *= 2) {
        const std::uint64_t capacity = 3 * mib + 3 * size + 5;
        StreamVmdk image(capacity, size);
        std::map<std::uint64_t, Content> pieces;
        const std::uint64_t grains = divide_up(capacity, size);
        for (std::uint64_t i = 0; i < grains; i += (size < 64 ? 37 : 2)) {
            pieces[i * size * sector] = pattern(static_cast<std::size_t>(size * sector), static_cast<std::uint32_t>(i));
            image.add(i * size, pieces.rbegin()->second);
        }
        const std::uint64_t last = (grains - 1) * size;
        pieces[last * sector] = pattern(static_cast<std::size_t>(5 * sector), 99);
        if (image.grains.back().lba == last) image.grains.pop_back();
        image.add(last, pieces.rbegin()->second);  // no longer than the disk
        CAPTURE(size);
        CHECK(read_raw(image.build(), said(Family::vmdk)) == guest(capacity * sector, pieces));
        image.tables_in_front = true;
        CHECK(read_raw(image.build(), said(Family::vmdk), true) == guest(capacity * sector, pieces));
    }
    const StreamVmdk empty(5 * mib, grain);
    CHECK(read_raw(empty.build(), said(Family::vmdk)) == Content(5 * mib * sector));
    StreamVmdk full(4 * mib, grain);
    std::map<std::uint64_t, Content> pieces;
    for (std::uint64_t lba = 0; lba < 4 * mib; lba += grain) {
        pieces[lba * sector] = pattern(65536, static_cast<std::uint32_t>(lba));
        full.add(lba, pieces[lba * sector]);
    }
    CHECK(read_raw(full.build(), said(Family::vmdk), true) == guest(4 * mib * sector, pieces));
}

TEST_CASE("grains out of order are read; a VMDK stream is not written from them (disk-stream-unordered)") {
    StreamVmdk image(4 * mib, grain);
    image.add(3 * mib, pattern(65536, 1));
    image.add(0, pattern(65536, 2));
    image.add(3 * mib + 128, pattern(65536, 3));
    const Content wanted = guest(
        4 * mib * sector,
        {{0, pattern(65536, 2)}, {3 * mib * sector, pattern(65536, 1)}, {(3 * mib + 128) * sector, pattern(65536, 3)}});
    CHECK(read_raw(image.build(), said(Family::vmdk)) == wanted);
    Diagnostics diagnostics;
    const Memory source(image.build());
    const auto reader = open_random("image", source, said(Family::vmdk), diagnostics);
    MemorySink sink;
    const auto target = vmdk_target(sink, reader->image().capacity, {});
    CHECK(rule_of([&] { transfer(*reader, *target, {}); }) == "disk-stream-unordered");
}

TEST_CASE("grains where none can be: disk-grain-misplaced") {
    const auto with = [](std::uint64_t lba, std::uint32_t size) {
        StreamVmdk image = small();
        const Content packed = zlib(pattern(65536, 3));
        image.grains.push_back({lba, packed, size != 0 ? size : static_cast<std::uint32_t>(packed.size())});
        return stream_rule(image);
    };
    CHECK(with(mib, 0) == "disk-grain-misplaced");
    CHECK(with(std::uint64_t{1} << 40U, 0) == "disk-grain-misplaced");
    CHECK(with(~std::uint64_t{0} - 127, 0) == "disk-grain-misplaced");
    CHECK(with(129, 0) == "disk-grain-misplaced");
    CHECK(with(128, 0x7FFFFFFF) == "disk-grain-misplaced");
    CHECK(with(128, 0xFFFFFFFF) == "disk-grain-misplaced");
    CHECK(with(0, 0) == "disk-tables-mismatch");  // twice the same
}

TEST_CASE("grains that do not inflate to a grain: disk-data-damaged") {
    const auto with = [](Content packed) {
        StreamVmdk image = small();
        const auto size = static_cast<std::uint32_t>(packed.size());
        image.grains.push_back({128, std::move(packed), size});
        Failure failure = Failure::none;
        const std::string rule = stream_rule(image, &failure);
        CHECK(failure == Failure::integrity);
        return rule;
    };
    Content right = zlib(pattern(65536, 3));
    CHECK(with(zlib(pattern(100, 3))) == "disk-data-damaged");
    CHECK(with(zlib(pattern(65537, 3))) == "disk-data-damaged");
    CHECK(with(zlib(Content(8U << 20))) == "disk-data-damaged");
    CHECK(with(Content(500, std::byte{0xFF})) == "disk-data-damaged");
    Content sum = right;
    sum.back() ^= std::byte{1};
    CHECK(with(sum) == "disk-data-damaged");
    Content longer = right;
    longer.resize(longer.size() + 40);
    CHECK(with(longer) == "disk-data-damaged");
}

TEST_CASE("tables that do not list the grains: disk-tables-mismatch, disk-table-malformed") {
    for (const bool front : {false, true}) {
        StreamVmdk image = small();
        image.tables_in_front = front;
        Failure failure = Failure::none;
        image.spoil_table = [](auto& table) { table[0] = 0; };
        CHECK(stream_rule(image, &failure) == "disk-tables-mismatch");
        CHECK(failure == Failure::integrity);
        image.spoil_table = [](auto& table) { std::swap(table[0], table[8]); };
        CHECK(stream_rule(image) == "disk-tables-mismatch");
        image.spoil_table = [](auto& table) { table[3] = table[0]; };
        CHECK(stream_rule(image) == "disk-tables-mismatch");
        image.spoil_table = [](auto& table) { table[5] = 0x7FFFFFFF; };
        CHECK(stream_rule(image) == "disk-tables-mismatch");
        image.spoil_table = nullptr;
        image.spoil_directory = [](auto& directory) { directory[0] = 0; };
        CHECK(stream_rule(image) == "disk-tables-mismatch");
        image.spoil_directory = [](auto& directory) { directory[0] = 0x7FFFFFFF; };
        CHECK(stream_rule(image) == "disk-table-malformed");
        image.spoil_directory = [](auto& directory) { directory[0] = 1; };
        CHECK(stream_rule(image) == "disk-table-malformed");
    }
    // The second table of two stands for the first one's grains too.
    StreamVmdk two(2 * 65536, grain);
    two.add(0, pattern(65536, 1));
    two.add(65536, pattern(65536, 2));
    CHECK(stream_rule(two).empty());
    two.spoil_directory = [](auto& directory) { directory[1] = directory[0]; };
    CHECK(stream_rule(two) == "disk-tables-mismatch");
}

TEST_CASE("markers: disk-marker-malformed") {
    const auto with = [](std::uint64_t sectors, std::uint32_t type) {
        StreamVmdk image = small();
        image.before_tables.resize(sector);
        put_little(image.before_tables, 0, sectors);
        put_little(image.before_tables, 12, type);
        return stream_rule(image);
    };
    CHECK(with(1, 77) == "disk-marker-malformed");
    CHECK(with(std::uint64_t{1} << 60U, 1) == "disk-marker-malformed");
    CHECK(with(9, 2) == "disk-marker-malformed");
    CHECK(with(0, 3) == "disk-marker-malformed");
    CHECK(with(std::uint64_t{1} << 60U, 4) == "disk-marker-malformed");
    CHECK(with(0, 4).empty());                    // progress
    CHECK(with(0, 0) == "disk-footer-mismatch");  // the end, too early
}

TEST_CASE("a footer that is missing or says something else: disk-footer-mismatch") {
    StreamVmdk image = small();
    image.footer = false;
    CHECK(stream_rule(image) == "disk-footer-mismatch");
    CHECK(rule_of_image(image.build(), Family::vmdk) == "disk-footer-mismatch");
    image = small();
    image.end_marker = false;
    CHECK(stream_rule(image) == "disk-footer-mismatch");
    CHECK(rule_of_image(image.build(), Family::vmdk) == "disk-footer-mismatch");
    const std::vector<std::function<void(VmdkHeader&)>> spoilers{
        [](VmdkHeader& f) { f.capacity += 128; }, [](VmdkHeader& f) { f.grain = 8; },
        [](VmdkHeader& f) { f.version = 2; }, [](VmdkHeader& f) { f.directory = gd_at_end; },
        [](VmdkHeader& f) { f.overhead = 64; }};
    for (const auto& spoiler : spoilers) {
        image = small();
        image.spoil_footer = spoiler;
        CHECK(stream_rule(image) == "disk-footer-mismatch");
        CHECK(rule_of_image(image.build(), Family::vmdk) == "disk-footer-mismatch");
    }
    image = small();
    image.spoil_footer = [](VmdkHeader& f) { f.directory = 3; };
    CHECK(stream_rule(image) == "disk-footer-mismatch");
}

TEST_CASE("what follows the end is named (disk-image-trailing) and digested") {
    StreamVmdk image = small();
    image.tail = bytes_of(std::string(600, 'x'));
    const Memory source(image.build());
    Stream once(source);
    Diagnostics diagnostics;
    const auto reader = open_stream("image", once, said(Family::vmdk), diagnostics);
    const TemporaryFile file;
    const auto target = raw_target("out", file.fd(), reader->image().capacity);
    Content tapped;
    TransferOptions options;
    options.tap = [&](Bytes bytes) { tapped.insert(tapped.end(), bytes.begin(), bytes.end()); };
    transfer(*reader, *target, options);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all().front().rule == "disk-image-trailing");
    CHECK(tapped == image.build());
}

TEST_CASE("a stream cut anywhere is an error, never a shorter disk") {
    for (const bool front : {false, true}) {
        StreamVmdk image = small();
        image.tables_in_front = front;
        const Content whole = image.build();
        for (std::size_t size = 0; size + 1 < whole.size(); size += (size < 66000 ? 4093 : 61)) {
            const Content cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            // The padding behind the last grain of QEMU's form holds nothing.
            const std::size_t last = whole.size() - round_up(image.grains[1].packed.size() + 12, sector) + 12 +
                                     image.grains[1].packed.size();
            if (front && size >= last) continue;
            CAPTURE(front, size);
            CHECK_FALSE(rule_of([&] { read_raw(cut, said(Family::vmdk), true); }).empty());
            CHECK_FALSE(rule_of([&] { read_raw(cut, said(Family::vmdk)); }).empty());
        }
    }
    const Content head = small().build();
    CHECK(rule_of([&] { read_raw({head.begin(), head.begin() + 100}, said(Family::vmdk)); }) == "disk-image-truncated");
}

TEST_CASE("damaged streams are refused or read, never a crash") {
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        StreamVmdk image = small();
        image.tables_in_front = round % 2 == 0;
        Content bytes = image.build();
        for (int i = 0; i < 1 + round % 5; ++i) {
            // Mostly where the structure is.
            const std::size_t range = random() % 3 == 0 ? bytes.size() : random() % 2 == 0 ? 1024 : 6000;
            const std::size_t at = random() % 2 == 0 ? random() % range : bytes.size() - 1 - random() % range;
            bytes[at] = static_cast<std::byte>(random());
        }
        InspectOptions options = said(Family::vmdk);
        options.max_capacity = 64U << 20;
        try {
            read_raw(bytes, options, round % 3 == 0);
        } catch (const Error&) {
        }
    }
    SUCCEED();
}
