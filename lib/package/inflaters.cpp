#include "package/inflaters.hpp"

#include <limits>
#include <new>

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>

#include "base/late_library.hpp"
#include "package/limits.hpp"

namespace ovfkit::detail {

namespace {

/// Lets the library work on at most as much as its counters hold, and takes off what it did.
template <class Stream, class Step>
auto stepped(Stream& stream, std::span<const std::byte>& in, std::span<std::byte>& out, Step step) {
    using Count = decltype(stream.avail_in);
    const auto count = [](std::size_t size) {
        return static_cast<Count>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
    };
    using In = decltype(stream.next_in);
    using Out = decltype(stream.next_out);
    stream.next_in = reinterpret_cast<In>(const_cast<std::byte*>(in.data()));
    stream.next_out = reinterpret_cast<Out>(out.data());
    const Count given = stream.avail_in = count(in.size());
    const Count room = stream.avail_out = count(out.size());
    const auto result = step();
    in = in.subspan(given - stream.avail_in);
    out = out.subspan(room - stream.avail_out);
    return result;
}

struct Zlib {
    decltype(&::inflateInit2_) init;
    decltype(&::inflateReset) reset;
    decltype(&::inflate) run;
    decltype(&::inflateEnd) end;
    static const Zlib& get() {
        static const Zlib functions = [] {
            const LateLibrary library("libz.so.1");
            Zlib out{};
            library.bind(out.init, "inflateInit2_");
            library.bind(out.reset, "inflateReset");
            library.bind(out.run, "inflate");
            library.bind(out.end, "inflateEnd");
            return out;
        }();
        return functions;
    }
};

class GzipInflater : public Inflater {
public:
    GzipInflater() {
        constexpr int gzip_only = 15 + 16;
        if (zlib_.init(&stream_, gzip_only, ZLIB_VERSION, sizeof(stream_)) != Z_OK) throw std::bad_alloc();
    }
    ~GzipInflater() override { zlib_.end(&stream_); }
    void restart() override { zlib_.reset(&stream_); }
    State step(std::span<const std::byte>& in, std::span<std::byte>& out) override {
        switch (stepped(stream_, in, out, [&] { return zlib_.run(&stream_, Z_NO_FLUSH); })) {
            case Z_STREAM_END:
                return State::stream_end;
            case Z_OK:
            case Z_BUF_ERROR:  // it wants more of the one or the other
                return State::more;
            case Z_MEM_ERROR:
                return State::memory;
            default:
                return State::damaged;
        }
    }

private:
    const Zlib& zlib_ = Zlib::get();
    z_stream stream_{};
};

struct Bzip2 {
    decltype(&::BZ2_bzDecompressInit) init;
    decltype(&::BZ2_bzDecompress) run;
    decltype(&::BZ2_bzDecompressEnd) end;
    static const Bzip2& get() {
        static const Bzip2 functions = [] {
            const LateLibrary library("libbz2.so.1.0");
            Bzip2 out{};
            library.bind(out.init, "BZ2_bzDecompressInit");
            library.bind(out.run, "BZ2_bzDecompress");
            library.bind(out.end, "BZ2_bzDecompressEnd");
            return out;
        }();
        return functions;
    }
};

class Bzip2Inflater : public Inflater {
public:
    Bzip2Inflater() { start(); }
    ~Bzip2Inflater() override { bzip2_.end(&stream_); }
    void restart() override {
        bzip2_.end(&stream_);
        start();
    }
    State step(std::span<const std::byte>& in, std::span<std::byte>& out) override {
        switch (stepped(stream_, in, out, [&] { return bzip2_.run(&stream_); })) {
            case BZ_STREAM_END:
                return State::stream_end;
            case BZ_OK:
                return State::more;
            case BZ_MEM_ERROR:
                return State::memory;
            default:
                return State::damaged;
        }
    }

private:
    void start() {
        stream_ = {};
        if (bzip2_.init(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    }
    const Bzip2& bzip2_ = Bzip2::get();
    bz_stream stream_{};
};

struct Lzma {
    decltype(&::lzma_stream_decoder) init;
    decltype(&::lzma_code) run;
    decltype(&::lzma_end) end;
    static const Lzma& get() {
        static const Lzma functions = [] {
            const LateLibrary library("liblzma.so.5");
            Lzma out{};
            library.bind(out.init, "lzma_stream_decoder");
            library.bind(out.run, "lzma_code");
            library.bind(out.end, "lzma_end");
            return out;
        }();
        return functions;
    }
};

class XzInflater : public Inflater {
public:
    XzInflater() { restart(); }
    ~XzInflater() override { lzma_.end(&stream_); }
    void restart() override {
        if (lzma_.init(&stream_, max_xz_memory, 0) != LZMA_OK) throw std::bad_alloc();
    }
    State step(std::span<const std::byte>& in, std::span<std::byte>& out) override {
        switch (stepped(stream_, in, out, [&] { return lzma_.run(&stream_, LZMA_RUN); })) {
            case LZMA_STREAM_END:
                return State::stream_end;
            case LZMA_OK:
            case LZMA_BUF_ERROR:
                return State::more;
            case LZMA_MEM_ERROR:
            case LZMA_MEMLIMIT_ERROR:
                return State::memory;
            default:
                return State::damaged;
        }
    }

private:
    const Lzma& lzma_ = Lzma::get();
    lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Inflater> make_inflater(Compression compression) {
    switch (compression) {
        case Compression::gzip:
            return std::make_unique<GzipInflater>();
        case Compression::bzip2:
            return std::make_unique<Bzip2Inflater>();
        case Compression::xz:
            return std::make_unique<XzInflater>();
        case Compression::none:
            break;
    }
    return nullptr;
}

}  // namespace ovfkit::detail
