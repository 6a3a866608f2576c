#include "disk/tap.hpp"

#include <algorithm>
#include <utility>

namespace ovfkit::detail::disk {

void BufferPool::limit(std::size_t buffers) {
    const std::lock_guard lock(shared_->mutex);
    shared_->limit = buffers;
}

std::shared_ptr<Buffer> BufferPool::take() {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return shared_->cancelled || shared_->out < shared_->limit; });
    if (shared_->cancelled) throw Cancelled{};
    std::unique_ptr<Buffer> buffer;
    if (!shared_->free.empty()) {
        buffer = std::move(shared_->free.back());
        shared_->free.pop_back();
    } else {
        buffer = std::make_unique<Buffer>(bytes_);
    }
    ++shared_->out;
    lock.unlock();
    return {buffer.release(), [shared = shared_](Buffer* used) {
                std::unique_ptr<Buffer> back(used);
                const std::lock_guard relock(shared->mutex);
                --shared->out;
                shared->free.push_back(std::move(back));
                shared->changed.notify_one();
            }};
}

void BufferPool::cancel() {
    const std::lock_guard lock(shared_->mutex);
    shared_->cancelled = true;
    shared_->changed.notify_all();
}

Tap::Tap(TapFunction function) : function_(std::move(function)), thread_([this] { run(); }) {}

Tap::~Tap() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        pieces_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Tap::push(std::shared_ptr<const Buffer> holder, Bytes bytes) {
    {
        const std::lock_guard lock(mutex_);
        if (error_) return;
        pieces_.push_back({std::move(holder), bytes});
    }
    changed_.notify_all();
}

void Tap::finish() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (error_) std::rethrow_exception(error_);
}

void Tap::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return ended_ || !pieces_.empty(); });
        if (pieces_.empty()) return;
        Piece piece = std::move(pieces_.front());
        pieces_.pop_front();
        lock.unlock();
        std::exception_ptr error;
        try {
            function_(piece.bytes);
        } catch (...) {
            error = std::current_exception();
        }
        piece = {};  // the buffer goes back before the next wait
        lock.lock();
        if (error) {
            error_ = error;
            pieces_.clear();
            return;
        }
    }
}

void StreamCursor::start(Tap* tap, std::size_t buffers) {
    pool_.emplace(slack_ + buffer_bytes);
    pool_->limit(buffers);
    tap_ = tap;
    if (tap_ != nullptr && untapped_holder_) tap_->push(std::move(untapped_holder_), untapped_);
    untapped_holder_.reset();
    untapped_ = {};
}

bool StreamCursor::fill() {
    if (ended_) return false;
    const Bytes carry = rest_;
    std::shared_ptr<Buffer> next = pool_ ? pool_->take() : std::make_shared<Buffer>(slack_ + buffer_bytes);
    std::byte* const begin = next->data.get() + slack_;
    std::copy(carry.begin(), carry.end(), begin - carry.size());
    const std::size_t got = source_.read({begin, buffer_bytes});
    if (got < buffer_bytes) ended_ = true;
    buffer_ = std::move(next);
    rest_ = {begin - carry.size(), carry.size() + got};
    const Bytes fresh(begin, got);
    if (tap_ != nullptr && got != 0) tap_->push(buffer_, fresh);
    if (!pool_) {
        untapped_ = fresh;
        untapped_holder_ = buffer_;
    }
    return got != 0;
}

Bytes StreamCursor::peek(std::size_t size) {
    while (rest_.size() < size && fill()) {
    }
    return rest_;
}

void StreamCursor::skip(std::uint64_t size) {
    while (size > 0) {
        if (rest_.empty() && !fill()) return;
        const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest_.size()));
        rest_ = rest_.subspan(step);
        offset_ += step;
        size -= step;
    }
}

}  // namespace ovfkit::detail::disk
