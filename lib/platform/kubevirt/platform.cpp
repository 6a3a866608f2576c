#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "platform/kubevirt/kubevirt.hpp"

namespace ovfkit::detail {

namespace kubevirt {

namespace {

constexpr std::array forms{Form{"kubevirt", "KubeVirt VirtualMachine (YAML)", ".yaml", true, true}};

constexpr std::array<std::string_view, 63> carried_fields{
    "id", "name", "uuid", "annotation", "clock", "machine", "arch", "firmware", "secure_boot", "boot",
    "cpu.count", "cpu.maximum", "cpu.sockets", "cpu.cores", "cpu.threads", "cpu.model", "memory.boot_bytes", "memory.maximum_bytes",
    "balloon.state", "balloon.model", "balloon.autodeflate", "balloon.free_page_reporting", "balloon.stats_period_seconds",
    "controllers[].type", "controllers[].model",
    "drives[].kind", "drives[].disk_id", "drives[].file_id", "drives[].controller", "drives[].interface", "drives[].source", "drives[].connected",
    "drives[].read_only", "drives[].shareable", "drives[].transient", "drives[].boot_index", "drives[].serial", "drives[].cache",
    "nics[].network", "nics[].attachment", "nics[].model", "nics[].mac", "nics[].connected", "nics[].link_up", "nics[].boot_index",
    "serials[].backend", "serials[].target", "sounds[].model", "watchdogs[].model", "watchdogs[].option", "rngs[].model", "rngs[].option",
    "tpms[].model", "tpms[].option", "parameters[kubevirt]", "files[].id", "files[].href", "disks[].id", "disks[].file_id", "disks[].format",
    "networks[].name", "graphics[].type", "disks[].volume_format"};

}  // namespace

int detect(std::string_view, std::string_view bytes) {
    const std::string_view text = bytes.substr(0, 65536);
    const std::string_view head = trimmed(text);
    if (head.empty() || head.front() == '<') return 0;
    return text.find("kubevirt.io/v") != std::string_view::npos && text.find("VirtualMachine") != std::string_view::npos ? 92 : 0;
}

bool carries(std::string_view, std::string_view key) {
    return std::find(carried_fields.begin(), carried_fields.end(), key) != carried_fields.end();
}

}  // namespace kubevirt

extern const Platform platform_kubevirt;
const Platform platform_kubevirt{"kubevirt",       "KubeVirt",      kubevirt::forms, kubevirt::option_specs(),
                                 kubevirt::detect, kubevirt::write, kubevirt::read, kubevirt::carries};

}  // namespace ovfkit::detail
