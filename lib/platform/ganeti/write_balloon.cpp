#include <fmt/format.h>

#include "platform/ganeti/instance.hpp"

// The balloon. A released Ganeti from 2.6 on adds the device by itself and has no parameter for it; a cluster
// with the `balloon` hvparam takes `virtio` and `none`.
namespace ovfkit::detail::ganeti {

namespace {

constexpr std::uint32_t first_with_device = 206;
constexpr std::uint32_t first_with_extra = 207;

void refuse(Job& job, const std::string& why) {
    job.notes.refuse("ganeti-balloon-refused",
                     fmt::format("VM '{}': its balloon is disabled, and {}; -O ganeti.balloon-off=warn lets it pass",
                                 job.system.id, why));
}

/// Keeps the device and leaves Ganeti no range to inflate it in.
void pin_memory(Job& job) {
    if (job.out.minmem_mib && job.out.maxmem_mib && *job.out.minmem_mib != *job.out.maxmem_mib)
        job.notes.approximated("memory.guaranteed_bytes", {}, "ganeti-balloon-stock",
                               fmt::format("minmem={} instead of {}: Ganeti never inflates a balloon without a range",
                                           *job.out.maxmem_mib, *job.out.minmem_mib));
    job.out.minmem_mib = job.out.maxmem_mib;
}

void write_disabled(Job& job) {
    if (!job.is("kvm")) {
        const std::string why = fmt::format("{} has no switch for it", job.out.hypervisor.value);
        if (job.options.balloon_off == "error") return refuse(job, why);
        pin_memory(job);
        job.notes.approximated("balloon.state", {}, "ganeti-balloon-hypervisor",
                               fmt::format("disabled: {}; minmem=maxmem, so Ganeti never inflates it", why));
        return;
    }
    if (job.options.balloon_param) {
        job.hv.insert_or_assign("balloon", "none");
        return;
    }
    if (job.options.version < first_with_device) return;  // no device of Ganeti's own
    if (job.options.balloon_off == "wrapper") {
        if (!is_normal_path(job.options.wrapper))
            job.notes.refuse("ganeti-balloon-refused",
                             fmt::format("-O ganeti.wrapper='{}' is no absolute normalized path", job.options.wrapper));
        else if (job.set("kvm_path", job.options.wrapper))
            job.notes.defaulted(
                "balloon.state", {}, "ganeti-balloon-wrapper",
                fmt::format("disabled by kvm_path={}, which must be on every node", job.options.wrapper));
        else
            refuse(job, "kvm_path came with Ganeti 2.7");
        return;
    }
    if (job.options.balloon_off == "error") return refuse(job, "a released Ganeti always adds one");
    pin_memory(job);
    job.notes.approximated("balloon.state", {}, "ganeti-balloon-stock",
                           "disabled: a released Ganeti always adds the device; minmem=maxmem, so it is never inflated "
                           "(-O ganeti.balloon-off=wrapper takes it out)");
}

void write_enabled(Job& job) {
    if (!job.is("kvm")) {
        if (job.is("lxc") || job.is("chroot") || job.is("fake"))
            job.notes.dropped("balloon.state", {}, "ganeti-balloon-hypervisor",
                              fmt::format("enabled: a balloon means nothing to {}", job.out.hypervisor.value));
        return;
    }
    if (job.options.balloon_param)
        job.hv.insert_or_assign("balloon", "virtio");
    else if (job.options.version < first_with_device)
        job.notes.dropped("balloon.state", {}, "ganeti-balloon-stock",
                          "enabled: Ganeti before 2.6 adds no balloon and has no way to ask for one");
}

void write_attributes(Job& job) {
    const MemoryBalloon& balloon = job.system.hardware.balloon;
    const bool kvm = job.is("kvm");
    const bool model_fits = kvm ? balloon.model == BalloonModel::virtio
                                : balloon.model == BalloonModel::xen && job.out.hypervisor.value.starts_with("xen");
    if (balloon.model != BalloonModel::unspecified && !model_fits)
        job.notes.approximated("balloon.model", {}, "ganeti-balloon-attribute",
                               fmt::format("'{}': Ganeti uses the hypervisor's own balloon{}", to_string(balloon.model),
                                           kvm ? ", virtio" : ""));
    if (balloon.autodeflate) {
        const char* word = *balloon.autodeflate ? "on" : "off";
        const bool device = balloon.state == BalloonState::enabled && kvm && job.options.version >= first_with_extra;
        if (device)
            job.set("kvm_extra", fmt::format("-global {}{}", deflate_property, word));
        else
            job.notes.dropped("balloon.autodeflate", {}, "ganeti-balloon-attribute",
                              fmt::format("{}: it needs an enabled balloon, kvm and Ganeti 2.7", word));
    }
    if (balloon.free_page_reporting)
        job.notes.dropped("balloon.free_page_reporting", {}, "ganeti-balloon-attribute",
                          "Ganeti has no parameter for free page reporting");
    if (balloon.stats_period_seconds)
        job.notes.dropped("balloon.stats_period_seconds", {}, "ganeti-balloon-attribute",
                          fmt::format("Ganeti does not poll the balloon ({} s)", *balloon.stats_period_seconds));
}

}  // namespace

void write_balloon(Job& job) {
    switch (job.system.hardware.balloon.state) {
        case BalloonState::disabled:
            write_disabled(job);
            break;
        case BalloonState::enabled:
            write_enabled(job);
            break;
        case BalloonState::unspecified:
            // Nothing is written; what a released Ganeti then does is worth saying.
            if (job.is("kvm") && !job.options.balloon_param && job.options.version >= first_with_device)
                job.notes.defaulted("balloon.state", {}, "balloon-state-defaulted",
                                    "the source does not say; a released Ganeti adds a balloon by itself");
            break;
    }
    write_attributes(job);
}

}  // namespace ovfkit::detail::ganeti
