#include <utility>

#include <fmt/format.h>

#include "disk/random_reader.hpp"
#include "disk/reader.hpp"
#include "disk/report.hpp"
#include "disk/vmdk_stream.hpp"

namespace ovfkit::detail::disk {

namespace {

/// A RandomSource read from its front: a stream is read as one wherever it lies.
class Front final : public ByteSource {
public:
    explicit Front(const RandomSource& source) : source_(source) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_.read_at(at_, into);
        at_ += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_.size(); }

private:
    const RandomSource& source_;
    std::uint64_t at_ = 0;
};

/// A reader and the source it reads from.
class Owned final : public Reader {
public:
    Owned(std::unique_ptr<ByteSource> source, std::unique_ptr<Reader> reader)
        : source_(std::move(source)), reader_(std::move(reader)) {}
    [[nodiscard]] const std::string& name() const override { return reader_->name(); }
    [[nodiscard]] const Image& image() const override { return reader_->image(); }
    bool next(Task& task) override { return reader_->next(task); }
    void start(Tap* tap, std::size_t buffers) override { reader_->start(tap, buffers); }
    void cancel() override { reader_->cancel(); }
    [[nodiscard]] std::uint64_t position() const override { return reader_->position(); }
    [[nodiscard]] std::uint64_t total() const override { return reader_->total(); }

private:
    std::unique_ptr<ByteSource> source_;
    std::unique_ptr<Reader> reader_;
};

[[noreturn]] void no_reader(std::string_view name, Format format) {
    fail(name, "disk-helper-missing", Failure::refused,
         fmt::format("a {} image is read by a helper program only", to_string(family_of(format))));
}

std::unique_ptr<Reader> stream(std::string name, ByteSource& source, const InspectOptions& options,
                               Diagnostics& diagnostics) {
    auto cursor = std::make_unique<StreamCursor>(source);
    const Bytes head = cursor->peek(head_bytes);
    const Image image = inspect_head(name, head, source.size(), options, diagnostics);
    if (image.format == Format::vmdk_stream)
        return vmdk_stream_reader(std::move(name), std::move(cursor), image, options, diagnostics);
    if (!readable(image.format)) no_reader(name, image.format);
    if (image.format != Format::raw || !source.size())
        fail(name, "disk-feature-unsupported", Failure::refused,
             fmt::format(
                 "a {} image cannot be read from a stream{}; give it as a file",
                 image.format == Format::vmdk_sparse ? "monolithicSparse VMDK" : to_string(family_of(image.format)),
                 image.format == Format::raw ? " of unknown size" : ""));
    return raw_stream_reader(std::move(name), std::move(cursor), image);
}

}  // namespace

std::unique_ptr<Reader> open_stream(std::string name, ByteSource& source, const InspectOptions& options,
                                    Diagnostics& diagnostics) {
    return stream(std::move(name), source, options, diagnostics);
}

std::unique_ptr<Reader> open_random(std::string name, const RandomSource& source, const InspectOptions& options,
                                    Diagnostics& diagnostics) {
    const Image image = inspect(name, source, options, diagnostics);
    switch (image.format) {
        case Format::raw:
            return random_reader(std::move(name), source, image, raw_map(source));
        case Format::vmdk_sparse:
            return random_reader(name, source, image, vmdk_sparse_map(name, source, options));
        case Format::qcow2:
            return random_reader(name, source, image, qcow2_map(name, source, options));
        case Format::vmdk_stream: {
            auto front = std::make_unique<Front>(source);
            auto cursor = std::make_unique<StreamCursor>(*front);
            auto reader = vmdk_stream_reader(std::move(name), std::move(cursor), image, options, diagnostics);
            return std::make_unique<Owned>(std::move(front), std::move(reader));
        }
        case Format::vhd:
        case Format::vhdx:
        case Format::vdi:
            break;
    }
    no_reader(name, image.format);
}

}  // namespace ovfkit::detail::disk
