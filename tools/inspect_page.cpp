#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/environment.hpp>

#include "inspect.hpp"
#include "table.hpp"

// Every text of the source goes through printable().
namespace ovfkit::tool {

namespace {

template <class T>
std::string number(const std::optional<T>& value) {
    return value ? fmt::format("{}", *value) : std::string{};
}

std::string yes_no(const std::optional<bool>& value, std::string_view yes, std::string_view no = {}) {
    return !value ? std::string{} : std::string(*value ? yes : no);
}

/// The texts that are there, with a comma between.
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
    std::string out;
    for (const std::string& part : parts)
        if (!part.empty()) out += fmt::format("{}{}", out.empty() ? std::string_view{} : separator, part);
    return out;
}

std::string labelled(std::string_view label, const std::string& value) {
    return value.empty() ? value : fmt::format("{} {}", label, value);
}

std::string row(std::string_view label, const std::string& value) {
    return value.empty() ? std::string{} : fmt::format("  {:<12}{}\n", label, value);
}

std::string section(std::string_view title, const Table& table, std::string_view indent = "    ") {
    return table.empty() ? std::string{} : fmt::format("{}{}\n{}", indent.substr(2), title, table.text(indent));
}

std::string head(const Source& source) {
    const Envelope& envelope = source.envelope();
    const Format* format = find_format(source.format());
    const std::string what =
        source.document() == nullptr
            ? std::string(format == nullptr ? source.format() : format->title)
            : joined({"OVF", printable(envelope.ovf_version)}, " ") + fmt::format(", {} dialect", source.format());
    return fmt::format("{}: {}\n", printable(source.name()),
                       joined({what, labelled("written by", printable(envelope.producer))}));
}

std::string os_text(const OperatingSystem& os) {
    const std::string ids = joined({labelled("CIM", number(os.cim_id)), printable(vendor_os(os))});
    const std::string name = printable(os.description);
    return name.empty() || ids.empty() ? joined({name, ids}) : fmt::format("{} ({})", name, ids);
}

std::string cpu_text(const Cpu& cpu) {
    std::string topology;
    if (cpu.sockets || cpu.cores || cpu.threads)
        topology = joined({labelled("sockets", number(cpu.sockets)), labelled("cores per socket", number(cpu.cores)),
                           labelled("threads per core", number(cpu.threads))});
    return joined({number(cpu.count), labelled("up to", number(cpu.maximum)), topology, printable(cpu.model)});
}

std::string memory_text(const Memory& memory) {
    return joined({human_size(memory.boot_bytes), labelled("at start", human_size(memory.target_bytes)),
                   labelled("never below", human_size(memory.guaranteed_bytes)),
                   labelled("up to", human_size(memory.maximum_bytes))});
}

/// What an unspecified balloon amounts to, platform by platform.
std::string absence_text(std::string_view arch) {
    std::string on, off;
    for (const std::string_view platform : {"libvirt", "ganeti", "ovirt", "qemu", "proxmox"}) {
        std::string& side = effective(BalloonState::unspecified, platform, arch) == BalloonState::enabled ? on : off;
        side += fmt::format("{}{}", side.empty() ? "" : ", ", platform);
    }
    return fmt::format("not said: on with {}; off with {}", on, off);
}

std::string balloon_text(const Hardware& hardware) {
    const MemoryBalloon& balloon = hardware.balloon;
    std::string meaning;
    switch (balloon.state) {
        case BalloonState::unspecified:
            meaning = absence_text(hardware.arch);
            break;
        case BalloonState::disabled:
            meaning = "the guest keeps its memory";
            break;
        case BalloonState::enabled:
            meaning = "the host may take memory back from the guest";
            break;
    }
    const std::string period = number(balloon.stats_period_seconds);
    const std::string details =
        joined({std::string(to_string(balloon.model)), yes_no(balloon.autodeflate, "autodeflate on", "autodeflate off"),
                yes_no(balloon.free_page_reporting, "free page reporting on", "free page reporting off"),
                period.empty() ? period : fmt::format("statistics every {} s", period)});
    return fmt::format("{}{} ({})", to_string(balloon.state), details.empty() ? "" : ", " + details, meaning);
}

std::string machine_text(const Hardware& hardware) {
    return joined({printable(hardware.machine), printable(hardware.arch), printable(hardware.system_type)});
}

const VirtualDisk* disk_of(const Envelope& envelope, const Drive& drive) {
    const auto found = std::find_if(envelope.disks.begin(), envelope.disks.end(),
                                    [&](const VirtualDisk& x) { return x.id == drive.disk_id; });
    return drive.disk_id.empty() || found == envelope.disks.end() ? nullptr : &*found;
}

std::string file_of(const Envelope& envelope, const std::string& id) {
    const auto found =
        std::find_if(envelope.files.begin(), envelope.files.end(), [&](const FileReference& x) { return x.id == id; });
    return id.empty()                      ? std::string{}
           : found == envelope.files.end() ? fmt::format("{} (not found)", printable(id))
                                           : printable(found->href);
}

Table drives_of(const Envelope& envelope, const Hardware& hardware) {
    Table out({"ID", "KIND", "SIZE", "AT", "DISK", "FILE", "NOTES"});
    for (const Drive& drive : hardware.drives) {
        const VirtualDisk* disk = disk_of(envelope, drive);
        const std::string at = drive.controller.empty()
                                   ? joined({printable(drive.interface), number(drive.unit)}, ":")
                                   : fmt::format("{}:{}", printable(drive.controller), number(drive.unit));
        const std::string& file = disk != nullptr ? disk->file_id : drive.file_id;
        out.add({printable(drive.info.id), std::string(to_string(drive.kind)),
                 disk == nullptr ? std::string{} : human_size(disk->capacity_bytes), at, printable(drive.disk_id),
                 drive.source.empty() ? file_of(envelope, file) : printable(drive.source),
                 joined({yes_no(drive.read_only, "read-only"), yes_no(drive.shareable, "shareable"),
                         yes_no(drive.connected, "", "not connected"), labelled("boots", number(drive.boot_index))})});
    }
    return out;
}

std::string hardware_tables(const Envelope& envelope, const Hardware& hardware) {
    Table controllers({"ID", "TYPE", "MODEL", "ADDRESS"});
    for (const Controller& x : hardware.controllers)
        controllers.add({printable(x.info.id), std::string(to_string(x.type)), printable(x.model), number(x.address)});
    Table nics({"ID", "NETWORK", "MODEL", "MAC", "NOTES"});
    for (const Nic& x : hardware.nics)
        nics.add({printable(x.info.id), printable(x.network), printable(x.model), printable(x.mac),
                  joined({yes_no(x.connected, "", "not connected"), yes_no(x.link_up, "", "link down"),
                          labelled("boots", number(x.boot_index))})});
    Table others({"ID", "TYPE", "MODEL"});
    for (const OtherRow& x : other_devices(hardware))
        others.add({printable(x.id), printable(x.type), printable(x.model)});
    return section("Controllers", controllers) + section("Drives", drives_of(envelope, hardware)) +
           section("Network cards", nics) + section("Other devices", others);
}

std::string properties(const Envelope& envelope, const std::vector<Product>& products, std::string_view indent) {
    Table out({"KEY", "TYPE", "VALUE", "NOTES", "LABEL"});
    for (const Product& product : products)
        for (const Property& x : product.properties)
            out.add({printable(property_key(product, x)), printable(x.type),
                     x.password ? "(a password)" : printable(property_value(x, envelope.configuration), 60),
                     x.user_configurable ? "may be set" : "", printable(x.label, 60)});
    return section("Properties", out, indent);
}

std::string system_text(const Envelope& envelope, const VirtualSystem& system) {
    const Hardware& hardware = system.hardware;
    const std::string name = printable(system.name.empty() ? system.id : system.name);
    const std::string firmware(to_string(hardware.firmware));
    std::string boot;
    for (const std::string& word : hardware.boot) boot = joined({boot, printable(word)});
    std::string product;
    if (!system.products.empty()) {
        const Product& x = system.products.front();
        product = joined({joined({printable(x.product), printable(x.version)}, " "), printable(x.vendor)});
    }
    std::string out =
        fmt::format("\n{} {}{}\n", system.is_template ? "Template" : "Virtual machine", name,
                    system.id.empty() || system.id == system.name ? "" : fmt::format(" (id {})", printable(system.id)));
    out += row("Product", product);
    out += row("System", os_text(system.os));
    out += row("CPUs", cpu_text(hardware.cpu));
    out += row("Memory", memory_text(hardware.memory));
    out += row("Balloon", balloon_text(hardware));
    out += row("Firmware", joined({firmware, yes_no(hardware.secure_boot, "secure boot", "no secure boot")}));
    out += row("Machine", machine_text(hardware));
    out += row("Boots from", boot);
    out += row("Note", printable(system.annotation, 80));
    return out + hardware_tables(envelope, hardware) + properties(envelope, system.products, "    ");
}

}  // namespace

std::string vendor_os(const OperatingSystem& os) {
    for (const std::string* word : {&os.vmware_type, &os.virtualbox_type, &os.ovirt_name, &os.ovirt_id, &os.osinfo_id})
        if (!word->empty()) return *word;
    return {};
}

std::vector<OtherRow> other_devices(const Hardware& hardware) {
    std::vector<OtherRow> out;
    for (const CharacterDevice& x : hardware.serials) out.push_back({x.info.id, "serial", x.backend});
    for (const CharacterDevice& x : hardware.parallels) out.push_back({x.info.id, "parallel", x.backend});
    for (const Video& x : hardware.videos) out.push_back({x.info.id, "video", x.model});
    for (const Graphics& x : hardware.graphics) out.push_back({x.info.id, "graphics", x.type});
    for (const SimpleDevice& x : hardware.sounds) out.push_back({x.info.id, "sound", x.model});
    for (const SimpleDevice& x : hardware.watchdogs) out.push_back({x.info.id, "watchdog", x.model});
    for (const SimpleDevice& x : hardware.rngs) out.push_back({x.info.id, "rng", x.model});
    for (const SimpleDevice& x : hardware.tpms) out.push_back({x.info.id, "tpm", x.model});
    for (const OtherDevice& x : hardware.others)
        out.push_back(
            {x.info.id, x.other_type.empty() ? fmt::format("type {}", x.resource_type) : x.other_type, x.model});
    return out;
}

std::string signature_text(const std::optional<Signature>& signature) {
    if (!signature) return {};
    if (!signature->valid) return "does not hold";
    return fmt::format("by {}, {}", printable(signature->subject), signature->trusted ? "trusted" : "not trusted");
}

std::string inspect_page(const Source& source, const std::optional<Integrity>& integrity) {
    const Envelope& envelope = source.envelope();
    std::string out = head(source);
    if (integrity && !integrity->manifest.empty())
        out += row("Manifest", fmt::format("{} (descriptor checked; `ovfkit verify` checks the rest)", integrity->algorithms)) +
               row("Signature", signature_text(integrity->signature));
    Table configurations({"ID", "LABEL", "NOTES"});
    for (const Configuration& x : envelope.configurations)
        configurations.add({printable(x.id), printable(x.label),
                            joined({x.is_default ? "default" : "", x.id == envelope.configuration ? "shown" : ""})});
    Table networks({"NAME", "DESCRIPTION"});
    for (const Network& x : envelope.networks) networks.add({printable(x.name), printable(x.description, 80)});
    Table files({"ID", "FILE", "SIZE", "NOTES"});
    for (const FileReference& x : envelope.files)
        files.add({printable(x.id), printable(x.href), human_size(x.size),
                   joined({x.compression == "identity" ? "" : printable(x.compression),
                           labelled("in chunks of", human_size(x.chunk_size))})});
    out += section("Configurations", configurations, "  ") + section("Networks", networks, "  ") +
           section("Files", files, "  ") + properties(envelope, envelope.products, "  ");
    for (const VirtualSystem& system : envelope.systems) out += system_text(envelope, system);
    if (envelope.systems.empty()) out += "\nNo virtual machine.\n";
    return out;
}

}  // namespace ovfkit::tool
