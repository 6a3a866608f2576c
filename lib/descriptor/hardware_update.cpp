#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <unordered_set>

#include <fmt/format.h>

#include "descriptor/boot_order.hpp"
#include "descriptor/hardware.hpp"
#include "model/fields.hpp"

namespace ovfkit::detail {

namespace {

/// Order of new Items: importers read controllers before the drives on them.
int rank_of(DeviceClass kind) {
    switch (kind) {
        case DeviceClass::cpu:
            return 0;
        case DeviceClass::memory:
            return 1;
        case DeviceClass::controller:
            return 2;
        case DeviceClass::drive:
            return 3;
        case DeviceClass::nic:
            return 4;
        default:
            return 5;
    }
}

std::string drive_name(const Drive& drive, std::size_t number) {
    const std::string_view word = drive.kind == DriveKind::disk    ? "Hard Disk"
                                  : drive.kind == DriveKind::cdrom ? "CD/DVD Drive"
                                                                   : "Floppy Drive";
    return fmt::format("{} {}", word, number);
}

std::string controller_name(const Controller& controller, std::size_t number) {
    std::string word(to_string(controller.type));
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return fmt::format("{} Controller {}", word, number);
}

template <class Device>
void erase_item(XmlDocument& document, const EffectiveItem& item, const Device&) {
    document.erase(item.item.element);
    for (const Element& further : item.overrides) document.erase(further);
}

class Updater {
public:
    Updater(Editing& editing, const SystemParts& parts, const HardwareView& view, const VirtualSystem& have,
            const VirtualSystem& wanted, const Style& style)
        : editing_(editing),
          document_(editing.document),
          parts_(parts),
          view_(view),
          have_(have),
          wanted_(wanted),
          style_(style) {
        encoding_.style = style;
        encoding_.instance_of = [this](std::string_view id) {
            const auto found = instances_.find(id);
            return found == instances_.end() ? std::string(id) : found->second;
        };
    }

    void run() {
        collect_ids();
        if (!view_.section) begin_section();
        const BootOrder order = boot_order_of(parts_, view_, have_.hardware, wanted_.hardware,
                                              style_.boot_order_section && editing_.major != 0);
        // What sections hold is not in the Items as well.
        const bool sections = !order.before.empty() || !order.now.empty();
        const Hardware have = sections ? without_boot_indexes(have_.hardware, order.before) : Hardware{};
        const Hardware wanted = sections ? without_boot_indexes(wanted_.hardware, order.now) : Hardware{};
        const Hardware& before = sections ? have : have_.hardware;
        const Hardware& now = sections ? wanted : wanted_.hardware;
        update_system_type();
        if (view_.section && before.transport != now.transport)
            edit_attribute(document_, view_.section, Ns::ovf, "transport", now.transport);
        update_cpu();
        update_memory();
        const auto plain = [&](const auto& device) { return rows_of(device, encoding_); };
        const auto named = [](std::string_view word) {
            return [word](const auto&, std::size_t number) { return fmt::format("{} {}", word, number); };
        };
        const auto of = [&](DeviceClass kind) {
            return [this, kind](const auto& device) { return rows_of(device, kind, encoding_); };
        };
        update_list(before.controllers, now.controllers, DeviceClass::controller, plain, controller_name);
        update_list(before.drives, now.drives, DeviceClass::drive, plain, drive_name);
        update_list(before.nics, now.nics, DeviceClass::nic, plain, named("Network adapter"));
        update_list(before.serials, now.serials, DeviceClass::serial, of(DeviceClass::serial), named("Serial Port"));
        update_list(before.parallels, now.parallels, DeviceClass::parallel, of(DeviceClass::parallel),
                    named("Parallel Port"));
        update_list(before.videos, now.videos, DeviceClass::video, plain, named("Video card"));
        update_list(before.graphics, now.graphics, DeviceClass::graphics, plain, named("Graphics"));
        update_list(before.sounds, now.sounds, DeviceClass::sound, of(DeviceClass::sound), named("Sound card"));
        update_list(before.watchdogs, now.watchdogs, DeviceClass::watchdog, of(DeviceClass::watchdog),
                    named("Watchdog"));
        update_list(before.rngs, now.rngs, DeviceClass::rng, of(DeviceClass::rng), named("Random number generator"));
        update_list(before.tpms, now.tpms, DeviceClass::tpm, of(DeviceClass::tpm), named("TPM"));
        update_list(before.others, now.others, DeviceClass::other, plain, named("Device"));
        update_balloon_item();
        update_rest();
        if (!view_.section) document_.append(parts_.element, pending_);
        update_boot_order(order);
    }

private:
    // ------------------------------------------------------------------ ids

    template <class F>
    static void for_each_id(const Hardware& hardware, F&& f) {
        f(hardware.cpu.info.id);
        f(hardware.memory.info.id);
        f(hardware.balloon.info.id);
        const auto all = [&](const auto& devices) {
            for (const auto& device : devices) f(device.info.id);
        };
        all(hardware.controllers), all(hardware.drives), all(hardware.nics), all(hardware.serials),
            all(hardware.parallels);
        all(hardware.videos), all(hardware.graphics), all(hardware.sounds), all(hardware.watchdogs), all(hardware.rngs);
        all(hardware.tpms), all(hardware.others);
    }

    /// Made up by a platform (`disk:sda`) or by the reader (`7#2`): not to be written.
    static bool is_internal(std::string_view id) {
        return id.empty() || id.find_first_of(":#") != std::string_view::npos;
    }

    /// virt-v2v and others read InstanceID and Parent as numbers.
    static bool is_number(std::string_view id) { return to_number<std::uint32_t>(id).has_value(); }

    void collect_ids() {
        // Every Item of the section counts, those of other configurations too.
        for (Element child = view_.section.first(); child; child = child.next()) {
            if (!is_item(child)) continue;
            const Item item = read_item(child);
            const Element id = item.get(Rasd::InstanceID);
            if (id_name_.empty() && id) id_name_ = std::string(id.local());
            note_used(item.text(Rasd::InstanceID));
        }
        if (id_name_.empty()) id_name_ = editing_.major == 0 ? "InstanceId" : "InstanceID";
        for (const EffectiveItem& item : view_.items) {
            instances_.emplace(item.id, std::string(item.instance()));
            items_.emplace(item.id, &item);
        }
        // Before any Item is written, so that a drive can name a controller that is new as well.
        for_each_id(wanted_.hardware, [&](const std::string& id) {
            if ((style_.any_ids ? !is_internal(id) : is_number(id)) && instances_.count(id) == 0 && used_.insert(id).second) {
                note_used(id);
                instances_.emplace(id, id);
            }
        });
        for_each_id(wanted_.hardware, [&](const std::string& id) {
            if (!id.empty() && instances_.count(id) == 0) instances_.emplace(id, next_id());
        });
    }

    void note_used(std::string_view id) {
        used_.insert(std::string(id));
        if (const auto number = to_number<std::uint32_t>(id)) highest_ = std::max<std::uint64_t>(highest_, *number);
    }

    std::string next_id() {
        std::string id;
        do id = std::to_string(++highest_);
        while (!used_.insert(id).second);
        return id;
    }

    std::string instance_for(const std::string& id) { return id.empty() ? next_id() : encoding_.instance_of(id); }

    // -------------------------------------------------------------- placing

    void begin_section() {
        pending_ = section_fragment("VirtualHardwareSection", "Virtual hardware requirements", editing_.major);
        add_attribute(pending_, Ns::ovf, "transport", wanted_.hardware.transport);
        pending_.children.push_back(system_fragment(wanted_.hardware.system_type));
    }

    Fragment system_fragment(const std::string& type) const {
        Fragment system;
        system.ns = Ns::ovf;
        system.local = "System";
        if (editing_.major != 0)
            system.children.push_back(text_fragment(Ns::vssd, "ElementName", "Virtual Hardware Family"));
        system.children.push_back(text_fragment(Ns::vssd, id_name_, "0"));
        if (!type.empty()) system.children.push_back(text_fragment(Ns::vssd, "VirtualSystemType", type));
        return system;
    }

    void place(DeviceClass kind, const Fragment& item) {
        if (!view_.section) {
            pending_.children.push_back(item);
            return;
        }
        const int rank = rank_of(kind);
        if (anchors_.empty()) find_anchors();
        if (anchors_[static_cast<std::size_t>(rank)])
            return document_.insert_after(anchors_[static_cast<std::size_t>(rank)], item);
        if (first_item_) return document_.insert_before(first_item_, item);
        const Element system = view_.section.child_lax(Ns::ovf, "System");
        const Element info = view_.section.child_lax(Ns::ovf, "Info");
        if (system || info) return document_.insert_after(system ? system : info, item);
        document_.append(view_.section, item);
    }

    /// The last Item of each rank or below, in the order of the document.
    void find_anchors() {
        anchors_.assign(6, {});
        std::map<const void*, int> ranks;
        for (const EffectiveItem& item : view_.items)
            ranks.emplace(item.item.element.raw().internal_object(), rank_of(class_of(item)));
        for (Element child = view_.section.first(); child; child = child.next()) {
            if (!is_item(child)) continue;
            if (!first_item_) first_item_ = child;
            const auto known = ranks.find(child.raw().internal_object());
            const int rank = known == ranks.end() ? 5 : known->second;
            for (std::size_t at = static_cast<std::size_t>(rank); at < anchors_.size(); ++at) anchors_[at] = child;
        }
    }

    ItemKind kind_of(DeviceClass kind) const {
        if (editing_.major != 2) return ItemKind::item;
        return kind == DeviceClass::drive ? ItemKind::storage
               : kind == DeviceClass::nic ? ItemKind::ethernet
                                          : ItemKind::item;
    }

    void place_new(DeviceClass kind, DeviceRows rows, const std::string& id, std::string name, Element before = {},
                   Element after = {}) {
        if (editing_.major == 0) {
            // 0.9 has no ElementName; there the Caption is the label.
            const auto field = [&](Rasd wanted) -> std::string& {
                return std::find_if(rows.fields.begin(), rows.fields.end(),
                                    [&](const auto& row) { return row.first == wanted; })
                    ->second;
            };
            if (field(Rasd::ElementName).empty() && field(Rasd::Caption).empty()) field(Rasd::Caption) = name;
            name.clear();
        }
        const Fragment item = new_item(rows, kind_of(kind), id, name, id_name_);
        if (before) return document_.insert_after(before, item);
        if (after) return document_.insert_before(after, item);
        place(kind, item);
    }

    // -------------------------------------------------------------- devices

    /// Devices of one class are told apart by id. A new one goes beside its neighbours of the wanted order. One that is
    /// there stays where it is: Items have no order (DSP0243 8.1), Parent, AddressOnParent and the boot order say where
    /// a device is, and moving one would move what the model does not know of it. Reading again shows the order that
    /// was not taken over, so that the report names it.
    template <class Device, class RowsOf, class NameOf>
    void update_list(const std::vector<Device>& have, const std::vector<Device>& wanted, DeviceClass kind,
                     RowsOf&& rows, NameOf&& name) {
        if (have == wanted) return;
        std::map<std::string_view, const Device*> old;
        for (const Device& device : have)
            if (items_.count(device.info.id) != 0) old.emplace(device.info.id, &device);
        std::vector<const Device*> match(wanted.size(), nullptr);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (const auto known = old.find(wanted[i].info.id); known != old.end()) {
                match[i] = known->second;
                old.erase(known);
            }
        match_renamed(wanted, old, match);
        Element before;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const Device& device = wanted[i];
            if (match[i] == nullptr) {
                const auto next = std::find_if(match.begin() + static_cast<std::ptrdiff_t>(i), match.end(),
                                               [](const Device* d) { return d != nullptr; });
                const Element after = next == match.end() ? Element() : items_.at((*next)->info.id)->item.element;
                place_new(kind, rows(device), instance_for(device.info.id), name(device, i + 1), before, after);
                continue;
            }
            const EffectiveItem& item = *items_.at(match[i]->info.id);
            if (!(*match[i] == device)) apply(editing_, item, rows(*match[i]), rows(device));
            update_id(item, match[i]->info.id, device.info.id);
            before = item.overrides.empty() ? item.item.element : item.overrides.back();
        }
        for (const auto& [id, device] : old) erase_item(document_, *items_.find(id)->second, *device);
    }

    /// What differs in nothing but its id is the same device.
    template <class Device>
    static void match_renamed(const std::vector<Device>& wanted, std::map<std::string_view, const Device*>& old,
                              std::vector<const Device*>& match) {
        for (std::size_t i = 0; i < wanted.size() && !old.empty(); ++i) {
            if (match[i] != nullptr) continue;
            Device renamed = wanted[i];
            for (auto it = old.begin(); it != old.end(); ++it) {
                renamed.info.id = it->second->info.id;
                if (!(renamed == *it->second)) continue;
                match[i] = it->second;
                old.erase(it);
                break;
            }
        }
    }

    void update_id(const EffectiveItem& item, const std::string& before, const std::string& now) {
        if (before != now && !is_internal(now)) set(document_, item.item, Rasd::InstanceID, now);
    }

    template <class Device>
    void erase_all(const EffectiveItem& first, const std::vector<std::size_t>& more, const Device& device) {
        erase_item(document_, first, device);
        for (const std::size_t index : more) erase_item(document_, view_.items[index], device);
    }

    /// Items that add up become one when their sum changes: the first, whose own numbers are then compared.
    template <class Device>
    void as_one(const EffectiveItem& first, const std::vector<std::size_t>& more, DeviceRows& had,
                const Device& device) {
        if (more.empty()) return;
        for (const std::size_t index : more) erase_item(document_, view_.items[index], device);
        for (auto& [field, text] : had.fields)
            if (field == Rasd::VirtualQuantity || field == Rasd::Limit || field == Rasd::AllocationUnits)
                text = std::string(first.item.text(field));
    }

    void update_cpu() {
        const Cpu &before = have_.hardware.cpu, &now = wanted_.hardware.cpu;
        if (before == now) return;
        if (!view_.cpu)
            return place_new(DeviceClass::cpu, rows_of(now, cpu_form(nullptr, style_)), instance_for(now.info.id),
                             fmt::format("{} virtual CPU(s)", now.count.value_or(1)));
        const EffectiveItem& item = view_.items[*view_.cpu];
        if (now == Cpu{}) return erase_all(item, view_.more_cpus, now);
        const CpuForm form = cpu_form(&item, style_);
        DeviceRows had = rows_of(before, form);
        if (before.count != now.count || before.maximum != now.maximum) as_one(item, view_.more_cpus, had, before);
        apply(editing_, item, had, rows_of(now, form));
        update_id(item, before.info.id, now.info.id);
    }

    void update_memory() {
        const Memory &before = have_.hardware.memory, &now = wanted_.hardware.memory;
        if (before == now) return;
        if (!view_.memory) {
            const std::uint64_t mib = now.boot_bytes.value_or(0) >> 20;
            return place_new(DeviceClass::memory, rows_of(now, fitting_form(memory_form(nullptr, style_), now)),
                             instance_for(now.info.id), fmt::format("{}MB of memory", mib));
        }
        const EffectiveItem& item = view_.items[*view_.memory];
        if (now == Memory{}) return erase_all(item, view_.more_memory, now);
        const MemoryForm form = memory_form(&item, style_);
        DeviceRows had = rows_of(before, form);
        if (before.boot_bytes != now.boot_bytes) as_one(item, view_.more_memory, had, before);
        apply(editing_, item, had, rows_of(now, fitting_form(form, now)));
        update_id(item, before.info.id, now.info.id);
    }

    /// The form VMware itself knows: nothing but "off" fits into it.
    bool as_maxmemctl(const MemoryBalloon& balloon) const {
        if (balloon.state != BalloonState::disabled) return false;
        if (style_.balloon_as_maxmemctl) return true;
        return view_.config.maxmemctl && balloon == have_.hardware.balloon;
    }

    void update_balloon_item() {
        const MemoryBalloon &before = have_.hardware.balloon, &now = wanted_.hardware.balloon;
        if (before == now && !(view_.balloon && as_maxmemctl(now))) return;
        const bool item_wanted = needs_item(now) && !as_maxmemctl(now);
        if (view_.balloon && !item_wanted) return erase_item(document_, view_.items[*view_.balloon], now);
        if (view_.balloon) {
            update_balloon(editing_, view_.items[*view_.balloon], before, now);
            return update_id(view_.items[*view_.balloon], before.info.id, now.info.id);
        }
        if (!item_wanted) return;
        MemoryBalloon added = now;
        if (added.info.description.empty()) added.info.description = "Memory balloon device";
        place_new(DeviceClass::balloon, rows_of(added), instance_for(now.info.id), "memballoon");
    }

    // ----------------------------------------------------------------- rest

    void update_system_type() {
        const std::string &before = have_.hardware.system_type, &now = wanted_.hardware.system_type;
        // A type that is not said leaves the one there: an envelope needs some.
        if (before == now || now.empty() || !view_.section || style_.keep_family) return;
        if (!style_.family.empty() && now.find(style_.family) == std::string::npos) {
            editing_.notes.push_back({"system_type", "", Fate::approximated, std::string(style_.family_rule),
                                      fmt::format("'{}' is no family its importers know; '{}' is kept",
                                                  printable(now, 60), printable(before, 60))});
            return;
        }
        const Element system = view_.section.child_lax(Ns::ovf, "System");
        if (!system) {
            const Element info = view_.section.child_lax(Ns::ovf, "Info");
            if (info) return document_.insert_after(info, system_fragment(now));
            if (const Element first = view_.section.first())
                return document_.insert_before(first, system_fragment(now));
            return document_.append(view_.section, system_fragment(now));
        }
        if (const Element type = system.child_lax(Ns::vssd, "VirtualSystemType"))
            document_.set_text(type, now);
        else
            document_.append(system, text_fragment(Ns::vssd, "VirtualSystemType", now));
    }

    /// Sections that are no longer true go, and new ones come where VMware's form can say the order.
    void update_boot_order(const BootOrder& order) {
        if (!order.changed) return;
        for (const Element& section : parts_.boot_order) document_.erase(section);
        for (const std::string& id : order.now) {
            const Fragment section = boot_order_section(instance_for(id));
            if (view_.section)
                document_.insert_after(view_.section, section);
            else
                document_.append(parts_.element, section);
        }
        if (!style_.boot_order_section || !order.now.empty()) return;
        const auto note = [&](const auto& devices, std::string_view field) {
            for (const auto& device : devices)
                if (device.boot_index)
                    editing_.notes.push_back({std::string(field), device.info.id, Fate::approximated, "vmware-boot-order",
                                              fmt::format("boot index {}: VMware's boot order holds disks only, from 1 "
                                                          "on; it stands where only ovfkit reads it",
                                                          *device.boot_index)});
        };
        note(wanted_.hardware.drives, "drives[].boot_index");
        note(wanted_.hardware.nics, "nics[].boot_index");
    }

    void update_rest() {
        const VmwareConfig& config = view_.config;
        const bool new_nvram = !config.nvram && style_.nvram_in_extra_config &&
                               wanted_.hardware.nvram_file_id != have_.hardware.nvram_file_id;
        const auto had = vmware_parameters(config, have_.hardware, have_.hardware, have_.parameters,
                                           static_cast<bool>(config.maxmemctl));
        auto parameters = vmware_parameters(config, wanted_.hardware, have_.hardware, wanted_.parameters,
                                            as_maxmemctl(wanted_.hardware.balloon));
        if (new_nvram && !wanted_.hardware.nvram_file_id.empty())
            parameters.insert(parameters.begin(), {"vmw.extra", "nvram",
                                                   "ovf:/file/" + wanted_.hardware.nvram_file_id});  // the first counts
        const auto before = system_extension_rows(have_, static_cast<bool>(config.nvram));
        const auto now = system_extension_rows(wanted_, config.nvram || new_nvram);
        if (view_.section)
            return update_extension(document_, view_.section, view_.section.child(Ns::hardware, "Hardware"), "Hardware",
                                    before, now, had, parameters);
        for (const Parameter& parameter : parameters)
            if (parameter.space.starts_with("vmw")) pending_.children.push_back(parameter_fragment(parameter));
        if (says_something(now, parameters))
            pending_.children.push_back(extension_fragment("Hardware", now, parameters));
    }

    Editing& editing_;
    XmlDocument& document_;
    const SystemParts& parts_;
    const HardwareView& view_;
    const VirtualSystem& have_;
    const VirtualSystem& wanted_;
    const Style& style_;
    EncodeContext encoding_;
    std::map<std::string, std::string, std::less<>> instances_;  ///< id of the model -> InstanceID
    std::map<std::string, const EffectiveItem*, std::less<>> items_;
    std::unordered_set<std::string> used_;
    std::uint64_t highest_ = 0;
    std::string id_name_;
    std::vector<Element> anchors_;
    Element first_item_;
    Fragment pending_;  ///< the section, where there was none
};

}  // namespace

void update_hardware(Editing& editing, const SystemParts& parts, const HardwareView& view, const VirtualSystem& have,
                     const VirtualSystem& wanted, const Style& style) {
    if (have == wanted && !style.balloon_as_maxmemctl) return;
    if (!view.section && wanted.hardware == Hardware{} && wanted.parameters.empty()) return;
    Updater(editing, parts, view, have, wanted, style).run();
}

}  // namespace ovfkit::detail
