#pragma once

#include <span>
#include <string>

#include "model/leaf.hpp"

/// The `-O libvirt.*` options and what they decide together with the system.
namespace ovfkit::detail::libvirt {

std::span<const OptionSpec> option_specs();

struct Settings {
    std::string type;          ///< `kvm qemu test xen`
    std::string machine;       ///< as asked for; empty: the system's own
    std::string arch;          ///< likewise
    std::string network;       ///< `network bridge user`: how a NIC without attachment is attached
    std::string network_name;  ///< for a NIC that names none
    std::string images;        ///< absolute folder of the image files, without a slash at the end
    std::string graphics;      ///< `none vnc spice`
    bool nvme = false;         ///< write nvme controllers (newer libvirt) instead of sata
};

/// Values out of their list (options that travelled in a file are not checked by anybody) count as the default.
Settings settings_of(const WriteContext& context);

}  // namespace ovfkit::detail::libvirt
