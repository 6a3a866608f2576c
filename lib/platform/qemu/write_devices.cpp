#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "platform/qemu/words.hpp"
#include "platform/qemu/writer.hpp"

namespace ovfkit::detail::qemu {

namespace {

// ------------------------------------------------------------------------------------ serial, parallel

/// The other end of a port. A package must not open files or sockets of the host.
std::string chardev_of(Writer& w, const CharacterDevice& device, std::string_view list, const std::string& id) {
    const std::string field = std::string(list) + ".backend";
    const auto replaced = [&](std::string_view why) {
        w.approximated(field, device.info.id, "qemu-port-backend", fmt::format("'{}' became null: {}", device.backend, why));
        if (!device.target.empty())
            w.dropped(std::string(list) + ".target", device.info.id, "qemu-port-backend", fmt::format("'{}': {}", device.target, why));
        return Opts("null").add("id", id).text();
    };
    const std::string& backend = device.backend;
    if (backend == "pty" || backend.empty()) {
        if (backend.empty()) w.defaulted(field, device.info.id, "qemu-port-backend", "the source names no backend: pty is written");
        if (!device.target.empty()) w.dropped(std::string(list) + ".target", device.info.id, "qemu-port-backend", "a pty is chosen at the start");
        return Opts("pty").add("id", id).text();
    }
    const bool path = backend == "file" || backend == "unix" || backend == "pipe" || backend == "device";
    if (!path && backend != "tcp") return replaced("QEMU has no such backend");
    if (!w.from_host()) return replaced("a package must not name files or sockets of the host");
    if (path) {
        if (!is_safe_path(device.target)) return replaced("its target is no plain absolute path");
        if (backend == "unix") return Opts("socket").add("id", id).add("path", device.target).add_flag("server", true).add_flag("wait", false).text();
        const std::string type = backend == "device" ? (list == "serials[]" ? "serial" : "parallel") : backend;
        return Opts(type).add("id", id).add("path", device.target).text();
    }
    const std::size_t colon = device.target.rfind(':');
    if (colon == std::string::npos || !only_word_characters(device.target.substr(colon + 1), "")) return replaced("its target is no host:port");
    return Opts("socket").add("id", id).add("host", device.target.substr(0, colon)).add("port", device.target.substr(colon + 1))
        .add_flag("server", true).add_flag("wait", false).text();
}

void write_port_list(Writer& w, const std::vector<CharacterDevice>& ports, std::string_view name, std::string_view list, std::size_t most) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (i >= most) {
            w.dropped(std::string(list) + ".backend", ports[i].info.id, "qemu-port-limit", fmt::format("'{}': the machine has {} {} ports", ports[i].backend, most, name));
            if (!ports[i].target.empty()) w.dropped(std::string(list) + ".target", ports[i].info.id, "qemu-port-limit", "its port is left out");
            continue;
        }
        const std::string id = fmt::format("{}{}", name, i);
        w.option("-chardev", chardev_of(w, ports[i], list, id));
        w.option(fmt::format("-{}", name), "chardev:" + id);
        w.id(ports[i].info.id, id);
        if (ports[i].connected == false) w.dropped(std::string(list) + ".connected", ports[i].info.id, "qemu-port-limit", "a port is connected from the start");
    }
}

// ------------------------------------------------------------------------------------- video, graphics

/// MiB of video memory as QEMU takes them: a power of two.
void add_video_memory(Writer& w, Opts& opts, const Video& video, std::string_view model) {
    if (!video.vram_bytes) return;
    if (model == "virtio" || model == "none") {
        w.dropped("videos[].vram_bytes", video.info.id, "qemu-video-memory", fmt::format("{} has no video memory of its own", model));
        return;
    }
    const std::uint64_t asked = (*video.vram_bytes + (1U << 20) - 1) >> 20;
    const std::uint64_t mib = std::bit_ceil(std::clamp<std::uint64_t>(asked, model == "cirrus" ? 4 : 1, model == "cirrus" ? 16 : 256));
    if (mib << 20 != *video.vram_bytes)
        w.approximated("videos[].vram_bytes", video.info.id, "qemu-video-memory", fmt::format("{} bytes became {} MiB", *video.vram_bytes, mib));
    if (model == "bochs")
        opts.add("vgamem", std::to_string(mib << 20));
    else
        opts.add("vgamem_mb", std::to_string(mib));
}

void write_video(Writer& w, const Video& video, std::size_t index) {
    std::string model = video_driver(video.model).empty() ? "vga" : video.model;
    if (!w.target.x86) model = "virtio";
    if (video.model.empty())
        w.defaulted("videos[].model", video.info.id, "qemu-video-model", fmt::format("the source names no model: {} is written", model));
    else if (model != video.model)
        w.approximated("videos[].model", video.info.id, "qemu-video-model", fmt::format("'{}' became {}", video.model, model));
    std::string driver(video_driver(model));
    if (index > 0 || !w.target.x86) {  // a PC has one VGA
        if (model == "qxl") driver = "qxl";
        if (model == "virtio") driver = w.target.transport == "ccw" ? "virtio-gpu-ccw" : "virtio-gpu-pci";
        if (model == "vga") driver = "secondary-vga";
        if (model == "cirrus" || model == "vmvga") {
            w.dropped("videos[].model", video.info.id, "qemu-video-model", fmt::format("a second display cannot be '{}'", model));
            return;
        }
    }
    Opts opts(driver);
    opts.add("id", fmt::format("video{}", index));
    add_video_memory(w, opts, video, model);
    if (video.heads && *video.heads != 1) {
        if (model == "virtio" && *video.heads >= 1 && *video.heads <= 16)
            opts.add("max_outputs", std::to_string(*video.heads));
        else
            w.dropped("videos[].heads", video.info.id, "qemu-video-memory", fmt::format("{} heads: {} has one", *video.heads, model));
    } else if (video.heads) {
        w.defaulted("videos[].heads", video.info.id, "qemu-video-memory", "one head is what there is without saying");
    }
    w.device(std::move(opts), video.info, "videos[]");
    w.id(video.info.id, fmt::format("video{}", index));
}

void write_videos(Writer& w, bool graphics) {
    const auto& videos = w.hardware().videos;
    std::size_t written = 0;
    for (const Video& video : videos)
        if (video.model != "none") write_video(w, video, written++);
    if (written > 0) return;
    if (!videos.empty()) w.option("-vga", "none");
    if (videos.empty() && graphics) w.devices.push_back(Opts(w.target.x86 ? "VGA" : "virtio-gpu-" + w.target.transport).text());
}

std::string listen_of(Writer& w, const Graphics& g) {
    if (g.listen.empty() || g.listen == "127.0.0.1") return "127.0.0.1";
    if (w.from_host() && only_word_characters(g.listen, ".")) return g.listen;
    w.approximated("graphics[].listen", g.info.id, "qemu-graphics-listen", fmt::format("'{}' became 127.0.0.1: a package must not open the host's network", g.listen));
    return "127.0.0.1";
}

void write_graphics(Writer& w, const Graphics& g, std::size_t index) {
    const bool spice = g.type == "spice";
    if (!spice && g.type != "vnc") w.approximated("graphics[].type", g.info.id, "qemu-graphics-type", fmt::format("'{}' became vnc", g.type));
    const std::string listen = listen_of(w, g);
    const std::uint32_t base = 5900;
    const bool fits = g.port && *g.port >= (spice ? 1U : base) && *g.port <= 65535;
    if (g.port && !fits) w.dropped("graphics[].port", g.info.id, "qemu-graphics-type", fmt::format("port {} is none that can be asked for", *g.port));
    if (spice) {
        if (!fits) w.defaulted("graphics[].port", g.info.id, "qemu-graphics-type", "the source names no port: 5930 is written");
        w.option("-spice", Opts().add("addr", listen).add("port", std::to_string(fits ? *g.port : 5930U)).add_flag("disable-ticketing", true).text());
    } else {
        Opts opts(fmt::format("{}:{}", listen, fits ? *g.port - base : 0U));
        if (!fits) opts.add("to", "99");
        w.option("-vnc", opts.text());
    }
    if (!g.keymap.empty()) {
        if (only_word_characters(g.keymap, "_-") && g.keymap.front() != '-' && index == 0)
            w.option("-k", g.keymap);
        else
            w.dropped("graphics[].keymap", g.info.id, "qemu-graphics-type", fmt::format("'{}' cannot be the keymap", g.keymap));
    }
    w.id(g.info.id, fmt::format("{}:{}", spice ? "spice" : "vnc", index));
}

// ----------------------------------------------------------------------------------- one-model devices

void write_sounds(Writer& w) {
    const auto& sounds = w.hardware().sounds;
    bool speaker = false;
    for (std::size_t i = 0; i < sounds.size(); ++i) {
        const SimpleDevice& sound = sounds[i];
        const std::string audio = fmt::format("audio{}", i), id = fmt::format("sound{}", i);
        std::string model = sound.model == "hda" ? (w.target.q35 ? "ich9" : "ich6") : sound.model;
        if (model != "pcspk" && sound_driver(model).empty()) model = w.target.q35 ? "ich9" : "ich6";
        if (model == "usb") model = "ich6";  // it would need a USB controller
        if ((model == "pcspk" || model == "sb16") && (!w.target.x86 || speaker)) model = "ich6";
        if (sound.model.empty())
            w.defaulted("sounds[].model", sound.info.id, "qemu-sound-model", fmt::format("the source names no model: {} is written", model));
        else if (model != sound.model)
            w.approximated("sounds[].model", sound.info.id, "qemu-sound-model", fmt::format("'{}' became {}", sound.model, model));
        w.id(sound.info.id, model == "pcspk" ? "pcspk" : id);
        if (model == "pcspk") {
            speaker = true;
            w.option("-audiodev", Opts("none").add("id", "audio0").text());
            continue;
        }
        const bool own = i != 0 || std::none_of(sounds.begin(), sounds.end(), [](const SimpleDevice& s) { return s.model == "pcspk"; });
        const std::string backend = own ? "snd" + audio : "snd-" + audio;
        w.option("-audiodev", Opts("none").add("id", backend).text());
        const bool hda = model == "ich6" || model == "ich9";
        Opts opts(sound_driver(model));
        opts.add("id", id);
        if (!hda) opts.add("audiodev", backend);
        w.device(std::move(opts), sound.info, "sounds[]");
        if (hda) w.devices.push_back(Opts("hda-duplex").add("bus", id + ".0").add("audiodev", backend).text());
    }
}

void write_watchdogs(Writer& w) {
    static constexpr std::array<std::string_view, 7> actions{"reset", "shutdown", "poweroff", "pause", "none", "inject-nmi", "debug"};
    const auto& dogs = w.hardware().watchdogs;
    for (std::size_t i = 0; i < dogs.size(); ++i) {
        const SimpleDevice& dog = dogs[i];
        const std::string fit = w.target.arch == "s390x" ? "diag288" : dog.model == "ib700" && w.target.x86 ? "ib700" : "i6300esb";
        if (i > 0) {
            w.dropped("watchdogs[].model", dog.info.id, "qemu-watchdog-model", fmt::format("'{}': one watchdog is all there is", dog.model));
            if (!dog.option.empty()) w.dropped("watchdogs[].option", dog.info.id, "qemu-watchdog-model", "its watchdog is left out");
            continue;
        }
        if (dog.model != fit) w.approximated("watchdogs[].model", dog.info.id, "qemu-watchdog-model", fmt::format("'{}' became {}", dog.model, fit));
        std::string action = dog.option;
        if (!action.empty() && std::find(actions.begin(), actions.end(), action) == actions.end()) {
            w.approximated("watchdogs[].option", dog.info.id, "qemu-watchdog-model", fmt::format("action '{}' became reset", action));
            action = "reset";
        }
        w.device(Opts(fit).add("id", "watchdog0"), dog.info, "watchdogs[]");
        if (!action.empty()) w.option("-watchdog-action", action);
        w.id(dog.info.id, "watchdog0");
    }
}

void write_rngs(Writer& w) {
    const auto& rngs = w.hardware().rngs;
    for (std::size_t i = 0; i < rngs.size(); ++i) {
        const SimpleDevice& rng = rngs[i];
        const std::string id = fmt::format("rng{}", i), object = fmt::format("objrng{}", i);
        if (!rng.model.empty() && rng.model != "virtio") w.approximated("rngs[].model", rng.info.id, "qemu-rng-source", fmt::format("'{}' became virtio", rng.model));
        const bool known = rng.option == "/dev/urandom" || rng.option == "/dev/random" || rng.option == "/dev/hwrng";
        if (!known && !rng.option.empty()) w.approximated("rngs[].option", rng.info.id, "qemu-rng-source", fmt::format("'{}' became /dev/urandom", rng.option));
        w.option("-object", Opts("rng-random").add("id", object).add("filename", known ? rng.option : "/dev/urandom").text());
        w.device(Opts(w.virtio("virtio-rng")).add("id", id).add("rng", object), rng.info, "rngs[]");
        w.id(rng.info.id, id);
    }
}

/// The emulator runs beside: its version is the business of who starts it.
void write_tpms(Writer& w) {
    const auto& tpms = w.hardware().tpms;
    for (std::size_t i = 0; i < tpms.size(); ++i) {
        const SimpleDevice& tpm = tpms[i];
        if (i > 0) {
            w.dropped("tpms[].model", tpm.info.id, "qemu-tpm-model", fmt::format("'{}': one TPM is all there is", tpm.model));
            if (!tpm.option.empty()) w.dropped("tpms[].option", tpm.info.id, "qemu-tpm-model", "its TPM is left out");
            continue;
        }
        std::string model = tpm.model == "tpm-tis" ? "tpm-tis" : "tpm-crb";
        if (!w.target.x86) model = w.target.machine == "virt" ? "tpm-tis-device" : "tpm-spapr";
        if (tpm.model != model)
            w.approximated("tpms[].model", tpm.info.id, "qemu-tpm-model", fmt::format("'{}' became {}", tpm.model, model));
        const std::string socket = w.settings.tpm_socket.empty() ? fmt::format("{}/{}-swtpm.sock", w.settings.images, w.stem) : w.settings.tpm_socket;
        const std::string how = fmt::format("start swtpm {}on {} first", tpm.option == "1.2" ? "" : "with --tpm2 ", socket);
        if (tpm.option == "2.0" || tpm.option.empty())
            w.defaulted("tpms[].option", tpm.info.id, "qemu-tpm-model", how);
        else
            w.approximated("tpms[].option", tpm.info.id, "qemu-tpm-model", fmt::format("version '{}': {}", tpm.option, how));
        w.option("-chardev", Opts("socket").add("id", "chrtpm").add("path", socket).text());
        w.option("-tpmdev", Opts("emulator").add("id", "tpm-tpm0").add("chardev", "chrtpm").text());
        w.device(Opts(model).add("id", "tpm0").add("tpmdev", "tpm-tpm0"), tpm.info, "tpms[]");
        w.id(tpm.info.id, "tpm0");
    }
}

}  // namespace

void write_ports(Writer& w) {
    write_port_list(w, w.hardware().serials, "serial", "serials[]", w.target.x86 ? 4 : 1);
    write_port_list(w, w.hardware().parallels, "parallel", "parallels[]", w.target.x86 ? 3 : 0);
}

void write_displays(Writer& w) {
    const auto& graphics = w.hardware().graphics;
    const bool added = graphics.empty() && w.settings.graphics != "none";
    bool seen_spice = false;
    w.option("-display", "none");
    for (std::size_t i = 0; i < graphics.size(); ++i) {
        if (graphics[i].type == "spice" && seen_spice) {
            w.dropped("graphics[].type", graphics[i].info.id, "qemu-graphics-type", "one SPICE server is all there is");
            continue;
        }
        seen_spice = seen_spice || graphics[i].type == "spice";
        write_graphics(w, graphics[i], i);
    }
    if (added) write_graphics(w, {{}, w.settings.graphics, {}, std::nullopt, {}}, 0);
    write_sounds(w);
    write_videos(w, !graphics.empty() || added);
}

void write_misc(Writer& w) {
    write_watchdogs(w);
    write_rngs(w);
    write_tpms(w);
    const std::string genid = w.uuid_of(w.system.genid, "genid");
    if (genid.empty()) return;
    if (w.target.x86)
        w.devices.push_back(Opts("vmgenid").add("id", "vmgenid0").add("guid", genid).text());
    else
        w.dropped("genid", {}, "qemu-machine-changed", "only x86 machines have a VM generation id");
}

}  // namespace ovfkit::detail::qemu
