#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// Bytes that pass through without being held: what packages and disks give each other.
namespace ovfkit::detail {

/// Bytes in order, once.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `into` from the front. Fewer bytes than asked only at the end; 0: the end. Throws IoError, InputError.
    virtual std::size_t read(std::span<std::byte> into) = 0;
    /// How many bytes there are in all, where that is known before they are read.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

/// Takes bytes in order. Throws IoError; whoever owns the sink decides what a failure leaves behind.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    virtual void write(std::span<const std::byte> bytes) = 0;
};

/// Bytes at any offset, from several threads at once.
class RandomSource {
public:
    virtual ~RandomSource() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// Like ByteSource::read, from `offset` on.
    virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;

    /// A run of bytes that are all data, or all zero without being stored.
    struct Run {
        std::uint64_t offset = 0, length = 0;
        bool hole = false;
    };
    /// The run that begins at `offset` (< size()). Sources without holes say that all the rest is data.
    [[nodiscard]] virtual Run run_at(std::uint64_t offset) const { return {offset, size() - offset, false}; }
};

}  // namespace ovfkit::detail
