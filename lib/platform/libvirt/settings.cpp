#include "platform/libvirt/settings.hpp"

#include <algorithm>
#include <array>

namespace ovfkit::detail::libvirt {

namespace {

constexpr std::array specs{
    OptionSpec{"type", "kvm|qemu|test|xen", "kvm", "domain type; qemu runs without KVM, test is libvirt's mock driver"},
    OptionSpec{"machine", "NAME", "", "machine type; default: the system's own, else pc for BIOS and q35 for EFI"},
    OptionSpec{"arch", "NAME", "", "guest architecture; default: the system's own, else x86_64"},
    OptionSpec{"network", "network|bridge|user", "network", "how a NIC is attached whose source does not say"},
    OptionSpec{"network-name", "NAME", "", "network of a NIC that names none; default: default, for bridges virbr0"},
    OptionSpec{"images", "DIR", "/var/lib/libvirt/images", "absolute folder the image files lie in"},
    OptionSpec{"graphics", "none|vnc|spice", "none", "a console to add when the source has none"},
    OptionSpec{"nvme", "sata|nvme", "sata", "what an NVMe controller becomes; nvme needs libvirt 11.5 or newer"},
};

/// `value` when it is one of the words of the option's list, its default otherwise.
std::string listed(std::string_view key, std::string value) {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& s) { return s.key == key; });
    std::string_view words = spec->values;
    while (!words.empty()) {
        const std::size_t bar = words.find('|');
        if (words.substr(0, bar) == value) return value;
        words = bar == std::string_view::npos ? std::string_view{} : words.substr(bar + 1);
    }
    return std::string(spec->default_value);
}

}  // namespace

std::span<const OptionSpec> option_specs() { return specs; }

Settings settings_of(const WriteContext& context) {
    const auto get = [&](std::string_view key) { return context.option("libvirt", specs, key); };
    Settings out;
    out.type = listed("type", get("type"));
    out.machine = get("machine");
    out.arch = get("arch");
    out.network = listed("network", get("network"));
    out.network_name = get("network-name");
    out.images = get("images");
    if (out.images.empty() || out.images.front() != '/') out.images = "/var/lib/libvirt/images";
    while (out.images.size() > 1 && out.images.back() == '/') out.images.pop_back();
    if (out.images == "/") out.images.clear();
    out.graphics = listed("graphics", get("graphics"));
    out.nvme = listed("nvme", get("nvme")) == "nvme";
    return out;
}

}  // namespace ovfkit::detail::libvirt
