#pragma once

#include <string>
#include <string_view>

/// The model's words and QEMU's device names.
namespace ovfkit::detail::qemu {

/// `lsilogic` -> `lsi53c895a`; empty: QEMU has none.
std::string_view scsi_driver(std::string_view model);
std::string_view scsi_model(std::string_view driver);
std::string_view usb_driver(std::string_view model);
std::string_view usb_model(std::string_view driver);
/// PCI NICs; `virtio` is not in it, it depends on the transport.
std::string_view nic_driver(std::string_view model);
std::string_view nic_model(std::string_view driver);
std::string_view video_driver(std::string_view model);
std::string_view video_model(std::string_view driver);
std::string_view sound_driver(std::string_view model);
std::string_view sound_model(std::string_view driver);
/// `virtio-net-pci-non-transitional` -> `virtio-net`; the name itself when it is no virtio device.
std::string virtio_kind(std::string_view driver);
/// Properties that say where QEMU put a device, not what it is.
bool is_plumbing(std::string_view key);

}  // namespace ovfkit::detail::qemu
