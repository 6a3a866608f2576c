#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "platform/qemu/writer.hpp"

namespace ovfkit::detail {

namespace qemu {

namespace {

constexpr std::array forms{Form{"qemu", "QEMU command line (shell script)", ".sh", true, true},
                           Form{"qemu-argv", "QEMU command line (JSON array)", ".json", true, true}};

/// Fields that are on the command line whenever they have a value, or else named by a note.
constexpr std::array<std::string_view, 76> carried_fields{
    "id", "name", "uuid", "genid", "clock", "machine", "arch", "firmware", "secure_boot", "nvram_file_id", "boot",
    "cpu.count", "cpu.maximum", "cpu.sockets", "cpu.cores", "cpu.threads", "cpu.model",
    "memory.boot_bytes", "memory.target_bytes", "memory.maximum_bytes",
    "balloon.state", "balloon.model", "balloon.autodeflate", "balloon.free_page_reporting", "balloon.stats_period_seconds", "balloon.info.address",
    "balloon.info.parameters[qemu]",
    "controllers[].type", "controllers[].model", "controllers[].address", "controllers[].info.address", "controllers[].info.parameters[qemu]",
    "drives[].kind", "drives[].disk_id", "drives[].file_id", "drives[].controller", "drives[].unit", "drives[].interface", "drives[].source",
    "drives[].source_format", "drives[].connected", "drives[].read_only", "drives[].shareable", "drives[].transient", "drives[].boot_index",
    "drives[].serial", "drives[].cache", "drives[].discard", "drives[].info.parameters[qemu]",
    "nics[].network", "nics[].attachment", "nics[].model", "nics[].mac", "nics[].connected", "nics[].link_up", "nics[].boot_index",
    "nics[].info.address", "nics[].info.parameters[qemu]",
    "serials[].backend", "serials[].target", "serials[].connected", "parallels[].backend", "parallels[].target", "parallels[].connected",
    "videos[].model", "videos[].vram_bytes", "videos[].heads", "videos[].info.address", "videos[].info.parameters[qemu]",
    "graphics[].type", "graphics[].listen", "graphics[].port", "graphics[].keymap", "sounds[].model", "parameters[qemu]", "files[].id"};
constexpr std::array<std::string_view, 17> carried_more{
    "watchdogs[].model", "watchdogs[].option", "rngs[].model", "rngs[].option", "tpms[].model", "tpms[].option", "files[].href",
    "disks[].id", "disks[].file_id", "disks[].format", "disks[].volume_format", "networks[].name",
    "sounds[].info.address", "sounds[].info.parameters[qemu]", "watchdogs[].info.address", "rngs[].info.address", "rngs[].info.parameters[qemu]"};

/// The program is named at the start of a word and followed by an option.
bool names_program(std::string_view bytes) {
    constexpr std::array<std::string_view, 4> programs{"qemu-system-", "qemu-kvm ", "/kvm ", "kvm -"};
    const std::string_view head = bytes.substr(0, std::size_t{4} << 20);
    return std::any_of(programs.begin(), programs.end(), [&](std::string_view program) {
        for (std::size_t at = head.find(program); at != std::string_view::npos; at = head.find(program, at + 1)) {
            const bool begins = at == 0 || program.front() == '/' || is_blank(head[at - 1]) || head[at - 1] == '/' || head[at - 1] == '\'' || head[at - 1] == '"';
            const std::size_t end = head.find_first_of("\n", at);
            const std::string_view line = head.substr(at, std::min<std::size_t>(end == std::string_view::npos ? head.size() - at : end - at + 64, 4096));
            if (begins && (line.find(" -") != std::string_view::npos || line.find(std::string_view("\0-", 2)) != std::string_view::npos)) return true;
        }
        return false;
    });
}

}  // namespace

int detect(std::string_view name, std::string_view bytes) {
    const std::string_view text = trimmed(bytes.substr(0, 4096));
    if (text.empty() || text.front() == '<' || text.front() == '{') return 0;
    if (text.front() == '[') {  // an array of words, or a Ganeti runtime
        std::string_view rest = trimmed(text.substr(1));
        if (rest.starts_with("[")) rest = trimmed(rest.substr(1));
        if (!rest.starts_with("\"")) return 0;
        const std::size_t close = rest.find('"', 1);
        return close != std::string_view::npos && is_program(rest.substr(1, close - 1)) ? 90 : 0;
    }
    const bool names = names_program(bytes);
    return !names ? 0 : text.starts_with("#!") || name.ends_with(".sh") || name.ends_with(".log") ? 80 : 60;
}

bool carries(std::string_view, std::string_view key) {
    return std::find(carried_fields.begin(), carried_fields.end(), key) != carried_fields.end() ||
           std::find(carried_more.begin(), carried_more.end(), key) != carried_more.end();
}

}  // namespace qemu

extern const Platform platform_qemu;
const Platform platform_qemu{"qemu",       "QEMU",      qemu::forms, qemu::option_specs(), qemu::detect,
                             qemu::write, qemu::read, qemu::carries};

}  // namespace ovfkit::detail
