#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/validate.hpp>

#include "base/checked.hpp"
#include "base/stop.hpp"

// Many inputs at once.
namespace ovfkit {

namespace {

namespace fs = std::filesystem;

/// Hands out the inputs and takes the results back in order. No worker gets far ahead of the slowest.
class Queue {
public:
    Queue(const std::vector<std::string>& inputs, const ValidateOptions& options, std::size_t ahead)
        : inputs_(inputs), options_(options), results_(ahead) {}

    void work() {
        while (const auto index = take()) {
            std::optional<Validation> result;
            std::exception_ptr failed;
            try {
                detail::stop_point();
                result = validate(inputs_[*index], options_);
            } catch (...) {
                failed = std::current_exception();
            }
            const std::lock_guard lock(mutex_);
            results_[*index % results_.size()] = std::move(result);
            if (failed && !failed_) failed_ = failed;
            changed_.notify_all();
            if (failed) return;
        }
    }

    /// Of the next input; throws what its worker threw.
    Validation next() {
        std::unique_lock lock(mutex_);
        std::optional<Validation>& place = results_[given_ % results_.size()];
        changed_.wait(lock, [&] { return place.has_value() || failed_; });
        if (failed_) std::rethrow_exception(failed_);
        Validation out = std::move(*place);
        place.reset();
        ++given_;
        changed_.notify_all();
        return out;
    }

    void abandon() {
        const std::lock_guard lock(mutex_);
        taken_ = inputs_.size();
        abandoned_ = true;
        changed_.notify_all();
    }

private:
    std::optional<std::size_t> take() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return taken_ < given_ + results_.size() || taken_ >= inputs_.size() || failed_ || abandoned_; });
        if (taken_ >= inputs_.size() || failed_ || abandoned_) return std::nullopt;
        return taken_++;
    }

    const std::vector<std::string>& inputs_;
    const ValidateOptions& options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::optional<Validation>> results_;
    std::size_t taken_ = 0, given_ = 0;
    std::exception_ptr failed_;
    bool abandoned_ = false;
};

/// Ends and joins the workers however the caller leaves.
class Workers {
public:
    Workers(Queue& queue, unsigned count) : queue_(queue) {
        try {
            for (unsigned i = 0; i < count; ++i) threads_.emplace_back([&queue] { queue.work(); });
        } catch (...) {
            finish();
            throw;
        }
    }
    ~Workers() { finish(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

private:
    void finish() {
        queue_.abandon();
        for (std::thread& thread : threads_) thread.join();
    }
    Queue& queue_;
    std::vector<std::thread> threads_;
};

bool is_input(const fs::path& path) {
    const std::string extension = path.extension().string();
    // What ovfkit laid beside a platform's text is no descriptor of its own.
    return (detail::equal_nocase(extension, ".ovf") && !path.filename().string().ends_with(".origin.ovf")) ||
           detail::equal_nocase(extension, ".ova");
}

}  // namespace

void ValidationSummary::add(const Validation& validation) {
    ++inputs;
    unreadable += validation.unreadable.empty() ? 0 : 1;
    ignored += validation.ignored;
    more += validation.more;
    for (const Diagnostic& one : validation.findings) {
        ++(one.severity == Severity::error ? errors : one.severity == Severity::warning ? warnings : notes);
        ++rules[one.rule];
    }
}

std::vector<std::string> validation_inputs(const std::string& path) {
    std::error_code error;
    if (path == "-" || !fs::is_directory(path, error)) return {path};
    std::vector<std::string> out;
    fs::recursive_directory_iterator it(path, error);
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        std::error_code gone;
        if (it->is_regular_file(gone) && !it->is_symlink(gone) && is_input(it->path())) out.push_back(it->path().string());
    }
    if (error) throw IoError(path, error.value(), fmt::format("cannot list {}: {}", path, error.message()));
    std::sort(out.begin(), out.end());
    return out;
}

ValidationSummary validate_all(const std::vector<std::string>& inputs, const ValidateOptions& options,
                               const std::function<void(const Validation&)>& each) {
    ValidationSummary summary;
    const auto show = [&](const Validation& validation) {
        summary.add(validation);
        each(validation);
    };
    unsigned count = options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    count = static_cast<unsigned>(std::min<std::size_t>(count, inputs.size()));
    if (count < 2) {
        for (const std::string& input : inputs) show(validate(input, options));
        return summary;
    }
    Queue queue(inputs, options, std::size_t{16} * count);
    const Workers workers(queue, count);
    for (std::size_t i = 0; i < inputs.size(); ++i) show(queue.next());
    return summary;
}

}  // namespace ovfkit
