#include <algorithm>
#include <array>

#include "edit/editor.hpp"

namespace ovfkit::detail::edit {

namespace {

const std::vector<std::string_view> keys{"network", "model", "mac", "connected", "name"};

void set_fields(Editor& editor, Nic& nic, const Pairs& pairs) {
    pairs.on("network", [&](const std::string& value) {
        nic.network = value;
        editor.need_network(value);
    });
    pairs.on("model", [&](const std::string& value) { nic.model = value; });
    pairs.on("mac", [&](const std::string& value) { nic.mac = value.empty() ? value : mac(pairs.name("mac"), value); });
    pairs.on("connected", [&](const std::string& value) { nic.connected = boolean(pairs.name("connected"), value); });
    pairs.on("name", [&](const std::string& value) { nic.info.name = value; });
}

/// A new NIC is of the model that the others are.
void add(Editor& editor, const std::string& value) {
    const Pairs pairs("--nic-add", value, keys);
    if (!pairs.has("network")) fail("--nic-add needs network=NAME");
    VirtualSystem& system = editor.system("--nic-add");
    Nic nic;
    nic.info.id = editor.new_device_id(system);
    nic.info.name = fmt::format("Ethernet {}", system.hardware.nics.size() + 1);
    nic.connected = true;
    if (!system.hardware.nics.empty()) {
        nic.model = system.hardware.nics.back().model;
        nic.attachment = system.hardware.nics.back().attachment;
    }
    set_fields(editor, nic, pairs);
    system.hardware.nics.push_back(std::move(nic));
}

void remove(Editor& editor, const std::string& value) {
    auto& nics = editor.system("--nic-remove").hardware.nics;
    nics.erase(nics.begin() + (&find_device(nics, "--nic-remove", value) - nics.data()));
}

void change(Editor& editor, const std::string& value) {
    const Addressed parts = addressed("--nic", value);
    Nic& nic = find_device(editor.system("--nic").hardware.nics, "--nic", parts.id);
    set_fields(editor, nic, Pairs(fmt::format("--nic {}", parts.id), parts.pairs, keys));
}

/// The name in the NetworkSection follows unless another VM's NICs stay on it.
void map(Editor& editor, const std::string& value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == value.size()) fail(fmt::format("--network takes OLD=NEW, not '{}'", value));
    const std::string from = value.substr(0, equals), to = value.substr(equals + 1);
    std::vector<std::string_view> names;
    for (const Network& network : editor.envelope.networks) names.push_back(network.name);
    for (const VirtualSystem* system : editor.systems())
        for (const Nic& nic : system->hardware.nics) names.push_back(nic.network);
    if (std::find(names.begin(), names.end(), from) == names.end()) fail(fmt::format("--network: there is no network '{}'{}", from, did_you_mean(from, names)));
    for (VirtualSystem* system : editor.systems())
        for (Nic& nic : system->hardware.nics)
            if (nic.network == from) nic.network = to;
    auto& networks = editor.envelope.networks;
    const auto called = [&](const std::string& name) {
        return std::find_if(networks.begin(), networks.end(), [&](const Network& network) { return network.name == name; });
    };
    const bool stays = std::any_of(editor.envelope.systems.begin(), editor.envelope.systems.end(), [&](const VirtualSystem& system) {
        return std::any_of(system.hardware.nics.begin(), system.hardware.nics.end(), [&](const Nic& nic) { return nic.network == from; });
    });
    const auto old = called(from);
    if (old == networks.end() && networks.empty()) return;
    if (stays || old == networks.end())
        editor.need_network(to);
    else if (called(to) != networks.end())
        networks.erase(old);
    else
        old->name = to;
}

}  // namespace

std::span<const Operation> network_operations() {
    static constexpr std::array rows{
        Operation{{"nic-add", "KEY=VALUE,...", "", "a new NIC: network=NAME, and model=, mac=, connected=, name="}, add},
        Operation{{"nic-remove", "ID", "", "the NIC of that id or name goes"}, remove},
        Operation{{"nic", "ID:KEY=VALUE,...", "", "change a NIC: network=, model=, mac=, connected=, name="}, change},
        Operation{{"network", "OLD=NEW", "", "another name for a network, for all its NICs"}, map},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
