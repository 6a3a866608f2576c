#include "package/decompress.hpp"

#include <zlib.h>

#include "base/late_library.hpp"
#include "support.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::test;

namespace {

class TextSource : public ByteSource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = std::min(into.size(), text_.size() - at_);
        std::copy_n(as_bytes_of(text_).begin() + static_cast<std::ptrdiff_t>(at_), got, into.begin());
        at_ += got;
        return got;
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

std::string gzipped(const std::string& text) {
    const LateLibrary library("libz.so.1");
    decltype(&::deflateInit2_) init = nullptr;
    decltype(&::deflate) run = nullptr;
    decltype(&::deflateEnd) end = nullptr;
    library.bind(init, "deflateInit2_");
    library.bind(run, "deflate");
    library.bind(end, "deflateEnd");
    z_stream stream{};
    REQUIRE(init(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, sizeof(stream)) == Z_OK);
    std::string out(text.size() + 100, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(run(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    end(&stream);
    return out;
}

std::string unpacked(const std::string& bytes, std::uint64_t limit = UINT64_MAX) {
    return all_of(*decompressed(std::make_unique<TextSource>(bytes), compression_of(as_bytes_of(bytes)), "x.ova", "disk.gz", limit));
}

std::string fault(const std::string& bytes, std::uint64_t limit = UINT64_MAX) {
    return fault_of([&] { (void)unpacked(bytes, limit); });
}

// printf hello | bzip2 | xxd -p; likewise xz
const std::string bzip2_hello = std::string("BZh91AY&SY\x19\x31\x65\x3d\0\0\0\x81\0\x02\x44\xa0\0\x21\x9a\x68\x33\x4d\x07\x33\x8b\xb9\x22\x9c\x28\x48\x0c\x98\xb2\x9e\x80", 41);

}  // namespace

TEST_CASE("gzip streams, one or several") {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += std::to_string(i);
    const std::string packed = gzipped(text);
    CHECK(compression_of(as_bytes_of(packed)) == Compression::gzip);
    CHECK(unpacked(packed) == text);
    CHECK(unpacked(packed + gzipped("more")) == text + "more");
    CHECK(unpacked(packed, text.size()) == text);
    CHECK(fault(packed, text.size() - 1) == "package-size-exceeded");
}

TEST_CASE("gzip that is damaged, cut or followed by something") {
    const std::string packed = gzipped(std::string(100000, 'x') + "y");
    for (std::size_t size = 3; size < packed.size(); ++size) CHECK(fault(packed.substr(0, size)) == "package-compression-damaged");
    CHECK(fault(packed + "EVILEVILEVIL") == "package-compression-damaged");
    std::string bad_crc = packed;
    bad_crc[packed.size() - 6] = static_cast<char>(bad_crc[packed.size() - 6] ^ 1);
    CHECK(fault(bad_crc) == "package-compression-damaged");
    CHECK(fault("\x1f\x8b\x08" + std::string(7, '\0') + std::string(100, '\xff')) == "package-compression-damaged");
    CHECK(fault_of([] { (void)all_of(*decompressed(std::make_unique<TextSource>("plain text"), Compression::gzip, "x", "y")); }) ==
          "package-compression-damaged");
}

TEST_CASE("bzip2 and its damage") {
    CHECK(compression_of(as_bytes_of(bzip2_hello)) == Compression::bzip2);
    CHECK(unpacked(bzip2_hello) == "hello");
    CHECK(fault(bzip2_hello.substr(0, 30)) == "package-compression-damaged");
    CHECK(compression_of(as_bytes_of(std::string("plain"))) == Compression::none);
}
