#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/edit.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/products.hpp"
#include "dialect/ovirt/balloon.hpp"
#include "dialect/ovirt/devices.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/explain.hpp"
#include "dialect/ovirt/general.hpp"
#include "dialect/ovirt/unsupported.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

/// Device of `have` for each of `wanted`: the same id, else the same place when neither has a partner.
template <class Device>
std::vector<std::size_t> partners(const std::vector<Device>& have, const std::vector<Device>& wanted) {
    std::vector<std::size_t> out(wanted.size(), npos);
    std::vector<bool> used(have.size(), false);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (std::size_t j = 0; j < have.size(); ++j) {
            if (used[j] || have[j].info.id != wanted[i].info.id) continue;
            out[i] = j;
            used[j] = true;
            break;
        }
    for (std::size_t i = 0; i < std::min(have.size(), wanted.size()); ++i)
        if (out[i] == npos && !used[i]) {
            out[i] = i;
            used[i] = true;
        }
    return out;
}

class SystemUpdate {
public:
    SystemUpdate(XmlDocument& document, Element system, const EnvelopeParts& layout, const Form& form,
                 const Envelope& have_envelope, const Envelope& wanted_envelope, const VirtualSystem& have,
                 const VirtualSystem& wanted, const DiskNames& before, const DiskNames& after, WriteContext& context,
                 std::vector<LossNote>& notes)
        : document_(document),
          system_(system),
          layout_(layout),
          form_(form),
          have_envelope_(have_envelope),
          wanted_envelope_(wanted_envelope),
          have_(have),
          wanted_(wanted),
          before_{form, have, before},
          after_{form, wanted, after},
          context_(context),
          notes_(notes),
          parts_(parts_of(system)),
          items_(scan_items(parts_)),
          seed_(seed_of(wanted)) {
        if (!parts_.hardware.empty()) hardware_ = parts_.hardware.front();
        for (const ItemRef& ref : items_) {
            last_ = ref.item.element;
            if (ref.resource_type == 0 && !first_special_) first_special_ = ref.item.element;
        }
    }

    void run(bool in_place) {
        if (hardware_) {
            header(in_place);
            single(Kind::cpu, "1", have_.hardware.cpu, wanted_.hardware.cpu, wanted_.hardware.cpu.count.has_value(),
                   encode_cpu);
            single(Kind::memory, "2", have_.hardware.memory, wanted_.hardware.memory,
                   wanted_.hardware.memory.boot_bytes.has_value(), encode_memory);
            drives();
            parents();
            nics();
            usb_policy();
            devices();
            update_balloon(document_, system_, items_, form_, have_, wanted_, context_.options, notes_);
        }
        update_general(document_, system_, form_, have_, wanted_, in_place, notes_);
        Editing editing{document_, notes_, 1};
        const Element anchor = parts_.products.empty() ? Element{} : parts_.products.back();
        if (have_.products != wanted_.products)
            update_products(editing, system_, anchor ? anchor : before_sections(), parts_.products, have_.products,
                            wanted_.products);
    }

private:
    using Encoder = std::function<ItemSpec(const Encoding&, std::string_view id, std::size_t index)>;

    /// New sections go before the OS section, after the general data.
    Element before_sections() const {
        Element last;
        for (Element child = system_.first(); child && !child.local().ends_with("Section"); child = child.next())
            last = child;
        return last;
    }

    void header(bool in_place) {
        const Element info = hardware_.child_lax(Ns::ovf, "Info");
        const std::string old = hardware_info(have_.hardware, form_), now = hardware_info(wanted_.hardware, form_);
        if (info && old != now && (trimmed(info.text()) == old || !in_place)) document_.set_text(info, now);
        const Element type = hardware_.child_lax(Ns::ovf, "System").child_lax(Ns::vssd, "VirtualSystemType");
        if (in_place && have_.hardware.system_type != wanted_.hardware.system_type) {
            if (type)
                document_.set_text(type, wanted_.hardware.system_type);
            else
                notes_.push_back({"system_type",
                                  {},
                                  Fate::dropped,
                                  "ovirt-system-type",
                                  "this form of descriptor does not name the engine"});
        }
    }

    std::vector<Element> elements_of(Kind kind) const {
        std::vector<Element> out;
        for (const ItemRef& ref : items_)
            if (ref.kind == kind) out.push_back(ref.item.element);
        return out;
    }

    /// `after`: the Item of the device before it in its list, so that order is kept.
    void insert_item(Kind kind, bool special, const ItemSpec& spec, Element after = {}) {
        const Fragment fragment = ovirt::fragment_of(spec, form_);
        if (after) return document_.insert_after(after, fragment);
        const std::vector<Element> same = elements_of(kind);
        if (!same.empty() && !special) return document_.insert_after(same.back(), fragment);
        if (!special && first_special_) return document_.insert_before(first_special_, fragment);
        if (last_) return document_.insert_after(last_, fragment);
        document_.append(hardware_, fragment);
    }

    template <class Device>
    void single(Kind kind, std::string_view id, const Device& have, const Device& wanted, bool is_wanted,
                ItemSpec (*encode)(const Device&, const Encoding&, std::string_view)) {
        if (have == wanted) return;
        const std::vector<Element> present = elements_of(kind);
        if (present.empty()) {
            if (is_wanted) insert_item(kind, false, encode(wanted, after_, id));
        } else if (!is_wanted) {
            document_.erase(present.front());
        } else {
            const std::string now = wanted.info.id.empty() ? std::string(id) : wanted.info.id;
            apply(document_, present.front(), encode(have, before_, have.info.id), encode(wanted, after_, now), form_);
        }
        if constexpr (std::same_as<Device, Cpu>) explain_cpu(wanted, form_, notes_);
    }

    std::string new_id(const DeviceInfo& info, std::string_view role, std::size_t index) const {
        return is_uuid(info.id) ? info.id : made_uuid(seed_, fmt::format("{}:{}:{}", role, index, info.id));
    }

    /// Edits, inserts and erases the Items of one list. `elements[j]` is the Item of `have[j]`, invalid when it has
    /// none.
    template <class Device, class Encode, class Explain>
    void list(Kind kind, bool special, std::string_view role, const std::vector<Device>& have,
              const std::vector<Device>& wanted, const std::vector<Element>& elements, Encode encode, Explain explain) {
        if (have == wanted && !context_dependent(kind)) return;
        const std::vector<std::size_t> found = partners(have, wanted);
        const auto element_of = [&](std::size_t j) { return j < elements.size() ? elements[j] : Element{}; };
        Element previous;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const Device& device = wanted[i];
            const std::size_t j = found[i];
            const Device* partner = j == npos ? nullptr : &have[j];
            const Element element = j == npos ? Element{} : element_of(j);
            if (!element) {
                if (partner != nullptr && *partner == device) continue;
                if constexpr (std::same_as<Device, Drive>) {
                    if (partner != nullptr && partner->disk_id == device.disk_id && partner->kind == device.kind) {
                        explain_bare_drive(device, *partner, notes_);
                        continue;
                    }
                }
                if (explain(device, partner))
                    inserted(kind, insert_new(kind, special, role, device, i, encode, previous));
                continue;
            }
            const Device& old = *partner;
            previous = element;
            const std::string id = old.info.id == device.info.id ? old.info.id : new_id(device.info, role, i);
            apply(document_, element, encode(old, before_, old.info.id, j), encode(device, after_, id, j), form_);
            if (old != device || kind == Kind::disk) (void)explain(device, &old);
        }
        for (std::size_t j = 0; j < have.size(); ++j) {
            if (std::find(found.begin(), found.end(), j) != found.end()) continue;
            if (const Element element = element_of(j)) {
                document_.erase(element);
                erased(kind, have[j].info.id);
            } else {
                notes_.push_back({std::string(role), have[j].info.id, Fate::approximated, "ovirt-device-implied",
                                  "the engine adds this device by itself: it cannot be taken out"});
            }
        }
    }

    template <class Device, class Encode>
    std::string insert_new(Kind kind, bool special, std::string_view role, const Device& device, std::size_t index,
                           Encode encode, Element previous) {
        std::string id = new_id(device.info, role, index);
        if constexpr (std::same_as<Device, Drive>)
            if (const DiskName* name = device.kind == DriveKind::disk ? after_.disks.find(device.disk_id) : nullptr)
                id = name->instance;
        insert_item(kind, special, encode(device, after_, id, index), previous);
        return id;
    }

    /// An address or caption of these follows from other parts of the model.
    static bool context_dependent(Kind kind) { return kind == Kind::disk || kind == Kind::video; }

    void inserted(Kind kind, const std::string& id) {
        if (kind != Kind::nic || !form_.nic_references || !layout_.references) return;
        Fragment reference = body_element(form_, "Nic", {});
        add_attribute(reference, Ns::ovf, "id", id);
        document_.append(layout_.references, reference);
    }

    void erased(Kind kind, std::string_view id) {
        if (kind != Kind::nic) return;
        for (Element child = layout_.references.first(); child; child = child.next())
            if (child.local() == "Nic" && child.attribute_lax(Ns::ovf, "id").value() == id) document_.erase(child);
    }

    void drives() {
        // The reader's order: Items as they stand, then disks without one.
        std::vector<Element> elements;
        for (const Drive& drive : have_.hardware.drives) {
            Element element;
            for (const ItemRef& ref : items_)
                if (ref.item.element.offset() == drive.info.origin.offset) element = ref.item.element;
            elements.push_back(element);
        }
        const auto encode = [](const Drive& drive, const Encoding& encoding, std::string_view id, std::size_t index) {
            return encode_drive(drive, encoding, id, index);
        };
        const auto explain = [&](const Drive& drive, const Drive* old) {
            return explain_drive(drive, old, wanted_.hardware, have_.hardware, form_, notes_);
        };
        list(Kind::disk, false, "drives[]", have_.hardware.drives, wanted_.hardware.drives, elements, encode, explain);
    }

    /// Volumes below an active one have an Item and no Drive.
    void parents() {
        const auto index_of = [](const Envelope& envelope, std::string_view id) {
            return std::find_if(envelope.disks.begin(), envelope.disks.end(),
                                [&](const VirtualDisk& d) { return d.id == id; }) -
                   envelope.disks.begin();
        };
        const auto is_driven = [](const Envelope& envelope, std::string_view id) {
            for (const VirtualSystem& system : envelope.systems)
                for (const Drive& drive : system.hardware.drives)
                    if (drive.disk_id == id) return true;
            return false;
        };
        if (&have_ == &have_envelope_.systems.front() && form_.flavour == Flavour::exported)
            for (const VirtualDisk& disk : wanted_envelope_.disks) {
                if (index_of(have_envelope_, disk.id) != static_cast<std::ptrdiff_t>(have_envelope_.disks.size()))
                    continue;
                if (is_driven(wanted_envelope_, disk.id)) continue;
                Drive volume;
                volume.disk_id = disk.id;
                insert_item(Kind::disk, false, encode_drive(volume, after_, after_.disks.find(disk.id)->instance, 0));
            }
        for (const ItemRef& ref : items_) {
            if (ref.kind != Kind::disk) continue;
            const std::string_view id = ref.item.text(Rasd::InstanceID);
            const bool gone =
                index_of(have_envelope_, id) != static_cast<std::ptrdiff_t>(have_envelope_.disks.size()) &&
                index_of(wanted_envelope_, id) == static_cast<std::ptrdiff_t>(wanted_envelope_.disks.size());
            if (gone && !is_driven(have_envelope_, id)) document_.erase(ref.item.element);
        }
    }

    void nics() {
        const auto encode = [](const Nic& nic, const Encoding& encoding, std::string_view id, std::size_t index) {
            return encode_nic(nic, encoding, id, index);
        };
        const auto explain = [&](const Nic& nic, const Nic* old) { return explain_nic(nic, old, notes_); };
        const std::vector<Element> elements = elements_of(Kind::nic);
        list(Kind::nic, false, "nics[]", have_.hardware.nics, wanted_.hardware.nics, elements, encode, explain);
        // A NIC without a network reads as unlinked, whatever Linked says: once it gets one, Linked counts.
        const auto found = partners(have_.hardware.nics, wanted_.hardware.nics);
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i] == npos || found[i] >= elements.size()) continue;
            const Nic &old = have_.hardware.nics[found[i]], &now = wanted_.hardware.nics[i];
            const Element linked = elements[found[i]].child_lax(Ns::rasd, "Linked");
            if (old.network.empty() && !now.network.empty() && old.link_up == now.link_up && linked)
                document_.set_text(linked, now.link_up.value_or(true) ? "true" : "false");
        }
    }

    void usb_policy() {
        const std::string* have = parameter(have_.parameters, "UsbPolicy");
        const std::string* wanted = parameter(wanted_.parameters, "UsbPolicy");
        const std::vector<Element> present = elements_of(Kind::usb_policy);
        if (present.empty()) {
            const bool usb =
                std::any_of(wanted_.hardware.controllers.begin(), wanted_.hardware.controllers.end(),
                            [](const Controller& c) { return c.type == ControllerType::usb && c.model != "none"; });
            // Without the Item the engine takes ENABLED_NATIVE.
            if (wanted != nullptr || (last_is_new() && !usb))
                insert_item(Kind::usb_policy, false, encode_usb_policy(wanted != nullptr ? *wanted : "DISABLED", "3"));
            return;
        }
        if (have == nullptr && wanted == nullptr) return;
        if (have != nullptr && wanted != nullptr && *have == *wanted) return;
        const Element policy = present.front().child_lax(Ns::rasd, "UsbPolicy");
        document_.set_text(policy, wanted != nullptr ? *wanted : "ENABLED_NATIVE");
    }

    /// Whether this system was only begun by skeleton().
    bool last_is_new() const { return !have_.hardware.cpu.count && !have_.hardware.memory.boot_bytes; }

    void devices() {
        const Hardware &have = have_.hardware, &wanted = wanted_.hardware;
        const auto with = [](auto encode) {
            return [encode](const auto& device, const Encoding& encoding, std::string_view id, std::size_t) {
                return encode(device, encoding, id);
            };
        };
        const auto plain = [](auto encode) {
            return [encode](const auto& device, const Encoding&, std::string_view id, std::size_t) {
                return encode(device, id);
            };
        };
        const auto explain = [&](const auto& device, const auto* old) { return explain_device(device, old, notes_); };
        list(Kind::video, false, "videos[]", have.videos, wanted.videos, elements_of(Kind::video), with(encode_video),
             [&](const Video& v, const Video* old) { return explain_video(v, old, notes_); });
        list(Kind::graphics, false, "graphics[]", have.graphics, wanted.graphics, elements_of(Kind::graphics),
             with(encode_graphics), explain);
        const bool display =
            !have.videos.empty() && !wanted.videos.empty() && have.videos.front().model != wanted.videos.front().model;
        for (const Graphics& implied : wanted.graphics)
            if (display && implied.info.id == implied_graphics_id)
                notes_.push_back({"graphics[].type", implied.info.id, Fate::defaulted, "ovirt-graphics-type",
                                  "without an Item of its own the display follows from the video card"});
        list(Kind::tpm, true, "tpms[]", have.tpms, wanted.tpms, elements_of(Kind::tpm), plain(encode_tpm), always);
        list(Kind::controller, true, "controllers[]", have.controllers, wanted.controllers,
             elements_of(Kind::controller), plain(encode_controller), explain);
        list(Kind::sound, true, "sounds[]", have.sounds, wanted.sounds, elements_of(Kind::sound), plain(encode_sound),
             [&](const SimpleDevice& s, const SimpleDevice* old) { return explain_sound(s, old, notes_); });
        list(Kind::watchdog, true, "watchdogs[]", have.watchdogs, wanted.watchdogs, elements_of(Kind::watchdog),
             plain(encode_watchdog), always);
        list(Kind::rng, true, "rngs[]", have.rngs, wanted.rngs, elements_of(Kind::rng), plain(encode_rng),
             [&](const SimpleDevice& r, const SimpleDevice* old) { return explain_rng(r, old, notes_); });
        list(Kind::serial, true, "serials[]", have.serials, wanted.serials, elements_of(Kind::serial),
             plain(encode_serial), explain);
        list(Kind::other, true, "others[]", have.others, wanted.others, elements_of(Kind::other), plain(encode_other),
             explain);
    }

    static constexpr auto always = [](const auto&, const auto*) { return true; };

    XmlDocument& document_;
    Element system_;
    const EnvelopeParts& layout_;
    const Form& form_;
    const Envelope& have_envelope_;
    const Envelope& wanted_envelope_;
    const VirtualSystem& have_;
    const VirtualSystem& wanted_;
    Encoding before_, after_;
    WriteContext& context_;
    std::vector<LossNote>& notes_;
    SystemParts parts_;
    std::vector<ItemRef> items_;
    std::string seed_;
    Element hardware_, last_, first_special_;
};

/// Networks: real names from 4.2 on; before, a constant that is left alone.
void networks(XmlDocument& document, const EnvelopeParts& layout, const Form& form, const Envelope& have,
              const Envelope& wanted, std::vector<LossNote>& notes) {
    if (have.networks == wanted.networks) return;
    if (form.fixed_networks) {
        for (const Network& network : wanted.networks) {
            bool used = false;
            for (const VirtualSystem& system : wanted.systems)
                for (const Nic& nic : system.hardware.nics) used = used || nic.network == network.name;
            notes.push_back({"networks[].name", network.name, used ? Fate::defaulted : Fate::dropped,
                             "ovirt-networks-fixed",
                             used ? "before 4.2 the network section is a constant; the NICs name their networks"
                                  : "before 4.2 the network section is a constant, and no NIC uses this network"});
        }
        return;
    }
    std::vector<Element> present;
    for (Element child = layout.networks.first(); child; child = child.next())
        if (child.is_lax(Ns::ovf, "Network")) present.push_back(child);
    const Element last = present.empty() ? layout.networks.child_lax(Ns::ovf, "Info") : present.back();
    const auto holds = [](const std::vector<Network>& list, std::string_view name) {
        return std::any_of(list.begin(), list.end(), [&](const Network& n) { return n.name == name; });
    };
    std::vector<Element> gone;
    for (const Element& element : present)
        if (!holds(wanted.networks, element.attribute_lax(Ns::ovf, "name").value())) gone.push_back(element);
    std::size_t renamed = 0;
    for (const Network& network : wanted.networks) {
        if (holds(have.networks, network.name)) continue;
        if (renamed < gone.size()) {
            edit_attribute(document, gone[renamed++], Ns::ovf, "name", network.name);
        } else if (layout.networks) {
            Fragment added = body_element(form, "Network", {});
            added.attributes.push_back({Ns::ovf, "name", network.name});
            insert(document, layout.networks, last, added);
        }
    }
    for (; renamed < gone.size(); ++renamed) document.erase(gone[renamed]);
}

}  // namespace

void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    const bool forced = std::any_of(have.systems.begin(), have.systems.end(), [&](const VirtualSystem& system) {
        return context.options.balloon && *context.options.balloon != system.hardware.balloon.state;
    });
    if (have == wanted && !forced) return;
    const EnvelopeParts layout = envelope_parts(document);
    const Form form = form_of(document, layout);
    // What skeleton() began has no hardware yet.
    const bool in_place = std::any_of(have.systems.begin(), have.systems.end(), [](const VirtualSystem& system) {
        return system.hardware.cpu.count || system.hardware.memory.boot_bytes;
    });
    const DiskNames before(have, have, form), after(wanted, have, form);
    note_unsupported(have, wanted, notes);
    networks(document, layout, form, have, wanted, notes);
    update_volumes(document, layout, form, have, wanted, after, notes);
    const std::size_t systems = std::min({layout.systems.size(), have.systems.size(), wanted.systems.size()});
    for (std::size_t i = 0; i < systems; ++i)
        SystemUpdate(document, layout.systems[i], layout, form, have, wanted, have.systems[i], wanted.systems[i],
                     before, after, context, notes)
            .run(in_place);
    if (wanted.systems.size() > 1 && !in_place)
        notes.push_back({"name",
                         {},
                         Fate::approximated,
                         "ovirt-systems-several",
                         "the engine reads only the first VM of a descriptor; write one file for each"});
}

}  // namespace ovfkit::detail::ovirt
