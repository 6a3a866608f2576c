#include "dialect/virtualbox/words.hpp"

#include <array>
#include <span>

#include "base/checked.hpp"
#include "base/sha256.hpp"

namespace ovfkit::detail::virtualbox {

namespace {

/// The first row of a neutral word is the one written.
struct Row {
    std::string_view neutral, theirs;
};

constexpr Row adapters[] = {{"pcnet", "Am79C973"},  {"pcnet", "Am79C970A"}, {"pcnet", "Am79C960"},
                            {"e1000", "82540EM"},   {"e1000", "82543GC"},   {"e1000", "82545EM"},
                            {"e1000e", "82583V"},   {"virtio", "virtio"},   {"ne2k_isa", "NE2000"},
                            {"ne2k_isa", "NE1000"}};

constexpr Row attachments[] = {{"user", "NAT"},
                               {"bridge", "BridgedInterface"},
                               {"bridge", "HostInterface"},
                               {"network", "InternalNetwork"},
                               {"network", "NATNetwork"},
                               {"network", "HostOnlyInterface"},
                               {"network", "HostOnlyNetwork"}};

constexpr Row ports[] = {
    {"", "Disconnected"}, {"pipe", "HostPipe"}, {"device", "HostDevice"}, {"file", "RawFile"}, {"tcp", "TCP"}};

constexpr Row displays[] = {{"vboxvga", "VBoxVGA"},
                            {"vmvga", "VMSVGA"},
                            {"vboxsvga", "VBoxSVGA"},
                            {"ramfb", "QemuRamFB"},
                            {"none", "None"}};

constexpr Row audios[] = {{"ac97", "AC97"}, {"hda", "HDA"}, {"sb16", "SB16"}};

constexpr Row usbs[] = {{"pci-ohci", "OHCI"}, {"ich9-ehci1", "EHCI"}, {"qemu-xhci", "XHCI"}};

constexpr Row boots[] = {
    {"floppy", "Floppy"}, {"cdrom", "DVD"}, {"disk", "HardDisk"}, {"network", "Network"}, {"", "None"}};

constexpr Row firmwares[] = {
    {"bios", "BIOS"}, {"efi", "EFI"}, {"efi", "EFI64"}, {"efi", "EFI32"}, {"efi", "EFIDUAL"}};

constexpr Row chipsets[] = {{"pc", "PIIX3"}, {"q35", "ICH9"}};

constexpr Row tpms[] = {{"2.0", "v2_0"}, {"1.2", "v1_2"}};

constexpr Row clocks[] = {{"utc", "UTC"}, {"localtime", "local"}};

constexpr Row storages[] = {{"piix4", "PIIX4"},           {"piix3", "PIIX3"},          {"ich6", "ICH6"},
                            {"ahci", "AHCI"},             {"lsilogic", "LsiLogic"},    {"buslogic", "BusLogic"},
                            {"lsisas1068", "LsiLogicSas"}, {"virtio-scsi", "VirtioSCSI"}, {"nvme", "NVMe"},
                            {"floppy", "I82078"},         {"usb", "USB"}};

std::span<const Row> table(Words kind) {
    switch (kind) {
        case Words::adapter:
            return adapters;
        case Words::attachment:
            return attachments;
        case Words::port:
            return ports;
        case Words::display:
            return displays;
        case Words::audio:
            return audios;
        case Words::usb:
            return usbs;
        case Words::boot:
            return boots;
        case Words::firmware:
            return firmwares;
        case Words::chipset:
            return chipsets;
        case Words::tpm:
            return tpms;
        case Words::clock:
            return clocks;
        case Words::storage:
            return storages;
    }
    return {};
}

/// Ids of CIM_OperatingSystem.OsType and VirtualBox's ids, as its own exports pair them.
struct OsRow {
    std::uint32_t cim_id;
    std::string_view type;
};
constexpr std::array os_rows{
    OsRow{36, "Linux26"},      OsRow{42, "FreeBSD"},      OsRow{69, "Windows2003"}, OsRow{70, "Windows2003_64"},
    OsRow{73, "WindowsVista"}, OsRow{74, "WindowsVista_64"}, OsRow{76, "Windows2008"}, OsRow{77, "Windows2008_64"},
    OsRow{78, "FreeBSD_64"},   OsRow{79, "RedHat"},       OsRow{80, "RedHat_64"},   OsRow{82, "OpenSUSE"},
    OsRow{83, "OpenSUSE_64"},  OsRow{93, "Ubuntu"},       OsRow{94, "Ubuntu_64"},   OsRow{95, "Debian"},
    OsRow{96, "Debian_64"},    OsRow{99, "Linux26"},      OsRow{100, "Linux26_64"}, OsRow{103, "Windows2008_64"},
    OsRow{105, "Windows7_64"}};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::optional<std::string_view> from_settings(Words kind, std::string_view word) {
    for (const Row& row : table(kind))
        if (equal_nocase(row.theirs, word)) return row.neutral;
    return std::nullopt;
}

std::optional<std::string_view> to_settings(Words kind, std::string_view neutral) {
    for (const Row& row : table(kind))
        if (row.neutral == neutral) return row.theirs;
    return std::nullopt;
}

std::string normal_uuid(std::string_view text) {
    text = trimmed(text);
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
    if (text.size() != 36) return {};
    std::string out = to_lower(text);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? out[i] != '-' : !is_hex(out[i])) return {};
    return out;
}

std::string made_uuid(std::string_view kind, std::string_view name) {
    // RFC 9562 version 8: the bits are ours, from a digest of what the UUID stands for.
    std::string out = sha256_hex("urn:ovfkit:virtualbox:" + std::string(kind) + ":" + std::string(name)).substr(0, 32);
    out[12] = '8';
    out[16] = 'a';
    for (const std::size_t at : {20U, 16U, 12U, 8U}) out.insert(at, 1, '-');
    return out;
}

std::string_view os_type_of(const OperatingSystem& os) {
    for (const OsRow& row : os_rows)
        if (os.cim_id == row.cim_id) return row.type;
    return "Other_64";
}

PortAddress serial_address(std::uint32_t slot) {
    constexpr std::array<PortAddress, serial_slots> known{
        PortAddress{"0x3f8", "4"}, PortAddress{"0x2f8", "3"}, PortAddress{"0x3e8", "4"}, PortAddress{"0x2e8", "3"}};
    return slot < known.size() ? known[slot] : PortAddress{};
}

PortAddress parallel_address(std::uint32_t slot) {
    constexpr std::array<PortAddress, parallel_slots> known{PortAddress{"0x378", "7"}, PortAddress{"0x278", "5"}};
    return slot < known.size() ? known[slot] : PortAddress{};
}

}  // namespace ovfkit::detail::virtualbox
