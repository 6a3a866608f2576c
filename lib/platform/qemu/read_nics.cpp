#include <algorithm>

#include <fmt/format.h>

#include "model/names.hpp"
#include "platform/qemu/reader.hpp"
#include "platform/qemu/words.hpp"

namespace ovfkit::detail::qemu {

namespace {

void set_mac(Reader& r, Nic& nic, const std::string& text, std::uint64_t offset) {
    if (text.empty()) return;
    const Mac mac = normal_mac(text);
    if (mac.problem == MacProblem::none)
        nic.mac = mac.text;
    else
        r.text.report("qemu-mac-invalid", offset, fmt::format("'{}' is no MAC address a NIC can have; read as none", printable(text)));
}

void set_backend(Parsed& netdev, Nic& nic) {
    const std::string type = netdev.take("type");
    if (type == "user") {
        nic.attachment = "user";
    } else if (type == "bridge") {
        nic.attachment = "bridge";
        nic.network = netdev.has("br") ? netdev.take("br") : "br0";
    } else {
        nic.attachment = type;  // tap, vhost-user ...: whose bridge is not told
    }
    for (const std::string_view run : {"fd", "fds", "vhost", "vhostfd", "vhostfds", "script", "downscript", "ifname", "helper", "queues"})
        static_cast<void>(netdev.take(run));
    for (const auto& [key, value] : netdev.rest())
        if (!is_plumbing(key)) nic.info.parameters.push_back({"qemu", "netdev." + key, value});
}

bool read_device(Reader& r, Parsed& device) {
    const std::string driver = device.get("driver");
    const bool is_virtio = virtio_kind(driver) == "virtio-net";
    const std::string_view model = is_virtio ? "virtio" : nic_model(driver);
    if (model.empty()) return false;
    Nic nic;
    static_cast<void>(device.take("driver"));
    nic.info = r.info(device, "nic");
    nic.model = model;
    set_mac(r, nic, device.take("mac"), device.offset);
    const std::string order = device.take("bootindex");
    if (!order.empty()) nic.boot_index = r.number<std::uint32_t>(order, device.offset, "bootindex", 0x7fffffffU);
    const std::string netdev = device.take("netdev");
    if (const auto found = r.netdevs.find(netdev); found != r.netdevs.end()) set_backend(found->second, nic);
    r.keep_rest(device, nic.info);
    r.hardware().nics.push_back(std::move(nic));
    return true;
}

/// `-net nic,model=..,macaddr=..` and `-net user|tap|bridge`, one after the other, and `-nic`.
void read_legacy(Reader& r) {
    std::vector<Nic> nics;
    std::vector<Parsed> backends;
    for (Option* o : r.take("net")) {
        Parsed net = parsed(r.text, o->value, "type");
        net.offset = o->offset;
        if (net.get("type") == "none") continue;
        if (net.get("type") != "nic") {
            backends.push_back(std::move(net));
            continue;
        }
        Nic nic;
        nic.info.origin.offset = o->offset;
        nic.model = net.get("model");
        set_mac(r, nic, net.get("macaddr"), o->offset);
        nics.push_back(std::move(nic));
    }
    for (std::size_t i = 0; i < nics.size() && i < backends.size(); ++i) set_backend(backends[i], nics[i]);
    for (Option* o : r.take("nic")) {
        Parsed net = parsed(r.text, o->value, "type");
        if (net.get("type") == "none") continue;
        Nic nic;
        nic.info.origin.offset = o->offset;
        nic.model = net.take("model");
        set_mac(r, nic, net.take("mac"), o->offset);
        set_backend(net, nic);
        nics.push_back(std::move(nic));
    }
    for (Nic& nic : nics) {
        std::size_t n = 0;
        while (!r.ids.insert(fmt::format("nic:{}", n)).second) ++n;
        nic.info.id = fmt::format("nic:{}", n);
        if (virtio_kind(nic.model) == "virtio-net" || nic.model == "virtio") nic.model = "virtio";
        r.hardware().nics.push_back(std::move(nic));
    }
}

}  // namespace

void read_nics(Reader& r) {
    std::erase_if(r.devices, [&](Parsed& device) { return read_device(r, device); });
    read_legacy(r);
    for (const Nic& nic : r.hardware().nics) {
        const auto same = [&](const Network& network) { return network.name == nic.network; };
        if (nic.network.empty() || std::any_of(r.envelope.networks.begin(), r.envelope.networks.end(), same)) continue;
        r.envelope.networks.push_back({nic.network, {}, nic.info.origin});
    }
}

}  // namespace ovfkit::detail::qemu
