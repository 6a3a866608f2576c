#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail::proxmox {

namespace {

constexpr std::array<std::string_view, 7> nic_models{"e1000", "e1000e", "vmxnet3", "virtio", "rtl8139", "pcnet", "ne2k_pci"};

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

void write_nic(Writer& w, const Nic& nic, std::size_t index) {
    std::string model = nic.model == "vmxnet" || nic.model == "vmxnet2" ? "vmxnet3" : nic.model == "flexible" ? "pcnet" : nic.model;
    if (std::find(nic_models.begin(), nic_models.end(), model) == nic_models.end()) model = "e1000";
    if (nic.model.empty())
        w.defaulted("nics[].model", nic.info.id, "proxmox-nic-model", "the source names no model: e1000 is written");
    else if (model != nic.model)
        w.approximated("nics[].model", nic.info.id, "proxmox-nic-model", fmt::format("'{}' became {}", nic.model, model));
    const std::string mac = upper(w.mac_of(nic));
    Parts parts{{mac.empty() ? std::string{} : model, mac.empty() ? model : mac}};
    const bool own = w.from_host() && nic.attachment == "bridge" && is_word(nic.network) && nic.network.size() <= 15;
    if (nic.attachment != "user") parts.emplace_back("bridge", own ? nic.network : w.bridge);
    if (!own && !nic.network.empty())
        w.approximated("nics[].network", nic.info.id, "proxmox-nic-bridge", fmt::format("'{}' becomes bridge {} (-O proxmox.bridge=NAME)", nic.network, w.bridge));
    if (!nic.attachment.empty() && nic.attachment != "bridge" && nic.attachment != "user")
        w.approximated("nics[].attachment", nic.info.id, "proxmox-nic-bridge", fmt::format("'{}' becomes a bridge", nic.attachment));
    const auto vlan = to_number<std::uint32_t>(nic.vlan);
    if (vlan && *vlan > 0 && *vlan < 4095)
        parts.emplace_back("tag", nic.vlan);
    else if (!nic.vlan.empty())
        w.dropped("nics[].vlan", nic.info.id, "proxmox-nic-bridge", fmt::format("'{}' is no VLAN tag", nic.vlan));
    if (nic.link_up == false || nic.connected == false) {
        parts.emplace_back("link_down", "1");
        if (nic.link_up != false) w.approximated("nics[].connected", nic.info.id, "proxmox-nic-link", "not connected at start: its link is down");
    } else if (nic.link_up) {
        w.defaulted("nics[].link_up", nic.info.id, "proxmox-nic-link", "a link is up without saying");
    }
    for (const Parameter& p : nic.info.parameters)
        if (p.space == "proxmox" && w.envelope.dialect == "proxmox" && is_word(p.key) && is_part(p.value))
            parts.emplace_back(p.key, p.value);
        else if (p.space == "proxmox")
            w.dropped("nics[].info.parameters[proxmox]", p.key, "proxmox-parameter-untrusted", fmt::format("{}={}", p.key, p.value));
    const std::string key = fmt::format("net{}", index);
    w.nic_keys.push_back(key);
    w.line(key, joined(parts));
    w.id(nic.info.id, key);
}

void write_ports(Writer& w) {
    const auto& serials = w.hardware().serials;
    for (std::size_t i = 0; i < serials.size(); ++i) {
        const CharacterDevice& port = serials[i];
        const bool device = w.from_host() && port.backend == "device" && port.target.starts_with("/dev/") && is_part(port.target) && is_safe_path(port.target);
        if (i >= 4) {
            w.dropped("serials[].backend", port.info.id, "proxmox-port-backend", "a machine has four serial ports");
        } else if (!device && port.backend != "unix") {
            if (port.backend.empty())
                w.defaulted("serials[].backend", port.info.id, "proxmox-port-backend", "the source names no backend: socket is written");
            else
                w.approximated("serials[].backend", port.info.id, "proxmox-port-backend", fmt::format("'{}' became socket", port.backend));
        }
        if (!device && !port.target.empty()) w.dropped("serials[].target", port.info.id, "proxmox-port-backend", fmt::format("'{}': the socket has its place", port.target));
        if (port.connected == false) w.dropped("serials[].connected", port.info.id, "proxmox-port-backend", "a port is connected from the start");
        if (i >= 4) continue;
        w.line(fmt::format("serial{}", i), device ? port.target : "socket");
        w.id(port.info.id, fmt::format("serial{}", i));
    }
}

void write_vga(Writer& w) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> words{
        {{"vga", "std"}, {"cirrus", "cirrus"}, {"vmvga", "vmware"}, {"qxl", "qxl"}, {"virtio", "virtio"}, {"none", "none"}, {"bochs", "std"}}};
    const auto& videos = w.hardware().videos;
    for (std::size_t i = 0; i < videos.size(); ++i) {
        const Video& video = videos[i];
        if (i > 0) {
            w.dropped("videos[].model", video.info.id, "proxmox-video-model", fmt::format("'{}': one display is all there is", video.model));
            if (video.vram_bytes) w.dropped("videos[].vram_bytes", video.info.id, "proxmox-video-model", "its display is left out");
            continue;
        }
        std::string word = "std";
        for (const auto& [neutral, written] : words)
            if (neutral == video.model) word = written;
        const bool exact = word != "std" || video.model == "vga";
        if (video.model.empty())
            w.defaulted("videos[].model", video.info.id, "proxmox-video-model", "the source names no model: std is written");
        else if (!exact)
            w.approximated("videos[].model", video.info.id, "proxmox-video-model", fmt::format("'{}' became std", video.model));
        if (video.heads && word == "qxl" && *video.heads >= 2 && *video.heads <= 4)
            word += std::to_string(*video.heads);
        else if (video.heads && *video.heads != 1)
            w.dropped("videos[].heads", video.info.id, "proxmox-video-model", fmt::format("{} heads of {}", *video.heads, word));
        else if (video.heads)
            w.defaulted("videos[].heads", video.info.id, "proxmox-video-model", "one head is what there is without saying");
        Parts parts{{"", word}};
        if (video.vram_bytes) {
            const std::uint64_t size = std::clamp<std::uint64_t>(*video.vram_bytes / mib, 4, 512);
            if (size * mib != *video.vram_bytes || word == "none")
                w.approximated("videos[].vram_bytes", video.info.id, "proxmox-video-model", fmt::format("{} bytes became {} MiB", *video.vram_bytes, size));
            if (word != "none") parts.emplace_back("memory", std::to_string(size));
        }
        w.line("vga", joined(parts));
        w.id(video.info.id, "vga");
    }
    for (const Graphics& g : w.hardware().graphics) {
        w.defaulted("graphics[].type", g.info.id, "proxmox-graphics-own", fmt::format("'{}': Proxmox has consoles of its own", g.type));
    }
}

template <class List>
const typename List::value_type* only(Writer& w, const List& list, std::string_view name) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        w.dropped(fmt::format("{}[].model", name), list[i].info.id, "proxmox-device-limit", fmt::format("'{}': one is all there is", list[i].model));
        if (!list[i].option.empty()) w.dropped(fmt::format("{}[].option", name), list[i].info.id, "proxmox-device-limit", "its device is left out");
    }
    return list.empty() ? nullptr : &list.front();
}

void write_simple(Writer& w) {
    const Hardware& h = w.hardware();
    if (const SimpleDevice* sound = only(w, h.sounds, "sounds")) {
        std::string word = sound->model == "ac97" ? "AC97" : sound->model == "ich9" ? "ich9-intel-hda" : "intel-hda";
        if (sound->model != "ac97" && sound->model != "ich9" && sound->model != "ich6")
            w.approximated("sounds[].model", sound->info.id, "proxmox-device-model", fmt::format("'{}' became {}", sound->model, word));
        w.line("audio0", "device=" + word + ",driver=none");
        w.id(sound->info.id, "audio0");
    }
    if (const SimpleDevice* dog = only(w, h.watchdogs, "watchdogs")) {
        static constexpr std::array<std::string_view, 6> actions{"reset", "shutdown", "poweroff", "pause", "debug", "none"};
        const std::string model = dog->model == "ib700" ? "ib700" : "i6300esb";
        if (model != dog->model) w.approximated("watchdogs[].model", dog->info.id, "proxmox-device-model", fmt::format("'{}' became {}", dog->model, model));
        const bool known = std::find(actions.begin(), actions.end(), dog->option) != actions.end();
        if (!known && !dog->option.empty()) w.approximated("watchdogs[].option", dog->info.id, "proxmox-device-model", fmt::format("action '{}' became reset", dog->option));
        w.line("watchdog", "model=" + model + (dog->option.empty() ? std::string{} : ",action=" + (known ? dog->option : "reset")));
        w.id(dog->info.id, "watchdog");
    }
    if (const SimpleDevice* rng = only(w, h.rngs, "rngs")) {
        const bool known = rng->option == "/dev/urandom" || rng->option == "/dev/random" || rng->option == "/dev/hwrng";
        if (!known && !rng->option.empty()) w.approximated("rngs[].option", rng->info.id, "proxmox-device-model", fmt::format("'{}' became /dev/urandom", rng->option));
        if (!rng->model.empty() && rng->model != "virtio") w.approximated("rngs[].model", rng->info.id, "proxmox-device-model", fmt::format("'{}' became virtio", rng->model));
        w.line("rng0", "source=" + (known ? rng->option : "/dev/urandom"));
        w.id(rng->info.id, "rng0");
    }
    if (const SimpleDevice* tpm = only(w, h.tpms, "tpms")) {
        const std::string version = tpm->option == "1.2" ? "v1.2" : "v2.0";
        if (!tpm->option.empty() && tpm->option != "1.2" && tpm->option != "2.0") w.approximated("tpms[].option", tpm->info.id, "proxmox-device-model", fmt::format("version '{}' became {}", tpm->option, version));
        if (tpm->model != "tpm-crb" && tpm->model != "tpm-tis") w.approximated("tpms[].model", tpm->info.id, "proxmox-device-model", fmt::format("'{}' became tpm-tis or tpm-crb, as the version is", tpm->model));
        const std::string becomes = version == "v2.0" ? "tpm-crb" : "tpm-tis";
        if (tpm->model != becomes && (tpm->model == "tpm-crb" || tpm->model == "tpm-tis"))
            w.approximated("tpms[].model", tpm->info.id, "proxmox-device-model", fmt::format("'{}' becomes {}, as Proxmox chooses", tpm->model, becomes));
        w.line("tpmstate0", fmt::format("{}:vm-{}-disk-tpm,version={}", w.storage, w.vmid, version));
        w.id(tpm->info.id, "tpmstate0");
    }
}

}  // namespace

void write_devices(Writer& w) {
    const auto& nics = w.hardware().nics;
    for (std::size_t i = 0; i < nics.size(); ++i) {
        if (i < 32) {
            write_nic(w, nics[i], i);
            continue;
        }
        w.nic_keys.emplace_back();
        w.refuse("proxmox-nics-exceeded", fmt::format("VM '{}' has {} NICs; Proxmox has 32", w.system.id, nics.size()));
    }
    write_ports(w);
    write_vga(w);
    write_simple(w);
}

}  // namespace ovfkit::detail::proxmox
