#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "disk/report.hpp"
#include "disk/target.hpp"

namespace ovfkit::detail::disk {

namespace {

class RawTarget final : public Target {
public:
    RawTarget(std::string name, int fd, std::uint64_t capacity) : name_(std::move(name)), fd_(fd) {
        if (::ftruncate(fd_, static_cast<off_t>(capacity)) != 0) io_fail(name_, "cannot write");
    }

    [[nodiscard]] bool layered() const override { return true; }

    void store(Job& job) override {
        const Window& window = job.window;
        for (auto run = window.next(0); run.begin < run.end; run = window.next(run.end))
            write_at(fd_, name_, window.offset() + run.begin, window.data().subspan(run.begin, run.end - run.begin));
        for (auto run = window.next_zero(0); run.begin < run.end; run = window.next_zero(run.end))
            clear(window.offset() + run.begin, run.end - run.begin);
    }

    void finish() override {}

private:
    void clear(std::uint64_t offset, std::size_t size) const {
#ifdef FALLOC_FL_PUNCH_HOLE
        if (::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                        static_cast<off_t>(size)) == 0)
            return;
        if (errno != EOPNOTSUPP && errno != ENOSYS) io_fail(name_, "cannot write");
#endif
        const std::vector<std::byte> zeros(size);
        write_at(fd_, name_, offset, zeros);
    }

    std::string name_;
    int fd_;
};

}  // namespace

std::unique_ptr<Target> raw_target(std::string name, int fd, std::uint64_t capacity) {
    return std::make_unique<RawTarget>(std::move(name), fd, capacity);
}

}  // namespace ovfkit::detail::disk
