#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_source.hpp"
#include "model/writing.hpp"

/// KubeVirt VirtualMachine objects as YAML (or JSON, which is YAML).
namespace ovfkit::detail::kubevirt {

using Json = nlohmann::ordered_json;

inline constexpr std::uint64_t mib = 1ULL << 20;
inline constexpr std::string_view reporting_annotation = "kubevirt.io/free-page-reporting-disabled";

/// The documents of a stream, as JSON values with the place of every key. Throws InputError for what is not
/// well-formed, names a key twice, nests deeper than 32 levels, holds tags of its own, or grows over the limits by
/// aliases.
std::vector<JsonSource> parse_yaml(const std::string& name, std::string_view text, std::size_t bytes);
/// Block style; strings are always quoted, so that nothing turns into another type.
std::string yaml_of(const Json& value);

/// A DNS-1123 label: lower case letters, digits and `-`, at most 63.
std::string slug(std::string_view text, std::string_view fallback);
/// `2Gi`, `512M`, `1073741824` -> bytes.
std::optional<std::uint64_t> quantity(std::string_view text);
std::string quantity_of(std::uint64_t bytes);

struct Writer : Writing {
    using Writing::Writing;
    std::string label, volume, network, registry;
    Json domain = Json::object(), devices = Json::object(), networks = Json::array(), volumes = Json::array(), annotations = Json::object();
    std::map<std::size_t, std::uint32_t> drive_boot, nic_boot;
};

std::span<const OptionSpec> option_specs();
void write_drives(Writer& w);
void write_nics(Writer& w);
void write_devices(Writer& w);
Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context, Carried& carried);
int detect(std::string_view name, std::string_view bytes);
bool carries(std::string_view form, std::string_view key);

}  // namespace ovfkit::detail::kubevirt
