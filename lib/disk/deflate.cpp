#include "disk/deflate.hpp"

#include <new>
#include <optional>
#include <stdexcept>
#include <vector>

#include <libdeflate.h>
#ifdef OVFKIT_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#include <ovfkit/error.hpp>

#include "base/late_library.hpp"
#endif

namespace ovfkit::detail::disk {

namespace {

class LibDeflater final : public Deflater {
public:
    explicit LibDeflater(int level) : compressor_(libdeflate_alloc_compressor(level)) {
        if (!compressor_) throw std::bad_alloc();
    }
    [[nodiscard]] std::size_t bound(std::size_t size) const override {
        return libdeflate_zlib_compress_bound(compressor_.get(), size);
    }
    std::size_t run(Bytes from, MutableBytes into) override {
        const std::size_t made =
            libdeflate_zlib_compress(compressor_.get(), from.data(), from.size(), into.data(), into.size());
        if (made == 0) throw std::logic_error("deflate: no room");
        return made;
    }

private:
    struct Free {
        void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
    };
    std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

#ifdef OVFKIT_HAVE_ISAL
struct Isal {
    decltype(&::isal_deflate_stateless_init) init;
    decltype(&::isal_deflate_stateless) run;
    /// nullptr where the library is not installed.
    static const Isal* get() {
        static const std::optional<Isal> functions = []() -> std::optional<Isal> {
            try {
                const LateLibrary library("libisal.so.2");
                Isal out{};
                library.bind(out.init, "isal_deflate_stateless_init");
                library.bind(out.run, "isal_deflate_stateless");
                return out;
            } catch (const Error&) {
                return std::nullopt;
            }
        }();
        return functions ? &*functions : nullptr;
    }
};

/// Several times faster than libdeflate's fastest, some percent larger.
class IsalDeflater final : public Deflater {
public:
    explicit IsalDeflater(const Isal& functions) : functions_(functions), level_buffer_(ISAL_DEF_LVL2_DEFAULT) {}
    [[nodiscard]] std::size_t bound(std::size_t size) const override { return size + size / 1000 + 1024; }
    std::size_t run(Bytes from, MutableBytes into) override {
        functions_.init(&stream_);
        stream_.level = 2;
        stream_.level_buf = level_buffer_.data();
        stream_.level_buf_size = static_cast<std::uint32_t>(level_buffer_.size());
        stream_.gzip_flag = IGZIP_ZLIB;
        stream_.end_of_stream = 1;
        stream_.flush = NO_FLUSH;
        // The library takes it as writable and does not write.
        stream_.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(from.data()));
        stream_.avail_in = static_cast<std::uint32_t>(from.size());
        stream_.next_out = reinterpret_cast<std::uint8_t*>(into.data());
        stream_.avail_out = static_cast<std::uint32_t>(into.size());
        if (functions_.run(&stream_) != COMP_OK) throw std::logic_error("deflate: no room");
        return stream_.total_out;
    }

private:
    const Isal& functions_;
    isal_zstream stream_{};
    std::vector<std::uint8_t> level_buffer_;
};
#endif

}  // namespace

std::unique_ptr<Deflater> make_deflater(Level level) {
    switch (level) {
        case Level::fast:
#ifdef OVFKIT_HAVE_ISAL
            if (const Isal* functions = Isal::get()) return std::make_unique<IsalDeflater>(*functions);
#endif
            return std::make_unique<LibDeflater>(1);
        case Level::balanced:
            return std::make_unique<LibDeflater>(4);
        case Level::small:
            break;
    }
    return std::make_unique<LibDeflater>(6);
}

}  // namespace ovfkit::detail::disk
