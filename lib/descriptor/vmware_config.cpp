#include "descriptor/vmware_config.hpp"

#include <algorithm>
#include <array>

namespace ovfkit::detail {

namespace {

constexpr std::string_view config_space = "vmw", extra_space = "vmw.extra";
constexpr std::string_view firmware_key = "firmware", secure_key = "bootOptions.efiSecureBootEnabled",
                           old_secure_key = "uefi.secureBoot.enabled", nvram_key = "nvram",
                           maxmemctl_key = "sched.mem.maxmemctl";

std::string_view value_of(Element element) { return trimmed(parameter_value(element).value()); }

std::optional<bool> boolean_of(Element element) { return to_boolean(to_lower(value_of(element).substr(0, 6))); }

/// By name alone: cheaper than the namespace, and most children are Items.
bool may_be_parameter(Element element) {
    const std::string_view local = element.local();
    return local == "Config" || local == "ExtraConfig";
}

/// Value of the first parameter of each key; a later one of the same key never counts.
class FirstOf {
public:
    explicit FirstOf(Element section) {
        for (Element child = section.first(); child; child = child.next()) {
            if (!may_be_parameter(child)) continue;
            const std::string_view space = parameter_space(child);
            if (!space.empty()) all_.push_back({space, parameter_key(child), child});
        }
    }
    [[nodiscard]] Element find(std::string_view space, std::string_view key) const {
        for (const Row& row : all_)
            if (row.space == space && equal_nocase(row.key, key)) return row.element;
        return {};
    }
    [[nodiscard]] bool empty() const { return all_.empty(); }

private:
    struct Row {
        std::string_view space, key;
        Element element;
    };
    std::vector<Row> all_;
};

Parameter parameter_at(Element element) {
    return {std::string(parameter_space(element)), std::string(parameter_key(element)),
            std::string(parameter_value(element).value())};
}

void take_parameter(Element element) {
    (void)parameter_value(element).take();
    (void)element.attribute_lax(element.ns(), "key").take();
}

/// A field as a parameter: the text as it was where the meaning is the same.
template <class T>
void add(std::vector<Parameter>& out, Element place, const T& now, const T& before, std::string text,
         std::string_view space, std::string_view key) {
    if (text.empty()) return;
    if (!place) {
        out.push_back({std::string(space), std::string(key), std::move(text)});
        return;
    }
    Parameter parameter = parameter_at(place);
    if (!(now == before)) parameter.value = std::move(text);
    out.push_back(std::move(parameter));
}

}  // namespace

VmwareConfig vmware_config(Element section, const KnownIds& ids, bool has_balloon) {
    VmwareConfig out;
    const FirstOf first(section);
    if (first.empty()) return out;
    const auto usable = [](Element element, auto&& good) { return element && good(element) ? element : Element(); };
    const auto is_firmware = [](Element element) { return firmware_from(value_of(element)).has_value(); };
    out.firmware = usable(first.find(config_space, firmware_key), is_firmware);
    if (!out.firmware) out.firmware = usable(first.find(extra_space, firmware_key), is_firmware);
    const auto is_boolean = [](Element element) { return boolean_of(element).has_value(); };
    for (const std::string_view space : {config_space, extra_space})
        for (const std::string_view key : {secure_key, old_secure_key})
            if (!out.secure_boot) out.secure_boot = usable(first.find(space, key), is_boolean);
    out.nvram = usable(first.find(extra_space, nvram_key), [&](Element element) {
        const HostResource resource = parse_host_resource(value_of(element));
        return resource.kind == HostResource::Kind::file && ids.files.count(resource.id) != 0;
    });
    if (!has_balloon)
        out.maxmemctl =
            usable(first.find(extra_space, maxmemctl_key), [](Element element) { return value_of(element) == "0"; });
    return out;
}

void read_vmware_config(Element section, const VmwareConfig& config, Hardware& hardware,
                        std::vector<Parameter>& parameters) {
    if (config.firmware) hardware.firmware = firmware_from(value_of(config.firmware)).value_or(Firmware::unspecified);
    if (config.secure_boot) hardware.secure_boot = boolean_of(config.secure_boot);
    if (config.nvram) hardware.nvram_file_id = std::string(parse_host_resource(value_of(config.nvram)).id);
    if (config.maxmemctl) {
        hardware.balloon.state = BalloonState::disabled;
        hardware.balloon.model = BalloonModel::vmware;
        hardware.balloon.info.origin.offset = config.maxmemctl.offset();
    }
    const std::array known{config.firmware, config.secure_boot, config.nvram, config.maxmemctl};
    for (Element child = section.first(); child; child = child.next()) {
        if (!may_be_parameter(child) || parameter_space(child).empty()) continue;
        if (std::find(known.begin(), known.end(), child) == known.end()) parameters.push_back(parameter_at(child));
        take_parameter(child);
    }
}

std::vector<Parameter> vmware_parameters(const VmwareConfig& config, const Hardware& hardware, const Hardware& before,
                                         const std::vector<Parameter>& parameters, bool maxmemctl) {
    std::vector<Parameter> out;
    add(out, config.firmware, hardware.firmware, before.firmware, std::string(to_string(hardware.firmware)),
        config_space, firmware_key);
    add(out, config.secure_boot, hardware.secure_boot, before.secure_boot,
        std::string(boolean_text(hardware.secure_boot)), config_space, secure_key);
    if (config.nvram)
        add(out, config.nvram, hardware.nvram_file_id, before.nvram_file_id,
            hardware.nvram_file_id.empty() ? std::string{} : "ovf:/file/" + hardware.nvram_file_id, extra_space,
            nvram_key);
    if (maxmemctl) out.push_back({std::string(extra_space), std::string(maxmemctl_key), "0"});
    out.insert(out.end(), parameters.begin(), parameters.end());
    return out;
}

}  // namespace ovfkit::detail
