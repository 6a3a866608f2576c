#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/stream.hpp"
#include "disk/bytes.hpp"

/// Bytes of a stream on their way, and who looks at them.
namespace ovfkit::detail::disk {

/// Waiting was ended by cancel(); the reason is another exception.
struct Cancelled {};

struct Buffer {
    explicit Buffer(std::size_t bytes) : capacity(bytes), data(new std::byte[bytes]) {}
    std::size_t capacity;
    std::unique_ptr<std::byte[]> data;  // not zeroed: only touched pages count
};

/// A fixed number of buffers: whoever reads waits until one comes back.
class BufferPool {
public:
    explicit BufferPool(std::size_t bytes) : bytes_(bytes) {}
    void limit(std::size_t buffers);
    /// Throws Cancelled.
    std::shared_ptr<Buffer> take();
    void cancel();

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<std::unique_ptr<Buffer>> free;
        std::size_t out = 0, limit = 4;
        bool cancelled = false;
    };
    std::size_t bytes_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

using TapFunction = std::function<void(Bytes)>;

/// Calls a function with the bytes of a stream, in order, on a thread of its own.
class Tap {
public:
    explicit Tap(TapFunction function);
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap();
    void push(std::shared_ptr<const Buffer> holder, Bytes bytes);
    /// Waits for the last; throws what the function threw.
    void finish();

private:
    void run();
    struct Piece {
        std::shared_ptr<const Buffer> holder;
        Bytes bytes;
    };
    TapFunction function_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Piece> pieces_;
    bool ended_ = false;
    std::exception_ptr error_;
    std::thread thread_;
};

/// A stream seen through buffers: what is looked at is always in one piece.
class StreamCursor {
public:
    explicit StreamCursor(ByteSource& source) : source_(source) {}
    /// Before the first read beyond the head.
    void start(Tap* tap, std::size_t buffers);
    /// The most that peek() is asked for, once start() was called.
    void longest(std::size_t bytes) { slack_ = bytes; }
    void cancel() {
        if (pool_) pool_->cancel();
    }

    /// At least `size` bytes from here on, fewer only at the end of the stream.
    Bytes peek(std::size_t size);
    void skip(std::uint64_t size);
    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    [[nodiscard]] std::optional<std::uint64_t> size() const { return source_.size(); }
    /// Holds what the last peek gave.
    [[nodiscard]] std::shared_ptr<const Buffer> holder() const { return buffer_; }

    static constexpr std::size_t buffer_bytes = 1U << 20;

private:
    bool fill();
    ByteSource& source_;
    Tap* tap_ = nullptr;
    std::size_t slack_ = 128U << 10;
    std::optional<BufferPool> pool_;  ///< from start() on; the head has a buffer of its own
    std::shared_ptr<Buffer> buffer_;
    Bytes rest_;
    Bytes untapped_;  ///< read before start()
    std::shared_ptr<const Buffer> untapped_holder_;
    std::uint64_t offset_ = 0;
    bool ended_ = false;
};

}  // namespace ovfkit::detail::disk
