#include <algorithm>
#include <array>

#include "platform/ganeti/platform.hpp"

namespace ovfkit::detail::ganeti {

namespace {

/// Fields that every form expresses; where the hypervisor or the release cannot, the writer leaves a note.
constexpr std::array<std::string_view, 71> expressed{"id",
                                                     "name",
                                                     "clock",
                                                     "arch",
                                                     "machine",
                                                     "firmware",
                                                     "secure_boot",
                                                     "boot",
                                                     "cpu.count",
                                                     "cpu.sockets",
                                                     "cpu.cores",
                                                     "cpu.threads",
                                                     "cpu.model",
                                                     "memory.boot_bytes",
                                                     "memory.guaranteed_bytes",
                                                     "memory.target_bytes",
                                                     "balloon.state",
                                                     "balloon.model",
                                                     "balloon.autodeflate",
                                                     "controllers[].info.id",
                                                     "controllers[].type",
                                                     "controllers[].model",
                                                     "drives[].info.id",
                                                     "drives[].kind",
                                                     "drives[].disk_id",
                                                     "drives[].controller",
                                                     "drives[].interface",
                                                     "drives[].source",
                                                     "drives[].read_only",
                                                     "drives[].shareable",
                                                     "drives[].transient",
                                                     "drives[].connected",
                                                     "drives[].boot_index",
                                                     "drives[].cache",
                                                     "drives[].discard",
                                                     "drives[].info.parameters[ganeti]",
                                                     "nics[].info.id",
                                                     "nics[].network",
                                                     "nics[].attachment",
                                                     "nics[].model",
                                                     "nics[].mac",
                                                     "nics[].connected",
                                                     "nics[].link_up",
                                                     "nics[].boot_index",
                                                     "nics[].ip",
                                                     "nics[].vlan",
                                                     "nics[].info.parameters[ganeti]",
                                                     "serials[].info.id",
                                                     "serials[].backend",
                                                     "videos[].info.id",
                                                     "videos[].model",
                                                     "graphics[].info.id",
                                                     "graphics[].type",
                                                     "graphics[].listen",
                                                     "graphics[].keymap",
                                                     "sounds[].info.id",
                                                     "sounds[].model",
                                                     "disks[].id",
                                                     "disks[].capacity_bytes",
                                                     "disks[].capacity_inexact",
                                                     "networks[].name",
                                                     "parameters[ganeti]",
                                                     "parameters[ganeti.hv]",
                                                     "parameters[ganeti.be]",
                                                     "parameters[ganeti.os]",
                                                     "parameters[ganeti.hv.default]",
                                                     "parameters[ganeti.be.default]",
                                                     "cpu.info.id",
                                                     "memory.info.id",
                                                     "balloon.info.id",
                                                     "serials[].target"};

/// What names the images: they become the raw dumps that the text names.
constexpr std::array<std::string_view, 3> images{"files[].id", "files[].href", "disks[].file_id"};

template <class Table>
bool has(const Table& table, std::string_view key) {
    return std::find(table.begin(), table.end(), key) != table.end();
}

}  // namespace

bool carries(std::string_view form, std::string_view key) {
    if (has(expressed, key)) return true;
    if (form == "ganeti-instance") return false;  // a new instance with empty disks, and no private OS parameters
    return has(images, key) || key == "parameters[ganeti.os_private]";
}

}  // namespace ovfkit::detail::ganeti
