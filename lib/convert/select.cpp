#include "convert/select.hpp"

#include "convert/read.hpp"

namespace ovfkit::detail {

void Used::add(const VirtualSystem& system, const Envelope& envelope) {
    files.insert(system.hardware.nvram_file_id);
    for (const Nic& nic : system.hardware.nics) networks.insert(nic.network);
    for (const Drive& drive : system.hardware.drives) {
        files.insert(drive.file_id);
        disks.insert(drive.disk_id);
    }
    // A chain has no more links than there are disks.
    for (std::size_t more = 1; more != 0;) {
        more = 0;
        for (const VirtualDisk& disk : envelope.disks)
            if (disks.count(disk.id) != 0 && !disk.parent_id.empty()) more += disks.insert(disk.parent_id).second ? 1 : 0;
    }
    for (const VirtualDisk& disk : envelope.disks)
        if (disks.count(disk.id) != 0) files.insert(disk.file_id);
}

bool select_vm(Envelope& envelope, const std::string& vm) {
    if (vm.empty()) return true;
    Used mine, others;
    for (const VirtualSystem& system : envelope.systems) (is_wanted(system, vm) ? mine : others).add(system, envelope);
    const auto drop = [](auto& list, auto key, const std::set<std::string>& kept, const std::set<std::string>& gone) {
        std::erase_if(list, [&](const auto& x) { return gone.count(x.*key) != 0 && kept.count(x.*key) == 0; });
    };
    drop(envelope.files, &FileReference::id, mine.files, others.files);
    drop(envelope.disks, &VirtualDisk::id, mine.disks, others.disks);
    drop(envelope.networks, &Network::name, mine.networks, others.networks);
    std::erase_if(envelope.systems, [&](const VirtualSystem& system) { return !is_wanted(system, vm); });
    return !envelope.systems.empty();
}

}  // namespace ovfkit::detail
