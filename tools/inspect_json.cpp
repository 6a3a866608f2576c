#include <nlohmann/json.hpp>

#include <ovfkit/environment.hpp>

#include "inspect.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

Json word(std::string_view text) { return text.empty() ? Json() : Json(std::string(text)); }

template <class T>
Json value(const std::optional<T>& number) {
    return number ? Json(*number) : Json();
}

template <class List, class Row>
Json array(const List& list, Row row) {
    Json out = Json::array();
    for (const auto& element : list) out.push_back(row(element));
    return out;
}

Json of(const FileReference& file) {
    return {{"id", word(file.id)},
            {"href", word(file.href)},
            {"size", value(file.size)},
            {"compression", word(file.compression)},
            {"chunk_size", value(file.chunk_size)}};
}

Json of(const VirtualDisk& disk) {
    return {{"id", word(disk.id)},
            {"file", word(disk.file_id)},
            {"capacity_bytes", value(disk.capacity_bytes)},
            {"populated_bytes", value(disk.populated_bytes)},
            {"format", word(disk.format)},
            {"parent", word(disk.parent_id)}};
}

Json of(const MemoryBalloon& balloon) {
    return {{"state", to_string(balloon.state)},
            {"model", word(to_string(balloon.model))},
            {"autodeflate", value(balloon.autodeflate)},
            {"free_page_reporting", value(balloon.free_page_reporting)},
            {"stats_period_seconds", value(balloon.stats_period_seconds)}};
}

Json of(const Drive& drive) {
    return {{"id", word(drive.info.id)},   {"kind", to_string(drive.kind)},        {"disk", word(drive.disk_id)},
            {"file", word(drive.file_id)}, {"controller", word(drive.controller)}, {"unit", value(drive.unit)}};
}

Json of(const VirtualSystem& system) {
    const Hardware& hardware = system.hardware;
    const Memory& memory = hardware.memory;
    Json out;
    out["id"] = word(system.id);
    out["name"] = word(system.name);
    out["os"] = {{"cim_id", value(system.os.cim_id)},
                 {"vendor_id", word(vendor_os(system.os))},
                 {"description", word(system.os.description)}};
    out["cpus"] = value(hardware.cpu.count);
    out["cores_per_socket"] = value(hardware.cpu.cores);
    out["memory_bytes"] = value(memory.boot_bytes);
    out["firmware"] = word(to_string(hardware.firmware));
    out["secure_boot"] = value(hardware.secure_boot);
    out["balloon"] = of(hardware.balloon);
    out["memory"] = {{"target_bytes", value(memory.target_bytes)},
                     {"guaranteed_bytes", value(memory.guaranteed_bytes)},
                     {"maximum_bytes", value(memory.maximum_bytes)}};
    out["controllers"] = array(hardware.controllers, [](const Controller& x) {
        return Json{{"id", word(x.info.id)},
                    {"type", to_string(x.type)},
                    {"model", word(x.model)},
                    {"address", value(x.address)}};
    });
    out["drives"] = array(hardware.drives, [](const Drive& x) { return of(x); });
    out["nics"] = array(hardware.nics, [](const Nic& x) {
        return Json{
            {"id", word(x.info.id)}, {"network", word(x.network)}, {"model", word(x.model)}, {"mac", word(x.mac)}};
    });
    out["devices"] = array(other_devices(hardware), [](const OtherRow& x) {
        return Json{{"id", word(x.id)}, {"type", word(x.type)}, {"model", word(x.model)}};
    });
    return out;
}

void add_properties(Json& out, const Envelope& envelope, const std::vector<Product>& products) {
    for (const Product& product : products)
        for (const Property& x : product.properties)
            out.push_back({{"key", word(x.key)},
                           {"full_key", word(property_key(product, x))},
                           {"label", word(x.label)},
                           {"type", word(x.type)},
                           {"value", x.password ? Json() : word(property_value(x, envelope.configuration))},
                           {"user_configurable", x.user_configurable},
                           {"password", x.password}});
}

std::string_view signature_word(const Signature& signature) {
    return !signature.valid ? "invalid" : signature.trusted ? "trusted" : "untrusted";
}

}  // namespace

std::string inspect_json(const Source& source, const std::optional<Integrity>& integrity, const Diagnostics& diagnostics) {
    const Envelope& envelope = source.envelope();
    const bool is_ovf = source.document() != nullptr;
    Json out;
    out["format"] = is_ovf ? Json("ovf") : word(source.format());
    out["dialect"] = is_ovf ? word(source.format()) : Json();
    out["producer"] = word(envelope.producer);
    out["ovf_version"] = word(envelope.ovf_version);
    out["files"] = array(envelope.files, [](const FileReference& x) { return of(x); });
    out["disks"] = array(envelope.disks, [](const VirtualDisk& x) { return of(x); });
    out["networks"] = array(envelope.networks, [](const Network& x) {
        return Json{{"name", word(x.name)}, {"description", word(x.description)}};
    });
    out["configurations"] = array(envelope.configurations, [](const Configuration& x) {
        return Json{{"id", word(x.id)}, {"label", word(x.label)}, {"default", x.is_default}};
    });
    Json properties = Json::array();
    add_properties(properties, envelope, envelope.products);
    for (const VirtualSystem& system : envelope.systems) add_properties(properties, envelope, system.products);
    out["properties"] = std::move(properties);
    // Of a package; a descriptor alone has neither.
    const bool is_signed = integrity && integrity->signature;
    out["integrity"] = {{"manifest", word(integrity ? integrity->algorithms : std::string{})},
                        {"signature", !is_signed ? Json() : Json(signature_word(*integrity->signature))},
                        {"signer", word(is_signed ? integrity->signature->subject : std::string{})}};
    out["virtual_systems"] = array(envelope.systems, [](const VirtualSystem& x) { return of(x); });
    out["diagnostics"] = Json::parse(render_json(diagnostics.all()));
    return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ovfkit::tool
