#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

namespace {

struct Read {
    Controller controller;
    std::uint32_t index = 0;
};

/// An IDE or a first SATA controller with nothing on it may be there only because libvirt always adds it.
bool is_implicit(const Reader& r, std::string_view type, const std::string& id, std::uint32_t index) {
    return type == "sata" && index == 0 && r.machine == "q35" && r.controllers_in_use.count(id) == 0;
}

void read_controller(Reader& r, Element e, std::map<std::string, std::uint32_t>& next, std::vector<Read>& out) {
    const std::string type(attr(e, "type").value());
    if (type == "pci" || type == "fdc" || type == "ide" || type == "xenbus" || type == "isa") {
        // Made by libvirt, or read from what is attached.
        take_all(e);
        return;
    }
    const auto known =
        type == "virtio-serial" ? ControllerType::virtio : controller_type_from(type).value_or(ControllerType::other);
    if (known == ControllerType::other) {
        r.warn("libvirt-controller-unknown", e, fmt::format("controller of type '{}' is not translated", type));
        return;
    }
    static_cast<void>(take(e, "type"));
    std::uint32_t index = next[type];
    if (const Attribute attribute = attr(e, "index")) {
        const auto read = r.number<std::uint32_t>(e, "controller index", attribute.take(), max_unit);
        if (!read) return;
        index = *read;
    }
    next[type] = std::max(next[type], index + 1);
    const std::string_view word = take(e, "model");
    if (type == "usb" && word == "none") return;
    const Element master = child(e, "master");
    Read read;
    read.index = index;
    std::string id = fmt::format("controller:{}:{}", type, index);
    if (master) {
        id += fmt::format(":{}", word);
        take_all(master);
    }
    read.controller.info = device_info(e, id);
    read.controller.type = known;
    read.controller.model = type == "scsi"            ? std::string(scsi_model_from(word))
                            : type == "virtio-serial" ? type
                                                      : std::string(word);
    if (type != "usb" && type != "virtio-serial") read.controller.address = index;
    if (is_implicit(r, type, id, index)) {
        take_all(e);
        return;
    }
    const auto same = [&](const Read& x) { return x.controller.info.id == id; };
    if (std::any_of(out.begin(), out.end(), same)) {
        r.error("libvirt-controller-duplicate", e,
                fmt::format("controller {} {} stands twice: libvirt refuses that", type, index));
        return;
    }
    out.push_back(std::move(read));
}

}  // namespace

void read_controllers(Reader& r, Element devices) {
    std::map<std::string, std::uint32_t> next;
    std::vector<Read> found;
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "controller")) read_controller(r, e, next, found);
    // Controllers that only drives speak of: IDE channels, and what libvirt adds when it stores the domain.
    for (const std::string& id : r.controllers_in_use) {
        const auto same = [&](const Read& x) { return x.controller.info.id == id; };
        if (std::any_of(found.begin(), found.end(), same)) continue;
        const std::string_view rest = std::string_view(id).substr(id.find(':') + 1);
        const std::string_view type = rest.substr(0, rest.find(':'));
        Read read;
        read.index = to_number<std::uint32_t>(rest.substr(rest.find(':') + 1)).value_or(0);
        read.controller.info.id = id;
        read.controller.info.origin.offset = devices.offset();
        read.controller.type = controller_type_from(type).value_or(ControllerType::other);
        read.controller.address = read.index;
        found.push_back(std::move(read));
    }
    const auto key = [](const Read& x) {
        return std::tuple(static_cast<int>(x.controller.type), x.index, std::string_view(x.controller.info.id));
    };
    std::stable_sort(found.begin(), found.end(), [&](const Read& a, const Read& b) { return key(a) < key(b); });
    for (Read& read : found) r.hardware().controllers.push_back(std::move(read.controller));
}

}  // namespace ovfkit::detail::libvirt
