#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "package/tar.hpp"

namespace ovfkit::detail {

/// One block of a tar archive.
struct TarHeader {
    std::array<char, tar_block> block{};
    std::uint64_t offset = 0;  ///< of the block in the archive

    [[nodiscard]] std::string_view field(std::size_t at, std::size_t size) const {
        return std::string_view(block.data(), block.size()).substr(at, size);
    }
    /// Up to its NUL.
    [[nodiscard]] std::string_view text(std::size_t at, std::size_t size) const {
        const std::string_view all = field(at, size);
        return all.substr(0, all.find('\0'));
    }
    [[nodiscard]] bool is_zero() const { return field(0, tar_block).find_first_not_of('\0') == std::string_view::npos; }
    [[nodiscard]] bool checksum_fits() const;
    /// `ustar` of POSIX or of GNU, or nothing (7th edition).
    [[nodiscard]] bool magic_known() const;
    [[nodiscard]] char type() const { return block[156]; }
    [[nodiscard]] std::string name() const;
    /// Octal or base-256; nullopt for anything else, a negative number or one over 63 bits.
    [[nodiscard]] std::optional<std::uint64_t> size() const;
};

}  // namespace ovfkit::detail
