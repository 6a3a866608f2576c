#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"
#include "package/fault.hpp"
#include "package/kinds.hpp"
#include "package/tar.hpp"

namespace ovfkit::detail {

namespace {

[[noreturn]] void no_descriptor(const std::string& package) {
    package_fault("package-descriptor-missing", package, "the archive holds no descriptor (.ovf)", Failure::malformed);
}

class Archive : public Package {
public:
    Archive(std::shared_ptr<const FileDescriptor> file, std::string name, const Limits& limits, Diagnostics& diagnostics)
        : Package(Kind::archive, std::move(name)), file_(std::move(file)), opened_(state()) {
        const auto whole = std::make_shared<const FileSource>(file_, name_, 0, static_cast<std::uint64_t>(opened_.st_size));
        TarReader reader(random_feed(whole), name_, diagnostics);
        while (auto found = reader.next()) {
            const Member& member = add({std::move(found->name), found->size, found->offset});
            const bool first = members_.size() == 1;
            if (take_text(member, limits, [&] { return open(member); }) && text_kind(member.name) == TextKind::descriptor && !first)
                report(diagnostics, "package-descriptor-late", Location{name_},
                       fmt::format("the descriptor '{}' is not the first member: others will refuse the package", printable(member.name)));
        }
        if (!descriptor_) no_descriptor(name_);
        check_texts(diagnostics);
    }

    std::shared_ptr<const RandomSource> random(const Member& member) override {
        return std::make_shared<const FileSource>(file_, name_, member.offset, member.size);
    }

    void check_unchanged() const override {
        const struct stat now = state();
        if (now.st_size != opened_.st_size || now.st_mtim.tv_sec != opened_.st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != opened_.st_mtim.tv_nsec)
            throw IoError(name_, EIO, fmt::format("cannot read {}: it changed while it was read", name_));
    }

private:
    [[nodiscard]] struct stat state() const {
        struct stat out {};
        if (::fstat(file_->get(), &out) != 0) io_error(name_, errno, "cannot read");
        return out;
    }

    std::shared_ptr<const FileDescriptor> file_;
    struct stat opened_;
};

/// Members as they come by. The three texts are held; whatever else is skipped unless it is read.
class StreamPackage : public Package {
public:
    StreamPackage(std::unique_ptr<ByteSource> source, std::string name, const Limits& limits, Diagnostics& diagnostics)
        : Package(Kind::stream, std::move(name)),
          limits_(limits),
          diagnostics_(diagnostics),
          reader_(stream_feed(std::move(source)), name_, diagnostics) {
        waiting_ = advance();
        if (!descriptor_ && waiting_ != nullptr)
            package_fault("package-descriptor-missing", name_,
                          fmt::format("member '{}' comes before the descriptor (.ovf): such a package can be read from an "
                                      "uncompressed file only",
                                      printable(waiting_->name)),
                          Failure::malformed);
        if (!descriptor_) no_descriptor(name_);
    }

    const Member* next() override {
        const Member* out = waiting_ != nullptr ? std::exchange(waiting_, nullptr) : advance();
        current_ = out;
        return out;
    }

    std::shared_ptr<const RandomSource> random(const Member&) override { return nullptr; }

    std::unique_ptr<ByteSource> open(const Member& member) override {
        return &member == current_ ? std::make_unique<MemberSource>(reader_, member.size) : nullptr;
    }

private:
    class MemberSource : public ByteSource {
    public:
        MemberSource(TarReader& reader, std::uint64_t size) : reader_(reader), size_(size) {}
        std::size_t read(std::span<std::byte> into) override { return reader_.read(into); }
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

    private:
        TarReader& reader_;
        std::uint64_t size_;
    };

    const Member* advance() {
        while (auto found = ended_ ? std::nullopt : reader_.next()) {
            const Member& member = add({std::move(found->name), found->size, found->offset});
            if (!take_text(member, limits_, [&] { return std::make_unique<MemberSource>(reader_, member.size); })) return &member;
        }
        if (!ended_ && descriptor_) check_texts(diagnostics_);
        ended_ = true;
        return nullptr;
    }

    Limits limits_;
    Diagnostics& diagnostics_;
    TarReader reader_;
    const Member* waiting_ = nullptr;
    const Member* current_ = nullptr;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<Package> open_archive(std::shared_ptr<const FileDescriptor> file, std::string name, const Limits& limits,
                                      Diagnostics& diagnostics) {
    ::posix_fadvise(file->get(), 0, 0, POSIX_FADV_SEQUENTIAL);  // advice: its failure changes nothing
    return std::make_unique<Archive>(std::move(file), std::move(name), limits, diagnostics);
}

std::unique_ptr<Package> open_stream(std::unique_ptr<ByteSource> source, std::string name, const Limits& limits,
                                     Diagnostics& diagnostics) {
    return std::make_unique<StreamPackage>(std::move(source), std::move(name), limits, diagnostics);
}

}  // namespace ovfkit::detail
