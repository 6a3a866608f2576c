#include "platform/qemu/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ovfkit::detail::qemu {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;  ///< the model's word, QEMU's

constexpr std::array scsi{Pair{"lsilogic", "lsi53c895a"}, Pair{"lsisas1068", "mptsas1068"}, Pair{"lsisas1078", "megasas"},
                          Pair{"vmpvscsi", "pvscsi"},     Pair{"am53c974", "am53c974"},     Pair{"spapr-vscsi", "spapr-vscsi"},
                          Pair{"virtio-scsi", "virtio-scsi-pci"}, Pair{"lsilogic", "lsi"},  Pair{"lsilogic", "lsi53c810"},
                          Pair{"am53c974", "dc390"},      Pair{"lsisas1078", "megasas-gen2"}};
constexpr std::array usb{Pair{"piix3-uhci", "piix3-usb-uhci"}, Pair{"piix4-uhci", "piix4-usb-uhci"}, Pair{"ehci", "usb-ehci"},
                         Pair{"ich9-ehci1", "ich9-usb-ehci1"}, Pair{"ich9-uhci1", "ich9-usb-uhci1"}, Pair{"ich9-uhci2", "ich9-usb-uhci2"},
                         Pair{"ich9-uhci3", "ich9-usb-uhci3"}, Pair{"pci-ohci", "pci-ohci"},         Pair{"nec-xhci", "nec-usb-xhci"},
                         Pair{"qemu-xhci", "qemu-xhci"}};
constexpr std::array nic{Pair{"e1000", "e1000"},     Pair{"e1000e", "e1000e"},     Pair{"vmxnet3", "vmxnet3"},       Pair{"pcnet", "pcnet"},
                         Pair{"rtl8139", "rtl8139"}, Pair{"ne2k_pci", "ne2k_pci"}, Pair{"spapr-vlan", "spapr-vlan"}, Pair{"e1000", "e1000-82540em"},
                         Pair{"e1000", "e1000-82544gc"}, Pair{"e1000", "e1000-82545em"}};
constexpr std::array video{Pair{"vga", "VGA"},   Pair{"cirrus", "cirrus-vga"}, Pair{"vmvga", "vmware-svga"}, Pair{"qxl", "qxl-vga"},
                           Pair{"virtio", "virtio-vga"}, Pair{"bochs", "bochs-display"}, Pair{"qxl", "qxl"}, Pair{"virtio", "virtio-gpu-pci"},
                           Pair{"vga", "secondary-vga"}, Pair{"virtio", "virtio-vga-gl"}, Pair{"virtio", "virtio-gpu-gl-pci"},
                           Pair{"virtio", "virtio-gpu-ccw"}};
constexpr std::array sound{Pair{"ac97", "AC97"}, Pair{"ich6", "intel-hda"}, Pair{"ich9", "ich9-intel-hda"}, Pair{"sb16", "sb16"},
                           Pair{"es1370", "ES1370"}, Pair{"usb", "usb-audio"}};
constexpr std::array plumbing{std::string_view{"id"}, std::string_view{"bus"}, std::string_view{"addr"}, std::string_view{"multifunction"},
                              std::string_view{"port"}, std::string_view{"chassis"}, std::string_view{"auto-read-only"},
                              std::string_view{"if"}, std::string_view{"host_mtu"}, std::string_view{"masterbus"}, std::string_view{"firstport"}};

template <class Table>
std::string_view written(const Table& table, std::string_view word) {
    for (const Pair& row : table)
        if (row.first == word) return row.second;
    return {};
}

template <class Table>
std::string_view read(const Table& table, std::string_view word) {
    for (const Pair& row : table)
        if (row.second == word) return row.first;
    return {};
}

}  // namespace

std::string_view scsi_driver(std::string_view model) { return written(scsi, model); }
std::string_view scsi_model(std::string_view driver) { return read(scsi, driver); }
std::string_view usb_driver(std::string_view model) { return written(usb, model); }
std::string_view usb_model(std::string_view driver) { return read(usb, driver); }
std::string_view nic_driver(std::string_view model) { return written(nic, model); }
std::string_view nic_model(std::string_view driver) { return read(nic, driver); }
std::string_view video_driver(std::string_view model) { return written(video, model); }
std::string_view video_model(std::string_view driver) { return read(video, driver); }
std::string_view sound_driver(std::string_view model) { return written(sound, model); }
std::string_view sound_model(std::string_view driver) { return read(sound, driver); }

std::string virtio_kind(std::string_view driver) {
    if (!driver.starts_with("virtio-")) return std::string(driver);
    for (const std::string_view end : {"-non-transitional", "-transitional"})
        if (driver.ends_with(end)) driver.remove_suffix(end.size());
    for (const std::string_view end : {"-pci", "-ccw", "-device"})
        if (driver.ends_with(end)) {
            driver.remove_suffix(end.size());
            break;
        }
    return std::string(driver);
}

bool is_plumbing(std::string_view key) { return std::find(plumbing.begin(), plumbing.end(), key) != plumbing.end(); }

}  // namespace ovfkit::detail::qemu
