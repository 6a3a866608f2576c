#include "dialect/virtualbox/divide.hpp"

#include <algorithm>
#include <map>

#include "descriptor/devices.hpp"
#include "dialect/virtualbox/lens.hpp"
#include "dialect/virtualbox/words.hpp"

namespace ovfkit::detail::virtualbox {

namespace {

/// What VirtualBox writes for every sound card; the card itself is in vbox:Machine alone.
constexpr std::string_view any_sound = "es1370";

template <class Device>
void join_list(std::vector<Device>& base, const std::vector<Device>& said, std::string_view path,
               const std::vector<Element>& places, Element machine, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < said.size(); ++i) {
        if (i < base.size())
            join(base[i], said[i], std::string(path), i < places.size() ? places[i] : machine, diagnostics);
        else
            base.push_back(said[i]);
    }
}

std::vector<Controller> usb_of(const std::vector<Controller>& all) {
    std::vector<Controller> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [](const Controller& c) { return c.type == ControllerType::usb; });
    return out;
}

/// `all` with the USB controllers of `usb` for its own; what is left over goes to the end.
std::vector<Controller> with_usb(const std::vector<Controller>& all, const std::vector<Controller>& usb) {
    std::vector<Controller> out;
    std::size_t next = 0;
    for (const Controller& controller : all) {
        if (controller.type != ControllerType::usb)
            out.push_back(controller);
        else if (next < usb.size())
            out.push_back(usb[next++]);
    }
    out.insert(out.end(), usb.begin() + static_cast<std::ptrdiff_t>(next), usb.end());
    return out;
}

void join_balloon(VirtualSystem& system, const Machine& machine, Diagnostics& diagnostics) {
    if (!machine.balloon_bytes) return;
    const Element guest = named(machine.hardware, "Guest");
    Memory& memory = system.hardware.memory;
    MemoryBalloon& balloon = system.hardware.balloon;
    const std::uint64_t taken = *machine.balloon_bytes;
    if (!memory.boot_bytes || taken >= *memory.boot_bytes) {
        report(diagnostics, "virtualbox-balloon-size", guest,
               fmt::format("memoryBalloonSize takes {} MB of {} MB of memory; it is not used", taken / mebi,
                           memory.boot_bytes.value_or(0) / mebi));
        return;
    }
    if (balloon.state == BalloonState::disabled) {
        report(diagnostics, "virtualbox-machine-conflict", guest,
               fmt::format("memoryBalloonSize is {} MB, but the balloon Item says disabled, which counts",
                           taken / mebi));
        return;
    }
    if (balloon.state == BalloonState::unspecified) {
        balloon.state = BalloonState::enabled;
        if (balloon.model == BalloonModel::unspecified) balloon.model = BalloonModel::virtualbox;
        if (balloon.info.origin.offset == Origin::npos) balloon.info.origin.offset = guest.offset();
    }
    const std::uint64_t target = *memory.boot_bytes - taken;
    if (!memory.target_bytes)
        memory.target_bytes = target;
    else if (*memory.target_bytes > target || target - *memory.target_bytes >= mebi)  // it counts whole MiB
        report(diagnostics, "virtualbox-machine-conflict", guest,
               fmt::format("memoryBalloonSize leaves {} bytes to the guest, the memory Item {} bytes, which count",
                           target, *memory.target_bytes));
}

// ------------------------------------------------------------------------------ what vbox:Machine can say of it

std::optional<Nic> said_of(const Nic& nic, const Machine&) {
    Nic out;
    out.mac = normal_mac(nic.mac) == nic.mac ? nic.mac : std::string{};
    if (to_settings(Words::adapter, nic.model)) out.model = nic.model;
    if (to_settings(Words::attachment, nic.attachment)) out.attachment = nic.attachment;
    out.link_up = nic.link_up;
    return out;
}

std::optional<CharacterDevice> said_of(const CharacterDevice& port, const Machine&) {
    CharacterDevice out;
    if (!to_settings(Words::port, port.backend)) return out;
    out.backend = port.backend;
    out.target = port.target;
    for (const Parameter& parameter : port.info.parameters)
        if (parameter.space == setting_space && parameter.key == "server" && out.info.parameters.empty())
            out.info.parameters.push_back(parameter);
    return out;
}

std::optional<CharacterDevice> parallel_of(const CharacterDevice& port, const Machine&) {
    CharacterDevice out;
    if (port.backend == "device" && !port.target.empty()) out.backend = port.backend, out.target = port.target;
    return out;
}

std::optional<Video> said_of(const Video& video, const Machine&) {
    Video out;
    if (to_settings(Words::display, video.model)) out.model = video.model;
    if (video.vram_bytes && *video.vram_bytes % mebi == 0 && *video.vram_bytes / mebi <= max_vram_mib)
        out.vram_bytes = video.vram_bytes;
    if (video.heads && *video.heads >= 1 && *video.heads <= max_monitors) out.heads = video.heads;
    if (out == Video{}) return std::nullopt;  // no attribute would say that there is one
    return out;
}

std::optional<SimpleDevice> sound_of(const SimpleDevice& sound, const Machine&) {
    SimpleDevice out;
    if (to_settings(Words::audio, sound.model)) out.model = sound.model;
    return out;
}

std::optional<SimpleDevice> tpm_of(const SimpleDevice& tpm, const Machine&) {
    SimpleDevice out;
    if (!to_settings(Words::tpm, tpm.option)) return std::nullopt;
    out.option = tpm.option;
    return out;
}

std::optional<Controller> said_of(const Controller& usb, const Machine& machine) {
    Controller out;
    out.type = ControllerType::usb;
    if (!to_settings(Words::usb, usb.model) || (machine.old_usb && usb.model == "qemu-xhci")) return std::nullopt;
    out.model = usb.model;
    return out;
}

bool is_setting(const Parameter& parameter) {
    return parameter.space == setting_space && !parameter.value.empty() &&
           std::any_of(settings.begin(), settings.end(), [&](const Setting& s) { return s.key == parameter.key; });
}

VirtualSystem said_of(const VirtualSystem& wanted) {
    VirtualSystem out;
    const Hardware& h = wanted.hardware;
    if (wanted.name != wanted.id) out.name = wanted.name;
    if (normal_uuid(wanted.uuid) == wanted.uuid && wanted.uuid != made_uuid("machine", wanted.id))
        out.uuid = wanted.uuid;
    if (to_settings(Words::clock, wanted.clock)) out.clock = wanted.clock;
    if (trimmed(wanted.annotation) == wanted.annotation) out.annotation = wanted.annotation;
    out.os.virtualbox_type = wanted.os.virtualbox_type;
    if (h.cpu.count && *h.cpu.count >= 1 && *h.cpu.count <= max_cpus) out.hardware.cpu.count = h.cpu.count;
    if (h.memory.boot_bytes && *h.memory.boot_bytes % mebi == 0 && *h.memory.boot_bytes / mebi <= max_memory_mib)
        out.hardware.memory.boot_bytes = h.memory.boot_bytes;
    out.hardware.firmware = h.firmware;
    if (to_settings(Words::chipset, h.machine)) out.hardware.machine = h.machine;
    std::vector<std::string> boot = h.boot;
    std::sort(boot.begin(), boot.end());
    if (boot.size() <= boot_positions && std::adjacent_find(boot.begin(), boot.end()) == boot.end() &&
        std::all_of(boot.begin(), boot.end(), [](const std::string& word) {
            return !word.empty() && to_settings(Words::boot, word).has_value();
        }))
        out.hardware.boot = h.boot;
    for (const Parameter& parameter : wanted.parameters) {
        const auto same = [&](const Parameter& other) { return other.key == parameter.key; };
        if (is_setting(parameter) && std::none_of(out.parameters.begin(), out.parameters.end(), same))
            out.parameters.push_back(parameter);
    }
    return out;
}

/// `all` without those of `gone`, one for one.
std::vector<Parameter> without(std::vector<Parameter> all, const std::vector<Parameter>& gone) {
    for (const Parameter& parameter : gone)
        if (const auto found = std::find(all.begin(), all.end(), parameter); found != all.end()) all.erase(found);
    return all;
}

// ----------------------------------------------------------------------------------------------- devices

template <class Device>
struct Shares {
    const std::vector<Device>&plain, &said, &have, &wanted;
    std::size_t limit;  ///< as many as vbox:Machine can have
    bool fresh;
};

/// Which of `have` each of `wanted` is, have.size() for none: by id, or the same but for its id.
template <class Device>
std::vector<std::size_t> matched(const std::vector<Device>& have, const std::vector<Device>& wanted) {
    std::map<std::string_view, std::size_t> left;
    for (std::size_t i = 0; i < have.size(); ++i) left.emplace(have[i].info.id, i);
    std::vector<std::size_t> out(wanted.size(), have.size());
    for (std::size_t j = 0; j < wanted.size(); ++j)
        if (const auto found = left.find(wanted[j].info.id); found != left.end()) {
            out[j] = found->second;
            left.erase(found);
        }
    for (std::size_t j = 0; j < wanted.size() && !left.empty(); ++j) {
        Device renamed = wanted[j];
        for (auto it = left.begin(); out[j] == have.size() && it != left.end(); ++it) {
            renamed.info.id = have[it->second].info.id;
            if (!(renamed == have[it->second])) continue;
            out[j] = it->second;
            it = left.erase(it);
            break;
        }
    }
    return out;
}

/// The n-th of vbox:Machine and the n-th Item are one device; those that only vbox:Machine has come last.
template <class Device, class Project>
void divide_list(const Shares<Device>& in, Project&& project, std::vector<Device>& says, std::vector<Device>& rest) {
    if (!in.fresh && in.have == in.wanted) {
        says = in.said;
        rest = in.plain;
        return;
    }
    const std::vector<std::size_t> match = matched(in.have, in.wanted);
    says.clear();
    for (std::size_t j = 0; j < in.wanted.size() && says.size() < in.limit; ++j) {
        std::optional<Device> share = project(in.wanted[j]);
        if (!share) break;
        if (const std::size_t h = match[j]; h < in.said.size()) {
            blend(*share, in.said[h], in.have[h], in.wanted[j]);
            share = project(*share);  // what stays has to go with what is new
            if (!share) break;
            if (in.have[h].info.parameters == in.wanted[j].info.parameters)
                share->info.parameters = in.said[h].info.parameters;
            share->info.id = in.said[h].info.id;
        }
        says.push_back(*std::move(share));
    }
    const auto needs_item = [&](std::size_t j) {
        if (in.fresh || match[j] == in.have.size() || match[j] < in.plain.size() || j >= says.size()) return true;
        Device alone = says[j];
        alone.info.id = in.wanted[j].info.id;
        return !(alone == in.wanted[j]);
    };
    std::size_t items = in.wanted.size();
    while (items > 0 && !needs_item(items - 1)) --items;
    rest.clear();
    for (std::size_t j = 0; j < items; ++j) {
        Device& device = rest.emplace_back(in.wanted[j]);
        const std::size_t h = match[j];
        const bool shared = j < says.size();
        if (!in.fresh && h < in.plain.size() && shared) leave(device, in.plain[h], in.have[h], says[j]);
        if (h < in.plain.size() && in.have[h].info.parameters == in.wanted[j].info.parameters && shared)
            device.info.parameters = in.plain[h].info.parameters;
        else if (shared)
            device.info.parameters = without(in.wanted[j].info.parameters, says[j].info.parameters);
    }
}

void divide_devices(const Machine& machine, const VirtualSystem& plain, const VirtualSystem& have,
                    const VirtualSystem& wanted, bool fresh, Division& out) {
    const Hardware &p = plain.hardware, &s = machine.says.hardware, &h = have.hardware, &w = wanted.hardware;
    Hardware &says = out.says.hardware, &rest = out.rest.hardware;
    const auto one = [&](auto member, std::size_t limit, auto&& project) {
        divide_list(Shares<typename std::decay_t<decltype(p.*member)>::value_type>{p.*member, s.*member, h.*member,
                                                                                   w.*member, limit, fresh},
                    project, says.*member, rest.*member);
    };
    const auto said = [&](const auto& device) { return said_of(device, machine); };
    one(&Hardware::nics, adapter_slots, said);
    one(&Hardware::serials, serial_slots, said);
    one(&Hardware::parallels, parallel_slots, [&](const auto& device) { return parallel_of(device, machine); });
    one(&Hardware::videos, 1, said);
    one(&Hardware::sounds, 1, [&](const auto& device) { return sound_of(device, machine); });
    one(&Hardware::tpms, 1, [&](const auto& device) { return tpm_of(device, machine); });
    const auto plain_usb = usb_of(p.controllers), have_usb = usb_of(h.controllers), wanted_usb = usb_of(w.controllers);
    std::vector<Controller> rest_usb;
    divide_list(Shares<Controller>{plain_usb, s.controllers, have_usb, wanted_usb, 1, fresh}, said, says.controllers,
                rest_usb);
    rest.controllers = with_usb(w.controllers, rest_usb);
}

void divide_balloon(const Machine& machine, const VirtualSystem& plain, const VirtualSystem& have,
                    const VirtualSystem& wanted, bool fresh, Division& out) {
    const Memory &before = have.hardware.memory, &now = wanted.hardware.memory;
    const MemoryBalloon& balloon = wanted.hardware.balloon;
    const bool same = balloon.state == have.hardware.balloon.state && before.boot_bytes == now.boot_bytes &&
                      before.target_bytes == now.target_bytes;
    out.rest.hardware.balloon = balloon;
    out.rest.hardware.memory.target_bytes = now.target_bytes;
    if (same && !fresh) {
        out.balloon_bytes = machine.balloon_bytes;
        out.rest.hardware.memory.target_bytes = plain.hardware.memory.target_bytes;
        if (balloon == have.hardware.balloon) out.rest.hardware.balloon = plain.hardware.balloon;
        return;
    }
    out.balloon_bytes.reset();
    if (balloon.state == BalloonState::enabled && now.boot_bytes && now.target_bytes)
        if (const std::uint64_t mib =
                *now.target_bytes < *now.boot_bytes ? (*now.boot_bytes - *now.target_bytes) / mebi : 0;
            mib > 0 && mib <= max_memory_mib)
            out.balloon_bytes = mib * mebi;
    if (fresh || !machine.element) return;
    if (out.balloon_bytes && !plain.hardware.memory.target_bytes &&
        *now.boot_bytes - *out.balloon_bytes == *now.target_bytes)
        out.rest.hardware.memory.target_bytes.reset();
    if (balloon == have.hardware.balloon && (out.balloon_bytes || plain.hardware.balloon == balloon))
        out.rest.hardware.balloon = plain.hardware.balloon;
}

}  // namespace

void join_machine(VirtualSystem& system, const Machine& machine, Diagnostics& diagnostics) {
    if (!machine.element) return;
    const Hardware& said = machine.says.hardware;
    Hardware& base = system.hardware;
    const Element at = machine.hardware ? machine.hardware : machine.element;
    join(system, machine.says, "", at, diagnostics);
    join_list(base.nics, said.nics, "nics[].", machine.adapters, at, diagnostics);
    join_list(base.serials, said.serials, "serials[].", machine.serials, at, diagnostics);
    join_list(base.parallels, said.parallels, "parallels[].", machine.parallels, at, diagnostics);
    join_list(base.videos, said.videos, "videos[].", {named(at, "Display")}, at, diagnostics);
    if (!said.sounds.empty() && !said.sounds.front().model.empty() && !base.sounds.empty() &&
        base.sounds.front().model == any_sound)
        base.sounds.front().model.clear();
    join_list(base.sounds, said.sounds, "sounds[].", {named(at, "AudioAdapter")}, at, diagnostics);
    join_list(base.tpms, said.tpms, "tpms[].", {}, at, diagnostics);
    std::vector<Controller> usb = usb_of(base.controllers);
    join_list(usb, said.controllers, "controllers[].", {}, at, diagnostics);
    base.controllers = with_usb(base.controllers, usb);
    join_balloon(system, machine, diagnostics);
}

Division divide(const Machine& machine, const VirtualSystem& plain, const VirtualSystem& have,
                const VirtualSystem& wanted, bool fresh) {
    Division out;
    out.rest = wanted;
    if (!machine.element) return out;
    out.says = said_of(wanted);
    if (!fresh) {
        blend(out.says, machine.says, have, wanted);
        if (have.parameters == wanted.parameters) out.says.parameters = machine.says.parameters;
        leave(out.rest, plain, have, out.says);
        // For readers other than VirtualBox these stand in the usual places too.
        if (have.name != wanted.name) out.rest.name = wanted.name;
        if (have.annotation != wanted.annotation) out.rest.annotation = wanted.annotation;
        if (have.os.virtualbox_type != wanted.os.virtualbox_type || wanted.os.virtualbox_type == os_type_of(wanted.os))
            out.rest.os.virtualbox_type = wanted.os.virtualbox_type;
    }
    out.rest.parameters = !fresh && have.parameters == wanted.parameters
                              ? plain.parameters
                              : without(wanted.parameters, out.says.parameters);
    divide_devices(machine, plain, have, wanted, fresh, out);
    divide_balloon(machine, plain, have, wanted, fresh, out);
    return out;
}

}  // namespace ovfkit::detail::virtualbox
