#include "platform/qemu/buses.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/qemu/words.hpp"

namespace ovfkit::detail::qemu {

namespace {

std::uint32_t capacity_of(std::string_view type, std::string_view model) {
    if (type == "ide" || type == "fdc") return 2;
    if (type == "sata") return 6;
    if (type == "nvme") return 64;
    if (type == "usb") return model.ends_with("xhci") ? 4 : 2;
    if (model == "virtio-scsi") return 256;
    if (model == "lsisas1078" || model == "vmpvscsi") return 64;
    return model == "am53c974" || model == "lsilogic" ? 7 : 8;
}

}  // namespace

std::string Buses::fresh_id(std::string_view type, std::optional<std::uint32_t> wanted) {
    std::uint32_t n = wanted && *wanted <= max_unit && ids_.count(fmt::format("{}{}", type, *wanted)) == 0 ? *wanted : 0;
    while (!ids_.insert(fmt::format("{}{}", type, n)).second) ++n;
    return fmt::format("{}{}", type, n);
}

Bus& Buses::add(std::string_view type, std::string_view model, const Controller* source) {
    auto bus = std::make_unique<Bus>();
    bus->type = type;
    bus->model = model;
    bus->capacity = capacity_of(type, model);
    const bool first = std::none_of(buses_.begin(), buses_.end(), [&](const auto& b) { return b->type == type; });
    bus->built_in = type == "ide" || (type == "sata" && w_.target.q35 && first) || (type == "fdc" && w_.target.pc);
    const bool own_number = source != nullptr && (type == "ide" ? source->address.value_or(0) < 2 : !bus->built_in);
    bus->id = fresh_id(type, own_number ? source->address : std::nullopt);
    buses_.push_back(std::move(bus));
    Bus& out = *buses_.back();
    static const DeviceInfo none;
    const DeviceInfo& info = source == nullptr ? none : source->info;
    if (source != nullptr) {
        by_controller_[source->info.id] = &out;
        w_.id(source->info.id, out.id);
    }
    if (out.built_in) return out;
    std::string driver;
    if (type == "sata") driver = "ahci";
    if (type == "scsi") driver = model == "virtio-scsi" ? w_.virtio("virtio-scsi") : std::string(scsi_driver(model));
    if (type == "nvme") driver = "nvme";
    if (type == "fdc") driver = "isa-fdc";
    if (type == "usb") driver = usb_driver(model);
    Opts opts(driver);
    opts.add("id", out.id);
    if (type == "nvme") opts.add("serial", out.id);
    w_.device(std::move(opts), info, "controllers[]");
    return out;
}

std::string Buses::model_of(const Controller& c) {
    if (!c.model.empty() && !scsi_driver(c.model).empty() && (c.model != "spapr-vscsi" || w_.target.machine.starts_with("pseries")) &&
        (w_.target.transport == "pci" || c.model == "virtio-scsi"))
        return c.model;
    const std::string by = w_.target.x86 && w_.target.transport == "pci" ? "lsilogic" : "virtio-scsi";
    const std::string why = fmt::format("'{}' became {}", c.model, by);
    if (c.model.empty())
        w_.defaulted("controllers[].model", c.info.id, "qemu-controller-model", why);
    else
        w_.approximated("controllers[].model", c.info.id, "qemu-controller-model", why + ": QEMU has no such adapter here");
    return by;
}

/// The channels of the PC's own IDE controller; machines without it use SATA.
void Buses::add_ide(const Controller& c) {
    const auto channels = std::count_if(buses_.begin(), buses_.end(), [](const auto& b) { return b->type == "ide"; });
    if (!w_.target.pc || channels >= 2) {
        w_.approximated("controllers[].type", c.info.id, "qemu-controller-type",
                        w_.target.pc ? "an IDE channel too many: SATA is written" : fmt::format("machine {} has no IDE: SATA is written", w_.target.machine));
        add("sata", {}, &c);
        return;
    }
    add("ide", {}, &c);
    if (!c.model.empty() && c.model != "piix3")
        w_.approximated("controllers[].model", c.info.id, "qemu-controller-model", fmt::format("'{}' became the PC's PIIX3", c.model));
}

void Buses::add_usb(const Controller& c) {
    if (c.model == "none") return;
    std::string model = c.model.empty() ? (w_.target.pc ? "piix3-uhci" : "qemu-xhci") : c.model;
    if (usb_driver(model).empty()) {
        w_.approximated("controllers[].model", c.info.id, "qemu-controller-model", fmt::format("USB '{}' became qemu-xhci", c.model));
        model = "qemu-xhci";
    }
    add("usb", model, &c);
}

void Buses::add_controllers() {
    std::vector<const Controller*> sorted;
    for (const Controller& c : w_.hardware().controllers) sorted.push_back(&c);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Controller* a, const Controller* b) {
        return a->address.value_or(max_unit) < b->address.value_or(max_unit);
    });
    for (const Controller* c : sorted) {
        const bool storage = c->type == ControllerType::ide || c->type == ControllerType::sata || c->type == ControllerType::nvme;
        if (storage && w_.target.transport != "pci") {
            w_.approximated("controllers[].type", c->info.id, "qemu-controller-type",
                            fmt::format("machine {} has no {} controller: its drives use virtio", w_.target.machine, to_string(c->type)));
        } else if (c->type == ControllerType::ide) {
            add_ide(*c);
        } else if (c->type == ControllerType::sata || c->type == ControllerType::nvme) {
            add(to_string(c->type), {}, c);
            if (!c->model.empty() && c->model != "ahci" && c->model != "nvme")
                w_.approximated("controllers[].model", c->info.id, "qemu-controller-model", fmt::format("'{}' became QEMU's only one", c->model));
        } else if (c->type == ControllerType::scsi) {
            add("scsi", model_of(*c), c);
        } else if (c->type == ControllerType::usb) {
            add_usb(*c);
        } else if (c->type == ControllerType::virtio && c->model == "virtio-serial") {
            Opts opts(w_.virtio("virtio-serial"));
            const std::string id = fresh_id("virtio-serial", c->address);
            opts.add("id", id);
            w_.device(std::move(opts), c->info, "controllers[]");
            w_.id(c->info.id, id);
        } else if (c->type == ControllerType::other) {
            w_.dropped("controllers[].type", c->info.id, "qemu-controller-type", fmt::format("controller '{}' has no counterpart", c->model));
        }
    }
}

Bus* Buses::bus_named(const std::string& controller) {
    const auto found = by_controller_.find(controller);
    return controller.empty() || found == by_controller_.end() ? nullptr : found->second;
}

/// The bus a drive without a usable controller goes to.
std::string Buses::type_for(const Drive& d) {
    const std::string said = w_.bus_of(d);
    const std::string usual = w_.target.transport != "pci" ? "virtio" : w_.target.pc ? "ide" : w_.target.q35 ? "sata" : "virtio";
    std::string type = said;
    const bool known = said == "ide" || said == "sata" || said == "scsi" || said == "nvme" || said == "usb" || said == "virtio" || said == "fdc";
    if (!known) type = usual;
    if (type == "ide" && !w_.target.pc) type = w_.target.transport == "pci" ? "sata" : "virtio";
    if ((type == "sata" || type == "nvme") && w_.target.transport != "pci") type = "virtio";
    if (d.kind == DriveKind::cdrom && (type == "virtio" || type == "nvme" || type == "usb"))
        type = usual == "virtio" ? "scsi" : usual;
    if (type == said) return type;
    const std::string what = fmt::format("bus '{}' becomes {} on machine {}", said, type, w_.target.machine);
    if (said.empty())
        w_.defaulted("drives[].interface", d.info.id, "qemu-bus-defaulted", what);
    else
        w_.approximated(d.interface.empty() ? "drives[].controller" : "drives[].interface", d.info.id, "qemu-bus-changed", what);
    return type;
}

std::optional<Place> Buses::place(const Drive& d) {
    if (d.kind == DriveKind::floppy && !w_.target.pc && !w_.target.q35) {
        w_.dropped("drives[].kind", d.info.id, "qemu-floppy-unsupported", fmt::format("machine {} has no floppy controller", w_.target.machine));
        return std::nullopt;
    }
    Bus* bus = d.kind == DriveKind::floppy ? nullptr : bus_named(d.controller);
    if (bus != nullptr && d.kind == DriveKind::cdrom && (bus->type == "nvme" || bus->type == "usb")) bus = nullptr;
    std::string type = bus != nullptr ? bus->type : type_for(d);
    if (!d.controller.empty() && w_.controller_of(d) == nullptr)
        w_.dropped("drives[].controller", d.info.id, "qemu-bus-changed", fmt::format("there is no controller '{}'", d.controller));
    if (type == "virtio") return Place{type, nullptr, 0};
    const auto full = [](const Bus& b) { return b.taken.size() >= b.capacity; };
    if (bus == nullptr || full(*bus)) {
        const auto other = std::find_if(buses_.begin(), buses_.end(), [&](const auto& b) { return b->type == type && !full(*b); });
        const auto channels = std::count_if(buses_.begin(), buses_.end(), [&](const auto& b) { return b->type == type; });
        const std::string model = bus != nullptr ? bus->model : type == "scsi" ? "virtio-scsi" : type == "usb" ? "qemu-xhci" : "";
        if (bus != nullptr)
            w_.approximated("drives[].controller", d.info.id, "qemu-bus-changed", fmt::format("its controller is full with {} drives: another one takes it", bus->capacity));
        if (other == buses_.end() && type == "ide" && channels >= 2) type = "sata";
        if (other == buses_.end() && type == "fdc" && channels >= 1) {
            w_.dropped("drives[].kind", d.info.id, "qemu-floppy-unsupported", "a machine has two floppy drives at most");
            return std::nullopt;
        }
        bus = other != buses_.end() ? other->get() : &add(type, model, nullptr);
    }
    std::uint32_t unit = d.unit.value_or(0);
    if (unit >= bus->capacity || bus->taken.count(unit) != 0) {
        unit = 0;
        while (bus->taken.count(unit) != 0) ++unit;
        if (d.unit) w_.approximated("drives[].unit", d.info.id, "qemu-unit-moved", fmt::format("unit {} became {} of {}", *d.unit, unit, bus->id));
    }
    bus->taken.insert(unit);
    return Place{bus->type, bus, unit};
}

}  // namespace ovfkit::detail::qemu
