#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Bytes to and from UTF-8, strictly: what is not valid is found, never guessed.
namespace ovfkit::detail {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";
inline constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// A code point and how many bytes it took; length 0: not valid UTF-8.
struct Decoded {
    std::uint32_t code = 0;
    std::size_t length = 0;
};
/// The first code point of `text`. Overlong forms, surrogates and values over U+10FFFF are not valid.
Decoded decode_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code);

/// `Char` of XML 1.0 2.2.
constexpr bool is_xml_character(std::uint32_t code) {
    return (code >= 0x20 && code <= 0xD7FF) || code == 0x9 || code == 0xA || code == 0xD ||
           (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}
/// `NameStartChar` and `NameChar` of XML 1.0 2.3.
bool is_name_start(std::uint32_t code);
bool is_name_character(std::uint32_t code);

/// Offset of the first byte that is not UTF-8 of legal XML characters; npos when there is none.
/// `bad_encoding` tells which of the two it was.
std::size_t find_illegal(std::string_view text, bool& bad_encoding);

enum class Encoding : int { utf8, latin1, utf16_le, utf16_be };

/// What the bytes are in, by mark and by the XML declaration.
struct EncodingGuess {
    Encoding encoding = Encoding::utf8;
    bool supported = true;
    bool label_differs = false;  ///< the declaration says another one than the bytes show
    std::string label;           ///< as declared; what was seen, when unsupported without a declaration
};
EncodingGuess guess_encoding(std::string_view bytes);

/// To UTF-8 without mark. False: not valid in that encoding; `bad_at` is then the offset into `bytes`.
bool to_utf8(std::string_view bytes, Encoding encoding, std::string& out, std::size_t& bad_at);
/// Back, with the mark for UTF-16. What ISO-8859-1 cannot hold becomes a character reference.
std::string from_utf8(std::string_view text, Encoding encoding);

}  // namespace ovfkit::detail
