#include "convert/export_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/xml.hpp"
#include "convert/image_family.hpp"
#include "model/names.hpp"
#include "model/writing.hpp"

namespace ovfkit::detail {

namespace {

using Kind = ExportedFile::Kind;

constexpr std::string_view stream_uri = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";

/// What a VMDK calls the controller of its disk.
std::string adapter_of(const Hardware& hardware, const Drive& drive) {
    const Controller* found = nullptr;
    for (const Controller& controller : hardware.controllers)
        if (controller.info.id == drive.controller) found = &controller;
    const bool ide = found != nullptr ? found->type == ControllerType::ide : drive.interface == "ide";
    if (ide) return "ide";
    return found != nullptr && found->model == "buslogic" ? "buslogic" : "lsilogic";
}

/// A drive's image as the source's text has it.
struct Found {
    std::string path;                ///< on the host
    std::optional<std::size_t> entry;
    std::string format;              ///< a word of QEMU's
    const VirtualDisk* disk = nullptr;
    [[nodiscard]] bool nothing() const { return path.empty() && !entry; }
};

class Planner {
public:
    Planner(Envelope& wanted, const Basis& basis, const Envelope& source, const std::vector<FileEntry>& entries, const ExportPlanOptions& options)
        : wanted_(wanted), basis_(basis), source_(source), entries_(entries), options_(options) {
        for (const char* end : {".ovf", ".mf", ".cert"}) names_.insert(to_lower(options.stem + end));
    }

    ExportPlan run() {
        for (VirtualSystem& system : wanted_.systems) {
            for (Drive& drive : system.hardware.drives) {
                if (drive.kind == DriveKind::disk)
                    plan_disk_drive(system, drive);
                else
                    plan_medium(system, drive);
                drive.source.clear();  // the file in the package takes its place
                drive.source_format.clear();
            }
            plan_nvram(system);
        }
        if (options_.all_files) plan_rest();
        drop_unplanned();
        return std::move(out_);
    }

private:
    /// The drive of the source's own text; nullptr for one that only the carried descriptor has.
    const Drive* own_drive(const VirtualSystem& system, const Drive& drive) const {
        std::string_view id = drive.info.id;
        if (basis_.merged) {
            const auto mapped = std::find_if(basis_.ids.begin(), basis_.ids.end(), [&](const auto& pair) { return pair.first == id; });
            if (mapped == basis_.ids.end()) return &drive;  // it was added since, and is as it stands there
            id = mapped->second;
        }
        for (const VirtualSystem& one : source_.systems) {
            if (!basis_.merged && one.id != system.id) continue;
            for (const Drive& own : one.hardware.drives)
                if (own.info.id == id) return &own;
        }
        return nullptr;
    }

    Found find(const VirtualSystem& system, const Drive& drive) const {
        Found out;
        const Drive* own = own_drive(system, drive);
        if (own == nullptr) return out;
        out.path = own->source;
        out.format = own->source_format;
        const Envelope& where = own == &drive ? wanted_ : source_;
        out.disk = find_id(where.disks, own->disk_id);
        const std::string& file_id = out.disk != nullptr ? out.disk->file_id : own->file_id;
        if (out.path.empty()) out.entry = entry_of(file_id);
        return out;
    }

    std::optional<std::size_t> entry_of(const std::string& id) const {
        if (id.empty()) return std::nullopt;
        const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const FileEntry& entry) { return entry.id == id; });
        if (found == entries_.end()) return std::nullopt;
        return static_cast<std::size_t>(found - entries_.begin());
    }

    void plan_disk_drive(const VirtualSystem& system, Drive& drive) {
        const Found found = find(system, drive);
        const VirtualDisk* disk = find_id(wanted_.disks, drive.disk_id);
        if (found.nothing() && options_.platform && (found.disk == nullptr || !found.disk->capacity_bytes))
            fail("export-source-missing", drive.info.origin,
                 fmt::format("the disk '{}' names no image on this host (a network disk, a storage volume?): make a local image of it with "
                             "`qemu-img convert`, and name that in the text",
                             printable(drive.info.id)));
        if (disk == nullptr && found.nothing()) return;  // a device of the host that runs it
        if (disk == nullptr) disk = &make_disk(drive);
        plan_disk(*disk, found, adapter_of(system.hardware, drive));
    }

    /// For a drive that names a file without a Disk.
    const VirtualDisk& make_disk(Drive& drive) {
        VirtualDisk disk;
        disk.id = "disk-of-" + drive.info.id;
        while (find_id(wanted_.disks, disk.id) != nullptr) disk.id += "-";
        disk.file_id = std::exchange(drive.file_id, {});
        disk.origin = drive.info.origin;
        drive.disk_id = disk.id;
        wanted_.disks.push_back(std::move(disk));
        return wanted_.disks.back();
    }

    void plan_disk(const VirtualDisk& disk, const Found& found, std::string adapter) {
        if (planned(Kind::disk, disk.id)) return;
        if (!disk.parent_id.empty() && !options_.platform)
            fail("export-disk-chain", disk.origin,
                 fmt::format("the disk '{}' holds only what differs from its parent '{}' (ovf:parentRef): make whole disks of them with `ovfkit import`, "
                             "and export these",
                             printable(disk.id), printable(disk.parent_id)));
        ExportImage image;
        image.id = disk.id;
        image.adapter = std::move(adapter);
        const VirtualDisk& said = found.disk != nullptr ? *found.disk : disk;
        image.stated = said.capacity_bytes;
        image.inexact = said.capacity_inexact;
        if (found.nothing()) {
            if (!disk.file_id.empty() && !options_.platform)
                fail("export-source-missing", disk.origin, fmt::format("the file '{}' of disk '{}' is not in References", printable(disk.file_id), printable(disk.id)));
            if (!options_.ovirt) return;  // a blank disk needs no file
            if (said.capacity_bytes.value_or(0) == 0)
                fail("export-source-missing", disk.origin, fmt::format("the blank disk '{}' has no size", printable(disk.id)));
            image.kind = Kind::blank_disk;
            image.capacity = *said.capacity_bytes;
        }
        place(image, found);
        if (!found.path.empty())
            image.family = family_of_word(found.format);
        else if (image.file)
            image.family = family_of_disk(said, entries_[*image.file].href);
        if (!image.family && options_.raw) image.family = disk::Family::raw;
        image.name = unique(fmt::format("{}-disk{}", options_.stem, ++disks_), "." + std::string(to_string(options_.family())));
        out_.images.push_back(std::move(image));
    }

    void place(ExportImage& image, const Found& found) const {
        image.path = found.path;
        image.file = found.entry;
        image.from = image.path;
        if (image.file) image.from = entries_[*image.file].href;
    }

    void plan_medium(const VirtualSystem& system, Drive& drive) {
        const Found found = find(system, drive);
        if (found.nothing()) {
            if (options_.platform) drive.file_id.clear(), drive.disk_id.clear();  // was taken out
            return;
        }
        const std::string word(to_string(drive.kind));
        if (options_.no_media) {
            leave_out(fmt::format("VirtualSystem[{}]/drives[{}].file_id", system.id, drive.info.id), drive.info.origin, "export-media-left-out",
                      fmt::format("the {} image '{}' is left out (--no-media): the drive is empty", word, found.path.empty() ? entries_[*found.entry].href : found.path));
            drive.file_id.clear();
            drive.disk_id.clear();
            return;
        }
        const VirtualDisk* disk = find_id(wanted_.disks, drive.disk_id);
        std::string file_id = disk != nullptr ? disk->file_id : drive.file_id;
        if (find_id(wanted_.files, file_id) == nullptr) {
            FileReference file;
            file.id = file_id.empty() ? "file-of-" + drive.info.id : file_id;
            file.origin = drive.info.origin;
            file_id = drive.file_id = file.id;
            wanted_.files.push_back(std::move(file));
        }
        plan_copy(file_id, found, fmt::format("{}-{}", options_.stem, word), drive.kind == DriveKind::cdrom ? ".iso" : ".img");
    }

    void plan_nvram(VirtualSystem& system) {
        std::string& id = system.hardware.nvram_file_id;
        if (id.empty()) return;
        Found found;
        if (!options_.platform) found.entry = entry_of(id);
        if (found.entry) {
            plan_copy(id, found, options_.stem + "-nvram", "");
            return;
        }
        leave_out(fmt::format("VirtualSystem[{}]/nvram_file_id", system.id), system.origin, "export-file-left-out",
                  fmt::format("the NVRAM image '{}' is not here", id));
        id.clear();
    }

    void plan_copy(const std::string& file_id, const Found& found, const std::string& stem, std::string_view end) {
        if (planned(Kind::copy, file_id)) return;
        ExportImage image;
        image.kind = Kind::copy;
        image.id = file_id;
        place(image, found);
        image.name = unique(stem, end);
        out_.images.push_back(std::move(image));
    }

    /// Disks and files that no device names.
    void plan_rest() {
        for (std::size_t i = 0; i < wanted_.disks.size(); ++i) {
            const VirtualDisk disk = wanted_.disks[i];
            Found found;
            found.entry = entry_of(disk.file_id);
            const bool medium = !disk.file_id.empty() && planned(Kind::copy, disk.file_id);
            if (!medium) plan_disk(disk, found, "lsilogic");
        }
        for (const FileReference& file : wanted_.files) {
            Found found;
            found.entry = entry_of(file.id);
            const bool of_disk = std::any_of(wanted_.disks.begin(), wanted_.disks.end(), [&](const VirtualDisk& disk) { return disk.file_id == file.id; });
            if (of_disk || !found.entry) continue;
            const std::string name = file_name(last_part(file.href));
            const std::size_t dot = name.rfind('.');
            const bool plain = dot == std::string::npos || dot == 0;
            plan_copy(file.id, found, plain ? name : name.substr(0, dot), plain ? "" : std::string_view(name).substr(dot));
        }
    }

    /// What a package would refer to without having it.
    void drop_unplanned() {
        std::set<std::string> files, disks;
        for (const ExportImage& image : out_.images) (image.kind == Kind::copy ? files : disks).insert(image.id);
        for (const VirtualSystem& system : wanted_.systems)
            for (const Drive& drive : system.hardware.drives) disks.insert(drive.disk_id);
        std::erase_if(wanted_.disks, [&](const VirtualDisk& disk) { return !disks.contains(disk.id); });
        for (const VirtualDisk& disk : wanted_.disks) files.insert(disk.file_id);
        for (const FileReference& file : wanted_.files)
            if (!files.contains(file.id) && options_.platform && basis_.merged)
                leave_out(fmt::format("References/File[{}]", file.id), file.origin, "export-file-left-out",
                          fmt::format("the file '{}' of the carried descriptor is not here", file.href));
        std::erase_if(wanted_.files, [&](const FileReference& file) { return !files.contains(file.id); });
    }

    bool planned(Kind kind, const std::string& id) const {
        return std::any_of(out_.images.begin(), out_.images.end(),
                           [&](const ExportImage& image) { return image.id == id && (image.kind == Kind::copy) == (kind == Kind::copy); });
    }

    std::string unique(const std::string& stem, std::string_view end) {
        std::string name = stem + std::string(end);
        for (int i = 2; !names_.insert(to_lower(name)).second; ++i) name = fmt::format("{}-{}{}", stem, i, end);
        return name;
    }

    void leave_out(std::string path, Origin origin, std::string_view rule, std::string detail) {
        LossRow row;
        row.path = std::move(path);
        row.line = basis_.places.find(origin).line;
        row.rule = rule;
        row.detail = std::move(detail);
        out_.rows.push_back(std::move(row));
    }

    [[noreturn]] void fail(std::string_view rule, Origin origin, std::string message) const {
        Diagnostics found;
        const std::size_t line = basis_.places.find(origin).line;
        report(found, rule, Location{basis_.name, line, line == 0 ? std::size_t{0} : std::size_t{1}}, std::move(message), Failure::refused);
        throw InputError(found.all().front());
    }

    Envelope& wanted_;
    const Basis& basis_;
    const Envelope& source_;
    const std::vector<FileEntry>& entries_;
    const ExportPlanOptions& options_;
    ExportPlan out_;
    std::size_t disks_ = 0;
    std::set<std::string> names_;  ///< in use, in lower case
};

/// The FileReference that is this disk's alone; a new one where others use it, too.
FileReference& own_file(Envelope& envelope, VirtualDisk& disk) {
    std::size_t users = 0;
    for (const VirtualDisk& other : envelope.disks) users += other.file_id == disk.file_id ? 1 : 0;
    for (const VirtualSystem& system : envelope.systems)
        for (const Drive& drive : system.hardware.drives) users += drive.file_id == disk.file_id ? 1 : 0;
    for (FileReference& file : envelope.files)
        if (users == 1 && file.id == disk.file_id && !disk.file_id.empty()) return file;
    FileReference file;
    file.id = "file-of-" + disk.id;
    while (find_id(envelope.files, file.id) != nullptr) file.id += "-";
    file.origin = disk.origin;
    disk.file_id = file.id;
    envelope.files.push_back(std::move(file));
    return envelope.files.back();
}

void set_disk(Envelope& wanted, VirtualDisk& disk, const ExportImage& image, const ExportPlanOptions& options) {
    FileReference& file = own_file(wanted, disk);
    file.href = image.name;
    file.size = image.size;
    file.compression.clear();
    file.chunk_size.reset();
    disk.format = options.ovirt ? format_uri("qcow2") : stream_uri;
    disk.volume_format = options.ovirt ? "cow" : "";
    disk.capacity_bytes = image.capacity;
    disk.capacity_inexact = false;
    disk.populated_bytes = image.populated;
    disk.parent_id.clear();
}

}  // namespace

ExportPlan plan_export(Envelope& wanted, const Basis& basis, const Envelope& source, const std::vector<FileEntry>& entries,
                       const ExportPlanOptions& options) {
    return Planner(wanted, basis, source, entries, options).run();
}

void set_images(Envelope& wanted, const std::vector<ExportImage>& images, const ExportPlanOptions& options) {
    for (const ExportImage& image : images) {
        if (image.kind == Kind::copy) {
            for (FileReference& file : wanted.files)
                if (file.id == image.id) {
                    file.href = image.name;
                    file.size = image.size;
                    file.chunk_size.reset();
                }
            continue;
        }
        for (std::size_t i = 0; i < wanted.disks.size(); ++i)
            if (wanted.disks[i].id == image.id) set_disk(wanted, wanted.disks[i], image, options);
    }
}

}  // namespace ovfkit::detail
