#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "platform/libvirt/leaf.hpp"
#include "platform/libvirt/settings.hpp"

namespace ovfkit::detail {

namespace libvirt {

namespace {

constexpr std::array forms{Form{"libvirt", "libvirt domain XML", ".xml", true, true}};

/// Fields that are in the XML whenever they have a value, or else named by a note.
constexpr std::array<std::string_view, 78> carried_fields{
    "id",
    "name",
    "uuid",
    "genid",
    "title",
    "annotation",
    "clock",
    "os.osinfo_id",
    "machine",
    "arch",
    "firmware",
    "secure_boot",
    "boot",
    "cpu.count",
    "cpu.maximum",
    "cpu.sockets",
    "cpu.cores",
    "cpu.threads",
    "cpu.model",
    "memory.boot_bytes",
    "memory.target_bytes",
    "memory.guaranteed_bytes",
    "balloon.state",
    "balloon.model",
    "balloon.autodeflate",
    "balloon.free_page_reporting",
    "balloon.stats_period_seconds",
    "balloon.info.alias",
    "balloon.info.address",
    "controllers[].type",
    "controllers[].model",
    "controllers[].address",
    "controllers[].info.alias",
    "drives[].kind",
    "drives[].disk_id",
    "drives[].file_id",
    "drives[].controller",
    "drives[].unit",
    "drives[].interface",
    "drives[].source",
    "drives[].source_format",
    "drives[].connected",
    "drives[].read_only",
    "drives[].shareable",
    "drives[].transient",
    "drives[].boot_index",
    "drives[].serial",
    "drives[].cache",
    "drives[].discard",
    "drives[].info.alias",
    "nics[].network",
    "nics[].attachment",
    "nics[].model",
    "nics[].mac",
    "nics[].connected",
    "nics[].link_up",
    "nics[].boot_index",
    "nics[].info.alias",
    "serials[].backend",
    "serials[].target",
    "serials[].connected",
    "serials[].info.alias",
    "parallels[].backend",
    "parallels[].target",
    "parallels[].connected",
    "parallels[].info.alias",
    "videos[].model",
    "videos[].vram_bytes",
    "videos[].heads",
    "videos[].info.alias",
    "graphics[].type",
    "graphics[].listen",
    "graphics[].port",
    "graphics[].keymap",
    "sounds[].model",
    "watchdogs[].model",
    "watchdogs[].option",
    "rngs[].model",
};
constexpr std::array<std::string_view, 14> carried_more{
    "rngs[].option",          "tpms[].model",      "tpms[].option",     "sounds[].info.alias",
    "watchdogs[].info.alias", "rngs[].info.alias", "tpms[].info.alias", "files[].id",
    "files[].href",           "disks[].id",        "disks[].file_id",   "disks[].format",
    "disks[].volume_format",  "networks[].name",
};

/// The first tag of a document, its prolog skipped; empty when there is none near the start.
std::string_view first_tag(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int i = 0; i < 64; ++i) {
        const std::size_t open = text.find('<');
        if (open == std::string_view::npos || open + 1 >= text.size()) return {};
        for (const char c : text.substr(0, open))
            if (!is_blank(c)) return {};
        text.remove_prefix(open);
        const bool comment = text.starts_with("<!--");
        if (!comment && text[1] != '?') return text.substr(0, text.find('>'));
        const std::size_t end = text.find(comment ? "-->" : "?>");
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + (comment ? 3 : 2));
    }
    return {};
}

}  // namespace

/// What virt-v2v and libvirt can run, the closest first.
constexpr std::array<std::string_view, 7> families{"kvm", "qemu", "virtio", "vmx-", "virtualbox-", "hvm-", "xen"};

int detect(std::string_view /*name*/, std::string_view bytes) {
    const std::string_view tag = first_tag(bytes);
    if (!tag.starts_with("<domain")) return 0;
    const char next = tag.size() > 7 ? tag[7] : '>';
    return is_blank(next) || next == '>' || next == '/' ? 95 : 0;
}

bool carries(std::string_view /*form*/, std::string_view key) {
    return std::find(carried_fields.begin(), carried_fields.end(), key) != carried_fields.end() ||
           std::find(carried_more.begin(), carried_more.end(), key) != carried_more.end();
}

}  // namespace libvirt

extern const Platform platform_libvirt;
const Platform platform_libvirt{"libvirt",       "libvirt",      libvirt::forms, libvirt::option_specs(),
                                libvirt::detect, libvirt::write, libvirt::read,  libvirt::carries,
                                libvirt::families};

}  // namespace ovfkit::detail
