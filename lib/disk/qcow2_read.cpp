#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "disk/qcow2_header.hpp"
#include "disk/random_reader.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

class Qcow2Map final : public BlockMap {
public:
    Qcow2Map(std::string name, const RandomSource& source, const InspectOptions& options)
        : name_(std::move(name)), source_(source) {
        std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), head_bytes)));
        read_exactly(source_, name_, 0, head, "the qcow2 header");
        Diagnostics said_before;
        header_ = read_qcow2_header(name_, head, source.size(), options, said_before);
    }

    Stretch at(std::uint64_t offset) override {
        const std::uint64_t cluster = offset >> header_.cluster_bits, table = cluster / header_.table_entries();
        const std::uint64_t l1 = l1_entry(table);
        if ((l1 & ~(qcow2_copied | qcow2_offset_mask)) != 0)
            malformed(fmt::format("L1 entry {} has reserved bits set", table));
        const std::uint64_t l2_offset = l1 & qcow2_offset_mask;
        if (l2_offset == 0)
            return {((table + 1) * header_.table_entries() << header_.cluster_bits) - offset, std::nullopt};
        load(table, l2_offset);
        const auto entry = big<std::uint64_t>(l2_, static_cast<std::size_t>(cluster % header_.table_entries() * 8));
        return (entry & qcow2_compressed) != 0 ? compressed(offset, entry) : standard(offset, entry);
    }

private:
    [[noreturn]] void malformed(std::string_view message) const {
        fail(name_, "disk-table-malformed", Failure::malformed, fmt::format("qcow2 {}", message));
    }

    [[nodiscard]] std::uint64_t to_end(std::uint64_t offset) const {
        return header_.cluster() - offset % header_.cluster();
    }

    [[nodiscard]] Stretch standard(std::uint64_t offset, std::uint64_t entry) const {
        Stretch out{to_end(offset), std::nullopt};
        const std::uint64_t host = entry & qcow2_offset_mask;
        const bool zero = (entry & 1U) != 0 && header_.version >= 3;
        if ((entry & ~(qcow2_copied | qcow2_offset_mask | (header_.version >= 3 ? 1U : 0U))) != 0 ||
            host % header_.cluster() != 0)
            malformed(fmt::format("the L2 entry of byte {} makes no sense", offset));
        if (zero || host == 0) {
            if (zero) out.segment.emplace().codec = Codec::zero;
            return out;
        }
        // The file may end inside the last cluster when the disk does.
        const std::uint64_t inside = offset % header_.cluster(), from = host + inside;
        if (from > source_.size() || source_.size() - from < std::min(out.length, header_.size - offset))
            malformed(fmt::format("the L2 entry of byte {} points at byte {}, not inside the file", offset, host));
        out.segment.emplace().source = from;
        return out;
    }

    [[nodiscard]] Stretch compressed(std::uint64_t offset, std::uint64_t entry) const {
        const unsigned x = 62 - (header_.cluster_bits - 8);
        const std::uint64_t host = entry & ((std::uint64_t{1} << x) - 1);
        const std::uint64_t sectors = ((entry & ~(qcow2_copied | qcow2_compressed)) >> x) + 1;
        if (host >= source_.size())
            malformed(fmt::format("the compressed cluster of byte {} is not inside the file", offset));
        Stretch out{to_end(offset), std::nullopt};
        Segment& segment = out.segment.emplace();
        segment.codec = header_.zstd ? Codec::zstd : Codec::deflate;
        segment.source = host;
        segment.size = static_cast<std::size_t>(std::min(sectors * 512 - host % 512, source_.size() - host));
        segment.unit = static_cast<std::size_t>(header_.cluster());
        segment.skip = static_cast<std::size_t>(offset % header_.cluster());
        return out;
    }

    std::uint64_t l1_entry(std::uint64_t table) {
        constexpr std::uint64_t per_chunk = 8192;
        if (l1_.empty() || table / per_chunk != l1_chunk_) {
            l1_chunk_ = table / per_chunk;
            const std::uint64_t first = l1_chunk_ * per_chunk;
            l1_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(per_chunk, header_.l1_entries - first) * 8));
            read_exactly(source_, name_, header_.l1_offset + first * 8, l1_, "the qcow2 L1 table");
        }
        return big<std::uint64_t>(l1_, static_cast<std::size_t>(table % per_chunk * 8));
    }

    void load(std::uint64_t table, std::uint64_t offset) {
        if (loaded_ == table + 1) return;
        if (offset % header_.cluster() != 0 || offset > source_.size() || source_.size() - offset < header_.cluster())
            malformed(fmt::format("L1 entry {} points at byte {}, where no L2 table can be", table, offset));
        l2_.resize(static_cast<std::size_t>(header_.cluster()));
        read_exactly(source_, name_, offset, l2_, "a qcow2 L2 table");
        loaded_ = table + 1;
    }

    std::string name_;
    const RandomSource& source_;
    Qcow2Header header_;
    std::vector<std::byte> l1_, l2_;
    std::uint64_t l1_chunk_ = 0, loaded_ = 0;
};

}  // namespace

std::unique_ptr<BlockMap> qcow2_map(std::string name, const RandomSource& source, const InspectOptions& options) {
    return std::make_unique<Qcow2Map>(std::move(name), source, options);
}

}  // namespace ovfkit::detail::disk
