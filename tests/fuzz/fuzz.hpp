#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <ovfkit/ovfkit.hpp>

#include "base/stream.hpp"

/// What the fuzz targets share. Each is one function over bytes: it calls one part of the library, lets the errors that
/// are meant for a bad input pass, and aborts when a law is broken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

using namespace ovfkit;

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds, std::string_view law, const std::string& detail = {}) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s\n%s\n", static_cast<int>(law.size()), law.data(), detail.c_str());
    std::abort();
}

/// Bytes in memory as the library reads a file.
class Memory final : public detail::RandomSource {
public:
    explicit Memory(std::string_view bytes) : bytes_(bytes) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset >= bytes_.size()) return 0;
        const std::size_t count = std::min(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
        std::memcpy(into.data(), bytes_.data() + offset, count);
        return count;
    }

private:
    std::string_view bytes_;
};

/// The same in order, of a size that is known or not.
class Stream final : public detail::ByteSource {
public:
    explicit Stream(std::string_view bytes, bool sized = true) : memory_(bytes), sized_(sized) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = memory_.read_at(at_, into);
        at_ += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override {
        return sized_ ? std::optional(memory_.size()) : std::nullopt;
    }

private:
    Memory memory_;
    std::uint64_t at_ = 0;
    bool sized_;
};

/// Decisions out of bytes; when they are used up every decision is the first.
class Choices {
public:
    explicit Choices(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    std::uint64_t number(std::uint64_t below) {
        std::uint64_t out = 0;
        for (std::uint64_t reach = 1; reach < below && !rest_.empty(); reach <<= 8) {
            out = out << 8 | static_cast<std::uint8_t>(rest_.front());
            rest_.remove_prefix(1);
            if (reach > (std::uint64_t{1} << 55)) break;
        }
        return below == 0 ? 0 : out % below;
    }
    bool flag() { return number(2) == 1; }
    template <class T, std::size_t N>
    const T& pick(const T (&of)[N]) {
        return of[number(N)];
    }

private:
    std::string_view rest_;
};

/// No text of ours moves a terminal's cursor.
inline void require_escaped(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') require(false, "what is shown is escaped", text);
}

/// Everything that a reader of findings would see; each of them must be fit for a terminal and be JSON.
inline void show(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics.all()) {
        require(find_rule(diagnostic.rule) != nullptr, "a finding has a rule", diagnostic.rule);
        require_escaped(render_text(diagnostic));
    }
}

}  // namespace fuzz
