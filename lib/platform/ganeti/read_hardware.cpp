#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// An instance into the model: memory, CPUs, NICs, disks, and what is Ganeti's alone.
namespace ovfkit::detail::ganeti {

namespace {

void read_memory(const Reading& reading, const Instance& instance, Memory& memory) {
    memory.info.origin.offset = instance.memory_offset;
    if (!instance.maxmem_mib) return;
    memory.boot_bytes = checked_multiply(*instance.maxmem_mib, mib);
    if (!instance.minmem_mib) return;
    if (*instance.minmem_mib > *instance.maxmem_mib)
        reading.report("ganeti-memory-order", instance.memory_offset,
                       fmt::format("minmem {} is more than maxmem {} (Ganeti accepts it and fails later); swap them",
                                   *instance.minmem_mib, *instance.maxmem_mib),
                       Failure::malformed);
    // minmem == maxmem is how Ganeti says that there is no range: nothing is guaranteed beyond the size itself.
    if (*instance.minmem_mib < *instance.maxmem_mib)
        memory.guaranteed_bytes = checked_multiply(*instance.minmem_mib, mib);
}

void read_vcpus(const Reading& reading, const Instance& instance, Cpu& cpu) {
    cpu.info.origin.offset = instance.vcpus_offset;
    if (instance.vcpus && (*instance.vcpus == 0 || *instance.vcpus > max_vcpus)) {
        reading.report("ganeti-vcpus-invalid", instance.vcpus_offset,
                       fmt::format("vcpus {}: 1 to {} make sense", *instance.vcpus, max_vcpus), Failure::malformed);
        return;
    }
    cpu.count = instance.vcpus;
}

void keep(VirtualSystem& system, std::string space, std::string key, const std::string& value) {
    if (!value.empty()) system.parameters.push_back({std::move(space), std::move(key), value});
}

/// The text says no hypervisor: the first that knows all the parameters.
std::string guess_hypervisor(const Settings& hv) {
    for (const std::string_view name : {"kvm", "xen-pvm", "xen-hvm", "lxc", "chroot"})
        if (std::all_of(hv.begin(), hv.end(),
                        [&](const Setting& s) { return s.key == "balloon" || find_param(name, s.key) != nullptr; }))
            return std::string(name);
    return "kvm";
}

void keep_backend(const Instance& instance, VirtualSystem& system) {
    for (const Setting& setting : instance.be) {
        const auto params = backend_params();
        const auto param =
            std::find_if(params.begin(), params.end(), [&](const Param& p) { return p.name == setting.key; });
        std::string value = setting.value.value;
        const bool is_default = param != params.end() && normalize(*param, value) && value == param->fallback;
        system.parameters.push_back({is_default ? "ganeti.be.default" : "ganeti.be", setting.key, value});
    }
}

}  // namespace

void read_nics(const Reading& reading, const Instance& instance, Envelope& envelope, VirtualSystem& system) {
    for (const NicSpec& spec : instance.nics) {
        Nic nic;
        nic.info.id = fmt::format("nic:{}", system.hardware.nics.size());
        nic.info.origin.offset = spec.offset;
        if (!spec.name.empty()) nic.info.parameters.push_back({"ganeti", "name", spec.name});
        if (!spec.network.empty()) {
            nic.attachment = "network";
            nic.network = spec.network;
        } else {
            nic.attachment = spec.mode == "bridged" ? "bridge" : spec.mode;
            nic.network = spec.link;
            if (!spec.mode.empty() && spec.mode != "bridged" && spec.mode != "routed" && spec.mode != "openvswitch")
                reading.report(
                    "ganeti-nic-mode", spec.offset,
                    fmt::format("NIC mode '{}' is kept as it is; bridged, routed and openvswitch are understood",
                                printable(spec.mode)));
        }
        if (!spec.mac.empty() && spec.mac != "auto" && spec.mac != "generate") {
            nic.mac = normal_mac(spec.mac);
            if (nic.mac.empty())
                reading.report("ganeti-mac-invalid", spec.offset,
                               fmt::format("'{}' is no MAC address; read as none", printable(spec.mac)));
            else if (nic.mac != spec.mac)
                reading.report("ganeti-mac-invalid", spec.offset,
                               fmt::format("MAC address '{}' is read as {}; Ganeti takes only that spelling",
                                           printable(spec.mac), nic.mac));
        }
        if (spec.ip != "auto") nic.ip = spec.ip;
        nic.vlan = spec.vlan;
        const bool known = nic.network.empty() || std::any_of(envelope.networks.begin(), envelope.networks.end(),
                                                              [&](const Network& n) { return n.name == nic.network; });
        if (!known) envelope.networks.push_back({nic.network, {}, {spec.offset}});
        system.hardware.nics.push_back(std::move(nic));
    }
}

void read_disks(const Reading& reading, const Instance& instance, Envelope& envelope, VirtualSystem& system) {
    const std::string stem = envelope.systems.empty() ? std::string{} : system.id + ":";
    for (std::size_t i = 0; i < instance.disks.size(); ++i) {
        const DiskSpec& spec = instance.disks[i];
        VirtualDisk disk;
        disk.id = fmt::format("{}disk:{}", stem, i);
        disk.origin.offset = spec.offset;
        if (spec.size_mib == 0)
            reading.report("ganeti-disk-size-zero", spec.offset,
                           fmt::format("disk {} has the size 0; its image decides", i));
        else
            disk.capacity_bytes = checked_multiply(spec.size_mib, mib);
        if (!spec.dump.empty()) {
            disk.file_id = fmt::format("{}file:{}", stem, i);
            FileReference file;
            file.id = disk.file_id;
            file.href = spec.dump;
            file.origin.offset = spec.offset;
            envelope.files.push_back(std::move(file));
        }
        Drive drive;
        drive.info.id = fmt::format("disk:{}", i);
        drive.info.origin.offset = spec.offset;
        drive.disk_id = disk.id;
        if (!spec.name.empty()) drive.info.parameters.push_back({"ganeti", "name", spec.name});
        for (const Setting& setting : spec.extra)
            drive.info.parameters.push_back({"ganeti", setting.key, setting.value.value});
        if (spec.mode == "ro") drive.read_only = true;
        envelope.disks.push_back(std::move(disk));
        system.hardware.drives.push_back(std::move(drive));
    }
}

void read_hardware(const Reading& reading, Instance& instance, Envelope& envelope, VirtualSystem& system) {
    read_memory(reading, instance, system.hardware.memory);
    read_vcpus(reading, instance, system.hardware.cpu);
    read_nics(reading, instance, envelope, system);
    read_disks(reading, instance, envelope, system);
    read_hvparams(reading, instance, system);
}

void add_system(const Reading& reading, Instance instance, Envelope& envelope) {
    VirtualSystem system;
    system.id = system.name = instance.name.value;
    system.origin.offset = instance.name.offset;
    if (!is_instance_name(system.name) && !system.name.empty())
        reading.report("ganeti-name-invalid", instance.name.offset,
                       fmt::format("'{}' is no instance name to Ganeti: lower case letters, digits, '.', '_' and '-'",
                                   printable(system.name)));
    keep(system, "ganeti", "hypervisor", instance.hypervisor.value);
    if (!instance.hypervisor.value.empty() && !is_hypervisor(instance.hypervisor.value))
        reading.report("ganeti-hypervisor-unknown", instance.hypervisor.offset,
                       fmt::format("hypervisor '{}' is none of Ganeti's; its parameters are kept as they are",
                                   printable(instance.hypervisor.value)));
    if (instance.hypervisor.value.empty()) instance.hypervisor.value = guess_hypervisor(instance.hv);
    keep(system, "ganeti", "os", instance.os.value);
    keep(system, "ganeti", "disk_template", instance.disk_template.value);
    std::string tags;
    for (const std::string& tag : instance.tags) {
        tags += (tags.empty() ? "" : " ") + tag;
        if (!is_tag(tag))
            reading.report("ganeti-tag-invalid", instance.tags_text.offset,
                           fmt::format("tag '{}' is refused by Ganeti", printable(tag)));
    }
    if (instance.tags_text.value.find(',') != std::string::npos)
        reading.report("ganeti-tag-invalid", instance.tags_text.offset,
                       "tags are separated by blanks; the commas are read as such");
    keep(system, "ganeti", "tags", tags);
    read_hardware(reading, instance, envelope, system);
    keep_backend(instance, system);
    for (const Setting& setting : instance.os_params)
        system.parameters.push_back({"ganeti.os", setting.key, setting.value.value});
    for (const Setting& setting : instance.os_private)
        system.parameters.push_back({"ganeti.os_private", setting.key, setting.value.value});
    for (Unmapped& value : instance.unmapped) {
        value.system_id = system.id;
        if (reading.context.options.unmapped) envelope.unmapped.push_back(std::move(value));
    }
    envelope.systems.push_back(std::move(system));
}

}  // namespace ovfkit::detail::ganeti
