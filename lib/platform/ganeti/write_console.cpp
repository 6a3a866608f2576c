#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// Serial port, video, VNC and SPICE.
namespace ovfkit::detail::ganeti {

namespace {

void write_serial(Job& job) {
    const auto& serials = job.system.hardware.serials;
    if (!job.is("kvm")) {
        for (const CharacterDevice& serial : serials)
            job.notes.dropped("serials[].backend", serial.info.id, "ganeti-hypervisor-limit",
                              fmt::format("{} has no serial port to set", job.out.hypervisor.value));
        return;
    }
    if (serials.empty()) {
        if (!job.from_ganeti) job.set("serial_console", "False");
        return;
    }
    job.set("serial_console", "True");
    job.ids.emplace_back(serials.front().info.id, "serial:0");
    const CharacterDevice& first = serials.front();
    if (!first.target.empty() || (!first.backend.empty() && first.backend != "unix" && first.backend != "pty"))
        job.notes.approximated("serials[].backend", first.info.id, "ganeti-serial-approximated",
                               fmt::format("{} '{}' becomes the UNIX socket behind `gnt-instance console`",
                                           first.backend.empty() ? "port" : first.backend, first.target));
    for (std::size_t i = 1; i < serials.size(); ++i)
        job.notes.dropped("serials[].backend", serials[i].info.id, "ganeti-device-limit",
                          "a second serial port does not exist in Ganeti");
}

std::string vga_word(const std::string& model) {
    if (model == "vga") return "std";
    if (model == "vmvga") return "vmware";
    if (model == "cirrus" || model == "qxl" || model == "virtio" || model == "none") return model;
    return {};
}

void write_video(Job& job) {
    const auto& videos = job.system.hardware.videos;
    for (std::size_t i = 0; i < videos.size(); ++i) {
        const Video& video = videos[i];
        const std::string& id = video.info.id;
        const std::string word = vga_word(video.model);
        if (!job.has_param("vga")) {
            job.notes.dropped(
                "videos[].model", id, "ganeti-hypervisor-limit",
                fmt::format("'{}': {} of this release has no parameter for it", video.model, job.out.hypervisor.value));
        } else if (i != 0) {
            job.notes.dropped("videos[].model", id, "ganeti-device-limit",
                              fmt::format("'{}': one video device is all there is", video.model));
        } else if (video.model.empty()) {
            job.notes.defaulted("videos[].model", id, "ganeti-video-approximated", "no model is named: QEMU's own VGA");
        } else {
            job.set("vga", word.empty() ? "std" : word);
            job.ids.emplace_back(id, "video:0");
            if (word.empty())
                job.notes.approximated("videos[].model", id, "ganeti-video-approximated",
                                       fmt::format("'{}' becomes vga=std", video.model));
        }
    }
}

/// An address Ganeti takes; the loopback where none is named.
std::string address_of(Job& job, const Graphics& graphics, bool hvm) {
    const bool address = is_ip_address(graphics.listen) && (!hvm || graphics.listen.find(':') == std::string::npos);
    if (address || (!hvm && is_interface(graphics.listen))) return graphics.listen;
    const std::string detail = fmt::format("{} listens on 127.0.0.1", graphics.type);
    if (graphics.listen.empty())
        job.notes.defaulted("graphics[].listen", graphics.info.id, "ganeti-graphics-address", detail);
    else
        job.notes.approximated("graphics[].listen", graphics.info.id, "ganeti-graphics-address",
                               fmt::format("'{}' is no address of a node: {}", graphics.listen, detail));
    return "127.0.0.1";
}

void write_graphics(Job& job) {
    bool used = false;
    const bool hvm = job.is("xen-hvm");
    for (const Graphics& graphics : job.system.hardware.graphics) {
        const std::string& id = graphics.info.id;
        const std::string_view param = graphics.type == "spice" ? "spice_bind" : "vnc_bind_address";
        if ((graphics.type != "vnc" && graphics.type != "spice") || !job.has_param(param)) {
            job.notes.dropped("graphics[].type", id, "ganeti-hypervisor-limit",
                              fmt::format("'{}': {} has no parameter for it", graphics.type, job.out.hypervisor.value));
            continue;
        }
        if (used) {
            job.notes.dropped(
                "graphics[].type", id, "ganeti-device-limit",
                fmt::format("'{}': VNC and SPICE exclude each other, and there is one of them", graphics.type));
            continue;
        }
        used = true;
        job.ids.emplace_back(id, "graphics:0");
        job.set(param, address_of(job, graphics, hvm));
        if (!graphics.keymap.empty() && !job.set("keymap", graphics.keymap))
            job.notes.dropped("graphics[].keymap", id, "ganeti-hypervisor-limit",
                              fmt::format("'{}': no parameter for it", graphics.keymap));
    }
}

}  // namespace

void write_console(Job& job) {
    write_serial(job);
    write_video(job);
    write_graphics(job);
}

}  // namespace ovfkit::detail::ganeti
