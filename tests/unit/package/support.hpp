#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/file_descriptor.hpp"
#include "catch.hpp"
#include "package/package.hpp"

/// Packages made by hand, byte by byte, so that they may be wrong in any way.
namespace ovfkit::test {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ovfkit-package-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::string put(const std::string& name, const std::string& bytes) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return *this / name;
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& entry : fs::directory_iterator(path_)) out.push_back(entry.path().filename().string());
        return out;
    }

private:
    fs::path path_;
};

inline std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct TarOptions {
    char type = '0';
    std::string size = {};  ///< the twelve bytes of the field as they are
    std::string prefix = {};
    std::string magic = std::string("ustar\0" "00", 8);
    bool bad_checksum = false;
};

inline std::string tar_header(const std::string& name, std::uint64_t size, const TarOptions& options = {}) {
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { block.replace(at, text.size(), text); };
    put(0, name.substr(0, 100));
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, options.size.empty() ? fmt::format("{:011o}", size) : options.size);
    put(136, "00000000000");
    put(148, "        ");
    block[156] = options.type;
    put(257, options.magic);
    put(345, options.prefix);
    unsigned sum = options.bad_checksum ? 1 : 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
    return block;
}

inline std::string padded(std::string bytes) {
    bytes.resize((bytes.size() + 511) / 512 * 512);
    return bytes;
}

inline std::string tar_member(const std::string& name, const std::string& bytes, const TarOptions& options = {}) {
    return tar_header(name, bytes.size(), options) + padded(bytes);
}

inline std::string pax(const std::string& key, const std::string& value, char type = 'x') {
    const std::string body = " " + key + "=" + value + "\n";
    std::size_t size = body.size() + 1;
    while (std::to_string(size).size() + body.size() != size) ++size;
    return tar_member("PaxHeader/x", std::to_string(size) + body, {.type = type});
}

inline const std::string tar_end(1024, '\0');

/// The only finding of an InputError; its message in `message`.
inline std::string fault_of(const std::function<void()>& action, std::string* message = nullptr) {
    try {
        action();
    } catch (const InputError& error) {
        if (message != nullptr) *message = error.diagnostic().message;
        return error.diagnostic().rule;
    }
    return {};
}

inline bool has_rule(const Diagnostics& diagnostics, std::string_view rule) {
    for (const Diagnostic& found : diagnostics.all())
        if (found.rule == rule) return true;
    return false;
}

inline std::string all_of(detail::ByteSource& source, std::size_t piece = 1000) {
    std::string out;
    std::vector<std::byte> buffer(piece);
    while (const std::size_t got = source.read(buffer)) out += detail::as_text(std::span(buffer).first(got));
    return out;
}

}  // namespace ovfkit::test
