// gzip, bzip2 and xz with a bound on what comes out; and what is packed for carrying.
#include "base/compress.hpp"
#include "fuzz.hpp"
#include "package/decompress.hpp"

using namespace fuzz;
using namespace ovfkit::detail;

namespace {

void unpack(std::string_view bytes, std::size_t piece) {
    constexpr std::uint64_t limit = 1U << 20;
    const Compression kind = compression_of(std::as_bytes(std::span(bytes)));
    if (kind == Compression::none) return;
    Diagnostics found;
    try {
        const auto source = decompressed(std::make_unique<Stream>(bytes), kind, "in.ova", "in", limit);
        std::vector<std::byte> buffer(piece);
        std::uint64_t total = 0;
        while (const std::size_t got = source->read(buffer)) total += got;
        require(total <= limit, "no more comes out than is allowed");
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    unpack(bytes, 1U << 16);
    unpack(bytes, 977);
    if (const auto text = base64_decode(bytes)) require(base64_decode(base64_encode(*text)) == text, "base64 comes back");
    require(base64_decode(base64_encode(bytes)) == bytes, "any bytes come back through base64");
    if (const auto out = zlib_decompress(bytes, 1U << 16)) require(out->size() <= (1U << 16), "no more comes out than is allowed");
    require(zlib_decompress(zlib_compress(bytes), size) == bytes, "any bytes come back through zlib");
    require(size == 0 || !zlib_decompress(zlib_compress(bytes), size - 1), "a limit holds to the byte");
    return 0;
}
