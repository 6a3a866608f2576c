#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "base/utf8.hpp"

// XML 1.0 4.3.3 and appendix F: which encoding a document is in, and the way to UTF-8 and back.
namespace ovfkit::detail {

namespace {

constexpr auto utf8_labels = std::to_array<std::string_view>({"utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968"});
constexpr auto latin1_labels = std::to_array<std::string_view>(
    {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "cp819", "ibm819"});
constexpr auto utf16_labels =
    std::to_array<std::string_view>({"utf-16", "utf16", "utf-16le", "utf-16be", "unicode", "iso-10646-ucs-2", "ucs-2"});

bool is_one_of(std::string_view word, const auto& labels) {
    return std::any_of(labels.begin(), labels.end(),
                       [word](std::string_view label) { return equal_nocase(word, label); });
}

/// The value of `encoding` in the XML declaration of ASCII-compatible bytes; empty when there is none.
std::string_view declared_label(std::string_view text) {
    if (!text.starts_with("<?xml")) return {};
    text = text.substr(0, std::min<std::size_t>(text.size(), 1024));
    const std::size_t end = text.find("?>");
    if (end == std::string_view::npos) return {};
    text = text.substr(0, end);
    std::size_t at = text.find("encoding");
    if (at == std::string_view::npos || at < 6 || !is_blank(text[at - 1])) return {};
    std::string_view rest = trimmed(text.substr(at + 8));
    if (rest.empty() || rest.front() != '=') return {};
    rest = trimmed(rest.substr(1));
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) return {};
    const std::size_t close = rest.find(rest.front(), 1);
    return close == std::string_view::npos ? std::string_view{} : rest.substr(1, close - 1);
}

EncodingGuess unsupported(std::string label) { return {Encoding::utf8, false, false, std::move(label)}; }

}  // namespace

EncodingGuess guess_encoding(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) return unsupported("UTF-32");
    if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv)) {
        EncodingGuess guess;
        guess.encoding = bytes.front() == '\xFF' ? Encoding::utf16_le : Encoding::utf16_be;
        // The declaration itself is in two-byte characters: its low bytes are enough to read the label.
        std::string start;
        for (std::size_t i = 2; i + 1 < bytes.size() && i < 2048; i += 2)
            start += guess.encoding == Encoding::utf16_le ? bytes[i] : bytes[i + 1];
        guess.label = declared_label(start);
        guess.label_differs = !guess.label.empty() && !is_one_of(guess.label, utf16_labels);
        return guess;
    }
    if (bytes.starts_with("<\0"sv) || bytes.starts_with("\0<"sv))
        return unsupported("UTF-16 without a byte order mark");
    if (bytes.starts_with("\x4C\x6F\xA7\x94"sv)) return unsupported("EBCDIC");
    const bool mark = bytes.starts_with(utf8_mark);
    EncodingGuess guess;
    guess.label = declared_label(mark ? bytes.substr(utf8_mark.size()) : bytes);
    if (guess.label.empty() || is_one_of(guess.label, utf8_labels)) return guess;
    if (is_one_of(guess.label, utf16_labels) || mark) {
        guess.label_differs = true;
    } else if (is_one_of(guess.label, latin1_labels)) {
        guess.encoding = Encoding::latin1;
    } else {
        guess.supported = false;
    }
    return guess;
}

bool to_utf8(std::string_view bytes, Encoding encoding, std::string& out, std::size_t& bad_at) {
    out.clear();
    out.reserve(bytes.size());
    if (encoding == Encoding::latin1) {
        for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
        return true;
    }
    const bool little = encoding == Encoding::utf16_le;
    const auto unit = [&](std::size_t at) {
        const auto a = static_cast<unsigned char>(bytes[at]);
        const auto b = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<std::uint32_t>(little ? a | (b << 8) : b | (a << 8));
    };
    std::size_t at = 2;  // the mark
    for (; at + 1 < bytes.size(); at += 2) {
        std::uint32_t code = unit(at);
        bad_at = at;
        if (code >= 0xDC00 && code <= 0xDFFF) return false;
        if (code >= 0xD800 && code <= 0xDBFF) {
            if (at + 3 >= bytes.size()) return false;
            const std::uint32_t low = unit(at + 2);
            if (low < 0xDC00 || low > 0xDFFF) return false;
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            at += 2;
        }
        append_utf8(out, code);
    }
    bad_at = at;
    return at == bytes.size();
}

std::string from_utf8(std::string_view text, Encoding encoding) {
    std::string out;
    if (encoding == Encoding::utf8) return std::string(text);
    const bool little = encoding == Encoding::utf16_le;
    const auto unit = [&](std::uint32_t code) {
        const auto low = static_cast<char>(code & 0xFFU);
        const auto high = static_cast<char>(code >> 8U);
        out += little ? low : high;
        out += little ? high : low;
    };
    if (encoding != Encoding::latin1) unit(0xFEFF);
    while (!text.empty()) {
        const Decoded next = decode_utf8(text);
        text.remove_prefix(next.length != 0 ? next.length : 1);
        if (encoding == Encoding::latin1) {
            if (next.code <= 0xFF)
                out += static_cast<char>(next.code);
            else
                out += "&#" + std::to_string(next.code) + ";";
        } else if (next.code >= 0x10000) {
            unit(0xD800 + ((next.code - 0x10000) >> 10U));
            unit(0xDC00 + ((next.code - 0x10000) & 0x3FFU));
        } else {
            unit(next.code);
        }
    }
    return out;
}

}  // namespace ovfkit::detail
