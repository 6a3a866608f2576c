#include <algorithm>

#include <fmt/format.h>

#include "model/names.hpp"
#include "platform/qemu/reader.hpp"
#include "platform/qemu/words.hpp"

namespace ovfkit::detail::qemu {

namespace {

// ------------------------------------------------------------------------------------ serial, parallel

void read_chardev(Reader& r, const std::string& id, CharacterDevice& out) {
    const auto found = r.chardevs.find(id);
    if (found == r.chardevs.end()) return;
    Parsed& c = found->second;
    const std::string backend = c.take("backend"), path = c.take("path");
    out.target = path;
    if (backend == "socket" && path.empty()) {
        out.backend = "tcp";
        out.target = fmt::format("{}:{}", c.get("host"), c.get("port"));
    } else if (backend == "socket") {
        out.backend = "unix";
    } else if (backend == "serial" || backend == "tty" || backend == "parallel" || backend == "parport") {
        out.backend = "device";
    } else {
        out.backend = backend;
    }
    if (out.backend == "pty") out.target.clear();
}

/// `pty`, `file:PATH`, `unix:PATH,server=on`, `tcp:HOST:PORT`, `/dev/ttyS0`, `chardev:ID`.
void read_port_text(Reader& r, const std::string& text, CharacterDevice& out) {
    const std::string first = text.substr(0, text.find(','));
    const std::size_t colon = first.find(':');
    const std::string kind = first.substr(0, colon), rest = colon == std::string::npos ? std::string{} : first.substr(colon + 1);
    if (kind == "chardev") return read_chardev(r, rest, out);
    out.backend = kind;
    out.target = rest;
    if (first.starts_with("/dev/")) {
        out.backend = "device";
        out.target = first;
    }
}

void read_ports(Reader& r, std::string_view name, std::string_view isa, std::vector<CharacterDevice>& out) {
    std::erase_if(r.devices, [&](Parsed& device) {
        if (device.get("driver") != isa) return false;
        CharacterDevice port;
        static_cast<void>(device.take("driver"));
        port.info = r.info(device, name);
        read_chardev(r, device.take("chardev"), port);
        static_cast<void>(device.take("index"));
        r.keep_rest(device, port.info);
        out.push_back(std::move(port));
        return true;
    });
    for (Option* o : r.take(name)) {
        if (o->value.text == "none") continue;
        CharacterDevice port;
        port.info.id = fmt::format("{}{}", name, out.size());
        port.info.origin.offset = o->offset;
        read_port_text(r, o->value.text, port);
        out.push_back(std::move(port));
    }
}

// ------------------------------------------------------------------------------------- video, graphics

void read_videos(Reader& r) {
    std::erase_if(r.devices, [&](Parsed& device) {
        const std::string_view model = video_model(device.get("driver"));
        if (model.empty()) return false;
        Video video;
        static_cast<void>(device.take("driver"));
        video.model = model;
        video.info = r.info(device, "video");
        for (const std::string_view key : {"vgamem_mb", "vgamem"})
            if (device.has(key)) video.vram_bytes = size_in(device.take(key), key == "vgamem" ? 1 : 1ULL << 20);
        for (const std::string_view derived : {"ram_size", "vram_size", "vram64_size_mb"}) static_cast<void>(device.take(derived));
        if (device.has("max_outputs")) {
            const auto heads = r.number<std::uint32_t>(device.take("max_outputs"), device.offset, "max_outputs", 16U);
            if (heads != 1U) video.heads = heads;
        }
        r.keep_rest(device, video.info);
        r.hardware().videos.push_back(std::move(video));
        return true;
    });
    for (Option* o : r.take("vga")) {
        const std::string& word = o->value.text;
        if (word == "none" && !r.hardware().videos.empty()) continue;
        Video video;
        video.info.id = fmt::format("video:{}", r.hardware().videos.size());
        video.info.origin.offset = o->offset;
        video.model = word == "std" ? "vga" : word == "vmware" ? "vmvga" : word;
        r.hardware().videos.push_back(std::move(video));
    }
}

void add_graphics(Reader& r, std::string type, std::uint64_t offset, std::string listen, std::optional<std::uint32_t> port) {
    Graphics g;
    g.info.id = fmt::format("{}:{}", type, r.hardware().graphics.size());
    g.info.origin.offset = offset;
    g.type = std::move(type);
    g.listen = std::move(listen);
    g.port = port;
    r.hardware().graphics.push_back(std::move(g));
}

void read_graphics(Reader& r) {
    for (Option* o : r.take("vnc")) {
        Parsed vnc = parsed(r.text, o->value, "display");
        const std::string display = vnc.get("display");
        if (display == "none") continue;
        const std::size_t colon = display.rfind(':');
        constexpr std::uint32_t first_port = 5900, last_port = 65535;
        const std::uint32_t number = colon == std::string::npos ? last_port : to_number<std::uint32_t>(display.substr(colon + 1)).value_or(last_port);
        const bool automatic = vnc.has("to");
        add_graphics(r, "vnc", o->offset, colon == std::string::npos ? std::string{} : display.substr(0, colon),
                     number <= last_port - first_port && !automatic ? std::optional(number + first_port) : std::nullopt);
    }
    for (Option* o : r.take("spice")) {
        Parsed spice = parsed(r.text, o->value, {});
        const auto port = to_number<std::uint32_t>(spice.get("port"));
        add_graphics(r, "spice", o->offset, spice.get("addr"), port && *port > 0 && *port <= 65535 ? port : std::nullopt);
        if (spice.has("password")) r.text.report("qemu-secret-dropped", o->offset, "the password of the SPICE server is left out");
    }
    for (Option* o : r.take("k"))
        if (!r.hardware().graphics.empty())
            r.hardware().graphics.front().keymap = o->value.text;
        else
            r.keep("k", o->value.text);
}

// ----------------------------------------------------------------------------------- one-model devices

SimpleDevice simple(Reader& r, Parsed& device, std::string_view stem, std::string_view model) {
    SimpleDevice out;
    static_cast<void>(device.take("driver"));
    out.info = r.info(device, stem);
    out.model = model;
    return out;
}

bool read_simple(Reader& r, Parsed& device) {
    Hardware& h = r.hardware();
    const std::string driver = device.get("driver");
    if (const std::string_view sound = sound_model(driver); !sound.empty()) {
        h.sounds.push_back(simple(r, device, "sound", sound));
        static_cast<void>(device.take("audiodev"));
        r.keep_rest(device, h.sounds.back().info);
    } else if (driver == "hda-duplex" || driver == "hda-micro" || driver == "hda-output") {
        return true;  // the codec of the sound card
    } else if (driver == "i6300esb" || driver == "ib700" || driver == "diag288") {
        h.watchdogs.push_back(simple(r, device, "watchdog", driver));
        r.keep_rest(device, h.watchdogs.back().info);
    } else if (virtio_kind(driver) == "virtio-rng") {
        SimpleDevice rng = simple(r, device, "rng", "virtio");
        if (const auto object = r.objects.find(device.take("rng")); object != r.objects.end()) rng.option = object->second.get("filename");
        r.keep_rest(device, rng.info);
        h.rngs.push_back(std::move(rng));
    } else if (driver.starts_with("tpm-")) {
        h.tpms.push_back(simple(r, device, "tpm", driver));
        static_cast<void>(device.take("tpmdev"));
        r.keep_rest(device, h.tpms.back().info);
    } else if (driver == "vmgenid") {
        r.system.genid = normal_uuid(device.get("guid"));
        if (r.system.genid.empty()) r.keep("device", fmt::format("vmgenid,guid={}", device.get("guid")));
    } else {
        return false;
    }
    return true;
}

void read_legacy(Reader& r) {
    for (Option* o : r.take("soundhw")) {
        SimpleDevice sound;
        sound.info.id = fmt::format("sound:{}", r.hardware().sounds.size());
        sound.info.origin.offset = o->offset;
        sound.model = o->value.text;
        r.hardware().sounds.push_back(std::move(sound));
    }
    for (Option* o : r.take("watchdog")) {
        SimpleDevice dog;
        dog.info.id = fmt::format("watchdog:{}", r.hardware().watchdogs.size());
        dog.info.origin.offset = o->offset;
        dog.model = o->value.text;
        r.hardware().watchdogs.push_back(std::move(dog));
    }
    std::string action;
    for (Option* o : r.take("watchdog-action")) action = o->value.text;
    for (Option* o : r.take("action")) {
        Parsed value = parsed(r.text, o->value, {});
        if (value.has("watchdog")) action = value.take("watchdog");
        for (const auto& [key, word] : value.rest()) r.keep("action", key + "=" + word);
    }
    if (!r.hardware().watchdogs.empty()) r.hardware().watchdogs.front().option = action;
    if (!r.take("usb").empty() && r.machine == "pc" && r.hardware().controllers.end() == std::find_if(r.hardware().controllers.begin(), r.hardware().controllers.end(), [](const Controller& c) { return c.type == ControllerType::usb; })) {
        Controller usb;
        usb.info.id = "usb";
        usb.type = ControllerType::usb;
        usb.model = "piix3-uhci";
        r.hardware().controllers.push_back(std::move(usb));
    }
}

/// The device as it was written, for a QEMU to be given again.
std::string written(const Parsed& device) {
    Opts opts(device.get("driver"));
    for (const auto& [key, value] : device.items)
        if (key != "driver" && key != "bus" && key != "addr") opts.add(key, value);
    return opts.text();
}

void keep_objects(Reader& r) {
    for (const auto& [id, object] : r.objects) {
        const std::string type = object.get("qom-type");
        if (type == "secret" || type.starts_with("secret") || type.starts_with("tls-"))
            r.text.report("qemu-secret-dropped", object.offset, fmt::format("the {} object '{}' is left out", type, printable(id)));
        else if (type != "rng-random" && !type.starts_with("memory-backend") && type != "iothread")
            r.text.report("qemu-option-kept", object.offset, fmt::format("object '{}' ({}) is not understood and left out", printable(id), printable(type)));
    }
}

}  // namespace

void read_others(Reader& r) {
    read_ports(r, "serial", "isa-serial", r.hardware().serials);
    read_ports(r, "parallel", "isa-parallel", r.hardware().parallels);
    read_videos(r);
    read_graphics(r);
    std::erase_if(r.devices, [&](Parsed& device) { return read_simple(r, device); });
    read_legacy(r);
    static_cast<void>(r.take("tpmdev"));
    keep_objects(r);
    for (const Parsed& device : r.devices) {
        r.text.report("qemu-option-kept", device.offset, fmt::format("device '{}' is kept as it is, not understood", printable(device.get("driver"))));
        r.keep("device", written(device));
    }
}

}  // namespace ovfkit::detail::qemu
