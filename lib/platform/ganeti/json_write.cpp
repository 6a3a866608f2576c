#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/checked.hpp"
#include "base/sha256.hpp"
#include "platform/ganeti/instance.hpp"

// The two JSON forms: `ganeti-hvparams`, an object with everything, and `ganeti-instance`, the array that
// `gnt-instance batch-create` takes.
namespace ovfkit::detail::ganeti {

namespace {

using Json = nlohmann::ordered_json;

std::string rendered(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// As Ganeti types it: a JSON boolean, number or string.
Json typed(const Param* param, const std::string& value) {
    if (param != nullptr && param->type == ParamType::boolean) return value == "True";
    if (param != nullptr && param->type == ParamType::integer)
        if (const auto number = to_number<std::uint32_t>(value)) return *number;
    return value;
}

Json hv_of(const Instance& instance) {
    Json out = Json::object();
    for (const Setting& setting : instance.hv)
        out[setting.key] = typed(find_param(instance.hypervisor.value, setting.key), setting.value.value);
    return out;
}

Json be_of(const Instance& instance) {
    Json out = Json::object();
    out["maxmem"] = instance.maxmem_mib.value_or(0);
    out["minmem"] = instance.minmem_mib.value_or(0);
    out["vcpus"] = instance.vcpus.value_or(1);
    for (const Setting& setting : instance.be) {
        const auto params = backend_params();
        const auto param =
            std::find_if(params.begin(), params.end(), [&](const Param& p) { return p.name == setting.key; });
        out[setting.key] = typed(param == params.end() ? nullptr : &*param, setting.value.value);
    }
    return out;
}

/// Values that are not there are left out: Ganeti refuses null.
Json nics_of(const Instance& instance) {
    Json out = Json::array();
    for (const NicSpec& nic : instance.nics) {
        Json one = Json::object();
        one["mac"] = nic.mac;
        if (nic.network.empty()) {
            one["mode"] = nic.mode;
            one["link"] = nic.link;
            if (!nic.vlan.empty()) one["vlan"] = nic.vlan;
        } else {
            one["network"] = nic.network;
        }
        one["ip"] = nic.ip.empty() ? "none" : nic.ip;
        if (!nic.name.empty()) one["name"] = nic.name;
        out.push_back(std::move(one));
    }
    return out;
}

Json disks_of(const Instance& instance, bool with_dump) {
    Json out = Json::array();
    for (const DiskSpec& disk : instance.disks) {
        Json one = Json::object();
        one["size"] = disk.size_mib;
        one["mode"] = "rw";
        if (!disk.name.empty()) one["name"] = disk.name;
        if (with_dump && !disk.dump.empty()) one["dump"] = disk.dump;
        for (const Setting& setting : disk.extra)
            if (!setting.value.value.empty()) one[setting.key] = setting.value.value;
        out.push_back(std::move(one));
    }
    return out;
}

Json texts_of(const Settings& settings) {
    Json out = Json::object();
    for (const Setting& setting : settings) out[setting.key] = setting.value.value;
    return out;
}

}  // namespace

std::string write_hvparams_json(const Instance& instance, const WriteContext& context, const VirtualSystem& system,
                                std::string_view origin_file) {
    Json out = Json::object();
    out["instance_name"] = instance.name.value;
    out["hypervisor"] = instance.hypervisor.value;
    out["os"] = instance.os.value;
    out["disk_template"] = instance.disk_template.value;
    out["hvparams"] = hv_of(instance);
    out["beparams"] = be_of(instance);
    out["nics"] = nics_of(instance);
    out["disks"] = disks_of(instance, true);
    if (!instance.os_params.empty()) out["osparams"] = texts_of(instance.os_params);
    if (!instance.os_private.empty()) out["osparams_private"] = texts_of(instance.os_private);
    out["tags"] = instance.tags;
    if (!origin_file.empty()) {
        Json own = Json::object();
        own["origin"] = origin_file;
        own["origin_sha256"] = sha256_hex(context.origin);
        own["system"] = system.id;
        own["options"] = Json::object();
        for (const auto& [key, value] : context.options.options) own["options"][key] = value;
        out["ovfkit"] = std::move(own);
    }
    return rendered(out);
}

std::string write_instance_json(const Instance& instance) {
    Json out = Json::object();
    out["mode"] = "create";
    out["instance_name"] = instance.name.value;
    out["hypervisor"] = instance.hypervisor.value;
    out["os_type"] = instance.os.value;
    out["disk_template"] = instance.disk_template.value;
    if (!instance.pnode.empty()) out["pnode"] = instance.pnode;
    if (!instance.snode.empty()) out["snode"] = instance.snode;
    out["hvparams"] = hv_of(instance);
    out["beparams"] = be_of(instance);
    out["nics"] = nics_of(instance);
    out["disks"] = disks_of(instance, false);
    if (!instance.os_params.empty()) out["osparams"] = texts_of(instance.os_params);
    if (!instance.tags.empty()) out["tags"] = instance.tags;
    // The disks are filled from the images, not by the OS scripts, and before the first start.
    out["no_install"] = true;
    out["start"] = false;
    out["name_check"] = false;
    out["ip_check"] = false;
    return rendered(Json::array({std::move(out)}));
}

}  // namespace ovfkit::detail::ganeti
