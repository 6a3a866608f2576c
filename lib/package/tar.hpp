#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <ovfkit/diagnostic.hpp>

#include "base/stream.hpp"

/// Reading a tar archive strictly: ustar, GNU and pax, regular members only (security rules T1 to T5).
namespace ovfkit::detail {

inline constexpr std::size_t tar_block = 512;

/// Where an archive's bytes come from: a file that can be read anywhere, or a stream.
class TarFeed {
public:
    virtual ~TarFeed() = default;
    virtual std::size_t read(std::span<std::byte> into) = 0;
    /// False at the end of the input.
    virtual bool skip(std::uint64_t bytes) = 0;
    [[nodiscard]] virtual std::uint64_t offset() const = 0;
    /// Of the whole archive; nullopt for a stream.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};
std::unique_ptr<TarFeed> random_feed(std::shared_ptr<const RandomSource> source);
std::unique_ptr<TarFeed> stream_feed(std::unique_ptr<ByteSource> source);

struct TarMember {
    std::string name;  ///< checked, without `./`
    std::uint64_t size = 0;
    std::uint64_t offset = 0;  ///< of its data
};

struct TarHeader;

/// Goes from member to member. Throws InputError at the first thing that is not as it should be.
class TarReader {
public:
    TarReader(std::unique_ptr<TarFeed> feed, std::string package, Diagnostics& diagnostics)
        : feed_(std::move(feed)), package_(std::move(package)), diagnostics_(diagnostics) {}

    /// The next regular member; nullopt after the last. What is left of the one before is skipped. Folders and the
    /// `pad` members of oVirt are passed over.
    std::optional<TarMember> next();
    /// Data of the member that next() gave, in order.
    std::size_t read(std::span<std::byte> into);

private:
    /// What pax and GNU headers say of the member that follows.
    struct Extended {
        std::optional<std::string> path;
        std::optional<std::uint64_t> size;
    };
    [[noreturn]] void fault(std::string_view rule, Failure failure, const std::string& message) const;
    [[noreturn]] void truncated(const std::string& what) const;
    bool read_header(TarHeader& header);
    void finish(bool second_block);
    void look_behind();
    std::string read_record(const TarHeader& header, std::string_view what);
    void parse_pax(const std::string& records, bool global, Extended& extended);
    void pax_field(std::string_view key, std::string_view value, bool global, Extended& extended);
    std::uint64_t size_of(const TarHeader& header, const Extended& extended, const std::string& name) const;
    void enter(const std::string& name);
    void skip_rest();

    std::unique_ptr<TarFeed> feed_;
    std::string package_;
    Diagnostics& diagnostics_;
    std::uint64_t left_ = 0;     ///< of the current member's data
    std::uint64_t padding_ = 0;  ///< behind it
    std::string current_;
    std::size_t count_ = 0;
    bool done_ = false;
    std::set<std::string, std::less<>> names_, folded_;
};

/// True when the block can be the first of a tar archive: its checksum is right.
bool looks_like_tar(std::span<const std::byte> block);

}  // namespace ovfkit::detail
