#include "harness.hpp"

using namespace harness;
using namespace samples;

namespace {

SimpleDevice simple(const std::string& id, const std::string& model, const std::string& option = {}) {
    SimpleDevice out;
    out.info.id = id;
    out.model = model;
    out.option = option;
    return out;
}

CharacterDevice port(const std::string& backend, const std::string& target) {
    CharacterDevice out;
    out.info.id = "30";
    out.backend = backend;
    out.target = target;
    return out;
}

}  // namespace

TEST_CASE("how NICs are attached") {
    Envelope e = package("vm");
    add_nic(e, "7", "virtio", {}, "");
    CHECK(write(e).at("//source/@network") == "default");
    CHECK(write(e).note("libvirt-network-defaulted", "nics[].network") != nullptr);
    CHECK(write(e, {{"network", "bridge"}}).at("//source/@bridge") == "virbr0");
    CHECK(write(e, {{"network-name", "lab"}}).at("//source/@network") == "lab");
    CHECK(write(e, {{"network", "user"}}).at("//interface/@type") == "user");
    Nic& nic = hardware_of(e).nics.front();
    nic.network = "br0";
    CHECK(write(e, {{"network", "user"}}).note("libvirt-nic-attachment", "nics[].network") != nullptr);
    nic.attachment = "openvswitch";
    CHECK(write(e).at("//interface/@type") == "bridge");
    CHECK(reread(write(e)).hardware().nics.front().attachment == "openvswitch");
    nic.attachment = "direct";
    CHECK(write(e).at("//source/@mode") == "bridge");
    CHECK(reread(write(e)).hardware().nics.front().network == "br0");
    for (const std::string other : {"routed", "hyperloop"}) {
        nic.attachment = other;
        CHECK(write(e).note("libvirt-nic-attachment", "nics[].attachment") != nullptr);
    }
}

TEST_CASE("NICs that are not connected, and MAC addresses that stand twice") {
    Envelope e = package("vm");
    add_nic(e, "7", "virtio", "52:54:00:00:00:01").connected = false;
    add_nic(e, "8", "virtio", "52:54:00:00:00:01").link_up = true;
    const Output out = write(e);
    CHECK(out.at("//interface[1]/link/@state") == "down");
    CHECK(out.note("libvirt-nic-connected", "nics[].connected")->id == "7");
    CHECK(out.at("//interface[2]/link/@state") == "up");
    CHECK(out.finding("libvirt-mac-duplicate") != nullptr);
    CHECK(reread(out).hardware().nics.at(1).link_up == true);
}

TEST_CASE("ports: a package names no file or socket of the host") {
    Envelope e = package("vm");
    for (const auto& [backend, target] :
         {std::pair{"file", "/etc/passwd"}, std::pair{"unix", "/run/docker.sock"}, std::pair{"tcp", "0.0.0.0:22"},
          std::pair{"device", "/dev/sda"}, std::pair{"pipe", "/x"}, std::pair{"vmware.thing", ""},
          std::pair{"", "/x"}}) {
        hardware_of(e).serials = {port(backend, target)};
        CAPTURE(backend);
        const Output out = write(e);
        CHECK(out.at("//serial/@type") == "pty");
        CHECK(out.text.find("/etc/passwd") == std::string::npos);
        CHECK(out.note("libvirt-port-backend", "serials[].backend") != nullptr);
    }
    // Another libvirt host's own description is taken at its word.
    e.dialect = "libvirt";
    const auto trip = [&](const CharacterDevice& wanted) {
        hardware_of(e).serials = {wanted};
        hardware_of(e).parallels = {wanted};
        const Input in = reread(write(e));
        return in.hardware().serials.at(0).backend == wanted.backend &&
               in.hardware().serials.at(0).target == wanted.target &&
               in.hardware().parallels.at(0).target == wanted.target;
    };
    CHECK(trip(port("file", "/var/log/vm.log")));
    CHECK(trip(port("unix", "/run/vm.sock")));
    CHECK(trip(port("tcp", "127.0.0.1:4555")));
    CHECK(trip(port("device", "/dev/ttyS0")));
    CHECK(trip(port("pty", "")));
    CHECK_FALSE(trip(port("file", "../x")));
    CHECK_FALSE(trip(port("tcp", "4555")));
    hardware_of(e).serials = {port("pty", "/dev/pts/3")};
    hardware_of(e).serials.front().connected = false;
    CHECK(write(e).note("libvirt-port-backend", "serials[].target") != nullptr);
    CHECK(write(e).note("libvirt-drive-connected", "serials[].connected") != nullptr);
}

TEST_CASE("displays") {
    Envelope e = package("vm");
    Video v;
    v.info.id = "40";
    v.model = "svga9";
    v.vram_bytes = 5000ULL * 1024;
    v.heads = 4;
    hardware_of(e).videos = {v};
    const Output out = write(e);
    CHECK(out.at("//video/model/@type") == "vga");
    CHECK(out.note("libvirt-video-model", "videos[].model") != nullptr);
    CHECK(out.at("//video/model/@vram") == "8192");
    CHECK(out.note("libvirt-video-memory", "videos[].vram_bytes") != nullptr);
    CHECK(out.note("libvirt-video-heads", "videos[].heads") != nullptr);
    hardware_of(e).videos.front().model = "virtio";
    CHECK(write(e).at("//video/model/@heads") == "4");
    CHECK(write(e).note("libvirt-video-memory", "videos[].vram_bytes")->fate == Fate::dropped);
    v.info.id = "41";
    v.model = "cirrus";
    hardware_of(e).videos.push_back(v);
    CHECK(write(e).count("//video") == 1);
    CHECK(write(e).note("libvirt-video-second", "videos[].model")->id == "41");
    hardware_of(e).videos.back().model = "qxl";
    CHECK(write(e).count("//video") == 2);
}

TEST_CASE("consoles listen on the loopback address unless a libvirt host says otherwise") {
    Envelope e = package("vm");
    CHECK(write(e).count("//graphics") == 0);
    const Output vnc = write(e, {{"graphics", "vnc"}});
    CHECK(vnc.at("//graphics/@listen") == "127.0.0.1");
    CHECK(vnc.count("//video") == 1);
    Graphics g;
    g.info.id = "50";
    g.type = "vnc";
    g.listen = "0.0.0.0";
    g.port = 5910;
    g.keymap = "de";
    hardware_of(e).graphics = {g};
    const Output out = write(e);
    CHECK(out.at("//graphics/@listen") == "127.0.0.1");
    CHECK(out.note("libvirt-graphics-listen", "graphics[].listen") != nullptr);
    CHECK(out.at("//graphics/@port") == "5910");
    e.dialect = "libvirt";
    CHECK(write(e).at("//graphics/@listen") == "0.0.0.0");
    CHECK(reread(write(e)).hardware().graphics.front().listen == "0.0.0.0");
    CHECK(reread(write(e)).hardware().graphics.front().port == 5910U);
    hardware_of(e).graphics.front().type = "rdp";
    hardware_of(e).graphics.front().port = 70000;
    hardware_of(e).graphics.front().keymap = "d'e";
    CHECK(write(e).at("//graphics/@type") == "vnc");
    CHECK(write(e).note("libvirt-graphics-type", "graphics[].type") != nullptr);
    CHECK(write(e).note("libvirt-graphics-type", "graphics[].port") != nullptr);
    CHECK(write(e).note("libvirt-value-unsupported", "graphics[].keymap") != nullptr);
}

TEST_CASE("sound, watchdog, randomness, TPM") {
    Envelope e = package("vm");
    Hardware& h = hardware_of(e);
    h.sounds = {simple("60", "hda"), simple("61", "gus"), simple("62", "usb")};
    h.watchdogs = {simple("70", "itco", "explode"), simple("71", "i6300esb")};
    h.rngs = {simple("72", "xen", "tcp://x"), simple("73", "virtio", "/dev/hwrng")};
    h.tpms = {simple("80", "tpm-spapr", "3"), simple("81", "tpm-crb")};
    h.sounds.front().info.alias = "ua-sound";
    const Output out = write(e);
    CHECK(out.at("//sound[1]/@model") == "ich6");
    CHECK(out.at("//sound[1]/alias/@name") == "ua-sound");
    CHECK(out.at("//sound[2]/@model") == "ich6");
    CHECK(out.at("//sound[3]/@model") == "ich6");  // no USB controller for it
    CHECK(out.note("libvirt-sound-model", "sounds[].model") != nullptr);
    CHECK(out.count("//watchdog") == 1);
    CHECK(out.at("//watchdog/@model") == "i6300esb");
    CHECK(out.at("//watchdog/@action") == "reset");
    CHECK(out.note("libvirt-watchdog-model", "watchdogs[].option") != nullptr);
    CHECK(out.note("libvirt-watchdog-model", "watchdogs[].model") != nullptr);
    CHECK(out.at("//rng[1]/backend") == "/dev/urandom");
    CHECK(out.at("//rng[2]/backend") == "/dev/hwrng");
    CHECK(out.note("libvirt-rng-source", "rngs[].option") != nullptr);
    CHECK(out.note("libvirt-rng-source", "rngs[].model") != nullptr);
    CHECK(out.count("//tpm") == 1);
    CHECK(out.at("//tpm/backend/@version") == "2.0");
    CHECK(out.note("libvirt-tpm-model", "tpms[].model") != nullptr);
    CHECK(out.note("libvirt-tpm-model", "tpms[].option") != nullptr);
    const Input in = reread(out);
    CHECK(in.hardware().rngs.at(1).option == "/dev/hwrng");
    CHECK(in.hardware().tpms.at(0).model == "tpm-crb");
    CHECK(in.hardware().watchdogs.at(0).option == "reset");
}
