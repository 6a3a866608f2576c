#include <algorithm>
#include <array>

#include <ovfkit/limits.hpp>

#include "edit/storage.hpp"
#include "model/names.hpp"

namespace ovfkit::detail::edit {

namespace {

std::uint64_t capacity(const std::string& what, const std::string& text) {
    const std::uint64_t bytes = size(what, text);
    if (bytes > default_max_disk_bytes) fail(fmt::format("{}: '{}' is more than any disk has", what, text));
    return bytes;
}

std::string numbered(std::string_view name, const Hardware& hardware, DriveKind kind) {
    const auto is = [&](const Drive& drive) { return drive.kind == kind; };
    return fmt::format("{} {}", name, std::count_if(hardware.drives.begin(), hardware.drives.end(), is) + 1);
}

/// A word of ours or a URI as it is.
std::string disk_format(const std::string& what, const std::string& text) {
    if (text.find(':') != std::string::npos) return text;
    const std::string word(choice(what, text == "vhd" ? "vpc" : std::string_view(text), "vmdk|qcow2|raw|vpc|vdi"));
    return std::string(format_uri(word));
}

/// A blank disk is of the format the others are.
VirtualDisk blank(const Editor& editor, const Pairs& pairs) {
    VirtualDisk disk;
    disk.format = editor.envelope.disks.empty() ? std::string(format_uri("vmdk")) : editor.envelope.disks.back().format;
    if (!editor.envelope.disks.empty()) {
        disk.volume_format = editor.envelope.disks.back().volume_format;
        disk.volume_type = editor.envelope.disks.back().volume_type;
    }
    pairs.on("format", [&](const std::string& value) { disk.format = disk_format(pairs.name("format"), value); });
    return disk;
}

void add_disk(Editor& editor, const std::string& value) {
    const Pairs pairs("--disk-add", value, {"capacity", "file", "format", "controller", "unit", "name"});
    if (!pairs.has("capacity") && !pairs.has("file")) fail("--disk-add needs capacity=SIZE or file=NAME");
    VirtualSystem& system = editor.system("--disk-add");
    VirtualDisk disk = blank(editor, pairs);
    disk.id = editor.new_disk_id();
    pairs.on("file", [&](const std::string& name) {
        const std::string* word = pairs.find("format");
        const NewFileReference added = reference(editor, "--disk-add file", name, word == nullptr ? std::string{} : format_word(*word));
        disk.file_id = added.file.id;
        disk.capacity_bytes = added.capacity;
        if (word == nullptr || word->find(':') == std::string::npos) disk.format = added.format;
        editor.envelope.files.push_back(added.file);
    });
    pairs.on("capacity", [&](const std::string& text) {
        const std::uint64_t bytes = capacity(pairs.name("capacity"), text);
        if (disk.capacity_bytes && bytes != *disk.capacity_bytes)
            fail(fmt::format("--disk-add: the image has {} bytes, not {}; leave capacity= out", *disk.capacity_bytes, bytes));
        disk.capacity_bytes = bytes;
    });
    Drive drive;
    drive.info.id = editor.new_device_id(system);
    drive.info.name = numbered("Hard Disk", system.hardware, DriveKind::disk);
    drive.disk_id = disk.id;
    pairs.on("name", [&](const std::string& name) { drive.info.name = name; });
    place(system, drive, pairs, true);
    editor.envelope.disks.push_back(std::move(disk));
    system.hardware.drives.push_back(std::move(drive));
}

/// The drive of that id or name, or the one whose disk has that id.
Drive& find_drive(Hardware& hardware, std::string_view what, const std::string& id, bool is_disk) {
    std::vector<Drive> fitting;
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < hardware.drives.size(); ++i) {
        const Drive& drive = hardware.drives[i];
        if ((drive.kind == DriveKind::disk) != is_disk) continue;
        if (is_disk && drive.disk_id == id && drive.info.id != id && !id.empty()) return hardware.drives[i];
        fitting.push_back(drive);
        at.push_back(i);
    }
    const Drive& hit = find_device(fitting, what, id);
    return hardware.drives[at[static_cast<std::size_t>(&hit - fitting.data())]];
}

/// Takes disk and file away where nothing else refers to them.
void drop_disk(Editor& editor, const std::string& id) {
    auto& disks = editor.envelope.disks;
    for (const VirtualSystem& system : editor.envelope.systems)
        for (const Drive& drive : system.hardware.drives)
            if (drive.disk_id == id) return;
    const auto child = std::find_if(disks.begin(), disks.end(), [&](const VirtualDisk& disk) { return disk.parent_id == id && !id.empty(); });
    if (child != disks.end()) fail(fmt::format("--disk-remove: disk {} is the parent of {}", id, child->id));
    const auto disk = std::find_if(disks.begin(), disks.end(), [&](const VirtualDisk& one) { return one.id == id; });
    if (disk == disks.end()) return;
    const std::string file = disk->file_id;
    disks.erase(disk);
    editor.drop_file(file);
}

void remove_drive(Editor& editor, std::string_view what, const std::string& id, bool is_disk) {
    auto& drives = editor.system(what).hardware.drives;
    const auto hit = drives.begin() + (&find_drive(editor.system(what).hardware, what, id, is_disk) - drives.data());
    const Drive gone = *hit;
    drives.erase(hit);
    if (!gone.disk_id.empty()) drop_disk(editor, gone.disk_id);
    editor.drop_file(gone.file_id);
}

void remove_disk(Editor& editor, const std::string& id) { remove_drive(editor, "--disk-remove", id, true); }
void remove_cdrom(Editor& editor, const std::string& id) { remove_drive(editor, "--cdrom-remove", id, false); }

void change_disk(Editor& editor, const std::string& value) {
    const Addressed parts = addressed("--disk", value);
    const Pairs pairs(fmt::format("--disk {}", parts.id), parts.pairs, {"capacity", "controller", "unit", "name"});
    VirtualSystem& system = editor.system("--disk");
    Drive& drive = find_drive(system.hardware, "--disk", parts.id, true);
    pairs.on("name", [&](const std::string& name) { drive.info.name = name; });
    place(system, drive, pairs, false);
    pairs.on("capacity", [&](const std::string& text) {
        const std::uint64_t bytes = capacity(pairs.name("capacity"), text);
        for (VirtualDisk& disk : editor.envelope.disks) {
            if (disk.id != drive.disk_id) continue;
            if (!disk.capacity_property.empty())
                fail(fmt::format("--disk: the capacity of {} is the property ${{{}}}: change that one", disk.id, disk.capacity_property));
            if (!disk.file_id.empty() && disk.capacity_bytes && bytes < *disk.capacity_bytes)
                fail(fmt::format("--disk: the image of {} has {} bytes; a disk with a file can only grow", disk.id, *disk.capacity_bytes));
            disk.capacity_bytes = bytes;
            return;
        }
        fail(fmt::format("--disk: {} has no Disk whose capacity could be set", parts.id));
    });
}

Drive new_cdrom(const Editor& editor, VirtualSystem& system, const Pairs& pairs) {
    Drive drive;
    drive.kind = DriveKind::cdrom;
    drive.info.id = editor.new_device_id(system);
    drive.info.name = numbered("CD/DVD Drive", system.hardware, DriveKind::cdrom);
    pairs.on("name", [&](const std::string& name) { drive.info.name = name; });
    pairs.on("connected", [&](const std::string& text) { drive.connected = boolean(pairs.name("connected"), text); });
    place(system, drive, pairs, true);
    return drive;
}

/// `auto`: where it fits.
void add_cdrom(Editor& editor, const std::string& value) {
    const Pairs pairs("--cdrom-add", value == "auto" ? "" : value, {"controller", "unit", "connected", "name"});
    VirtualSystem& system = editor.system("--cdrom-add");
    Drive drive = new_cdrom(editor, system, pairs);
    system.hardware.drives.push_back(std::move(drive));
}

/// Into the first drive that is empty, or into a new one.
void insert_iso(Editor& editor, const std::string& name) {
    VirtualSystem& system = editor.system("--iso");
    const FileReference file = reference(editor, "--iso", name, "iso").file;
    auto& drives = system.hardware.drives;
    auto hit = std::find_if(drives.begin(), drives.end(), [](const Drive& drive) {
        return drive.kind == DriveKind::cdrom && drive.file_id.empty() && drive.disk_id.empty() && drive.source.empty();
    });
    if (hit == drives.end()) {
        drives.push_back(new_cdrom(editor, system, Pairs("--iso", "", {})));
        hit = drives.end() - 1;
    }
    hit->file_id = file.id;
    editor.envelope.files.push_back(file);
}

}  // namespace

std::span<const Operation> disk_operations() {
    static constexpr std::array rows{
        Operation{{"disk-add", "KEY=VALUE,...", "", "a new disk: capacity=SIZE for a blank one, or file=NAME of an image beside the output; and format=, controller=, unit=, name="}, add_disk},
        Operation{{"disk-remove", "ID", "", "the disk of that id or name goes, and its file from the References"}, remove_disk},
        Operation{{"disk", "ID:KEY=VALUE,...", "", "change a disk: capacity=, controller=, unit=, name="}, change_disk},
        Operation{{"cdrom-add", "KEY=VALUE,...", "", "a new CD-ROM drive: controller=, unit=, connected=, name=, or just auto"}, add_cdrom},
        Operation{{"cdrom-remove", "ID", "", "the CD-ROM or floppy drive of that id or name goes"}, remove_cdrom},
        Operation{{"iso", "FILE", "FILE", "an image beside the output into the first empty CD-ROM drive, or a new one"}, insert_iso},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
