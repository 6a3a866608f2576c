#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <ovfkit/limits.hpp>

#include "base/checked.hpp"
#include "edit/storage.hpp"
#include "model/names.hpp"

namespace ovfkit::detail::edit {

namespace {

/// What is wrong in an envelope, as sentences that name it.
using Problems = std::vector<std::string>;

template <class List>
bool has_id(const List& list, std::string_view id) {
    return std::any_of(list.begin(), list.end(), [&](const auto& element) { return key_of(element) == id; });
}

template <class List>
void check_ids(const List& list, std::string_view what, Problems& out) {
    std::set<std::string_view> seen;
    for (const auto& element : list) {
        if (key_of(element).empty()) out.push_back(fmt::format("{} without an id", what));
        if (!seen.insert(key_of(element)).second) out.push_back(fmt::format("two {}s have the id '{}'", what, key_of(element)));
    }
}

/// Every device's id, by kinds.
struct DeviceCheck {
    const VirtualSystem& system;
    Problems& out;
    std::set<std::string_view> seen;

    template <class M>
    void operator()(std::string_view, M Hardware::*) const {}
    template <class G>
    void group(std::string_view, G Hardware::*member) {
        see((system.hardware.*member).info.id);
    }
    template <class L>
    void list(std::string_view, std::vector<L> Hardware::*member) {
        for (const L& device : system.hardware.*member) see(device.info.id);
    }
    void see(std::string_view id) {
        if (!id.empty() && !seen.insert(id).second) out.push_back(fmt::format("{}: two devices have the id '{}'", system.id, id));
    }
};

void check_references(const Envelope& envelope, Problems& out) {
    check_ids(envelope.files, "file", out);
    check_ids(envelope.disks, "disk", out);
    check_ids(envelope.networks, "network", out);
    check_ids(envelope.configurations, "configuration", out);
    check_ids(envelope.systems, "virtual machine", out);
    for (const VirtualDisk& disk : envelope.disks) {
        if (!disk.file_id.empty() && !has_id(envelope.files, disk.file_id)) out.push_back(fmt::format("disk {} is of file '{}', which is not there", disk.id, disk.file_id));
        if (!disk.parent_id.empty() && !has_id(envelope.disks, disk.parent_id))
            out.push_back(fmt::format("disk {} is a child of '{}', which is not there", disk.id, disk.parent_id));
        if (disk.capacity_bytes.value_or(0) > default_max_disk_bytes) out.push_back(fmt::format("the capacity of disk {} is more than any disk has", disk.id));
    }
    if (std::count_if(envelope.configurations.begin(), envelope.configurations.end(), [](const Configuration& one) { return one.is_default; }) > 1)
        out.emplace_back("two configurations are the default");
}

void check_drives(const Envelope& envelope, const VirtualSystem& system, Problems& out) {
    const Hardware& hardware = system.hardware;
    std::map<std::pair<std::string_view, std::uint32_t>, std::string_view> places;
    for (const Drive& drive : hardware.drives) {
        if (!drive.disk_id.empty() && !has_id(envelope.disks, drive.disk_id)) out.push_back(fmt::format("drive {} is of disk '{}', which is not there", drive.info.id, drive.disk_id));
        if (!drive.file_id.empty() && !has_id(envelope.files, drive.file_id)) out.push_back(fmt::format("drive {} is of file '{}', which is not there", drive.info.id, drive.file_id));
        if (drive.controller.empty()) continue;
        const auto controller = std::find_if(hardware.controllers.begin(), hardware.controllers.end(), [&](const Controller& one) { return one.info.id == drive.controller; });
        if (controller == hardware.controllers.end()) {
            out.push_back(fmt::format("drive {} is on controller '{}', which is not there", drive.info.id, drive.controller));
            continue;
        }
        if (!drive.unit) continue;
        const Units units = units_of(*controller);
        if (*drive.unit >= units.count || units.reserved == drive.unit)
            out.push_back(fmt::format("unit {} of controller {} does not exist; it has {}{}", *drive.unit, controller->info.id, units.count,
                                      units.reserved ? fmt::format(", and {} is its own", *units.reserved) : std::string{}));
        if (const auto [other, is_new] = places.emplace(std::pair<std::string_view, std::uint32_t>{drive.controller, *drive.unit}, drive.info.id); !is_new)
            out.push_back(fmt::format("unit {} of controller {} is taken by drive {}", *drive.unit, drive.controller, other->second));
    }
    if (!hardware.nvram_file_id.empty() && !has_id(envelope.files, hardware.nvram_file_id))
        out.push_back(fmt::format("the NVRAM is file '{}', which is not there", hardware.nvram_file_id));
}

/// `listed`: there is a NetworkSection; dialects without one name networks freely.
void check_nics(const Envelope& envelope, const VirtualSystem& system, bool listed, Problems& out) {
    std::set<std::string_view> macs;
    for (const Nic& nic : system.hardware.nics) {
        if (!nic.network.empty() && listed && !has_id(envelope.networks, nic.network))
            out.push_back(fmt::format("NIC {} is on network '{}', which is not there", nic.info.id, nic.network));
        if (!nic.mac.empty() && !macs.insert(nic.mac).second) out.push_back(fmt::format("two NICs have the address {}", nic.mac));
    }
}

void check_compute(const VirtualSystem& system, Problems& out) {
    const Cpu& cpu = system.hardware.cpu;
    if (cpu.count && (*cpu.count == 0 || *cpu.count > max_vcpus)) out.push_back(fmt::format("{} CPUs are out of range", *cpu.count));
    if (cpu.count && cpu.maximum && *cpu.count > *cpu.maximum)
        out.push_back(fmt::format("{} CPUs are more than the ceiling of {} (cpu.maximum)", *cpu.count, *cpu.maximum));
    const std::uint64_t of_socket = std::uint64_t{cpu.cores.value_or(1)} * cpu.threads.value_or(1);
    if (cpu.count && (of_socket == 0 || *cpu.count % of_socket != 0))
        out.push_back(fmt::format("{} CPUs cannot be divided into sockets of {} (--cores-per-socket)", *cpu.count, of_socket));
    const Memory& memory = system.hardware.memory;
    const std::array<std::pair<std::string_view, std::optional<std::uint64_t>>, 4> order{{{"guaranteed", memory.guaranteed_bytes},
                                                                                        {"target", memory.target_bytes},
                                                                                        {"boot", memory.boot_bytes},
                                                                                        {"maximum", memory.maximum_bytes}}};
    if (!memory.boot_bytes && (memory.guaranteed_bytes || memory.target_bytes || memory.maximum_bytes))
        out.push_back(fmt::format("{} has no memory at power on (--memory)", system.id));
    std::pair<std::string_view, std::uint64_t> last{"", 0};
    for (const auto& [name, bytes] : order) {
        if (!bytes) continue;
        if (*bytes == 0 || *bytes > max_memory_bytes) out.push_back(fmt::format("{} memory of {} bytes is out of range", name, *bytes));
        if (*bytes < last.second) out.push_back(fmt::format("{} memory of {} bytes is less than the {} memory of {}", name, *bytes, last.first, last.second));
        last = {name, *bytes};
    }
}

Problems problems_of(const Envelope& envelope, bool networks_listed) {
    Problems out;
    check_references(envelope, out);
    for (const VirtualSystem& system : envelope.systems) {
        DeviceCheck devices{system, out, {}};
        describe(static_cast<Hardware*>(nullptr), devices);
        check_drives(envelope, system, out);
        check_nics(envelope, system, networks_listed, out);
        check_compute(system, out);
    }
    return out;
}

/// `4 virtual CPU(s)`, `8192MB of memory`: a label that begins with the old number gets the new one.
void renumber(std::string& label, std::uint64_t old_number, std::uint64_t new_number) {
    const std::size_t digits = std::min(label.find_first_not_of("0123456789"), label.size());
    if (label.substr(0, digits) != std::to_string(old_number) || (digits < label.size() && label[digits] == '.')) return;
    label.replace(0, digits, std::to_string(new_number));
}

/// The labels that nobody set anew.
void renumber(const DeviceInfo& before, DeviceInfo& after, std::optional<std::uint64_t> old_number, std::optional<std::uint64_t> new_number) {
    if (!old_number || !new_number || old_number == new_number || !(before == after)) return;
    renumber(after.name, *old_number, *new_number);
    renumber(after.caption, *old_number, *new_number);
}

/// Whole MiB, which labels count.
std::optional<std::uint64_t> mib_of(std::optional<std::uint64_t> bytes) {
    constexpr std::uint64_t mib = 1ULL << 20;
    return bytes && *bytes % mib == 0 ? std::optional(*bytes / mib) : std::nullopt;
}

void settle_system(const VirtualSystem& before, VirtualSystem& after) {
    Cpu& cpu = after.hardware.cpu;
    const Cpu& old_cpu = before.hardware.cpu;
    const std::uint64_t of_socket = std::uint64_t{cpu.cores.value_or(1)} * cpu.threads.value_or(1);
    const bool divided = old_cpu.count != cpu.count || old_cpu.cores != cpu.cores || old_cpu.threads != cpu.threads;
    if (divided && (cpu.sockets || cpu.cores) && cpu.sockets == old_cpu.sockets && cpu.count && of_socket != 0 && *cpu.count % of_socket == 0)
        cpu.sockets = static_cast<std::uint32_t>(*cpu.count / of_socket);
    renumber(old_cpu.info, cpu.info, old_cpu.count, cpu.count);
    const Memory& old_memory = before.hardware.memory;
    Memory& memory = after.hardware.memory;
    renumber(old_memory.info, memory.info, mib_of(old_memory.boot_bytes), mib_of(memory.boot_bytes));
}

}  // namespace

void settle(const Envelope& before, Envelope& after) {
    for (std::size_t i = 0; i < after.systems.size() && i < before.systems.size(); ++i) settle_system(before.systems[i], after.systems[i]);
}

void check(const Envelope& before, const Envelope& after) {
    const bool networks_listed = !before.networks.empty() || !after.networks.empty();
    const Problems old = problems_of(before, networks_listed);
    for (const std::string& problem : problems_of(after, networks_listed))
        if (std::find(old.begin(), old.end(), problem) == old.end()) fail("after the edits " + problem);
}

}  // namespace ovfkit::detail::edit
