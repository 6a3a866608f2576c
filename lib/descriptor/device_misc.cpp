#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "descriptor/balloon.hpp"
#include "descriptor/devices.hpp"

// Ports, display, sound, small devices, and what the model has no word for.
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> character_carried{"backend", "connected"};
constexpr std::array<std::string_view, 3> video_carried{"model", "vram_bytes", "heads"};
constexpr std::array<std::string_view, 1> graphics_carried{"type"};
constexpr std::array<std::string_view, 1> simple_carried{"model"};
constexpr std::array<std::string_view, 4> other_carried{"resource_type", "other_type", "model", "required"};

/// rasd:OtherResourceType of what ResourceType has no number for.
struct OtherWord {
    std::string_view word;
    DeviceClass kind;
};
constexpr std::array other_words{OtherWord{"controller", DeviceClass::controller},
                                 OtherWord{"graphics", DeviceClass::graphics},
                                 OtherWord{"watchdog", DeviceClass::watchdog}, OtherWord{"rng", DeviceClass::rng},
                                 OtherWord{"tpm", DeviceClass::tpm}};

constexpr std::string_view vmware_tpm = "vmware.vtpm", vmware_sound = "vmware.soundcard.";

bool starts_nocase(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal_nocase(text.substr(0, prefix.size()), prefix);
}

DeviceClass class_of_other(const EffectiveItem& item) {
    const std::string_view word = item.item.text(Rasd::OtherResourceType);
    for (const OtherWord& row : other_words)
        if (equal_nocase(word, row.word)) return row.kind;
    const std::string_view sub_type = item.item.text(Rasd::ResourceSubType);
    if (equal_nocase(sub_type, vmware_tpm)) return DeviceClass::tpm;
    if (starts_nocase(sub_type, vmware_sound)) return DeviceClass::sound;
    return DeviceClass::other;
}

std::optional<bool> take_allocation(const Item& item) {
    const auto value = to_boolean(to_lower(item.text(Rasd::AutomaticAllocation).substr(0, 6)));
    if (value) (void)item.take(Rasd::AutomaticAllocation);
    return value;
}

/// Takes the first parameter of that key out of the list when its value is a number.
template <std::unsigned_integral T>
std::optional<T> pull_number(std::vector<Parameter>& parameters, std::string_view key) {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Parameter& p) { return p.space == "vmw" && p.key == key; });
    if (found == parameters.end()) return std::nullopt;
    const auto value = to_number<T>(found->value);
    if (value) parameters.erase(found);
    return value;
}

constexpr std::string_view vram_key = "videoRamSizeInKB", heads_key = "numDisplays";

}  // namespace

DeviceClass class_of(const EffectiveItem& item) {
    switch (item.type) {
        case rt_cpu:
            return DeviceClass::cpu;
        case rt_memory:
            return DeviceClass::memory;
        case rt_ide:
        case rt_scsi:
        case rt_usb:
            return DeviceClass::controller;
        case rt_nic:
            return DeviceClass::nic;
        case rt_floppy:
        case rt_cd:
        case rt_dvd:
        case rt_disk:
            return DeviceClass::drive;
        // XenCenter calls its disks storage extents.
        case rt_storage_extent:
            return item.item.text(Rasd::HostResource).empty() ? DeviceClass::other : DeviceClass::drive;
        case rt_storage:
            return controller_of_storage(item.item.text(Rasd::ResourceSubType)) == ControllerType::other
                       ? DeviceClass::other
                       : DeviceClass::controller;
        case rt_serial:
            // Microsoft's older schema: a disk, when it points at one.
            return starts_nocase(item.item.text(Rasd::Caption), "Hard Disk Image") &&
                           parse_host_resource(item.item.text(Rasd::HostResource)).kind == HostResource::Kind::disk
                       ? DeviceClass::drive
                       : DeviceClass::serial;
        case rt_parallel:
            return DeviceClass::parallel;
        case rt_video:
            return DeviceClass::video;
        case rt_sound:
            return DeviceClass::sound;
        case rt_zero:
        case rt_other:
            if (is_balloon(item)) return DeviceClass::balloon;
            return item.type == rt_other ? class_of_other(item) : DeviceClass::other;
        default:
            return equal_nocase(item.item.text(Rasd::ResourceSubType), vmware_tpm) ? DeviceClass::tpm
                                                                                   : DeviceClass::other;
    }
}

CharacterDevice decode_character(const EffectiveItem& item, const DecodeContext& context) {
    CharacterDevice device;
    read_info(item, device.info);
    const WordKind kind = item.type == rt_parallel ? WordKind::parallel : WordKind::serial;
    if (const std::string_view sub_type = item.item.take(Rasd::ResourceSubType); !sub_type.empty())
        device.backend = neutral_word(kind, sub_type);
    device.connected = take_allocation(item.item);
    read_extension(extension_of(item.item, "Device"), device, character_carried, context.diagnostics);
    return device;
}

DeviceRows rows_of(const CharacterDevice& device, DeviceClass kind, const EncodeContext& context) {
    DeviceRows rows;
    rows.required = false;
    const bool parallel = kind == DeviceClass::parallel;
    rows.add(Rasd::AutomaticAllocation, std::string(boolean_text(device.connected)));
    rows.add(Rasd::ResourceSubType,
             spelled(parallel ? WordKind::parallel : WordKind::serial, context.style.speller, device.backend));
    rows.add(Rasd::ResourceType, std::to_string(parallel ? rt_parallel : rt_serial));
    rows.add_info(device.info);
    extension_rows(device, character_carried, rows.extension);
    return rows;
}

Video decode_video(const EffectiveItem& item, const DecodeContext& context) {
    Video video;
    read_info(item, video.info);
    if (const std::string_view sub_type = item.item.take(Rasd::ResourceSubType); !sub_type.empty())
        video.model = neutral_word(WordKind::video, sub_type);
    if (const auto kib = pull_number<std::uint64_t>(video.info.parameters, vram_key))
        video.vram_bytes = checked_multiply<std::uint64_t>(*kib, 1024);
    video.heads = pull_number<std::uint32_t>(video.info.parameters, heads_key);
    const Element extension = extension_of(item.item, "Device");
    read_extension(extension, video, video_carried, context.diagnostics);
    if (extension)
        if (const auto bytes = to_number<std::uint64_t>(extension.attribute_lax(Ns::hardware, "vramBytes").value())) {
            video.vram_bytes = bytes;
            (void)extension.attribute_lax(Ns::hardware, "vramBytes").take();
        }
    return video;
}

DeviceRows rows_of(const Video& video, const EncodeContext& context) {
    DeviceRows rows;
    rows.required = false;
    rows.add(Rasd::ResourceSubType, spelled(WordKind::video, context.style.speller, video.model));
    rows.add(Rasd::ResourceType, std::to_string(rt_video));
    // Before the rest: several of one key are told apart by their order.
    if (video.vram_bytes)
        rows.parameters.push_back({"vmw", std::string(vram_key), std::to_string(*video.vram_bytes / 1024)});
    if (video.heads) rows.parameters.push_back({"vmw", std::string(heads_key), std::to_string(*video.heads)});
    rows.add_info(video.info);
    extension_rows(video, video_carried, rows.extension);
    rows.extension.emplace_back("vramBytes", video.vram_bytes && *video.vram_bytes % 1024 != 0
                                                 ? std::to_string(*video.vram_bytes)
                                                 : std::string{});
    return rows;
}

Graphics decode_graphics(const EffectiveItem& item, const DecodeContext& context) {
    Graphics graphics;
    read_info(item, graphics.info);
    graphics.type = std::string(item.item.take(Rasd::ResourceSubType));
    (void)item.item.take(Rasd::OtherResourceType);
    read_extension(extension_of(item.item, "Device"), graphics, graphics_carried, context.diagnostics);
    return graphics;
}

DeviceRows rows_of(const Graphics& graphics, const EncodeContext&) {
    DeviceRows rows;
    rows.required = false;
    rows.add(Rasd::OtherResourceType, "graphics");
    rows.add(Rasd::ResourceSubType, graphics.type);
    rows.add(Rasd::ResourceType, std::to_string(rt_other));
    rows.add_info(graphics.info);
    extension_rows(graphics, graphics_carried, rows.extension);
    return rows;
}

SimpleDevice decode_simple(const EffectiveItem& item, const DecodeContext& context) {
    SimpleDevice device;
    read_info(item, device.info);
    (void)item.item.take(Rasd::OtherResourceType);
    if (const std::string_view sub_type = item.item.take(Rasd::ResourceSubType); !sub_type.empty()) {
        if (class_of(item) == DeviceClass::sound)
            device.model = neutral_word(WordKind::sound, sub_type);
        else
            device.model = equal_nocase(sub_type, vmware_tpm) ? "tpm-crb" : std::string(sub_type);
    }
    read_extension(extension_of(item.item, "Device"), device, simple_carried, context.diagnostics);
    return device;
}

DeviceRows rows_of(const SimpleDevice& device, DeviceClass kind, const EncodeContext& context) {
    DeviceRows rows;
    rows.required = false;
    std::string_view word;
    for (const OtherWord& row : other_words)
        if (row.kind == kind) word = row.word;
    std::string sub_type = device.model;
    if (kind == DeviceClass::sound) sub_type = spelled(WordKind::sound, context.style.speller, device.model);
    // ESXi knows the virtual TPM by its sub-type alone.
    const bool own_tpm = kind == DeviceClass::tpm && context.style.speller == Speller::vmware && device.model == "tpm-crb";
    if (own_tpm) sub_type = vmware_tpm;
    const bool by_number = kind == DeviceClass::sound && !starts_nocase(sub_type, vmware_sound);
    rows.add(Rasd::OtherResourceType, std::string(own_tpm || kind == DeviceClass::sound ? std::string_view{} : word));
    rows.add(Rasd::ResourceSubType, std::move(sub_type));
    rows.add(Rasd::ResourceType, std::to_string(by_number ? rt_sound : rt_other));
    rows.add_info(device.info);
    extension_rows(device, simple_carried, rows.extension);
    return rows;
}

OtherDevice decode_other(const EffectiveItem& item, const DecodeContext& context) {
    OtherDevice device;
    read_info(item, device.info);
    device.resource_type = item.type;
    device.other_type = std::string(item.item.take(Rasd::OtherResourceType));
    device.model = std::string(item.item.take(Rasd::ResourceSubType));
    device.required = item.item.required();
    (void)item.item.element.attribute_lax(Ns::ovf, "required").take();
    read_extension(extension_of(item.item, "Device"), device, other_carried, context.diagnostics);
    return device;
}

DeviceRows rows_of(const OtherDevice& device, const EncodeContext&) {
    DeviceRows rows;
    rows.required = device.required;
    rows.required_is_value = true;
    rows.add(Rasd::OtherResourceType, device.other_type);
    rows.add(Rasd::ResourceSubType, device.model);
    rows.add(Rasd::ResourceType, std::to_string(device.resource_type));
    rows.add_info(device.info);
    extension_rows(device, other_carried, rows.extension);
    return rows;
}

KnownIds known_ids(const Envelope& envelope) {
    KnownIds ids;
    for (const VirtualDisk& disk : envelope.disks) {
        ids.disks.insert(disk.id);
        if (disk.shared) ids.shared.insert(disk.id);
    }
    for (const FileReference& file : envelope.files) ids.files.insert(file.id);
    for (const Network& network : envelope.networks) ids.networks.insert(network.name);
    return ids;
}

}  // namespace ovfkit::detail
