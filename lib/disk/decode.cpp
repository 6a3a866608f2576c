#include "disk/decode.hpp"

#include <algorithm>
#include <new>
#include <string>

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include "base/late_library.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

[[noreturn]] void damaged(const Segment& segment, const Reader& reader, std::string_view why) {
    const bool grain = segment.codec == Codec::zlib;
    fail(reader.name(), "disk-data-damaged", Failure::integrity,
         fmt::format("the {} at byte {} cannot be inflated: {}", grain ? "grain" : "compressed cluster", segment.source,
                     why));
}

constexpr std::size_t failed = ~std::size_t{0};

struct Zstd {
    decltype(&::ZSTD_findFrameCompressedSize) frame_size;
    decltype(&::ZSTD_decompress) decompress;
    decltype(&::ZSTD_isError) is_error;
    static const Zstd& get() {
        static const Zstd functions = [] {
            const LateLibrary library("libzstd.so.1");
            Zstd out{};
            library.bind(out.frame_size, "ZSTD_findFrameCompressedSize");
            library.bind(out.decompress, "ZSTD_decompress");
            library.bind(out.is_error, "ZSTD_isError");
            return out;
        }();
        return functions;
    }
};

}  // namespace

void Decoder::Free::operator()(libdeflate_decompressor* decompressor) const {
    libdeflate_free_decompressor(decompressor);
}

Decoder::Decoder() : decompressor_(libdeflate_alloc_decompressor()) {
    if (!decompressor_) throw std::bad_alloc();
}

void Decoder::run(const Task& task, const Reader& reader, Window& window) {
    window.reset(task.window, reader.image().capacity);
    for (const Segment& segment : task.segments) {
        if (segment.codec == Codec::zero) {
            window.cover_zero(segment.at, segment.length);
            continue;
        }
        window.cover(segment.at, segment.length);
        if (segment.codec != Codec::stored) {
            unpack(segment, reader, window);
        } else if (segment.bytes != nullptr) {
            std::copy_n(segment.bytes, segment.length, window.data().begin() + static_cast<std::ptrdiff_t>(segment.at));
        } else {
            read_exactly(*reader.random(), reader.name(), segment.source,
                         window.data().subspan(segment.at, segment.length), "its data");
        }
    }
}

Bytes Decoder::packed(const Segment& segment, const Reader& reader) {
    if (segment.bytes != nullptr) return {segment.bytes, segment.size};
    packed_.resize(std::max(packed_.size(), segment.size));
    const MutableBytes into = MutableBytes(packed_).first(segment.size);
    read_exactly(*reader.random(), reader.name(), segment.source, into, "compressed data");
    return into;
}

std::size_t Decoder::inflate(const Segment& segment, Bytes from, MutableBytes into, std::size_t& used) const {
    std::size_t made = 0;
    if (segment.codec == Codec::zstd) {
        // The size of the frame is not known, only the sectors that it lies in.
        used = Zstd::get().frame_size(from.data(), from.size());
        if (Zstd::get().is_error(used) != 0) return failed;
        made = Zstd::get().decompress(into.data(), into.size(), from.data(), used);
        return Zstd::get().is_error(made) != 0 ? failed : made;
    }
    const auto unpack = segment.codec == Codec::zlib ? libdeflate_zlib_decompress_ex : libdeflate_deflate_decompress_ex;
    const libdeflate_result result =
        unpack(decompressor_.get(), from.data(), from.size(), into.data(), into.size(), &used, &made);
    return result == LIBDEFLATE_SUCCESS ? made : failed;
}

void Decoder::unpack(const Segment& segment, const Reader& reader, Window& window) {
    const Bytes from = packed(segment, reader);
    const bool direct = segment.skip == 0 && segment.at + segment.unit <= window_bytes;
    if (!direct) unpacked_.resize(std::max(unpacked_.size(), segment.unit));
    const MutableBytes into =
        direct ? window.data().subspan(segment.at, segment.unit) : MutableBytes(unpacked_).first(segment.unit);
    std::size_t used = 0;
    const std::size_t made = inflate(segment, from, into, used);
    if (made == failed)
        damaged(segment, reader,
                fmt::format("no intact deflate or zstd data of {} bytes, its checksum right", segment.unit));
    // The last grain may be as long as the rest of the disk.
    const bool whole = made == segment.unit || (segment.codec == Codec::zlib && made == segment.length);
    if (!whole) damaged(segment, reader, fmt::format("it gives {} bytes, too short for {}", made, segment.unit));
    if (segment.codec == Codec::zlib && used != from.size())
        damaged(segment, reader, fmt::format("trailing bytes after its {}", used));
    if (!direct)
        std::copy_n(into.begin() + static_cast<std::ptrdiff_t>(segment.skip), segment.length,
                    window.data().begin() + static_cast<std::ptrdiff_t>(segment.at));
}

}  // namespace ovfkit::detail::disk
