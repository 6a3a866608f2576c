#include "dialect/virtualbox/machine_write.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/values.hpp"
#include "dialect/virtualbox/words.hpp"

namespace ovfkit::detail::virtualbox {

namespace {

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

std::string braced(const std::string& uuid) { return "{" + uuid + "}"; }

/// VirtualBox's word; the one that stands there when it means the same.
std::string word_for(Words kind, std::string_view neutral, std::string_view there) {
    if (const auto means = from_settings(kind, trimmed(there)); means && *means == neutral) return std::string(there);
    return std::string(to_settings(kind, neutral).value_or(""));
}

class Writer {
public:
    Writer(Editing& editing, const Machine& machine, const Division& division, const VirtualSystem& have,
           const VirtualSystem& wanted)
        : editing_(editing),
          document_(editing.document),
          m_(machine),
          before_(machine.says),
          now_(division.says),
          division_(division),
          have_(have),
          wanted_(wanted) {}

    void run() {
        write_identity();
        write_sizes();
        write_firmware();
        write_boot();
        write_display();
        write_adapters();
        write_ports(before_.hardware.serials, now_.hardware.serials, m_.serials, "UART", serial_slots);
        write_ports(before_.hardware.parallels, now_.hardware.parallels, m_.parallels, "LPT", parallel_slots);
        write_sound();
        write_usb();
        write_settings();
        flush();
    }

private:
    // ---------------------------------------------------------------- places

    /// The part of Hardware of that name, when it is there.
    Element there(std::string_view local) const { return m_.hardware ? hardware_part(m_.hardware, local) : Element(); }

    /// A part that is still to be inserted.
    Fragment& pending(std::string_view local) {
        for (Fragment& part : parts_)
            if (part.local == local) return part;
        parts_.push_back(setting_fragment(local, {}));
        return parts_.back();
    }

    void set(Element element, std::string_view name, const std::string& value) {
        const Attribute present = element.attribute_lax(Ns::vbox, name);
        const Ns ns = present ? present.ns(element.raw()) : Ns::none;
        if (present && present.value() == value) return;
        if (!value.empty())
            document_.set_attribute(element, ns, name, value);
        else if (present)
            document_.remove_attribute(element, ns, name);
    }

    void set_part(std::string_view local, const Attributes& attributes) {
        if (const Element element = there(local)) {
            for (const auto& [name, value] : attributes) set(element, name, value);
            return;
        }
        for (const auto& [name, value] : attributes)
            if (!value.empty()) pending(local).attributes.push_back({Ns::none, std::string(name), value});
    }

    void add_child(std::string_view local, Fragment child) {
        if (const Element element = there(local))
            document_.append(element, child);
        else
            pending(local).children.push_back(std::move(child));
    }

    void flush() {
        if (m_.hardware) {
            for (const Fragment& part : parts_) document_.append(m_.hardware, part);
            return;
        }
        Fragment hardware = setting_fragment("Hardware", {});
        hardware.children = std::move(parts_);
        document_.append(m_.element, hardware);
    }

    // ----------------------------------------------------------------- parts

    void write_identity() {
        const auto name = [](const std::string& own, const VirtualSystem& s) { return own.empty() ? s.id : own; };
        if (name(before_.name, have_) != name(now_.name, wanted_)) set(m_.element, "name", name(now_.name, wanted_));
        if (before_.uuid != now_.uuid || (now_.uuid.empty() && have_.id != wanted_.id && is_made()))
            set(m_.element, "uuid", braced(now_.uuid.empty() ? made_uuid("machine", wanted_.id) : now_.uuid));
        const auto type = [](const std::string& own, const VirtualSystem& s) {
            return own.empty() ? std::string(os_type_of(s.os)) : own;
        };
        if (before_.os.virtualbox_type != now_.os.virtualbox_type || have_.os.cim_id != wanted_.os.cim_id)
            set(m_.element, "OSType", type(now_.os.virtualbox_type, wanted_));
        if (before_.annotation != now_.annotation) write_description();
    }

    bool is_made() const {
        return normal_uuid(m_.element.attribute_lax(Ns::vbox, "uuid").value()) == made_uuid("machine", have_.id);
    }

    void write_description() {
        const Element text = named(m_.element, "Description");
        if (text && now_.annotation.empty()) return document_.erase(text);
        if (text) return document_.set_text(text, now_.annotation);
        Fragment added = setting_fragment("Description", {});
        added.text = now_.annotation;
        document_.append(m_.element, added);
    }

    /// VirtualBox needs a number it can give; the Items keep the other.
    template <class T>
    std::string at_most(std::optional<T> value, std::uint32_t limit, std::string_view field) {
        if (!value || *value <= limit) return number_text(value);
        editing_.notes.push_back({std::string(field), "", Fate::approximated, "virtualbox-size-limit",
                                  fmt::format("VirtualBox has {} at most: that is in vbox:Machine", limit)});
        return std::to_string(limit);
    }

    void write_sizes() {
        const auto mib = [](std::optional<std::uint64_t> bytes) {
            return bytes ? std::to_string(*bytes / mebi) : std::string{};
        };
        if (before_.hardware.cpu.count != now_.hardware.cpu.count)
            set_part("CPU", {{"count", at_most(wanted_.hardware.cpu.count, max_cpus, "cpu.count")}});
        const auto ram = wanted_.hardware.memory.boot_bytes;
        if (before_.hardware.memory.boot_bytes != now_.hardware.memory.boot_bytes && ram)
            set_part("Memory", {{"RAMSize", at_most(std::optional(*ram / mebi), max_memory_mib, "memory.boot_bytes")}});
        if (m_.balloon_bytes != division_.balloon_bytes)
            set_part("Guest", {{"memoryBalloonSize", mib(division_.balloon_bytes.value_or(0))}});
    }

    void write_word(std::string_view local, std::string_view attribute, Words kind, std::string_view before,
                    std::string_view now) {
        if (before == now) return;
        const std::string_view old = there(local).attribute_lax(Ns::vbox, attribute).value();
        set_part(local, {{attribute, now.empty() ? std::string{} : word_for(kind, now, old)}});
    }

    void write_firmware() {
        write_word("Firmware", "type", Words::firmware, to_string(before_.hardware.firmware),
                   to_string(now_.hardware.firmware));
        write_word("Chipset", "type", Words::chipset, before_.hardware.machine, now_.hardware.machine);
        write_word("RTC", "localOrUTC", Words::clock, before_.clock, now_.clock);
        const auto version = [](const VirtualSystem& s) {
            return s.hardware.tpms.empty() ? std::string_view{} : std::string_view(s.hardware.tpms.front().option);
        };
        write_word("TrustedPlatformModule", "type", Words::tpm, version(before_), version(now_));
    }

    void write_boot() {
        const auto& order = now_.hardware.boot;
        if (before_.hardware.boot == order) return;
        const Element boot = there("Boot");
        if (boot && order.empty()) return document_.erase(boot);
        std::array<Element, boot_positions + 1> entries;
        for (Element entry = boot.first(); entry; entry = entry.next()) {
            const auto position =
                to_number<std::uint32_t>(trimmed(entry.attribute_lax(Ns::vbox, "position").value()));
            if (entry.local() == "Order" && position && *position <= boot_positions && !entries.at(*position))
                entries.at(*position) = entry;
        }
        for (std::size_t i = 1; i <= boot_positions; ++i) {
            const std::string device(to_settings(Words::boot, i <= order.size() ? order[i - 1] : "").value_or("None"));
            if (entries.at(i))
                set(entries.at(i), "device", device);
            else
                add_child("Boot", setting_fragment("Order", {{"position", std::to_string(i)}, {"device", device}}));
        }
    }

    void write_display() {
        static const Video none{};
        const auto first = [](const VirtualSystem& s) { return s.hardware.videos.empty() ? none : s.hardware.videos[0]; };
        const Video before = first(before_), now = first(now_);
        if (before.model != now.model || before.vram_bytes != now.vram_bytes || before.heads != now.heads)
            set_part("Display", {{"controller", now.model.empty() ? std::string{}
                                                                  : word_for(Words::display, now.model, "")},
                                 {"VRAMSize", now.vram_bytes ? std::to_string(*now.vram_bytes / mebi) : std::string{}},
                                 {"monitorCount", number_text(now.heads)}});
    }

    // ----------------------------------------------------------------- slots

    /// Which of the devices there becomes which: by id while their order stays, else one for one.
    template <class Device>
    static std::vector<std::size_t> matched(const std::vector<Device>& before, const std::vector<Device>& now) {
        std::vector<std::size_t> out;
        bool ordered = true;
        for (const Device& device : now) {
            std::size_t at = before.size();
            for (std::size_t i = 0; i < before.size(); ++i)
                if (!device.info.id.empty() && before[i].info.id == device.info.id) at = i;
            ordered = ordered && (out.empty() || at == before.size() || (out.back() < at));
            out.push_back(at);
        }
        if (!ordered)
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::min(i, before.size());
        return out;
    }

    static std::optional<std::uint32_t> slot_of(Element element) {
        return to_number<std::uint32_t>(trimmed(element.attribute_lax(Ns::vbox, "slot").value()));
    }

    /// Calls `edit(element, before, now)` for those that stay and `make(slot, element, now)` for new ones, whose
    /// slot may have an element that is off.
    template <class Device, class Edit, class Make>
    void write_slots(const std::vector<Device>& before, const std::vector<Device>& now,
                     const std::vector<Element>& elements, Element container, std::uint32_t count, Edit&& edit,
                     Make&& make) {
        const auto match = matched(before, now);
        std::vector<bool> kept(before.size(), false);
        std::uint32_t next = 0;
        for (std::size_t j = 0; j < now.size(); ++j)
            if (match[j] < before.size()) {
                kept[match[j]] = true;
                edit(elements[match[j]], before[match[j]], now[j]);
                next = std::max(next, slot_of(elements[match[j]]).value_or(0) + 1);
            }
        for (std::size_t j = 0; j < now.size() && next < count; ++j) {
            if (match[j] < before.size()) continue;
            Element off;
            for (Element child = container.first(); child && !off; child = child.next())
                if (slot_of(child) == next) off = child;
            for (std::size_t i = 0; i < elements.size(); ++i) kept[i] = kept[i] || elements[i] == off;
            make(next++, off, now[j]);
        }
        for (std::size_t i = 0; i < before.size(); ++i)
            if (!kept[i]) set(elements[i], "enabled", "false");
    }

    static std::string mac_of(const Nic& nic) {
        std::string out;
        for (const char c : nic.mac)
            if (c != ':') out += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
        return out;
    }

    const Nic* wanted_nic(const Nic& share) const {
        const auto at = static_cast<std::size_t>(&share - now_.hardware.nics.data());
        return at < wanted_.hardware.nics.size() ? &wanted_.hardware.nics[at] : nullptr;
    }

    /// What an adapter is attached to; a new one of which nothing is said gets NAT.
    std::vector<Fragment> attachment(const Nic& share, bool is_new) {
        const Nic* nic = wanted_nic(share);
        const bool open = nic == nullptr || nic->attachment.empty();
        if (share.attachment.empty() && !(open && is_new)) {
            if (!open)
                editing_.notes.push_back({"nics[].attachment", nic->info.id, Fate::approximated,
                                          "virtualbox-nic-attachment",
                                          fmt::format("VirtualBox has no '{}': its adapter is attached to nothing",
                                                      printable(nic->attachment, 60))});
            return {};
        }
        if (share.attachment.empty())
            editing_.notes.push_back({"nics[].attachment", nic != nullptr ? nic->info.id : "", Fate::defaulted,
                                      "virtualbox-nic-attachment",
                                      "vbox:Machine attaches every adapter to something: NAT is written"});
        const std::string kind(share.attachment.empty()
                                   ? "NAT"
                                   : to_settings(Words::attachment, share.attachment).value_or("NAT"));
        return {setting_fragment(
            kind, {{"name", kind == "NAT" || nic == nullptr ? std::string{} : nic->network}})};
    }

    void write_adapters() {
        const auto attributes = [](const Nic& nic, std::string_view type) {
            return Attributes{{"MACAddress", mac_of(nic)},
                              {"cable", std::string(boolean_text(nic.link_up))},
                              {"type", nic.model.empty() ? std::string{} : word_for(Words::adapter, nic.model, type)}};
        };
        const auto attach = [&](Element adapter, const Nic& nic, bool is_new) {
            for (Element child = adapter.first(); child; child = child.next())
                if (from_settings(Words::attachment, child.local())) document_.erase(child);
            for (const Fragment& child : attachment(nic, is_new)) document_.append(adapter, child);
        };
        write_slots(
            before_.hardware.nics, now_.hardware.nics, m_.adapters, there("Network"), adapter_slots,
            [&](Element e, const Nic& before, const Nic& now) {
                if (before.mac != now.mac) set(e, "MACAddress", mac_of(now));
                if (before.link_up != now.link_up) set(e, "cable", std::string(boolean_text(now.link_up)));
                if (before.model != now.model) set(e, "type", attributes(now, "")[2].second);
                if (before.attachment != now.attachment) attach(e, now, false);
            },
            [&](std::uint32_t slot, Element off, const Nic& nic) {
                if (off) {
                    set(off, "enabled", "true");
                    for (const auto& [name, value] : attributes(nic, "")) set(off, name, value);
                    return attach(off, nic, true);
                }
                Attributes all{{"slot", std::to_string(slot)}, {"enabled", "true"}};
                for (auto& attribute : attributes(nic, "")) all.push_back(attribute);
                Fragment added = setting_fragment("Adapter", all);
                added.children = attachment(nic, true);
                add_child("Network", std::move(added));
            });
    }

    static std::string server_of(const CharacterDevice& port) {
        return port.info.parameters.empty() ? std::string{} : port.info.parameters.front().value;
    }

    void write_ports(const std::vector<CharacterDevice>& before, const std::vector<CharacterDevice>& now,
                     const std::vector<Element>& elements, std::string_view container, std::uint32_t count) {
        const bool serial = container == "UART";
        const auto mode = [](const CharacterDevice& port) {
            return std::string(to_settings(Words::port, port.backend).value_or("Disconnected"));
        };
        const auto say = [&](Element e, const CharacterDevice& port) {
            if (serial) set(e, "hostMode", mode(port));
            set(e, "path", port.target);
            if (serial) set(e, "server", server_of(port));
        };
        write_slots(
            before, now, elements, there(container), count,
            [&](Element e, const CharacterDevice& was, const CharacterDevice& port) {
                if (was.backend != port.backend || was.target != port.target || server_of(was) != server_of(port))
                    say(e, port);
            },
            [&](std::uint32_t slot, Element off, const CharacterDevice& port) {
                if (off) {
                    set(off, "enabled", "true");
                    return say(off, port);
                }
                const PortAddress usual = serial ? serial_address(slot) : parallel_address(slot);
                Attributes all{{"slot", std::to_string(slot)},
                               {"enabled", "true"},
                               {"IOBase", std::string(usual.base)},
                               {"IRQ", std::string(usual.irq)}};
                if (serial) all.emplace_back("hostMode", mode(port));
                all.emplace_back("path", port.target);
                if (serial) all.emplace_back("server", server_of(port));
                add_child(container, setting_fragment("Port", all));
            });
    }

    // ------------------------------------------------------------------ rest

    void write_sound() {
        const auto &before = before_.hardware.sounds, &now = now_.hardware.sounds;
        if (before.empty() && now.empty()) return;
        if (now.empty()) return set_part("AudioAdapter", {{"enabled", "false"}});
        const auto controller = [](const SimpleDevice& sound) {
            return std::string(sound.model.empty() ? std::string_view{}
                                                   : to_settings(Words::audio, sound.model).value_or(""));
        };
        if (before.empty() || controller(before[0]) != controller(now[0]))
            set_part("AudioAdapter", {{"controller", controller(now[0])}, {"enabled", "true"}});
    }

    void write_usb() {
        const auto model = [](const VirtualSystem& s) {
            return s.hardware.controllers.empty() ? std::string{} : s.hardware.controllers[0].model;
        };
        const std::string now = model(now_);
        if (model(before_) == now) return;
        if (m_.old_usb)
            return set_part("USBController", {{"enabled", now.empty() ? "false" : "true"},
                                              {"enabledEhci", now == "ich9-ehci1" ? "true" : "false"}});
        std::vector<Fragment> wanted;
        const auto add = [&](const char* name, const char* type) {
            wanted.push_back(setting_fragment("Controller", {{"name", name}, {"type", type}}));
        };
        if (now == "qemu-xhci") add("xHCI", "XHCI");
        if (now == "pci-ohci" || now == "ich9-ehci1") add("OHCI", "OHCI");
        if (now == "ich9-ehci1") add("EHCI", "EHCI");
        const Element controllers = named(there("USB"), "Controllers");
        for (Element child = controllers.first(); child; child = child.next())
            if (child.local() == "Controller") document_.erase(child);
        if (controllers) {
            for (const Fragment& child : wanted) document_.append(controllers, child);
            return;
        }
        if (wanted.empty()) return;
        Fragment all = setting_fragment("Controllers", {});
        all.children = std::move(wanted);
        add_child("USB", std::move(all));
    }

    void write_settings() {
        if (before_.parameters == now_.parameters) return;
        const auto value = [](const VirtualSystem& s, std::string_view key) {
            for (const Parameter& parameter : s.parameters)
                if (parameter.key == key) return parameter.value;
            return std::string{};
        };
        for (const Setting& setting : settings) {
            const std::string now = value(now_, setting.key);
            if (value(before_, setting.key) == now) continue;
            if (setting.parent.empty()) {
                set_part(setting.element, {{setting.attribute, now}});
            } else if (const Element element = named(there(setting.parent), setting.element)) {
                set(element, setting.attribute, now);
            } else {
                add_child(setting.parent, setting_fragment(setting.element, {{setting.attribute, now}}));
            }
        }
    }

    Editing& editing_;
    XmlDocument& document_;
    const Machine& m_;
    const VirtualSystem& before_;
    const VirtualSystem& now_;
    const Division& division_;
    const VirtualSystem& have_;
    const VirtualSystem& wanted_;
    std::vector<Fragment> parts_;
};

}  // namespace

Fragment setting_fragment(std::string_view local,
                          const std::vector<std::pair<std::string_view, std::string>>& attributes) {
    Fragment out;
    out.local = std::string(local);
    for (const auto& [name, value] : attributes) add_attribute(out, Ns::none, name, value);
    return out;
}

void write_machine(Editing& editing, const Machine& machine, const Division& division, const VirtualSystem& have,
                   const VirtualSystem& wanted) {
    Writer(editing, machine, division, have, wanted).run();
    write_storage(editing, machine, have, wanted);
}

}  // namespace ovfkit::detail::virtualbox
