#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

namespace {

// ------------------------------------------------------------------------------------------------- NICs

std::string mac_of(Reader& r, Element interface, std::size_t index, std::size_t count) {
    const Element mac = child(interface, "mac");
    if (!mac) return {};
    const std::string_view text = take(mac, "address");
    const Mac read = normal_mac(text);
    if (read.problem == MacProblem::malformed || read.problem == MacProblem::multicast ||
        (read.problem == MacProblem::none && text.find('-') != std::string_view::npos)) {
        r.error("libvirt-mac-invalid", mac,
                fmt::format("MAC address '{}': libvirt wants a unicast aa:bb:cc:dd:ee:ff", text));
        return {};
    }
    // libvirt's own prefixes (QEMU, Xen): an address of another kind was set by somebody.
    const bool own = read.text.starts_with("52:54:00:") || read.text.starts_with("00:16:3e:");
    if (own && count == r.hints.nics && r.hints.assigned.count(fmt::format("nic:{}.mac", index)) != 0) return {};
    return read.text;
}

void read_network(Element interface, Nic& nic) {
    const std::string_view type = take(interface, "type");
    const Element source = child(interface, "source");
    nic.attachment = type;
    if (type == "network") {
        nic.network = take(source, "network");
    } else if (type == "bridge") {
        nic.network = take(source, "bridge");
        if (attr(child(interface, "virtualport"), "type").value() == "openvswitch") {
            nic.attachment = "openvswitch";
            static_cast<void>(take(child(interface, "virtualport"), "type"));
        }
    } else if (type == "direct") {
        nic.network = take(source, "dev");
        take_default(source, "mode", "bridge");
        take_default(source, "mode", "vepa");
    }
}

void read_nic(Reader& r, Element e, std::size_t index, std::size_t count) {
    Nic nic;
    nic.info = device_info(e, fmt::format("nic:{}", index));
    read_network(e, nic);
    nic.mac = mac_of(r, e, index, count);
    nic.model = take(child(e, "model"), "type");
    if (const Element link = child(e, "link")) {
        const std::string_view state = take(link, "state");
        if (state == "up" || state == "down")
            nic.link_up = state == "up";
        else
            r.error("libvirt-value-invalid", link, fmt::format("link state '{}' is neither up nor down", state));
    }
    if (const Element boot = child(e, "boot")) {
        const auto order = r.number<std::uint32_t>(boot, "boot order", take(boot, "order"), 65535U);
        if (order && *order > 0) nic.boot_index = order;
    }
    const Element target = child(e, "target");
    for (const std::string_view own : {"vnet", "testnet", "tap", "macvtap", "vif"})  // host side, made at start
        if (attr(target, "dev").value().starts_with(own)) static_cast<void>(take(target, "dev"));
    r.hardware().nics.push_back(std::move(nic));
}

// -------------------------------------------------------------------------------------- serial, parallel

void read_port(Element e, std::string_view kind, std::vector<CharacterDevice>& out) {
    CharacterDevice device;
    device.info = device_info(e, fmt::format("{}:{}", kind, out.size()));
    const std::string_view type = take(e, "type");
    device.backend = type == "dev" ? "device" : type;
    const Element source = child(e, "source");
    if (type == "tcp" || type == "udp") {
        const std::string_view host = take(source, "host"), service = take(source, "service");
        if (!service.empty()) device.target = fmt::format("{}:{}", host, service);
        take_default(source, "mode", "bind");
        take_default(child(e, "protocol"), "type", "raw");
    } else if (type == "pty") {
        static_cast<void>(take(source, "path"));  // of the last start
        static_cast<void>(take(e, "tty"));
    } else {
        device.target = take(source, "path");
        take_default(source, "mode", "bind");
    }
    const Element target = child(e, "target");
    static_cast<void>(take(target, "port"));
    take_default(target, "type", "isa-serial");
    take_default(child(target, "model"), "name", "isa-serial");
    out.push_back(std::move(device));
}

// --------------------------------------------------------------------------------------- video, graphics

void read_video(Reader& r, Element e) {
    auto& videos = r.hardware().videos;
    const Element model = child(e, "model");
    Video video;
    const std::string prefix = fmt::format("video:{}", videos.size());
    video.info = device_info(e, prefix);
    video.model = take(model, "type");
    static_cast<void>(take(model, "primary"));
    for (const std::string_view derived : {"ram", "vgamem"}) static_cast<void>(take(model, derived));
    if (attr(model, "vram")) {
        const auto kib = r.number<std::uint32_t>(model, "vram", take(model, "vram"), 0xffffffffU);
        if (kib) video.vram_bytes = std::uint64_t{*kib} * 1024;
    }
    if (attr(model, "heads")) video.heads = r.number<std::uint32_t>(model, "heads", take(model, "heads"), 64U);
    const bool usual_vram = video.vram_bytes == std::uint64_t{16384} * 1024 ||
                            (video.model == "qxl" && video.vram_bytes == std::uint64_t{65536} * 1024);
    if (usual_vram && r.hints.assigned.count(prefix + ".vram") != 0) video.vram_bytes.reset();
    if (video.heads == 1U && r.hints.assigned.count(prefix + ".heads") != 0) video.heads.reset();
    videos.push_back(std::move(video));
}

void read_one_graphics(Reader& r, Element e) {
    const std::string_view type = attr(e, "type").value();
    if (type != "vnc" && type != "spice") return;  // reported as a whole
    auto& list = r.hardware().graphics;
    Graphics g;
    g.info = device_info(e, fmt::format("graphics:{}", list.size()));
    g.type = take(e, "type");
    const std::string_view port = take(e, "port");
    static_cast<void>(take(e, "autoport"));
    if (!port.empty() && port != "-1") {
        const auto number = r.number<std::uint32_t>(e, "graphics port", port, 65535U);
        if (number && *number != 0 && attr(e, "autoport").value() != "yes") g.port = number;
    }
    const Element listen = child(e, "listen");
    g.listen = take(e, "listen");
    if (g.listen.empty()) g.listen = attr(listen, "address").value();
    if (attr(listen, "type").value() == "address") {
        static_cast<void>(take(listen, "type"));
        static_cast<void>(take(listen, "address"));
    }
    g.keymap = take(e, "keymap");
    list.push_back(std::move(g));
}

// ------------------------------------------------------------------------------------ one-model devices

SimpleDevice simple(Element e, std::string_view kind, std::size_t index) {
    SimpleDevice out;
    out.info = device_info(e, fmt::format("{}:{}", kind, index));
    out.model = take(e, "model");
    return out;
}

void read_rng(Element e, std::vector<SimpleDevice>& out) {
    SimpleDevice rng = simple(e, "rng", out.size());
    const Element backend = child(e, "backend");
    if (attr(backend, "model").value() == "random") {
        static_cast<void>(take(backend, "model"));
        rng.option = backend.take();
    }
    out.push_back(std::move(rng));
}

void read_tpm(Element e, std::vector<SimpleDevice>& out) {
    SimpleDevice tpm = simple(e, "tpm", out.size());
    const Element backend = child(e, "backend");
    take_default(backend, "type", "emulator");
    tpm.option = take(backend, "version");
    out.push_back(std::move(tpm));
}

void read_input(Element e) {
    const std::string_view type = attr(e, "type").value(), bus = attr(e, "bus").value();
    if ((type == "mouse" || type == "keyboard") && bus == "ps2") take_all(e);  // on every x86 machine
}

void read_audio(Element e) {
    if (attr(e, "type").value() == "none" && attr(e, "id").value() == "1") take_all(e);
}

void read_console(Element e) {
    const std::string_view type = attr(child(e, "target"), "type").value();
    if (type.empty() || type == "serial") take_all(e);  // the first serial port again
}

}  // namespace

void read_nics(Reader& r, Element devices) {
    std::size_t count = 0, index = 0;
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "interface")) ++count;
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "interface")) read_nic(r, e, index++, count);
    for (const Nic& nic : r.hardware().nics) {
        const auto same = [&](const Network& network) { return network.name == nic.network; };
        if (nic.network.empty() || std::any_of(r.envelope.networks.begin(), r.envelope.networks.end(), same)) continue;
        r.envelope.networks.push_back({nic.network, {}, nic.info.origin});
    }
}

void read_ports(Reader& r, Element devices) {
    Element mirrored;
    for (Element e = devices.first(); e; e = e.next()) {
        if (e.is(Ns::none, "serial")) read_port(e, "serial", r.hardware().serials);
        if (e.is(Ns::none, "parallel")) read_port(e, "parallel", r.hardware().parallels);
        if (e.is(Ns::none, "console") && !mirrored) mirrored = e;
    }
    if (mirrored && r.hardware().serials.empty()) {
        // A console alone is a serial port to libvirt.
        const std::string_view type = attr(child(mirrored, "target"), "type").value();
        if (type.empty() || type == "serial") read_port(mirrored, "serial", r.hardware().serials);
    }
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "console")) read_console(e);
}

void read_displays(Reader& r, Element devices) {
    for (Element e = devices.first(); e; e = e.next()) {
        if (e.is(Ns::none, "video")) read_video(r, e);
        if (e.is(Ns::none, "graphics")) read_one_graphics(r, e);
        if (e.is(Ns::none, "sound")) r.hardware().sounds.push_back(simple(e, "sound", r.hardware().sounds.size()));
        if (e.is(Ns::none, "audio")) read_audio(e);
        if (e.is(Ns::none, "input")) read_input(e);
    }
}

void read_misc(Reader& r, Element devices) {
    Hardware& h = r.hardware();
    for (Element e = devices.first(); e; e = e.next()) {
        if (e.is(Ns::none, "watchdog")) {
            SimpleDevice dog = simple(e, "watchdog", h.watchdogs.size());
            dog.option = take(e, "action");
            h.watchdogs.push_back(std::move(dog));
        }
        if (e.is(Ns::none, "rng")) read_rng(e, h.rngs);
        if (e.is(Ns::none, "tpm")) read_tpm(e, h.tpms);
    }
}

}  // namespace ovfkit::detail::libvirt
