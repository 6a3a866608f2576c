#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convert/account.hpp"
#include "convert/registry.hpp"

namespace ovfkit::detail {

struct Rewritten {
    std::string bytes;
    std::vector<LossRow> rows;
};

/// A copy of `document` edited until it says `wanted`: as few bytes changed as possible.
Rewritten rewrite(const Document& document, const Dialect& dialect, const Envelope& wanted, const Places& places, const WriteOptions& options,
                  const ReadOptions& read_options, Diagnostics& diagnostics);
/// A new descriptor: the dialect's skeleton, edited until it says `wanted`.
Rewritten create(const Dialect& dialect, const Envelope& wanted, const Places& places, const WriteOptions& options,
                 const ReadOptions& read_options, Diagnostics& diagnostics);
/// Whether an option `LEAF.KEY` is among them: then a descriptor is written anew even in its own dialect.
bool has_options_of(const LeafOptions& options, std::string_view leaf);
/// A file name stem for what is written: from the only VM's name, else the source's.
std::string plain_name(const Envelope& envelope, std::string_view source_name);

}  // namespace ovfkit::detail
