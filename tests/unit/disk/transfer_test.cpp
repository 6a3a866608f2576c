#include <atomic>
#include <random>

#include "catch.hpp"
#include "support.hpp"

using namespace disk_test;

namespace {

/// A raw disk with data, zeros and holes, its end no multiple of anything.
Content raw_disk() {
    Content out(9 * window_bytes + 5 * 512);
    std::mt19937 random(3);
    for (int i = 0; i < 40; ++i) {
        const Content piece = pattern(1 + random() % 200000, static_cast<std::uint32_t>(i));
        const std::size_t at = random() % (out.size() - piece.size());
        std::copy(piece.begin(), piece.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
    }
    std::fill_n(out.begin() + (3U << 20U), 1U << 20U, std::byte{0});
    return out;
}

struct Outcome {
    Content bytes, tapped;
};

/// Converts an image that lies in memory; `kind` r, q or v.
Outcome convert(const Content& image, Family family, char kind, unsigned threads, Level level = Level::balanced) {
    Diagnostics diagnostics;
    const Memory source(image);
    const auto reader = open_random("image", source, said(family), diagnostics);
    const TemporaryFile file;
    MemorySink sink;
    Outcome out;
    VmdkOptions vmdk;
    vmdk.level = level;
    const std::uint64_t capacity = reader->image().capacity;
    const auto target = kind == 'r'   ? raw_target("out", file.fd(), capacity)
                        : kind == 'q' ? qcow2_target("out", file.fd(), capacity)
                                      : vmdk_target(sink, capacity, vmdk);
    TransferOptions options;
    options.threads = threads;
    options.tap = [&](Bytes bytes) { out.tapped.insert(out.tapped.end(), bytes.begin(), bytes.end()); };
    transfer(*reader, *target, options);
    target->finish();
    out.bytes = kind == 'v' ? sink.content : file.content();
    return out;
}

}  // namespace

TEST_CASE("raw to every format and back, the source digested whole, the same bytes whatever the threads") {
    const Content raw = raw_disk();
    for (const char kind : {'r', 'q', 'v'}) {
        const Family family = kind == 'r' ? Family::raw : kind == 'q' ? Family::qcow2 : Family::vmdk;
        const Outcome one = convert(raw, Family::raw, kind, 1);
        CHECK(one.tapped == raw);
        CHECK(read_raw(one.bytes, said(family)) == raw);
        for (const unsigned threads : {2U, 3U, 8U}) CHECK(convert(raw, Family::raw, kind, threads).bytes == one.bytes);
        // And from each of them to each other.
        for (const char other : {'q', 'v'}) {
            const Outcome second = convert(one.bytes, family, other, 3);
            CHECK(second.tapped == one.bytes);
            CHECK(read_raw(second.bytes, said(other == 'q' ? Family::qcow2 : Family::vmdk)) == raw);
        }
    }
    for (const Level level : {Level::fast, Level::small})
        CHECK(read_raw(convert(raw, Family::raw, 'v', 2, level).bytes, said(Family::vmdk), true) == raw);
    CHECK(convert(raw, Family::raw, 'v', 2, Level::small).bytes.size() <
          convert(raw, Family::raw, 'v', 2, Level::fast).bytes.size());
}

TEST_CASE("grains smaller than a cluster, out of order, into qcow2") {
    for (const std::uint64_t grain : {8U, 16U, 128U, 2048U}) {
        const std::uint64_t capacity = 1536ULL << 11U;  // three L2 tables
        StreamVmdk image(capacity, grain);
        std::map<std::uint64_t, Content> pieces;
        std::mt19937 random(static_cast<unsigned>(grain));
        for (int i = 0; i < 60; ++i) {
            const std::uint64_t lba = random() % (capacity / grain) * grain;
            if (pieces.count(lba * sector) != 0) continue;
            pieces[lba * sector] = pattern(static_cast<std::size_t>(grain * sector), static_cast<std::uint32_t>(i));
            image.add(lba, pieces[lba * sector]);
        }
        const Content source = image.build();
        const Content made = convert(source, Family::vmdk, 'q', 3).bytes;
        CHECK(made == convert(source, Family::vmdk, 'q', 1).bytes);
        const Memory made_source(made);
        Diagnostics diagnostics;
        const auto reader = open_random("made", made_source, said(Family::qcow2), diagnostics);
        const TemporaryFile file;  // sparse, as the disk is
        transfer(*reader, *raw_target("out", file.fd(), capacity * sector), {});
        for (const auto& [offset, piece] : pieces) {
            Content seen(piece.size());
            REQUIRE(::pread(file.fd(), seen.data(), seen.size(), static_cast<off_t>(offset)) ==
                    static_cast<ssize_t>(seen.size()));
            CHECK(seen == piece);
        }
    }
}

TEST_CASE("children are written over their parent, zeros too") {
    const std::uint64_t capacity = 4096;
    StreamVmdk base(capacity, 128), child(capacity, 128);
    base.add(0, pattern(65536, 1));
    base.add(128, pattern(65536, 2));
    base.add(1024, pattern(65536, 3));
    child.descriptor =
        "version=1\nCID=00000002\nparentCID=7e3a1b2c\ncreateType=\"streamOptimized\"\nRW 4096 SPARSE \"child.vmdk\"\n";
    child.add(0, Content(65536));
    child.add(128, pattern(65536, 4));
    child.add(256, Content(65536));
    child.add(3968, pattern(65536, 5));
    const Content wanted =
        guest(capacity * sector,
              {{65536, pattern(65536, 4)}, {1024 * sector, pattern(65536, 3)}, {3968 * sector, pattern(65536, 5)}});
    for (const bool packed : {false, true}) {
        const TemporaryFile file;
        const auto target = packed ? qcow2_target("out", file.fd(), capacity * sector)
                                   : raw_target("out", file.fd(), capacity * sector);
        Diagnostics diagnostics;
        InspectOptions options = said(Family::vmdk);
        TransferOptions how;
        for (const StreamVmdk* layer : {&base, &child}) {
            const Memory source(layer->build());
            const auto reader = open_random("layer", source, options, diagnostics);
            transfer(*reader, *target, how);
            options.child = how.over = true;
        }
        target->finish();
        CHECK((packed ? read_raw(file.content(), said(Family::qcow2)) : file.content()) == wanted);
    }
    MemorySink sink;
    const auto stream = vmdk_target(sink, capacity * sector, {});
    CHECK_FALSE(stream->layered());
}

namespace {
struct Stop : std::runtime_error {
    using std::runtime_error::runtime_error;
};
}  // namespace

TEST_CASE("an error of any thread ends the transfer and comes out") {
    const Content raw = raw_disk();
    const Content image = convert(raw, Family::raw, 'v', 2).bytes;
    for (const bool from_tap : {true, false}) {
        const Memory source(image);
        Stream once(source);
        Diagnostics diagnostics;
        const auto reader = open_stream("image", once, said(Family::vmdk), diagnostics);
        const TemporaryFile file;
        const auto target = raw_target("out", file.fd(), reader->image().capacity);
        TransferOptions options;
        if (from_tap) options.tap = [](Bytes) { throw Stop("tap"); };
        if (!from_tap) options.progress = [](std::uint64_t, std::uint64_t) { throw Stop("progress"); };
        CHECK_THROWS_AS(transfer(*reader, *target, options), Stop);
    }
    struct FullSink final : ByteSink {
        void write(std::span<const std::byte> bytes) override {
            if ((written += bytes.size()) > 200000) throw IoError("sink", ENOSPC, "full");
        }
        std::size_t written = 0;
    } sink;
    const Memory source(raw);
    Diagnostics diagnostics;
    const auto reader = open_random("image", source, said(Family::raw), diagnostics);
    const auto target = vmdk_target(sink, raw.size(), {});
    CHECK_THROWS_AS(transfer(*reader, *target, {}), IoError);
    // A file that cannot be written.
    const int full = ::open("/dev/full", O_RDWR | O_CLOEXEC);
    REQUIRE(full >= 0);
    CHECK_THROWS_AS(raw_target("out", full, raw.size()), IoError);
    ::close(full);
}

TEST_CASE("of several damaged grains the first is named, whatever the threads") {
    StreamVmdk image(16 * 2048, 128);
    for (std::uint64_t lba = 0; lba < 16 * 2048; lba += 128)
        image.add(lba, pattern(65536, static_cast<std::uint32_t>(lba)));
    for (const std::size_t i : {40U, 45U, 70U, 200U, 250U}) image.grains[i].packed[20] ^= std::byte{0xFF};
    image.grains[253].lba = 5;  // found by the reader, long before that
    const Content bytes = image.build();
    std::string first;
    for (int round = 0; round < 20; ++round) {
        std::string message;
        try {
            read_raw(bytes, said(Family::vmdk), round % 2 == 0, 1 + static_cast<unsigned>(round) % 5);
        } catch (const InputError& error) {
            message = error.diagnostic().message;
        }
        if (first.empty()) first = message;
        CHECK(message == first);
    }
    CHECK(first.find("cannot be inflated") != std::string::npos);
}

TEST_CASE("a huge empty disk costs next to nothing") {
    const TemporaryFile source_file, file;
    REQUIRE(::ftruncate(source_file.fd(), off_t{8} << 40U) == 0);
    const Content piece = pattern(65536, 1);
    REQUIRE(::pwrite(source_file.fd(), piece.data(), piece.size(), (off_t{8} << 40U) - 65536) == 65536);
    const FileSource source("sparse", source_file.fd());
    Diagnostics diagnostics;
    auto reader = open_random("sparse", source, said(Family::raw), diagnostics);
    MemorySink sink;
    auto target = vmdk_target(sink, source.size(), {});
    transfer(*reader, *target, {});
    target->finish();
    CHECK(sink.content.size() < (2U << 20U));
    const Memory stream(sink.content);
    reader = open_random("stream", stream, said(Family::vmdk), diagnostics);
    target = qcow2_target("out", file.fd(), source.size());
    transfer(*reader, *target, {});
    target->finish();
    const FileSource made("made", file.fd());
    CHECK(made.size() < (4U << 20U));
    reader = open_random("made", made, said(Family::qcow2), diagnostics);
    Task task;
    REQUIRE(reader->next(task));
    CHECK(task.window == (std::uint64_t{8} << 40U) - window_bytes);
    CHECK_FALSE(reader->next(task));
}

TEST_CASE("a VMDK stream ends at 2 TiB: disk-stream-exceeded") {
    struct Null final : ByteSink {
        void write(std::span<const std::byte> bytes) override { written += bytes.size(); }
        std::uint64_t written = 0;
    } sink;
    const auto target = vmdk_target(sink, std::uint64_t{8} << 40U, {});
    Job job;
    job.packed.resize(64U << 20U);
    const std::string rule = rule_of([&] {
        for (std::uint64_t grain = 0; grain < 40000; ++grain) {
            job.window.reset(grain / 16 * window_bytes, std::uint64_t{8} << 40U);
            job.parts = {{0, job.packed.size(), grain}};
            target->place(job);
        }
    });
    CHECK(rule == "disk-stream-exceeded");
    CHECK(sink.written <= (std::uint64_t{2} << 40U) + job.packed.size());
}

TEST_CASE("a raw stream is as long as it is said to be") {
    const Content raw = raw_disk();
    CHECK(read_raw(raw, said(Family::raw), true) == raw);
    const Memory source(raw);
    Stream unsized(source, false);
    Diagnostics diagnostics;
    CHECK(rule_of([&] { open_stream("image", unsized, said(Family::raw), diagnostics); }) ==
          "disk-feature-unsupported");
}

TEST_CASE("formats without a reader need a helper: disk-helper-missing") {
    Content vhd(4096 + 512);
    const MutableBytes footer = MutableBytes(vhd).subspan(4096);
    std::memcpy(footer.data(), "conectix", 8);
    put_big<std::uint32_t>(footer, 12, 0x00010000);
    put_big<std::uint64_t>(footer, 48, 4096);
    put_big<std::uint32_t>(footer, 60, 2);
    const auto seal = [&] {
        put_big<std::uint32_t>(footer, 64, 0);
        std::uint32_t sum = 0;
        for (const std::byte byte : footer) sum += std::to_integer<std::uint32_t>(byte);
        put_big<std::uint32_t>(footer, 64, ~sum);
    };
    seal();
    CHECK(rule_of_image(vhd, Family::vhd) == "disk-helper-missing");
    put_big<std::uint32_t>(footer, 60, 4);
    seal();
    CHECK(rule_of_image(vhd, Family::vhd) == "disk-reference-refused");
    footer[100] ^= std::byte{1};
    CHECK(rule_of_image(vhd, Family::vhd) == "disk-header-malformed");
}
