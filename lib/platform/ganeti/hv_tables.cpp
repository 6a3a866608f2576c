#include <array>

#include "platform/ganeti/hvparams.hpp"

// The parameters of Ganeti 3.0 (hv_kvm, hv_xen, hv_lxc, hv_chroot, hv_fake; constants HVC_DEFAULTS), with the
// first release that has each. The KVM set is the same from 2.16.2 to 3.2.
namespace ovfkit::detail::ganeti {

namespace {

constexpr Param text(std::string_view name, std::string_view fallback = {}, std::uint32_t since = 0) {
    return {name, ParamType::string, false, fallback, ParamCheck::none, {}, since, false};
}
constexpr Param flag(std::string_view name, bool fallback, std::uint32_t since = 0) {
    return {name, ParamType::boolean, false, fallback ? "True" : "False", ParamCheck::none, {}, since, false};
}
constexpr Param number(std::string_view name, std::string_view fallback, std::string_view range,
                       std::uint32_t since = 0, bool required = false) {
    return {name,
            ParamType::integer,
            required,
            fallback,
            range.empty() ? ParamCheck::none : ParamCheck::in_range,
            range,
            since,
            false};
}
constexpr Param number_of(std::string_view name, std::string_view fallback, std::string_view values,
                          std::uint32_t since) {
    return {name, ParamType::integer, false, fallback, ParamCheck::one_of, values, since, false};
}
constexpr Param word(std::string_view name, std::string_view fallback, std::string_view values, std::uint32_t since = 0,
                     bool required = false) {
    return {name, ParamType::string, required, fallback, ParamCheck::one_of, values, since, false};
}
constexpr Param path(std::string_view name, std::string_view fallback = {}, std::uint32_t since = 0,
                     bool required = false) {
    return {name, ParamType::string, required, fallback, ParamCheck::path, {}, since, false};
}
constexpr Param path_or_url(std::string_view name, std::string_view fallback = {}, std::uint32_t since = 0) {
    return {name, ParamType::string, false, fallback, ParamCheck::path_or_url, {}, since, false};
}
constexpr Param checked(std::string_view name, std::string_view fallback, ParamCheck check,
                        std::string_view values = {}, bool required = false) {
    return {name, ParamType::string, required, fallback, check, values, 0, false};
}
constexpr Param cluster_only(std::string_view name) {
    return {name, ParamType::string, false, {}, ParamCheck::none, {}, 0, true};
}

constexpr std::string_view kvm_disk_types =
    "ide mtd paravirtual pflash scsi scsi-block scsi-cd scsi-generic scsi-hd sd";

// clang-format off
constexpr std::array kvm{
    flag("acpi", true),
    word("boot_order", "disk", "cdrom disk floppy network", 0, true),
    path_or_url("cdrom2_image_path", "", 204),
    word("cdrom_disk_type", "", kvm_disk_types, 204),
    path_or_url("cdrom_image_path"),
    number("cpu_cores", "0", "0 2147483647", 207),
    checked("cpu_mask", "all", ParamCheck::cpu_masks),
    number("cpu_sockets", "0", "0 2147483647", 207),
    number("cpu_threads", "0", "0 2147483647", 207),
    text("cpu_type", "", 207),
    word("disk_aio", "threads", "io_uring+301 native threads", 212),
    word("disk_cache", "default", "default none writeback writethrough", 0, true),
    word("disk_discard", "default", "default-301 ignore unmap", 216),
    word("disk_type", "paravirtual", kvm_disk_types, 0, true),
    path("floppy_image_path", "", 204),
    path("initrd_path"),
    text("kernel_args", "ro"),
    path("kernel_path", "/boot/vmlinuz-3-kvmU"),
    text("keymap", "", 205),
    text("kvm_extra", "", 207),
    word("kvm_flag", "", "disabled enabled"),
    path("kvm_path", "/usr/bin/kvm", 207, true),
    number("kvm_pci_reservations", "12", "0 32", 216),
    text("machine_version", "", 207),
    path("mem_path"),
    cluster_only("migration_bandwidth"),
    text("migration_caps", "", 212),
    number("migration_downtime", "30", "0 2147483647", 0, true),
    cluster_only("migration_mode"),
    cluster_only("migration_port"),
    word("nic_type", "paravirtual", "e1000 i82551 i82557b i82559er ne2k_isa ne2k_pci paravirtual pcnet rtl8139", 0,
         true),
    word("reboot_behavior", "reboot", "exit reboot", 205, true),
    text("root_path", "/dev/vda1"),
    word("scsi_controller_type", "lsi", "dc390+301 lsi megasas virtio-scsi-pci", 216, true),
    text("security_domain"),
    word("security_model", "none", "none pool user", 0, true),
    flag("serial_console", true),
    number("serial_speed", "38400", "", 207),
    text("soundhw", "", 207),
    text("spice_bind", "", 205),
    word("spice_image_compression", "", "auto_glz auto_lz glz lz off quic", 206),
    number_of("spice_ip_version", "0", "0 4 6", 205),
    word("spice_jpeg_wan_compression", "", "always auto never", 206),
    path("spice_password_file", "", 206),
    flag("spice_playback_compression", true, 206),
    word("spice_streaming_video", "", "all filter off", 206),
    text("spice_tls_ciphers", "HIGH:-DES:-3DES:-EXPORT:-DH", 206),
    flag("spice_use_tls", false, 206),
    flag("spice_use_vdagent", true, 206),
    word("spice_zlib_glz_wan_compression", "", "always auto never", 206),
    text("usb_devices", "", 207),
    word("usb_mouse", "", "mouse tablet"),
    flag("use_chroot", false),
    flag("use_guest_agent", false, 216),
    flag("use_localtime", false),
    flag("user_shutdown", false, 211),
    text("vga", "", 207),
    flag("vhost_net", false),
    number("virtio_net_queues", "1", "1 8", 212),
    text("vnc_bind_address"),
    path("vnc_password_file"),
    flag("vnc_tls", false),
    path("vnc_x509_path"),
    flag("vnc_x509_verify", false),
    flag("vnet_hdr", true, 208)};
constexpr std::array xen_pvm{
    text("blockdev_prefix", "sd", 204),
    text("bootloader_args"),
    path("bootloader_path"),
    number("cpu_cap", "0", "0 2147483647", 207),
    checked("cpu_mask", "all", ParamCheck::cpu_masks),
    number("cpu_weight", "256", "1 65535", 207),
    text("cpuid", "", 210),
    path("initrd_path"),
    text("kernel_args", "ro"),
    path("kernel_path", "/boot/vmlinuz-3-xenU", 0, true),
    cluster_only("migration_mode"),
    cluster_only("migration_port"),
    word("reboot_behavior", "reboot", "exit reboot", 205, true),
    text("root_path", "/dev/xvda1"),
    text("soundhw", "", 207),
    flag("use_bootloader", false),
    path("vif_script", "", 209),
    cluster_only("xen_cmd")};
constexpr std::array xen_hvm{
    flag("acpi", true),
    text("blockdev_prefix", "hd", 204),
    checked("boot_order", "cd", ParamCheck::letters, "acdn", true),
    path("cdrom_image_path"),
    number("cpu_cap", "0", "", 207),
    checked("cpu_mask", "all", ParamCheck::cpu_masks),
    number("cpu_weight", "256", "1 65535", 207),
    text("cpuid", "", 210),
    path("device_model", "/usr/lib/xen/bin/qemu-dm", 0, true),
    word("disk_type", "paravirtual", "ioemu paravirtual", 0, true),
    path("kernel_path", "/usr/lib/xen/boot/hvmloader", 0, true),
    cluster_only("migration_mode"),
    cluster_only("migration_port"),
    word("nic_type", "rtl8139", "e1000 ne2k_isa ne2k_pci paravirtual rtl8139", 0, true),
    flag("pae", true),
    text("pci_pass", "", 207),
    word("reboot_behavior", "reboot", "exit reboot", 205, true),
    text("soundhw", "", 207),
    flag("use_localtime", false),
    path("vif_script", "", 209),
    word("vif_type", "ioemu", "ioemu vif", 207),
    flag("viridian", false, 208),
    checked("vnc_bind_address", "0.0.0.0", ParamCheck::ip4_address),
    path("vnc_password_file", "/etc/ganeti/vnc-cluster-password", 0, true),
    cluster_only("xen_cmd")};
constexpr std::array lxc{
    checked("cpu_mask", "", ParamCheck::cpu_mask),
    text("devices",
         "c 1:3 rw,c 1:5 rw,c 1:7 rw,c 1:8 rw,c 1:9 rw,c 1:10 rw,c 5:0 rw,c 5:1 rw,c 5:2 rw,c 136:* rw", 213),
    text("drop_capabilities", "mac_override,sys_boot,sys_module,sys_time,sys_admin", 213),
    text("extra_cgroups", "", 213),
    text("extra_config", "", 213),
    number("num_ttys", "6", "0 2147483647", 213, true),
    number("startup_timeout", "30", "0 2147483647", 213)};
constexpr std::array chroot_{
    path("init_script", "/ganeti-chroot", 0, true)};
constexpr std::array fake{
    cluster_only("migration_mode")};
// clang-format on

constexpr std::array backend{flag("always_failover", false, 206),
                             flag("auto_balance", true),
                             Param{"maxmem", ParamType::size, true, "128", ParamCheck::none, {}, 206, false},
                             Param{"minmem", ParamType::size, true, "128", ParamCheck::none, {}, 206, false},
                             number("spindle_use", "1", "0 2147483647", 206),
                             number("vcpus", "1", "1 2147483647")};

}  // namespace

std::span<const Param> params_of(std::string_view hypervisor) {
    if (hypervisor == "kvm") return kvm;
    if (hypervisor == "xen-pvm") return xen_pvm;
    if (hypervisor == "xen-hvm") return xen_hvm;
    if (hypervisor == "lxc") return lxc;
    if (hypervisor == "chroot") return chroot_;
    if (hypervisor == "fake") return fake;
    return {};
}

std::span<const Param> backend_params() { return backend; }

}  // namespace ovfkit::detail::ganeti
