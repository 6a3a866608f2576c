#include <array>

#include <ovfkit/model.hpp>

#include "base/checked.hpp"

namespace ovfkit {

namespace {

template <class E>
struct Word {
    E value;
    std::string_view word;
};
template <class E>
Word(E, std::string_view) -> Word<E>;  // clang 14 does not find it by itself

constexpr std::array balloon_states{
    Word{BalloonState::unspecified, "unspecified"}, Word{BalloonState::disabled, "disabled"},
    Word{BalloonState::enabled, "enabled"}};
constexpr std::array balloon_models{
    Word{BalloonModel::unspecified, ""}, Word{BalloonModel::virtio, "virtio"},
    Word{BalloonModel::virtio_transitional, "virtio-transitional"},
    Word{BalloonModel::virtio_non_transitional, "virtio-non-transitional"}, Word{BalloonModel::xen, "xen"},
    Word{BalloonModel::vmware, "vmware"}, Word{BalloonModel::hyperv, "hyperv"},
    Word{BalloonModel::virtualbox, "virtualbox"}};
constexpr std::array controller_types{
    Word{ControllerType::other, "other"}, Word{ControllerType::ide, "ide"}, Word{ControllerType::sata, "sata"},
    Word{ControllerType::scsi, "scsi"}, Word{ControllerType::nvme, "nvme"}, Word{ControllerType::usb, "usb"},
    Word{ControllerType::virtio, "virtio"}, Word{ControllerType::floppy, "floppy"}};
constexpr std::array drive_kinds{Word{DriveKind::disk, "disk"}, Word{DriveKind::cdrom, "cdrom"},
                                 Word{DriveKind::floppy, "floppy"}};
constexpr std::array firmwares{Word{Firmware::unspecified, ""}, Word{Firmware::bios, "bios"},
                               Word{Firmware::efi, "efi"}};

template <class Table, class E>
std::string_view word_of(const Table& table, E value) {
    for (const auto& row : table)
        if (row.value == value) return row.word;
    return {};
}

template <class Table>
auto value_of(const Table& table, std::string_view word) -> std::optional<decltype(table[0].value)> {
    for (const auto& row : table)
        if (!row.word.empty() && detail::equal_nocase(row.word, word)) return row.value;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(BalloonState state) { return word_of(balloon_states, state); }
std::string_view to_string(BalloonModel model) { return word_of(balloon_models, model); }
std::string_view to_string(ControllerType type) { return word_of(controller_types, type); }
std::string_view to_string(DriveKind kind) { return word_of(drive_kinds, kind); }
std::string_view to_string(Firmware firmware) { return word_of(firmwares, firmware); }
std::optional<BalloonState> balloon_state_from(std::string_view word) { return value_of(balloon_states, word); }
std::optional<BalloonModel> balloon_model_from(std::string_view word) { return value_of(balloon_models, word); }
std::optional<ControllerType> controller_type_from(std::string_view word) { return value_of(controller_types, word); }
std::optional<DriveKind> drive_kind_from(std::string_view word) { return value_of(drive_kinds, word); }
std::optional<Firmware> firmware_from(std::string_view word) { return value_of(firmwares, word); }

}  // namespace ovfkit
