#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

/// Numbers in the bytes of an image. The caller knows that they are there.
namespace ovfkit::detail::disk {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

template <std::unsigned_integral T>
constexpr T swapped(T value) {
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
    return value;
}

template <std::unsigned_integral T>
T load(Bytes bytes, std::size_t at, std::endian order) {
    T value{};
    std::memcpy(&value, bytes.subspan(at, sizeof value).data(), sizeof value);
    return order == std::endian::native ? value : swapped(value);
}

template <std::unsigned_integral T>
T little(Bytes bytes, std::size_t at) {
    return load<T>(bytes, at, std::endian::little);
}

template <std::unsigned_integral T>
T big(Bytes bytes, std::size_t at) {
    return load<T>(bytes, at, std::endian::big);
}

template <std::unsigned_integral T>
void put(MutableBytes bytes, std::size_t at, T value, std::endian order) {
    if (order != std::endian::native) value = swapped(value);
    std::memcpy(bytes.subspan(at, sizeof value).data(), &value, sizeof value);
}

template <std::unsigned_integral T>
void put_little(MutableBytes bytes, std::size_t at, T value) {
    put(bytes, at, value, std::endian::little);
}

template <std::unsigned_integral T>
void put_big(MutableBytes bytes, std::size_t at, T value) {
    put(bytes, at, value, std::endian::big);
}

constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0 ? 1 : 0); }
constexpr std::uint64_t round_up(std::uint64_t a, std::uint64_t b) { return divide_up(a, b) * b; }
constexpr bool power_of_two(std::uint64_t value) { return std::has_single_bit(value); }

/// Whether all are zero. Leaves at the first that is not: costs nothing on data.
inline bool all_zero(Bytes bytes) {
    constexpr std::size_t piece = 64;
    if (bytes.empty()) return true;
    if (bytes.size() <= piece) {
        for (const std::byte byte : bytes)
            if (byte != std::byte{0}) return false;
        return true;
    }
    if (!all_zero(bytes.first(piece))) return false;
    // Equal to itself, moved by a zero piece: memcmp runs at the speed of memory.
    return std::memcmp(bytes.data(), bytes.data() + piece, bytes.size() - piece) == 0;
}

}  // namespace ovfkit::detail::disk
