#include <array>

#include "edit/editor.hpp"

#include <ovfkit/limits.hpp>

namespace ovfkit {

void set_balloon(MemoryBalloon& balloon, BalloonState state, BalloonModel model, std::string_view dialect) {
    if (state == BalloonState::unspecified) {
        balloon = {};
        return;
    }
    balloon.state = state;
    if (model != BalloonModel::unspecified)
        balloon.model = model;
    else if (state == BalloonState::enabled && balloon.model == BalloonModel::unspecified)
        balloon.model = dialect == "vmware" ? BalloonModel::vmware : BalloonModel::virtio;
}

namespace detail::edit {

namespace {

constexpr std::string_view states = "enabled|disabled|unspecified";
constexpr std::string_view models = "virtio|virtio-transitional|virtio-non-transitional|xen|vmware|hyperv|virtualbox";

void set_cpus(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->hardware.cpu.count = number("--cpus", value, 1, max_vcpus);
}

void set_cores(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->hardware.cpu.cores = number("--cores-per-socket", value, 1, max_vcpus);
}

template <std::optional<std::uint64_t> Memory::*member>
void set_memory(Editor& editor, std::string_view what, const std::string& value) {
    const std::uint64_t bytes = size(what, value);
    if (bytes > max_memory_bytes || bytes < min_memory_bytes) fail(fmt::format("{}: '{}' is no size of a memory", what, value));
    for (VirtualSystem* system : editor.systems()) system->hardware.memory.*member = bytes;
}

void set_boot_memory(Editor& editor, const std::string& value) { set_memory<&Memory::boot_bytes>(editor, "--memory", value); }
void set_target(Editor& editor, const std::string& value) { set_memory<&Memory::target_bytes>(editor, "--memory-target", value); }
void set_guaranteed(Editor& editor, const std::string& value) { set_memory<&Memory::guaranteed_bytes>(editor, "--memory-guaranteed", value); }
void set_maximum(Editor& editor, const std::string& value) { set_memory<&Memory::maximum_bytes>(editor, "--memory-maximum", value); }

void set_balloon_state(Editor& editor, const std::string& value) {
    const BalloonState state = *balloon_state_from(choice("--balloon", value, states));
    for (VirtualSystem* system : editor.systems()) set_balloon(system->hardware.balloon, state, BalloonModel::unspecified, editor.envelope.dialect);
}

void set_balloon_model(Editor& editor, const std::string& value) {
    const BalloonModel model = *balloon_model_from(choice("--balloon-model", value, models));
    for (VirtualSystem* system : editor.systems()) {
        if (system->hardware.balloon.state != BalloonState::enabled)
            fail(fmt::format("--balloon-model: the balloon of {} is {}; say --balloon enabled before it", system->id,
                             to_string(system->hardware.balloon.state)));
        system->hardware.balloon.model = model;
    }
}

}  // namespace

std::span<const Operation> compute_operations() {
    static constexpr std::array rows{
        Operation{{"cpus", "N", "", "number of virtual CPUs"}, set_cpus},
        Operation{{"cores-per-socket", "N", "", "cores of a socket"}, set_cores},
        Operation{{"memory", "SIZE", "", "memory at power on (4GiB)"}, set_boot_memory},
        Operation{{"memory-target", "SIZE", "", "what the balloon leaves to the guest at start"}, set_target},
        Operation{{"memory-guaranteed", "SIZE", "", "what the balloon never goes below"}, set_guaranteed},
        Operation{{"memory-maximum", "SIZE", "", "ceiling of the memory"}, set_maximum},
        Operation{{"balloon", "STATE", states, "the memory balloon"}, set_balloon_state},
        Operation{{"balloon-model", "MODEL", models, "model of the balloon device"}, set_balloon_model},
    };
    return rows;
}

}  // namespace detail::edit
}  // namespace ovfkit
