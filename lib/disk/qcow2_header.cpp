#include "disk/qcow2_header.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::uint64_t dirty = 1, corrupt = 2, data_file = 4, compression_type = 8, extended_l2 = 16;
constexpr std::uint32_t max_l1_bytes = 32U << 20;  // QEMU's own limit
constexpr std::uint64_t smallest_layer = 4096;  // a block of a Window
constexpr std::uint32_t max_refcount_bytes = 8U << 20;

class HeaderReader {
public:
    HeaderReader(std::string_view name, Bytes head, std::optional<std::uint64_t> file_size,
                 const InspectOptions& options, Diagnostics& diagnostics)
        : name_(name), head_(head), file_size_(file_size), options_(options), diagnostics_(diagnostics) {}

    Qcow2Header run() {
        if (head_.size() < 72) truncated(name_, head_.size(), "the qcow2 header");
        h_.version = big<std::uint32_t>(head_, 4);
        if (h_.version != 2 && h_.version != 3)
            malformed(fmt::format("qcow2 version {}; 2 and 3 are known", h_.version));
        if (!options_.child && (big<std::uint64_t>(head_, 8) != 0 || big<std::uint32_t>(head_, 16) != 0))
            refused("disk-reference-refused",
                    "the qcow2 image names a backing file; only a package that holds it too (ovf:parentRef) can be read: "
                    "flatten it first (qemu-img convert)");
        h_.cluster_bits = big<std::uint32_t>(head_, 20);
        if (h_.cluster_bits < 9 || h_.cluster_bits > 21)
            malformed(fmt::format("qcow2 cluster_bits {}; 9 to 21 are allowed", h_.cluster_bits));
        h_.size = big<std::uint64_t>(head_, 24);
        if (h_.size == 0 || h_.size > options_.max_capacity)
            refused("disk-capacity-exceeded",
                    fmt::format("a qcow2 virtual size of {} bytes; 1 to {} are allowed (--max-disk-size)", h_.size,
                                options_.max_capacity));
        if (big<std::uint32_t>(head_, 32) != 0)
            refused("disk-encryption-refused", "the qcow2 image is encrypted; decrypt it first (qemu-img convert)");
        if (big<std::uint32_t>(head_, 60) != 0)
            refused("disk-snapshot-refused",
                    fmt::format("the qcow2 image holds {} internal snapshots, which would be lost; delete them first "
                                "(qemu-img snapshot -d)",
                                big<std::uint32_t>(head_, 60)));
        std::uint32_t length = 72;
        if (h_.version == 3) length = version3();
        extensions(length);
        if (options_.child) backing();
        tables();
        return h_;
    }

private:
    [[noreturn]] void malformed(std::string message) const {
        fail(name_, "disk-header-malformed", Failure::malformed, std::move(message));
    }
    [[noreturn]] void refused(std::string_view rule, std::string message) const {
        fail(name_, rule, Failure::refused, std::move(message));
    }

    std::uint32_t version3() {
        if (head_.size() < 104) truncated(name_, head_.size(), "the qcow2 header");
        const auto features = big<std::uint64_t>(head_, 72);
        if ((features & data_file) != 0)
            refused("disk-reference-refused", "the qcow2 image keeps its data in an external data file");
        if ((features & corrupt) != 0)
            fail(name_, "disk-header-malformed", Failure::integrity,
                 "the qcow2 image is marked corrupt; repair it first (qemu-img check -r all)");
        constexpr std::uint64_t known = dirty | compression_type;
        if ((features & ~known) != 0)
            refused("disk-feature-unsupported",
                    fmt::format("the qcow2 image has incompatible features {:#x} that are not read{}",
                                features & ~known, (features & extended_l2) != 0 ? " (extended L2 entries)" : ""));
        if ((features & dirty) != 0)
            warn(diagnostics_, name_, "disk-image-unclean",
                 "the qcow2 image was not closed cleanly (dirty); its data is read as it stands");
        if (big<std::uint32_t>(head_, 96) > 6) malformed("qcow2 refcount_order over 6");
        const auto length = big<std::uint32_t>(head_, 100);
        if (length < 104 || length % 8 != 0 || length > h_.cluster() || length > head_.size())
            malformed(fmt::format("a qcow2 header length of {}", length));
        const unsigned method = length > 104 ? std::to_integer<unsigned>(head_[104]) : 0;
        if (method > 1)
            refused("disk-feature-unsupported",
                    fmt::format("qcow2 compression type {}; zlib and zstd are known", method));
        if ((method != 0) != ((features & compression_type) != 0))
            malformed("the qcow2 compression type contradicts the feature bits");
        h_.zstd = method == 1;
        return length;
    }

    void extensions(std::uint64_t at) const {
        const std::uint64_t end = std::min<std::uint64_t>(h_.cluster(), head_.size());
        while (at + 8 <= end) {
            const auto type = big<std::uint32_t>(head_, at);
            const auto length = big<std::uint32_t>(head_, at + 4);
            at += 8;
            if (type == 0) return;
            if (length > end - at) malformed("a qcow2 header extension that does not end in the first cluster");
            if (type == 0x44415441) refused("disk-reference-refused", "the qcow2 image names an external data file");
            if (type == 0xE2792ACA && !options_.child)
                refused("disk-reference-refused", "the qcow2 image names the format of a backing file");
            if (type == 0x0537BE77) refused("disk-encryption-refused", "the qcow2 image is encrypted with LUKS");
            at += round_up(length, 8);
        }
    }

    void backing() {
        constexpr std::uint32_t longest = 1023;
        const auto offset = big<std::uint64_t>(head_, 8);
        const auto length = big<std::uint32_t>(head_, 16);
        if (offset == 0 && length == 0) return;
        const auto end = checked_add(offset, std::uint64_t{length});
        if (length == 0 || length > longest || !end || *end > std::min<std::uint64_t>(h_.cluster(), head_.size()))
            malformed("the name of the qcow2 image's backing file is not in its first cluster");
        if (h_.cluster() < smallest_layer)
            refused("disk-feature-unsupported", fmt::format("a qcow2 child with clusters of {} bytes; {} or more can be written over a parent",
                                                            h_.cluster(), smallest_layer));
        const Bytes name = head_.subspan(static_cast<std::size_t>(offset), length);
        h_.backing.assign(reinterpret_cast<const char*>(name.data()), name.size());
    }

    void tables() {
        h_.l1_entries = big<std::uint32_t>(head_, 36);
        h_.l1_offset = big<std::uint64_t>(head_, 40);
        h_.refcount_offset = big<std::uint64_t>(head_, 48);
        h_.refcount_clusters = big<std::uint32_t>(head_, 56);
        const std::uint64_t needed = divide_up(h_.clusters(), h_.table_entries());
        if (h_.l1_entries > max_l1_bytes / 8 || h_.l1_entries < needed)
            malformed(fmt::format("a qcow2 L1 table of {} entries; {} to {} are possible", h_.l1_entries, needed,
                                  max_l1_bytes / 8));
        table("L1 table", h_.l1_offset, std::uint64_t{h_.l1_entries} * 8);
        if (h_.refcount_clusters == 0 ||
            h_.refcount_clusters > std::max<std::uint64_t>(max_refcount_bytes >> h_.cluster_bits, 1))
            malformed(fmt::format("a qcow2 refcount table of {} clusters", h_.refcount_clusters));
        table("refcount table", h_.refcount_offset, h_.refcount_clusters * h_.cluster());
    }

    void table(std::string_view what, std::uint64_t offset, std::uint64_t bytes) const {
        const auto end = checked_add(offset, bytes);
        if (offset == 0 || offset % h_.cluster() != 0 || !end || (file_size_ && *end > *file_size_))
            fail(name_, "disk-table-malformed", Failure::malformed,
                 fmt::format("the qcow2 {} at byte {} is not inside the file", what, offset));
    }

    std::string_view name_;
    Bytes head_;
    std::optional<std::uint64_t> file_size_;
    const InspectOptions& options_;
    Diagnostics& diagnostics_;
    Qcow2Header h_;
};

}  // namespace

Qcow2Header read_qcow2_header(std::string_view name, Bytes head, std::optional<std::uint64_t> file_size,
                              const InspectOptions& options, Diagnostics& diagnostics) {
    return HeaderReader(name, head, file_size, options, diagnostics).run();
}

}  // namespace ovfkit::detail::disk
