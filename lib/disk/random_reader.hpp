#pragma once

#include <memory>
#include <optional>
#include <string>

#include "disk/reader.hpp"

/// Readers that find their way by tables: the disk is walked in guest order, only what is there is visited.
namespace ovfkit::detail::disk {

/// What a walk along a disk needs of a format.
class BlockMap {
public:
    BlockMap() = default;
    BlockMap(const BlockMap&) = delete;
    BlockMap& operator=(const BlockMap&) = delete;
    virtual ~BlockMap() = default;
    /// A stretch of the disk from `offset` on. Without a segment it is a hole; `length` may go beyond the window.
    struct Stretch {
        std::uint64_t length = 0;
        std::optional<Segment> segment;  ///< `at` is the caller's
    };
    virtual Stretch at(std::uint64_t offset) = 0;
};

std::unique_ptr<BlockMap> raw_map(const RandomSource& source);
std::unique_ptr<BlockMap> vmdk_sparse_map(std::string name, const RandomSource& source, const InspectOptions& options);
std::unique_ptr<BlockMap> qcow2_map(std::string name, const RandomSource& source, const InspectOptions& options);

std::unique_ptr<Reader> random_reader(std::string name, const RandomSource& source, const Image& image,
                                      std::unique_ptr<BlockMap> map);
/// A raw disk from a stream, of the size that the image says.
std::unique_ptr<Reader> raw_stream_reader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image);

}  // namespace ovfkit::detail::disk
