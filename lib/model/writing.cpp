#include "model/writing.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ovfkit::detail {

void Writing::note(std::string field, std::string device, Fate fate, std::string_view rule, std::string detail) {
    written.notes.push_back({std::move(field), std::move(device), fate, std::string(rule), std::move(detail)});
}

void Writing::dropped(std::string field, std::string device, std::string_view rule, std::string detail) {
    note(std::move(field), std::move(device), Fate::dropped, rule, std::move(detail));
}

void Writing::approximated(std::string field, std::string device, std::string_view rule, std::string detail) {
    note(std::move(field), std::move(device), Fate::approximated, rule, std::move(detail));
}

void Writing::defaulted(std::string field, std::string device, std::string_view rule, std::string detail) {
    note(std::move(field), std::move(device), Fate::defaulted, rule, std::move(detail));
}

void Writing::refuse(std::string_view rule, std::string message) {
    report(context.diagnostics, rule, Location{std::string(context.origin_name), 0, 0}, std::move(message), Failure::refused);
}

void Writing::id(const std::string& mine, std::string theirs) {
    if (!mine.empty()) written.ids.emplace_back(mine, std::move(theirs));
}

bool Writing::from_host() const {
    constexpr std::array<std::string_view, 5> hosts{"qemu", "libvirt", "proxmox", "ganeti", "vdsm"};
    return std::find(hosts.begin(), hosts.end(), envelope.dialect) != hosts.end();
}

void Writing::note_name(const std::string& written_name, std::string_view why) {
    if (!system.name.empty() && system.id != system.name && system.id != written_name)
        dropped("id", {}, "platform-name-one", fmt::format("'{}': the machine has one name, '{}'", system.id, written_name));
    if (written_name != name())
        approximated(system.name.empty() ? "id" : "name", {}, "platform-name-changed",
                     fmt::format("'{}' becomes '{}': {}", name(), written_name, why));
}

BalloonState Writing::balloon_state(std::string_view platform, std::string_view arch) {
    const BalloonState said = hardware().balloon.state;
    if (said != BalloonState::unspecified) return said;
    BalloonState by = context.options.balloon_default;
    if (by == BalloonState::unspecified) by = effective(by, platform, arch);
    defaulted("balloon.state", {}, "balloon-state-defaulted",
              fmt::format("the source does not say whether there is a memory balloon: {} is written", to_string(by)));
    return by;
}

void Writing::note_absent_balloon() {
    const MemoryBalloon& balloon = hardware().balloon;
    const auto absent = [&](std::string_view field, const std::string& value) {
        dropped(fmt::format("balloon.{}", field), {}, "balloon-attribute-absent",
                fmt::format("'{}' of a balloon that is disabled", value));
    };
    if (balloon.model != BalloonModel::unspecified) absent("model", std::string(to_string(balloon.model)));
    if (balloon.autodeflate) absent("autodeflate", *balloon.autodeflate ? "true" : "false");
    if (balloon.free_page_reporting) absent("free_page_reporting", *balloon.free_page_reporting ? "true" : "false");
    if (balloon.stats_period_seconds) absent("stats_period_seconds", std::to_string(*balloon.stats_period_seconds));
    if (!balloon.info.address.empty()) absent("info.address", balloon.info.address);
}

void Writing::drop_balloon_attribute(std::string_view field, std::string_view why) {
    dropped(fmt::format("balloon.{}", field), {}, "balloon-attribute-unsupported", std::string(why));
}

std::string Writing::uuid_of(const std::string& text, std::string_view field) {
    std::string uuid = normal_uuid(text);
    if (uuid.empty() && !text.empty())
        dropped(std::string(field), {}, "platform-uuid-invalid", fmt::format("'{}' is no UUID", text));
    return uuid;
}

std::string Writing::mac_of(const Nic& nic) {
    if (nic.mac.empty()) return {};
    const Mac mac = normal_mac(nic.mac);
    if (mac.problem != MacProblem::none) {
        const std::string_view why = mac.problem == MacProblem::zero        ? "is no address"
                                     : mac.problem == MacProblem::multicast ? "is a multicast address"
                                                                            : "is not written aa:bb:cc:dd:ee:ff";
        dropped("nics[].mac", nic.info.id, "platform-mac-invalid", fmt::format("'{}' {}: the platform makes one up", nic.mac, why));
        return {};
    }
    if (const auto [at, fresh] = macs_.emplace(mac.text, nic.info.id); !fresh) {
        report(context.diagnostics, "platform-mac-duplicate", Location{std::string(context.origin_name), 0, 0},
               fmt::format("NICs '{}' and '{}' have the same MAC address {}", at->second, nic.info.id, mac.text));
    }
    return mac.text;
}

std::optional<Topology> Writing::topology_of(std::uint32_t count) {
    const Cpu& cpu = hardware().cpu;
    if (!cpu.sockets && !cpu.cores && !cpu.threads) return std::nullopt;
    const std::uint64_t cores = std::max(cpu.cores.value_or(1), 1U), threads = std::max(cpu.threads.value_or(1), 1U);
    const std::uint64_t per_socket = cores * threads;
    const std::string given = fmt::format("{} sockets of {} cores of {} threads", cpu.sockets.value_or(1), cores, threads);
    if (per_socket > count || count % per_socket != 0) {
        const auto lost = [&](std::string_view field, bool said) {
            if (said)
                dropped(std::string(field), {}, "platform-topology-mismatch",
                        fmt::format("{} do not make {} CPUs: no topology is written", given, count));
        };
        lost("cpu.sockets", cpu.sockets.has_value());
        lost("cpu.cores", cpu.cores.has_value());
        lost("cpu.threads", cpu.threads.has_value());
        return std::nullopt;
    }
    const auto sockets = static_cast<std::uint32_t>(count / per_socket);
    if (cpu.sockets && *cpu.sockets != sockets)
        approximated("cpu.sockets", {}, "platform-topology-mismatch",
                     fmt::format("{} do not make {} CPUs: {} sockets are written", given, count, sockets));
    return Topology{sockets, static_cast<std::uint32_t>(cores), static_cast<std::uint32_t>(threads)};
}

const Controller* Writing::controller_of(const Drive& drive) const {
    if (drive.controller.empty()) return nullptr;
    for (const Controller& controller : hardware().controllers)
        if (controller.info.id == drive.controller) return &controller;
    return nullptr;
}

std::string Writing::bus_of(const Drive& drive) const {
    if (drive.kind == DriveKind::floppy) return "fdc";
    const Controller* controller = controller_of(drive);
    if (controller != nullptr && controller->type != ControllerType::other && controller->type != ControllerType::floppy)
        return std::string(to_string(controller->type));
    return drive.interface;
}

std::vector<BootEntry> Writing::boot_order() {
    const Hardware& h = hardware();
    std::vector<std::pair<std::uint32_t, BootEntry>> given;
    for (std::size_t i = 0; i < h.drives.size(); ++i)
        if (h.drives[i].boot_index) given.push_back({*h.drives[i].boot_index, {false, i, 0}});
    for (std::size_t i = 0; i < h.nics.size(); ++i)
        if (h.nics[i].boot_index) given.push_back({*h.nics[i].boot_index, {true, i, 0}});
    std::vector<BootEntry> out;
    if (!given.empty()) {
        std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (auto& [wanted, entry] : given) {
            const std::uint32_t shifted = given.front().first == 0 ? std::min(wanted, max_unit) + 1 : std::min(wanted, max_unit);
            entry.order = out.empty() ? std::max(shifted, 1U) : std::max(shifted, out.back().order + 1);
            out.push_back(entry);
        }
        return out;
    }
    const auto add = [&](bool nic, std::size_t index) {
        const auto same = [&](const BootEntry& e) { return e.nic == nic && e.index == index; };
        if (std::none_of(out.begin(), out.end(), same)) out.push_back({nic, index, static_cast<std::uint32_t>(out.size() + 1)});
    };
    for (const std::string& word : h.boot) {
        const std::size_t before = out.size();
        for (std::size_t i = 0; word == "network" && i < h.nics.size(); ++i) add(true, i);
        for (std::size_t i = 0; i < h.drives.size(); ++i)
            if (to_string(h.drives[i].kind) == word) add(false, i);
        if (out.size() == before)
            dropped("boot", {}, "platform-boot-absent", fmt::format("'{}': there is no such device to boot from", word));
    }
    return out;
}

}  // namespace ovfkit::detail
