#include "base/compress.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>

#include <libdeflate.h>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}();

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) out += i <= count ? alphabet[(group >> (18 - 6 * i)) & 0x3FU] : '=';
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    std::size_t count = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (is_blank(c)) continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0 || padding != 0) return std::nullopt;
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        if (++count % 4 == 0)
            for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>((group >> shift) & 0xFFU);
    }
    const std::size_t rest = count % 4;
    if (rest == 1 || padding != (4 - rest) % 4) return std::nullopt;
    if (rest != 0) {
        group <<= 6 * (4 - rest);
        if ((group & (rest == 2 ? 0xFFFFU : 0xFFU)) != 0) return std::nullopt;  // bits that mean nothing
        out += static_cast<char>((group >> 16U) & 0xFFU);
        if (rest == 3) out += static_cast<char>((group >> 8U) & 0xFFU);
    }
    return out;
}

std::string zlib_compress(std::string_view bytes) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(9), &libdeflate_free_compressor);
    if (!compressor) throw std::bad_alloc();
    std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
    out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
    return out;
}

std::optional<std::string> zlib_decompress(std::string_view bytes, std::size_t limit) {
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    if (!decompressor) throw std::bad_alloc();
    // The size is not written anywhere that can be trusted: grow towards the limit.
    for (std::size_t room = std::min<std::size_t>(limit, 4096 + 8 * bytes.size());; room = std::min(limit, 4 * room)) {
        std::string out(room, '\0');
        std::size_t used = 0;
        std::size_t made = 0;
        const libdeflate_result result = libdeflate_zlib_decompress_ex(decompressor.get(), bytes.data(), bytes.size(),
                                                                       out.data(), out.size(), &used, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            if (used != bytes.size()) return std::nullopt;
            out.resize(made);
            return out;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room == limit) return std::nullopt;
    }
}

}  // namespace ovfkit::detail
