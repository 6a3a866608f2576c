#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/layout.hpp"
#include "dialect/virtualbox/machine.hpp"
#include "dialect/virtualbox/words.hpp"

namespace ovfkit::detail::virtualbox {

namespace {

class Reader {
public:
    Reader(Machine& machine, const VirtualSystem& plain, Diagnostics& diagnostics)
        : m_(machine), plain_(plain), h_(machine.says.hardware), diagnostics_(diagnostics) {}

    void run() {
        read_identity();
        m_.hardware = named(m_.element, "Hardware");
        if (!m_.hardware) return;
        read_sizes();
        read_firmware();
        read_boot();
        read_display();
        read_adapters();
        read_serials();
        read_parallels();
        read_sound();
        read_usb();
        read_settings();
    }

private:
    void report_rule(std::string_view rule, Element where, std::string message) {
        report(diagnostics_, rule, where, std::move(message));
    }

    static Attribute attribute(Element element, std::string_view name) { return element.attribute_lax(Ns::vbox, name); }

    /// The neutral word of an attribute; taken when it is known, reported when it is not.
    std::optional<std::string> word(Element element, std::string_view name, Words kind) {
        const Attribute found = attribute(element, name);
        if (!found) return std::nullopt;
        const auto neutral = from_settings(kind, trimmed(found.value()));
        if (!neutral) {
            report_rule("virtualbox-word-unknown", element,
                        fmt::format("{}/@{} is '{}', which VirtualBox does not have; it is not used", element.local(),
                                    name, printable(found.value(), 60)));
            return std::nullopt;
        }
        (void)found.take();
        return std::string(*neutral);
    }

    /// Taken when it is one, unless `take` says otherwise.
    std::optional<std::uint32_t> number(Element element, std::string_view name, std::uint32_t max,
                                        std::string_view rule = "virtualbox-number-invalid", bool take = true) {
        const Attribute found = attribute(element, name);
        if (!found) return std::nullopt;
        const auto value = to_number<std::uint32_t>(trimmed(found.value()));
        if (!value || *value > max) {
            report_rule(rule, element,
                        fmt::format("{}/@{} is '{}', not a number from 0 to {}; it is not used", element.local(), name,
                                    printable(found.value(), 60), max));
            return std::nullopt;
        }
        if (take) (void)found.take();
        return value;
    }

    std::optional<bool> boolean(Element element, std::string_view name) {
        const Attribute found = attribute(element, name);
        const auto value = to_boolean(trimmed(found.value()));
        if (value) (void)found.take();
        return value;
    }

    void read_identity() {
        const Element e = m_.element;
        VirtualSystem& says = m_.says;
        (void)e.attribute(Ns::ovf, "required").take();
        const std::string name(trimmed(attribute(e, "name").value()));
        if (name != plain_.id) says.name = name;
        (void)attribute(e, "name").take();
        const Attribute uuid = attribute(e, "uuid");
        if (const std::string known = normal_uuid(uuid.value()); !known.empty()) {
            if (known != made_uuid("machine", plain_.id)) says.uuid = known;
            (void)uuid.take();
        } else if (uuid) {
            report_rule("virtualbox-word-unknown", e,
                        fmt::format("Machine/@uuid is '{}', not a UUID; it is not used", printable(uuid.value(), 60)));
        }
        const Attribute type = attribute(e, "OSType");
        if (!plain_.os.virtualbox_type.empty() || type.value() != os_type_of(plain_.os))
            says.os.virtualbox_type = std::string(type.value());
        (void)type.take();
        if (const Element text = named(e, "Description")) says.annotation = std::string(text.take());
    }

    void read_sizes() {
        const Element cpu = hardware_part(m_.hardware, "CPU");
        if (const auto count = number(cpu, "count", max_vcpus); count && *count > 0) h_.cpu.count = count;
        if (const auto mib = number(named(m_.hardware, "Memory"), "RAMSize", max_memory_mib); mib && *mib > 0)
            h_.memory.boot_bytes = std::uint64_t{*mib} * mebi;
        if (const auto mib = number(named(m_.hardware, "Guest"), "memoryBalloonSize", max_memory_mib); mib && *mib > 0)
            m_.balloon_bytes = std::uint64_t{*mib} * mebi;
    }

    void read_firmware() {
        if (const auto type = word(named(m_.hardware, "Firmware"), "type", Words::firmware))
            h_.firmware = firmware_from(*type).value_or(Firmware::unspecified);
        h_.machine = word(hardware_part(m_.hardware, "Chipset"), "type", Words::chipset).value_or("");
        m_.says.clock = word(hardware_part(m_.hardware, "RTC"), "localOrUTC", Words::clock).value_or("");
        const Element tpm = named(m_.hardware, "TrustedPlatformModule");
        if (attribute(tpm, "type").value() == "None") return (void)attribute(tpm, "type").take();
        if (const auto version = word(tpm, "type", Words::tpm)) {
            SimpleDevice device;
            device.info.id = "vbox:tpm:0";
            device.info.origin.offset = tpm.offset();
            device.option = *version;
            h_.tpms.push_back(device);
        }
    }

    void read_boot() {
        std::vector<std::pair<std::uint32_t, std::string>> order;
        const Element boot = named(m_.hardware, "Boot");
        for (Element entry = boot.first(); entry; entry = entry.next()) {
            if (entry.local() != "Order") continue;
            const auto position = number(entry, "position", boot_positions, "virtualbox-slot-invalid");
            if (!position) continue;
            if (*position == 0) {
                report_rule("virtualbox-slot-invalid", entry, "Order/@position is 0; positions are 1 to 4");
                continue;
            }
            const auto same = [&](const auto& other) { return other.first == *position; };
            if (std::any_of(order.begin(), order.end(), same)) {
                report_duplicate(entry, "position", *position);
                continue;
            }
            if (auto device = word(entry, "device", Words::boot)) order.emplace_back(*position, *std::move(device));
        }
        std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (const auto& [position, device] : order)
            if (!device.empty()) h_.boot.push_back(device);
    }

    void read_display() {
        const Element display = named(m_.hardware, "Display");
        if (!display) return;
        Video video;
        video.info.id = "vbox:display:0";
        video.info.origin.offset = display.offset();
        video.model = word(display, "controller", Words::display).value_or("");
        if (const auto mib = number(display, "VRAMSize", max_vram_mib)) video.vram_bytes = *mib * mebi;
        video.heads = number(display, "monitorCount", max_monitors);
        if (!video.model.empty() || video.vram_bytes || video.heads) h_.videos.push_back(video);
    }

    void report_duplicate(Element element, std::string_view name, std::uint32_t slot) {
        report_rule("virtualbox-slot-duplicate", element,
                    fmt::format("{}/@{} {} stands twice; the first counts", element.local(), name, slot));
    }

    /// The enabled ones of a container in the order of their slots.
    std::vector<std::pair<std::uint32_t, Element>> slots(Element parent, std::string_view local, std::uint32_t count) {
        std::vector<std::pair<std::uint32_t, Element>> out;
        std::vector<std::uint32_t> seen;
        for (Element child = parent.first(); child; child = child.next()) {
            if (child.local() != local) continue;
            const Attribute enabled = attribute(child, "enabled");
            if (!to_boolean(trimmed(enabled.value())).value_or(false)) continue;
            const auto slot = number(child, "slot", count - 1, "virtualbox-slot-invalid", false);
            if (!slot) continue;
            if (std::find(seen.begin(), seen.end(), *slot) != seen.end()) {
                report_duplicate(child, "slot", *slot);
                continue;
            }
            seen.push_back(*slot);
            (void)enabled.take();
            out.emplace_back(*slot, child);
        }
        std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        // A slot that is left free stays to be named.
        for (std::size_t i = 0; i < out.size(); ++i)
            if (out[i].first == i) (void)attribute(out[i].second, "slot").take();
        return out;
    }

    void read_adapters() {
        for (const auto& [slot, e] : slots(named(m_.hardware, "Network"), "Adapter", adapter_slots)) {
            Nic nic;
            nic.info.id = fmt::format("vbox:adapter:{}", slot);
            nic.info.origin.offset = e.offset();
            const Attribute mac = attribute(e, "MACAddress");
            nic.mac = normal_mac(trimmed(mac.value()));
            if (!nic.mac.empty())
                (void)mac.take();
            else if (mac)
                report_rule("virtualbox-word-unknown", e,
                            fmt::format("Adapter/@MACAddress is '{}', no MAC address; it is not used",
                                        printable(mac.value(), 60)));
            nic.model = word(e, "type", Words::adapter).value_or("");
            nic.link_up = boolean(e, "cable");
            for (Element child = e.first(); child; child = child.next())
                if (const auto kind = from_settings(Words::attachment, child.local())) {
                    nic.attachment = std::string(*kind);
                    (void)child.take();
                    break;
                }
            h_.nics.push_back(std::move(nic));
            m_.adapters.push_back(e);
        }
    }

    void take_usual(Element port, PortAddress usual) {
        for (const auto& [name, value] : {std::pair("IOBase", usual.base), std::pair("IRQ", usual.irq)})
            if (equal_nocase(attribute(port, name).value(), value)) (void)attribute(port, name).take();
    }

    void read_serials() {
        for (const auto& [slot, e] : slots(named(m_.hardware, "UART"), "Port", serial_slots)) {
            CharacterDevice port;
            port.info.id = fmt::format("vbox:uart:{}", slot);
            port.info.origin.offset = e.offset();
            port.backend = word(e, "hostMode", Words::port).value_or("");
            port.target = std::string(attribute(e, "path").take());
            if (const Attribute server = attribute(e, "server"))
                port.info.parameters.push_back({std::string(setting_space), "server", std::string(server.take())});
            take_usual(e, serial_address(slot));
            h_.serials.push_back(std::move(port));
            m_.serials.push_back(e);
        }
    }

    void read_parallels() {
        for (const auto& [slot, e] : slots(named(m_.hardware, "LPT"), "Port", parallel_slots)) {
            CharacterDevice port;
            port.info.id = fmt::format("vbox:lpt:{}", slot);
            port.info.origin.offset = e.offset();
            port.target = std::string(attribute(e, "path").take());
            if (!port.target.empty()) port.backend = "device";
            take_usual(e, parallel_address(slot));
            h_.parallels.push_back(std::move(port));
            m_.parallels.push_back(e);
        }
    }

    void read_sound() {
        const Element audio = named(m_.hardware, "AudioAdapter");
        if (!boolean(audio, "enabled").value_or(false)) return;
        SimpleDevice sound;
        sound.info.id = "vbox:audio:0";
        sound.info.origin.offset = audio.offset();
        sound.model = word(audio, "controller", Words::audio).value_or("");
        h_.sounds.push_back(std::move(sound));
    }

    /// EHCI always comes with OHCI: the strongest controller stands for them.
    void read_usb() {
        Controller usb;
        usb.type = ControllerType::usb;
        usb.info.id = "vbox:usb:0";
        if (const Element old = named(m_.hardware, "USBController")) {
            m_.old_usb = true;
            if (!boolean(old, "enabled").value_or(false)) return;
            usb.info.origin.offset = old.offset();
            usb.model = boolean(old, "enabledEhci").value_or(false) ? "ich9-ehci1" : "pci-ohci";
            h_.controllers.push_back(std::move(usb));
            return;
        }
        const Element all = named(named(m_.hardware, "USB"), "Controllers");
        for (Element e = all.first(); e; e = e.next()) {
            if (e.local() != "Controller") continue;
            const auto model = word(e, "type", Words::usb);
            if (!model) continue;
            (void)attribute(e, "name").take();
            usb.info.origin.offset = e.offset();
            if (usb.model.empty() || *model == "qemu-xhci" || usb.model == "pci-ohci") usb.model = *model;
        }
        if (!usb.model.empty()) h_.controllers.push_back(std::move(usb));
    }

    void read_settings() {
        for (const Setting& setting : settings) {
            const Element parent = setting.parent.empty() ? m_.hardware : hardware_part(m_.hardware, setting.parent);
            const Attribute found = attribute(named(parent, setting.element), setting.attribute);
            if (found && !found.value().empty())
                m_.says.parameters.push_back(
                    {std::string(setting_space), std::string(setting.key), std::string(found.take())});
        }
    }

    Machine& m_;
    const VirtualSystem& plain_;
    Hardware& h_;
    Diagnostics& diagnostics_;
};

std::string bare(std::string_view uuid) {
    uuid = trimmed(uuid);
    if (uuid.size() > 1 && uuid.front() == '{' && uuid.back() == '}') uuid = uuid.substr(1, uuid.size() - 2);
    return to_lower(uuid);
}

}  // namespace

Element named(Element parent, std::string_view local) {
    for (Element child = parent.first(); child; child = child.next())
        if (child.local() == local) return child;
    return {};
}

Element machine_element(Element system) { return system.child(Ns::vbox, "Machine"); }

Element hardware_part(Element hardware, std::string_view local) {
    if (const Element own = named(hardware, local)) return own;
    return named(named(hardware.parent(), "Platform"), local);
}

Element storage_controllers(Element machine) {
    if (const Element own = named(machine, "StorageControllers")) return own;
    return named(named(machine, "Hardware"), "StorageControllers");
}

Machine read_machine(Element element, const VirtualSystem& plain, Diagnostics& diagnostics) {
    Machine out;
    out.element = element;
    if (element) Reader(out, plain, diagnostics).run();
    return out;
}

std::vector<DiskUuid> disk_uuids(const XmlDocument& document) {
    std::vector<DiskUuid> out;
    const Element section = disk_section(document);
    for (Element disk = section.first(); disk; disk = disk.next())
        if (disk.is_lax(Ns::ovf, "Disk"))
            out.push_back({std::string(disk.attribute_lax(Ns::ovf, "diskId").value()),
                           bare(disk.attribute(Ns::vbox, "uuid").value()), disk});
    return out;
}

void check_images(Element machine, const std::vector<DiskUuid>& disks, const VirtualSystem& system,
                  Diagnostics& diagnostics) {
    const Element all = storage_controllers(machine);
    if (!all) return;
    std::unordered_map<std::string_view, const DiskUuid*> by_uuid;
    for (const DiskUuid& disk : disks)
        if (!disk.uuid.empty()) by_uuid.emplace(disk.uuid, &disk);
    std::unordered_set<std::string_view> attached;
    for (Element controller = all.first(); controller; controller = controller.next())
        for (Element device = controller.first(); device; device = device.next()) {
            const Attribute uuid = named(device, "Image").attribute_lax(Ns::vbox, "uuid");
            if (!uuid || device.local() != "AttachedDevice") continue;
            const auto disk = by_uuid.find(bare(uuid.value()));
            if (disk == by_uuid.end()) {
                report(diagnostics, "virtualbox-image-dangling", device,
                       fmt::format("vbox:Machine attaches the image {}, which no Disk has as vbox:uuid; VirtualBox "
                                   "refuses that",
                                   printable(uuid.value(), 60)));
                continue;
            }
            (void)uuid.take();
            (void)disk->second->disk.attribute(Ns::vbox, "uuid").take();
            attached.insert(disk->second->disk_id);
        }
    for (const Drive& drive : system.hardware.drives)
        if (drive.kind == DriveKind::disk && !drive.disk_id.empty() && attached.count(drive.disk_id) == 0)
            report(diagnostics, "virtualbox-machine-conflict", all,
                   fmt::format("the Items have the disk '{}', which vbox:Machine does not attach; the Items count",
                               printable(drive.disk_id, 80)));
}

}  // namespace ovfkit::detail::virtualbox
