#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// hvparams into the model; those without a field there stay parameters of the space `ganeti.hv`, or
// `ganeti.hv.default` when they are Ganeti's own defaults.
namespace ovfkit::detail::ganeti {

namespace {

class HvReader {
public:
    HvReader(const Reading& reading, Instance& instance, VirtualSystem& system)
        : reading_(reading), instance_(instance), system_(system), hypervisor_(instance.hypervisor.value) {}

    void run() {
        for (Setting& setting : instance_.hv) check(setting);
        if (hypervisor_ == "kvm") read_kvm();
        if (hypervisor_ == "xen-hvm") read_hvm();
        if (hypervisor_ == "xen-pvm") {
            each_disk([](Drive& drive) { drive.interface = "xen"; });
            for (Nic& nic : system_.hardware.nics) nic.model = "netfront";
        }
        keep_the_rest();
    }

private:
    void check(Setting& setting) {
        if (hypervisor_ == "kvm" && setting.key == "balloon") return;
        const Param* param = find_param(hypervisor_, setting.key);
        if (param == nullptr && !is_param_of_any(setting.key)) {
            const std::string_view hit = nearest(setting.key, param_names(hypervisor_));
            reading_.report(
                "ganeti-hvparam-unknown", setting.value.offset,
                fmt::format("no hypervisor of Ganeti has a parameter '{}'{}; Ganeti refuses it", printable(setting.key),
                            hit.empty() ? std::string{} : fmt::format(", did you mean '{}'?", hit)));
        } else if (param == nullptr || param->global) {
            reading_.report("ganeti-hvparam-unsupported", setting.value.offset,
                            fmt::format("'{}' is {}; Ganeti refuses it here", setting.key,
                                        param == nullptr ? "no parameter of " + hypervisor_
                                                         : "a parameter of the cluster, not of an instance"));
        } else if (!normalize(*param, setting.value.value)) {
            reading_.report("ganeti-hvparam-value", setting.value.offset,
                            fmt::format("{} '{}' is no {}", setting.key, printable(setting.value.value),
                                        param->type == ParamType::boolean ? "truth value (True, False)" : "number"),
                            Failure::malformed);
        }
    }

    [[nodiscard]] const std::string* value(std::string_view key) const {
        const Setting* setting = find(instance_.hv, key);
        return setting == nullptr ? nullptr : &setting->value.value;
    }
    [[nodiscard]] std::string word(std::string_view key) const {
        const std::string* text = value(key);
        return text == nullptr ? std::string{} : *text;
    }
    void used(std::string_view key) { used_.emplace(key); }

    DeviceInfo info(std::string id, std::string_view key) {
        DeviceInfo out;
        out.id = std::move(id);
        if (const Setting* setting = find(instance_.hv, key)) out.origin.offset = setting->value.offset;
        used(key);
        return out;
    }

    template <class F>
    void each_disk(F&& f) {
        for (Drive& drive : system_.hardware.drives)
            if (drive.kind == DriveKind::disk) f(drive);
    }

    void read_kvm() {
        if (const std::string* kernel = value("kernel_path"); kernel != nullptr && kernel->empty()) used("kernel_path");
        read_disk_type();
        read_media("cdrom_image_path", 0);
        read_media("cdrom2_image_path", 1);
        read_floppy();
        read_policy("disk_cache", &Drive::cache);
        read_policy("disk_discard", &Drive::discard);
        read_nic_type();
        if (const std::string boot = word("boot_order");
            boot == "disk" || boot == "cdrom" || boot == "network" || boot == "floppy") {
            system_.hardware.boot = {boot};
            used("boot_order");
        }
        read_cpu();
        if (!word("machine_version").empty()) {
            system_.hardware.machine = word("machine_version");
            used("machine_version");
        }
        read_console();
        read_clock();
        read_sound();
        read_balloon();
    }

    void read_hvm() {
        if (const std::string type = word("disk_type"); type == "ioemu" || type == "paravirtual") {
            bool any = false;
            each_disk([&](Drive& drive) {
                drive.interface = type == "ioemu" ? "ide" : "xen";
                any = true;
            });
            if (any) used("disk_type");
        }
        read_media("cdrom_image_path", 0);
        read_nic_type();
        for (const char letter : word("boot_order"))
            system_.hardware.boot.emplace_back(letter == 'a'   ? "floppy"
                                               : letter == 'c' ? "disk"
                                               : letter == 'd' ? "cdrom"
                                                               : "network");
        used("boot_order");
        if (const std::string address = word("vnc_bind_address"); is_ip_address(address)) {
            Graphics graphics;
            graphics.info = info("graphics:0", "vnc_bind_address");
            graphics.type = "vnc";
            graphics.listen = address;
            system_.hardware.graphics.push_back(std::move(graphics));
        }
        read_clock();
        read_sound();
    }

    void read_disk_type() {
        const std::string type = word("disk_type");
        const bool scsi = type.starts_with("scsi");
        bool any = false;
        each_disk([&](Drive& drive) {
            any = true;
            if (type == "paravirtual") drive.interface = "virtio";
            if (type == "ide") drive.interface = "ide";
            if (scsi) drive.controller = "controller:scsi:0";
        });
        if (!any) return;
        if (type == "paravirtual" || type == "ide" || type == "scsi-hd" || type == "scsi") used("disk_type");
        if (!scsi) return;
        Controller controller;
        controller.info = info("controller:scsi:0", "scsi_controller_type");
        controller.type = ControllerType::scsi;
        const std::string model = word("scsi_controller_type");
        controller.model = model == "virtio-scsi-pci" ? "virtio-scsi"
                           : model == "megasas"       ? "lsisas1078"
                           : model == "dc390"         ? "am53c974"
                                                      : "lsilogic";
        system_.hardware.controllers.push_back(std::move(controller));
    }

    void read_media(std::string_view key, int index) {
        if (word(key).empty()) return;
        Drive drive;
        drive.kind = DriveKind::cdrom;
        drive.info = info(fmt::format("cdrom:{}", index), key);
        drive.source = word(key);
        const std::string type = word("cdrom_disk_type");
        const std::string bus = type.empty() ? word("disk_type") : type;
        drive.interface = hypervisor_ != "kvm" || bus == "ide" || bus.empty() ? "ide"
                          : bus == "paravirtual"                              ? "virtio"
                                                                              : "scsi";
        if (type == "ide" || type == "paravirtual") used("cdrom_disk_type");
        system_.hardware.drives.push_back(std::move(drive));
    }

    void read_floppy() {
        if (word("floppy_image_path").empty()) return;
        Drive drive;
        drive.kind = DriveKind::floppy;
        drive.info = info("floppy:0", "floppy_image_path");
        drive.source = word("floppy_image_path");
        drive.interface = "fdc";
        system_.hardware.drives.push_back(std::move(drive));
    }

    void read_policy(std::string_view key, std::string Drive::*member) {
        const std::string policy = word(key);
        if (policy.empty() || policy == "default") return;
        each_disk([&](Drive& drive) {
            drive.*member = policy;
            used(key);
        });
    }

    void read_nic_type() {
        const std::string type = word("nic_type");
        if (type.empty()) return;
        for (Nic& nic : system_.hardware.nics) {
            nic.model = type != "paravirtual" ? type : hypervisor_ == "kvm" ? "virtio" : "netfront";
            used("nic_type");
        }
    }

    void read_cpu() {
        Cpu& cpu = system_.hardware.cpu;
        const auto number = [&](std::string_view key, std::optional<std::uint32_t>& field) {
            const auto count = to_number<std::uint32_t>(word(key));
            if (!count || *count == 0) return;
            field = count;
            used(key);
        };
        number("cpu_sockets", cpu.sockets);
        number("cpu_cores", cpu.cores);
        number("cpu_threads", cpu.threads);
        const std::string type = word("cpu_type");
        if (type.empty() || type.find_first_of(", +") != std::string::npos) return;
        cpu.model = type == "host" ? "host-passthrough" : type;
        used("cpu_type");
    }

    void read_console() {
        Hardware& hardware = system_.hardware;
        if (word("serial_console") == "True") {
            CharacterDevice serial;
            serial.info = info("serial:0", "serial_console");
            hardware.serials.push_back(std::move(serial));
        }
        const std::string vga = word("vga");
        constexpr std::array<std::pair<std::string_view, std::string_view>, 6> models{{{"std", "vga"},
                                                                                       {"vmware", "vmvga"},
                                                                                       {"cirrus", "cirrus"},
                                                                                       {"qxl", "qxl"},
                                                                                       {"virtio", "virtio"},
                                                                                       {"none", "none"}}};
        for (const auto& [theirs, ours] : models) {
            if (vga != theirs) continue;
            Video video;
            video.info = info("video:0", "vga");
            video.model = ours;
            hardware.videos.push_back(std::move(video));
        }
        for (const std::string_view key : {"vnc_bind_address", "spice_bind"}) {
            const std::string address = word(key);
            if (!hardware.graphics.empty() || !(is_ip_address(address) || is_interface(address))) continue;
            Graphics graphics;
            graphics.info = info("graphics:0", key);
            graphics.type = key == "spice_bind" ? "spice" : "vnc";
            graphics.listen = address;
            if (!word("keymap").empty()) {
                graphics.keymap = word("keymap");
                used("keymap");
            }
            hardware.graphics.push_back(std::move(graphics));
        }
    }

    void read_clock() {
        const std::string local = word("use_localtime");
        if (local.empty()) return;
        system_.clock = local == "True" ? "localtime" : "utc";
        used("use_localtime");
    }

    void read_sound() {
        const std::string model = word("soundhw");
        if (model.empty() || model.find_first_of(", ") != std::string::npos) return;
        SimpleDevice sound;
        sound.info = info("sound:0", "soundhw");
        sound.model = model;
        system_.hardware.sounds.push_back(std::move(sound));
    }

    void read_balloon() {
        MemoryBalloon& balloon = system_.hardware.balloon;
        if (const Setting* setting = find(instance_.hv, "balloon")) {
            balloon.info.origin.offset = setting->value.offset;
            const std::string& model = setting->value.value;
            if (model == "none") {
                balloon.state = BalloonState::disabled;
            } else if (model == "virtio") {
                balloon.state = BalloonState::enabled;
                balloon.model = BalloonModel::virtio;
            } else if (!model.empty()) {
                reading_.report("ganeti-balloon-value", setting->value.offset,
                                fmt::format("balloon '{}' is neither none nor virtio", printable(model)),
                                Failure::malformed);
            }
            used("balloon");
        } else if (!word("kvm_path").empty() && word("kvm_path") == reading_.options.wrapper) {
            balloon.state = BalloonState::disabled;
            used("kvm_path");
        } else if (!reading_.options.balloon_param && reading_.options.version >= 206) {
            balloon.state = BalloonState::enabled;
            balloon.model = BalloonModel::virtio;
        }
        read_extra(balloon);
    }

    /// `-global virtio-balloon-pci.deflate-on-oom=on` in kvm_extra is ours to understand; the rest stays.
    void read_extra(MemoryBalloon& balloon) {
        Setting* setting = nullptr;
        for (Setting& candidate : instance_.hv)
            if (candidate.key == "kvm_extra") setting = &candidate;
        if (setting == nullptr) return;
        std::string& extra = setting->value.value;
        for (const bool on : {true, false}) {
            const std::string wanted = fmt::format("-global {}{}", deflate_property, on ? "on" : "off");
            const std::size_t at = extra.find(wanted);
            if (at == std::string::npos || (at != 0 && extra[at - 1] != ' ')) continue;
            if (at + wanted.size() != extra.size() && extra[at + wanted.size()] != ' ') continue;
            balloon.autodeflate = on;
            extra.erase(at, wanted.size());
            while (at < extra.size() && extra[at] == ' ') extra.erase(at, 1);
            while (!extra.empty() && extra.back() == ' ') extra.pop_back();
            if (extra.empty()) used("kvm_extra");
        }
        if (extra.find("-device virtio-balloon") != std::string::npos || extra.find("-balloon ") != std::string::npos)
            reading_.report("ganeti-balloon-extra", setting->value.offset,
                            "kvm_extra asks for a balloon of its own; QEMU does not start with two");
    }

    void keep_the_rest() {
        for (const Setting& setting : instance_.hv) {
            if (used_.count(setting.key) != 0) continue;
            const Param* param = find_param(hypervisor_, setting.key);
            // A kernel of the node is never a default to pass over: the guest boots another way with it.
            const bool kernel = hypervisor_ == "kvm" && setting.key == "kernel_path";
            const bool is_default = param != nullptr && !kernel && setting.value.value == param->fallback;
            system_.parameters.push_back(
                {is_default ? "ganeti.hv.default" : "ganeti.hv", setting.key, setting.value.value});
        }
    }

    const Reading& reading_;
    Instance& instance_;
    VirtualSystem& system_;
    const std::string& hypervisor_;
    std::set<std::string, std::less<>> used_;
};

}  // namespace

void read_hvparams(const Reading& reading, Instance& instance, VirtualSystem& system) {
    HvReader(reading, instance, system).run();
}

}  // namespace ovfkit::detail::ganeti
