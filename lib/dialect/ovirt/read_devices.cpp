#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

std::optional<std::uint32_t> number_of(std::string_view text) { return to_number<std::uint32_t>(trimmed(text)); }

std::optional<std::uint32_t> take_boot_order(ItemView& view) {
    const auto order = number_of(view.look("BootOrder"));
    if (!order || *order == 0) return std::nullopt;
    (void)view.take("BootOrder");
    return order;
}

std::optional<bool> take_flag(ItemView& view, std::string_view name) {
    if (view.look(name).empty()) return std::nullopt;
    return java_true(view.take(name));
}

namespace {

void read_item(const ItemRef& ref, Reading& r) {
    if (ref.kind == Kind::disk && is_parent_volume(ref, r)) return read_parent_volume(ref);
    ItemView view(ref);
    switch (ref.kind) {
        case Kind::cpu:
            return read_cpu(view, r);
        case Kind::memory:
            return read_memory(view, r);
        case Kind::disk:
            return read_disk(view, r);
        case Kind::cdrom:
            return read_medium(view, r, DriveKind::cdrom, "CDROM");
        case Kind::floppy:
            return read_medium(view, r, DriveKind::floppy, "Floppy");
        case Kind::nic:
            return read_nic(view, r);
        case Kind::usb_policy:
            return read_usb_policy(view, r);
        case Kind::video:
            return read_video(view, r);
        case Kind::graphics:
            return read_graphics(view, r);
        case Kind::controller:
            return read_controller(view, r);
        case Kind::serial:
            return read_serial(view, r);
        case Kind::sound:
            return read_sound(view, r);
        case Kind::watchdog:
            return read_watchdog(view, r);
        case Kind::rng:
            return read_rng(view, r);
        case Kind::tpm:
            return read_tpm(view, r);
        case Kind::other:
            return read_other(view, r);
        case Kind::balloon:
        case Kind::surplus:
            return;
    }
}

}  // namespace

void read_devices(const std::vector<ItemRef>& items, const std::vector<Volume>& volumes, const Envelope& envelope,
                  const Form& form, std::string_view display, VirtualSystem& system, Diagnostics& diagnostics) {
    Reading r{items, volumes, envelope, form, display, system, diagnostics, {}};
    std::size_t count = 0;
    for (const ItemRef& ref : items) {
        if (++count > ref.item.element.document()->limits().items) {
            report(
                diagnostics, "ovf-limit-exceeded", ref.item.element,
                fmt::format("the hardware section has more than {} Items", ref.item.element.document()->limits().items),
                Failure::refused);
            break;
        }
        read_item(ref, r);
    }
    read_bare_disks(r);
    settle_boot(r);
    link_drives(r);
    settle_heads(r);
    imply_graphics(r);
}

}  // namespace ovfkit::detail::ovirt
