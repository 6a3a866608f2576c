#include "package/package.hpp"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/xml.hpp"
#include "package/decompress.hpp"
#include "package/fault.hpp"
#include "package/kinds.hpp"
#include "package/limits.hpp"
#include "package/tar.hpp"

namespace ovfkit::detail {

namespace {

namespace fs = std::filesystem;

/// The beginning that was read to find out what it is, then the rest.
class PrefixedSource : public ByteSource {
public:
    PrefixedSource(std::string beginning, std::unique_ptr<ByteSource> rest)
        : beginning_(std::move(beginning)), rest_(std::move(rest)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t first = std::min(into.size(), beginning_.size() - at_);
        std::copy_n(as_bytes_of(beginning_).begin() + static_cast<std::ptrdiff_t>(at_), first, into.begin());
        at_ += first;
        return first + (first < into.size() ? rest_->read(into.subspan(first)) : 0);
    }

private:
    std::string beginning_;
    std::size_t at_ = 0;
    std::unique_ptr<ByteSource> rest_;
};

std::string base_of(std::string_view name) { return std::string(name.substr(0, name.rfind('.'))); }

/// The only .ovf of a folder. A companion that ovfkit laid beside a platform's text is none.
std::string descriptor_in(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (text_kind(name) == TextKind::descriptor && !name.ends_with(".origin.ovf")) found.push_back(it->path().string());
    }
    if (error) io_error(folder, error.value(), "cannot list");
    if (found.size() != 1)
        throw UsageError(fmt::format("{} holds {} .ovf files; name the one to read", printable(folder), found.size()));
    return found.front();
}

bool is_zip(std::string_view beginning) { return beginning.starts_with("PK\x03\x04"); }

std::unique_ptr<Package> open_bytes(std::unique_ptr<ByteSource> source, const std::string& beginning, const std::string& name,
                                    const Limits& limits, Diagnostics& diagnostics) {
    const Compression compression = compression_of(as_bytes_of(beginning));
    return open_stream(decompressed(std::move(source), compression, name, "the archive"), name, limits, diagnostics);
}

}  // namespace

TextKind text_kind(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return TextKind::none;
    const std::string_view extension = name.substr(dot);
    return equal_nocase(extension, ".ovf")    ? TextKind::descriptor
           : equal_nocase(extension, ".mf")   ? TextKind::manifest
           : equal_nocase(extension, ".cert") ? TextKind::certificate
                                              : TextKind::none;
}

std::string read_text(ByteSource& source, std::uint64_t limit, const std::string& package, const std::string& what) {
    std::string out;
    std::array<std::byte, 64 << 10> piece;
    while (const std::size_t got = source.read(piece)) {
        out += as_text(std::span(piece).first(got));
        if (out.size() > limit)
            package_fault("package-size-exceeded", package,
                          fmt::format("{} has a size of more than {} bytes, the limit for it", printable(what), limit), Failure::refused);
    }
    return out;
}

bool Package::is_archive(std::string_view beginning) {
    return compression_of(as_bytes_of(beginning)) != Compression::none || looks_like_tar(as_bytes_of(beginning));
}

std::unique_ptr<Package> Package::open(const std::string& path, const Limits& limits, Diagnostics& diagnostics) {
    auto file = std::make_shared<const FileDescriptor>(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat info {};
    if (!*file || ::fstat(file->get(), &info) != 0) io_error(path, errno, "cannot open");
    if (S_ISDIR(info.st_mode)) return open_folder(descriptor_in(path), limits, diagnostics);
    if (!S_ISREG(info.st_mode))
        throw IoError(path, EINVAL, fmt::format("cannot read {}: not a regular file; use - for standard input", path));
    std::string beginning(beginning_size, '\0');
    beginning.resize(read_full_at(file->get(), 0, std::as_writable_bytes(std::span(beginning)), path));
    const bool ova = equal_nocase(path.substr(path.rfind('.') + 1), "ova");
    if (!is_archive(beginning) && !ova) return open_folder(path, limits, diagnostics);
    if (is_zip(beginning))
        package_fault("package-archive-malformed", path, "not a tar archive but a zip file; unpack it and name the descriptor", Failure::malformed);
    if (compression_of(as_bytes_of(beginning)) == Compression::none) return open_archive(std::move(file), path, limits, diagnostics);
    auto whole = std::make_shared<const FileSource>(std::move(file), path, 0, static_cast<std::uint64_t>(info.st_size));
    return open_bytes(std::make_unique<SequentialSource>(std::move(whole)), beginning, path, limits, diagnostics);
}

std::unique_ptr<Package> Package::open_descriptor(int fd, std::string beginning, std::string name, const Limits& limits,
                                                  Diagnostics& diagnostics) {
    auto source = std::make_unique<PrefixedSource>(beginning, std::make_unique<DescriptorSource>(fd, name));
    return open_bytes(std::move(source), beginning, name, limits, diagnostics);
}

const Member& Package::add(Member member) {
    members_.push_back(std::move(member));
    by_name_.emplace(members_.back().name, &members_.back());
    return members_.back();
}

const Member* Package::find(std::string_view name) {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
}

std::unique_ptr<ByteSource> Package::open(const Member& member) {
    return std::make_unique<SequentialSource>(random(member));
}

bool Package::take_text(const Member& member, const Limits& limits, const std::function<std::unique_ptr<ByteSource>()>& read) {
    const TextKind kind = text_kind(member.name);
    if (kind == TextKind::none) return false;
    std::optional<PackageText>& place = kind == TextKind::descriptor ? descriptor_ : kind == TextKind::manifest ? manifest_ : certificate_;
    if (place)
        package_fault("package-member-duplicate", name_,
                      fmt::format("more than one {}: '{}' and '{}'",
                                  kind == TextKind::descriptor ? "descriptor"
                                  : kind == TextKind::manifest ? "manifest"
                                                               : "certificate file",
                                  printable(place->name), printable(member.name)),
                      Failure::refused);
    const std::uint64_t limit = kind == TextKind::descriptor ? limits.descriptor_bytes
                                : kind == TextKind::manifest ? max_manifest
                                                             : max_certificate;
    place = PackageText{member.name, read_text(*read(), limit, name_, member.name)};
    return true;
}

void Package::check_texts(Diagnostics& diagnostics) const {
    const std::string base = base_of(descriptor_->name);
    for (const auto& text : {&manifest_, &certificate_})
        if (*text && base_of((*text)->name) != base)
            report(diagnostics, "package-manifest-name", Location{name_},
                   fmt::format("'{}' is not named after the descriptor '{}'", printable((*text)->name), printable(descriptor_->name)));
}

}  // namespace ovfkit::detail
