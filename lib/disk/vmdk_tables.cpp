#include "disk/vmdk_tables.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <random>

#include <fmt/format.h>

#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

constexpr std::uint64_t max_tables =
    8U << 20;  ///< 64 MiB of sums: 256 TiB by grains of 64 KiB, 16 TiB by those of 4 KiB

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

VmdkTables::VmdkTables(std::string name, const VmdkHeader& header) : name_(std::move(name)), header_(header) {
    if (header_.tables() > max_tables)
        fail(name_, "disk-capacity-exceeded", Failure::refused,
             fmt::format("the VMDK has {} grain tables; up to {} are read", header_.tables(), max_tables));
    // Nobody who makes an image can know the key, so none can make two different sets of grains look the same.
    std::random_device random;
    key_ = (std::uint64_t{random()} << 32U) | random();
    sums_.reset(
        static_cast<std::uint64_t*>(std::calloc(static_cast<std::size_t>(header_.tables()), sizeof(std::uint64_t))));
    if (!sums_) throw std::bad_alloc();
}

std::uint64_t VmdkTables::hash(std::uint64_t entry, std::uint64_t at_sector) const {
    const std::uint64_t once = mixed(((at_sector << 9U) | entry) ^ key_, 0x9E3779B97F4A7C15);
    return mixed(once ^ 0xD6E8FEB86659FD93, key_ | 1U);
}

std::uint64_t VmdkTables::sum(Bytes bytes) const {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < vmdk_table_entries; ++i) {
        const auto entry = little<std::uint32_t>(bytes, 4 * i);
        const bool zeroed = entry == 1 && (header_.flags & VmdkHeader::zeroed_entries) != 0;
        if (entry != 0 && !zeroed) out += hash(i, entry);
    }
    return out;
}

void VmdkTables::grain(std::uint64_t index, std::uint64_t at_sector) {
    sums_[index / vmdk_table_entries] += hash(index % vmdk_table_entries, at_sector);
}

void VmdkTables::numbered_table(std::uint64_t number, Bytes bytes) {
    if (const std::uint64_t listed = sum(bytes)) sums_[number] -= listed;
}

void VmdkTables::table(std::uint64_t at_sector, Bytes bytes) {
    if (tables_.size() >= 2 * header_.tables())
        fail(name_, "disk-tables-mismatch", Failure::malformed,
             "the VMDK stream holds more grain tables than its disk has");
    const std::uint64_t listed = sum(bytes);
    tables_.push_back({static_cast<std::uint32_t>(at_sector), static_cast<std::uint32_t>(listed >> 32U),
                       static_cast<std::uint32_t>(listed)});
}

void VmdkTables::directory_entry(std::uint32_t at_sector, std::uint64_t here) {
    const std::uint64_t number = entries_++;
    if (number >= header_.tables()) {
        if (at_sector != 0)
            fail(name_, "disk-table-malformed", Failure::malformed,
                 "the VMDK grain directory (GD) goes on behind the end of the disk");
        return;
    }
    if (at_sector == 0) return;
    const auto found =
        std::lower_bound(tables_.begin(), tables_.end(), at_sector,
                         [](const Table& table, std::uint32_t wanted) { return table.at_sector < wanted; });
    if (at_sector >= here || found == tables_.end() || found->at_sector != at_sector)
        fail(name_, "disk-table-malformed", Failure::malformed,
             fmt::format("entry {} of the VMDK grain directory (GD) points at sector {}, where no grain table is",
                         number, at_sector));
    sums_[number] -= (std::uint64_t{found->sum_high} << 32U) | found->sum_low;
}

void VmdkTables::finish() const {
    for (std::uint64_t i = 0; i < header_.tables(); ++i)
        if (sums_[i] != 0)
            fail(
                name_, "disk-tables-mismatch", Failure::integrity,
                fmt::format(
                    "grain table {} of the VMDK does not list exactly the grains that the stream holds from LBA {} on: "
                    "grains are missing, duplicate or at other offsets",
                    i, i * vmdk_table_entries * header_.grain));
}

}  // namespace ovfkit::detail::disk
