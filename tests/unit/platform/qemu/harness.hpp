#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Platform platform_qemu;
}

namespace harness {

using namespace ovfkit;

inline constexpr std::uint64_t mib = 1ULL << 20;

struct Output {
    std::vector<OutputFile> files;
    std::vector<detail::LossNote> notes;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] const std::string& text() const { return files.at(0).bytes; }
    [[nodiscard]] bool has(std::string_view part) const { return text().find(part) != std::string::npos; }
    [[nodiscard]] bool says(std::string_view rule) const {
        return std::any_of(notes.begin(), notes.end(), [&](const detail::LossNote& n) { return n.rule == rule; }) ||
               std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
    [[nodiscard]] const detail::LossNote* note(std::string_view field) const {
        for (const detail::LossNote& n : notes)
            if (n.field == field) return &n;
        return nullptr;
    }
};

inline Output write(const Envelope& envelope, const LeafOptions& options = {}, const std::string& form = "qemu") {
    Diagnostics diagnostics;
    WriteOptions write_options;
    write_options.options = options;
    detail::WriteContext context{diagnostics, write_options, {}, {}};
    detail::Written written = detail::platform_qemu.write(form, envelope, envelope.systems.at(0), context);
    return {std::move(written.files), std::move(written.notes), diagnostics.all()};
}

struct Input {
    Envelope envelope;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] const VirtualSystem& system() const { return envelope.systems.at(0); }
    [[nodiscard]] const Hardware& hardware() const { return system().hardware; }
    [[nodiscard]] bool says(std::string_view rule) const {
        return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

inline Input read(const std::string& text, const std::string& name = "vm.sh") {
    Diagnostics diagnostics;
    ReadOptions options;
    detail::ReadContext context{diagnostics, options};
    detail::Carried carried;
    Input in;
    in.envelope = detail::platform_qemu.read("qemu", name, text, context, carried);
    in.diagnostics = diagnostics.all();
    return in;
}

/// A machine of a package: one CPU, 512 MiB, an enabled balloon.
inline Envelope machine() {
    Envelope e;
    e.dialect = "dmtf";
    VirtualSystem s;
    s.id = s.name = "web";
    s.hardware.cpu.count = 1;
    s.hardware.memory.boot_bytes = 512 * mib;
    s.hardware.balloon.state = BalloonState::enabled;
    e.systems.push_back(s);
    return e;
}

inline Hardware& hardware_of(Envelope& e) { return e.systems.at(0).hardware; }

inline Drive& add_disk(Envelope& e, const std::string& id, const std::string& interface) {
    e.files.push_back({"file" + id, "disk-" + id + ".qcow2", {}, {}, {}, {}, {}});
    VirtualDisk disk;
    disk.id = "vmdisk" + id;
    disk.file_id = "file" + id;
    disk.format = "http://www.gnome.org/~markmc/qcow-image-format.html";
    disk.capacity_bytes = 64 * mib;
    e.disks.push_back(disk);
    Drive d;
    d.info.id = id;
    d.disk_id = disk.id;
    d.interface = interface;
    hardware_of(e).drives.push_back(d);
    return hardware_of(e).drives.back();
}

inline Controller& add_controller(Envelope& e, const std::string& id, ControllerType type, const std::string& model) {
    Controller c;
    c.info.id = id;
    c.type = type;
    c.model = model;
    hardware_of(e).controllers.push_back(c);
    return hardware_of(e).controllers.back();
}

inline Nic& add_nic(Envelope& e, const std::string& id, const std::string& model) {
    Nic n;
    n.info.id = id;
    n.model = model;
    n.mac = "52:54:00:00:00:0" + id;
    n.network = "LAN";
    hardware_of(e).nics.push_back(n);
    return hardware_of(e).nics.back();
}

inline SimpleDevice simple(const std::string& id, const std::string& model, const std::string& option = {}) {
    SimpleDevice d;
    d.info.id = id;
    d.model = model;
    d.option = option;
    return d;
}

}  // namespace harness
