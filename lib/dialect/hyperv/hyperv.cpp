#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/envelope.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/system.hpp"
#include "model/leaf.hpp"

// OVF of Hyper-V machines, as SCVMM and Forklift's generator write it. Hyper-V itself imports no OVF: such a
// descriptor is read, and edited in place, but none is made.
namespace ovfkit::detail {

namespace {

constexpr Style style{};
constexpr std::string_view vhdx = "dd979539.aspx#VHDX";

int detect(const XmlDocument& document) {
    if (document.root().local() != "Envelope") return 0;
    const std::string producer = producer_of(document);
    return producer == "Forklift (Hyper-V)" ? 75 : producer == "Microsoft (SCVMM)" ? 70 : 0;
}

/// vssd:VirtualSystemSubType `Microsoft:Hyper-V:SubType:1|2`: the generation.
Element generation_of(Element system) {
    Diagnostics quiet;
    const Element section = choose_hardware(parts_of(system).hardware, {}, quiet);
    return section.child_lax(Ns::ovf, "System").child_lax(Ns::vssd, "VirtualSystemSubType");
}

Firmware firmware_of(Element generation) {
    const std::string_view text = trimmed(generation.text());
    if (text == "Microsoft:Hyper-V:SubType:2") return Firmware::efi;
    if (text == "Microsoft:Hyper-V:SubType:1") return Firmware::bios;
    return Firmware::unspecified;
}

/// Generation 1 starts from IDE alone, generation 2 has none: disks on nothing but SCSI are a machine with UEFI.
bool looks_like_generation_2(const Hardware& hardware) {
    const auto on_scsi = [&](const Drive& drive) {
        return std::any_of(hardware.controllers.begin(), hardware.controllers.end(), [&](const Controller& c) {
            return c.info.id == drive.controller && c.type == ControllerType::scsi;
        });
    };
    const bool ide = std::any_of(hardware.controllers.begin(), hardware.controllers.end(),
                                 [](const Controller& c) { return c.type == ControllerType::ide; });
    return !ide && !hardware.drives.empty() &&
           std::all_of(hardware.drives.begin(), hardware.drives.end(), on_scsi);
}

/// What the descriptor says of the firmware without an entry for it.
Firmware implied_firmware(Element system, const Hardware& hardware) {
    const Firmware said = firmware_of(generation_of(system));
    if (said != Firmware::unspecified) return said;
    return looks_like_generation_2(hardware) ? Firmware::efi : Firmware::unspecified;
}

void read_firmware(Element element, VirtualSystem& system, Diagnostics& diagnostics) {
    const Element generation = generation_of(element);
    if (firmware_of(generation) != Firmware::unspecified) (void)generation.take();
    if (system.hardware.firmware != Firmware::unspecified) return;
    system.hardware.firmware = implied_firmware(element, system.hardware);
    if (system.hardware.firmware == Firmware::efi && firmware_of(generation) == Firmware::unspecified)
        report(diagnostics, "hyperv-generation-guessed", element,
               fmt::format("'{}' has its disks on SCSI alone: it is read as a generation 2 machine, with UEFI",
                           printable(system.id, 80)));
}

/// The generator writes a disk's virtual size for the size of its file.
bool is_virtual_size(const FileReference& file, const Envelope& envelope) {
    return file.size && std::any_of(envelope.disks.begin(), envelope.disks.end(), [&](const VirtualDisk& disk) {
               return disk.file_id == file.id && disk.capacity_bytes == file.size &&
                      disk.format.find(vhdx) != std::string::npos;
           });
}

Envelope read(const XmlDocument& document, ReadContext& context) {
    Envelope envelope = read_envelope(document, context, style);
    for (FileReference& file : envelope.files) {
        if (!is_virtual_size(file, envelope)) continue;
        report(context.diagnostics, "hyperv-file-size", document, file.origin.offset,
               fmt::format("ovf:size of '{}' is the size of the disk in it; how large the file is is not said",
                           printable(file.href, 80)));
        file.size.reset();
    }
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() == envelope.systems.size())
        for (std::size_t i = 0; i < envelope.systems.size(); ++i)
            read_firmware(layout.systems[i], envelope.systems[i], context.diagnostics);
    return envelope;
}

/// What is implied stays implied as long as it is so after the edit.
void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    Diagnostics quiet;
    ReadOptions read_options;
    read_options.configuration = have.configuration;
    ReadContext read_context{quiet, read_options};
    const Envelope plain = read_envelope(document, read_context, style);
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() != have.systems.size()) return;  // not what was read from this document
    Envelope rest = wanted;
    for (FileReference& file : rest.files)
        for (const FileReference& before : plain.files)
            if (!file.size && before.id == file.id && is_virtual_size(before, rest)) file.size = before.size;
    const auto matched = matched_systems(have.systems, wanted.systems);
    for (std::size_t i = 0; i < matched.size(); ++i) {
        if (matched[i] == have.systems.size()) continue;
        Hardware& hardware = rest.systems[i].hardware;
        const Firmware before = plain.systems[matched[i]].hardware.firmware;
        if (before == Firmware::unspecified &&
            hardware.firmware == implied_firmware(layout.systems[matched[i]], hardware))
            hardware.firmware = before;
    }
    update_envelope(document, plain, rest, context, style, notes);
}

}  // namespace

extern const Dialect dialect_hyperv;
const Dialect dialect_hyperv{"hyperv", "Hyper-V OVF (SCVMM, Forklift)", {}, detect, read, update, nullptr};

}  // namespace ovfkit::detail
