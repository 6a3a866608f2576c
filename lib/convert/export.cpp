#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/export_package.hpp>

#include "base/staged.hpp"
#include "base/xml.hpp"
#include "convert/basis.hpp"
#include "convert/detect.hpp"
#include "convert/export_output.hpp"
#include "convert/export_plan.hpp"
#include "convert/export_sources.hpp"
#include "convert/package.hpp"
#include "convert/read.hpp"
#include "disk/transfer.hpp"
#include "model/names.hpp"
#include "package/kinds.hpp"
#include "package/manifest.hpp"
#include "package/names.hpp"
#include "package/signature.hpp"

namespace ovfkit {

std::string_view to_string(ExportedFile::Kind kind) {
    switch (kind) {
        case ExportedFile::Kind::descriptor:
            return "descriptor";
        case ExportedFile::Kind::manifest:
            return "manifest";
        case ExportedFile::Kind::certificate:
            return "certificate";
        case ExportedFile::Kind::disk:
            return "disk";
        case ExportedFile::Kind::blank_disk:
            return "blank disk";
        case ExportedFile::Kind::copy:
            break;
    }
    return "copy";
}

namespace detail {

namespace {

using Kind = ExportedFile::Kind;

disk::Level level_of(CompressionLevel level) {
    switch (level) {
        case CompressionLevel::fast:
            return disk::Level::fast;
        case CompressionLevel::balanced:
            return disk::Level::balanced;
        case CompressionLevel::small:
            break;
    }
    return disk::Level::small;
}

/// Sees what goes into the output: its digest.
class Digested final : public ByteSink {
public:
    Digested(ByteSink& sink, std::optional<Digest>& digest) : sink_(sink), digest_(digest) {}
    void write(std::span<const std::byte> bytes) override {
        if (digest_) digest_->update(bytes);
        sink_.write(bytes);
    }

private:
    ByteSink& sink_;
    std::optional<Digest>& digest_;
};

class Exporter {
public:
    Exporter(const std::string& path, const std::string& output, const ExportOptions& options, Diagnostics& diagnostics)
        : path_(path), output_(output), options_(options), diagnostics_(diagnostics) {
        if (path == "-") throw UsageError("what is exported is read from several files: name one, not standard input");
        if (output == "-" || !(output.ends_with(".ova") || output.ends_with(".ovf")))
            throw UsageError("the output is called X.ova, or X.ovf for a descriptor with its files beside it");
        if (options.key_file.empty() != options.certificate_file.empty()) throw UsageError("a signature takes a key and its certificate");
        stem_ = file_name(cut_text(std::string(last_part(output)).substr(0, last_part(output).size() - 4), max_stem));
        if (!name_problem(stem_ + ".ovf").empty()) throw UsageError(fmt::format("'{}' is no name for a package", printable(stem_)));
    }

    Export run() {
        read_source();
        choose_target();
        plan();
        write_.vm.clear();  // wanted_ has no other any more
        look_at_images();
        draft();
        out_.output = output_;
        if (options_.dry_run || (options_.strict && out_.report.is_loss())) {
            list_files({});
            return std::move(out_);
        }
        write_package();
        out_.written = true;
        return std::move(out_);
    }

private:
    void read_source() {
        ReadOptions read = options_.read;
        read.limits = options_.limits;
        read.lenient = options_.lenient;
        read.unmapped = true;
        source_.emplace(Source::load(path_, read, diagnostics_));
        const bool platform = find_platform_form(source_->format()).platform != nullptr;
        plan_options_.platform = platform;
        std::vector<FileEntry> entries;
        if (!platform) {
            package_ = Package::open(path_, options_.limits, diagnostics_);
            if (package_->kind() == Package::Kind::stream)
                throw UsageError(fmt::format("{} is compressed and cannot be read twice: unpack it first", printable(path_)));
            if (package_->descriptor().bytes != source_->bytes()) throw IoError(path_, EIO, fmt::format("{} is changing", path_));
            entries = entries_of(*package_, options_.limits, diagnostics_);
        } else if (std::any_of(source_->envelope().systems.begin(), source_->envelope().systems.end(), has_files_beside)) {
            package_ = open_folder(source_->name(), options_.limits, diagnostics_);
            for (const FileReference& file : source_->envelope().files) entries.push_back({file.id, file.href, {}, {}, {}});
        }
        if (source_->format() == "libvirt") refuse_chains();
        if (!options_.lenient) stop_at_errors(diagnostics_);
        sources_.emplace(package_.get(), std::move(entries), source_->name(), options_, output_);
    }

    /// libvirt finds backing files out by itself and the reader leaves them to it; what is exported is one image.
    void refuse_chains() {
        Diagnostics quiet;
        const auto document = XmlDocument::parse(source_->name(), source_->bytes(), quiet, options_.limits);
        const auto child = [](Element parent, std::string_view name) {
            Element found = parent.first();
            while (found && found.local() != name) found = found.next();
            return found;
        };
        for (Element device = child(document->root(), "devices").first(); device; device = device.next())
            if (const Element backing = child(device, "backingStore"); device.local() == "disk" && backing && child(backing, "source")) {
                Diagnostics found;
                report(found, "export-source-chain", backing,
                       "backingStore: the image is the top of a chain, and one image is exported; make one of it with `qemu-img convert`", Failure::refused);
                throw InputError(found.all().front());
            }
    }

    /// Ganeti's dumps lie beside the text; others name paths.
    static bool has_files_beside(const VirtualSystem& system) {
        const auto& drives = system.hardware.drives;
        return std::any_of(drives.begin(), drives.end(), [](const Drive& drive) { return drive.source.empty(); });
    }

    void choose_target() {
        check_options(options_.write.options);
        write_ = options_.write;
        write_.lenient = options_.lenient;
        basis_.emplace(Basis::of(*source_, diagnostics_));
        const std::set<std::string, std::less<>> usual{"dmtf", "vmware", "virtualbox", "ovirt"};
        target_ = options_.to;
        if (target_.empty()) {
            const Dialect* own = basis_->document == nullptr ? nullptr : &dialect_of(basis_->document->xml(), {});
            target_ = own != nullptr && usual.contains(own->id) ? own->id : "dmtf";
        }
        const Dialect* dialect = find_dialect(target_);
        if (dialect == nullptr || dialect->skeleton == nullptr) {
            std::vector<std::string_view> words(usual.begin(), usual.end());
            const std::string_view hit = nearest(target_, words);
            throw UsageError(fmt::format("a package is exported as {}, not '{}'{}", fmt::join(usual, ", "), printable(target_),
                                         hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
        }
        plan_options_.ovirt = target_ == "ovirt";
        if (!plan_options_.ovirt) {
            digest_ = options_.digest == "none" ? std::nullopt : std::optional(algorithm_of(options_.digest));
            if (!options_.key_file.empty()) signer_.emplace(options_.key_file, options_.certificate_file);
            if (signer_ && !digest_) throw UsageError("there is nothing to sign without a manifest");
            return;
        }
        // The engine's importer takes every member that it does not know for a disk.
        if (!options_.key_file.empty() || !(options_.digest.empty() || options_.digest == "none"))
            throw UsageError("oVirt reads no package with a manifest: export without --digest and --sign");
        std::string& flavour = write_.options.try_emplace("ovirt.flavour", "ova").first->second;
        if (flavour != "ova") throw UsageError("a package for oVirt is of its flavour ova");
    }

    void plan() {
        wanted_ = *basis_->envelope;
        std::string vm = options_.write.vm;
        check_vm(wanted_, vm);
        if (basis_->merged && wanted_.systems.size() > 1) vm = basis_->system_id;  // the only one whose disks are here
        std::erase_if(wanted_.systems, [&](const VirtualSystem& system) { return !is_wanted(system, vm); });
        if (wanted_.systems.empty()) throw UsageError("there is no virtual machine to export");
        plan_options_.stem = stem_;
        plan_options_.raw = source_->format().starts_with("ganeti");
        plan_options_.no_media = options_.no_media;
        plan_options_.all_files = !plan_options_.platform && vm.empty();
        plan_ = plan_export(wanted_, *basis_, source_->envelope(), sources_->entries(), plan_options_);
    }

    void look_at_images() {
        guard();
        for (ExportImage& image : plan_.images) {
            sources_->look_at(image, diagnostics_);
            out_.needed_bytes += image.kind == Kind::copy ? image.size : 0;
            if (image.kind == Kind::copy) continue;
            check_size(image, image.capacity);
            set_capacity(image, image.capacity);
            image.populated = image.capacity;
            image.size = image.capacity + image.capacity / 64 + (std::uint64_t{1} << 20);  // no real one is larger
        }
    }

    /// Nothing that is read may be written over.
    void guard() const {
        std::vector<std::string> inputs{path_, source_->name()}, outputs{output_};
        const std::string folder = folder_part(output_);
        for (const ExportImage& image : plan_.images) {
            inputs.push_back(sources_->path_of(image));
            if (output_.ends_with(".ovf")) outputs.push_back((folder.ends_with('/') ? folder : folder + "/") + image.name);
        }
        for (const std::string& output : outputs)
            for (const std::string& input : inputs)
                if (!input.empty() && lies_in(output, input)) throw UsageError(fmt::format("the output {} is the input or lies in it", printable(output)));
    }

    /// What the text says of the size, against what the image has.
    void check_size(const ExportImage& image, std::uint64_t capacity) {
        if (!image.stated || *image.stated == capacity || image.inexact || image.kind != Kind::disk) return;
        const bool dump = plan_options_.raw && image.path.empty();  // by an OS whose dumps are no images, maybe
        const std::string message = fmt::format("the image {} has {} bytes, the text says {}{}", printable(image.from), capacity, *image.stated,
                                                dump && !options_.lenient ? ": is it a dump of the whole disk? (--lenient lets it pass)" : ": the image holds");
        if (dump && !options_.lenient) {
            Diagnostics found;
            report(found, "export-disk-size-differs", Location{source_->name(), 0, 0}, message, Failure::integrity);
            throw InputError(found.all().front());
        }
        diagnostics_.add({Severity::warning, "export-disk-size-differs", message, {source_->name(), 0, 0}, {}, Failure::none});
    }

    /// Both formats count sectors.
    void set_capacity(ExportImage& image, std::uint64_t capacity) {
        image.capacity = capacity % 512 == 0 ? capacity : capacity + (512 - capacity % 512);
        if (image.capacity == capacity) return;
        LossRow row;
        row.path = fmt::format("DiskSection/Disk[{}]", image.id);
        row.fate = Fate::approximated;
        row.rule = "export-disk-padded";
        row.detail = fmt::format("{} bytes become {}: {} counts sectors of 512", capacity, image.capacity, disk::to_string(plan_options_.family()));
        plan_.rows.push_back(std::move(row));
    }

    Translation translated(Diagnostics& diagnostics) {
        Envelope wanted = wanted_;
        set_images(wanted, plan_.images, plan_options_);
        Translation out = to_dialect(*basis_, std::move(wanted), target_, write_, diagnostics);
        for (const LossRow& row : plan_.rows) out.report.rows.push_back(row);
        return out;
    }

    /// The descriptor with sizes no smaller than the real ones, and the names that the dialect gives to files.
    void draft() {
        for (int round = 0;; ++round) {
            Diagnostics found;
            Translation text = translated(found);
            const bool renamed = take_names(text.files.front().bytes);
            if (renamed && round < 2) continue;
            for (const Diagnostic& one : found.all()) diagnostics_.add(one);
            out_.report = std::move(text.report);
            draft_ = std::move(text.files.front().bytes);
            secret_ = text.files.front().secret;
            return;
        }
    }

    /// True when a file is called otherwise than it was planned.
    bool take_names(const std::string& text) {
        Diagnostics quiet;
        const Document document = Document::parse("(new)", text, quiet, options_.limits);
        ReadOptions read;
        read.lenient = true;
        read.limits = options_.limits;
        const Envelope written = ovfkit::read(document, quiet, read);
        bool renamed = false;
        std::vector<ExportImage> kept;
        for (ExportImage& image : plan_.images) {
            const auto same = [&](const FileReference& file) { return file.href == image.name; };
            const bool found = std::any_of(written.files.begin(), written.files.end(), same);
            if (!found && image.kind == Kind::copy) continue;  // the dialect has no place for it, and said so
            if (!found) {
                image.name = name_in(written, image);
                renamed = true;
            }
            kept.push_back(std::move(image));
        }
        plan_.images = std::move(kept);
        return renamed;
    }

    /// A dialect may give a disk another id, too, but never another place among the disks.
    [[nodiscard]] std::string name_in(const Envelope& written, const ExportImage& image) const {
        for (std::size_t i = 0; i < wanted_.disks.size() && i < written.disks.size(); ++i) {
            if (wanted_.disks[i].id != image.id || wanted_.disks.size() != written.disks.size()) continue;
            for (const FileReference& file : written.files)
                if (file.id == written.disks[i].file_id && name_problem(file.href).empty()) return file.href;
        }
        throw Error(fmt::format("the dialect has no file for disk '{}'", printable(image.id)));
    }

    [[nodiscard]] std::string descriptor_name() const {
        if (output_.ends_with(".ovf")) return std::string(last_part(output_));
        return plan_options_.ovirt ? "vm.ovf" : stem_ + ".ovf";  // what the engine looks for
    }

    /// A line for the descriptor and every file, in that order; without digests, of the size it will have.
    [[nodiscard]] std::string manifest_text(const std::string& descriptor) const {
        std::string out = manifest_line({descriptor_name(), *digest_, digest_of(*digest_, descriptor)});
        for (const ExportImage& image : plan_.images) {
            const auto hex = digests_.find(image.name);
            out += manifest_line({image.name, *digest_, hex != digests_.end() ? hex->second : std::string(digits_of(*digest_), '0')});
        }
        return out;
    }

    [[nodiscard]] PackageTexts texts(std::string descriptor) const {
        PackageTexts out{stem_, descriptor_name(), std::move(descriptor), {}, {}};
        if (digest_) out.manifest = manifest_text(out.descriptor);
        if (signer_) out.certificate = signer_->certificate_for({stem_ + ".mf", out.manifest});
        return out;
    }

    void write_package() {
        const bool ova = output_.ends_with(".ova");
        remove_leftovers(folder_part(output_));
        const auto out = ova ? ova_output(output_, options_.replace, secret_, options_.time) : folder_output(output_, options_.replace, secret_);
        out->require_space(out_.needed_bytes);
        out->reserve(texts(draft_ + std::string(draft_slack, '\n')));
        Diagnostics found;
        std::optional<IntegrityCheck> check;
        if (!plan_options_.platform) check.emplace(*package_, options_.trust, found);
        for (const ExportImage& image : plan_.images) total_ += image.kind == Kind::copy ? image.size : image.capacity;
        try {
            for (ExportImage& image : plan_.images) write_image(*out, image, check ? &*check : nullptr, found);
            if (check) check->finish(sources_->entries());
            if (package_) package_->check_unchanged();
        } catch (const InputError&) {
            for (const Diagnostic& one : found.all()) diagnostics_.add(one);
            throw;
        }
        forward_and_stop(found, diagnostics_);
        Diagnostics said_before;
        Translation text = translated(said_before);
        out_.report = std::move(text.report);
        const PackageTexts last = texts(out->fitted(std::move(text.files.front().bytes)));
        out->finish(last);
        list_files(last);
    }

    void write_image(ExportOutput& out, ExportImage& image, IntegrityCheck* check, Diagnostics& found) {
        std::optional<Digest> digest;
        if (digest_) digest.emplace(*digest_);
        out.begin(image.name);
        const std::uint64_t before = done_, expected = image.kind == Kind::copy ? image.size : image.capacity;
        if (image.kind == Kind::blank_disk) {
            const auto target = target_for(out, image, digest);
            target->finish();
            image.populated = 0;
        } else {
            sources_->read(image, check, found, [&](const ExportSources::Bytes& bytes) {
                if (image.kind == Kind::copy)
                    copy(out, *bytes, digest);
                else
                    convert(out, image, bytes, digest, found);
            });
        }
        image.size = out.end();
        if (digest) digests_[image.name] = digest->finish();
        done_ = before + expected;
        tell(0);
    }

    void copy(ExportOutput& out, const RandomSource& bytes, std::optional<Digest>& digest) {
        Digested sink(out, digest);
        std::vector<std::byte> buffer(std::size_t{1} << 20);
        for (std::uint64_t at = 0; at < bytes.size();) {
            const std::size_t got = bytes.read_at(at, buffer);
            if (got == 0) break;
            sink.write(std::span(buffer).first(got));
            at += got;
            tell(at);
        }
    }

    void convert(ExportOutput& out, ExportImage& image, const ExportSources::Bytes& bytes, std::optional<Digest>& digest, Diagnostics& found) {
        const auto reader = disk::open_random(image.from, *bytes, sources_->inspect_options(image), found);
        const std::uint64_t planned = image.capacity;
        std::uint64_t capacity = reader->image().capacity;
        capacity = capacity % 512 == 0 ? capacity : capacity + (512 - capacity % 512);
        if (capacity != planned) {
            check_size(image, capacity);
            image.capacity = capacity;
        }
        const auto target = target_for(out, image, digest);
        disk::TransferOptions options;
        options.threads = options_.threads;
        if (options_.progress != nullptr)
            options.progress = [&](std::uint64_t position, std::uint64_t all) {
                tell(all == 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(planned) * (static_cast<double>(position) / static_cast<double>(all))));
            };
        disk::transfer(*reader, *target, options);
        target->finish();
        image.populated = target->populated();
    }

    std::unique_ptr<disk::Target> target_for(ExportOutput& out, const ExportImage& image, std::optional<Digest>& digest) const {
        if (plan_options_.ovirt) {
            const ExportOutput::Place place = out.place();
            return disk::qcow2_target(image.name, place.fd, image.capacity, place.base);
        }
        disk::VmdkOptions options;
        options.name = image.from;
        options.file = image.name;
        options.adapter = image.adapter;
        options.level = level_of(options_.level);
        if (digest) options.tap = [&digest](disk::Bytes bytes) { digest->update(bytes); };
        return disk::vmdk_target(out, image.capacity, std::move(options));
    }

    void tell(std::uint64_t of_this) const {
        if (options_.progress != nullptr) options_.progress->at(std::min(done_ + of_this, total_), total_);
    }

    void list_files(const PackageTexts& written) {
        out_.files.push_back({Kind::descriptor, descriptor_name(), {}, {}, 0, 0, written.descriptor.size()});
        if (digest_) out_.files.push_back({Kind::manifest, stem_ + ".mf", {}, {}, 0, 0, written.manifest.size()});
        if (signer_) out_.files.push_back({Kind::certificate, stem_ + ".cert", {}, {}, 0, 0, written.certificate.size()});
        const bool done = !written.descriptor.empty();
        for (const ExportImage& image : plan_.images) {
            ExportedFile file{image.kind, image.name, image.from, {}, 0, 0, 0};
            if (image.kind != Kind::copy) {
                file.format = disk::to_string(plan_options_.family());
                file.capacity = image.capacity;
                file.populated = done ? image.populated : 0;
            }
            if (done || image.kind == Kind::copy) file.size = image.size;
            out_.files.push_back(std::move(file));
        }
    }

    static constexpr std::size_t max_stem = 100, draft_slack = 512;
    const std::string& path_;
    const std::string& output_;
    const ExportOptions& options_;
    Diagnostics& diagnostics_;
    std::string stem_, target_, draft_;
    WriteOptions write_;
    std::optional<Source> source_;
    std::optional<Basis> basis_;
    std::unique_ptr<Package> package_;
    std::optional<ExportSources> sources_;
    std::optional<Algorithm> digest_;
    std::optional<Signer> signer_;
    Envelope wanted_;
    ExportPlanOptions plan_options_;
    ExportPlan plan_;
    std::map<std::string, std::string> digests_;  ///< by name
    std::uint64_t done_ = 0, total_ = 0;
    bool secret_ = false;  ///< the descriptor is for its owner alone
    Export out_;
};

}  // namespace

}  // namespace detail

Export export_package(const std::string& path, const std::string& output, const ExportOptions& options, Diagnostics& diagnostics) {
    return detail::Exporter(path, output, options, diagnostics).run();
}

}  // namespace ovfkit
