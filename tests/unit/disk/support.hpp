#pragma once

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <libdeflate.h>

#include <ovfkit/error.hpp>

#include "disk/file_source.hpp"
#include "disk/transfer.hpp"
#include "disk/vmdk_header.hpp"

/// Images made by code, and what the tests ask of them.
namespace disk_test {

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::detail::disk;

using Content = std::vector<std::byte>;

inline Content bytes_of(std::string_view text) {
    Content out(text.size());
    if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
    return out;
}

/// Bytes that deflate to something, each `seed` its own.
inline Content pattern(std::size_t size, std::uint32_t seed) {
    Content out(size);
    std::uint32_t state = seed * 2654435761U + 1;
    for (std::size_t i = 0; i < size; ++i) {
        if (i % 7 == 0) state = state * 1664525U + 1013904223U;
        out[i] = static_cast<std::byte>(state >> 24U);
    }
    return out;
}

inline Content zlib(const Content& raw) {
    libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
    Content out(libdeflate_zlib_compress_bound(compressor, raw.size()));
    out.resize(libdeflate_zlib_compress(compressor, raw.data(), raw.size(), out.data(), out.size()));
    libdeflate_free_compressor(compressor);
    return out;
}

class Memory final : public RandomSource {
public:
    explicit Memory(Content bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset >= bytes_.size()) return 0;
        const std::size_t count = std::min(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
        std::memcpy(into.data(), bytes_.data() + offset, count);
        return count;
    }

private:
    Content bytes_;
};

class Stream final : public ByteSource {
public:
    explicit Stream(const RandomSource& source, bool sized = true) : source_(source), sized_(sized) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_.read_at(at_, into);
        at_ += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override {
        return sized_ ? std::optional(source_.size()) : std::nullopt;
    }

private:
    const RandomSource& source_;
    std::uint64_t at_ = 0;
    bool sized_;
};

class MemorySink final : public ByteSink {
public:
    void write(std::span<const std::byte> bytes) override { content.insert(content.end(), bytes.begin(), bytes.end()); }
    Content content;
};

class TemporaryFile {
public:
    TemporaryFile() {
        std::string name = (std::filesystem::temp_directory_path() / "ovfkit-disk-XXXXXX").string();
        fd_ = ::mkstemp(name.data());
        ::unlink(name.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { ::close(fd_); }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] Content content() const {
        const FileSource source("temporary", fd_);
        Content out(static_cast<std::size_t>(source.size()));
        source.read_at(0, out);
        return out;
    }

private:
    int fd_;
};

/// A streamOptimized VMDK with every part open to be spoiled. The default is as VMware writes it.
struct StreamVmdk {
    VmdkHeader header;
    std::string descriptor;  ///< empty: a right one
    struct Grain {
        std::uint64_t lba;
        Content packed;
        std::uint32_t size;  ///< as the marker says
    };
    std::vector<Grain> grains;
    bool tables_in_front = false;  ///< as QEMU writes it
    bool footer = true, end_marker = true;
    std::function<void(VmdkHeader&)> spoil_header, spoil_footer;
    std::function<void(std::vector<std::uint32_t>&)> spoil_table;  ///< all entries, one after the other
    std::function<void(std::vector<std::uint32_t>&)> spoil_directory;
    Content before_tables, tail;

    StreamVmdk(std::uint64_t capacity, std::uint64_t grain) {
        header.capacity = capacity;
        header.grain = grain;
    }

    void add(std::uint64_t lba, const Content& raw) {
        Content packed = zlib(raw);
        const auto size = static_cast<std::uint32_t>(packed.size());
        grains.push_back({lba, std::move(packed), size});
    }

    [[nodiscard]] std::string text() const {
        if (!descriptor.empty()) return descriptor;
        return "# Disk "
               "DescriptorFile\nversion=1\nCID=7e3a1b2c\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n\nRW " +
               std::to_string(header.capacity) + " SPARSE \"disk.vmdk\"\n\nddb.adapterType = \"lsilogic\"\n";
    }

    [[nodiscard]] Content build() const {
        Content out;
        VmdkHeader h = header;
        const std::uint64_t tables = h.tables(), directory_sectors = h.directory_sectors();
        if (tables_in_front) {
            h.directory = h.descriptor_offset + h.descriptor_size;
            h.overhead = round_up(h.directory + directory_sectors + tables * 4, 128);
        }
        const VmdkHeader right = h;
        if (spoil_header) spoil_header(h);
        const auto append = [&](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
        const auto pad = [&] { out.resize(static_cast<std::size_t>(round_up(out.size(), sector))); };
        append(write_vmdk_header(h));
        append(bytes_of(text()));
        out.resize(static_cast<std::size_t>(right.overhead * sector));
        std::vector<std::uint32_t> entries(static_cast<std::size_t>(tables * vmdk_table_entries));
        for (const Grain& grain : grains) {
            const std::uint64_t index = grain.lba / right.grain;
            if (index < entries.size())
                entries[static_cast<std::size_t>(index)] = static_cast<std::uint32_t>(out.size() / sector);
            std::array<std::byte, 12> head{};
            put_little(head, 0, grain.lba);
            put_little(head, 8, grain.size);
            append(head);
            append(grain.packed);
            pad();
        }
        append(before_tables);
        if (spoil_table) spoil_table(entries);
        std::vector<std::uint32_t> directory;
        Content table_bytes(entries.size() * 4);
        for (std::size_t i = 0; i < entries.size(); ++i) put_little(table_bytes, 4 * i, entries[i]);
        const auto marker = [&](VmdkMarker type, std::uint64_t sectors) {
            std::array<std::byte, sector> bytes{};
            put_little(bytes, 0, sectors);
            put_little(bytes, 12, static_cast<std::uint32_t>(type));
            append(bytes);
        };
        const auto directory_bytes = [&] {
            if (spoil_directory) spoil_directory(directory);
            Content bytes(static_cast<std::size_t>(directory_sectors * sector));
            for (std::size_t i = 0; i < directory.size(); ++i) put_little(bytes, 4 * i, directory[i]);
            return bytes;
        };
        if (tables_in_front) {
            for (std::uint64_t i = 0; i < tables; ++i)
                directory.push_back(static_cast<std::uint32_t>(right.directory + directory_sectors + 4 * i));
            const Content bytes = directory_bytes();
            std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(right.directory * sector));
            std::copy(table_bytes.begin(), table_bytes.end(),
                      out.begin() + static_cast<std::ptrdiff_t>((right.directory + directory_sectors) * sector));
            append(tail);
            return out;
        }
        for (std::size_t i = 0; i < tables; ++i) {
            const Bytes table = Bytes(table_bytes).subspan(i * vmdk_table_bytes, vmdk_table_bytes);
            marker(VmdkMarker::grain_table, 4);
            directory.push_back(static_cast<std::uint32_t>(out.size() / sector));
            append(table);
        }
        const Content bytes = directory_bytes();
        marker(VmdkMarker::grain_directory, directory_sectors);
        VmdkHeader f = header;
        f.directory = out.size() / sector;
        append(bytes);
        if (spoil_footer) spoil_footer(f);
        if (footer) {
            marker(VmdkMarker::footer, 1);
            append(write_vmdk_header(f));
        }
        if (end_marker) marker(VmdkMarker::end_of_stream, 0);
        append(tail);
        return out;
    }
};

/// What a disk of `capacity` bytes with these pieces looks like to a guest.
inline Content guest(std::uint64_t capacity, const std::map<std::uint64_t, Content>& pieces) {
    Content out(static_cast<std::size_t>(capacity));
    for (const auto& [offset, piece] : pieces)
        std::copy_n(piece.begin(), std::min<std::size_t>(piece.size(), out.size() - static_cast<std::size_t>(offset)),
                    out.begin() + static_cast<std::ptrdiff_t>(offset));
    return out;
}

inline InspectOptions said(Family family) {
    InspectOptions out;
    out.declared = family;
    return out;
}

/// Reads an image whole into a raw file.
inline Content read_raw(const Content& image, const InspectOptions& options, bool stream = false,
                        unsigned threads = 2) {
    Diagnostics diagnostics;
    const Memory source(image);
    Stream once(source);
    const auto reader =
        stream ? open_stream("image", once, options, diagnostics) : open_random("image", source, options, diagnostics);
    const TemporaryFile file;
    const auto target = raw_target("out", file.fd(), reader->image().capacity);
    TransferOptions how;
    how.threads = threads;
    transfer(*reader, *target, how);
    target->finish();
    return file.content();
}

/// The rule and failure of what an action throws; "" when nothing.
inline std::string rule_of(const std::function<void()>& action, Failure* failure = nullptr) {
    try {
        action();
    } catch (const InputError& error) {
        if (failure != nullptr) *failure = error.diagnostic().failure;
        return error.diagnostic().rule;
    }
    return "";
}

inline std::string rule_of_image(const Content& image, Family family, Failure* failure = nullptr) {
    return rule_of([&] { read_raw(image, said(family)); }, failure);
}

}  // namespace disk_test
