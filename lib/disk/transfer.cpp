#include "disk/transfer.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "disk/decode.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::uint64_t nothing = std::numeric_limits<std::uint64_t>::max();

/// One mutex guards all that is shared; it is taken a few times a MiB. Every wait is in work() and push(): what a
/// thread may do next is decided there, and the job next in order is always in somebody's hands, so that none waits for
/// itself.
class Engine {
public:
    Engine(Reader& reader, Target& target, const TransferOptions& options)
        : reader_(reader), target_(target), options_(options), ordered_(target.in_order()) {
        const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        threads_ = std::clamp(options.threads != 0 ? options.threads : cores, 1U, 256U);
        // A slow window may hold up those behind it: some more of them than threads.
        jobs_ = std::vector<Job>(2 * threads_ + 1);
        for (Job& job : jobs_) free_.push_back(&job);
    }

    void run() {
        std::optional<Tap> tap;
        if (options_.tap && reader_.random() == nullptr) tap.emplace(options_.tap);
        // Buffers: those of the jobs at work and of the tasks that wait for one.
        reader_.start(tap ? &*tap : nullptr, 2 * threads_ + 2);
        std::vector<std::thread> workers;
        std::thread digest;
        try {
            if (options_.tap && !tap) digest = std::thread([this] { read_through(); });
            for (unsigned i = 0; i < threads_; ++i) workers.emplace_back([this] { work(); });
        } catch (...) {
            failed(0, std::current_exception());
        }
        read();
        for (std::thread& worker : workers) worker.join();
        if (digest.joinable()) digest.join();
        if (error_) std::rethrow_exception(error_);
        if (tap) tap->finish();
    }

private:
    /// The calling thread: takes the source apart into tasks.
    void read() {
        std::uint64_t count = 0;
        try {
            for (Task task; reader_.next(task); ++count) {
                if (!push(std::move(task))) break;
                task = {};
                if (options_.progress && count % 16 == 0) options_.progress(reader_.position(), reader_.total());
            }
        } catch (const Cancelled&) {
        } catch (...) {
            // What was read before is still worked off: an error in it comes first.
            failed(count, std::current_exception(), false);
        }
        const std::lock_guard lock(mutex_);
        read_all_ = true;
        changed_.notify_all();
    }

    bool push(Task&& task) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || tasks_.size() < threads_; });
        if (stopped_) return false;
        tasks_.push_back(std::move(task));
        changed_.notify_all();
        return true;
    }

    /// Random access leaves the file's bytes in no order: the digest reads them by itself.
    void read_through() {
        try {
            std::vector<std::byte> buffer(1U << 20);
            const RandomSource& source = *reader_.random();
            for (std::uint64_t at = 0; at < source.size();) {
                {
                    const std::lock_guard lock(mutex_);
                    if (stopped_) return;
                }
                const std::size_t got = source.read_at(at, buffer);
                if (got == 0) truncated(reader_.name(), at, "its data");
                options_.tap(Bytes(buffer).first(got));
                at += got;
            }
        } catch (...) {
            failed(nothing - 1, std::current_exception());
        }
    }

    void failed(std::uint64_t number, std::exception_ptr error, bool stop = true) {
        {
            const std::lock_guard lock(mutex_);
            if (!error_ || number < error_number_) {
                error_ = std::move(error);
                error_number_ = number;
            }
            if (!stop) return;
            stopped_ = true;
            changed_.notify_all();
        }
        reader_.cancel();
    }

    struct Running {
        Job* job;
        std::uint64_t number;
    };

    void work() {
        std::uint64_t number = 0;
        try {
            Decoder decoder;
            const std::unique_ptr<Encoder> encoder = target_.encoder();
            std::unique_lock lock(mutex_);
            while (!stopped_) {
                if (!storing_ && !stores_.empty()) {
                    // One at a time: the system locks a file for every write, and who waits there could unpack.
                    const Running running = take(stores_);
                    number = running.number;
                    storing_ = true;
                    lock.unlock();
                    target_.store(*running.job);
                    lock.lock();
                    storing_ = false;
                    free_.push_back(running.job);
                    changed_.notify_all();
                } else if (!placing_ && !filled_.empty() && filled_.begin()->first == next_) {
                    const Running running{filled_.begin()->second, next_};
                    number = running.number;
                    filled_.erase(filled_.begin());
                    placing_ = true;
                    lock.unlock();
                    target_.place(*running.job);
                    lock.lock();
                    placing_ = false;
                    ++next_;
                    stores_.push_back(running);
                    changed_.notify_all();
                } else if (!free_.empty() && !tasks_.empty()) {
                    const Running running{take(free_), taken_++};
                    number = running.number;
                    Task task = take(tasks_);
                    changed_.notify_all();
                    lock.unlock();
                    fill(*running.job, task, decoder, encoder.get());
                    lock.lock();
                    if (ordered_)
                        filled_.emplace(running.number, running.job);
                    else
                        stores_.push_back(running);
                    changed_.notify_all();
                } else if (read_all_ && tasks_.empty() && free_.size() == jobs_.size()) {
                    changed_.notify_all();
                    return;
                } else {
                    changed_.wait(lock);
                }
            }
        } catch (...) {
            failed(number, std::current_exception());
        }
    }

    void fill(Job& job, Task& task, Decoder& decoder, Encoder* encoder) {
        decoder.run(task, reader_, job.window);
        task.clear();  // the buffers go back before the long part
        job.window.drop_zeros(options_.over);
        if (encoder != nullptr) encoder->encode(job);
    }

    template <class Queue>
    static typename Queue::value_type take(Queue& queue) {
        auto first = std::move(queue.front());
        queue.pop_front();
        return first;
    }

    Reader& reader_;
    Target& target_;
    const TransferOptions& options_;
    const bool ordered_;
    unsigned threads_ = 1;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Job> jobs_;
    std::deque<Job*> free_;
    std::deque<Task> tasks_;
    std::map<std::uint64_t, Job*> filled_;  ///< filled, not yet in its turn
    std::deque<Running> stores_;
    std::uint64_t taken_ = 0, next_ = 0;
    bool placing_ = false, storing_ = false, read_all_ = false, stopped_ = false;
    std::exception_ptr error_;
    std::uint64_t error_number_ = nothing;
};

}  // namespace

void transfer(Reader& reader, Target& target, const TransferOptions& options) {
    if (options.over && !target.layered()) throw std::logic_error("this target takes no child");
    Engine(reader, target, options).run();
}

}  // namespace ovfkit::detail::disk
