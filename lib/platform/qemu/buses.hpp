#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/qemu/writer.hpp"

/// Where each drive sits: on the machine's own controllers and on those that -device adds.
namespace ovfkit::detail::qemu {

struct Bus {
    std::string type;   ///< `ide sata scsi nvme usb fdc virtio`
    std::string model;  ///< of a SCSI adapter, in the model's words
    std::string id;     ///< `scsi0`; what read() calls the controller
    std::uint32_t capacity = 1;
    bool built_in = false;
    std::set<std::uint32_t> taken;
};

struct Place {
    std::string type;
    const Bus* bus = nullptr;
    std::uint32_t unit = 0;
};

class Buses {
public:
    explicit Buses(Writer& w) : w_(w) {}
    /// The controllers of the model, in their order.
    void add_controllers();
    /// Decides for one drive, adding a controller when all are full; nullopt: there is no place, which is noted.
    std::optional<Place> place(const Drive& drive);

private:
    Bus& add(std::string_view type, std::string_view model, const Controller* source);
    void add_ide(const Controller& controller);
    void add_usb(const Controller& controller);
    Bus* bus_named(const std::string& controller);
    std::string type_for(const Drive& drive);
    std::string model_of(const Controller& controller);
    std::string fresh_id(std::string_view type, std::optional<std::uint32_t> wanted);

    Writer& w_;
    std::vector<std::unique_ptr<Bus>> buses_;
    std::map<std::string, Bus*, std::less<>> by_controller_;
    std::set<std::string> ids_;
};

}  // namespace ovfkit::detail::qemu
