#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/kubevirt/kubevirt.hpp"

namespace ovfkit::detail::kubevirt {

namespace {

std::string bus_for(Writer& w, const Drive& d) {
    const std::string said = w.bus_of(d);
    const bool known = said == "sata" || said == "scsi" || said == "usb" || (said == "virtio" && d.kind == DriveKind::disk);
    const std::string bus = known ? said : said == "ide" || d.kind == DriveKind::cdrom ? "sata" : "virtio";
    if (said.empty())
        w.defaulted("drives[].interface", d.info.id, "kubevirt-drive-bus", fmt::format("the source names no bus: {} is written", bus));
    else if (bus != said)
        w.approximated(d.interface.empty() ? "drives[].controller" : "drives[].interface", d.info.id, "kubevirt-drive-bus", fmt::format("{} becomes {}", said, bus));
    return bus;
}

Json volume_of(Writer& w, const std::string& name, const std::string& object) {
    Json out = Json::object();
    out["name"] = name;
    if (w.volume == "persistentVolumeClaim")
        out["persistentVolumeClaim"]["claimName"] = object;
    else if (w.volume == "containerDisk")
        out["containerDisk"]["image"] = w.registry + "/" + object;
    else
        out["dataVolume"]["name"] = object;
    return out;
}

/// What of a drive has no word; its place on the bus is its place in the list.
void note_drive(Writer& w, const Drive& d) {
    const auto lost = [&](std::string_view field, std::string_view why) {
        w.dropped(fmt::format("drives[].{}", field), d.info.id, "kubevirt-drive-access", std::string(why));
    };
    if (d.connected == false) lost("connected", "a drive is connected from the start");
    if (d.transient.value_or(false)) lost("transient", "writes to the disk stay");
    if (d.kind == DriveKind::cdrom && d.read_only == false) lost("read_only", "a CD drive is always read-only");
}

void write_drive(Writer& w, Json& disks, std::size_t index) {
    const Drive& d = w.hardware().drives[index];
    const std::string name = fmt::format("disk{}", index);
    const bool own = w.envelope.dialect == "kubevirt" && !d.info.id.empty();
    const std::string label = own ? slug(d.info.id, name) : name;
    if (d.kind == DriveKind::floppy) {
        w.dropped("drives[].kind", d.info.id, "kubevirt-drive-kind", "KubeVirt has no floppy drives");
        return;
    }
    const Image image = w.image_of(d, ".", std::to_string(index));
    if (image.path.empty()) {
        w.dropped("drives[].kind", d.info.id, "kubevirt-drive-kind", "a CD drive without a medium has no volume and cannot be said");
        return;
    }
    note_drive(w, d);
    const std::string object = own && !d.source.empty() ? slug(last_part(d.source), label) : slug(fmt::format("{}-{}", w.label, label), label);
    if (!own || object != d.source)
        w.defaulted(d.disk_id.empty() ? "drives[].file_id" : "drives[].disk_id", d.info.id, "kubevirt-volume-import",
                    fmt::format("{} has to become the {} '{}'", image.path, w.volume, object));
    w.volumes.push_back(volume_of(w, label, object));
    Json device = Json::object();
    device["bus"] = bus_for(w, d);
    if (d.read_only.value_or(false) && d.kind == DriveKind::disk) device["readonly"] = true;
    Json out = Json::object();
    out["name"] = label;
    out[d.kind == DriveKind::cdrom ? "cdrom" : "disk"] = std::move(device);
    if (const auto order = w.drive_boot.find(index); order != w.drive_boot.end()) out["bootOrder"] = order->second;
    if (only_word_characters(d.serial, "_.-") && d.serial.size() <= 256)
        out["serial"] = d.serial;
    else if (!d.serial.empty())
        w.dropped("drives[].serial", d.info.id, "kubevirt-drive-access", fmt::format("'{}' is no plain serial number", d.serial));
    if (d.cache == "none" || d.cache == "writethrough" || d.cache == "writeback")
        out["cache"] = d.cache;
    else if (!d.cache.empty())
        w.dropped("drives[].cache", d.info.id, "kubevirt-drive-access", fmt::format("'{}' is no cache mode", d.cache));
    if (d.shareable.value_or(false)) out["shareable"] = true;
    w.id(d.info.id, label);
    disks.push_back(std::move(out));
}

void note_controllers(Writer& w) {
    const Hardware& h = w.hardware();
    for (const Controller& c : h.controllers) {
        const bool used = std::any_of(h.drives.begin(), h.drives.end(), [&](const Drive& d) { return d.controller == c.info.id; });
        const bool usual = (c.type == ControllerType::scsi && c.model == "virtio-scsi") || (c.type == ControllerType::sata && (c.model.empty() || c.model == "ahci"));
        if (c.type != ControllerType::scsi && c.type != ControllerType::sata)
            w.dropped("controllers[].type", c.info.id, "kubevirt-controller-type", fmt::format("{} controller: KubeVirt has none", to_string(c.type)));
        else if (!used)
            w.dropped("controllers[].type", c.info.id, "kubevirt-controller-type", fmt::format("{} controller: it comes with its drives, and it has none", to_string(c.type)));
        if (!usual && !c.model.empty())
            w.approximated("controllers[].model", c.info.id, "kubevirt-controller-type", fmt::format("'{}' becomes what KubeVirt has", c.model));
    }
}

}  // namespace

void write_drives(Writer& w) {
    Json disks = Json::array();
    for (std::size_t i = 0; i < w.hardware().drives.size(); ++i) write_drive(w, disks, i);
    if (!disks.empty()) w.devices["disks"] = std::move(disks);
    note_controllers(w);
}

void write_nics(Writer& w) {
    static constexpr std::array<std::string_view, 6> models{"e1000", "e1000e", "ne2k_pci", "pcnet", "rtl8139", "virtio"};
    Json interfaces = Json::array();
    const auto& nics = w.hardware().nics;
    for (std::size_t i = 0; i < nics.size(); ++i) {
        const Nic& nic = nics[i];
        const bool own = w.envelope.dialect == "kubevirt";
        const std::string name = own ? slug(nic.info.id, fmt::format("net{}", i)) : fmt::format("net{}", i);
        const bool pod = own ? nic.attachment == "user" : i == 0 && w.network == "pod";
        Json network = Json::object(), out = Json::object();
        network["name"] = name;
        out["name"] = name;
        const std::string attached = slug(nic.network, "network");
        if (pod) {
            network["pod"] = Json::object();
            out["masquerade"] = Json::object();
        } else {
            network["multus"]["networkName"] = own && nic.network.find('/') != std::string::npos ? nic.network : attached;
            out["bridge"] = Json::object();
        }
        if (!nic.network.empty() && (pod || (!own && attached != nic.network)))
            w.approximated("nics[].network", nic.info.id, "kubevirt-nic-network",
                           pod ? fmt::format("'{}' becomes the pod network (-O kubevirt.network=multus)", nic.network) : fmt::format("'{}' becomes '{}'", nic.network, attached));
        if (!nic.attachment.empty() && (nic.attachment == "user") != pod)
            w.approximated("nics[].attachment", nic.info.id, "kubevirt-nic-network", fmt::format("'{}' becomes {}", nic.attachment, pod ? "the pod network" : "a network of its own"));
        else if (!nic.attachment.empty() && nic.attachment != "user" && nic.attachment != "network")
            w.approximated("nics[].attachment", nic.info.id, "kubevirt-nic-network", fmt::format("'{}' becomes a network of its own", nic.attachment));
        std::string model = nic.model == "flexible" ? "pcnet" : nic.model;
        if (std::find(models.begin(), models.end(), model) == models.end()) model = "virtio";
        if (model == "virtio" && nic.model.starts_with("vmxnet")) model = "e1000e";
        if (nic.model.empty())
            w.defaulted("nics[].model", nic.info.id, "kubevirt-nic-model", "the source names no model: virtio is written");
        else if (model != nic.model)
            w.approximated("nics[].model", nic.info.id, "kubevirt-nic-model", fmt::format("'{}' became {}", nic.model, model));
        out["model"] = model;
        if (const std::string mac = w.mac_of(nic); !mac.empty()) out["macAddress"] = mac;
        if (const auto order = w.nic_boot.find(i); order != w.nic_boot.end()) out["bootOrder"] = order->second;
        const bool down = nic.link_up == false || nic.connected == false;
        if (down) out["state"] = "down";
        if (nic.connected == false && nic.link_up != false)
            w.approximated("nics[].connected", nic.info.id, "kubevirt-nic-network", "not connected at start: its link is down");
        if (nic.link_up == true && !down) out["state"] = "up";
        w.networks.push_back(std::move(network));
        interfaces.push_back(std::move(out));
        w.id(nic.info.id, name);
    }
    if (!interfaces.empty()) w.devices["interfaces"] = std::move(interfaces);
}

namespace {

void note_rest(Writer& w, const std::vector<SimpleDevice>& list, std::string_view name, std::size_t from) {
    for (std::size_t i = from; i < list.size(); ++i) {
        w.dropped(fmt::format("{}[].model", name), list[i].info.id, "kubevirt-device-limit", fmt::format("'{}': one is all there is", list[i].model));
        if (!list[i].option.empty()) w.dropped(fmt::format("{}[].option", name), list[i].info.id, "kubevirt-device-limit", fmt::format("'{}': its device is left out", list[i].option));
    }
}

void changed(Writer& w, std::string_view field, const SimpleDevice& device, const std::string& said, const std::string& becomes) {
    if (said != becomes && !said.empty())
        w.approximated(std::string(field), device.info.id, "kubevirt-device-model", fmt::format("'{}' became {}", said, becomes));
}

}  // namespace

void write_devices(Writer& w) {
    const Hardware& h = w.hardware();
    w.devices["autoattachGraphicsDevice"] = !h.videos.empty() || !h.graphics.empty();
    w.devices["autoattachSerialConsole"] = !h.serials.empty();
    for (std::size_t i = 0; i < h.serials.size(); ++i) {
        const CharacterDevice& port = h.serials[i];
        if (!port.backend.empty() || i > 0)
            w.approximated("serials[].backend", port.info.id, "kubevirt-port-backend", i > 0 ? "one serial port is all there is" : fmt::format("'{}' becomes the console of the cluster", port.backend));
        if (!port.target.empty()) w.dropped("serials[].target", port.info.id, "kubevirt-port-backend", fmt::format("'{}': the console has its place", port.target));
    }
    if (!h.rngs.empty()) {
        w.devices["rng"] = Json::object();
        changed(w, "rngs[].model", h.rngs[0], h.rngs[0].model, "virtio");
        if (!h.rngs[0].option.empty()) w.approximated("rngs[].option", h.rngs[0].info.id, "kubevirt-device-model", fmt::format("'{}': the cluster chooses the source", h.rngs[0].option));
        note_rest(w, h.rngs, "rngs", 1);
    }
    if (!h.watchdogs.empty()) {
        const SimpleDevice& dog = h.watchdogs[0];
        const std::string action = dog.option == "poweroff" || dog.option == "shutdown" ? dog.option : "reset";
        changed(w, "watchdogs[].model", dog, dog.model, "i6300esb");
        changed(w, "watchdogs[].option", dog, dog.option, action);
        w.devices["watchdog"]["name"] = "watchdog";
        w.devices["watchdog"]["i6300esb"]["action"] = action;
        note_rest(w, h.watchdogs, "watchdogs", 1);
    }
    if (!h.tpms.empty()) {
        w.devices["tpm"] = Json::object();
        changed(w, "tpms[].model", h.tpms[0], h.tpms[0].model, "tpm-tis");
        changed(w, "tpms[].option", h.tpms[0], h.tpms[0].option, "2.0");
        note_rest(w, h.tpms, "tpms", 1);
    }
    if (!h.sounds.empty()) {
        const std::string model = h.sounds[0].model == "ac97" ? "ac97" : "ich9";
        changed(w, "sounds[].model", h.sounds[0], h.sounds[0].model, model);
        w.devices["sound"]["name"] = "sound";
        w.devices["sound"]["model"] = model;
        note_rest(w, h.sounds, "sounds", 1);
    }
}

}  // namespace ovfkit::detail::kubevirt
