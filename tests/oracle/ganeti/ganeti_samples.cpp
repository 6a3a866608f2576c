// `ganeti_samples write DIR`: many machines in every form, and manifest.json that says what was asked and reported.
// `ganeti_samples parse FILE...`: what the config.ini reader makes of each FILE, one JSON line a file.
// `ganeti_samples table`: the parameter table as JSON.
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <ovfkit/error.hpp>

#include "platform/ganeti/ini_parser.hpp"
#include "platform/ganeti/platform.hpp"

namespace ovfkit::detail {
extern const Platform platform_ganeti;
}

namespace {

using namespace ovfkit;
using detail::platform_ganeti;
using nlohmann::json;

constexpr std::uint64_t mib = 1ULL << 20;

Envelope machine(const std::string& name) {
    Envelope envelope;
    VirtualSystem system;
    system.id = system.name = name;
    system.hardware.cpu.count = 2;
    system.hardware.memory.boot_bytes = 512 * mib;
    envelope.systems.push_back(std::move(system));
    return envelope;
}

void add_controller(Envelope& envelope, ControllerType type, const std::string& model) {
    Controller controller;
    controller.info.id = "c";
    controller.type = type;
    controller.model = model;
    envelope.systems[0].hardware.controllers.push_back(std::move(controller));
}

void add_disks(Envelope& envelope, int count, const std::string& controller, const std::string& interface) {
    for (int i = 0; i < count; ++i) {
        VirtualDisk disk;
        disk.id = "vd" + std::to_string(i);
        disk.capacity_bytes = 64 * mib + static_cast<std::uint64_t>(i) * 1000;
        Drive drive;
        drive.info.id = "d" + std::to_string(i);
        drive.disk_id = disk.id;
        drive.controller = controller;
        drive.interface = interface;
        envelope.disks.push_back(std::move(disk));
        envelope.systems[0].hardware.drives.push_back(std::move(drive));
    }
}

void add_nics(Envelope& envelope, int count, const std::string& model) {
    for (int i = 0; i < count; ++i) {
        Nic nic;
        nic.info.id = "n" + std::to_string(i);
        nic.model = model;
        nic.network = "VM Network";
        if (i % 2 == 0) nic.mac = "00:50:56:aa:bb:0" + std::to_string(i);
        envelope.systems[0].hardware.nics.push_back(std::move(nic));
    }
}

class Writer {
public:
    explicit Writer(std::string folder) : folder_(std::move(folder)) {}

    void write(const std::string& title, const Envelope& envelope, const LeafOptions& options = {},
               const std::string& origin = {}) {
        for (const std::string form : {"ganeti", "ganeti-hvparams", "ganeti-instance"}) {
            Diagnostics diagnostics;
            WriteOptions write_options;
            write_options.options = options;
            detail::WriteContext context{diagnostics, write_options, origin, "vm.ovf"};
            const detail::Written written = platform_ganeti.write(form, envelope, envelope.systems[0], context);
            const std::string file = std::to_string(entries_.size()) + (form == "ganeti" ? ".ini" : ".json");
            std::ofstream(folder_ + "/" + file) << written.files.at(0).bytes;
            json entry{{"file", file},
                       {"title", title},
                       {"form", form},
                       {"options", options},
                       {"refused", diagnostics.has_errors()}};
            entry["balloon"] = to_string(envelope.systems[0].hardware.balloon.state);
            entry["notes"] = json::array();
            for (const auto& note : written.notes) entry["notes"].push_back({note.rule, note.field});
            entry["maxmem"] = (*envelope.systems[0].hardware.memory.boot_bytes / mib + 3) / 4 * 4;
            entry["disks"] = envelope.disks.size();
            entry["nics"] = envelope.systems[0].hardware.nics.size();
            entries_.push_back(std::move(entry));
        }
    }

    void finish() const { std::ofstream(folder_ + "/manifest.json") << entries_.dump(1); }

private:
    std::string folder_;
    json entries_ = json::array();
};

void balloons(Writer& writer) {
    for (const BalloonState state : {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled})
        for (const std::string hypervisor : {"kvm", "xen-pvm", "xen-hvm", "lxc", "fake"})
            for (const LeafOptions& extra : {LeafOptions{}, LeafOptions{{"ganeti.balloon-off", "wrapper"}},
                                             LeafOptions{{"ganeti.profile", "balloon-hvparam"}}}) {
                Envelope envelope = machine("Balloon VM");
                add_disks(envelope, 1, {}, "virtio");
                add_nics(envelope, 1, "virtio");
                Hardware& hardware = envelope.systems[0].hardware;
                hardware.balloon.state = state;
                hardware.balloon.autodeflate = true;
                hardware.memory.guaranteed_bytes = 256 * mib;
                LeafOptions options = extra;
                options["ganeti.hypervisor"] = hypervisor;
                writer.write("balloon", envelope, options);
            }
}

void disks(Writer& writer) {
    for (const auto& [type, model] :
         std::vector<std::pair<ControllerType, std::string>>{{ControllerType::ide, "piix3"},
                                                             {ControllerType::scsi, "lsilogic"},
                                                             {ControllerType::scsi, "lsisas1068"},
                                                             {ControllerType::scsi, "buslogic"},
                                                             {ControllerType::scsi, "virtio-scsi"},
                                                             {ControllerType::scsi, "vmpvscsi"},
                                                             {ControllerType::sata, "ahci"},
                                                             {ControllerType::nvme, ""}})
        for (const int count : {1, 4, 5, 8, 16})
            for (const std::string hypervisor : {"kvm", "xen-hvm"}) {
                Envelope envelope = machine("disks");
                add_controller(envelope, type, model);
                add_disks(envelope, count, "c", {});
                add_nics(envelope, 8, {});
                writer.write("disks", envelope, {{"ganeti.hypervisor", hypervisor}});
            }
}

void nics(Writer& writer) {
    for (const std::string model : {"e1000", "e1000e", "vmxnet3", "pcnet", "flexible", "virtio", "rtl8139", "ne2k_pci",
                                    "spapr-vlan", "sriov", ""})
        for (const std::string hypervisor : {"kvm", "xen-hvm"}) {
            Envelope envelope = machine("nics");
            add_disks(envelope, 1, {}, "ide");
            add_nics(envelope, 2, model);
            writer.write("nics", envelope, {{"ganeti.hypervisor", hypervisor}});
        }
}

void devices(Writer& writer) {
    const std::vector<std::pair<std::string, std::function<void(VirtualSystem&)>>> edits{
        {"cdrom",
         [](VirtualSystem& s) {
             Drive drive;
             drive.kind = DriveKind::cdrom;
             drive.info.id = "cd";
             drive.source = "/srv/images/install.iso";
             s.hardware.drives.push_back(drive);
             s.hardware.boot = {"cdrom", "disk"};
         }},
        {"floppy",
         [](VirtualSystem& s) {
             Drive drive;
             drive.kind = DriveKind::floppy;
             drive.info.id = "fd";
             drive.source = "/srv/images/boot.img";
             s.hardware.drives.push_back(drive);
             s.hardware.boot = {"floppy"};
         }},
        {"network boot",
         [](VirtualSystem& s) {
             s.hardware.boot = {"network", "disk"};
         }},
        {"topology",
         [](VirtualSystem& s) {
             s.hardware.cpu.count = 4;
             s.hardware.cpu.cores = 2;
         }},
        {"host cpu", [](VirtualSystem& s) { s.hardware.cpu.model = "host-passthrough"; }},
        {"named cpu", [](VirtualSystem& s) { s.hardware.cpu.model = "qemu64"; }},
        {"pc", [](VirtualSystem& s) { s.hardware.machine = "pc"; }},
        {"old pc", [](VirtualSystem& s) { s.hardware.machine = "pc-i440fx-6.2"; }},
        {"q35", [](VirtualSystem& s) { s.hardware.machine = "q35"; }},
        {"serial", [](VirtualSystem& s) { s.hardware.serials.emplace_back().info.id = "s"; }},
        {"video", [](VirtualSystem& s) { s.hardware.videos.emplace_back().model = "qxl"; }},
        {"vnc",
         [](VirtualSystem& s) {
             s.hardware.graphics.emplace_back().type = "vnc";
             s.hardware.graphics.back().listen = "0.0.0.0";
             s.hardware.graphics.back().keymap = "de";
         }},
        {"spice", [](VirtualSystem& s) { s.hardware.graphics.emplace_back().type = "spice"; }},
        {"sound", [](VirtualSystem& s) { s.hardware.sounds.emplace_back().model = "ac97"; }},
        {"clock", [](VirtualSystem& s) { s.clock = "localtime"; }},
        {"policy",
         [](VirtualSystem& s) {
             s.hardware.drives[0].cache = "none";
             s.hardware.drives[0].discard = "unmap";
         }},
        {"args",
         [](VirtualSystem& s) {
             s.parameters.push_back({"ganeti.hv", "kernel_args", "ro x=50% y=\xc3\xa9"});
             s.parameters.push_back({"ganeti", "tags", "one,two three"});
             s.parameters.push_back({"ganeti.os", "flavour", "50%"});
             s.parameters.push_back({"ganeti.be", "spindle_use", "3"});
             s.parameters.push_back({"ganeti.be", "always_failover", "true"});
             s.parameters.push_back({"ganeti.hv", "no_such_thing", "1"});
             s.parameters.push_back({"ganeti.hv", "migration_port", "1"});
         }},
        {"odd sizes",
         [](VirtualSystem& s) {
             s.hardware.memory.boot_bytes = 513 * mib + 1;
             s.hardware.memory.guaranteed_bytes = 257 * mib;
         }},
        {"no NIC", [](VirtualSystem& s) { s.hardware.nics.clear(); }},
    };
    for (const auto& [title, edit] : edits)
        for (const std::string hypervisor : {"kvm", "xen-pvm", "xen-hvm", "lxc", "chroot", "fake"}) {
            Envelope envelope = machine("\xc3\x9cmlaut VM (1)");
            add_disks(envelope, 2, {}, "virtio");
            add_nics(envelope, 2, "virtio");
            edit(envelope.systems[0]);
            writer.write(title, envelope, {{"ganeti.hypervisor", hypervisor}});
        }
    Envelope carried = machine("carried");
    add_disks(carried, 1, {}, "ide");
    writer.write("origin", carried, {{"ganeti.wrapper", "/opt/100%/kvm"}}, "<Envelope/>");
}

std::string content_of(const char* path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

int parse(int argc, char** argv) {
    for (int i = 2; i < argc; ++i) {
        const std::string bytes = content_of(argv[i]);
        Diagnostics diagnostics;
        const ReadOptions read_options;
        detail::ReadContext context{diagnostics, read_options};
        const detail::ganeti::Options options = detail::ganeti::options_of(context);
        const std::string name = argv[i];
        const detail::ganeti::Reading reading{name, bytes, options, context};
        detail::ganeti::IniFile file = detail::ganeti::IniFile::parse(reading);
        json line{{"file", name}, {"error", diagnostics.has_errors()}, {"sections", json::object()}};
        for (const auto& section : file.sections()) {
            line["sections"][section.name] = json::object();
            for (const auto& entry : section.entries) line["sections"][section.name][entry.key] = entry.value.value;
        }
        std::cout << line.dump(-1, ' ', true, json::error_handler_t::replace) << "\n";
    }
    return 0;
}

int table() {
    json out = json::object();
    for (const std::string hypervisor : {"kvm", "xen-pvm", "xen-hvm", "lxc", "chroot", "fake"})
        for (const auto& param : detail::ganeti::params_of(hypervisor))
            out[hypervisor][std::string(param.name)] = {{"type", static_cast<int>(param.type)},
                                                        {"required", param.required},
                                                        {"default", param.fallback},
                                                        {"global", param.global}};
    for (const auto& param : detail::ganeti::backend_params())
        out["backend"][std::string(param.name)] = {{"default", param.fallback}};
    // What the checks say of many values, for every parameter.
    const std::vector<std::string> values{"",
                                          "x",
                                          "0",
                                          "1",
                                          "4",
                                          "33",
                                          "-1",
                                          "65536",
                                          "true",
                                          "False",
                                          "disk",
                                          "ide",
                                          "none",
                                          "default",
                                          "/a/b",
                                          "/a//b",
                                          "/a/../b",
                                          "//a",
                                          "a/b",
                                          "/",
                                          "http://h/x.iso",
                                          "0-2,5",
                                          "0-2,5:all",
                                          "2-1",
                                          "all",
                                          "cd",
                                          "xyz",
                                          "127.0.0.1",
                                          "::1",
                                          "256.0.0.1",
                                          "paravirtual",
                                          "e1000",
                                          "lsi",
                                          "virtio-scsi-pci",
                                          "threads",
                                          "io_uring",
                                          "unmap",
                                          "reboot",
                                          "tablet",
                                          "pool",
                                          "auto",
                                          "quic",
                                          "filter",
                                          "enabled",
                                          "vif",
                                          "ioemu"};
    out["verdicts"] = json::array();
    for (const std::string hypervisor : {"kvm", "xen-pvm", "xen-hvm", "lxc", "chroot"})
        for (const auto& param : detail::ganeti::params_of(hypervisor)) {
            if (param.global) continue;
            for (const std::string& value : values) {
                std::string text = value;
                const bool good =
                    detail::ganeti::normalize(param, text) && detail::ganeti::objection(param, text, 300).empty();
                out["verdicts"].push_back({hypervisor, param.name, value, good});
            }
        }
    std::cout << out.dump() << "\n";
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "parse") return parse(argc, argv);
    if (mode == "table") return table();
    if (mode != "write" || argc != 3) return 2;
    Writer writer(argv[2]);
    balloons(writer);
    disks(writer);
    nics(writer);
    devices(writer);
    writer.finish();
    return 0;
}
