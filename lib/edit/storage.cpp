#include "edit/storage.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include <ovfkit/error.hpp>
#include <ovfkit/limits.hpp>

#include "base/file_descriptor.hpp"
#include "disk/file_source.hpp"
#include "disk/image.hpp"
#include "model/names.hpp"
#include "package/names.hpp"

namespace ovfkit::detail::edit {

namespace {

/// Kinds of controllers in the order a disk takes one; a CD-ROM has its own.
constexpr std::array for_disks{ControllerType::scsi, ControllerType::virtio, ControllerType::sata, ControllerType::nvme, ControllerType::ide};
constexpr std::array for_cdroms{ControllerType::ide, ControllerType::sata, ControllerType::scsi};

bool has_room(const Hardware& hardware, const Controller& controller) {
    const Units units = units_of(controller);
    std::size_t used = units.reserved ? 1 : 0;
    for (const Drive& drive : hardware.drives) used += drive.controller == controller.info.id && drive.unit != units.reserved ? 1 : 0;
    return used < units.count;
}

const Controller* home_of(const Hardware& hardware, DriveKind kind) {
    for (const Drive& drive : hardware.drives)
        for (const Controller& controller : hardware.controllers)
            if (drive.kind == kind && controller.info.id == drive.controller && !drive.controller.empty() && has_room(hardware, controller)) return &controller;
    const auto look = [&](const auto& types) -> const Controller* {
        for (const ControllerType type : types)
            for (const Controller& controller : hardware.controllers)
                if (controller.type == type && has_room(hardware, controller)) return &controller;
        return nullptr;
    };
    return kind == DriveKind::disk ? look(for_disks) : look(for_cdroms);
}

/// A drive of the same kind that names a bus and no controller, as oVirt's do.
const Drive* on_a_bus(const Hardware& hardware, DriveKind kind) {
    for (const Drive& drive : hardware.drives)
        if (drive.kind == kind && drive.controller.empty() && !drive.interface.empty()) return &drive;
    return nullptr;
}

std::string href_of(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '%' || c == '?' || c == '#' || c == ':')
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

std::optional<disk::Family> family(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, disk::Family>, 6> words{{{"raw", disk::Family::raw},
                                                                              {"vmdk", disk::Family::vmdk},
                                                                              {"qcow2", disk::Family::qcow2},
                                                                              {"vpc", disk::Family::vhd},
                                                                              {"vhdx", disk::Family::vhdx},
                                                                              {"vdi", disk::Family::vdi}}};
    for (const auto& [known, value] : words)
        if (known == word) return value;
    return std::nullopt;
}

std::string uri_of(disk::Format format) {
    switch (format) {
        case disk::Format::raw: return std::string(format_uri("raw"));
        case disk::Format::vmdk_stream: return std::string(format_uri("vmdk")) + "#streamOptimized";
        case disk::Format::vmdk_sparse: return std::string(format_uri("vmdk")) + "#monolithicSparse";
        case disk::Format::qcow2: return std::string(format_uri("qcow2"));
        case disk::Format::vhd:
        case disk::Format::vhdx: return std::string(format_uri("vpc"));
        case disk::Format::vdi: return std::string(format_uri("vdi"));
    }
    return {};
}

}  // namespace

Units units_of(const Controller& controller) {
    switch (controller.type) {
        case ControllerType::ide:
        case ControllerType::floppy: return {2, {}};
        case ControllerType::sata: return {30, {}};
        case ControllerType::nvme: return {15, {}};
        case ControllerType::scsi:
            if (controller.model == "virtio-scsi") return {256, {}};
            return {controller.model == "vmpvscsi" ? 64U : 16U, 7};  // 7 is the adapter itself
        case ControllerType::other:
        case ControllerType::usb:
        case ControllerType::virtio: break;
    }
    return {max_unit + 1, {}};
}

std::uint32_t free_unit(const Hardware& hardware, const Controller& controller, const Drive* self, std::string_view what) {
    const Units units = units_of(controller);
    for (std::uint32_t unit = 0; unit < units.count; ++unit) {
        if (units.reserved == unit) continue;
        const bool taken = std::any_of(hardware.drives.begin(), hardware.drives.end(), [&](const Drive& drive) {
            return &drive != self && drive.controller == controller.info.id && drive.unit == unit;
        });
        if (!taken) return unit;
    }
    fail(fmt::format("{}: controller {} is full; add one with --controller-add type={}", what, controller.info.id, to_string(controller.type)));
}

void place(const VirtualSystem& system, Drive& drive, const Pairs& pairs, bool is_new) {
    const Hardware& hardware = system.hardware;
    const Controller* controller = nullptr;
    if (const std::string* id = pairs.find("controller")) {
        auto controllers = hardware.controllers;  // find_device serves changes as well
        const std::string found = find_device(controllers, pairs.name("controller"), *id).info.id;
        for (const Controller& one : hardware.controllers)
            if (one.info.id == found) controller = &one;
    } else if (is_new) {
        controller = home_of(hardware, drive.kind);
        if (const Drive* other = on_a_bus(hardware, drive.kind); other != nullptr && controller == nullptr) {
            drive.interface = other->interface;
            return;
        }
        if (controller == nullptr) fail(fmt::format("{}: no controller has room; add one with --controller-add type=...", pairs.name("controller")));
    } else {
        for (const Controller& one : hardware.controllers)
            if (one.info.id == drive.controller && !drive.controller.empty()) controller = &one;
    }
    const std::string* unit = pairs.find("unit");
    if (controller == nullptr) {
        if (unit != nullptr) fail(fmt::format("{}: the drive is on no controller; name one with controller=", pairs.name("unit")));
        return;
    }
    const bool moves = is_new || drive.controller != controller->info.id;
    drive.controller = controller->info.id;
    if (!drive.interface.empty()) drive.interface.clear();
    if (unit != nullptr)
        drive.unit = number(pairs.name("unit"), *unit, 0, units_of(*controller).count - 1);
    else if (moves)
        drive.unit = free_unit(hardware, *controller, &drive, pairs.name("unit"));
}

NewFileReference reference(const Editor& editor, std::string_view what, const std::string& name, std::string_view format) {
    if (!editor.options.can_add_files)
        fail(fmt::format("{}: a file is not added to an OVA here: `ovfkit unpack` it, edit the descriptor, `ovfkit pack` the folder", what));
    if (const std::string problem = name_problem(name); !problem.empty()) fail(fmt::format("{}: '{}' {}; it is a name beside the output", what, name, problem));
    NewFileReference out;
    out.file.id = editor.new_file_id();
    out.file.href = href_of(plain_name(name));
    for (const FileReference& other : editor.envelope.files)
        if (other.href == out.file.href) fail(fmt::format("{}: '{}' is referred to already, as {}", what, name, other.id));
    const std::string path = editor.options.folder + "/" + std::string(plain_name(name));
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct ::stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
        throw IoError(path, errno, fmt::format("{}: the file has to lie beside the output: {}", what, path));
    if (!S_ISREG(status.st_mode)) throw IoError(path, 0, fmt::format("{}: {} is no regular file", what, path));
    out.file.size = static_cast<std::uint64_t>(status.st_size);
    if (format == "iso") return out;
    disk::InspectOptions options;
    options.declared = family(format);
    Diagnostics ignored;
    const disk::FileSource source(name, file.get());
    const disk::Image image = disk::inspect(path, source, options, ignored);
    out.capacity = image.capacity;
    out.format = uri_of(image.format);
    return out;
}

}  // namespace ovfkit::detail::edit
