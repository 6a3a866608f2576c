#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Allocation units: the DSP0004 programmatic units that OVF uses and the older words found in real files.
namespace ovfkit::detail {

enum class UnitBase { byte, bit, hertz, count, percent };

/// One unit: `base` times `factor`.
struct Unit {
    UnitBase base = UnitBase::byte;
    std::uint64_t factor = 1;
    bool legacy = false;  ///< an older word (`MegaBytes`, `MB`, `MHz`); such words are binary for bytes
    friend bool operator==(const Unit&, const Unit&) = default;
};

/// `byte * 2^20`, `byte*1024*1024`, `hertz * 10^6`, `kilobyte`, `mebibyte`, `MegaBytes`, `GB`, `KB`, `b` ...
/// Case and blanks do not matter. nullopt: not a unit, or a factor over 2^64-1.
std::optional<Unit> parse_unit(std::string_view text);

/// quantity * factor, checked.
std::optional<std::uint64_t> scaled(std::uint64_t quantity, const Unit& unit);

/// The largest unit of `byte * 2^20`, `byte * 2^10`, `byte` that divides `bytes`, and how many of it.
/// MiB whenever possible: most importers ignore the unit.
struct Quantity {
    std::uint64_t amount = 0;
    std::string unit;
};
Quantity memory_quantity(std::uint64_t bytes);

}  // namespace ovfkit::detail
