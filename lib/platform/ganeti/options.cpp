#include <array>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

namespace ovfkit::detail::ganeti {

namespace {

constexpr std::array specs{
    OptionSpec{"profile", "stock|balloon-hvparam", "stock",
               "stock: a released Ganeti, which always adds a balloon; balloon-hvparam: the cluster has the hvparam "
               "`balloon`"},
    OptionSpec{"balloon-off", "warn|error|wrapper", "warn",
               "a disabled balloon on a stock cluster: keep the device and never inflate it, refuse, or set kvm_path "
               "to a wrapper"},
    OptionSpec{"wrapper", "PATH", "/usr/local/lib/ganeti/kvm-noballoon",
               "the wrapper that starts kvm without the balloon device, on every node"},
    OptionSpec{"hypervisor", "kvm|xen-pvm|xen-hvm|lxc|chroot|fake", "kvm",
               "target hypervisor; a source that names one keeps it"},
    OptionSpec{"os", "NAME", "noop+default", "OS definition, with its variant; a source that names one keeps it"},
    OptionSpec{"version", "2.4|2.5|2.6|2.7|2.8|2.9|2.10|2.11|2.12|2.13|2.14|2.15|2.16|2.17|3.0|3.1|3.2", "3.0",
               "target release: which hvparams exist and what it does by itself"},
    OptionSpec{"disk-template", "file|sharedfile|plain|drbd|rbd|gluster", "plain",
               "disk template; without disks diskless"},
    OptionSpec{"pnode", "NAME", "",
               "primary node (ganeti-instance); without it `gnt-instance batch-create --iallocator` chooses"},
    OptionSpec{"snode", "NAME", "", "secondary node (ganeti-instance), needed for drbd with a pnode"},
    OptionSpec{"network-link", "NAME", "br0", "bridge, switch or routing table for NICs on a logical network"},
    OptionSpec{"network-mode", "bridged|routed|openvswitch", "bridged", "NIC mode for NICs on a logical network"},
    OptionSpec{"xen-bootloader", "PATH", "/usr/bin/pygrub",
               "boot loader of xen-pvm guests that bring their own kernel"},
};

std::uint32_t version_number(std::string_view text) {
    const std::size_t dot = text.find('.');
    const auto major = to_number<std::uint32_t>(text.substr(0, dot));
    const auto minor = dot == std::string_view::npos ? std::optional<std::uint32_t>{0}
                                                     : to_number<std::uint32_t>(text.substr(dot + 1));
    if (!major || !minor || *major > 9 || *minor > 99) return 300;
    return *major * 100 + *minor;
}

template <class Context>
Options options_from(const Context& context) {
    const auto option = [&](std::string_view key) { return context.option("ganeti", specs, key); };
    const auto given = [&](std::string_view key) {
        return context.options.options.find("ganeti." + std::string(key)) != context.options.options.end();
    };
    Options out;
    out.balloon_param = option("profile") == "balloon-hvparam";
    out.balloon_off = option("balloon-off");
    out.wrapper = option("wrapper");
    if (given("hypervisor")) out.hypervisor = option("hypervisor");
    if (given("os")) out.os = option("os");
    out.version = version_number(option("version"));
    if (given("disk-template")) out.disk_template = option("disk-template");
    out.pnode = option("pnode");
    out.snode = option("snode");
    out.link = option("network-link");
    out.link_given = given("network-link");
    out.mode = option("network-mode");
    out.bootloader = option("xen-bootloader");
    return out;
}

}  // namespace

std::span<const OptionSpec> option_specs() { return specs; }
Options options_of(const WriteContext& context) { return options_from(context); }
Options options_of(const ReadContext& context) { return options_from(context); }

}  // namespace ovfkit::detail::ganeti
