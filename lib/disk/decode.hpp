#pragma once

#include <memory>
#include <string>
#include <vector>

#include "disk/reader.hpp"

struct libdeflate_decompressor;

namespace ovfkit::detail::disk {

/// Fills windows from tasks. One a thread.
class Decoder {
public:
    Decoder();
    /// Throws InputError (rule disk-data-damaged), IoError.
    void run(const Task& task, const Reader& reader, Window& window);

private:
    Bytes packed(const Segment& segment, const Reader& reader);
    void unpack(const Segment& segment, const Reader& reader, Window& window);
    [[nodiscard]] std::size_t inflate(const Segment& segment, Bytes from, MutableBytes into, std::size_t& used) const;

    struct Free {
        void operator()(libdeflate_decompressor* decompressor) const;
    };
    std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
    std::vector<std::byte> packed_, unpacked_;
};

}  // namespace ovfkit::detail::disk
