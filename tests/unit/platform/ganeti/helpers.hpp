#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <ovfkit/error.hpp>

#include "catch.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Platform platform_ganeti;
}

namespace ganeti_test {

using namespace ovfkit;
using detail::LossNote;
using detail::platform_ganeti;
using nlohmann::json;

inline constexpr std::uint64_t mib = 1ULL << 20;

/// A machine to write: an envelope with one system.
struct Machine {
    Envelope envelope;
    Machine() {
        envelope.systems.emplace_back();
        system().id = system().name = "vm1";
        system().hardware.cpu.count = 2;
        system().hardware.memory.boot_bytes = 2048 * mib;
    }
    VirtualSystem& system() { return envelope.systems.front(); }
    Hardware& hardware() { return system().hardware; }

    Controller& controller(std::string id, ControllerType type, std::string model = {}) {
        Controller out;
        out.info.id = std::move(id);
        out.type = type;
        out.model = std::move(model);
        hardware().controllers.push_back(out);
        return hardware().controllers.back();
    }
    Drive& disk(std::uint64_t bytes, std::string controller = {}, bool with_file = true) {
        const std::string number = std::to_string(envelope.disks.size());
        VirtualDisk disk;
        disk.id = "vmdisk" + number;
        disk.capacity_bytes = bytes;
        if (with_file) {
            disk.file_id = "file" + number;
            FileReference file;
            file.id = disk.file_id;
            file.href = "disk-" + number + ".vmdk";
            envelope.files.push_back(file);
        }
        Drive drive;
        drive.info.id = "d" + number;
        drive.disk_id = disk.id;
        drive.controller = std::move(controller);
        envelope.disks.push_back(disk);
        hardware().drives.push_back(drive);
        return hardware().drives.back();
    }
    Nic& nic(std::string mac, std::string model = {}, std::string network = "VM Network") {
        Nic out;
        out.info.id = "n" + std::to_string(hardware().nics.size());
        out.mac = std::move(mac);
        out.model = std::move(model);
        out.network = std::move(network);
        hardware().nics.push_back(out);
        return hardware().nics.back();
    }
    void parameter(std::string space, std::string key, std::string value) {
        system().parameters.push_back({std::move(space), std::move(key), std::move(value)});
    }
};

struct Result {
    detail::Written written;
    Diagnostics diagnostics;
    std::string text;
    json parsed;  ///< of the JSON forms

    [[nodiscard]] bool noted(std::string_view rule, std::string_view field = {}) const {
        return std::any_of(written.notes.begin(), written.notes.end(), [&](const LossNote& note) {
            return note.rule == rule && (field.empty() || note.field == field);
        });
    }
    [[nodiscard]] std::string detail(std::string_view rule) const {
        for (const LossNote& note : written.notes)
            if (note.rule == rule) return note.detail;
        return {};
    }
    [[nodiscard]] bool refused(std::string_view rule) const {
        return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                           [&](const Diagnostic& d) { return d.rule == rule && d.severity == Severity::error; });
    }
    [[nodiscard]] json hv() const { return (parsed.is_array() ? parsed.at(0) : parsed).at("hvparams"); }
    [[nodiscard]] json be() const { return (parsed.is_array() ? parsed.at(0) : parsed).at("beparams"); }
};

inline Result write(Machine& machine, LeafOptions options = {}, std::string_view form = "ganeti-hvparams",
                    std::string_view origin = {}) {
    Result out;
    WriteOptions write_options;
    write_options.options = std::move(options);
    detail::WriteContext context{out.diagnostics, write_options, origin, "vm.ovf"};
    out.written = platform_ganeti.write(form, machine.envelope, machine.system(), context);
    out.text = out.written.files.at(0).bytes;
    if (form != "ganeti") out.parsed = json::parse(out.text);
    return out;
}

struct Found {
    Envelope envelope;
    Diagnostics diagnostics;
    detail::Carried carried;

    [[nodiscard]] const VirtualSystem& system() const { return envelope.systems.at(0); }
    [[nodiscard]] const Hardware& hardware() const { return system().hardware; }
    [[nodiscard]] bool has(std::string_view rule) const {
        return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                           [&](const Diagnostic& d) { return d.rule == rule; });
    }
    [[nodiscard]] const Diagnostic& first(std::string_view rule) const {
        for (const Diagnostic& d : diagnostics.all())
            if (d.rule == rule) return d;
        FAIL("no finding " << rule);
        return diagnostics.all().front();
    }
    [[nodiscard]] std::string parameter(std::string_view space, std::string_view key) const {
        for (const Parameter& p : system().parameters)
            if (p.space == space && p.key == key) return p.value;
        return "(none)";
    }
};

inline Found read(const std::string& text, LeafOptions options = {}, std::string_view form = "ganeti") {
    Found out;
    ReadOptions read_options;
    read_options.options = std::move(options);
    read_options.unmapped = true;
    detail::ReadContext context{out.diagnostics, read_options};
    out.envelope = platform_ganeti.read(form, "config.ini", text, context, out.carried);
    return out;
}

/// What `gnt-backup export` writes, in short; `extra` goes into [hypervisor].
inline std::string export_of(const std::string& extra = {}, const std::string& instance = {},
                             const std::string& backend = "maxmem = 512\nminmem = 256\nvcpus = 2\n") {
    return "[export]\nversion = 0\ntimestamp = 1795299678\nsource = 5c0f2d0e\nos = noop+default\ncompression = none\n\n"
           "[instance]\nname = web1.example.com\nmaxmem = 512\nminmem = 256\nmemory = 512\nvcpus = 2\ndisk_template = "
           "file\nhypervisor = kvm\ntags = a b\n"
           "nic0_mac = aa:00:00:11:22:33\nnic0_ip = None\nnic0_network = None\nnic0_name = None\nnic0_link = "
           "br0\nnic0_mode = bridged\nnic0_vlan = \nnic_count = 1\n"
           "disk0_ivname = disk/0\ndisk0_dump = 7a0c6f6e-1111\ndisk0_size = 64\ndisk0_name = sysdisk\ndisk_count = "
           "1\n" +
           instance + "\n[hypervisor]\nkernel_path = \n" + extra +
           "\n[backend]\nalways_failover = False\nauto_balance = True\nspindle_use = 1\n" + backend +
           "\n[os]\n\n[os_private]\n";
}

}  // namespace ganeti_test
