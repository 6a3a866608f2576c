#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "base/stream.hpp"

/// File descriptors, and reads and writes that do all they are asked to or throw. Each is a stop_point().
namespace ovfkit::detail {

[[noreturn]] void io_error(const std::string& path, int code, std::string_view doing);

class FileDescriptor {
public:
    explicit FileDescriptor(int fd = -1) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Closes now; the error of a delayed write may come only here.
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

// `path` is for messages.
void write_all(int fd, std::string_view bytes, const std::string& path);
void write_all_at(int fd, std::uint64_t offset, std::string_view bytes, const std::string& path);
/// Fewer bytes than asked only at the end.
std::size_t read_full(int fd, std::span<std::byte> into, const std::string& path);
std::size_t read_full_at(int fd, std::uint64_t offset, std::span<std::byte> into, const std::string& path);

inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> as_bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// What a descriptor gives from where it stands: a pipe, a terminal.
class DescriptorSource : public ByteSource {
public:
    /// The descriptor stays the caller's.
    DescriptorSource(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    std::size_t read(std::span<std::byte> into) override { return read_full(fd_, into, path_); }

private:
    int fd_;
    std::string path_;
};

/// A part of a regular file, the whole of it for a start. Holes are known where the file system tells.
class FileSource : public RandomSource {
public:
    FileSource(std::shared_ptr<const FileDescriptor> file, std::string path, std::uint64_t offset, std::uint64_t size)
        : file_(std::move(file)), path_(std::move(path)), offset_(offset), size_(size) {}
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    /// Throws IoError when the file has become shorter.
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const override;
    [[nodiscard]] Run run_at(std::uint64_t offset) const override;

private:
    std::shared_ptr<const FileDescriptor> file_;
    std::string path_;
    std::uint64_t offset_, size_;
};

/// A RandomSource from its beginning to its end.
class SequentialSource : public ByteSource {
public:
    explicit SequentialSource(std::shared_ptr<const RandomSource> source) : source_(std::move(source)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_->read_at(at_, into);
        at_ += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_->size(); }

private:
    std::shared_ptr<const RandomSource> source_;
    std::uint64_t at_ = 0;
};

}  // namespace ovfkit::detail
