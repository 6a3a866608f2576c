#include "disk/random_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

class RandomReader final : public Reader {
public:
    RandomReader(std::string name, const RandomSource& source, const Image& image, std::unique_ptr<BlockMap> map)
        : name_(std::move(name)), source_(source), image_(image), map_(std::move(map)) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const Image& image() const override { return image_; }
    [[nodiscard]] const RandomSource* random() const override { return &source_; }
    [[nodiscard]] std::uint64_t position() const override { return at_; }
    [[nodiscard]] std::uint64_t total() const override { return image_.capacity; }

    bool next(Task& task) override {
        task.clear();
        while (at_ < image_.capacity) {
            const std::uint64_t window = at_ / window_bytes * window_bytes;
            if (!task.segments.empty() && window != task.window) return true;
            BlockMap::Stretch stretch = map_->at(at_);
            if (!stretch.segment) {
                at_ += std::min(stretch.length, image_.capacity - at_);
                continue;
            }
            task.window = window;
            const std::uint64_t room = std::min<std::uint64_t>(window + window_bytes, image_.capacity) - at_;
            stretch.segment->at = static_cast<std::size_t>(at_ - window);
            stretch.segment->length = static_cast<std::size_t>(std::min(stretch.length, room));
            at_ += stretch.segment->length;
            add(task, *stretch.segment);
        }
        return !task.segments.empty();
    }

private:
    /// Neighbours that are neighbours in the image too are read at once.
    static void add(Task& task, Segment segment) {
        if (segment.codec == Codec::stored) segment.size = segment.unit = segment.length;
        if (!task.segments.empty()) {
            Segment& last = task.segments.back();
            if (last.codec == segment.codec && last.at + last.length == segment.at &&
                (last.codec == Codec::zero ||
                 (last.codec == Codec::stored && last.source + last.size == segment.source))) {
                last.length += segment.length;
                last.size = last.unit = last.length;
                return;
            }
        }
        task.segments.push_back(segment);
    }

    std::string name_;
    const RandomSource& source_;
    Image image_;
    std::unique_ptr<BlockMap> map_;
    std::uint64_t at_ = 0;
};

class RawMap final : public BlockMap {
public:
    explicit RawMap(const RandomSource& source) : source_(source) {}

    Stretch at(std::uint64_t offset) override {
        if (offset < run_.offset || offset - run_.offset >= run_.length) run_ = source_.run_at(offset);
        Stretch out{run_.offset + run_.length - offset, std::nullopt};
        if (!run_.hole) {
            out.segment.emplace();
            out.segment->source = offset;
        }
        return out;
    }

private:
    const RandomSource& source_;
    RandomSource::Run run_;
};

/// A raw disk from a stream: MiB by MiB.
class RawStreamReader final : public Reader {
public:
    RawStreamReader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image)
        : name_(std::move(name)), cursor_(std::move(cursor)), image_(image) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const Image& image() const override { return image_; }
    void start(Tap* tap, std::size_t buffers) override {
        cursor_->longest(window_bytes);
        cursor_->start(tap, buffers + 2);
    }
    void cancel() override { cursor_->cancel(); }
    [[nodiscard]] std::uint64_t position() const override { return cursor_->offset(); }
    [[nodiscard]] std::uint64_t total() const override { return cursor_->size().value_or(0); }

    bool next(Task& task) override {
        task.clear();
        const Bytes bytes = cursor_->peek(window_bytes);
        const std::size_t size = std::min(bytes.size(), window_bytes);
        const std::uint64_t offset = cursor_->offset();
        if (offset + size > image_.capacity || (size == 0 && offset < image_.capacity))
            fail(name_, "disk-image-truncated", Failure::integrity,
                 fmt::format("the raw disk has another size than it is said to have: {} bytes, not {}", offset + size,
                             image_.capacity));
        if (size == 0) return false;
        task.window = offset;
        task.held.push_back(cursor_->holder());
        task.segments.push_back({0, size, size, 0, Codec::stored, offset, size, bytes.data()});
        cursor_->skip(size);
        return true;
    }

private:
    std::string name_;
    std::unique_ptr<StreamCursor> cursor_;
    Image image_;
};

}  // namespace

std::unique_ptr<BlockMap> raw_map(const RandomSource& source) { return std::make_unique<RawMap>(source); }

std::unique_ptr<Reader> random_reader(std::string name, const RandomSource& source, const Image& image,
                                      std::unique_ptr<BlockMap> map) {
    return std::make_unique<RandomReader>(std::move(name), source, image, std::move(map));
}

std::unique_ptr<Reader> raw_stream_reader(std::string name, std::unique_ptr<StreamCursor> cursor, const Image& image) {
    return std::make_unique<RawStreamReader>(std::move(name), std::move(cursor), image);
}

}  // namespace ovfkit::detail::disk
