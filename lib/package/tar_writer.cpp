#include "package/tar_writer.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/file_descriptor.hpp"
#include "package/tar.hpp"

namespace ovfkit::detail {

namespace {

class DescriptorTarget : public TarTarget {
public:
    DescriptorTarget(int fd, bool seekable, std::string path) : fd_(fd), seekable_(seekable), path_(std::move(path)) {}
    void write(std::string_view bytes) override { write_all(fd_, bytes, path_); }
    [[nodiscard]] bool seekable() const override { return seekable_; }
    void write_at(std::uint64_t offset, std::string_view bytes) override { write_all_at(fd_, offset, bytes, path_); }
    void skip(std::uint64_t bytes) override {
        if (::lseek(fd_, static_cast<off_t>(bytes), SEEK_CUR) < 0) io_error(path_, errno, "cannot write");
    }

private:
    int fd_;
    bool seekable_;
    std::string path_;
};

std::uint64_t padding_of(std::uint64_t size) { return (tar_block - size % tar_block) % tar_block; }

/// Octal where eleven digits hold it, else base-256 (GNU).
std::string size_field(std::uint64_t size) {
    if (size <= max_ustar_size) return fmt::format("{:011o}", size) + '\0';
    std::string out(12, '\0');
    out[0] = '\x80';
    for (std::size_t i = 0; i < 8; ++i) out[11 - i] = static_cast<char>((size >> (8 * i)) & 0xFFU);
    return out;
}

std::string block_of(const std::string& name, const std::string& prefix, std::uint64_t size, char type, std::int64_t time) {
    std::string block(tar_block, '\0');
    const auto set = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
    set(0, name);
    set(100, "0000644");
    set(108, "0000000");
    set(116, "0000000");
    set(124, size_field(size));
    set(136, fmt::format("{:011o}", std::clamp<std::int64_t>(time, 0, static_cast<std::int64_t>(max_ustar_size))));
    set(148, "        ");
    block[156] = type;
    set(257, std::string_view("ustar\0" "00", 8));
    set(345, prefix);
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    set(148, fmt::format("{:06o}", sum));
    block[154] = '\0';
    return block;
}

/// Of fixed width, so that a size can be filled in later.
std::string pax_size_record(std::uint64_t size) { return fmt::format("29 size={:020}\n", size); }

std::string pax_record(std::string_view key, std::string_view value) {
    const std::string body = fmt::format(" {}={}\n", key, value);
    std::size_t size = body.size() + 1;
    while (fmt::formatted_size("{}", size) + body.size() != size) ++size;
    return fmt::format("{}{}", size, body);
}

/// Where to cut a name that a header's 100 bytes do not hold: its folder goes to the 155 of the prefix. npos: nowhere.
std::size_t cut_of(const std::string& name) {
    if (name.size() <= 100) return 0;
    const std::size_t slash = name.find('/', name.size() - 101);
    return slash != std::string::npos && slash <= 155 && slash != 0 ? slash : std::string::npos;
}

}  // namespace

std::unique_ptr<TarTarget> descriptor_target(int fd, bool seekable, std::string path) {
    return std::make_unique<DescriptorTarget>(fd, seekable, std::move(path));
}

/// One block; or, when ustar cannot say it, a pax header, its records and the block.
std::string TarWriter::header(const std::string& name, std::uint64_t size, bool pax_size) const {
    const std::size_t cut = cut_of(name);
    std::string records;
    if (cut == std::string::npos) records += pax_record("path", name);
    if (pax_size) records += pax_size_record(size);
    std::string out;
    if (!records.empty()) {
        out = block_of("PaxHeaders/member", "", records.size(), 'x', time_) + records;
        out.resize(out.size() + padding_of(records.size()));
    }
    if (cut == std::string::npos) return out + block_of(name.substr(0, 100), "", size, '0', time_);
    if (cut == 0) return out + block_of(name, "", size, '0', time_);
    return out + block_of(name.substr(cut + 1), name.substr(0, cut), size, '0', time_);
}

void TarWriter::put(std::string_view bytes) {
    target_.write(bytes);
    offset_ += bytes.size();
}

void TarWriter::add(const std::string& name, std::string_view bytes) {
    begin(name, bytes.size());
    write(as_bytes_of(bytes));
    end();
}

void TarWriter::begin(const std::string& name, std::uint64_t size) {
    name_ = name;
    size_ = size;
    done_ = 0;
    open_ = false;
    header_at_ = offset_;
    put(header(name, size, size > max_ustar_size));
}

void TarWriter::begin_open(const std::string& name, std::uint64_t largest) {
    name_ = name;
    done_ = 0;
    open_ = true;
    pax_ = largest > max_ustar_size;
    header_at_ = offset_;
    put(header(name, 0, pax_));
}

void TarWriter::write(std::span<const std::byte> bytes) {
    if (!open_ && bytes.size() > size_ - done_)
        throw IoError(name_, EIO, fmt::format("'{}' became longer while it was read", name_));
    put(as_text(bytes));
    done_ += bytes.size();
}

void TarWriter::skip(std::uint64_t bytes) {
    target_.skip(bytes);
    offset_ += bytes;
    done_ += bytes;
}

void TarWriter::end() {
    if (!open_ && done_ != size_) throw IoError(name_, EIO, fmt::format("'{}' became shorter while it was read", name_));
    if (open_) target_.write_at(header_at_, header(name_, done_, pax_));
    put(std::string(static_cast<std::size_t>(padding_of(done_)), '\0'));
}

TarWriter::Slot TarWriter::reserve(const std::string& name, std::uint64_t size) {
    begin(name, size);
    const Slot out{offset_, size};
    put(std::string(static_cast<std::size_t>(size + padding_of(size)), '\0'));
    return out;
}

void TarWriter::patch(const Slot& slot, std::string_view bytes) {
    if (bytes.size() != slot.size) throw Error("a reserved member got another size");
    target_.write_at(slot.offset, bytes);
}

void TarWriter::finish() { put(std::string(2 * tar_block, '\0')); }

std::uint64_t TarWriter::stored_size(const std::string& name, std::uint64_t size) {
    const bool pax = size > max_ustar_size || cut_of(name) == std::string::npos;
    return size + padding_of(size) + (pax ? 3 + name.size() / tar_block : 1) * tar_block;
}

}  // namespace ovfkit::detail
