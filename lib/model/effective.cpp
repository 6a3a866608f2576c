#include <algorithm>
#include <array>

#include <ovfkit/model.hpp>

// What absence means: reference tables of each platform's own code, collected in the balloon matrix of README.
namespace ovfkit {

namespace {

/// libvirt's QEMU driver adds a balloon by itself except on these (qemuDomainDefAddDefaultDevices).
constexpr std::array<std::string_view, 5> no_implicit_balloon{"armv6l", "armv7l", "armv7b", "aarch64", "sparc"};

/// Platforms on which nothing written means no balloon.
constexpr std::array<std::string_view, 6> absent_is_off{"ovirt", "vdsm", "qemu", "cloud-hypervisor", "firecracker", "libvirt-other"};

}  // namespace

BalloonState effective(BalloonState state, std::string_view platform, std::string_view arch) {
    if (state != BalloonState::unspecified) return state;
    if (platform == "libvirt")
        return std::find(no_implicit_balloon.begin(), no_implicit_balloon.end(), arch) != no_implicit_balloon.end()
                   ? BalloonState::disabled
                   : BalloonState::enabled;
    if (std::find(absent_is_off.begin(), absent_is_off.end(), platform) != absent_is_off.end()) return BalloonState::disabled;
    return BalloonState::enabled;
}

}  // namespace ovfkit
