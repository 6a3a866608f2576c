#include "package/tar_header.hpp"

#include <algorithm>
#include <cstring>

#include "package/limits.hpp"

namespace ovfkit::detail {

namespace {

/// Digits, blanks before them, and a blank or NUL after them or the field's end.
std::optional<std::uint64_t> octal(std::string_view field) {
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    const std::size_t digits = std::min(field.find_first_not_of("01234567"), field.size());
    if (digits == 0 || field.find_first_not_of(std::string_view(" \0", 2), digits) != std::string_view::npos)
        return std::nullopt;
    std::uint64_t value = 0;  // 12 digits at most: no overflow
    for (const char c : field.substr(0, digits)) value = value * 8 + static_cast<std::uint64_t>(c - '0');
    return value;
}

}  // namespace

bool TarHeader::checksum_fits() const {
    const auto said = octal(field(148, 8));
    std::uint64_t sum = 8 * ' ';
    for (std::size_t i = 0; i < block.size(); ++i)
        if (i < 148 || i >= 156) sum += static_cast<unsigned char>(block[i]);
    return said && *said == sum;
}

bool TarHeader::magic_known() const {
    const std::string_view magic = field(257, 8);
    return magic.starts_with(std::string_view("ustar\0", 6)) || magic == std::string_view("ustar  \0", 8) ||
           magic.find_first_not_of('\0') == std::string_view::npos;
}

std::string TarHeader::name() const {
    const std::string_view name = text(0, 100);
    const std::string_view prefix = text(345, 155);
    const bool posix = field(257, 6) == std::string_view("ustar\0", 6);
    if (!posix || prefix.empty()) return std::string(name);
    return std::string(prefix) + "/" + std::string(name);
}

std::optional<std::uint64_t> TarHeader::size() const {
    const std::string_view bytes = field(124, 12);
    if ((static_cast<unsigned char>(bytes[0]) & 0x80U) == 0) {
        if (bytes.find_first_not_of('\0') == std::string_view::npos) return 0;  // some write nothing for it
        return octal(bytes);
    }
    if (static_cast<unsigned char>(bytes[0]) != 0x80U) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : bytes.substr(1)) {
        if (value > (max_member_end >> 8U)) return std::nullopt;
        value = (value << 8U) | static_cast<unsigned char>(c);
    }
    return value;
}

bool looks_like_tar(std::span<const std::byte> block) {
    if (block.size() < tar_block) return false;
    TarHeader header;
    std::memcpy(header.block.data(), block.data(), tar_block);
    return header.checksum_fits() && header.magic_known();
}

}  // namespace ovfkit::detail
