#include <algorithm>

#include <fmt/format.h>

#include "platform/qemu/writer.hpp"

// A balloon is a device that is there or not; -balloon is gone since QEMU 5.0 and never written.
namespace ovfkit::detail::qemu {

namespace {

std::string driver_of(Writer& w) {
    const BalloonModel model = w.hardware().balloon.model;
    std::string driver = w.virtio("virtio-balloon");
    const bool variant = model == BalloonModel::virtio_transitional || model == BalloonModel::virtio_non_transitional;
    if (variant && w.target.transport == "pci") return driver + std::string(to_string(model)).substr(6);
    if (model != BalloonModel::unspecified && model != BalloonModel::virtio)
        w.approximated("balloon.model", {}, "qemu-balloon-model", fmt::format("'{}' became {}", to_string(model), driver));
    return driver;
}

/// No option starts with less memory: a command after the start does it.
void write_target(Writer& w, bool present) {
    const Memory& memory = w.hardware().memory;
    if (!memory.target_bytes) return;
    const std::uint64_t target = std::min(*memory.target_bytes, memory.boot_bytes.value_or(0));
    if (!present) {
        w.dropped("memory.target_bytes", {}, "qemu-memory-target", fmt::format("{} bytes: there is no balloon to set it with", target));
        return;
    }
    w.after_start.push_back(fmt::format("{{\"execute\":\"balloon\",\"arguments\":{{\"value\":{}}}}}", target));
    w.approximated("memory.target_bytes", {}, "qemu-memory-target",
                   fmt::format("{} bytes: no option starts with it; {}.qmp sets it after the start", target, w.stem));
}

}  // namespace

void write_balloon(Writer& w) {
    const MemoryBalloon& balloon = w.hardware().balloon;
    const bool present = w.balloon_state("qemu", w.target.arch) == BalloonState::enabled;
    write_target(w, present);
    if (!present) return w.note_absent_balloon();
    Opts opts(driver_of(w));
    opts.add("id", "balloon0");
    if (balloon.autodeflate) opts.add_flag("deflate-on-oom", *balloon.autodeflate);
    if (balloon.free_page_reporting) opts.add_flag("free-page-reporting", *balloon.free_page_reporting);
    if (balloon.stats_period_seconds) opts.add("guest-stats-polling-interval", std::to_string(*balloon.stats_period_seconds));
    w.device(std::move(opts), balloon.info, "balloon");
    w.id(balloon.info.id, "balloon0");
}

}  // namespace ovfkit::detail::qemu
