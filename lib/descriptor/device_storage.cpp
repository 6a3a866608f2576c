#include <array>

#include <fmt/format.h>

#include "descriptor/devices.hpp"

// Controllers (ResourceType 5 6 20 23) and drives (14 15 16 17 19).
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 3> controller_carried{"type", "model", "address"};
constexpr std::array<std::string_view, 6> drive_carried{"kind",       "disk_id", "file_id",
                                                        "controller", "unit",    "connected"};

/// A small number that may also be a vendor's text; such text is left alone with a warning.
std::optional<std::uint32_t> take_small(const EffectiveItem& item, Element element, const DecodeContext& context) {
    const std::string_view text = trimmed(element.text());
    if (text.empty()) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (is_digit(text.front()) || (text.front() == '-' && text.size() > 1 && is_digit(text[1]))) {
        const auto value = checked_number<std::uint32_t>(text, element, element.qname(), context.diagnostics, max_unit);
        if (value) (void)element.take();
        return value;
    }
    report(context.diagnostics, "ovf-address-unknown", element,
           fmt::format("{} of Item '{}' is '{}', not a number; it is not used", element.qname(), printable(item.id, 60),
                       printable(text, 60)));
    return std::nullopt;
}

WordKind words_of(ControllerType type) {
    switch (type) {
        case ControllerType::ide:
            return WordKind::ide;
        case ControllerType::scsi:
            return WordKind::scsi;
        case ControllerType::usb:
            return WordKind::usb;
        default:
            return WordKind::sata_nvme;
    }
}

ControllerType type_of(const EffectiveItem& item) {
    switch (item.type) {
        case rt_ide:
            return ControllerType::ide;
        case rt_scsi:
            return ControllerType::scsi;
        case rt_usb:
            return ControllerType::usb;
        case rt_storage:
            return controller_of_storage(item.item.text(Rasd::ResourceSubType));
        default:
            return ControllerType::other;
    }
}

/// The ResourceType a controller is written with. Types without one are ResourceType 1 with the type beside it.
std::uint32_t resource_type_of(const Controller& controller, Speller speller) {
    switch (controller.type) {
        case ControllerType::ide:
            return rt_ide;
        case ControllerType::scsi:
            return speller == Speller::virtualbox && controller.model == "virtio-scsi" ? rt_storage : rt_scsi;
        case ControllerType::usb:
            return rt_usb;
        case ControllerType::sata:
        case ControllerType::nvme:
            return rt_storage;
        default:
            return rt_other;
    }
}

/// A model word that the type alone says.
std::string_view implied_model(ControllerType type) {
    if (type == ControllerType::sata) return "ahci";
    if (type == ControllerType::nvme) return "nvme";
    return {};
}

void decode_host_resource(const EffectiveItem& item, Drive& drive, const DecodeContext& context) {
    const std::string_view text = item.item.text(Rasd::HostResource);
    const HostResource resource = parse_host_resource(text);
    if (resource.kind == HostResource::Kind::none) return;
    const Element element = item.item.get(Rasd::HostResource);
    if (resource.kind == HostResource::Kind::foreign) {
        // A device of the machine it was exported from; a disk must come from the package.
        if (drive.kind == DriveKind::disk)
            report(context.diagnostics, "ovf-disk-dangling", element,
                   fmt::format("rasd:HostResource is '{}', neither ovf:/disk/ID nor ovf:/file/ID", printable(text, 80)),
                   Failure::malformed);
        else if (trimmed(text).starts_with('/') || equal_nocase(trimmed(text).substr(0, 5), "file:"))
            report(context.diagnostics, "ovf-host-path", element,
                   fmt::format("rasd:HostResource is '{}', a path on a host: empty the drive, or name ovf:/file/ID",
                               printable(text, 80)),
                   Failure::malformed);
        return;
    }
    (void)item.item.take(Rasd::HostResource);
    if (resource.kind == HostResource::Kind::disk) {
        drive.disk_id = std::string(resource.id);
        if (context.ids.disks.count(resource.id) == 0)
            report(context.diagnostics, "ovf-disk-dangling", element,
                   fmt::format("rasd:HostResource names the disk '{}', which DiskSection does not have",
                               printable(resource.id, 80)),
                   Failure::malformed);
    } else {
        drive.file_id = std::string(resource.id);
        if (context.ids.files.count(resource.id) == 0)
            report(context.diagnostics, "ovf-file-dangling", element,
                   fmt::format("rasd:HostResource names the file '{}', which References does not have",
                               printable(resource.id, 80)),
                   Failure::malformed);
    }
}

/// N of `ID,device=N`: XenServer's slot of a drive. `plain`: nothing else is said.
struct XenConnection {
    std::optional<std::uint32_t> device;
    bool plain = true;
};

XenConnection parse_connection(std::string_view text, std::string_view disk) {
    XenConnection out;
    constexpr std::string_view key = "device=";
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view word = trimmed(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto number = word.starts_with(key) ? to_number<std::uint32_t>(word.substr(key.size())) : std::nullopt;
        if (number && *number <= max_unit && !out.device)
            out.device = number;
        else if (word != disk)
            out.plain = false;
    }
    return out;
}

/// Where rasd:AddressOnParent and the Connection differ, XenServer goes by the Connection.
void decode_connection(const EffectiveItem& item, Drive& drive, const DecodeContext& context) {
    const std::string_view text = item.item.text(Rasd::Connection);
    if (text.empty() || !drive.controller.empty()) return;
    const XenConnection said = parse_connection(text, drive.disk_id.empty() ? drive.file_id : drive.disk_id);
    if (said.device && drive.unit && said.device != drive.unit)
        report(context.diagnostics, "ovf-xen-device", item.item.get(Rasd::Connection),
               fmt::format("rasd:Connection says device {}, rasd:AddressOnParent {}; the Connection counts, as for "
                           "XenServer",
                           *said.device, *drive.unit));
    if (said.device) drive.unit = said.device;
    if (said.plain) (void)item.item.take(Rasd::Connection);
}

std::string connection_of(const Drive& drive) {
    std::string out = drive.disk_id.empty() ? drive.file_id : drive.disk_id;
    if (!drive.controller.empty()) return {};
    if (drive.unit) out += (out.empty() ? "device=" : ",device=") + std::to_string(*drive.unit);
    return out;
}

std::uint32_t resource_type_of(const Drive& drive, const Style& style) {
    if (drive.kind == DriveKind::floppy) return rt_floppy;
    if (drive.kind == DriveKind::cdrom) return style.xen_items ? rt_dvd : rt_cd;
    const bool extent = style.xen_items && !(drive.disk_id.empty() && drive.file_id.empty());
    return extent ? rt_storage_extent : rt_disk;
}

DriveKind kind_of(std::uint32_t type) {
    if (type == rt_floppy) return DriveKind::floppy;
    return type == rt_cd || type == rt_dvd ? DriveKind::cdrom : DriveKind::disk;
}

}  // namespace

HostResource parse_host_resource(std::string_view text) {
    if (text.empty()) return {};
    std::string_view rest = text;
    if (rest.substr(0, 4) == "ovf:") rest.remove_prefix(4);
    const bool rooted = rest.size() != text.size() || rest.front() == '/';
    while (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    if (rooted && rest.substr(0, 5) == "disk/") return {HostResource::Kind::disk, rest.substr(5)};
    if (rooted && rest.substr(0, 7) == "shared/") return {HostResource::Kind::disk, rest.substr(7)};
    if (rooted && rest.substr(0, 5) == "file/") return {HostResource::Kind::file, rest.substr(5)};
    return {HostResource::Kind::foreign, text};
}

Controller decode_controller(const EffectiveItem& item, const DecodeContext& context) {
    Controller controller;
    read_info(item, controller.info);
    const Item& fields = item.item;
    controller.type = type_of(item);
    if (const std::string_view sub_type = take_sub_type(fields); !sub_type.empty()) {
        controller.model = controller.type == ControllerType::other ? std::string(sub_type)
                                                                    : neutral_word(words_of(controller.type), sub_type);
    }
    (void)fields.take(Rasd::OtherResourceType);
    const Element bus = fields.extra(Ns::rasd, "BusNumber");  // 0.9
    if (fields.has(Rasd::Address)) {
        controller.address = take_small(item, fields.get(Rasd::Address), context);
        if (bus && controller.address && to_number<std::uint32_t>(trimmed(bus.text())) == *controller.address)
            (void)bus.take();
    } else if (bus) {
        controller.address = take_small(item, bus, context);
    }
    const Element extension = extension_of(fields, "Device");
    if (item.type == rt_other && extension) {
        if (const auto type = controller_type_from(extension.attribute_lax(Ns::hardware, "type").value())) {
            controller.type = *type;
            (void)extension.attribute_lax(Ns::hardware, "type").take();
        }
    }
    read_extension(extension, controller, controller_carried, context.diagnostics);
    return controller;
}

DeviceRows rows_of(const Controller& controller, const EncodeContext& context) {
    DeviceRows rows;
    const std::uint32_t type = resource_type_of(controller, context.style.speller);
    const bool other = type == rt_other;
    const std::string_view word =
        controller.model.empty() ? implied_model(controller.type) : std::string_view(controller.model);
    rows.required = !other;
    rows.add(Rasd::Address, number_text(controller.address));
    rows.add(Rasd::OtherResourceType, other ? "controller" : "");
    rows.add(Rasd::ResourceSubType,
             other ? std::string(word) : spelled(words_of(controller.type), context.style.speller, word));
    rows.add(Rasd::ResourceType, std::to_string(type));
    rows.add_info(controller.info);
    rows.extension.emplace_back("type", other ? std::string(to_string(controller.type)) : std::string{});
    extension_rows(controller, controller_carried, rows.extension);
    return rows;
}

Drive decode_drive(const EffectiveItem& item, const DecodeContext& context) {
    Drive drive;
    read_info(item, drive.info);
    const Item& fields = item.item;
    drive.kind = kind_of(item.type);
    decode_host_resource(item, drive, context);
    if (const std::string_view parent = fields.text(Rasd::Parent); !parent.empty()) {
        if (const EffectiveItem* controller = context.index.by_instance(parent)) {
            drive.controller = controller->id;
            (void)fields.take(Rasd::Parent);
        }
    }
    if (fields.has(Rasd::AddressOnParent)) drive.unit = take_small(item, fields.get(Rasd::AddressOnParent), context);
    if (const Element element = fields.get(Rasd::AutomaticAllocation)) {
        drive.connected = to_boolean(to_lower(fields.text(Rasd::AutomaticAllocation).substr(0, 6)));
        if (drive.connected) (void)element.take();
    }
    if (context.style.xen_items) decode_connection(item, drive, context);
    if (context.ids.shared.count(drive.disk_id) != 0) drive.shareable = true;
    read_extension(extension_of(fields, "Device"), drive, drive_carried, context.diagnostics);
    return drive;
}

DeviceRows rows_of(const Drive& drive, const EncodeContext& context) {
    DeviceRows rows;
    rows.required =
        drive.kind == DriveKind::disk || !drive.file_id.empty() ? std::optional(true) : std::optional(false);
    rows.add(Rasd::AddressOnParent, number_text(drive.unit));
    rows.add(Rasd::AutomaticAllocation, std::string(boolean_text(drive.connected)));
    if (context.style.xen_items) rows.add(Rasd::Connection, connection_of(drive));
    rows.add(Rasd::HostResource, !drive.disk_id.empty()   ? "ovf:/disk/" + drive.disk_id
                                 : !drive.file_id.empty() ? "ovf:/file/" + drive.file_id
                                                          : std::string{});
    rows.add(Rasd::Parent, drive.controller.empty() ? std::string{} : context.instance_of(drive.controller));
    rows.add(Rasd::ResourceType, std::to_string(resource_type_of(drive, context.style)));
    rows.add_info(drive.info);
    extension_rows(drive, drive_carried, rows.extension);
    return rows;
}

}  // namespace ovfkit::detail
