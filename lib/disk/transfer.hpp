#pragma once

#include <cstdint>
#include <functional>

#include "disk/reader.hpp"
#include "disk/target.hpp"

/// From a reader to a target in one pass, on all cores, in bounded memory.
namespace ovfkit::detail::disk {

struct TransferOptions {
    unsigned threads = 0;  ///< that unpack, pack and write; 0: one a core
    /// Sees every byte of the source image in order, for its digest; on a thread of its own.
    TapFunction tap;
    /// On the calling thread, now and then: bytes done, and all (0: unknown). What it throws ends the transfer.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
    /// The source is a child of what the target holds already: its zeros are written.
    bool over = false;
};

/// The target must be finished by the caller, after the last transfer into it. An error of any thread stops all and is
/// thrown here: of several the one nearest to the front of the disk's stream, whatever the number of threads.
void transfer(Reader& reader, Target& target, const TransferOptions& options);

}  // namespace ovfkit::detail::disk
