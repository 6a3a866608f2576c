#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.hpp"
#include "platform/vdsm/vdsm.hpp"

namespace ovfkit::detail::vdsm {

namespace {

/// VmInterfaceDeviceModel; `rtl8139_pv` has no single word in the model.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> nic_models{{{"virtio", "pv"},
                                                                                   {"rtl8139", "rtl8139"},
                                                                                   {"e1000", "e1000"},
                                                                                   {"e1000e", "e1000e"},
                                                                                   {"ne2k_pci", "ne2k_pci"},
                                                                                   {"spapr-vlan", "spapr-vlan"}}};

constexpr std::array<std::string_view, 57> expressed{"id",
                                                     "name",
                                                     "uuid",
                                                     "machine",
                                                     "boot",
                                                     "cpu.count",
                                                     "cpu.maximum",
                                                     "cpu.sockets",
                                                     "cpu.cores",
                                                     "cpu.threads",
                                                     "cpu.model",
                                                     "memory.boot_bytes",
                                                     "memory.guaranteed_bytes",
                                                     "memory.maximum_bytes",
                                                     "balloon.state",
                                                     "balloon.model",
                                                     "balloon.info.alias",
                                                     "balloon.info.address",
                                                     "controllers[].type",
                                                     "controllers[].model",
                                                     "controllers[].address",
                                                     "drives[].kind",
                                                     "drives[].disk_id",
                                                     "drives[].file_id",
                                                     "drives[].controller",
                                                     "drives[].unit",
                                                     "drives[].interface",
                                                     "drives[].source",
                                                     "drives[].source_format",
                                                     "drives[].read_only",
                                                     "drives[].shareable",
                                                     "drives[].boot_index",
                                                     "drives[].serial",
                                                     "nics[].network",
                                                     "nics[].model",
                                                     "nics[].mac",
                                                     "nics[].connected",
                                                     "nics[].link_up",
                                                     "nics[].boot_index",
                                                     "videos[].model",
                                                     "videos[].vram_bytes",
                                                     "videos[].heads",
                                                     "graphics[].type",
                                                     "graphics[].keymap",
                                                     "sounds[].model",
                                                     "watchdogs[].model",
                                                     "watchdogs[].option",
                                                     "rngs[].model",
                                                     "rngs[].option",
                                                     "tpms[].model",
                                                     "files[].id",
                                                     "files[].href",
                                                     "disks[].id",
                                                     "disks[].file_id",
                                                     "disks[].volume_format",
                                                     "networks[].name",
                                                     "serials[].backend"};

constexpr std::array<std::string_view, 9> with_info{"controllers", "drives",    "nics", "videos", "graphics",
                                                    "sounds",      "watchdogs", "rngs", "tpms"};

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = lower(text[i]);
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

std::string_view nic_word(std::string_view model) {
    for (const auto& [ours, theirs] : nic_models)
        if (ours == model) return theirs;
    return {};
}

std::string nic_model(std::string_view word) {
    for (const auto& [ours, theirs] : nic_models)
        if (theirs == word) return std::string(ours);
    return std::string(word);
}

bool carries(std::string_view, std::string_view key) {
    if (std::find(expressed.begin(), expressed.end(), key) != expressed.end()) return true;
    for (const std::string_view list : with_info)
        for (const std::string_view field : {"[].info.id", "[].info.alias", "[].info.address"})
            if (key.size() == list.size() + field.size() && key.starts_with(list) && key.ends_with(field)) return true;
    return false;
}

}  // namespace ovfkit::detail::vdsm
