#include "descriptor/spelling.hpp"

#include <array>
#include <span>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

/// An empty spelling: the dialect has none of its own. The first row of a neutral word is the one written; further
/// rows only add words that are read.
struct Row {
    std::string_view neutral, dmtf, vmware, virtualbox;
};

constexpr Row ide[] = {
    {"piix4", "PIIX4", "PIIX4", "PIIX4"}, {"piix3", "PIIX3", "PIIX3", "PIIX3"}, {"ich6", "ICH6", "ICH6", "ICH6"}};

constexpr Row scsi[] = {{"lsilogic", "lsilogic", "lsilogic", "lsilogic"},
                        {"lsisas1068", "lsilogicsas", "lsilogicsas", "lsilogicsas"},
                        {"lsisas1068", "lsilogic-sas", "lsisas1068", "lsilogicSAS"},
                        {"lsisas1078", "lsisas1078", "", ""},
                        {"buslogic", "buslogic", "buslogic", "buslogic"},
                        {"vmpvscsi", "VirtualSCSI", "VirtualSCSI", ""},
                        {"vmpvscsi", "pvscsi", "vmpvscsi", ""},
                        {"virtio-scsi", "virtio-scsi", "", "VirtioSCSI"},
                        {"virtio-scsi", "virtioscsi", "", ""},
                        {"am53c974", "am53c974", "", ""},
                        {"spapr-vscsi", "spapr-vscsi", "", ""}};

constexpr Row sata_nvme[] = {{"ahci", "AHCI", "vmware.sata.ahci", "AHCI"},
                             {"nvme", "vmware.nvme.controller", "vmware.nvme.controller", "NVMe"},
                             {"virtio-scsi", "virtio-scsi", "virtio-scsi", "VirtioSCSI"},
                             {"virtio-blk", "virtio", "virtio", "virtio"}};

constexpr Row usb[] = {{"ich9-ehci1", "vmware.usb.ehci", "vmware.usb.ehci", "ich9-ehci1"},
                       {"qemu-xhci", "vmware.usb.xhci", "vmware.usb.xhci", "qemu-xhci"},
                       {"piix3-uhci", "piix3-uhci", "", ""},
                       {"piix4-uhci", "piix4-uhci", "", ""},
                       {"nec-xhci", "nec-xhci", "", ""},
                       {"pci-ohci", "pci-ohci", "", ""},
                       {"none", "none", "", ""}};

constexpr Row nic[] = {{"e1000", "E1000", "E1000", "E1000"},
                       {"e1000e", "E1000e", "E1000e", ""},
                       {"vmxnet3", "VmxNet3", "VmxNet3", ""},
                       {"vmxnet2", "VmxNet2", "VmxNet2", ""},
                       {"vmxnet", "Vmxnet", "Vmxnet", ""},
                       {"pcnet", "PCNet32", "PCNet32", "PCNet32"},
                       {"pcnet", "pcnet", "vlance", "PCNet"},
                       {"flexible", "Flexible", "Flexible", ""},
                       {"virtio", "virtio", "virtio", "virtio"},
                       {"virtio", "virtio-net", "virtio-net-pci", "VirtIO"},
                       {"rtl8139", "rtl8139", "", ""},
                       {"ne2k_pci", "ne2k_pci", "", ""},
                       {"spapr-vlan", "spapr-vlan", "", ""},
                       {"sriov", "SriovEthernetCard", "SriovEthernetCard", ""},
                       {"pci-passthrough", "PCIPassthrough", "", ""}};

constexpr Row sound[] = {{"es1370", "ensoniq1371", "ensoniq1371", "ensoniq1371"},
                         {"es1370", "es1371", "vmware.soundcard.ensoniq1371", "es1370"},
                         {"hda", "hda", "vmware.soundcard.hdaudio", "hda"},
                         {"sb16", "sb16", "vmware.soundcard.sb16", "sb16"},
                         {"ac97", "ac97", "", "ac97"},
                         {"ich6", "ich6", "", ""},
                         {"ich9", "ich9", "", ""},
                         {"pcspk", "pcspk", "", ""},
                         {"usb", "usb", "", ""}};

constexpr Row video[] = {{"vmvga", "vmvga", "vmware-svga", "vmsvga"},
                         {"vga", "vga", "", ""},
                         {"cirrus", "cirrus", "", ""},
                         {"qxl", "qxl", "", ""},
                         {"virtio", "virtio", "", ""},
                         {"bochs", "bochs", "", ""},
                         {"vboxvga", "VBoxVGA", "", ""},
                         {"vboxsvga", "VBoxSVGA", "", ""},
                         {"ramfb", "QemuRamFB", "", ""},
                         {"none", "none", "", ""}};

constexpr Row serial[] = {{"device", "device", "vmware.serialport.device", ""},
                          {"file", "file", "vmware.serialport.file", ""},
                          {"pipe", "pipe", "vmware.serialport.pipe", ""},
                          {"tcp", "tcp", "vmware.serialport.uri", ""},
                          {"pty", "pty", "", ""},
                          {"unix", "unix", "", ""}};

constexpr Row parallel[] = {{"device", "device", "vmware.parallelport.device", ""},
                            {"file", "file", "vmware.parallelport.file", ""}};

std::span<const Row> table(WordKind kind) {
    switch (kind) {
        case WordKind::ide:
            return ide;
        case WordKind::scsi:
            return scsi;
        case WordKind::sata_nvme:
            return sata_nvme;
        case WordKind::usb:
            return usb;
        case WordKind::nic:
            return nic;
        case WordKind::sound:
            return sound;
        case WordKind::video:
            return video;
        case WordKind::serial:
            return serial;
        case WordKind::parallel:
            return parallel;
    }
    return {};
}

const Row* find(WordKind kind, std::string_view word) {
    for (const Row& row : table(kind))
        if (equal_nocase(word, row.neutral) || equal_nocase(word, row.dmtf) ||
            (!row.vmware.empty() && equal_nocase(word, row.vmware)) ||
            (!row.virtualbox.empty() && equal_nocase(word, row.virtualbox)))
            return &row;
    return nullptr;
}

/// The first known word of a list.
const Row* find_first(WordKind kind, std::string_view list) {
    while (!list.empty()) {
        std::size_t end = 0;
        while (end < list.size() && !is_blank(list[end]) && list[end] != ',') ++end;
        if (end > 0)
            if (const Row* row = find(kind, list.substr(0, end))) return row;
        list.remove_prefix(end < list.size() ? end + 1 : end);
    }
    return nullptr;
}

}  // namespace

std::string neutral_word(WordKind kind, std::string_view sub_type) {
    const Row* row = find_first(kind, sub_type);
    return std::string(row != nullptr ? row->neutral : trimmed(sub_type));
}

bool is_known(WordKind kind, std::string_view sub_type) { return find_first(kind, sub_type) != nullptr; }

std::string spelled(WordKind kind, Speller speller, std::string_view neutral) {
    for (const Row& row : table(kind)) {
        if (row.neutral != neutral) continue;
        const std::string_view own = speller == Speller::vmware       ? row.vmware
                                     : speller == Speller::virtualbox ? row.virtualbox
                                                                      : row.dmtf;
        return std::string(own.empty() ? row.dmtf : own);
    }
    return std::string(neutral);
}

ControllerType controller_of_storage(std::string_view sub_type) {
    const Row* row = find_first(WordKind::sata_nvme, sub_type);
    if (row == nullptr) return ControllerType::other;
    if (row->neutral == "ahci") return ControllerType::sata;
    if (row->neutral == "nvme") return ControllerType::nvme;
    if (row->neutral == "virtio-scsi") return ControllerType::scsi;
    return ControllerType::virtio;
}

}  // namespace ovfkit::detail
