#include "convert/package.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/file_descriptor.hpp"
#include "base/staged.hpp"
#include "base/xml.hpp"
#include "convert/read.hpp"
#include "descriptor/references.hpp"
#include "package/integrity.hpp"

namespace ovfkit {

namespace detail {

namespace {

/// Finds the referenced files; of a stream only once it has gone by.
void check_places(Package& package, const std::vector<FileEntry>& entries, bool lenient, Diagnostics& diagnostics) {
    for (const FileEntry& entry : entries) (void)place_of(package, entry, lenient, diagnostics);
}

/// Every member but the texts, once and in order; of a folder those that were found.
void walk_members(Package& package, const std::vector<FileEntry>& entries, bool lenient, IntegrityCheck& check, Diagnostics& diagnostics,
                  const std::function<void(const Member&, ByteSource&)>& take) {
    if (package.kind() == Package::Kind::stream) {
        while (const Member* member = package.next()) {
            const auto bytes = check.watch(*member, package.open(*member));
            take(*member, *bytes);
        }
        check_places(package, entries, lenient, diagnostics);
        return;
    }
    for (const Member& member : package.members()) {
        if (is_text(package, member)) continue;
        const auto bytes = check.watch(member, package.open(member));
        take(member, *bytes);
    }
}

}  // namespace

void write_sparse(int fd, std::uint64_t offset, std::span<const std::byte> bytes, const std::string& path) {
    constexpr std::size_t piece = 64 << 10;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto part = bytes.subspan(at, std::min(piece, bytes.size() - at));
        const std::string_view text = as_text(part);
        if (text.front() != '\0' || text.find_first_not_of('\0') != std::string_view::npos) write_all_at(fd, offset + at, text, path);
    }
}

bool is_text(const Package& package, const Member& member) {
    for (const PackageText* text : {&package.descriptor(), package.manifest(), package.certificate()})
        if (text != nullptr && text->name == member.name) return true;
    return false;
}

std::unique_ptr<Package> open_package(const std::string& path, const Limits& limits, Diagnostics& diagnostics) {
    if (path != "-") return Package::open(path, limits, diagnostics);
    const std::string name = "<stdin>";
    std::string beginning(Package::beginning_size, '\0');
    beginning.resize(read_full(STDIN_FILENO, std::as_writable_bytes(std::span(beginning)), name));
    return Package::open_descriptor(STDIN_FILENO, std::move(beginning), name, limits, diagnostics);
}

std::vector<FileEntry> entries_of(const Package& package, const Limits& limits, Diagnostics& diagnostics) {
    Diagnostics found;
    const std::string name = package.kind() == Package::Kind::folder ? package.name() : package.name() + "/" + package.descriptor().name;
    const auto document = XmlDocument::parse(name, package.descriptor().bytes, found, limits);
    std::vector<FileEntry> out;
    for (FileReference& file : read_files(document->root().child_lax(Ns::ovf, "References"), found))
        out.push_back({std::move(file.id), std::move(file.href), file.size, std::move(file.compression), file.chunk_size});
    forward_and_stop(found, diagnostics);
    return out;
}

std::uint64_t total_size(const Package& package) {
    std::uint64_t out = 0;
    if (package.kind() != Package::Kind::stream)
        for (const Member& member : package.members()) out += member.size;  // no more than the archive has
    return out;
}

void forward_and_stop(const Diagnostics& found, Diagnostics& diagnostics) {
    const Diagnostic* first = nullptr;
    for (const Diagnostic& one : found.all())
        if (first == nullptr && one.severity == Severity::error)
            first = &one;
    for (const Diagnostic& one : found.all()) diagnostics.add(one);
    if (first != nullptr) throw InputError(*first);
}

}  // namespace detail

using namespace detail;

Integrity verify_package(const std::string& path, const PackageOptions& options, Diagnostics& diagnostics) {
    const auto package = open_package(path, options.limits, diagnostics);
    const auto entries = entries_of(*package, options.limits, diagnostics);
    IntegrityCheck check(*package, options.trust, diagnostics);
    if (package->kind() != Package::Kind::stream) check_places(*package, entries, options.lenient, diagnostics);
    ProgressMeter meter(options.progress, total_size(*package));
    const bool needed = package->manifest() != nullptr || package->kind() == Package::Kind::stream;
    walk_members(*package, entries, options.lenient, check, diagnostics, [&](const Member&, ByteSource& bytes) {
        if (needed) copy_all(bytes, [&](std::span<const std::byte> part) { meter.add(part.size()); });
    });
    Integrity out = check.finish(entries, false, &meter);
    package->check_unchanged();
    return out;
}

Integrity glance_at_package(const std::string& path, const PackageOptions& options, Diagnostics& diagnostics) {
    const auto package = open_package(path, options.limits, diagnostics);
    const auto entries = entries_of(*package, options.limits, diagnostics);
    return IntegrityCheck(*package, options.trust, diagnostics).finish(entries, true);
}

bool is_archive(const std::string& path) {
    try {
        const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
        std::string beginning(Package::beginning_size, '\0');
        if (!file) return false;
        beginning.resize(read_full_at(file.get(), 0, std::as_writable_bytes(std::span(beginning)), path));
        return Package::is_archive(beginning);
    } catch (const IoError&) {
        return false;
    }
}

Integrity unpack(const std::string& path, const std::string& folder, const PackageOptions& options, Diagnostics& diagnostics) {
    const auto package = open_package(path, options.limits, diagnostics);
    if (package->kind() == Package::Kind::folder) throw UsageError(fmt::format("{} is no OVA: there is nothing to unpack", path));
    const auto entries = entries_of(*package, options.limits, diagnostics);
    StagedFolder out(folder, options.replace);
    out.require_space(total_size(*package));
    Diagnostics found;
    IntegrityCheck check(*package, options.trust, found);
    if (package->kind() != Package::Kind::stream) check_places(*package, entries, options.lenient, found);
    ProgressMeter meter(options.progress, total_size(*package));
    const auto put = [&](const std::string& name, std::uint64_t size, const std::function<void(int)>& fill) {
        FileDescriptor file = out.create(name);
        fill(file.get());
        if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0 || !file.close()) io_error(folder + "/" + name, errno, "cannot write");
    };
    walk_members(*package, entries, options.lenient, check, found, [&](const Member& member, ByteSource& bytes) {
        put(member.name, member.size, [&](int fd) {
            std::uint64_t at = 0;
            copy_all(bytes, [&](std::span<const std::byte> part) {
                write_sparse(fd, at, part, folder + "/" + member.name);
                at += part.size();
                meter.add(part.size());
            });
        });
    });
    for (const PackageText* text : {&package->descriptor(), package->manifest(), package->certificate()})
        if (text != nullptr) put(text->name, text->bytes.size(), [&](int fd) { write_all(fd, text->bytes, folder + "/" + text->name); });
    Integrity integrity = check.finish(entries);
    package->check_unchanged();
    forward_and_stop(found, diagnostics);
    out.commit();
    return integrity;
}

}  // namespace ovfkit
