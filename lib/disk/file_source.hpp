#pragma once

#include <cstdint>
#include <string>

#include "base/stream.hpp"

namespace ovfkit::detail::disk {

/// A file, or a part of one (a member of an archive), that is open for reading. Its holes are known where the file
/// system tells them. Does not own `fd`.
class FileSource final : public RandomSource {
public:
    /// The whole file. Throws IoError.
    FileSource(std::string name, int fd);
    FileSource(std::string name, int fd, std::uint64_t offset, std::uint64_t size)
        : name_(std::move(name)), fd_(fd), offset_(offset), size_(size) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const override;
    [[nodiscard]] Run run_at(std::uint64_t offset) const override;

private:
    std::string name_;
    int fd_;
    std::uint64_t offset_ = 0, size_ = 0;
};

}  // namespace ovfkit::detail::disk
