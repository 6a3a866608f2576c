#include "catch.hpp"

#include <ovfkit/model.hpp>

using namespace ovfkit;

TEST_CASE("words go both ways and nothing else is a word") {
    for (const BalloonState state : {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled})
        CHECK(balloon_state_from(to_string(state)) == state);
    for (const BalloonModel model : {BalloonModel::virtio, BalloonModel::virtio_transitional, BalloonModel::virtio_non_transitional,
                                     BalloonModel::xen, BalloonModel::vmware, BalloonModel::hyperv, BalloonModel::virtualbox})
        CHECK(balloon_model_from(to_string(model)) == model);
    for (const ControllerType type : {ControllerType::ide, ControllerType::sata, ControllerType::scsi, ControllerType::nvme, ControllerType::usb})
        CHECK(controller_type_from(to_string(type)) == type);
    for (const DriveKind kind : {DriveKind::disk, DriveKind::cdrom, DriveKind::floppy}) CHECK(drive_kind_from(to_string(kind)) == kind);
    CHECK(firmware_from("EFI") == Firmware::efi);
    CHECK(balloon_state_from("Enabled") == BalloonState::enabled);
    CHECK_FALSE(balloon_state_from("on").has_value());
    CHECK_FALSE(balloon_model_from("").has_value());
    CHECK_FALSE(balloon_model_from("none").has_value());
    CHECK(to_string(BalloonModel::unspecified).empty());
}

TEST_CASE("absence means what each platform makes of it") {
    const auto absent = [](std::string_view platform, std::string_view arch = {}) { return effective(BalloonState::unspecified, platform, arch); };
    CHECK(absent("libvirt") == BalloonState::enabled);
    CHECK(absent("libvirt", "x86_64") == BalloonState::enabled);
    CHECK(absent("libvirt", "s390x") == BalloonState::enabled);
    for (const char* arch : {"aarch64", "armv7l", "armv6l", "sparc"}) CHECK(absent("libvirt", arch) == BalloonState::disabled);
    CHECK(absent("ganeti") == BalloonState::enabled);
    CHECK(absent("vmware") == BalloonState::enabled);
    for (const char* platform : {"ovirt", "vdsm", "qemu"}) CHECK(absent(platform) == BalloonState::disabled);
    for (const char* platform : {"libvirt", "ganeti", "ovirt"}) {
        CHECK(effective(BalloonState::disabled, platform) == BalloonState::disabled);
        CHECK(effective(BalloonState::enabled, platform) == BalloonState::enabled);
    }
}
