#include <fmt/format.h>

#include "platform/qemu/words.hpp"
#include "platform/qemu/writer.hpp"

namespace ovfkit::detail::qemu {

namespace {

std::string driver_of(Writer& w, const Nic& nic) {
    const bool pci = w.target.transport == "pci";
    const std::string fallback = w.target.x86 && pci ? "e1000" : "virtio";
    std::string model = nic.model == "vmxnet" || nic.model == "vmxnet2" ? "vmxnet3" : nic.model == "flexible" || nic.model == "vlance" ? "pcnet" : nic.model;
    const bool known = model == "virtio" || (pci && !nic_driver(model).empty() && (model != "spapr-vlan" || w.target.machine.starts_with("pseries")));
    if (!known) model = fallback;
    if (nic.model.empty())
        w.defaulted("nics[].model", nic.info.id, "qemu-nic-model", fmt::format("the source names no model: {} is written", model));
    else if (model != nic.model)
        w.approximated("nics[].model", nic.info.id, "qemu-nic-model", fmt::format("'{}' became {}", nic.model, model));
    return model == "virtio" ? w.virtio("virtio-net") : std::string(nic_driver(model));
}

bool is_interface(std::string_view name) {
    return name.size() <= 15 && only_word_characters(name, "_.-@") && name.front() != '-' && name != "." && name != "..";
}

/// How the NIC reaches the host: only a host's own description may name its bridges and interfaces.
std::string netdev_of(Writer& w, const Nic& nic, const std::string& id) {
    const bool bridged = nic.attachment == "bridge" || nic.attachment == "openvswitch" || nic.attachment == "direct" || nic.attachment == "routed";
    const bool named = bridged && w.from_host() && is_interface(nic.network);
    std::string type = w.settings.network;
    if (named) type = nic.attachment == "bridge" ? "bridge" : "tap";
    if (nic.attachment == "user") type = "user";
    if (type == "bridge" && named) return Opts(type).add("id", id).add("br", nic.network).text();
    if (!nic.attachment.empty() && nic.attachment != type)
        w.approximated("nics[].attachment", nic.info.id, "qemu-nic-network", fmt::format("'{}' became {}", nic.attachment, type));
    if (!nic.network.empty())
        w.approximated("nics[].network", nic.info.id, "qemu-nic-network",
                       type == "bridge" ? fmt::format("'{}' is bridge {} of the host", nic.network, w.settings.bridge)
                                        : fmt::format("'{}' became {} networking (-O qemu.network=bridge for a bridge)", nic.network, type));
    if (type == "bridge") return Opts(type).add("id", id).add("br", is_interface(w.settings.bridge) ? w.settings.bridge : "br0").text();
    if (type == "tap") return Opts(type).add("id", id).add("script", "no").add("downscript", "no").text();
    return Opts("user").add("id", id).text();
}

}  // namespace

void write_nics(Writer& w) {
    const auto& nics = w.hardware().nics;
    for (std::size_t i = 0; i < nics.size(); ++i) {
        const Nic& nic = nics[i];
        const std::string netdev = fmt::format("hostnet{}", i), id = fmt::format("net{}", i);
        w.option("-netdev", netdev_of(w, nic, netdev));
        Opts opts(driver_of(w, nic));
        opts.add("id", id).add("netdev", netdev);
        if (const std::string mac = w.mac_of(nic); !mac.empty()) opts.add("mac", mac);
        if (const auto order = w.nic_boot.find(i); order != w.nic_boot.end()) opts.add("bootindex", std::to_string(order->second));
        w.device(std::move(opts), nic.info, "nics[]");
        w.id(nic.info.id, id);
        const bool down = !nic.link_up.value_or(true) || !nic.connected.value_or(true);
        if (!down) continue;
        w.after_start.push_back(fmt::format("{{\"execute\":\"set_link\",\"arguments\":{{\"name\":\"{}\",\"up\":false}}}}", id));
        w.approximated(nic.link_up == false ? "nics[].link_up" : "nics[].connected", nic.info.id, "qemu-nic-link",
                       fmt::format("a link is up from the start; {}.qmp takes it down after", w.stem));
        if (nic.link_up == false && nic.connected == false)
            w.approximated("nics[].connected", nic.info.id, "qemu-nic-link", "the link is taken down after the start");
    }
}

}  // namespace ovfkit::detail::qemu
