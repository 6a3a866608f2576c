#pragma once

#include <string_view>

#include <ovfkit/model.hpp>

/// Every field of the model by name, once. Loss accounting, merging, diff and tests walk this list, so a
/// field that is missing here is a field that can get lost: add it together with the struct's member.
///
/// `describe(Type*, v)` calls v("name", &Type::member) for scalars and strings, `v.group("name", &Type::member)`
/// for a nested struct and `v.list("name", &Type::member)` for a vector of described structs with an id.
namespace ovfkit::detail {

template <class V>
void describe(DeviceInfo*, V&& v) {
    v("id", &DeviceInfo::id);
    v("name", &DeviceInfo::name);
    v("caption", &DeviceInfo::caption);
    v("description", &DeviceInfo::description);
    v("alias", &DeviceInfo::alias);
    v("address", &DeviceInfo::address);
    v("parameters", &DeviceInfo::parameters);
}

template <class V>
void describe(Cpu*, V&& v) {
    v("count", &Cpu::count);
    v("maximum", &Cpu::maximum);
    v("sockets", &Cpu::sockets);
    v("cores", &Cpu::cores);
    v("threads", &Cpu::threads);
    v("model", &Cpu::model);
    v("reservation_hz", &Cpu::reservation_hz);
    v("limit_hz", &Cpu::limit_hz);
    v("weight", &Cpu::weight);
    v.group("info", &Cpu::info);
}

template <class V>
void describe(Memory*, V&& v) {
    v("boot_bytes", &Memory::boot_bytes);
    v("target_bytes", &Memory::target_bytes);
    v("guaranteed_bytes", &Memory::guaranteed_bytes);
    v("maximum_bytes", &Memory::maximum_bytes);
    v("weight", &Memory::weight);
    v.group("info", &Memory::info);
}

template <class V>
void describe(MemoryBalloon*, V&& v) {
    v("state", &MemoryBalloon::state);
    v("model", &MemoryBalloon::model);
    v("autodeflate", &MemoryBalloon::autodeflate);
    v("free_page_reporting", &MemoryBalloon::free_page_reporting);
    v("stats_period_seconds", &MemoryBalloon::stats_period_seconds);
    v("device_kept", &MemoryBalloon::device_kept);
    v.group("info", &MemoryBalloon::info);
}

template <class V>
void describe(Controller*, V&& v) {
    v.group("info", &Controller::info);
    v("type", &Controller::type);
    v("model", &Controller::model);
    v("address", &Controller::address);
}

template <class V>
void describe(Drive*, V&& v) {
    v.group("info", &Drive::info);
    v("kind", &Drive::kind);
    v("disk_id", &Drive::disk_id);
    v("file_id", &Drive::file_id);
    v("controller", &Drive::controller);
    v("unit", &Drive::unit);
    v("interface", &Drive::interface);
    v("source", &Drive::source);
    v("source_format", &Drive::source_format);
    v("connected", &Drive::connected);
    v("read_only", &Drive::read_only);
    v("shareable", &Drive::shareable);
    v("transient", &Drive::transient);
    v("boot_index", &Drive::boot_index);
    v("serial", &Drive::serial);
    v("cache", &Drive::cache);
    v("discard", &Drive::discard);
}

template <class V>
void describe(Nic*, V&& v) {
    v.group("info", &Nic::info);
    v("network", &Nic::network);
    v("attachment", &Nic::attachment);
    v("model", &Nic::model);
    v("mac", &Nic::mac);
    v("connected", &Nic::connected);
    v("link_up", &Nic::link_up);
    v("boot_index", &Nic::boot_index);
    v("ip", &Nic::ip);
    v("vlan", &Nic::vlan);
}

template <class V>
void describe(CharacterDevice*, V&& v) {
    v.group("info", &CharacterDevice::info);
    v("backend", &CharacterDevice::backend);
    v("target", &CharacterDevice::target);
    v("connected", &CharacterDevice::connected);
}

template <class V>
void describe(Video*, V&& v) {
    v.group("info", &Video::info);
    v("model", &Video::model);
    v("vram_bytes", &Video::vram_bytes);
    v("heads", &Video::heads);
}

template <class V>
void describe(Graphics*, V&& v) {
    v.group("info", &Graphics::info);
    v("type", &Graphics::type);
    v("listen", &Graphics::listen);
    v("port", &Graphics::port);
    v("keymap", &Graphics::keymap);
}

template <class V>
void describe(SimpleDevice*, V&& v) {
    v.group("info", &SimpleDevice::info);
    v("model", &SimpleDevice::model);
    v("option", &SimpleDevice::option);
}

template <class V>
void describe(OtherDevice*, V&& v) {
    v.group("info", &OtherDevice::info);
    v("resource_type", &OtherDevice::resource_type);
    v("other_type", &OtherDevice::other_type);
    v("model", &OtherDevice::model);
    v("required", &OtherDevice::required);
}

template <class V>
void describe(Hardware*, V&& v) {
    v("system_type", &Hardware::system_type);
    v("transport", &Hardware::transport);
    v("machine", &Hardware::machine);
    v("arch", &Hardware::arch);
    v("firmware", &Hardware::firmware);
    v("secure_boot", &Hardware::secure_boot);
    v("nvram_file_id", &Hardware::nvram_file_id);
    v.group("cpu", &Hardware::cpu);
    v.group("memory", &Hardware::memory);
    v.group("balloon", &Hardware::balloon);
    v.list("controllers", &Hardware::controllers);
    v.list("drives", &Hardware::drives);
    v.list("nics", &Hardware::nics);
    v.list("serials", &Hardware::serials);
    v.list("parallels", &Hardware::parallels);
    v.list("videos", &Hardware::videos);
    v.list("graphics", &Hardware::graphics);
    v.list("sounds", &Hardware::sounds);
    v.list("watchdogs", &Hardware::watchdogs);
    v.list("rngs", &Hardware::rngs);
    v.list("tpms", &Hardware::tpms);
    v.list("others", &Hardware::others);
    v("boot", &Hardware::boot);
}

template <class V>
void describe(OperatingSystem*, V&& v) {
    v("cim_id", &OperatingSystem::cim_id);
    v("version", &OperatingSystem::version);
    v("description", &OperatingSystem::description);
    v("vmware_type", &OperatingSystem::vmware_type);
    v("virtualbox_type", &OperatingSystem::virtualbox_type);
    v("ovirt_id", &OperatingSystem::ovirt_id);
    v("ovirt_name", &OperatingSystem::ovirt_name);
    v("osinfo_id", &OperatingSystem::osinfo_id);
}

template <class V>
void describe(Property*, V&& v) {
    v("key", &Property::key);
    v("type", &Property::type);
    v("qualifiers", &Property::qualifiers);
    v("value", &Property::value);
    v("label", &Property::label);
    v("description", &Property::description);
    v("category", &Property::category);
    v("user_configurable", &Property::user_configurable);
    v("password", &Property::password);
    v("configuration_values", &Property::configuration_values);
}

template <class V>
void describe(Product*, V&& v) {
    v("class_name", &Product::class_name);
    v("instance", &Product::instance);
    v("info", &Product::info);
    v("product", &Product::product);
    v("vendor", &Product::vendor);
    v("version", &Product::version);
    v("full_version", &Product::full_version);
    v("product_url", &Product::product_url);
    v("vendor_url", &Product::vendor_url);
    v("app_url", &Product::app_url);
    v.list("properties", &Product::properties);
}

template <class V>
void describe(VirtualSystem*, V&& v) {
    v("id", &VirtualSystem::id);
    v("name", &VirtualSystem::name);
    v("uuid", &VirtualSystem::uuid);
    v("genid", &VirtualSystem::genid);
    v("title", &VirtualSystem::title);
    v("annotation", &VirtualSystem::annotation);
    v("clock", &VirtualSystem::clock);
    v("is_template", &VirtualSystem::is_template);
    v.group("os", &VirtualSystem::os);
    v.group("hardware", &VirtualSystem::hardware);
    v.list("products", &VirtualSystem::products);
    v("eulas", &VirtualSystem::eulas);
    v("parameters", &VirtualSystem::parameters);
}

template <class V>
void describe(FileReference*, V&& v) {
    v("id", &FileReference::id);
    v("href", &FileReference::href);
    v("size", &FileReference::size);
    v("compression", &FileReference::compression);
    v("chunk_size", &FileReference::chunk_size);
    v("description", &FileReference::description);
}

template <class V>
void describe(VirtualDisk*, V&& v) {
    v("id", &VirtualDisk::id);
    v("file_id", &VirtualDisk::file_id);
    v("format", &VirtualDisk::format);
    v("parent_id", &VirtualDisk::parent_id);
    v("capacity_bytes", &VirtualDisk::capacity_bytes);
    v("capacity_inexact", &VirtualDisk::capacity_inexact);
    v("shared", &VirtualDisk::shared);
    v("capacity_property", &VirtualDisk::capacity_property);
    v("populated_bytes", &VirtualDisk::populated_bytes);
    v("volume_format", &VirtualDisk::volume_format);
    v("volume_type", &VirtualDisk::volume_type);
    v("alias", &VirtualDisk::alias);
    v("description", &VirtualDisk::description);
}

template <class V>
void describe(Network*, V&& v) {
    v("name", &Network::name);
    v("description", &Network::description);
}

template <class V>
void describe(Configuration*, V&& v) {
    v("id", &Configuration::id);
    v("label", &Configuration::label);
    v("description", &Configuration::description);
    v("is_default", &Configuration::is_default);
}

template <class V>
void describe(StartupItem*, V&& v) {
    v("id", &StartupItem::id);
    v("order", &StartupItem::order);
    v("start_delay_seconds", &StartupItem::start_delay_seconds);
    v("stop_delay_seconds", &StartupItem::stop_delay_seconds);
    v("waiting_for_guest", &StartupItem::waiting_for_guest);
    v("start_action", &StartupItem::start_action);
    v("stop_action", &StartupItem::stop_action);
}

template <class V>
void describe(ResourceAllocation*, V&& v) {
    v("id", &ResourceAllocation::id);
    v("configuration", &ResourceAllocation::configuration);
    v("bound", &ResourceAllocation::bound);
    v("name", &ResourceAllocation::name);
    v("description", &ResourceAllocation::description);
    v("units", &ResourceAllocation::units);
    v("resource_type", &ResourceAllocation::resource_type);
    v("limit", &ResourceAllocation::limit);
    v("quantity", &ResourceAllocation::quantity);
    v("reservation", &ResourceAllocation::reservation);
    v("weight", &ResourceAllocation::weight);
}

template <class V>
void describe(Envelope*, V&& v) {
    v("ovf_version", &Envelope::ovf_version);
    v("lang", &Envelope::lang);
    v.list("files", &Envelope::files);
    v.list("disks", &Envelope::disks);
    v.list("networks", &Envelope::networks);
    v.list("configurations", &Envelope::configurations);
    v("configuration", &Envelope::configuration);
    v.list("products", &Envelope::products);
    v.list("systems", &Envelope::systems);
    v("is_collection", &Envelope::is_collection);
    v("collection_id", &Envelope::collection_id);
    v("collection_name", &Envelope::collection_name);
    v.list("startup", &Envelope::startup);
    v.list("allocations", &Envelope::allocations);
}

/// The key under which a list's elements are told apart.
inline std::string_view key_of(const FileReference& x) { return x.id; }
inline std::string_view key_of(const VirtualDisk& x) { return x.id; }
inline std::string_view key_of(const Network& x) { return x.name; }
inline std::string_view key_of(const Configuration& x) { return x.id; }
inline std::string_view key_of(const Property& x) { return x.key; }
inline std::string_view key_of(const Product& x) { return x.class_name; }
inline std::string_view key_of(const VirtualSystem& x) { return x.id; }
inline std::string_view key_of(const StartupItem& x) { return x.id; }
inline std::string_view key_of(const ResourceAllocation& x) { return x.id; }
template <class Device>
    requires requires(const Device& d) { d.info.id; }
std::string_view key_of(const Device& x) { return x.info.id; }

}  // namespace ovfkit::detail
