#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <utility>

#include <unistd.h>

#include "disk/qcow2_header.hpp"
#include "disk/report.hpp"
#include "disk/target.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::uint64_t cluster = 64U << 10, entries = cluster / 8, refcounts = cluster / 2;
constexpr std::size_t cached_tables = 8;

/// Header, L1 table, then data and L2 tables in the order they are first needed, refcounts at the end. Of the L2 tables
/// only the last few are in memory: a source in guest order needs one, one in disorder has them read back.
class Qcow2Target final : public Target {
public:
    Qcow2Target(std::string name, int fd, std::uint64_t capacity, std::uint64_t base)
        : name_(std::move(name)),
          fd_(fd),
          base_(base),
          capacity_(capacity),
          l1_(static_cast<std::size_t>(divide_up(divide_up(capacity, cluster), entries))),
          next_(1 + divide_up(l1_.size() * 8, cluster)) {
        if (::ftruncate(fd_, static_cast<off_t>(base_)) != 0) io_fail(name_, "cannot write");
    }

    [[nodiscard]] bool in_order() const override { return true; }
    [[nodiscard]] bool layered() const override { return true; }

    void place(Job& job) override {
        job.parts.clear();
        const Window& window = job.window;
        for (auto run = window.next(0); run.begin < run.end; run = window.next(run.end)) each(job, run, false);
        for (auto run = window.next_zero(0); run.begin < run.end; run = window.next_zero(run.end)) each(job, run, true);
    }

    void store(Job& job) override {
        for (const Job::Part& part : job.parts)
            put(part.place, job.window.data().subspan(part.at, part.size));
    }

    void finish() override {
        for (const Cached& table : cache_) write_table(table);
        cache_.clear();
        write_refcounts();
        std::vector<std::byte> l1(l1_.size() * 8);
        for (std::size_t i = 0; i < l1_.size(); ++i) put_big(l1, 8 * i, l1_[i] != 0 ? l1_[i] | qcow2_copied : 0);
        put(cluster, l1);
        write_header();
        if (::ftruncate(fd_, static_cast<off_t>(base_ + next_ * cluster)) != 0) io_fail(name_, "cannot write");
    }

    [[nodiscard]] std::uint64_t populated() const override { return std::min(clusters_ * cluster, capacity_); }

private:
    void put(std::uint64_t offset, Bytes bytes) const { write_at(fd_, name_, base_ + offset, bytes); }

    struct Cached {
        std::uint64_t number = 0;
        std::vector<std::uint64_t> table;
    };

    /// A run, by clusters; a neighbour in the file joins the part before.
    void each(Job& job, Window::Range run, bool zero) {
        for (std::size_t at = run.begin; at < run.end;) {
            const std::uint64_t guest = job.window.offset() + at;
            const std::size_t size =
                static_cast<std::size_t>(std::min<std::uint64_t>(cluster - guest % cluster, run.end - at));
            std::uint64_t& entry = l2(guest / cluster / entries)[guest / cluster % entries];
            if (zero && entry == 0) {  // a hole already
                at += size;
                continue;
            }
            if (zero) std::fill_n(job.window.data().begin() + static_cast<std::ptrdiff_t>(at), size, std::byte{0});
            if (entry == 0) {
                entry = next_++ * cluster;
                ++clusters_;
            }
            const std::uint64_t place = entry + guest % cluster;
            if (!job.parts.empty() && job.parts.back().at + job.parts.back().size == at &&
                job.parts.back().place + job.parts.back().size == place)
                job.parts.back().size += size;
            else
                job.parts.push_back({at, size, place});
            at += size;
        }
    }

    std::vector<std::uint64_t>& l2(std::uint64_t number) {
        const auto found =
            std::find_if(cache_.begin(), cache_.end(), [&](const Cached& c) { return c.number == number; });
        if (found != cache_.end()) {
            cache_.splice(cache_.begin(), cache_, found);
            return cache_.front().table;
        }
        if (cache_.size() == cached_tables) {
            write_table(cache_.back());
            cache_.pop_back();
        }
        Cached fresh{number, std::vector<std::uint64_t>(entries)};
        if (l1_[number] == 0)
            l1_[number] = next_++ * cluster;
        else
            read_table(fresh);
        cache_.push_front(std::move(fresh));
        return cache_.front().table;
    }

    void write_table(const Cached& cached) const {
        std::vector<std::byte> bytes(cluster);
        for (std::size_t i = 0; i < entries; ++i)
            put_big(bytes, 8 * i, cached.table[i] != 0 ? cached.table[i] | qcow2_copied : 0);
        put(l1_[cached.number], bytes);
    }

    void read_table(Cached& cached) const {
        std::vector<std::byte> bytes(cluster);
        for (std::size_t have = 0; have < bytes.size();) {
            const ssize_t got =
                ::pread(fd_, bytes.data() + have, bytes.size() - have, static_cast<off_t>(base_ + l1_[cached.number] + have));
            if (got < 0 && errno == EINTR) continue;
            if (got == 0) errno = EIO;
            if (got <= 0) io_fail(name_, "cannot read back");
            have += static_cast<std::size_t>(got);
        }
        for (std::size_t i = 0; i < entries; ++i)
            cached.table[i] = big<std::uint64_t>(bytes, 8 * i) & qcow2_offset_mask;
    }

    /// Every cluster of the file is used once, those of the refcounts included.
    void write_refcounts() {
        std::uint64_t blocks = 0, table = 0, total = next_;
        while (true) {
            blocks = divide_up(total, refcounts);
            table = divide_up(blocks * 8, cluster);
            if (next_ + blocks + table == total) break;
            total = next_ + blocks + table;
        }
        refcount_offset_ = next_ * cluster;
        refcount_clusters_ = static_cast<std::uint32_t>(table);
        std::vector<std::byte> bytes(static_cast<std::size_t>(table * cluster));
        for (std::uint64_t i = 0; i < blocks; ++i)
            put_big(bytes, static_cast<std::size_t>(8 * i), (next_ + table + i) * cluster);
        put(refcount_offset_, bytes);
        bytes.assign(cluster, std::byte{0});
        for (std::size_t i = 0; i < refcounts; ++i) put_big<std::uint16_t>(bytes, 2 * i, 1);
        for (std::uint64_t i = 0; i < blocks; ++i) {
            const std::uint64_t used = std::min(refcounts, total - i * refcounts);
            std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(2 * used), bytes.end(), std::byte{0});
            put((next_ + table + i) * cluster, bytes);
        }
        next_ = total;
    }

    void write_header() const {
        std::array<std::byte, 112> h{};  // the last 8: the end of the header extensions
        put_big<std::uint32_t>(h, 0, 0x514649FB);
        put_big<std::uint32_t>(h, 4, 3);
        put_big<std::uint32_t>(h, 20, 16);
        put_big<std::uint64_t>(h, 24, capacity_);
        put_big<std::uint32_t>(h, 36, static_cast<std::uint32_t>(l1_.size()));
        put_big<std::uint64_t>(h, 40, cluster);
        put_big<std::uint64_t>(h, 48, refcount_offset_);
        put_big<std::uint32_t>(h, 56, refcount_clusters_);
        put_big<std::uint32_t>(h, 96, 4);
        put_big<std::uint32_t>(h, 100, 104);
        put(0, h);
    }

    std::string name_;
    int fd_;
    std::uint64_t base_, capacity_;
    std::vector<std::uint64_t> l1_;
    std::uint64_t next_;  ///< first cluster of the file that is free
    std::uint64_t clusters_ = 0;  ///< with data
    std::list<Cached> cache_;
    std::uint64_t refcount_offset_ = 0;
    std::uint32_t refcount_clusters_ = 0;
};

}  // namespace

std::unique_ptr<Target> qcow2_target(std::string name, int fd, std::uint64_t capacity, std::uint64_t base) {
    // A virtual size is whole sectors.
    return std::make_unique<Qcow2Target>(std::move(name), fd, round_up(capacity, 512), base);
}

}  // namespace ovfkit::detail::disk
