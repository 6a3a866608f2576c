#pragma once

#include "disk/decode.hpp"
#include "disk/reader.hpp"
#include "fuzz.hpp"

/// Disk images: inspected, then read to their end as a transfer does, on one thread.
namespace fuzz {

using namespace ovfkit::detail::disk;

/// A running sum of what the disk holds, zeros and places included.
inline std::uint64_t drain(Reader& reader) {
    std::uint64_t sum = 0;
    Decoder decoder;
    Window window;
    const std::uint64_t capacity = reader.image().capacity;
    std::size_t windows = 0;
    for (Task task; reader.next(task); task.clear()) {
        require(task.window < capacity && task.window % window_bytes == 0, "a window lies in the disk");
        decoder.run(task, reader, window);
        window.drop_zeros(false);
        for (Window::Range range = window.next(0); range.begin < range.end; range = window.next(range.end)) {
            require(range.end <= window_bytes, "data lies in its window");
            for (std::size_t at = range.begin; at < std::min(range.end, window.length()); ++at)
                if (window.data()[at] != std::byte{0}) sum += (task.window + at + 1) * (static_cast<std::uint64_t>(window.data()[at]) * 2654435761U + 97);
        }
        if (++windows > 64) break;  // a small file may stand for a large disk
    }
    return sum;
}

inline InspectOptions options_for(Family family) {
    InspectOptions options;
    options.declared = family;
    options.max_capacity = std::uint64_t{1} << 40;
    return options;
}

inline std::optional<std::uint64_t> read_random(std::string_view bytes, Family family) {
    const Memory memory(bytes);
    Diagnostics found;
    try {
        const auto reader = open_random("disk", memory, options_for(family), found);
        require(reader->image().capacity <= (std::uint64_t{1} << 40), "no disk is over the limit");
        return drain(*reader);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
    return std::nullopt;
}

inline std::optional<std::uint64_t> read_stream(std::string_view bytes, Family family, bool sized) {
    Stream stream(bytes, sized);
    Diagnostics found;
    try {
        const auto reader = open_stream("disk", stream, options_for(family), found);
        reader->start(nullptr, 8);
        return drain(*reader);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
    return std::nullopt;
}

}  // namespace fuzz
