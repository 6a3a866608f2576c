#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "disk/deflate.hpp"
#include "disk/report.hpp"
#include "disk/target.hpp"
#include "disk/vmdk_descriptor.hpp"
#include "disk/vmdk_header.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::size_t grain_bytes = 64U << 10, grain_head = 12;
constexpr std::uint64_t table_span = vmdk_table_entries * grain_bytes;  ///< bytes of disk that a table stands for

class GrainEncoder final : public Encoder {
public:
    explicit GrainEncoder(Level level) : deflater_(make_deflater(level)) {}

    void encode(Job& job) override {
        Window& window = job.window;
        job.parts.clear();
        const std::size_t most = round_up(grain_head + deflater_->bound(grain_bytes), sector);
        job.packed.resize(window_bytes / grain_bytes * most);
        std::size_t out = 0;
        for (std::size_t at = 0; at < window.length(); at += grain_bytes) {
            if (!window.any(at, grain_bytes)) continue;
            fill_gaps(window, at);
            const std::uint64_t lba = (window.offset() + at) / sector;
            const MutableBytes room = MutableBytes(job.packed).subspan(out, most);
            const std::size_t size = deflater_->run(window.data().subspan(at, grain_bytes), room.subspan(grain_head));
            put_little(room, 0, lba);
            put_little(room, 8, static_cast<std::uint32_t>(size));
            const std::size_t used = grain_head + size, padded = round_up(used, sector);
            std::fill(room.begin() + static_cast<std::ptrdiff_t>(used),
                      room.begin() + static_cast<std::ptrdiff_t>(padded), std::byte{0});
            job.parts.push_back({out, padded, lba * sector / grain_bytes});
            out += padded;
        }
        job.packed.resize(out);
    }

private:
    /// A grain is written whole: what is absent, or behind the end of the disk, is zero.
    static void fill_gaps(Window& window, std::size_t at) {
        const std::size_t end = at + grain_bytes;
        std::size_t done = at;
        while (done < end) {
            const Window::Range run = window.next(done);
            const std::size_t begin = run.begin < run.end ? std::min(run.begin, end) : end;
            std::fill(window.data().begin() + static_cast<std::ptrdiff_t>(done),
                      window.data().begin() + static_cast<std::ptrdiff_t>(begin), std::byte{0});
            done = begin < end ? std::min(run.end, end) : end;
        }
    }

    std::unique_ptr<Deflater> deflater_;
};

class VmdkTarget final : public Target {
public:
    VmdkTarget(ByteSink& sink, std::uint64_t capacity, VmdkOptions options)
        : sink_(sink), options_(std::move(options)) {
        header_.capacity = divide_up(capacity, sector);
        if (header_.capacity == 0)
            fail(options_.name, "disk-capacity-exceeded", Failure::refused,
                 "a disk of no size cannot be written as VMDK");
        table_.resize(vmdk_table_bytes);
        const std::string text = write_vmdk_descriptor(header_.capacity, options_.file, options_.adapter, options_.cid);
        std::vector<std::byte> front(header_.overhead * sector);
        const auto head = write_vmdk_header(header_);
        std::copy(head.begin(), head.end(), front.begin());
        const auto bytes = std::as_bytes(std::span(text));
        if (bytes.size() >= header_.descriptor_size * sector)
            fail(options_.name, "disk-descriptor-malformed", Failure::refused,
                 "the file name is too long for a VMDK descriptor");
        std::copy(bytes.begin(), bytes.end(), front.begin() + sector);
        emit(front);
    }

    std::unique_ptr<Encoder> encoder() override { return std::make_unique<GrainEncoder>(options_.level); }
    [[nodiscard]] bool in_order() const override { return true; }

    void place(Job& job) override {
        if (job.parts.empty()) return;
        if (job.parts.front().place < next_grain_)
            fail(options_.name, "disk-stream-unordered", Failure::refused,
                 "the grains of the source are not in order, and a VMDK stream is written in order; convert it to raw "
                 "or qcow2 first");
        const std::uint64_t number = job.window.offset() / table_span;
        if (number != table_number_) {
            flush_table();
            table_number_ = number;
        }
        for (const Job::Part& part : job.parts) {
            const std::uint64_t at = at_ + part.at / sector;
            if (at > 0xFFFFFFFF - 2 * vmdk_table_entries) too_large();
            put_little(table_, static_cast<std::size_t>(part.place % vmdk_table_entries * 4),
                       static_cast<std::uint32_t>(at));
        }
        next_grain_ = job.parts.back().place + 1;
        grains_ += job.parts.size();
        table_used_ = true;
        emit(job.packed);
    }

    void finish() override {
        flush_table();
        std::vector<std::byte> directory(header_.directory_sectors() * sector);
        for (std::size_t i = 0; i < directory_.size(); ++i) put_little(directory, 4 * i, directory_[i]);
        marker(VmdkMarker::grain_directory, header_.directory_sectors());
        VmdkHeader footer = header_;
        footer.directory = at_;
        emit(directory);
        marker(VmdkMarker::footer, 1);
        emit(write_vmdk_header(footer));
        marker(VmdkMarker::end_of_stream, 0);
    }

    [[nodiscard]] std::uint64_t populated() const override {
        return std::min(grains_ * grain_bytes, header_.capacity * sector);
    }

private:
    [[noreturn]] void too_large() const {
        fail(options_.name, "disk-stream-exceeded", Failure::refused,
             "a streamOptimized VMDK cannot hold more than 2 TiB of compressed data; export the disk as raw or qcow2");
    }

    void emit(Bytes bytes) {
        if (options_.tap) options_.tap(bytes);
        sink_.write(bytes);
        at_ += bytes.size() / sector;
    }

    void marker(VmdkMarker type, std::uint64_t sectors) {
        std::array<std::byte, sector> bytes{};
        put_little(bytes, 0, sectors);
        put_little(bytes, 12, static_cast<std::uint32_t>(type));
        emit(bytes);
    }

    /// After the 32 MiB that it stands for: nothing of the past is kept but the directory.
    void flush_table() {
        if (!table_used_) return;
        marker(VmdkMarker::grain_table, vmdk_table_bytes / sector);
        if (at_ > 0xFFFFFFFF) too_large();
        directory_.resize(static_cast<std::size_t>(table_number_) + 1);
        directory_.back() = static_cast<std::uint32_t>(at_);
        emit(table_);
        std::fill(table_.begin(), table_.end(), std::byte{0});
        table_used_ = false;
    }

    ByteSink& sink_;
    VmdkOptions options_;
    VmdkHeader header_;
    std::vector<std::byte> table_;
    std::vector<std::uint32_t> directory_;
    std::uint64_t at_ = 0;  ///< sectors written
    std::uint64_t table_number_ = 0, next_grain_ = 0, grains_ = 0;
    bool table_used_ = false;
};

}  // namespace

std::unique_ptr<Target> vmdk_target(ByteSink& sink, std::uint64_t capacity, VmdkOptions options) {
    return std::make_unique<VmdkTarget>(sink, capacity, std::move(options));
}

}  // namespace ovfkit::detail::disk
