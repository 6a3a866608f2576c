#include <algorithm>
#include <array>

#include "edit/storage.hpp"

namespace ovfkit::detail::edit {

namespace {

constexpr std::string_view types = "ide|sata|scsi|nvme|usb|virtio";

/// `SCSI Controller 0`, as VMware and VirtualBox call them.
std::string name_of(ControllerType type, std::uint32_t address) {
    std::string word(to_string(type));
    if (type != ControllerType::virtio)
        std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return fmt::format("{} Controller {}", word, address);
}

void add_controller(Editor& editor, const std::string& value) {
    const Pairs pairs("--controller-add", value, {"type", "model", "name"});
    if (!pairs.has("type")) fail(fmt::format("--controller-add needs type={}", types));
    VirtualSystem& system = editor.system("--controller-add");
    Controller controller;
    controller.info.id = editor.new_device_id(system);
    controller.type = *controller_type_from(choice(pairs.name("type"), *pairs.find("type"), types));
    std::uint32_t address = 0;
    for (const Controller& other : system.hardware.controllers)
        if (other.type == controller.type) address = std::max(address, other.address.value_or(0) + 1);
    controller.address = address;
    controller.info.name = name_of(controller.type, address);
    pairs.on("model", [&](const std::string& model) { controller.model = model; });
    pairs.on("name", [&](const std::string& name) { controller.info.name = name; });
    system.hardware.controllers.push_back(std::move(controller));
}

void remove_controller(Editor& editor, const std::string& value) {
    Hardware& hardware = editor.system("--controller-remove").hardware;
    const std::string id = find_device(hardware.controllers, "--controller-remove", value).info.id;
    std::vector<std::string> users;
    for (const Drive& drive : hardware.drives)
        if (drive.controller == id) users.push_back(drive.info.id);
    if (!users.empty()) fail(fmt::format("--controller-remove: controller {} is in use by {}; move or remove what is on it first", id, fmt::join(users, ", ")));
    std::erase_if(hardware.controllers, [&](const Controller& controller) { return controller.info.id == id; });
}

void add_serial(Editor& editor, const std::string& value) {
    const Pairs pairs("--serial-add", value == "auto" ? "" : value, {"backend", "target", "connected", "name"});
    VirtualSystem& system = editor.system("--serial-add");
    CharacterDevice serial;
    serial.info.id = editor.new_device_id(system);
    serial.info.name = fmt::format("Serial Port {}", system.hardware.serials.size() + 1);
    pairs.on("backend", [&](const std::string& text) { serial.backend = text; });
    pairs.on("target", [&](const std::string& text) { serial.target = text; });
    pairs.on("connected", [&](const std::string& text) { serial.connected = boolean(pairs.name("connected"), text); });
    pairs.on("name", [&](const std::string& text) { serial.info.name = text; });
    system.hardware.serials.push_back(std::move(serial));
}

void remove_serial(Editor& editor, const std::string& value) {
    auto& serials = editor.system("--serial-remove").hardware.serials;
    serials.erase(serials.begin() + (&find_device(serials, "--serial-remove", value) - serials.data()));
}

}  // namespace

std::span<const Operation> controller_operations() {
    static constexpr std::array rows{
        Operation{{"controller-add", "KEY=VALUE,...", "", "a new controller: type=ide|sata|scsi|nvme|usb|virtio, and model=, name="}, add_controller},
        Operation{{"controller-remove", "ID", "", "the controller of that id or name goes, if nothing is on it"}, remove_controller},
        Operation{{"serial-add", "KEY=VALUE,...", "", "a new serial port: backend=, target=, connected=, name=, or just auto"}, add_serial},
        Operation{{"serial-remove", "ID", "", "the serial port of that id or name goes"}, remove_serial},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
