#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>

#include "base/stream.hpp"

/// Packages: an OVA (tar, also gzip'd, bzip2'd or xz'd), a folder, or an OVA that comes through a pipe. Nothing is
/// unpacked: a file is found by its name and read where it lies.
namespace ovfkit::detail {

/// A regular file of a package.
struct Member {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;  ///< of its data in the archive; 0 in a folder
};

/// A member that is text and held in memory.
struct PackageText {
    std::string name, bytes;
};

class Package {
public:
    enum class Kind {
        folder,
        archive,  ///< an OVA in a file: any member, in any order, several times
        stream,   ///< an OVA from a pipe or compressed: every member once, as it comes by
    };
    /// A folder (with one .ovf), a descriptor in its folder, or an OVA. Throws IoError, InputError, UsageError.
    static std::unique_ptr<Package> open(const std::string& path, const Limits& limits, Diagnostics& diagnostics);
    /// An OVA on a descriptor (standard input), which stays the caller's; `beginning` has been read from it already.
    static std::unique_ptr<Package> open_descriptor(int fd, std::string beginning, std::string name, const Limits& limits,
                                                    Diagnostics& diagnostics);
    /// Whether a file that begins so is an OVA (compressed ones included) rather than a text.
    static bool is_archive(std::string_view beginning);
    /// How much of a file is_archive() looks at.
    static constexpr std::size_t beginning_size = 512;

    Package(const Package&) = delete;
    Package& operator=(const Package&) = delete;
    virtual ~Package() = default;

    [[nodiscard]] Kind kind() const { return kind_; }
    /// What messages call it.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const PackageText& descriptor() const { return *descriptor_; }
    /// nullptr when there is none; of a stream: none so far.
    [[nodiscard]] const PackageText* manifest() const { return manifest_ ? &*manifest_ : nullptr; }
    [[nodiscard]] const PackageText* certificate() const { return certificate_ ? &*certificate_ : nullptr; }
    /// Every member, those above included, in the order of the archive. Of a stream: those that came by. Of a folder:
    /// those above and what find() was asked for and found.
    [[nodiscard]] const std::deque<Member>& members() const { return members_; }
    /// nullptr when it is not there. In a folder nothing outside of it is ever touched, no link followed and nothing
    /// but a regular file taken (InputError).
    virtual const Member* find(std::string_view name);
    /// The bytes of a member, from several threads at once; nullptr of a stream.
    [[nodiscard]] virtual std::shared_ptr<const RandomSource> random(const Member& member) = 0;
    /// The same in order. Of a stream: of the member that next() gave, and valid until next() is called again.
    [[nodiscard]] virtual std::unique_ptr<ByteSource> open(const Member& member);
    /// Of a stream: goes to the next member that is none of the three texts; nullptr at the end, after which manifest()
    /// and certificate() are final. Of others: nullptr.
    virtual const Member* next() { return nullptr; }
    /// Throws IoError when the archive was changed since it was opened.
    virtual void check_unchanged() const {}

protected:
    Package(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}
    const Member& add(Member member);
    /// Takes a member that is one of the three texts; false when it is none. `read` opens it.
    bool take_text(const Member& member, const Limits& limits, const std::function<std::unique_ptr<ByteSource>()>& read);
    /// Findings about the texts, once they are known.
    void check_texts(Diagnostics& diagnostics) const;

    Kind kind_;
    std::string name_;
    std::optional<PackageText> descriptor_, manifest_, certificate_;
    std::deque<Member> members_;  // does not move them
    std::map<std::string, const Member*, std::less<>> by_name_;
};

}  // namespace ovfkit::detail
