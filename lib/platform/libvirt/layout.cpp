#include "platform/libvirt/layout.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

/// What QEMU's adapters take on one bus. A drive beyond goes to a further controller of the same kind.
struct Adapter {
    std::string_view type, model;
    std::uint32_t slots;
    bool host_id_7;  ///< VMware keeps SCSI id 7 for the adapter itself
};
constexpr std::array adapters{
    Adapter{"scsi", "lsilogic", 8, true},
    Adapter{"scsi", "lsisas1068", 8, true},
    Adapter{"scsi", "lsisas1078", 64, true},
    Adapter{"scsi", "vmpvscsi", 64, true},
    Adapter{"scsi", "virtio-scsi", 256, false},
    Adapter{"scsi", "am53c974", 8, false},
    Adapter{"scsi", "", 64, false},
    Adapter{"sata", "", 6, false},
    Adapter{"nvme", "", 16, false},
    Adapter{"ide", "", 4, false},
    Adapter{"fdc", "", 2, false},
};

const Adapter& adapter_of(std::string_view type, std::string_view model) {
    const auto fits = [&](const Adapter& a) { return a.type == type && (a.model == model || a.model.empty()); };
    return *std::find_if(adapters.begin(), adapters.end(), fits);
}

constexpr std::array<std::string_view, 6> qemu_scsi_models{"lsilogic", "lsisas1068",  "lsisas1078",
                                                           "vmpvscsi", "virtio-scsi", "am53c974"};

/// One bus of the source, maybe spread over several libvirt controllers.
struct Group {
    std::string type, model;
    std::vector<std::size_t> chain;  ///< positions in Layout::controllers
    std::set<std::uint32_t> taken;
};

class Planner {
public:
    explicit Planner(Writer& w) : w_(w), layout_(w.layout) {}

    void run() {
        std::vector<const Controller*> sorted;
        for (const Controller& c : w_.hardware().controllers) sorted.push_back(&c);
        // Indexes have no gaps in libvirt: it fills them with controllers of its own.
        std::stable_sort(sorted.begin(), sorted.end(), [](const Controller* a, const Controller* b) {
            return std::pair(a->type, a->address.value_or(max_unit)) <
                   std::pair(b->type, b->address.value_or(max_unit));
        });
        for (const Controller* c : sorted) add_controller(*c);
        for (const Drive& d : w_.hardware().drives) choose_bus(d);
        // Units that are given are kept; the others get what is left.
        for (Placement& p : placements_)
            if (p.group && p.wanted) place(p);
        for (Placement& p : placements_)
            if (p.group && !p.wanted && !p.placed) place(p);
        name_targets();
        name_controllers();
    }

private:
    struct Placement {
        DrivePlan plan;
        Group* group = nullptr;
        std::optional<std::uint32_t> wanted;
        bool placed = false, lost = false;
    };

    // ------------------------------------------------------------------------------------ controllers

    std::size_t new_controller(std::string type, std::string model, const Controller* source) {
        std::uint32_t index = 0;
        for (const ControllerPlan& plan : layout_.controllers)
            if (plan.type == type) index = std::max(index, plan.index + 1);
        layout_.controllers.push_back({std::move(type), index, std::move(model), source, std::nullopt});
        return layout_.controllers.size() - 1;
    }

    Group& new_group(std::string type, std::string model, const Controller* source) {
        auto group = std::make_unique<Group>();
        group->type = type;
        group->model = model;
        if (type != "ide" && type != "fdc")
            group->chain.push_back(new_controller(std::move(type), std::move(model), source));
        groups_.push_back(std::move(group));
        return *groups_.back();
    }

    void add_controller(const Controller& c) {
        const std::string& id = c.info.id;
        Group* group = nullptr;
        switch (c.type) {
            case ControllerType::ide:
                group = &ide(&c);
                break;
            case ControllerType::sata:
                group = &new_group("sata", {}, &c);
                break;
            case ControllerType::scsi:
                group = &new_group("scsi", scsi_model(c), &c);
                break;
            case ControllerType::nvme:
                group = &nvme(c);
                break;
            case ControllerType::floppy:
                group = &floppies();
                break;
            case ControllerType::usb:
                add_usb(c);
                return;
            case ControllerType::virtio:
                if (c.model == "virtio-serial") new_controller("virtio-serial", {}, &c);
                by_controller_bus_[id] = "virtio";
                break;
            case ControllerType::other:
                w_.note("controllers[].type", id, Fate::dropped, "libvirt-controller-unsupported",
                        fmt::format("controller '{}' ('{}') has no counterpart", id, c.model));
                return;
        }
        if (w_.settings.type == "xen" && group != nullptr && group->type != "ide" && group->type != "fdc") {
            w_.note("controllers[].type", id, Fate::approximated, "libvirt-xen-bus",
                    "Xen guests have no such controller: its disks use bus xen");
            by_controller_bus_[id] = "xen";
        }
        if (group != nullptr) by_controller_[id] = group;
        if (c.type != ControllerType::scsi && c.type != ControllerType::usb) check_model(c);
    }

    void check_model(const Controller& c) {
        const bool usual = c.model.empty() ||
                           (c.type == ControllerType::ide && c.model == "piix3" && w_.target.has_ide()) ||
                           (c.type == ControllerType::sata && c.model == "ahci") ||
                           (c.type == ControllerType::nvme && c.model == "nvme") ||
                           (c.type == ControllerType::virtio && c.model == "virtio-serial");
        if (!usual)
            w_.note("controllers[].model", c.info.id, Fate::approximated, "libvirt-controller-model",
                    fmt::format("'{}': libvirt has one model of {} controller", c.model, to_string(c.type)));
    }

    /// All IDE channels are one libvirt controller; where the machine has none, they are a SATA controller.
    Group& ide(const Controller* c) {
        if (ide_ == nullptr) {
            if (w_.target.has_ide() || w_.settings.type == "xen") {
                ide_ = &new_group("ide", {}, nullptr);
                ide_->chain.push_back(new_controller("ide", {}, c));
            } else {
                ide_ = &new_group("sata", {}, nullptr);
            }
        }
        if (c != nullptr) {
            ide_buses_.emplace(c->info.id, free_ide_bus(c->address));
            if (ide_->type == "sata")
                w_.note("controllers[].type", c->info.id, Fate::approximated, "libvirt-ide-unsupported",
                        fmt::format("machine '{}' has no IDE: its drives use SATA", w_.target.machine));
        }
        return *ide_;
    }

    /// The channel of that number where there is one and it is free, else the first that is.
    [[nodiscard]] std::uint32_t free_ide_bus(const std::optional<std::uint32_t>& wanted) const {
        const auto taken = [&](std::uint32_t bus) {
            return std::any_of(ide_buses_.begin(), ide_buses_.end(),
                               [&](const auto& known) { return known.second == bus; });
        };
        if (wanted && *wanted < 2 && !taken(*wanted)) return *wanted;
        std::uint32_t bus = 0;
        while (taken(bus)) ++bus;
        return bus;
    }

    Group& floppies() {
        if (floppy_ == nullptr) floppy_ = &new_group("fdc", {}, nullptr);
        return *floppy_;
    }

    Group& nvme(const Controller& c) {
        if (w_.settings.nvme) return new_group("nvme", {}, &c);
        w_.note("controllers[].type", c.info.id, Fate::approximated, "libvirt-nvme-unsupported",
                "NVMe controllers need libvirt 11.5: SATA is written (-O libvirt.nvme=nvme writes NVMe)");
        return new_group("sata", {}, &c);
    }

    std::string scsi_model(const Controller& c) {
        const auto replaced = [&](std::string_view by, std::string_view why) {
            w_.note("controllers[].model", c.info.id, c.model.empty() ? Fate::defaulted : Fate::approximated,
                    "libvirt-scsi-model", fmt::format("'{}' became '{}': {}", c.model, by, why));
            return std::string(by);
        };
        if (c.model.empty()) return replaced(w_.target.x86 ? "lsilogic" : "virtio-scsi", "the source names no model");
        if (c.model == "spapr-vscsi" && w_.target.arch.starts_with("ppc64")) return c.model;
        if (std::find(qemu_scsi_models.begin(), qemu_scsi_models.end(), c.model) != qemu_scsi_models.end())
            return c.model;
        if (c.model == "buslogic") return replaced("lsilogic", "QEMU has no BusLogic adapter");
        return replaced(w_.target.x86 && c.model != "spapr-vscsi" ? "lsilogic" : "virtio-scsi",
                        "QEMU has no such adapter on this machine");
    }

    void add_usb(const Controller& c) {
        static constexpr std::array<std::string_view, 11> known{"piix3-uhci", "piix4-uhci", "ehci",       "ich9-ehci1",
                                                                "ich9-uhci1", "ich9-uhci2", "ich9-uhci3", "pci-ohci",
                                                                "nec-xhci",   "qemu-xhci",  "none"};
        if (c.model == "none") return;
        std::string model = c.model;
        if (model.empty()) model = w_.target.has_ide() ? "piix3-uhci" : "qemu-xhci";
        if (std::find(known.begin(), known.end(), model) == known.end()) {
            w_.note("controllers[].model", c.info.id, Fate::approximated, "libvirt-controller-model",
                    fmt::format("USB controller '{}' became 'qemu-xhci': QEMU has no such model", c.model));
            model = "qemu-xhci";
        }
        const std::size_t at = new_controller("usb", model, &c);
        if (!model.starts_with("ich9-uhci")) return;
        const auto master = std::find_if(layout_.controllers.begin(), layout_.controllers.end(),
                                         [](const ControllerPlan& p) { return p.model == "ich9-ehci1"; });
        if (master == layout_.controllers.end()) return;
        layout_.controllers[at].index = master->index;
        layout_.controllers[at].master_port = static_cast<std::uint32_t>(model.back() - '1') * 2;
    }

    // ----------------------------------------------------------------------------------------- drives

    Group& first_of(std::string_view type, std::string_view added_model) {
        for (const std::string_view model : {added_model, std::string_view{}})
            for (const auto& group : groups_)
                if (group->type == type && group.get() != ide_ && (model.empty() || group->model == model))
                    return *group;
        return new_group(std::string(type), std::string(added_model), nullptr);
    }

    void choose_bus(const Drive& d) {
        Placement p;
        p.plan.drive = &d;
        const auto attach = [&](Group& group) {
            p.group = &group;
            p.plan.bus = group.type;
            p.wanted = d.unit;
        };
        const std::string& id = d.info.id;
        const auto known = by_controller_.find(d.controller);
        const auto bus_only = by_controller_bus_.find(d.controller);
        if (d.kind == DriveKind::floppy) {
            attach(floppies());
        } else if (bus_only != by_controller_bus_.end()) {
            p.plan.bus = bus_only->second;
        } else if (known != by_controller_.end() && known->second->type != "fdc") {
            attach(*known->second);
            if (known->second == ide_) p.wanted = ide_slot(d);
        } else if (is_usb_controller(d.controller) || d.interface == "usb") {
            p.plan.bus = "usb";
            need_usb();
        } else if (d.interface == "virtio" || d.interface == "xen") {
            p.plan.bus = w_.settings.type == "xen" ? "xen" : "virtio";
        } else if (d.interface == "scsi") {
            attach(first_of("scsi", "virtio-scsi"));
        } else if (d.interface == "sata") {
            attach(first_of("sata", {}));
        } else if (d.interface == "nvme") {
            if (!w_.settings.nvme)
                w_.note("drives[].interface", id, Fate::approximated, "libvirt-nvme-unsupported",
                        "NVMe needs libvirt 11.5: SATA is written");
            attach(first_of(w_.settings.nvme ? "nvme" : "sata", {}));
        } else {
            if (d.interface == "ide" && !w_.target.has_ide() && w_.settings.type != "xen")
                w_.note("drives[].interface", id, Fate::approximated, "libvirt-ide-unsupported",
                        fmt::format("machine '{}' has no IDE: SATA is written", w_.target.machine));
            else if (d.interface != "ide")
                w_.note("drives[].interface", id, d.interface.empty() ? Fate::defaulted : Fate::approximated,
                        "libvirt-bus-defaulted",
                        fmt::format("the source names no bus for drive '{}': {} is written", id,
                                    w_.target.has_ide() ? "ide" : "sata"));
            attach(ide(nullptr));
        }
        check_words(p, known == by_controller_.end() && bus_only == by_controller_bus_.end() &&
                           !is_usb_controller(d.controller));
        fit_kind(p);
        placements_.push_back(std::move(p));
    }

    /// What the source says of the bus and what did not decide.
    void check_words(const Placement& p, bool dangling) {
        const Drive& d = *p.plan.drive;
        if (!d.controller.empty() && dangling)
            w_.note("drives[].controller", d.info.id, Fate::dropped, "libvirt-bus-defaulted",
                    fmt::format("there is no controller '{}'", d.controller));
        else if (!d.controller.empty() && p.plan.bus == "fdc" && by_controller_.count(d.controller) != 0 &&
                 by_controller_.at(d.controller)->type != "fdc")
            w_.note("drives[].controller", d.info.id, Fate::approximated, "libvirt-floppy-unsupported",
                    "floppy drives have a controller of their own");
        else if (!d.controller.empty() && !d.interface.empty() && d.interface != p.plan.bus)
            w_.note("drives[].interface", d.info.id, Fate::dropped, "libvirt-bus-defaulted",
                    fmt::format("bus '{}': the drive's controller is {}", d.interface, p.plan.bus));
        else if (p.plan.bus == "fdc" && !d.interface.empty() && d.interface != "fdc")
            w_.note("drives[].interface", d.info.id, Fate::approximated, "libvirt-floppy-unsupported",
                    fmt::format("bus '{}': floppy drives are on bus fdc", d.interface));
    }

    /// What the chosen bus cannot hold.
    void fit_kind(Placement& p) {
        const Drive& d = *p.plan.drive;
        if (w_.settings.type == "xen" && p.group != nullptr && p.group->type != "ide" && p.group->type != "fdc") {
            p.group = nullptr;
            p.plan.bus = "xen";
            if (d.controller.empty())
                w_.note("drives[].interface", d.info.id, Fate::approximated, "libvirt-xen-bus", "written as bus xen");
        }
        if (d.kind == DriveKind::cdrom &&
            (p.plan.bus == "virtio" || p.plan.bus == "xen" || p.plan.bus == "nvme")) {
            w_.note(d.interface.empty() ? "drives[].controller" : "drives[].interface", d.info.id, Fate::approximated,
                    "libvirt-cdrom-bus", fmt::format("bus {} takes no CD drive: it is moved to another", p.plan.bus));
            p.group = &ide(nullptr);
            p.plan.bus = p.group->type;
        }
        if (d.kind == DriveKind::floppy && !w_.target.x86) {
            lose(p, "this machine has no floppy controller");
        }
    }

    /// A floppy drive without a place, with all that is said of it.
    void lose(Placement& p, std::string_view why) {
        const Drive& d = *p.plan.drive;
        p.lost = true;
        p.group = nullptr;
        w_.note("drives[].kind", d.info.id, Fate::dropped, "libvirt-floppy-unsupported", std::string(why));
        const auto field = [&](std::string_view name, const std::string& value) {
            if (!value.empty())
                w_.note(fmt::format("drives[].{}", name), d.info.id, Fate::dropped, "libvirt-floppy-unsupported",
                        fmt::format("'{}': {}", value, why));
        };
        field("disk_id", d.disk_id);
        field("file_id", d.file_id);
        field("source", d.source);
        field("unit", d.unit ? std::to_string(*d.unit) : std::string{});
        field("boot_index", d.boot_index ? std::to_string(*d.boot_index) : std::string{});
    }

    /// Unit on the IDE controller that all channels become: two a channel; a lone channel may hold four.
    std::optional<std::uint32_t> ide_slot(const Drive& d) {
        if (!d.unit) return std::nullopt;
        const auto bus = ide_buses_.find(d.controller);
        if (bus == ide_buses_.end() || (ide_buses_.size() == 1 && bus->second == 0)) return d.unit;
        return *d.unit < 2 && bus->second < 2 ? std::optional(bus->second * 2 + *d.unit)
                                              : std::optional<std::uint32_t>(max_unit);
    }

    [[nodiscard]] bool is_usb_controller(const std::string& id) const {
        return !id.empty() &&
               std::any_of(layout_.controllers.begin(), layout_.controllers.end(), [&](const ControllerPlan& c) {
                   return c.type == "usb" && c.source != nullptr && c.source->info.id == id;
               });
    }

    void need_usb() {
        const auto usb = [](const ControllerPlan& c) { return c.type == "usb"; };
        if (std::none_of(layout_.controllers.begin(), layout_.controllers.end(), usb))
            new_controller("usb", "qemu-xhci", nullptr);
    }

    // ------------------------------------------------------------------------------------------ units

    void place(Placement& p) {
        Group& group = *p.group;
        const Drive& d = *p.plan.drive;
        const Adapter& adapter = adapter_of(group.type, group.model);
        const bool vmware_id_7 = adapter.host_id_7 && !w_.from_platform;
        std::uint32_t unit = p.wanted.value_or(0);
        if (p.wanted && vmware_id_7 && unit == 7)
            w_.refuse(
                "libvirt-scsi-unit-reserved",
                fmt::format("drive '{}': SCSI id 7 is the adapter's own; give it another AddressOnParent (0-6, 8-15)",
                            d.info.id));
        if ((group.type == "ide" || group.type == "fdc") &&
            (unit >= adapter.slots || group.taken.size() >= adapter.slots))
            return overflow(p);
        const bool free = p.wanted && unit <= max_unit && group.taken.count(unit) == 0;
        if (!free) {
            unit = 0;
            while (group.taken.count(unit) != 0 || (vmware_id_7 && unit == 7)) ++unit;
            if (p.wanted)
                w_.note("drives[].unit", d.info.id, Fate::approximated, "libvirt-unit-moved",
                        fmt::format("unit {} is taken: drive '{}' is at {}", *p.wanted, d.info.id, unit));
        }
        group.taken.insert(unit);
        p.placed = true;
        set_address(p, group, adapter, unit);
    }

    void set_address(Placement& p, Group& group, const Adapter& adapter, std::uint32_t unit) {
        DrivePlan& plan = p.plan;
        plan.addressed = true;
        if (group.type == "ide") {
            plan.address_bus = unit / 2;
            plan.address_unit = unit % 2;
            return;
        }
        if (group.type == "fdc") {
            plan.address_unit = unit;
            return;
        }
        const std::size_t link = unit / adapter.slots;
        // Far units of a hostile source must not make thousands of controllers: links are counted, not filled up.
        const auto [known, fresh] = links_.try_emplace({&group, link}, 0);
        if (fresh) {
            known->second = link == 0 ? group.chain.front() : new_controller(group.type, group.model, nullptr);
            if (link != 0) group.chain.push_back(known->second);
        }
        plan.controller = layout_.controllers[known->second].index;
        const std::uint32_t rest = unit % adapter.slots;
        if (link != 0)
            w_.note("drives[].unit", plan.drive->info.id, Fate::approximated, "libvirt-unit-moved",
                    fmt::format("unit {} is beyond what QEMU's controller holds: it is unit {} of controller {} {}",
                                unit, rest, group.type, plan.controller));
        if (group.type == "scsi" && group.model != "lsilogic")
            plan.address_target = rest;
        else
            plan.address_unit = rest;
        if (group.type == "nvme" && !std::exchange(nvme_said_, true))
            w_.warn("libvirt-nvme-version",
                    "bus nvme needs libvirt 11.5 or later, earlier ones refuse the domain (-O libvirt.nvme=sata)");
    }

    void overflow(Placement& p) {
        const Drive& d = *p.plan.drive;
        if (p.group->type == "fdc") {
            lose(p, "a floppy controller holds two drives: this one is left out");
            return;
        }
        if (w_.settings.type == "xen") {
            p.group = nullptr;
            p.plan.bus = "xen";
            return w_.note("drives[].unit", d.info.id, Fate::approximated, "libvirt-ide-full",
                           "libvirt has one IDE controller with four drives: bus xen is written");
        }
        w_.note("drives[].unit", d.info.id, Fate::approximated, "libvirt-ide-full",
                "libvirt has one IDE controller with four drives: SATA is written");
        p.group = &first_of("sata", {});
        p.plan.bus = "sata";
        p.wanted.reset();
        place(p);
    }

    void name_targets() {
        std::size_t sd = 0, vd = 0, xvd = 0;
        for (Placement& p : placements_) {
            if (p.lost) continue;
            DrivePlan& plan = p.plan;
            if (!plan.addressed && plan.drive->unit)
                w_.note("drives[].unit", plan.drive->info.id, Fate::dropped, "libvirt-unit-moved",
                        fmt::format("unit {}: bus {} has no units", *plan.drive->unit, plan.bus));
            if (plan.bus == "ide")
                plan.target = target_name("hd", plan.address_bus * 2 + plan.address_unit);
            else if (plan.bus == "fdc")
                plan.target = target_name("fd", plan.address_unit);
            else if (plan.bus == "virtio")
                plan.target = target_name("vd", vd++);
            else if (plan.bus == "xen")
                plan.target = target_name("xvd", xvd++);
            else if (plan.bus == "nvme")
                plan.target = fmt::format("nvme{}n{}", plan.controller, plan.address_unit + 1);
            else
                plan.target = target_name("sd", sd++);
            layout_.drives.push_back(plan);
        }
    }

    [[nodiscard]] bool is_in_use(const Controller& c) const {
        const auto on_it = [&](const Drive& drive) { return drive.controller == c.info.id; };
        return std::any_of(w_.hardware().drives.begin(), w_.hardware().drives.end(), on_it);
    }

    /// Which controller read() will call each of the source's, and whether its bus number and alias are kept.
    void name_controllers() {
        for (const Controller& c : w_.hardware().controllers) {
            const auto own = std::find_if(layout_.controllers.begin(), layout_.controllers.end(),
                                          [&](const ControllerPlan& plan) { return plan.source == &c; });
            const auto known = by_controller_.find(c.info.id);
            std::optional<std::uint32_t> index;
            if (known != by_controller_.end() && known->second->type != "fdc") {
                const Group& group = *known->second;
                index = c.type == ControllerType::ide ? ide_buses_[c.info.id]
                                                      : layout_.controllers[group.chain.front()].index;
                w_.id(c.info.id, group.type == "ide" ? fmt::format("controller:ide:{}", *index)
                                                     : fmt::format("controller:{}:{}", group.type,
                                                                   layout_.controllers[group.chain.front()].index));
            } else if (own != layout_.controllers.end()) {
                index = own->index;
                w_.id(c.info.id, controller_id(*own));
            }
            // Nothing on an IDE channel: no address of a drive tells its number.
            if (c.type == ControllerType::ide && !is_in_use(c)) index.reset();
            if (c.address && c.address != index && (index || *c.address != 0))
                w_.note("controllers[].address", c.info.id, Fate::approximated, "libvirt-controller-index",
                        index ? fmt::format("bus number {} became {}", *c.address, *index)
                              : fmt::format("bus number {}", *c.address));
            if (own == layout_.controllers.end() && !c.info.alias.empty())
                w_.note("controllers[].info.alias", c.info.id, Fate::dropped, "libvirt-alias-own",
                        fmt::format("alias '{}': it is no controller of its own there", c.info.alias));
        }
    }

    Writer& w_;
    Layout& layout_;
    std::vector<std::unique_ptr<Group>> groups_;
    Group* ide_ = nullptr;
    Group* floppy_ = nullptr;
    std::map<std::string, std::uint32_t> ide_buses_;
    std::map<std::string, Group*> by_controller_;
    std::map<std::string, std::string> by_controller_bus_;
    std::map<std::pair<const Group*, std::size_t>, std::size_t> links_;
    std::vector<Placement> placements_;
    bool nvme_said_ = false;
};

}  // namespace

std::string controller_id(const ControllerPlan& plan) {
    std::string out = fmt::format("controller:{}:{}", plan.type, plan.index);
    return plan.master_port ? out + ":" + plan.model : out;
}

void plan_layout(Writer& w) { Planner(w).run(); }

}  // namespace ovfkit::detail::libvirt
