#include "platform/ganeti/hvparams.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/checked.hpp"

namespace ovfkit::detail::ganeti {

namespace {

constexpr std::array<std::string_view, 6> hypervisors{"kvm", "xen-pvm", "xen-hvm", "lxc", "chroot", "fake"};

/// HV_KVM parameters that are an error without spice_bind.
constexpr std::array<std::string_view, 7> need_spice{"spice_ip_version",
                                                     "spice_password_file",
                                                     "spice_image_compression",
                                                     "spice_jpeg_wan_compression",
                                                     "spice_zlib_glz_wan_compression",
                                                     "spice_streaming_video",
                                                     "spice_use_tls"};

constexpr std::string_view serial_speeds =
    "75 110 300 600 1200 1800 2400 4800 9600 14400 19200 28800 38400 57600 115200 230400 345600 460800";

template <class F>
void each_word(std::string_view words, F&& f) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (end != 0) f(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

/// `io_uring+301`: the bare word and whether it is valid in `version`.
std::pair<std::string_view, bool> versioned(std::string_view word, std::uint32_t version) {
    if (word.size() > 4) {
        const char sign = word[word.size() - 4];
        const auto number = to_number<std::uint32_t>(word.substr(word.size() - 3));
        if ((sign == '+' || sign == '-') && number)
            return {word.substr(0, word.size() - 4), sign == '+' ? version >= *number : version < *number};
    }
    return {word, true};
}

bool has_word(std::string_view words, std::string_view wanted, std::uint32_t version) {
    bool found = false;
    each_word(words, [&](std::string_view word) {
        const auto [bare, valid] = versioned(word, version);
        found = found || (valid && bare == wanted);
    });
    return found;
}

std::string listed(std::string_view words, std::uint32_t version) {
    std::string out;
    each_word(words, [&](std::string_view word) {
        const auto [bare, valid] = versioned(word, version);
        if (valid) out += (out.empty() ? "" : ", ") + std::string(bare);
    });
    return out;
}

std::pair<std::int64_t, std::int64_t> range_of(const Param& param, std::uint32_t version) {
    const std::size_t blank = param.values.find(' ');
    const auto low = to_number<std::uint32_t>(param.values.substr(0, blank));
    auto high = to_number<std::uint32_t>(param.values.substr(blank + 1));
    if (param.name == "virtio_net_queues" && version >= 301) high = 32;
    return {low.value_or(0), high.value_or(0)};
}

bool is_cpu_mask(std::string_view mask) {
    while (true) {
        const std::size_t comma = std::min(mask.find(','), mask.size());
        const std::string_view part = mask.substr(0, comma);
        const std::size_t dash = part.find('-');
        const auto low = to_number<std::uint32_t>(part.substr(0, dash));
        const auto high = dash == std::string_view::npos ? low : to_number<std::uint32_t>(part.substr(dash + 1));
        if (!low || !high || *low > *high) return false;
        if (comma == mask.size()) return true;
        mask.remove_prefix(comma + 1);
    }
}

bool is_cpu_masks(std::string_view masks) {
    while (true) {
        const std::size_t colon = std::min(masks.find(':'), masks.size());
        const std::string_view part = masks.substr(0, colon);
        if (!part.empty() && part != "all" && !is_cpu_mask(part)) return false;
        if (colon == masks.size()) return true;
        masks.remove_prefix(colon + 1);
    }
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string check_objection(const Param& param, const std::string& value, std::uint32_t version) {
    switch (param.check) {
        case ParamCheck::none:
            return {};
        case ParamCheck::path:
            return is_normal_path(value) ? "" : "must be an absolute normalized path";
        case ParamCheck::path_or_url:
            return is_normal_path(value) || is_url(value) ? "" : "must be an absolute normalized path or a URL";
        case ParamCheck::one_of:
            return has_word(param.values, value, version) ? "" : "must be one of: " + listed(param.values, version);
        case ParamCheck::in_range: {
            const auto [low, high] = range_of(param, version);
            const auto number = to_integer(value);
            return number && *number >= low && *number <= high ? "" : fmt::format("must be from {} to {}", low, high);
        }
        case ParamCheck::letters:
            return value.find_first_not_of(param.values) == std::string::npos
                       ? ""
                       : fmt::format("must be one or more of the letters {}", param.values);
        case ParamCheck::cpu_mask:
            return is_cpu_mask(value) ? "" : "is no CPU mask such as 0-2,5";
        case ParamCheck::cpu_masks:
            return is_cpu_masks(value) ? "" : "is no CPU mask such as 0-2,5:all";
        case ParamCheck::ip4_address:
            return is_ip_address(value) && value.find(':') == std::string::npos ? "" : "is no IPv4 address";
    }
    return {};
}

}  // namespace

const Param* find_param(std::string_view hypervisor, std::string_view name) {
    for (const Param& param : params_of(hypervisor))
        if (param.name == name) return &param;
    return nullptr;
}

bool is_hypervisor(std::string_view name) {
    return std::find(hypervisors.begin(), hypervisors.end(), name) != hypervisors.end();
}

bool is_param_of_any(std::string_view name) {
    return std::any_of(hypervisors.begin(), hypervisors.end(),
                       [&](std::string_view h) { return find_param(h, name) != nullptr; });
}

std::vector<std::string_view> param_names(std::string_view hypervisor) {
    std::vector<std::string_view> out;
    for (const Param& param : params_of(hypervisor)) out.push_back(param.name);
    return out;
}

bool normalize(const Param& param, std::string& value) {
    switch (param.type) {
        case ParamType::string:
            return true;
        case ParamType::boolean:
            if (value.empty() || equal_nocase(value, "false"))
                value = "False";
            else if (equal_nocase(value, "true"))
                value = "True";
            else
                return false;
            return true;
        case ParamType::integer:
        case ParamType::size: {
            const auto number = to_integer(trimmed(value));
            if (!number) return false;
            value = std::to_string(*number);
            return true;
        }
    }
    return false;
}

std::string objection(const Param& param, const std::string& value, std::uint32_t version) {
    if (value.empty() || (param.type == ParamType::boolean && value == "False"))
        return param.required ? "may not be empty" : "";
    return check_objection(param, value, version);
}

std::string value_in(std::string_view hypervisor, const ParamMap& set, std::string_view name) {
    if (const auto found = set.find(name); found != set.end()) return found->second;
    const Param* param = find_param(hypervisor, name);
    return param == nullptr ? std::string{} : std::string(param->fallback);
}

std::vector<std::string> objections(std::string_view hypervisor, const ParamMap& set) {
    std::vector<std::string> out;
    if (hypervisor != "kvm") return out;
    const auto value = [&](std::string_view name) { return value_in(hypervisor, set, name); };
    if (value("boot_order") == "cdrom" && value("cdrom_image_path").empty())
        out.emplace_back("boot_order=cdrom needs cdrom_image_path");
    if (!value("kernel_path").empty() && value("root_path").empty()) out.emplace_back("kernel_path needs root_path");
    const bool user = value("security_model") == "user";
    if (user == value("security_domain").empty())
        out.emplace_back(user ? "security_model=user needs security_domain"
                              : "security_domain needs security_model=user");
    if (value("serial_console") == "True" && !has_word(serial_speeds, value("serial_speed"), 0))
        out.push_back("serial_speed must be one of: " + listed(serial_speeds, 0));
    if (value("vnc_x509_verify") == "True" && value("vnc_x509_path").empty())
        out.emplace_back("vnc_x509_verify needs vnc_x509_path");
    const std::string spice = value("spice_bind");
    if (spice.empty()) {
        for (const std::string_view name : need_spice)
            if (const std::string given = value(name); !given.empty() && given != "False" && given != "0")
                out.push_back(fmt::format("{} needs spice_bind", name));
    } else {
        if (!value("vnc_bind_address").empty()) out.emplace_back("spice_bind and vnc_bind_address exclude each other");
        if (!is_ip_address(spice) && !is_interface(spice))
            out.emplace_back("spice_bind must be an IP address or an interface");
        const std::string family = value("spice_ip_version");
        if (is_ip_address(spice) && family != "0" && (family == "6") != (spice.find(':') != std::string::npos))
            out.emplace_back("spice_bind is no address of spice_ip_version");
    }
    if (const std::string vnc = value("vnc_bind_address");
        !vnc.empty() && !is_ip_address(vnc) && !is_interface(vnc) && !is_normal_path(vnc))
        out.emplace_back("vnc_bind_address must be an IP address, an interface or an absolute path");
    if (value("disk_aio") == "native" && value("disk_cache") != "none")
        out.emplace_back("disk_aio=native needs disk_cache=none");
    return out;
}

bool is_normal_path(std::string_view path) {
    if (path.empty() || path.front() != '/' || path.find('\0') != std::string_view::npos) return false;
    if (path == "/" || path == "//") return true;
    if (path.starts_with("//")) path.remove_prefix(1);  // as os.path.normpath has it: two leading slashes are kept
    std::size_t at = 1;
    while (true) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        if (part.empty() || part == "." || part == "..") return false;
        if (end == path.size()) return true;
        at = end + 1;
    }
}

bool is_url(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://", "ftp://"})
        if (text.size() > scheme.size() && text.starts_with(scheme))
            return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '"' && c != 0x7F; });
    return false;
}

bool is_ip_address(std::string_view text) {
    std::array<unsigned char, 16> out{};
    const std::string name(text);
    return name.find('\0') == std::string::npos &&
           (inet_pton(AF_INET, name.c_str(), out.data()) == 1 || inet_pton(AF_INET6, name.c_str(), out.data()) == 1);
}

bool is_interface(std::string_view text) {
    return !text.empty() && text.size() <= 15 && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                      c == '_' || c == '-' || c == '@' || c == '+';
           });
}

}  // namespace ovfkit::detail::ganeti
