#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "base/printable.hpp"
#include "base/utf8.hpp"

namespace ovfkit {

namespace detail {

namespace {

/// What reorders or hides text on a terminal: marks of direction, zero width, separators, tags.
bool is_treacherous(std::uint32_t code) {
    return (code >= 0x80 && code <= 0x9F) || code == 0xAD || code == 0x61C || code == 0x180E ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code & 0xFFFEU) == 0xFFFE || (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::string printable_piece(std::string_view& rest) {
    const Decoded next = decode_utf8(rest);
    const auto first = static_cast<unsigned char>(rest.front());
    const std::string_view bytes = rest.substr(0, next.length != 0 ? next.length : 1);
    rest.remove_prefix(bytes.size());
    if (next.length == 0 || first < 0x20 || first == 0x7F || (next.code >= 0x80 && next.code <= 0x9F))
        return fmt::format("\\x{:02X}", next.length > 1 ? next.code : first);
    if (is_treacherous(next.code)) return fmt::format("\\u{{{:X}}}", next.code);
    return std::string(bytes);
}

std::string window_around(std::string_view line, std::size_t at, std::size_t& column) {
    constexpr std::size_t window = 160;
    at = std::min(at, line.size());
    column = 0;
    if (line.size() <= window) return std::string(line);
    std::size_t begin = at > window / 2 ? std::min(at - window / 2, line.size() - window) : 0;
    // Not in the middle of a character; a character has no more than three further bytes.
    const auto inside = [&](std::size_t i) {
        return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80;
    };
    for (int i = 0; i < 3 && begin > 0 && inside(begin); ++i) --begin;
    std::size_t end = std::min(begin + window, line.size());
    for (int i = 0; i < 3 && inside(end); ++i) ++end;
    column = at - begin + 1;
    return std::string(line.substr(begin, end - begin));
}

bool speaks_of_secret(std::string_view text) {
    for (const std::string_view word : {"passw", "secret", "credential", "privatekey", "private_key", "winkey"}) {
        for (auto at = text.begin();; ++at) {
            at = std::search(at, text.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == b; });
            if (at == text.end()) break;
            if (at == text.begin() || *std::prev(at) != '/') return true;  // /etc/passwd is a file
        }
    }
    return false;
}

void trim_source_line(Diagnostic& diagnostic) {
    if (speaks_of_secret(diagnostic.source_line)) diagnostic.source_line.clear();
    if (diagnostic.source_column != 0) return;
    const std::size_t column = diagnostic.where.column;
    std::size_t shown = 0;
    diagnostic.source_line = window_around(diagnostic.source_line, column == 0 ? 0 : column - 1, shown);
    if (column != 0) diagnostic.source_column = shown;
}

}  // namespace detail

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == limit) return out + "...";
        out += detail::printable_piece(text);
    }
    return out;
}

}  // namespace ovfkit
