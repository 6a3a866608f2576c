#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "platform/libvirt/layout.hpp"
#include "platform/libvirt/writer.hpp"

// Boot orders stand at the devices only: libvirt refuses them beside <os><boot>.
namespace ovfkit::detail::libvirt {

namespace {

struct Candidate {
    std::uint32_t wanted = 0;
    std::string list, id;
    std::optional<std::uint32_t>* slot = nullptr;  // of a drive
    std::size_t nic = 0;
};

/// Orders the source gives, made unique and counted from 1.
void keep_given(Writer& w, std::vector<Candidate> given) {
    std::stable_sort(given.begin(), given.end(),
                     [](const Candidate& a, const Candidate& b) { return a.wanted < b.wanted; });
    const std::uint32_t shift = given.front().wanted == 0 ? 1 : 0;
    std::uint32_t last = 0;
    for (Candidate& c : given) {
        const std::uint32_t order = std::max(c.wanted + shift, last + 1);
        if (order != c.wanted)
            w.note(c.list + ".boot_index", c.id, Fate::approximated, "libvirt-boot-order",
                   fmt::format("boot order {} became {}", c.wanted, order));
        last = order;
        if (c.slot != nullptr)
            *c.slot = order;
        else
            w.layout.nic_boot[c.nic] = order;
    }
}

}  // namespace

void plan_boot(Writer& w) {
    std::vector<Candidate> given;
    for (DrivePlan& plan : w.layout.drives)
        if (plan.drive->boot_index)
            given.push_back(
                {std::min(*plan.drive->boot_index, max_unit), "drives[]", plan.drive->info.id, &plan.boot_order, 0});
    const std::vector<Nic>& nics = w.hardware().nics;
    for (std::size_t i = 0; i < nics.size(); ++i)
        if (nics[i].boot_index)
            given.push_back({std::min(*nics[i].boot_index, max_unit), "nics[]", nics[i].info.id, nullptr, i});
    if (!given.empty()) {
        if (!w.hardware().boot.empty())
            w.note("boot", {}, Fate::approximated, "libvirt-boot-order",
                   "the devices' own boot orders are written instead of the device classes");
        keep_given(w, std::move(given));
        return;
    }

    std::vector<std::string> classes = w.hardware().boot;
    if (classes.empty()) classes = {"disk", "cdrom"};
    std::uint32_t order = 0;
    std::set<std::string> seen;
    for (const std::string& word : classes) {
        if (!seen.insert(word).second) continue;
        const std::uint32_t before = order;
        if (word == "network")
            for (std::size_t i = 0; i < nics.size(); ++i) w.layout.nic_boot[i] = ++order;
        for (DrivePlan& plan : w.layout.drives)
            if (to_string(plan.drive->kind) == word) plan.boot_order = ++order;
        if (order == before && !w.hardware().boot.empty())
            w.note("boot", {}, Fate::dropped, "libvirt-boot-order",
                   fmt::format("'{}': there is no such device to boot from", word));
    }
}

}  // namespace ovfkit::detail::libvirt
