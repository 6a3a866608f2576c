#include "base/utf8.hpp"

#include <algorithm>
#include <array>

namespace ovfkit::detail {

namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

struct Range {
    std::uint32_t first, last;
};
constexpr auto name_start_ranges = std::to_array<Range>({{0xC0, 0xD6},
                                                         {0xD8, 0xF6},
                                                         {0xF8, 0x2FF},
                                                         {0x370, 0x37D},
                                                         {0x37F, 0x1FFF},
                                                         {0x200C, 0x200D},
                                                         {0x2070, 0x218F},
                                                         {0x2C00, 0x2FEF},
                                                         {0x3001, 0xD7FF},
                                                         {0xF900, 0xFDCF},
                                                         {0xFDF0, 0xFFFD},
                                                         {0x10000, 0xEFFFF}});

/// True when all bytes of a block are printable ASCII, tab or line end: nearly always, so it has to be fast.
/// A fixed length, no early exit: the compiler makes vector code of it.
constexpr std::size_t block = 64;
bool plain_block(const char* at) {
    unsigned char bad = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const auto c = static_cast<signed char>(at[i]);
        bad = static_cast<unsigned char>(
            bad | static_cast<unsigned char>((c < 0x20) & (c != '\n') & (c != '\t') & (c != '\r')));
    }
    return bad == 0;
}

}  // namespace

Decoded decode_utf8(std::string_view text) {
    if (text.empty()) return {};
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1};
    std::size_t length = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2, code = lead & 0x1FU, least = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3, code = lead & 0x0FU, least = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4, code = lead & 0x07U, least = 0x10000;
    } else {
        return {};
    }
    if (text.size() < length) return {};
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned char next = byte_at(text, i);
        if ((next & 0xC0U) != 0x80) return {};
        code = (code << 6U) | (next & 0x3FU);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length};
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        tail(12), tail(6), tail(0);
    }
}

bool is_name_start(std::uint32_t code) {
    if (code < 0x80) return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_' || code == ':';
    return std::any_of(name_start_ranges.begin(), name_start_ranges.end(),
                       [code](const Range& range) { return code >= range.first && code <= range.last; });
}

bool is_name_character(std::uint32_t code) {
    return is_name_start(code) || (code >= '0' && code <= '9') || code == '-' || code == '.' || code == 0xB7 ||
           (code >= 0x300 && code <= 0x36F) || code == 0x203F || code == 0x2040;
}

std::size_t find_illegal(std::string_view text, bool& bad_encoding) {
    bad_encoding = false;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at + block <= text.size() && plain_block(text.data() + at)) at += block;
        // Something else in this block, or the short end: one by one until past it.
        const std::size_t stop = std::min(at + block, text.size());
        while (at < stop) {
            const unsigned char c = byte_at(text, at);
            if (c < 0x80) {
                if (!is_xml_character(c)) return at;
                ++at;
                continue;
            }
            const Decoded next = decode_utf8(text.substr(at));
            bad_encoding = next.length == 0;
            if (bad_encoding || !is_xml_character(next.code)) return at;
            at += next.length;
        }
    }
    return std::string_view::npos;
}

}  // namespace ovfkit::detail
