#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Ganeti's hypervisor and backend parameters: their names, types, defaults and checks, so that what Ganeti
/// would refuse is refused here first. Measured on 3.0.2, the first release of each from every stable series.
namespace ovfkit::detail::ganeti {

enum class ParamType : std::uint8_t { string, boolean, integer, size };
enum class ParamCheck : std::uint8_t {
    none,
    path,         ///< absolute and normalized
    path_or_url,  ///< or http, https, ftp
    one_of,       ///< a word of `values`
    in_range,     ///< `values` is `LOW HIGH`
    letters,      ///< one or more characters of `values`
    cpu_mask,     ///< `0-2,5`
    cpu_masks,    ///< several, with `:`, and `all`
    ip4_address,
};

struct Param {
    std::string_view name;
    ParamType type = ParamType::string;
    bool required = false;      ///< may not be empty
    std::string_view fallback;  ///< Ganeti's own default, spelled as str() does
    ParamCheck check = ParamCheck::none;
    /// A word followed by `+301` is valid from 3.1 on, by `-301` before it.
    std::string_view values;
    std::uint32_t since = 0;  ///< first release, 207 for 2.7; 0: older than 2.4
    bool global = false;      ///< of the cluster only: never written for an instance
};

/// Empty for a hypervisor Ganeti does not have.
std::span<const Param> params_of(std::string_view hypervisor);
/// nullptr when that hypervisor has no such parameter.
const Param* find_param(std::string_view hypervisor, std::string_view name);
bool is_hypervisor(std::string_view name);
/// True when any hypervisor has it.
bool is_param_of_any(std::string_view name);
/// For "did you mean".
std::vector<std::string_view> param_names(std::string_view hypervisor);

/// `always_failover auto_balance spindle_use` and the three that the model holds.
std::span<const Param> backend_params();

/// As Ganeti's ForceDictType makes it: `true` becomes `True`; false when it is not of the type.
bool normalize(const Param& param, std::string& value);
/// What Ganeti would say against a normalized value; empty when nothing.
std::string objection(const Param& param, const std::string& value, std::uint32_t version);

using ParamMap = std::map<std::string, std::string, std::less<>>;
/// What Ganeti would say against the set as a whole (values that need another one); `set` without defaults.
std::vector<std::string> objections(std::string_view hypervisor, const ParamMap& set);
/// The value in the set, or Ganeti's own default.
std::string value_in(std::string_view hypervisor, const ParamMap& set, std::string_view name);

bool is_normal_path(std::string_view path);
bool is_url(std::string_view text);
bool is_ip_address(std::string_view text);
/// A Linux interface name.
bool is_interface(std::string_view text);

}  // namespace ovfkit::detail::ganeti
