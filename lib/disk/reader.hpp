#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/stream.hpp"
#include "disk/image.hpp"
#include "disk/tap.hpp"
#include "disk/window.hpp"

/// Where the content of a disk comes from.
namespace ovfkit::detail::disk {

enum class Codec { stored, zero, zlib, deflate, zstd };

/// A part of a window and the bytes of the image that it comes from.
struct Segment {
    std::size_t at = 0;      ///< in the window
    std::size_t length = 0;  ///< of the window
    std::size_t unit = 0;    ///< bytes that unpacking gives
    std::size_t skip = 0;    ///< of these, not for this window
    Codec codec = Codec::stored;
    std::uint64_t source = 0;          ///< offset in the image: where to read, and for messages
    std::size_t size = 0;              ///< bytes there
    const std::byte* bytes = nullptr;  ///< the bytes, when they are in a buffer of the task
};

struct Task {
    std::uint64_t window = 0;  ///< offset in the disk
    std::vector<Segment> segments;
    std::vector<std::shared_ptr<const Buffer>> held;  ///< keeps the bytes of the segments

    void clear() {
        segments.clear();
        held.clear();
    }
};

class Reader {
public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual const Image& image() const = 0;
    /// The next window with data; false at the end, when all that only the whole image can show has been checked.
    virtual bool next(Task& task) = 0;
    /// Where Segment::source is read when Segment::bytes is not set; nullptr: never.
    [[nodiscard]] virtual const RandomSource* random() const { return nullptr; }
    /// For streams, before next(): `tap` (or nullptr) sees every byte in order; `buffers` may be held at once.
    virtual void start(Tap*, std::size_t) {}
    /// From another thread: next() shall not wait any longer, but throw Cancelled.
    virtual void cancel() {}
    /// Bytes of the image (of the disk, for one without a stream) that next() has passed, and all there are (0:
    /// unknown).
    [[nodiscard]] virtual std::uint64_t position() const = 0;
    [[nodiscard]] virtual std::uint64_t total() const = 0;
};

/// Reads an image from a stream, once: streamOptimized or raw. Inspects it first. Both references must outlive the
/// reader. Throws InputError (rule disk-format-mismatch when the format needs random access).
std::unique_ptr<Reader> open_stream(std::string name, ByteSource& source, const InspectOptions& options,
                                    Diagnostics& diagnostics);
/// Reads an image of any format with a reader.
std::unique_ptr<Reader> open_random(std::string name, const RandomSource& source, const InspectOptions& options,
                                    Diagnostics& diagnostics);

}  // namespace ovfkit::detail::disk
