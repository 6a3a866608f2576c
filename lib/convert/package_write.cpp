#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "base/staged.hpp"
#include "base/xml.hpp"
#include "convert/package.hpp"
#include "package/fault.hpp"
#include "package/integrity.hpp"
#include "package/limits.hpp"
#include "package/names.hpp"
#include "package/signature.hpp"
#include "package/tar_writer.hpp"

namespace ovfkit {

namespace detail {

namespace {

/// A member of the new archive: a part of a member of the old package, mostly all of it.
struct Part {
    std::string name;
    const Member* from = nullptr;
    std::uint64_t offset = 0, size = 0;
    [[nodiscard]] bool whole() const { return offset == 0 && size == from->size; }
};

/// Reads [offset, offset + size) of another source.
class PartSource : public ByteSource {
public:
    PartSource(std::shared_ptr<const RandomSource> source, std::uint64_t offset, std::uint64_t size)
        : source_(std::move(source)), at_(offset), end_(offset + size) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_->read_at(at_, into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), end_ - at_))));
        at_ += got;
        return got;
    }

private:
    std::shared_ptr<const RandomSource> source_;
    std::uint64_t at_, end_;
};

class Assembly {
public:
    Assembly(const std::string& path, const PackOptions& options, Diagnostics& diagnostics)
        : path_(path), options_(options), diagnostics_(diagnostics), package_(open_package(path, options.limits, diagnostics)) {
        if (package_->kind() == Package::Kind::stream)
            throw UsageError(fmt::format("{} cannot be read twice: a new package is made of a folder, a descriptor or an uncompressed OVA", path));
        entries_ = entries_of(*package_, options.limits, diagnostics);
        if (options.digest != "none") algorithm_ = algorithm_of(options.digest);
        descriptor_ = package_->descriptor().bytes;
    }

    void replace_descriptor(const std::string& descriptor) {
        descriptor_ = descriptor;
        changed_ = true;
    }
    void sign_with(const Signer& signer) {
        if (!algorithm_) throw UsageError("there is nothing to sign without a manifest");
        signer_ = &signer;
    }

    void write(const std::string& output) {
        plan();
        if (output == "-") {
            const auto target = descriptor_target(STDOUT_FILENO, false, "standard output");
            write_to(*target);
            return;
        }
        guard(output);
        remove_leftovers(folder_part(output));
        StagedFile staged(output, options_.replace);
        staged.require_space(size_);
        const auto target = descriptor_target(staged.fd(), staged.seekable(), output);
        write_to(*target);
        staged.commit();
        staged.settle();
    }

private:
    void guard(const std::string& output) const {
        bool same = lies_in(output, path_);
        for (const Member& member : package_->members())
            if (package_->kind() == Package::Kind::folder) same |= lies_in(output, folder_part(package_->name()) + "/" + member.name);
        if (same) throw UsageError(fmt::format("the output {} is the input or lies in it", output));
    }

    [[nodiscard]] std::uint64_t chunk_size() const {
        if (options_.chunk_size != 0) return options_.chunk_size;
        return options_.strict_ustar ? max_ustar_size / tar_align * tar_align : 0;
    }

    void plan() {
        std::vector<std::string> split;
        std::set<std::string> seen;
        for (const FileEntry& entry : entries_) {
            const FilePlace place = place_of(*package_, entry, options_.lenient, diagnostics_);
            if (!seen.insert(place.name).second) continue;
            const std::uint64_t chunk = chunk_size();
            if (place.parts.size() == 1 && chunk != 0 && place.size > chunk) {
                split.push_back(entry.id);
                for (std::uint64_t at = 0, i = 0; at < place.size; at += chunk, ++i)
                    parts_.push_back({chunk_name(place.name, static_cast<std::size_t>(i)), place.parts.front(), at, std::min(chunk, place.size - at)});
            } else {
                for (const Member* part : place.parts) parts_.push_back({part->name, part, 0, part->size});
            }
        }
        if (!split.empty()) say_chunks(split);
        for (const Member& member : package_->members()) {
            const bool used = is_text(*package_, member) ||
                              std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return part.from == &member; });
            if (!used) parts_.push_back({member.name, &member, 0, member.size});
        }
        if (parts_.size() + 3 > max_members)
            package_fault("package-members-exceeded", path_, fmt::format("there would be too many members: the limit is {}", max_members), Failure::refused);
        size_ = 4096 + descriptor_.size() + max_manifest;
        for (const Part& part : parts_) size_ += TarWriter::stored_size(part.name, part.size);
        const bool signed_before = package_->manifest() != nullptr && package_->certificate() != nullptr;
        keep_signature_ = signed_before && !changed_ && signer_ == nullptr && options_.digest.empty();
        if (signed_before && !keep_signature_ && signer_ == nullptr)
            report(diagnostics_, "package-signature-dropped", Location{path_},
                   fmt::format("the signature '{}' does not fit the new manifest: it is left out", printable(package_->certificate()->name)));
    }

    /// ovf:chunkSize of the files that are split.
    void say_chunks(const std::vector<std::string>& ids) {
        Diagnostics found;
        Document document = Document::parse(path_, descriptor_, found, options_.limits);
        ReadOptions read_options;
        read_options.limits = options_.limits;
        Envelope wanted = read(document, found, read_options);
        for (FileReference& file : wanted.files)
            if (std::find(ids.begin(), ids.end(), file.id) != ids.end()) file.chunk_size = chunk_size();
        const LossReport lost = update(document, wanted, found, read_options);
        if (lost.is_loss()) throw Error("this descriptor cannot say ovf:chunkSize");
        replace_descriptor(document.bytes());
    }

    [[nodiscard]] std::string base() const {
        const std::string& name = package_->descriptor().name;
        return name.substr(0, name.rfind('.'));
    }

    void write_to(TarTarget& target) {
        Diagnostics found;
        IntegrityCheck check(*package_, options_.trust, found);
        if (algorithm_ && !keep_signature_) check.also(*algorithm_);
        ProgressMeter meter(options_.progress, total_size(*package_));
        TarWriter tar(target, options_.time);
        tar.add(package_->descriptor().name, descriptor_);
        std::optional<TarWriter::Slot> manifest_slot, certificate_slot;
        const bool make = algorithm_ && !keep_signature_;
        PackageText manifest{base() + ".mf", manifest_text({})};
        if (keep_signature_) add_kept(tar);
        if (make && target.seekable()) {
            manifest_slot = tar.reserve(manifest.name, manifest.bytes.size());
            if (signer_ != nullptr) certificate_slot = tar.reserve(base() + ".cert", signer_->certificate_for(manifest).size());
        }
        std::map<std::string, std::string> digests;
        for (const Part& part : parts_) copy(part, tar, check, meter, digests);
        check.finish(entries_, false, &meter);
        package_->check_unchanged();
        forward_and_stop(found, diagnostics_);
        if (make) {
            for (const Part& part : parts_)
                if (part.whole()) digests[part.name] = check.digest(part.from->name, *algorithm_);
            digests[package_->descriptor().name] = digest_of(*algorithm_, descriptor_);
            manifest.bytes = manifest_text(digests);
            const std::string certificate = signer_ != nullptr ? signer_->certificate_for(manifest) : std::string{};
            if (manifest_slot) tar.patch(*manifest_slot, manifest.bytes);
            else tar.add(manifest.name, manifest.bytes);
            if (certificate_slot) tar.patch(*certificate_slot, certificate);
            else if (signer_ != nullptr) tar.add(base() + ".cert", certificate);
        }
        tar.finish();
    }

    void add_kept(TarWriter& tar) {
        tar.add(package_->manifest()->name, package_->manifest()->bytes);
        tar.add(package_->certificate()->name, package_->certificate()->bytes);
    }

    void copy(const Part& part, TarWriter& tar, IntegrityCheck& check, ProgressMeter& meter, std::map<std::string, std::string>& digests) {
        std::optional<Digest> own;
        std::unique_ptr<ByteSource> bytes;
        if (part.whole()) {
            bytes = check.watch(*part.from, package_->open(*part.from));
        } else {
            bytes = std::make_unique<PartSource>(package_->random(*part.from), part.offset, part.size);
            if (algorithm_) own.emplace(*algorithm_);
        }
        tar.begin(part.name, part.size);
        copy_all(*bytes, [&](std::span<const std::byte> piece) {
            if (own) own->update(piece);
            tar.write(piece);
            meter.add(piece.size());
        });
        tar.end();
        if (own) digests[part.name] = own->finish();
    }

    /// A line for the descriptor and every part, in that order; without digests, of the size it will have.
    [[nodiscard]] std::string manifest_text(const std::map<std::string, std::string>& digests) const {
        if (!algorithm_) return {};
        std::string out;
        const auto line = [&](const std::string& name) {
            const auto hex = digests.find(name);
            out += manifest_line({name, *algorithm_, hex != digests.end() ? hex->second : std::string(digits_of(*algorithm_), '0')});
        };
        line(package_->descriptor().name);
        for (const Part& part : parts_) line(part.name);
        return out;
    }

    static constexpr std::uint64_t tar_align = 64 << 10;
    const std::string& path_;
    const PackOptions& options_;
    Diagnostics& diagnostics_;
    std::unique_ptr<Package> package_;
    std::vector<FileEntry> entries_;
    std::optional<Algorithm> algorithm_;
    const Signer* signer_ = nullptr;
    std::string descriptor_;
    std::vector<Part> parts_;
    std::uint64_t size_ = 0;
    bool changed_ = false, keep_signature_ = false;
};

}  // namespace

Algorithm algorithm_of(const std::string& word) {
    if (word.empty()) return Algorithm::sha256;
    if (const auto algorithm = algorithm_from(word)) return *algorithm;
    throw UsageError(fmt::format("a digest is SHA256, SHA384, SHA512, SHA1 or none, not '{}'", word));
}

}  // namespace detail

void pack(const std::string& path, const std::string& output, const PackOptions& options, Diagnostics& diagnostics) {
    detail::Assembly(path, options, diagnostics).write(output);
}

void sign(const std::string& path, const std::string& output, const SignOptions& options, Diagnostics& diagnostics) {
    const detail::Signer signer(options.key_file, options.certificate_file);
    detail::Assembly assembly(path, options, diagnostics);
    assembly.sign_with(signer);
    assembly.write(output);
}

void replace_descriptor(const std::string& path, const std::string& descriptor, const std::string& output, const PackOptions& options,
                        Diagnostics& diagnostics) {
    detail::Assembly assembly(path, options, diagnostics);
    assembly.replace_descriptor(descriptor);
    assembly.write(output);
}

}  // namespace ovfkit
