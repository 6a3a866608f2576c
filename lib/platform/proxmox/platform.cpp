#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail {

namespace proxmox {

namespace {

constexpr std::array forms{Form{"proxmox", "Proxmox VE VM configuration (ID.conf)", ".conf", true, true}};

constexpr std::array<std::string_view, 70> carried_fields{
    "id", "name", "uuid", "genid", "annotation", "clock", "is_template", "machine", "arch", "firmware", "secure_boot", "nvram_file_id", "boot",
    "cpu.count", "cpu.maximum", "cpu.sockets", "cpu.cores", "cpu.threads", "cpu.model",
    "memory.boot_bytes", "memory.target_bytes", "memory.guaranteed_bytes", "memory.weight",
    "balloon.state", "balloon.model", "balloon.autodeflate", "balloon.free_page_reporting", "balloon.stats_period_seconds",
    "controllers[].type", "controllers[].model", "controllers[].address",
    "drives[].kind", "drives[].disk_id", "drives[].file_id", "drives[].controller", "drives[].unit", "drives[].interface", "drives[].source",
    "drives[].connected", "drives[].read_only", "drives[].shareable", "drives[].transient", "drives[].boot_index", "drives[].serial",
    "drives[].cache", "drives[].discard", "drives[].info.parameters[proxmox]", "disks[].capacity_bytes",
    "nics[].network", "nics[].attachment", "nics[].model", "nics[].mac", "nics[].connected", "nics[].link_up", "nics[].boot_index", "nics[].vlan",
    "nics[].info.parameters[proxmox]", "serials[].backend", "serials[].target", "serials[].connected",
    "videos[].model", "videos[].vram_bytes", "videos[].heads", "sounds[].model", "watchdogs[].model", "watchdogs[].option",
    "rngs[].model", "rngs[].option", "tpms[].model", "tpms[].option"};
constexpr std::array<std::string_view, 8> carried_more{"parameters[proxmox]", "files[].id", "files[].href", "disks[].id", "disks[].file_id", "disks[].format",
                                                       "networks[].name", "graphics[].type"};

/// Keys that together are no other file's.
constexpr std::array<std::string_view, 12> telling{"cores", "sockets", "memory", "balloon", "ostype", "scsihw", "bios", "boot", "smbios1", "net0", "vmgenid", "numa"};

}  // namespace

int detect(std::string_view name, std::string_view bytes) {
    const std::string_view text = trimmed(bytes.substr(0, 65536));
    if (text.empty() || text.front() == '<' || text.front() == '{') return 0;
    int found = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest = line.size() == rest.size() ? std::string_view{} : rest.substr(line.size() + 1);
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) {
            const std::string_view plain = trimmed(line);
            if (!plain.empty() && plain.front() != '#' && plain.front() != '[' && plain.find(':') == std::string_view::npos) return 0;
            continue;
        }
        if (line.substr(0, colon) == "apiVersion" || line.substr(0, colon) == "kind") return 0;
        if (std::find(telling.begin(), telling.end(), line.substr(0, colon)) != telling.end()) ++found;
    }
    if (found < 2) return 0;
    return name.ends_with(".conf") ? 90 : 70;
}

bool carries(std::string_view, std::string_view key) {
    return std::find(carried_fields.begin(), carried_fields.end(), key) != carried_fields.end() ||
           std::find(carried_more.begin(), carried_more.end(), key) != carried_more.end();
}

}  // namespace proxmox

extern const Platform platform_proxmox;
const Platform platform_proxmox{"proxmox",       "Proxmox VE",   proxmox::forms,  proxmox::option_specs(),
                                proxmox::detect, proxmox::write, proxmox::read, proxmox::carries};

}  // namespace ovfkit::detail
