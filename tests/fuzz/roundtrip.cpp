// A machine made of the input's bytes, to every dialect and platform and back: what is not the same has a row.
#include <map>
#include <set>

#include "convert/field_walk.hpp"
#include "platform.hpp"

using namespace fuzz;

namespace {

constexpr const char* words[] = {"web", "a b", "x", "eth<0>", "r\xc3\xb6t", "-v", "%s", "a,b", "a\"b'", "n&m"};
constexpr const char* controller_models[] = {"", "lsilogic", "virtio-scsi", "buslogic", "vmpvscsi", "lsisas1068"};
constexpr const char* nic_models[] = {"", "e1000", "virtio", "vmxnet3", "rtl8139", "pcnet", "e1000e"};
constexpr BalloonState states[] = {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled};
constexpr BalloonModel balloon_models[] = {BalloonModel::unspecified, BalloonModel::virtio, BalloonModel::xen, BalloonModel::vmware};
constexpr ControllerType controller_types[] = {ControllerType::scsi, ControllerType::ide, ControllerType::sata, ControllerType::virtio};

template <class T>
void maybe(Choices& choices, std::optional<T>& field, T value) {
    if (choices.flag()) field = value;
}

void add_memory(Choices& choices, Hardware& hardware) {
    const std::uint64_t mib = std::uint64_t{1} << 20;
    const std::uint64_t boot = (64 + choices.number(1U << 16)) * mib;
    hardware.memory.boot_bytes = boot;
    maybe(choices, hardware.memory.guaranteed_bytes, std::max(mib, boot / 2 / mib * mib));
    if (choices.flag()) hardware.memory.maximum_bytes = boot + choices.number(1U << 12) * mib;
    hardware.balloon.state = choices.pick(states);
    if (hardware.balloon.state == BalloonState::enabled) {
        hardware.balloon.model = choices.pick(balloon_models);
        if (choices.flag()) hardware.balloon.autodeflate = true;
        if (choices.flag()) hardware.balloon.free_page_reporting = true;
        if (choices.flag()) hardware.balloon.stats_period_seconds = 1 + static_cast<std::uint32_t>(choices.number(60));
    }
}

void add_disk(Choices& choices, Envelope& envelope, Hardware& hardware, std::size_t index) {
    const std::string number = std::to_string(index + 1);
    envelope.files.push_back({"file" + number, "disk" + number + ".vmdk", 1000 + index, "", std::nullopt, "", {}});
    VirtualDisk disk;
    disk.id = "vmdisk" + number;
    disk.file_id = "file" + number;
    disk.format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
    disk.capacity_bytes = (1 + choices.number(1U << 10)) << 20;
    envelope.disks.push_back(disk);
    Drive drive;
    drive.info.id = std::to_string(20 + index);
    drive.disk_id = disk.id;
    drive.controller = hardware.controllers.front().info.id;
    drive.unit = static_cast<std::uint32_t>(index);
    if (choices.flag()) drive.read_only = true;  // nobody writes that a disk is an ordinary one
    hardware.drives.push_back(drive);
}

void add_nic(Choices& choices, Envelope& envelope, Hardware& hardware, std::size_t index) {
    Nic nic;
    nic.info.id = std::to_string(40 + index);
    nic.network = choices.pick(words);
    if (std::none_of(envelope.networks.begin(), envelope.networks.end(), [&](const Network& n) { return n.name == nic.network; }))
        envelope.networks.push_back({nic.network, "", {}});
    nic.model = choices.pick(nic_models);
    if (choices.flag()) nic.mac = "00:50:56:11:22:3" + std::to_string(index);
    if (choices.flag()) nic.connected = false;
    hardware.nics.push_back(nic);
}

Envelope machine(Choices& choices) {
    Envelope envelope;
    envelope.dialect = "dmtf";
    VirtualSystem system;
    system.id = "vm";
    system.name = choices.pick(words);
    system.os.cim_id = 94;
    Hardware& hardware = system.hardware;
    hardware.cpu.count = 1 + static_cast<std::uint32_t>(choices.number(16));
    hardware.cpu.info.id = "1";
    hardware.memory.info.id = "2";
    add_memory(choices, hardware);
    Controller controller;
    controller.info.id = "3";
    controller.type = choices.pick(controller_types);
    if (controller.type == ControllerType::scsi) controller.model = choices.pick(controller_models);
    controller.address = 0;
    hardware.controllers.push_back(controller);
    const std::size_t disks = choices.number(3), nics = choices.number(4);
    for (std::size_t i = 0; i < disks; ++i) add_disk(choices, envelope, hardware, i);
    for (std::size_t i = 0; i < nics; ++i) add_nic(choices, envelope, hardware, i);
    if (choices.flag()) hardware.firmware = Firmware::efi;  // BIOS is what not saying it means
    if (choices.flag()) system.annotation = choices.pick(words);
    envelope.systems.push_back(std::move(system));
    return envelope;
}

/// What is said, by field: ids are the leaf's own affair.
std::map<std::string, std::multiset<std::string>> said(const Envelope& envelope) {
    std::map<std::string, std::multiset<std::string>> out;
    detail::walk_fields(envelope.systems.front(), [&](const detail::FieldValue& value) {
        const bool id = value.key == "id" || value.key.ends_with(".id") || value.key.ends_with("controller") || value.key.ends_with("disk_id") || value.key.ends_with("file_id");
        if (!id && !value.label) out[value.key].insert(value.value);
    });
    return out;
}

bool named(const LossReport& report, const std::string& field) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) {
        // A device that goes as a whole has one row.
        return row.field == field || (!row.field.empty() && field.starts_with(row.field)) || field.substr(0, field.find('.')) == row.field;
    });
}

void there_and_back(const Envelope& wanted, const std::string& to) {
    WriteOptions options;
    options.carry_origin = false;
    Diagnostics found;
    std::vector<Translation> out;
    try {
        out = translate(Source::of(wanted), to, options, found);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
        show(found);
        return;
    }
    check_report(out.front().report);
    if (!find_format(to)->can_read) return;
    ReadOptions read_options;
    read_options.from = to;
    Diagnostics again;
    const std::string& text = out.front().files.front().bytes;
    std::optional<Source> back;
    try {
        back = Source::parse("back", text, read_options, again);
    } catch (const InputError& error) {
        require(false, "what " + to + " is written as can be read", render_text(error.diagnostic()) + text);
    }
    if (again.has_errors()) require(false, "what " + to + " is written as has no errors", render_text(again.all().front()) + text);
    auto is = said(back->envelope());
    for (const auto& [field, values] : said(wanted)) {
        for (const std::string& value : values) {
            auto& there = is[field];
            const auto at = there.find(value);
            if (at != there.end())
                there.erase(at);
            else if (!named(out.front().report, field))
                require(false, "silent loss on the way to " + to + ": " + field + " = " + value, render_text(out.front().report, true) + text);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices(text_of(data, size));
    const Envelope wanted = machine(choices);
    for (const Format& format : formats())
        if (format.can_write) there_and_back(wanted, std::string(format.id));
    return 0;
}
