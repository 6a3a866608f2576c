#include <array>

#include "base/checked.hpp"
#include "platform/vdsm/vdsm.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::array forms{Form{"vdsm", "VDSM VM definition (JSON)", ".json", true, true}};

constexpr std::array<std::string_view, 6> families{"engine", "rhel", "kvm", "qemu", "virtio", "vmx-"};

}  // namespace

int vdsm::detect(std::string_view, std::string_view bytes) {
    const bool json = trimmed(bytes).starts_with("{");
    return json && bytes.find("\"vmId\"") != std::string_view::npos ? 90 : 0;
}

extern const Platform platform_vdsm;
const Platform platform_vdsm{"vdsm",      "oVirt VDSM", forms,         {}, vdsm::detect,
                             vdsm::write, vdsm::read,   vdsm::carries, families};

}  // namespace ovfkit::detail
