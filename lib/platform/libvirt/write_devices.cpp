#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "platform/libvirt/sizes.hpp"
#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

// ------------------------------------------------------------------------------------ serial, parallel

struct Port {
    std::string type, path, host, service;
};

/// A port's other end. A package must not open files or sockets of the host that imports it: only a description
/// of another libvirt host is taken at its word.
Port port_of(Writer& w, const CharacterDevice& device, std::string_view list) {
    Port out{"pty", {}, {}, {}};
    const std::string field = std::string(list) + ".backend";
    const auto replaced = [&](std::string_view why) {
        w.note(field, device.info.id, Fate::approximated, "libvirt-port-backend",
               fmt::format("'{}' to '{}' became pty: {}", device.backend, device.target, why));
        if (!device.target.empty())
            w.note(std::string(list) + ".target", device.info.id, Fate::dropped, "libvirt-port-backend",
                   fmt::format("'{}': {}", device.target, why));
        return Port{"pty", {}, {}, {}};
    };
    if (device.backend == "pty") {
        if (!device.target.empty())
            w.note(std::string(list) + ".target", device.info.id, Fate::dropped, "libvirt-port-backend",
                   fmt::format("'{}': a pty is chosen at start", device.target));
        return out;
    }
    if (device.backend.empty()) {
        w.note(field, device.info.id, Fate::defaulted, "libvirt-port-backend",
               "the source names no backend: pty is written");
        if (device.target.empty()) return out;
        return replaced("its target has no backend");
    }
    const bool has_path =
        device.backend == "file" || device.backend == "unix" || device.backend == "pipe" || device.backend == "device";
    if (!has_path && device.backend != "tcp") return replaced("libvirt has no such backend");
    if (!w.from_platform) return replaced("a package must not name files or sockets of the host");
    if (has_path) {
        if (!is_safe_path(device.target)) return replaced("its target is no plain absolute path");
        out.type = device.backend == "device" ? "dev" : device.backend;
        out.path = device.target;
        return out;
    }
    const std::size_t colon = device.target.rfind(':');
    if (colon == std::string::npos || colon == 0 || !only_word_characters(device.target.substr(colon + 1), ""))
        return replaced("its target is no host:port");
    out.type = "tcp";
    out.host = device.target.substr(0, colon);
    out.service = device.target.substr(colon + 1);
    return out;
}

void write_port_list(Writer& w, const std::vector<CharacterDevice>& devices, std::string_view element,
                     std::string_view list) {
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const CharacterDevice& device = devices[i];
        const Port port = port_of(w, device, list);
        w.xml.open(element, {{"type", port.type}});
        if (port.type == "unix")
            w.xml.empty("source", {{"mode", "bind"}, {"path", port.path}});
        else if (port.type == "tcp")
            w.xml.empty("source", {{"mode", "bind"}, {"host", port.host}, {"service", port.service}});
        else if (!port.path.empty())
            w.xml.empty("source", {{"path", port.path}});
        if (port.type == "tcp") w.xml.empty("protocol", {{"type", "raw"}});
        w.xml.empty("target", {{"port", std::to_string(i)}});
        w.alias(device.info, list);
        w.xml.close();
        w.id(device.info.id, fmt::format("{}:{}", element, i));
        if (device.connected == false)
            w.note(std::string(list) + ".connected", device.info.id, Fate::dropped, "libvirt-drive-connected",
                   "a port cannot be left unconnected at start");
    }
}

// -------------------------------------------------------------------------------------- video, console

constexpr std::array<std::string_view, 7> video_models{"vga", "cirrus", "vmvga", "qxl", "virtio", "bochs", "none"};

std::string video_model(Writer& w, const Video& video) {
    if (std::find(video_models.begin(), video_models.end(), video.model) != video_models.end()) return video.model;
    w.note("videos[].model", video.info.id, video.model.empty() ? Fate::defaulted : Fate::approximated,
           "libvirt-video-model", fmt::format("'{}' became 'vga'", video.model));
    return "vga";
}

/// Video memory in KiB as libvirt takes it: a power of two from 1 MiB to 512 MiB; nullopt: none to write.
std::optional<std::uint64_t> video_memory(Writer& w, const Video& video, std::string_view model) {
    if (!video.vram_bytes) return std::nullopt;
    if (model == "virtio" || model == "none") {
        w.note("videos[].vram_bytes", video.info.id, Fate::dropped, "libvirt-video-memory",
               fmt::format("{} bytes: model {} has no video memory of its own", *video.vram_bytes, model));
        return std::nullopt;
    }
    const std::uint64_t wanted = kib(*video.vram_bytes);
    const std::uint64_t out = std::bit_ceil(std::clamp<std::uint64_t>(wanted, 1024, 512 * 1024));
    if (out * 1024 != *video.vram_bytes)
        w.note("videos[].vram_bytes", video.info.id, Fate::approximated, "libvirt-video-memory",
               fmt::format("{} bytes became {} KiB", *video.vram_bytes, out));
    return out;
}

void write_videos(Writer& w, bool graphics) {
    const std::vector<Video>& videos = w.hardware().videos;
    std::size_t written = 0;
    for (const Video& video : videos) {
        const std::string model = video_model(w, video);
        if (written > 0 && model != "qxl" && model != "virtio") {
            const std::string why = fmt::format("a second display of model {} is not possible: it is left out", model);
            w.note("videos[].model", video.info.id, Fate::dropped, "libvirt-video-second", why);
            if (video.vram_bytes)
                w.note("videos[].vram_bytes", video.info.id, Fate::dropped, "libvirt-video-second",
                       fmt::format("{} bytes: {}", *video.vram_bytes, why));
            if (video.heads)
                w.note("videos[].heads", video.info.id, Fate::dropped, "libvirt-video-second",
                       fmt::format("{} heads: {}", *video.heads, why));
            continue;
        }
        XmlWriter::Attributes attributes{{"type", model}};
        const bool sized = model != "virtio" && model != "none";
        if (const auto vram = video_memory(w, video, model))
            attributes.emplace_back("vram", std::to_string(*vram));
        else if (sized)
            w.assigned.push_back(fmt::format("video:{}.vram", written));
        if (video.heads &&
            (*video.heads == 1 || ((model == "qxl" || model == "virtio") && *video.heads >= 1 && *video.heads <= 16)) &&
            model != "none")
            attributes.emplace_back("heads", std::to_string(*video.heads));
        else {
            if (video.heads)
                w.note("videos[].heads", video.info.id, Fate::dropped, "libvirt-video-heads",
                       fmt::format("{} heads: model {} has one", *video.heads, model));
            w.assigned.push_back(fmt::format("video:{}.heads", written));
        }
        w.xml.open("video");
        w.xml.empty("model", attributes);
        w.alias(video.info, "videos[]");
        w.xml.close();
        w.id(video.info.id, fmt::format("video:{}", written++));
        if (model == "none") break;
    }
    if (written == 0 && graphics) {
        w.assigned.emplace_back("video:0.vram");
        w.assigned.emplace_back("video:0.heads");
        w.xml.open("video");
        w.xml.empty("model", {{"type", w.target.x86 ? "vga" : "virtio"}});
        w.xml.close();
    }
}

void write_graphics(Writer& w, const Graphics& g, std::size_t index) {
    std::string type = g.type;
    if (type != "vnc" && type != "spice") {
        w.note("graphics[].type", g.info.id, Fate::approximated, "libvirt-graphics-type",
               fmt::format("'{}' became vnc", g.type));
        type = "vnc";
    }
    XmlWriter::Attributes attributes{{"type", type}};
    const bool fixed = g.port && *g.port > 0 && *g.port <= 65535;
    if (fixed) attributes.emplace_back("port", std::to_string(*g.port));
    if (g.port && !fixed)
        w.note("graphics[].port", g.info.id, Fate::dropped, "libvirt-graphics-type",
               fmt::format("port {} is none", *g.port));
    attributes.emplace_back("autoport", fixed ? "no" : "yes");
    std::string listen = g.listen;
    if (!listen.empty() && (!w.from_platform || !only_word_characters(listen, ".:-"))) {
        if (listen != "127.0.0.1")
            w.note("graphics[].listen", g.info.id, Fate::approximated, "libvirt-graphics-listen",
                   fmt::format("'{}' became 127.0.0.1: a package must not open the host's network", listen));
        listen = "127.0.0.1";
    }
    if (listen.empty()) listen = "127.0.0.1";
    attributes.emplace_back("listen", listen);
    if (!g.keymap.empty()) {
        if (only_word_characters(g.keymap, "_-"))
            attributes.emplace_back("keymap", g.keymap);
        else
            w.note("graphics[].keymap", g.info.id, Fate::dropped, "libvirt-value-unsupported",
                   fmt::format("'{}' is no keymap", g.keymap));
    }
    w.xml.empty("graphics", attributes);
    w.id(g.info.id, fmt::format("graphics:{}", index));
}

// ----------------------------------------------------------------------------------- one-model devices

Writer::Children alias_of(Writer& w, const DeviceInfo& info, std::string_view list) {
    const auto alias = w.user_alias(info, list);
    return alias ? Writer::Children{{"alias", {{"name", *alias}}}} : Writer::Children{};
}

constexpr std::array<std::string_view, 7> sound_models{"ac97", "ich6", "ich9", "sb16", "es1370", "pcspk", "usb"};

void write_sounds(Writer& w) {
    std::size_t written = 0;
    for (const SimpleDevice& sound : w.hardware().sounds) {
        std::string model = sound.model;
        if (model == "hda") {
            model = w.target.q35 ? "ich9" : "ich6";
            w.note("sounds[].model", sound.info.id, Fate::approximated, "libvirt-sound-model",
                   fmt::format("'hda' became '{}'", model));
        }
        const bool usb = std::any_of(w.layout.controllers.begin(), w.layout.controllers.end(),
                                     [](const ControllerPlan& c) { return c.type == "usb"; });
        if (std::find(sound_models.begin(), sound_models.end(), model) == sound_models.end() ||
            (model == "usb" && !usb)) {
            const std::string by = w.target.q35 ? "ich9" : "ich6";
            w.note("sounds[].model", sound.info.id, model.empty() ? Fate::defaulted : Fate::approximated,
                   "libvirt-sound-model", fmt::format("'{}' became '{}'", model, by));
            model = by;
        }
        w.element("sound", {{"model", model}}, alias_of(w, sound.info, "sounds[]"));
        w.id(sound.info.id, fmt::format("sound:{}", written++));
    }
}

void write_watchdogs(Writer& w) {
    static constexpr std::array<std::string_view, 7> actions{"reset", "shutdown", "poweroff",  "pause",
                                                             "none",  "dump",     "inject-nmi"};
    std::size_t written = 0;
    for (const SimpleDevice& dog : w.hardware().watchdogs) {
        const bool s390 = w.target.arch == "s390x";
        const bool known =
            s390 ? dog.model == "diag288" : dog.model == "i6300esb" || (dog.model == "ib700" && w.target.x86);
        if (written > 0) {  // libvirt 9.1 and newer take several
            const std::string why =
                fmt::format("only one watchdog is possible: '{}' with action '{}' is left out", dog.model, dog.option);
            w.note("watchdogs[].model", dog.info.id, Fate::dropped, "libvirt-watchdog-model", why);
            if (!dog.option.empty())
                w.note("watchdogs[].option", dog.info.id, Fate::dropped, "libvirt-watchdog-model", why);
            continue;
        }
        const std::string model = known ? dog.model : s390 ? "diag288" : "i6300esb";
        if (!known)
            w.note("watchdogs[].model", dog.info.id, dog.model.empty() ? Fate::defaulted : Fate::approximated,
                   "libvirt-watchdog-model", fmt::format("'{}' became '{}'", dog.model, model));
        std::string action = dog.option.empty() ? "reset" : dog.option;
        if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
            w.note("watchdogs[].option", dog.info.id, Fate::approximated, "libvirt-watchdog-model",
                   fmt::format("action '{}' became 'reset'", action));
            action = "reset";
        }
        w.element("watchdog", {{"model", model}, {"action", action}}, alias_of(w, dog.info, "watchdogs[]"));
        w.id(dog.info.id, fmt::format("watchdog:{}", written++));
    }
}

void write_rngs(Writer& w) {
    std::size_t written = 0;
    for (const SimpleDevice& rng : w.hardware().rngs) {
        if (!rng.model.empty() && rng.model != "virtio")
            w.note("rngs[].model", rng.info.id, Fate::approximated, "libvirt-rng-source",
                   fmt::format("'{}' became 'virtio'", rng.model));
        std::string source = rng.option.empty() ? "/dev/urandom" : rng.option;
        const bool known = source == "/dev/urandom" || source == "/dev/random" || source == "/dev/hwrng";
        if (!known) {
            w.note("rngs[].option", rng.info.id, Fate::approximated, "libvirt-rng-source",
                   fmt::format("'{}' became /dev/urandom", source));
            source = "/dev/urandom";
        }
        w.xml.open("rng", {{"model", "virtio"}});
        w.xml.leaf("backend", source, {{"model", "random"}});
        w.alias(rng.info, "rngs[]");
        w.xml.close();
        w.id(rng.info.id, fmt::format("rng:{}", written++));
    }
}

void write_tpms(Writer& w) {
    std::size_t written = 0;
    for (const SimpleDevice& tpm : w.hardware().tpms) {
        if (written > 0) {
            const std::string why =
                fmt::format("only one TPM is possible: '{}' of version '{}' is left out", tpm.model, tpm.option);
            w.note("tpms[].model", tpm.info.id, Fate::dropped, "libvirt-tpm-model", why);
            if (!tpm.option.empty()) w.note("tpms[].option", tpm.info.id, Fate::dropped, "libvirt-tpm-model", why);
            continue;
        }
        std::string model = tpm.model;
        if (model != "tpm-crb" && model != "tpm-tis") {
            w.note("tpms[].model", tpm.info.id, model.empty() ? Fate::defaulted : Fate::approximated,
                   "libvirt-tpm-model", fmt::format("'{}' became 'tpm-crb'", model));
            model = "tpm-crb";
        }
        std::string version = tpm.option.empty() ? "2.0" : tpm.option;
        if (version != "2.0" && !(version == "1.2" && model == "tpm-tis")) {
            w.note("tpms[].option", tpm.info.id, Fate::approximated, "libvirt-tpm-model",
                   fmt::format("version '{}' became '2.0'", version));
            version = "2.0";
        }
        w.xml.open("tpm", {{"model", model}});
        w.xml.empty("backend", {{"type", "emulator"}, {"version", version}});
        w.alias(tpm.info, "tpms[]");
        w.xml.close();
        w.id(tpm.info.id, fmt::format("tpm:{}", written++));
    }
}

}  // namespace

void write_ports(Writer& w) {
    write_port_list(w, w.hardware().serials, "serial", "serials[]");
    write_port_list(w, w.hardware().parallels, "parallel", "parallels[]");
}

void write_displays(Writer& w) {
    const std::vector<Graphics>& graphics = w.hardware().graphics;
    for (std::size_t i = 0; i < graphics.size(); ++i) write_graphics(w, graphics[i], i);
    if (graphics.empty() && w.settings.graphics != "none")
        write_graphics(w, {{}, w.settings.graphics, {}, std::nullopt, {}}, 0);
    write_sounds(w);
    write_videos(w, !graphics.empty() || w.settings.graphics != "none");
}

void write_misc(Writer& w) {
    write_watchdogs(w);
    write_rngs(w);
    write_tpms(w);
}

}  // namespace ovfkit::detail::libvirt
