#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/stream.hpp"

/// Writing an OVA: the same members give the same bytes (ustar; owner 0, mode 0644, one time for all).
namespace ovfkit::detail {

/// Where an archive goes: a file that can be written anywhere, or a pipe.
class TarTarget {
public:
    virtual ~TarTarget() = default;
    virtual void write(std::string_view bytes) = 0;
    [[nodiscard]] virtual bool seekable() const = 0;
    /// Only when seekable.
    virtual void write_at(std::uint64_t offset, std::string_view bytes) = 0;
    /// Only when seekable: goes on behind bytes that were written by other means.
    virtual void skip(std::uint64_t bytes) = 0;
};
/// `fd` stays the caller's. `path` is for messages.
std::unique_ptr<TarTarget> descriptor_target(int fd, bool seekable, std::string path);

/// A larger file needs more than a ustar header can say.
inline constexpr std::uint64_t max_ustar_size = (std::uint64_t{1} << 33) - 1;

class TarWriter {
public:
    TarWriter(TarTarget& target, std::int64_t time) : target_(target), time_(time) {}

    void add(const std::string& name, std::string_view bytes);
    /// A member of that size, and then its bytes: exactly as many.
    void begin(const std::string& name, std::uint64_t size);
    /// A member whose size is known only at its end(), at most `largest`. Only when the target is seekable.
    void begin_open(const std::string& name, std::uint64_t largest);
    void write(std::span<const std::byte> bytes);
    /// The same for bytes of an open member that somebody wrote into the file itself.
    void skip(std::uint64_t bytes);
    void end();
    /// A member to be filled later by patch(), with exactly `size` bytes. Only when the target is seekable.
    struct Slot {
        std::uint64_t offset = 0, size = 0;
    };
    Slot reserve(const std::string& name, std::uint64_t size);
    void patch(const Slot& slot, std::string_view bytes);
    /// The end of the archive.
    void finish();
    [[nodiscard]] std::uint64_t offset() const { return offset_; }

    /// Bytes that a member takes in an archive.
    static std::uint64_t stored_size(const std::string& name, std::uint64_t size);

private:
    std::string header(const std::string& name, std::uint64_t size, bool pax_size) const;
    void put(std::string_view bytes);

    TarTarget& target_;
    std::int64_t time_;
    std::uint64_t offset_ = 0;
    std::string name_;           ///< of the member being written
    std::uint64_t header_at_ = 0, size_ = 0, done_ = 0;
    bool open_ = false, pax_ = false;
};

}  // namespace ovfkit::detail
