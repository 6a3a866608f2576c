#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

struct Model {
    std::string_view neutral, written;
};
/// interface/model is free text for libvirt: a wrong word fails only when QEMU starts. Only these are written.
constexpr std::array models{
    Model{"e1000", "e1000"},       Model{"e1000e", "e1000e"},         Model{"vmxnet3", "vmxnet3"},
    Model{"virtio", "virtio"},     Model{"pcnet", "pcnet"},           Model{"rtl8139", "rtl8139"},
    Model{"ne2k_pci", "ne2k_pci"}, Model{"spapr-vlan", "spapr-vlan"}, Model{"vmxnet", "vmxnet3"},
    Model{"vmxnet2", "vmxnet3"},   Model{"flexible", "pcnet"},        Model{"vlance", "pcnet"},
    Model{"82540em", "e1000"},     Model{"82543gc", "e1000"},         Model{"82545em", "e1000"},
    Model{"am79c970a", "pcnet"},   Model{"am79c973", "pcnet"},        Model{"virtio-net", "virtio"},
};

std::string model_of(Writer& w, const Nic& nic) {
    const std::string fallback = w.target.x86 ? "e1000" : "virtio";
    const auto replaced = [&](std::string by, Fate fate, std::string_view why) {
        w.note("nics[].model", nic.info.id, fate, "libvirt-nic-model",
               fmt::format("'{}' became '{}': {}", nic.model, by, why));
        return by;
    };
    if (nic.model.empty()) return replaced(fallback, Fate::defaulted, "the source names no model");
    std::string_view written;
    for (const Model& row : models)
        if (row.neutral == nic.model) written = row.written;
    if (written.empty()) return replaced(fallback, Fate::approximated, "QEMU has no such model");
    if (written == "spapr-vlan" && !w.target.arch.starts_with("ppc64"))
        return replaced("virtio", Fate::approximated, "it is a ppc64 device");
    if (written != "spapr-vlan" && written != "virtio" && !w.target.x86 && w.target.arch == "s390x")
        return replaced("virtio", Fate::approximated, "the machine has no such device");
    if (written == "pcnet" && w.target.q35)
        return replaced("e1000", Fate::approximated, "libvirt would put a pcnet straight on a PCI Express port");
    if (written != nic.model) return replaced(std::string(written), Fate::approximated, "the nearest QEMU has");
    return std::string(written);
}

std::string mac_of(Writer& w, const Nic& nic, std::size_t index, std::map<std::string, std::string>& seen) {
    if (nic.mac.empty()) {
        w.assigned.push_back(fmt::format("nic:{}.mac", index));
        return {};
    }
    const Mac mac = normal_mac(nic.mac);
    if (mac.problem != MacProblem::none) {
        const std::string_view why = mac.problem == MacProblem::zero        ? "is no address"
                                     : mac.problem == MacProblem::multicast ? "is a multicast address"
                                                                            : "is not written aa:bb:cc:dd:ee:ff";
        w.note("nics[].mac", nic.info.id, Fate::dropped, "libvirt-mac-invalid",
               fmt::format("'{}' {}: libvirt makes one up", nic.mac, why));
        w.assigned.push_back(fmt::format("nic:{}.mac", index));
        return {};
    }
    if (const auto [at, fresh] = seen.emplace(mac.text, nic.info.id); !fresh)
        w.warn("libvirt-mac-duplicate",
               fmt::format("NICs '{}' and '{}' have the same MAC address {}", at->second, nic.info.id, mac.text));
    return mac.text;
}

std::string attachment_of(Writer& w, const Nic& nic) {
    if (nic.attachment.empty()) return w.settings.network;
    if (nic.attachment == "routed") {
        w.note("nics[].attachment", nic.info.id, Fate::approximated, "libvirt-nic-attachment",
               fmt::format("'routed' became '{}'", w.settings.network));
        return w.settings.network;
    }
    for (const std::string_view known : {"network", "bridge", "user", "direct", "openvswitch"})
        if (nic.attachment == known) return nic.attachment;
    w.note("nics[].attachment", nic.info.id, Fate::approximated, "libvirt-nic-attachment",
           fmt::format("'{}' became '{}'", nic.attachment, w.settings.network));
    return w.settings.network;
}

void write_source(Writer& w, const Nic& nic, std::string_view attachment) {
    std::string name = nic.network;
    if (attachment == "user") {
        if (!name.empty())
            w.note("nics[].network", nic.info.id, Fate::dropped, "libvirt-nic-attachment",
                   fmt::format("network '{}': user networking has none", name));
        return;
    }
    const bool is_network = attachment == "network";
    if (name.empty()) {
        name = !w.settings.network_name.empty() ? w.settings.network_name : is_network ? "default" : "virbr0";
        w.note("nics[].network", nic.info.id, Fate::defaulted, "libvirt-network-defaulted",
               fmt::format("NIC '{}' names no network: {} is written", nic.info.id, name));
    }
    if (is_network) {
        w.xml.empty("source", {{"network", name}});
        return;
    }
    if (attachment == "direct") {
        w.xml.empty("source", {{"dev", name}, {"mode", "bridge"}});
        return;
    }
    if (name.size() > 15 || !only_word_characters(name, "_.-"))
        w.warn("libvirt-bridge-name", fmt::format("NIC '{}': '{}' cannot be the name of a Linux bridge (15 characters, "
                                                  "no blank); map it before the first start",
                                                  nic.info.id, name));
    w.xml.empty("source", {{"bridge", name}});
    if (attachment == "openvswitch") w.xml.empty("virtualport", {{"type", "openvswitch"}});
}

}  // namespace

void write_nics(Writer& w) {
    std::map<std::string, std::string> seen;
    const std::vector<Nic>& nics = w.hardware().nics;
    for (std::size_t i = 0; i < nics.size(); ++i) {
        const Nic& nic = nics[i];
        const std::string attachment = attachment_of(w, nic);
        w.xml.open("interface", {{"type", attachment == "openvswitch" ? "bridge" : attachment}});
        const std::string mac = mac_of(w, nic, i, seen);
        if (!mac.empty()) w.xml.empty("mac", {{"address", mac}});
        write_source(w, nic, attachment);
        w.xml.empty("model", {{"type", model_of(w, nic)}});
        const bool unplugged = nic.connected == false;
        if (unplugged)
            w.note("nics[].connected", nic.info.id, Fate::approximated, "libvirt-nic-connected",
                   "not connected at start: its link is down");
        if (unplugged && nic.link_up == true)
            w.note("nics[].link_up", nic.info.id, Fate::approximated, "libvirt-nic-connected",
                   "the link is up, but the device is not connected: its link is down");
        if (nic.link_up || unplugged)
            w.xml.empty("link", {{"state", nic.link_up == true && !unplugged ? "up" : "down"}});
        if (const auto order = w.layout.nic_boot.find(i); order != w.layout.nic_boot.end())
            w.xml.empty("boot", {{"order", std::to_string(order->second)}});
        w.alias(nic.info, "nics[]");
        w.xml.close();
        w.id(nic.info.id, fmt::format("nic:{}", i));
    }
    std::set<std::string_view> used;
    for (const VirtualSystem& system : w.envelope.systems)
        for (const Nic& nic : system.hardware.nics) used.insert(nic.network);
    for (const Network& network : w.envelope.networks)
        if (used.count(network.name) == 0)
            w.note("networks[].name", network.name, Fate::dropped, "libvirt-network-unused",
                   fmt::format("no NIC is connected to '{}'", network.name));
}

}  // namespace ovfkit::detail::libvirt
