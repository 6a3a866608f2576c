#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "disk/random_reader.hpp"
#include "disk/report.hpp"
#include "disk/vmdk_header.hpp"

namespace ovfkit::detail::disk {

namespace {

/// monolithicSparse: a directory of grain tables, grains stored as they are.
class VmdkSparseMap final : public BlockMap {
public:
    VmdkSparseMap(std::string name, const RandomSource& source, const InspectOptions& options)
        : name_(std::move(name)), source_(source), header_(read(options)) {
        const std::uint64_t bytes = header_.tables() * 4;
        if (header_.directory == gd_at_end || header_.directory > source_.size() / sector ||
            source_.size() - header_.directory * sector < bytes)
            malformed(
                fmt::format("the VMDK grain directory (GD) at sector {} is not inside the file", header_.directory));
    }

    Stretch at(std::uint64_t offset) override {
        const std::uint64_t grain = offset / sector / header_.grain, table = grain / vmdk_table_entries;
        const std::uint64_t grain_bytes = header_.grain * sector;
        const std::uint64_t table_sector = directory_entry(table);
        if (table_sector == 0) return {(table + 1) * vmdk_table_entries * grain_bytes - offset, std::nullopt};
        load(table, table_sector);
        const std::uint64_t entry =
            little<std::uint32_t>(table_, static_cast<std::size_t>(grain % vmdk_table_entries * 4));
        Stretch out{(grain + 1) * grain_bytes - offset, std::nullopt};
        if (entry == 0) return out;
        out.segment.emplace();
        if (entry == 1 && (header_.flags & VmdkHeader::zeroed_entries) != 0) {
            out.segment->codec = Codec::zero;
            return out;
        }
        const std::uint64_t inside = offset % grain_bytes;
        out.segment->source = entry * sector + inside;
        // The last grain may end with the disk.
        const std::uint64_t length = std::min(out.length, header_.capacity * sector - offset);
        if (entry < header_.overhead || out.segment->source > source_.size() ||
            source_.size() - out.segment->source < length)
            malformed(fmt::format("the grain table entry (GTE) of LBA {} points at sector {}, where no grain can be",
                                  grain * header_.grain, entry));
        return out;
    }

private:
    [[noreturn]] void malformed(std::string message) const {
        fail(name_, "disk-table-malformed", Failure::malformed, std::move(message));
    }

    VmdkHeader read(const InspectOptions& options) {
        std::array<std::byte, sector> bytes{};
        read_exactly(source_, name_, 0, bytes, "the VMDK header");
        return read_vmdk_header(name_, bytes, "header", options);
    }

    std::uint64_t directory_entry(std::uint64_t table) {
        constexpr std::uint64_t per_chunk = 4096;
        if (directory_.empty() || table / per_chunk != directory_chunk_) {
            directory_chunk_ = table / per_chunk;
            const std::uint64_t first = directory_chunk_ * per_chunk;
            directory_.resize(static_cast<std::size_t>(std::min(per_chunk, header_.tables() - first) * 4));
            read_exactly(source_, name_, header_.directory * sector + first * 4, directory_,
                         "the VMDK grain directory");
        }
        return little<std::uint32_t>(directory_, static_cast<std::size_t>(table % per_chunk * 4));
    }

    void load(std::uint64_t table, std::uint64_t at_sector) {
        if (loaded_ == table + 1) return;
        const std::uint64_t at = at_sector * sector;
        if (at > source_.size() || source_.size() - at < vmdk_table_bytes)
            malformed(fmt::format("entry {} of the VMDK grain directory (GD) points at sector {}, not inside the file",
                                  table, at_sector));
        read_exactly(source_, name_, at, table_, "a VMDK grain table");
        loaded_ = table + 1;
    }

    std::string name_;
    const RandomSource& source_;
    VmdkHeader header_;
    std::vector<std::byte> directory_;
    std::uint64_t directory_chunk_ = 0;
    std::array<std::byte, vmdk_table_bytes> table_{};
    std::uint64_t loaded_ = 0;  ///< number of the table in table_, plus 1
};

}  // namespace

std::unique_ptr<BlockMap> vmdk_sparse_map(std::string name, const RandomSource& source, const InspectOptions& options) {
    return std::make_unique<VmdkSparseMap>(std::move(name), source, options);
}

}  // namespace ovfkit::detail::disk
