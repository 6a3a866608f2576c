#include <fmt/format.h>

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

// Exactly one <memballoon>: without the element libvirt's QEMU driver adds one by itself.
namespace ovfkit::detail::libvirt {

namespace {

BalloonState decided_state(Writer& w) {
    const MemoryBalloon& balloon = w.hardware().balloon;
    if (balloon.state != BalloonState::unspecified) return balloon.state;
    BalloonState by = w.context.options.balloon_default;
    if (by == BalloonState::unspecified) by = effective(by, "libvirt", w.target.arch);
    w.note("balloon.state", {}, Fate::defaulted, "balloon-state-defaulted",
           fmt::format("the source does not say whether there is a memory balloon: {} is written", to_string(by)));
    return by;
}

std::string model_word(Writer& w) {
    const BalloonModel model = w.hardware().balloon.model;
    const bool xen = w.settings.type == "xen";
    const std::string fallback = xen ? "xen" : "virtio";
    const auto replaced = [&] {
        w.note("balloon.model", {}, Fate::approximated, "libvirt-balloon-model",
               fmt::format("'{}' became '{}'", to_string(model), fallback));
        return fallback;
    };
    switch (model) {
        case BalloonModel::unspecified:
            return fallback;
        case BalloonModel::virtio:
        case BalloonModel::virtio_transitional:
        case BalloonModel::virtio_non_transitional:
            return xen ? replaced() : std::string(to_string(model));
        case BalloonModel::xen:
            return xen ? fallback : replaced();
        case BalloonModel::vmware:
        case BalloonModel::hyperv:
        case BalloonModel::virtualbox:
            return replaced();
    }
    return fallback;
}

/// What the source says of a balloon that is not there.
void note_absent(Writer& w) {
    const MemoryBalloon& balloon = w.hardware().balloon;
    if (balloon.model != BalloonModel::unspecified)
        w.note("balloon.model", {}, Fate::dropped, "libvirt-balloon-absent",
               fmt::format("model '{}' of a balloon that is disabled", to_string(balloon.model)));
    if (!balloon.info.address.empty())
        w.note("balloon.info.address", {}, Fate::dropped, "libvirt-balloon-absent",
               fmt::format("address {} of a balloon that is disabled", balloon.info.address));
    if (!balloon.info.alias.empty())
        w.note("balloon.info.alias", {}, Fate::dropped, "libvirt-balloon-absent",
               fmt::format("alias '{}' of a balloon that is disabled", balloon.info.alias));
}

/// The slot libvirt may be asked for: on the machine's first bus, clear of what the machine itself has.
std::optional<std::uint32_t> usable_slot(const Writer& w, const std::string& address) {
    const bool pc = w.target.machine == "pc" || (w.target.x86 && w.target.machine.starts_with("pc-i440fx"));
    if ((!pc && !w.target.q35) || map_value(address, "type") != "pci" || !map_value(address, "multifunction").empty())
        return std::nullopt;
    for (const std::string_view key : {"domain", "bus", "function"}) {
        const std::string_view text = map_value(address, key);
        if (!text.empty() && to_address_number(text) != 0U) return std::nullopt;
    }
    const auto slot = to_address_number(map_value(address, "slot"));
    if (!slot || *slot < 3 || *slot > (w.target.q35 ? 0x18U : 0x1fU)) return std::nullopt;
    return slot;
}

void add_address(Writer& w, Writer::Children& children) {
    const std::string& address = w.hardware().balloon.info.address;
    if (address.empty()) return;
    const auto slot = usable_slot(w, address);
    if (!slot) {
        w.note("balloon.info.address", {}, Fate::approximated, "libvirt-balloon-address",
               fmt::format("address {} has no place on machine {}: libvirt chooses one", address, w.target.machine));
        return;
    }
    w.addressed.emplace_back("balloon");
    children.push_back({"address",
                        {{"type", "pci"},
                         {"domain", "0x0000"},
                         {"bus", "0x00"},
                         {"slot", fmt::format("{:#04x}", *slot)},
                         {"function", "0x0"}}});
}

Writer::Children children_of(Writer& w, bool present) {
    Writer::Children children;
    const MemoryBalloon& balloon = w.hardware().balloon;
    if (balloon.stats_period_seconds) {
        const std::uint32_t period = *balloon.stats_period_seconds;
        if (period == 0 || period > 0x7fffffffU)
            w.note("balloon.stats_period_seconds", {}, Fate::dropped, "libvirt-balloon-period",
                   fmt::format("a period of {} seconds: libvirt takes 1 and more", period));
        else
            children.push_back({"stats", {{"period", std::to_string(period)}}});
    }
    if (!present) return children;
    if (const auto alias = w.user_alias(balloon.info, "balloon")) children.push_back({"alias", {{"name", *alias}}});
    add_address(w, children);
    return children;
}

}  // namespace

void write_balloon(Writer& w) {
    const MemoryBalloon& balloon = w.hardware().balloon;
    BalloonState state = decided_state(w);
    if (w.settings.type == "xen" && state == BalloonState::disabled) {
        w.note("balloon.state", {}, Fate::approximated, "libvirt-balloon-xen",
               "Xen guests always have a balloon: libvirt refuses model none");
        w.warn("libvirt-balloon-xen", fmt::format("VM '{}': the balloon is disabled in the source, but libvirt's Xen "
                                                  "driver refuses that; model xen is written",
                                                  w.system.id));
        state = BalloonState::enabled;
    }
    if (w.target.isa_only && w.settings.type != "xen" && state == BalloonState::enabled) {
        w.note("balloon.state", {}, Fate::approximated, "libvirt-balloon-isapc",
               "machine isapc has no PCI bus for a balloon: none is written");
        state = BalloonState::disabled;
    }
    const bool present = state == BalloonState::enabled;
    std::string model = "none";
    if (present)
        model = model_word(w);
    else
        note_absent(w);
    XmlWriter::Attributes attributes{{"model", model}};
    const auto on_off = [](bool on) { return std::string(on ? "on" : "off"); };
    if (balloon.autodeflate) attributes.emplace_back("autodeflate", on_off(*balloon.autodeflate));
    if (balloon.free_page_reporting) attributes.emplace_back("freePageReporting", on_off(*balloon.free_page_reporting));
    w.element("memballoon", attributes, children_of(w, present));
    if (!balloon.info.id.empty()) w.id(balloon.info.id, "balloon");
}

}  // namespace ovfkit::detail::libvirt
