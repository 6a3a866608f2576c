#include "table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ovfkit::tool {

namespace {

/// Characters, not bytes; wide ones count as one.
std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string Table::text(std::string_view indent) const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (std::size_t row = 1; row < rows_.size(); ++row)
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], length(rows_[row][i]));
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] != 0) widths[i] = std::max(widths[i], length(rows_.front()[i]));
    std::string out;
    for (const auto& row : rows_) {
        std::string line(indent);
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (widths[i] == 0) continue;
            line += row[i];
            line.append(widths[i] - length(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string human_size(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 4> units{"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return fmt::format("{} bytes", bytes);
    std::size_t unit = 0;
    std::uint64_t factor = 1024;
    while (unit + 1 < units.size() && bytes / factor >= 1024) factor *= 1024, ++unit;
    // 3000 MiB says more than 2.9 GiB: a size that is whole in a smaller unit and short there is shown in it.
    if (bytes % factor == 0) return fmt::format("{} {}", bytes / factor, units[unit]);
    if (unit > 0 && bytes % (factor / 1024) == 0 && bytes / (factor / 1024) < 100000)
        return fmt::format("{} {}", bytes / (factor / 1024), units[unit - 1]);
    return fmt::format("{:.1f} {}", static_cast<double>(bytes) / static_cast<double>(factor), units[unit]);
}

std::string human_size(const std::optional<std::uint64_t>& bytes) { return bytes ? human_size(*bytes) : std::string{}; }

}  // namespace ovfkit::tool
