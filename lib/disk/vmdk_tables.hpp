#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "disk/vmdk_header.hpp"

/// Whether the grain tables of a stream list exactly the grains that it holds, each once, where it holds them. Tables
/// and grains come in any order and are not kept: for every table a sum of keyed hashes is, 8 bytes for 32 MiB of disk.
namespace ovfkit::detail::disk {

class VmdkTables {
public:
    VmdkTables(std::string name, const VmdkHeader& header);

    /// A grain was seen.
    void grain(std::uint64_t index, std::uint64_t at_sector);
    /// A table was seen, whose number only the directory tells.
    void table(std::uint64_t at_sector, Bytes bytes);
    /// Table `number`, which stands in front of the grains.
    void numbered_table(std::uint64_t number, Bytes bytes);
    /// The next entry of the directory.
    void directory_entry(std::uint32_t at_sector, std::uint64_t here);
    /// Throws InputError unless all fits.
    void finish() const;

private:
    struct Table {
        std::uint32_t at_sector;
        std::uint32_t sum_high, sum_low;  // 12 bytes, not 16
    };
    struct Free {
        void operator()(std::uint64_t* sums) const { std::free(sums); }
    };
    [[nodiscard]] std::uint64_t hash(std::uint64_t entry, std::uint64_t at_sector) const;
    [[nodiscard]] std::uint64_t sum(Bytes bytes) const;

    std::string name_;
    const VmdkHeader header_;
    std::uint64_t key_;
    std::unique_ptr<std::uint64_t[], Free>
        sums_;  ///< grains seen less grains listed; calloc: untouched pages cost nothing
    std::vector<Table> tables_;
    std::uint64_t entries_ = 0;  ///< of the directory
};

}  // namespace ovfkit::detail::disk
