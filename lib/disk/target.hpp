#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/stream.hpp"
#include "disk/tap.hpp"
#include "disk/window.hpp"

/// Where the content of a disk goes.
namespace ovfkit::detail::disk {

/// One window on its way to a target, and what the target needs to remember of it.
struct Job {
    Window window;
    std::vector<std::byte> packed;  ///< what encode() made of it
    struct Part {
        std::size_t at = 0, size = 0;  ///< in the window, or in `packed`
        std::uint64_t place = 0;       ///< in the file; or the number of a grain
    };
    std::vector<Part> parts;
};

/// Work that a thread does for a target, with what it needs of its own.
class Encoder {
public:
    Encoder() = default;
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    virtual ~Encoder() = default;
    virtual void encode(Job& job) = 0;
};

class Target {
public:
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;

    /// nullptr: nothing to encode.
    virtual std::unique_ptr<Encoder> encoder() { return nullptr; }
    /// Whether place() is needed: what depends on the order of the windows, never two at once.
    [[nodiscard]] virtual bool in_order() const { return false; }
    virtual void place(Job&) {}
    /// From any thread, never two at once, in any order.
    virtual void store(Job&) {}
    /// Whether a child can be written over what is there: windows come again, with Window's explicit zeros.
    [[nodiscard]] virtual bool layered() const { return false; }
    /// What only the end knows. Nothing is complete before.
    virtual void finish() = 0;
    /// Bytes of the disk that the file holds, in whole grains or clusters.
    [[nodiscard]] virtual std::uint64_t populated() const { return 0; }
};

/// Raw, sparse: `fd` is an empty regular file, open for reading and writing; it becomes `capacity` bytes long.
std::unique_ptr<Target> raw_target(std::string name, int fd, std::uint64_t capacity);

/// qcow2 version 3, clusters of 64 KiB, in the order of the source: the same bytes whatever the number of threads.
/// `base`: where in the file the image begins, which is the file's end.
std::unique_ptr<Target> qcow2_target(std::string name, int fd, std::uint64_t capacity, std::uint64_t base = 0);

enum class Level { fast, balanced, small };

struct VmdkOptions {
    std::string name;                ///< for messages
    std::string file = "disk.vmdk";  ///< what the extent line calls it
    std::string adapter = "lsilogic";
    std::uint32_t cid = 0xFFFFFFFE;
    Level level = Level::balanced;
    TapFunction tap;  ///< sees all bytes in order, before the sink
};

/// streamOptimized VMDK in one pass, with its directory at the end. Windows must come in guest order.
std::unique_ptr<Target> vmdk_target(ByteSink& sink, std::uint64_t capacity, VmdkOptions options);

}  // namespace ovfkit::detail::disk
