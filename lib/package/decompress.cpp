#include "package/decompress.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/file_descriptor.hpp"
#include "base/stop.hpp"
#include "package/fault.hpp"
#include "package/inflaters.hpp"
#include "package/limits.hpp"

namespace ovfkit::detail {

namespace {

std::string_view name_of(Compression compression) {
    return compression == Compression::gzip ? "gzip" : compression == Compression::bzip2 ? "bzip2" : "xz";
}

class DecompressedSource : public ByteSource {
public:
    DecompressedSource(std::unique_ptr<ByteSource> in, Compression compression, std::string package, std::string what,
                       std::uint64_t limit)
        : in_(std::move(in)),
          compression_(compression),
          inflater_(make_inflater(compression)),
          package_(std::move(package)),
          what_(std::move(what)),
          left_(limit) {}

    std::size_t read(std::span<std::byte> into) override {
        std::span<std::byte> out = into;
        while (!out.empty() && !done_) {
            stop_point();
            if (have_.empty()) fill();
            if (between_ && !next_stream()) break;
            const std::size_t room = out.size();
            const std::size_t given = have_.size();
            const Inflater::State state = inflater_->step(have_, out);
            count(room - out.size());
            if (state == Inflater::State::damaged) damaged(started_ ? "is damaged" : "is not what it says");
            if (state == Inflater::State::memory) damaged(fmt::format("needs more than {} MiB of memory", max_xz_memory >> 20U));
            started_ = true;
            between_ = state == Inflater::State::stream_end;
            if (!between_ && have_.size() == given && room == out.size() && at_end_) damaged("is truncated");
        }
        return into.size() - out.size();
    }

private:
    void fill() {
        if (at_end_) return;
        const std::size_t got = in_->read(buffer_);
        have_ = std::span(buffer_).first(got);
        at_end_ = got != buffer_.size();
    }

    /// After one stream: another one of the kind, or the end.
    bool next_stream() {
        if (have_.empty()) {
            done_ = true;
            return false;
        }
        // xz pads streams with zeros; an xz decoder that starts at zeros would call them damage.
        if (compression_of(have_) != compression_ && have_.size() >= 6)
            damaged("has trailing bytes after its end");
        inflater_->restart();
        between_ = false;
        return true;
    }

    void count(std::uint64_t made) {
        if (made > left_)
            package_fault("package-size-exceeded", package_,
                          fmt::format("{} gives more bytes than the limit for it when it is decompressed", what_), Failure::refused);
        left_ -= made;
    }

    [[noreturn]] void damaged(std::string_view how) const {
        package_fault("package-compression-damaged", package_,
                      fmt::format("the {} data of {} {} (bad block, crc or length)", name_of(compression_), what_, how),
                      Failure::malformed);
    }

    std::unique_ptr<ByteSource> in_;
    Compression compression_;
    std::unique_ptr<Inflater> inflater_;
    std::string package_, what_;
    std::uint64_t left_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(256 << 10);
    std::span<const std::byte> have_;
    bool at_end_ = false, between_ = false, done_ = false, started_ = false;
};

}  // namespace

Compression compression_of(std::span<const std::byte> beginning) {
    const std::string_view text = as_text(beginning);
    if (text.starts_with("\x1f\x8b\x08")) return Compression::gzip;
    if (text.starts_with("BZh")) return Compression::bzip2;
    if (text.starts_with(std::string_view("\xfd" "7zXZ\0", 6))) return Compression::xz;
    return Compression::none;
}

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> in, Compression compression, std::string package,
                                         std::string what, std::uint64_t limit) {
    if (compression == Compression::none) return in;
    return std::make_unique<DecompressedSource>(std::move(in), compression, std::move(package), std::move(what), limit);
}

}  // namespace ovfkit::detail
