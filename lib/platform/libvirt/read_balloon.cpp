#include <map>

#include <fmt/format.h>

#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

namespace {

std::optional<bool> on_off(const Reader& r, Element balloon, std::string_view name) {
    const Attribute attribute = attr(balloon, name);
    if (!attribute) return std::nullopt;
    const std::string_view text = attribute.take();
    if (text == "on" || text == "off") return text == "on";
    r.error("libvirt-value-invalid", balloon, fmt::format("{} '{}' of <memballoon> is neither on nor off", name, text));
    return std::nullopt;
}

/// A sorted map as the model has it. Empty when the address is not the source's own.
std::string address_of(const Reader& r, Element balloon) {
    const Element address = child(balloon, "address");
    if (!address || (r.addresses_assigned && r.hints.addressed.count("balloon") == 0)) return {};
    std::map<std::string, std::string> parts;
    for (const Attribute& attribute : address.attributes()) parts.emplace(attribute.local(), attribute.value());
    std::string out;
    for (const auto& [key, value] : parts) {
        if (!only_word_characters(key, "_") || !only_word_characters(value, "_.:-")) {
            r.error("libvirt-value-invalid", address, fmt::format("address {}='{}' of <memballoon>", key, value));
            return {};
        }
        out += fmt::format("{}{}={}", out.empty() ? "" : ",", key, value);
    }
    return out;
}

void read_model(const Reader& r, Element balloon, MemoryBalloon& out) {
    const Attribute model = attr(balloon, "model");
    if (!model) {
        r.error("libvirt-balloon-model-missing", balloon,
                "<memballoon> without model: libvirt refuses that; write virtio or none");
        return;
    }
    const std::string_view word = model.take();
    if (word == "none") {
        out.state = BalloonState::disabled;
        return;
    }
    for (const BalloonModel known : {BalloonModel::virtio, BalloonModel::virtio_transitional,
                                     BalloonModel::virtio_non_transitional, BalloonModel::xen})
        if (word == to_string(known)) {
            out.state = BalloonState::enabled;
            out.model = known;
            return;
        }
    const std::string_view hit =
        nearest(word, {"virtio", "virtio-transitional", "virtio-non-transitional", "xen", "none"});
    r.error("libvirt-balloon-model-unknown", balloon,
            fmt::format(
                "<memballoon> model '{}' is none of virtio, virtio-transitional, virtio-non-transitional, xen, none{}",
                word, hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
}

void read_stats(const Reader& r, Element balloon, MemoryBalloon& out) {
    const Element stats = child(balloon, "stats");
    if (!stats) return;
    const auto period = r.number<std::uint32_t>(stats, "stats period", take(stats, "period"), 0x7fffffffU);
    if (period == 0U)
        r.warn("libvirt-balloon-period", stats, "a stats period of 0: libvirt drops it");
    else
        out.stats_period_seconds = period;
}

}  // namespace

void read_balloon(Reader& r, Element devices) {
    MemoryBalloon& out = r.hardware().balloon;
    Element first;
    for (Element e = devices.first(); e; e = e.next()) {
        if (!e.is(Ns::none, "memballoon")) continue;
        if (first) {
            r.error("libvirt-balloon-duplicate", e, "a second <memballoon>: libvirt takes one only; remove it");
            continue;
        }
        first = e;
    }
    // Absent stays unspecified: what libvirt makes of it depends on type and architecture.
    if (!first) return;
    read_model(r, first, out);
    out.autodeflate = on_off(r, first, "autodeflate");
    out.free_page_reporting = on_off(r, first, "freePageReporting");
    read_stats(r, first, out);
    std::string address = address_of(r, first);
    out.info = device_info(first, "balloon");
    if (out.state != BalloonState::disabled)
        out.info.address = std::move(address);
    else
        out.info.alias.clear();  // libvirt drops both for model none
}

}  // namespace ovfkit::detail::libvirt
