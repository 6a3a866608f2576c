#include "convert/import_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/xml.hpp"
#include "convert/image_family.hpp"
#include "convert/read.hpp"
#include "model/names.hpp"
#include "model/writing.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::size_t max_chain = 64;
constexpr std::uint64_t some_capacity = 1 << 20;

using Kind = ImportedFile::Kind;

class Planner {
public:
    Planner(Envelope& envelope, const std::vector<FileEntry>& entries, const PlanOptions& options, const std::string& package)
        : envelope_(envelope), entries_(entries), options_(options), package_(package) {}

    ImportPlan run() {
        for (VirtualSystem& system : envelope_.systems) {
            out_.folders.emplace_back();
            if (!is_wanted(system, options_.vm)) continue;
            base_ = file_name(cut_text(system.name.empty() ? system.id : system.name, max_base));
            if (options_.folder_each) out_.folders.back() = unique(base_, "") + "/";
            plan_system(system, out_.folders.back());
        }
        if (options_.all_files) plan_rest();
        return std::move(out_);
    }

private:
    void plan_system(VirtualSystem& system, const std::string& folder) {
        std::size_t disks = 0, cdroms = 0, floppies = 0;
        for (Drive& drive : system.hardware.drives) {
            if (drive.kind == DriveKind::disk) {
                plan_disk(drive_disk(drive), folder, ++disks);
                continue;
            }
            const VirtualDisk* disk = find_id(envelope_.disks, drive.disk_id);
            const std::string& file = disk != nullptr ? disk->file_id : drive.file_id;
            if (file.empty()) continue;
            const bool cdrom = drive.kind == DriveKind::cdrom;
            plan_copy(file, folder, fmt::format("{}{}", cdrom ? "cdrom" : "floppy", cdrom ? ++cdroms : ++floppies), cdrom ? ".iso" : ".img");
        }
        if (!system.hardware.nvram_file_id.empty()) plan_copy(system.hardware.nvram_file_id, folder, "nvram", "");
    }

    /// A disk that names a file without a Disk gets one.
    const VirtualDisk& drive_disk(Drive& drive) {
        if (const VirtualDisk* disk = find_id(envelope_.disks, drive.disk_id)) return *disk;
        VirtualDisk disk;
        disk.id = "disk-of-" + drive.info.id;
        while (find_id(envelope_.disks, disk.id) != nullptr) disk.id += "-";
        disk.file_id = std::exchange(drive.file_id, {});
        disk.origin = drive.info.origin;
        drive.disk_id = disk.id;
        made_.insert(disk.id);
        envelope_.disks.push_back(std::move(disk));
        return envelope_.disks.back();
    }

    PlannedImage* planned(Kind kind, const std::string& id, const std::string& folder) {
        for (PlannedImage& image : out_.images) {
            const bool same = image.id == id && (image.kind == Kind::copy) == (kind == Kind::copy);
            if (!same) continue;
            if (std::find(image.folders.begin(), image.folders.end(), folder) == image.folders.end()) image.folders.push_back(folder);
            return &image;
        }
        return nullptr;
    }

    void plan_disk(const VirtualDisk& disk, const std::string& folder, std::size_t number) {
        if (planned(Kind::disk, disk.id, folder) != nullptr) return;
        PlannedImage image;
        image.id = disk.id;
        if (disk.capacity_bytes && *disk.capacity_bytes != 0) image.capacity = disk.capacity_bytes;
        image.inexact = disk.capacity_inexact;
        image.format = options_.format;
        image.parts = chain(disk);
        if (image.parts.empty()) image.kind = Kind::blank_disk;
        if (!image.capacity) check_unsized(disk, image);
        image.name = unique(fmt::format("{}-disk{}", base_, number), "." + std::string(to_string(image.format)));
        image.folders = {folder};
        out_.images.push_back(std::move(image));
    }

    /// VirtualBox takes the size from the image then; so do we where that is asked for. A drive that names its file without
    /// a Disk has no place for a size.
    void check_unsized(const VirtualDisk& disk, const PlannedImage& image) {
        const bool blank = image.parts.empty();
        if (blank || !(options_.lenient || made_.contains(disk.id)))
            fail("import-disk-size-missing", fmt::format("the disk '{}' has no size: its ovf:capacity is missing or 0{}", disk.id,
                                                         blank ? "" : " (--lenient takes the image's)"));
    }

    /// The files of the disk and its parents, the eldest first.
    std::vector<ImagePart> chain(const VirtualDisk& disk) {
        std::vector<ImagePart> parts;
        std::set<std::string> seen;
        for (const VirtualDisk* at = &disk; at != nullptr;) {
            if (!seen.insert(at->id).second || seen.size() > max_chain)
                fail("import-disk-chain", fmt::format("the parents of disk '{}' (ovf:parentRef) form a loop or are more than {}", disk.id, max_chain));
            if (!at->file_id.empty()) {
                const std::size_t file = entry_of(at->file_id);
                parts.insert(parts.begin(), {file, at->id, family_of_disk(*at, entries_[file].href)});
            }
            const std::string& parent = at->parent_id;
            at = find_id(envelope_.disks, parent);
            if (at == nullptr && !parent.empty())
                fail("import-disk-chain", fmt::format("the parent '{}' of disk '{}' (ovf:parentRef) is not there", parent, disk.id));
        }
        return parts;
    }

    void plan_copy(const std::string& file, const std::string& folder, const std::string& what, std::string_view end) {
        if (planned(Kind::copy, file, folder) != nullptr) return;
        PlannedImage image;
        image.kind = Kind::copy;
        image.id = file;
        image.parts = {{entry_of(file), {}, {}}};
        image.name = unique(fmt::format("{}-{}", base_, what), end);
        image.folders = {folder};
        out_.images.push_back(std::move(image));
    }

    /// Disks and files that no device names, for an output that is a package again.
    void plan_rest() {
        for (std::size_t i = 0; i < envelope_.disks.size(); ++i) {
            const std::string id = envelope_.disks[i].id;
            const bool parent = std::any_of(envelope_.disks.begin(), envelope_.disks.end(), [&](const VirtualDisk& d) { return d.parent_id == id; });
            if (!parent) plan_disk(envelope_.disks[i], "", out_.images.size() + 1);
        }
        for (const FileReference& file : envelope_.files) {
            const bool used = std::any_of(out_.images.begin(), out_.images.end(), [&](const PlannedImage& image) {
                return std::any_of(image.parts.begin(), image.parts.end(), [&](const ImagePart& part) { return entries_[part.file].id == file.id; });
            });
            if (!used) plan_copy(file.id, "", file_name(last_part(file.href)), "");
        }
    }

    std::size_t entry_of(const std::string& file_id) {
        const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const FileEntry& entry) { return entry.id == file_id; });
        if (found == entries_.end()) fail("import-disk-chain", fmt::format("the file '{}' is not in References", file_id));
        return static_cast<std::size_t>(found - entries_.begin());
    }

    std::string unique(const std::string& stem, std::string_view end) {
        std::string name = stem + std::string(end);
        for (int i = 2; !names_.insert(to_lower(name)).second; ++i) name = fmt::format("{}-{}{}", stem, i, end);
        return name;
    }

    [[noreturn]] void fail(std::string_view rule, std::string message) {
        Diagnostics found;
        report(found, rule, Location{package_, 0, 0}, std::move(message), Failure::malformed);
        throw InputError(found.all().front());
    }

    static constexpr std::size_t max_base = 100;
    Envelope& envelope_;
    const std::vector<FileEntry>& entries_;
    const PlanOptions& options_;
    const std::string& package_;
    ImportPlan out_;
    std::string base_;
    std::set<std::string> names_, made_;  ///< names in use; disks that the descriptor has only as files
};

/// The FileReference that is this disk's alone; a new one where others use it, too.
FileReference& own_file(Envelope& envelope, VirtualDisk& disk) {
    std::size_t users = 0;
    for (const VirtualDisk& other : envelope.disks) users += other.file_id == disk.file_id ? 1 : 0;
    for (FileReference& file : envelope.files)
        if (users == 1 && file.id == disk.file_id && !disk.file_id.empty()) return file;
    FileReference file;
    file.id = "image-" + disk.id;
    while (find_id(envelope.files, file.id) != nullptr) file.id += "-";
    file.origin = disk.origin;
    disk.file_id = file.id;
    envelope.files.push_back(std::move(file));
    return envelope.files.back();
}

void set_file(FileReference& file, const PlannedImage& image) {
    file.href = image.name;
    file.size.reset();
    file.compression.clear();
    file.chunk_size.reset();
    if (image.kind == Kind::copy && image.size != 0) file.size = image.size;
}

void set_disk(Envelope& envelope, VirtualDisk& disk, const PlannedImage& image) {
    set_file(own_file(envelope, disk), image);
    const bool raw = image.format == disk::Family::raw;
    disk.format = format_uri(to_string(image.format));
    if (!disk.volume_format.empty()) disk.volume_format = raw ? "raw" : "cow";
    // Before the image was read only some size is known to be there.
    disk.capacity_bytes = image.capacity.value_or(some_capacity);
    disk.populated_bytes.reset();
    disk.parent_id.clear();
}

/// Parents that are part of their children now, and the files of these.
void drop_merged(Envelope& envelope, const std::set<std::string>& merged) {
    std::set<std::string> files;
    for (const VirtualDisk& disk : envelope.disks)
        if (merged.contains(disk.id)) files.insert(disk.file_id);
    std::erase_if(envelope.disks, [&](const VirtualDisk& disk) { return merged.contains(disk.id); });
    for (const VirtualDisk& disk : envelope.disks) files.erase(disk.file_id);
    std::erase_if(envelope.files, [&](const FileReference& file) { return files.contains(file.id); });
}

}  // namespace

bool is_packed(const FileEntry& entry) { return !entry.compression.empty() && entry.compression != "identity"; }

ImportPlan plan_import(Envelope& envelope, const std::vector<FileEntry>& entries, const PlanOptions& options,
                       const std::string& package) {
    return Planner(envelope, entries, options, package).run();
}

Envelope with_images(const Envelope& envelope, const ImportPlan& plan, const std::string& folder, bool sources) {
    Envelope out = envelope;
    std::set<std::string> merged, kept;
    for (const PlannedImage& image : plan.images) {
        for (const ImagePart& part : image.parts)
            if (part.disk_id != image.id) merged.insert(part.disk_id);
        kept.insert(image.id);
        if (image.kind == Kind::copy) {
            for (FileReference& file : out.files)
                if (file.id == image.id) set_file(file, image);
        } else {
            for (std::size_t i = 0; i < out.disks.size(); ++i)
                if (out.disks[i].id == image.id) set_disk(out, out.disks[i], image);
        }
    }
    for (const std::string& id : kept) merged.erase(id);
    drop_merged(out, merged);
    for (std::size_t i = 0; i < out.systems.size(); ++i)
        for (Drive& drive : out.systems[i].hardware.drives) {
            if (!sources) break;
            const VirtualDisk* disk = find_id(out.disks, drive.disk_id);
            const std::string& id = drive.kind == DriveKind::disk ? drive.disk_id : disk != nullptr ? disk->file_id : drive.file_id;
            for (const PlannedImage& image : plan.images)
                if (image.id == id && (image.kind == Kind::copy) == (drive.kind != DriveKind::disk))
                    drive.source = folder + "/" + plan.folders[i] + image.name;
        }
    return out;
}

void name_as(ImportPlan& plan, const Envelope& planned, const Envelope& written) {
    if (planned.disks.size() != written.disks.size()) return;
    for (PlannedImage& image : plan.images) {
        if (image.kind == Kind::copy) continue;
        for (std::size_t i = 0; i < planned.disks.size(); ++i) {
            if (planned.disks[i].id != image.id) continue;
            const FileReference* file = find_id(written.files, written.disks[i].file_id);
            if (file != nullptr) image.name = name_of(FileEntry{file->id, file->href, {}, {}, {}}, {});
        }
    }
}

void rename_networks(Envelope& envelope, const std::map<std::string, std::string, std::less<>>& names) {
    std::set<std::string_view> found;
    const auto rename = [&](std::string& name) {
        const auto row = names.find(name);
        if (row == names.end()) return;
        found.insert(row->first);
        name = row->second;
    };
    std::vector<std::string> known;
    for (Network& network : envelope.networks) {
        known.push_back(network.name);
        rename(network.name);
    }
    for (VirtualSystem& system : envelope.systems)
        for (Nic& nic : system.hardware.nics) rename(nic.network);
    for (const auto& [from, to] : names) {
        if (found.contains(from)) continue;
        const std::string_view hit = nearest(from, {known.begin(), known.end()});
        throw UsageError(fmt::format("no network '{}' in it{}", printable(from), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", printable(hit))));
    }
}

}  // namespace ovfkit::detail
