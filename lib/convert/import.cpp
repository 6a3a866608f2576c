#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/import.hpp>

#include "base/staged.hpp"
#include "base/xml.hpp"
#include "convert/import_commands.hpp"
#include "convert/import_images.hpp"
#include "convert/import_plan.hpp"
#include "convert/package.hpp"
#include "convert/read.hpp"
#include "convert/select.hpp"
#include "model/names.hpp"
#include "model/writing.hpp"
#include "package/integrity.hpp"

namespace ovfkit {

std::string_view to_string(ImportedFile::Kind kind) {
    switch (kind) {
        case ImportedFile::Kind::disk:
            return "disk";
        case ImportedFile::Kind::blank_disk:
            return "blank disk";
        case ImportedFile::Kind::copy:
            return "copy";
        case ImportedFile::Kind::text:
            break;
    }
    return "text";
}

namespace detail {

namespace {

/// The folder's name as it will be, whatever the current folder is.
std::string absolute_folder(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const std::string name(last_part(path));
    const std::unique_ptr<char, void (*)(void*)> parent(::realpath(folder_part(path).c_str(), nullptr), &::free);
    if (!parent) io_error(path, errno, "cannot make the folder");
    const std::string out = std::string(parent.get()) + (std::string_view(parent.get()) == "/" ? "" : "/") + name;
    if (!is_safe_path(out)) throw UsageError(fmt::format("'{}' is no name for a folder that other programs shall read", printable(path)));
    return out;
}

/// Bytes of data, as far as the file system tells; few runs are enough.
std::uint64_t data_in(const RandomSource& source) {
    std::uint64_t out = 0, at = 0;
    for (int runs = 0; at < source.size() && runs < 4096; ++runs) {
        const RandomSource::Run run = source.run_at(at);
        if (!run.hole) out += run.length;
        at = run.offset + std::max<std::uint64_t>(run.length, 1);
    }
    return out;
}

class Importer {
public:
    Importer(const std::string& path, const std::string& folder, const ImportOptions& options, Diagnostics& diagnostics)
        : path_(path), options_(options), diagnostics_(diagnostics), folder_(absolute_folder(folder)), format_(*find_format(options.to)) {
        if (path != "-" && lies_in(path, folder_)) throw UsageError(fmt::format("the output {} is the input or holds it", printable(folder)));
    }

    Import run() {
        const auto package = open_package(path_, options_.limits, diagnostics_);
        entries_ = entries_of(*package, options_.limits, diagnostics_);
        read(*package);
        plan(*package);
        out_.folder = folder_;
        if (options_.dry_run || lost()) {
            for (const Diagnostic& one : first_.all()) diagnostics_.add(one);
            list_files();
            return std::move(out_);
        }
        glance(*package);
        StagedFolder staged(folder_, options_.replace);
        staged.require_space(out_.needed_bytes);
        write_images(*package, staged);
        translate_all(diagnostics_);
        list_files();
        write_texts(staged);
        if (::fsync(staged.fd()) != 0) io_error(folder_, errno, "cannot write");
        staged.commit();
        sync_parent();
        out_.written = true;
        return std::move(out_);
    }

private:
    void read(const Package& package) {
        ReadOptions read = options_.read;
        read.limits = options_.limits;
        read.lenient = options_.lenient;
        read.unmapped = true;
        if (package.kind() == Package::Kind::folder && read.folder.empty()) read.folder = folder_part(package.name());
        const std::string name = package.kind() == Package::Kind::folder ? package.name() : package.name() + "/" + package.descriptor().name;
        source_ = Source::parse(name, package.descriptor().bytes, read, diagnostics_);
        if (source_.document() == nullptr) throw UsageError(fmt::format("{} is no OVF descriptor", printable(name)));
        stop_at_errors(diagnostics_);
        envelope_ = source_.envelope();
        check_vm(envelope_, options_.write.vm);
        Envelope mine = envelope_;
        if (format_.is_dialect && select_vm(mine, options_.write.vm)) {  // the systems themselves are translate()'s to choose
            envelope_.files = std::move(mine.files);
            envelope_.disks = std::move(mine.disks);
        }
        rename_networks(envelope_, options_.networks);
    }

    [[nodiscard]] disk::Family image_family() const {
        if (options_.images == ImageFormat::automatic) return format_.leaf == "ganeti" ? disk::Family::raw : disk::Family::qcow2;
        return options_.images == ImageFormat::raw ? disk::Family::raw : disk::Family::qcow2;
    }

    /// Twice where names of the texts are one: then every VM gets a folder.
    void plan(Package& package) {
        PlanOptions wanted{options_.write.vm, image_family(), format_.is_dialect, false, options_.lenient};
        if (format_.id == "ganeti-instance") throw UsageError("a definition for gnt-instance makes its disks anew; a package's disks need --to ganeti");
        if (format_.leaf == "ganeti" && wanted.format != disk::Family::raw) throw UsageError("Ganeti imports raw disks only");
        for (;;) {
            plan_ = plan_import(envelope_, entries_, wanted, package.name());
            for (PlannedImage& image : plan_.images) find_capacity(package, image);
            first_ = Diagnostics();
            try {
                translate_all(first_);
            } catch (...) {
                for (const Diagnostic& one : first_.all()) diagnostics_.add(one);
                throw;
            }
            if (wanted.folder_each || !names_collide()) break;
            if (format_.leaf == "proxmox") throw UsageError("every machine of Proxmox has a number: import one at a time, with --vm and -O proxmox.vmid");
            wanted.folder_each = true;
        }
        if (format_.is_dialect)
            take_names();
        else
            report_unused(package);
        for (const PlannedImage& image : plan_.images) out_.needed_bytes += least_bytes(package, image);
    }

    void report_unused(const Package& package) {
        const Uses used = uses_of(envelope_, [](const VirtualSystem&) { return true; });
        for (const VirtualDisk& disk : envelope_.disks)
            if (!used.disks[static_cast<std::size_t>(&disk - envelope_.disks.data())])
                report(diagnostics_, "import-disk-unused", Location{package.name(), 0, 0},
                       fmt::format("no virtual machine uses the disk '{}': it is not imported",
                                   printable(disk.id)));
    }

    /// A dialect may call files its own way; what the text says is where they have to be.
    void take_names() {
        Diagnostics said;
        ReadOptions read;
        read.from = format_.id;
        read.limits = options_.limits;
        const Source text = Source::parse("", results_.front().translation.files.front().bytes, read, said);
        name_as(plan_, source_.envelope(), text.envelope());
    }

    /// Where the descriptor does not say it and the image lies open.
    void find_capacity(Package& package, PlannedImage& image) {
        if (image.capacity || image.kind != ImportedFile::Kind::disk || package.kind() == Package::Kind::stream) return;
        const ImagePart& part = image.parts.back();
        Diagnostics said_again;  // by the ones that write
        const FilePlace place = place_of(package, entries_[part.file], options_.lenient, said_again);
        if (place.parts.size() != 1 || is_packed(entries_[part.file])) return;
        image.capacity =
            disk::inspect(place.name, *package.random(*place.parts.front()), inspect_options(part, options_, image.parts.size() > 1), said_again).capacity;
    }

    [[nodiscard]] bool names_collide() const {
        std::set<std::string> names;
        return std::any_of(results_.begin(), results_.end(), [&](const Result& result) {
            return !names.insert(text_name(result.translation.files.front())).second;
        });
    }

    /// What an image takes at least, as far as anybody can know. Looks for the files, too.
    std::uint64_t least_bytes(Package& package, const PlannedImage& image) {
        std::uint64_t out = 0;
        Diagnostics said_again;  // by walk_files()
        for (const ImagePart& part : image.parts) {
            if (package.kind() == Package::Kind::stream) break;
            const FilePlace place = place_of(package, entries_[part.file], options_.lenient, said_again);
            const bool plain_raw = part.family == disk::Family::raw && place.parts.size() == 1 && entries_[part.file].compression.empty();
            out += plain_raw ? data_in(*package.random(*place.parts.front())) : place.size;
        }
        for (const VirtualDisk& disk : envelope_.disks)
            if (disk.id == image.id && disk.populated_bytes && disk.capacity_bytes && *disk.populated_bytes < *disk.capacity_bytes)
                out = std::max(out, *disk.populated_bytes);
        return image.kind == ImportedFile::Kind::disk ? std::min(out, image.capacity.value_or(out)) : out;
    }

    struct Result {
        Translation translation;
        std::size_t system = 0;  ///< number of the VirtualSystem; of a dialect the first
        std::string folder;      ///< empty or with its slash
    };

    void translate_all(Diagnostics& diagnostics) {
        results_.clear();
        const auto has = [&](std::string_view key) {
            return std::any_of(format_.options.begin(), format_.options.end(), [&](const OptionSpec& spec) { return spec.key == key; });
        };
        const bool images = has("images");
        source_.set_envelope(with_images(envelope_, plan_, folder_, !images && !format_.is_dialect && !has_own_volumes(format_)));
        for (std::size_t i = 0; i < envelope_.systems.size(); ++i) {
            const VirtualSystem& system = envelope_.systems[i];
            if (!is_wanted(system, options_.write.vm) && !format_.is_dialect) continue;
            WriteOptions write = options_.write;
            write.lenient = options_.lenient;
            std::string here = folder_;
            if (!plan_.folders[i].empty()) here += "/" + plan_.folders[i].substr(0, plan_.folders[i].size() - 1);
            if (images) write.options[std::string(format_.leaf) + ".images"] = here;
            if (!format_.is_dialect) write.vm = system.id;
            for (Translation& one : translate(source_, options_.to, write, diagnostics))
                if (format_.is_dialect || one.vm == system.id) results_.push_back({std::move(one), i, plan_.folders[i]});
            if (format_.is_dialect) break;  // one for all
        }
        if (results_.empty()) throw UsageError("there is no virtual machine to import");
    }

    bool lost() {
        for (const Result& result : results_) out_.reports.push_back(result.translation.report);
        return options_.strict && std::any_of(out_.reports.begin(), out_.reports.end(), [](const LossReport& report) { return report.is_loss(); });
    }

    /// What needs no disk to be read is checked before one is.
    void glance(Package& package) {
        if (package.kind() == Package::Kind::stream) return;
        Diagnostics found;
        IntegrityCheck(package, options_.trust, found).finish(entries_, true);
        if (found.has_errors()) forward_and_stop(found, diagnostics_);
    }

    void write_images(Package& package, const StagedFolder& staged) {
        Diagnostics found;
        IntegrityCheck check(package, options_.trust, found);
        ImageWriter writer(package, entries_, plan_, staged, options_, found);
        try {
            walk_files(package, entries_, &check, options_.lenient, found, [&](PackageFile& file) { writer.take(file); });
            writer.finish();
        } catch (const InputError& error) {
            // An image that is damaged is, first of all, not the one that the manifest means.
            const bool damaged = error.diagnostic().failure == Failure::malformed || error.diagnostic().failure == Failure::integrity;
            if (damaged && package.kind() != Package::Kind::stream && package.manifest() != nullptr) {
                check.finish(entries_);
                if (found.has_errors()) {
                    found.add(error.diagnostic());
                    forward_and_stop(found, diagnostics_);
                }
            }
            for (const Diagnostic& one : found.all()) diagnostics_.add(one);
            throw;
        }
        out_.integrity = check.finish(entries_);
        package.check_unchanged();
        forward_and_stop(found, diagnostics_);
    }

    void list_files() {
        out_.files.clear();
        out_.reports.clear();
        for (const PlannedImage& image : plan_.images) {
            ImportedFile file;
            file.kind = image.kind;
            if (!image.parts.empty()) file.from = entries_[image.parts.back().file].href;
            if (image.kind != ImportedFile::Kind::copy) file.format = to_string(image.format);
            file.bytes = image.kind == ImportedFile::Kind::copy ? image.size : image.capacity.value_or(0);
            for (const std::string& folder : image.folders) {
                file.name = folder + image.name;
                out_.files.push_back(file);
            }
        }
        for (const Result& result : results_) {
            for (const OutputFile& text : result.translation.files)
                out_.files.push_back({ImportedFile::Kind::text, result.folder + text_name(text), {}, {}, text.bytes.size()});
            out_.reports.push_back(result.translation.report);
            std::string here = folder_;
            if (!result.folder.empty()) here += "/" + result.folder.substr(0, result.folder.size() - 1);
            for (std::string& line : commands_for(format_, result.translation, here, images_of(result), options_.write.options))
                out_.commands.push_back(std::move(line));
            if (format_.id == "libvirt") out_.domains.push_back(here + "/" + text_name(result.translation.files.front()));
        }
    }

    /// Of the VM's disks and CD drives, in their order, by the names in its folder.
    [[nodiscard]] std::vector<ImportedFile> images_of(const Result& result) const {
        std::vector<ImportedFile> out;
        for (const Drive& drive : envelope_.systems[result.system].hardware.drives) {
            if (drive.kind == DriveKind::floppy) continue;
            const bool copied = drive.kind == DriveKind::cdrom;
            const VirtualDisk* disk = find_id(envelope_.disks, drive.disk_id);
            const std::string& id = !copied ? drive.disk_id : disk != nullptr ? disk->file_id : drive.file_id;
            for (const PlannedImage& image : plan_.images)
                if (image.id == id && (image.kind == ImportedFile::Kind::copy) == copied)
                    out.push_back({image.kind, image.name, {}, {}, copied ? image.size : image.capacity.value_or(0)});
        }
        return out;
    }

    void write_texts(const StagedFolder& staged) {
        for (const Result& result : results_)
            for (const OutputFile& text : result.translation.files) {
                const std::string name = result.folder + text_name(text);
                FileDescriptor file = staged.create(name);
                if (text.secret && ::fchmod(file.get(), 0600) != 0) io_error(name, errno, "cannot write");
                write_all(file.get(), text.bytes, name);
                if (::fdatasync(file.get()) != 0 || !file.close()) io_error(name, errno, "cannot write");
            }
    }

    /// The new name itself; a file system that cannot do that has other ways.
    void sync_parent() const {
        const FileDescriptor parent(::open(folder_part(folder_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (parent) (void)::fsync(parent.get());
    }

    const std::string& path_;
    const ImportOptions& options_;
    Diagnostics& diagnostics_;
    const std::string folder_;
    const Format& format_;
    std::vector<FileEntry> entries_;
    Source source_;
    Envelope envelope_;
    ImportPlan plan_;
    std::vector<Result> results_;
    Diagnostics first_;
    Import out_;
};

void check_target(const std::string& to) {
    const Format* format = find_format(to);
    if (format == nullptr) {
        std::vector<std::string_view> ids;
        for (const Format& one : formats()) ids.push_back(one.id);
        const std::string_view hit = nearest(to, ids);
        throw UsageError(fmt::format("no format is called '{}'{}", printable(to), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
    }
    if (!format->can_write) throw UsageError(fmt::format("'{}' can only be read", to));
}

}  // namespace

}  // namespace detail

Import import_package(const std::string& path, const std::string& folder, const ImportOptions& options, Diagnostics& diagnostics) {
    detail::check_target(options.to);
    check_options(options.write.options);
    return detail::Importer(path, folder, options, diagnostics).run();
}

}  // namespace ovfkit
