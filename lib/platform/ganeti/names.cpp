#include <algorithm>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// Ganeti's rules for names, tags, sizes and addresses (netutils.Hostname, objects.TaggableObject, utils.ParseUnit).
namespace ovfkit::detail::ganeti {

namespace {

constexpr std::size_t max_name = 255;
constexpr std::size_t max_tag = 128;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '_' || c == '-';
}
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

bool is_instance_name(std::string_view name) {
    return !name.empty() && name.size() <= max_name && name.front() != '.' &&
           name.find("..") == std::string_view::npos && std::all_of(name.begin(), name.end(), is_name_char);
}

std::string instance_name_of(std::string_view name) {
    std::string out;
    for (char c : name) {
        c = lower(c);
        if (!is_name_char(c)) c = '-';
        if (c == '-' && (out.empty() || out.back() == '-' || out.back() == '.')) continue;
        if (c == '.' && !out.empty() && out.back() == '-') out.pop_back();
        if (c == '.' && (out.empty() || out.back() == '.')) continue;
        out += c;
    }
    if (out.size() > max_name) out.resize(max_name);
    while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
    return out.empty() || out == "none" || out == "auto" ? "vm" + (out.empty() ? out : "-" + out) : out;
}

bool is_dump_name(std::string_view name) {
    return !name.empty() && name.front() != '-' && name != "." && name != ".." &&
           name.find_first_of("/\\%?#") == std::string_view::npos;
}

bool is_tag(std::string_view tag) {
    return !tag.empty() && tag.size() <= max_tag && std::all_of(tag.begin(), tag.end(), [](char c) {
        return is_name_char(lower(c)) || std::string_view(".+*/:@-").find(c) != std::string_view::npos;
    });
}

std::vector<std::string> tags_of(std::string_view text) {
    std::vector<std::string> out;
    std::string tag;
    const auto flush = [&] {
        if (!tag.empty() && std::find(out.begin(), out.end(), tag) == out.end()) out.push_back(tag);
        tag.clear();
    };
    for (const char c : text) {
        if (c == ',' || is_blank(c))
            flush();
        else
            tag += c;
    }
    flush();
    return out;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    const auto whole = to_number<std::uint64_t>(text.substr(0, end));
    if (!whole) return std::nullopt;
    std::uint64_t fraction = 0;
    std::uint64_t scale = 1;
    if (end < text.size() && text[end] == '.') {
        const std::size_t begin = ++end;
        while (end < text.size() && is_digit(text[end])) ++end;
        if (end == begin || end - begin > 6) return std::nullopt;
        fraction = to_number<std::uint64_t>(text.substr(begin, end - begin)).value_or(0);
        for (std::size_t i = begin; i < end; ++i) scale *= 10;
    }
    while (end < text.size() && text[end] == ' ') ++end;
    const std::string unit = to_lower(text.substr(end));
    std::uint64_t factor = 0;
    if (unit.empty() || unit == "m" || unit == "mb" || unit == "mib")
        factor = 1;
    else if (unit == "g" || unit == "gb" || unit == "gib")
        factor = 1024;
    else if (unit == "t" || unit == "tb" || unit == "tib")
        factor = 1024 * 1024;
    else
        return std::nullopt;
    const auto scaled_whole = checked_multiply(*whole, factor);
    if (!scaled_whole) return std::nullopt;
    const auto total = checked_add(*scaled_whole, (fraction * factor + scale - 1) / scale);
    if (!total || *total > (~std::uint64_t{0} >> 20) - 4) return std::nullopt;
    return (*total + 3) / 4 * 4;
}

std::string normal_mac(std::string_view text) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (hex_value(c) >= 0)
            digits += lower(c);
        else if (!(c == ':' || c == '-') || digits.empty() || digits.size() % 2 != 0 || i + 1 == text.size() ||
                 hex_value(text[i - 1]) < 0)
            return {};
    }
    if (digits.size() != 12) return {};
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) out += (i == 0 ? "" : ":") + digits.substr(i, 2);
    return out;
}

bool is_multicast(std::string_view mac) { return mac.size() > 1 && (hex_value(mac[1]) & 1) != 0; }

bool is_vlan(std::string_view text) {
    if (text.empty()) return false;
    if (text.front() != '.' && text.front() != ':') return std::all_of(text.begin(), text.end(), is_digit);
    // `.10` untagged, `:10:20` tagged, `.10:20` both.
    while (!text.empty()) {
        if (text.front() != '.' && text.front() != ':') return false;
        text.remove_prefix(1);
        std::size_t end = 0;
        while (end < text.size() && is_digit(text[end])) ++end;
        if (end == 0) return false;
        text.remove_prefix(end);
        if (!text.empty() && text.front() == '.') return false;
    }
    return true;
}

}  // namespace ovfkit::detail::ganeti
