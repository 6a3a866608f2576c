#pragma once

#include <cstdint>

#include <ovfkit/error.hpp>

/// Long operations: how far they are, and how to end one early.
namespace ovfkit {

/// Told how far an operation is, about once for every few MiB and from the thread that called it.
class OVFKIT_EXPORT Progress {
public:
    Progress() = default;
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    virtual ~Progress();
    /// Bytes done and bytes in all; `total` 0: not known. What it throws ends the operation, nothing of which stays.
    virtual void at(std::uint64_t done, std::uint64_t total) = 0;
};

/// Thrown out of an operation that request_stop() ended. Its output is gone by then.
class OVFKIT_EXPORT Stopped : public Error {
public:
    Stopped();
};

/// Ends every operation of this process at its next read or write. May be called from a signal handler.
OVFKIT_EXPORT void request_stop() noexcept;

}  // namespace ovfkit
