#include "model/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::size_t max_name = 200;  // a file name is made of it

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<unsigned> hex_digit(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const char l = lower(c);
    if (l >= 'a' && l <= 'f') return static_cast<unsigned>(l - 'a' + 10);
    return std::nullopt;
}

using Pair = std::pair<std::string_view, std::string_view>;

/// URI of a format (DSP0243 names none; these are what producers write) and libvirt's word for it.
constexpr std::array<Pair, 5> canonical_formats{
    Pair{"raw", "http://en.wikipedia.org/wiki/Byte"},
    Pair{"qcow2", "http://www.gnome.org/~markmc/qcow-image-format.html"},
    Pair{"vmdk", "http://www.vmware.com/interfaces/specifications/vmdk.html"},
    Pair{"vpc", "http://go.microsoft.com/fwlink/?LinkId=137171"},
    Pair{"vdi", "http://forums.virtualbox.org/viewtopic.php?t=8046"},
};

constexpr std::array<Pair, 12> name_ends{
    Pair{".vmdk", "vmdk"}, Pair{".qcow2", "qcow2"}, Pair{".qcow", "qcow2"}, Pair{".vhd", "vpc"},
    Pair{".vpc", "vpc"},   Pair{".vdi", "vdi"},     Pair{".img", "raw"},    Pair{".raw", "raw"},
    Pair{".iso", "raw"},   Pair{".flp", "raw"},     Pair{".vfd", "raw"},    Pair{".vhdx", "vhdx"},
};

/// Versioned machine types and the alias every QEMU of any vendor has.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> versioned{{
    {"pc-i440fx-", "pc"},
    {"pc-q35-", "q35"},
    {"pc-0.", "pc"},
    {"pc-1.", "pc"},
    {"pseries-", "pseries"},
    {"s390-ccw-virtio-", "s390-ccw-virtio"},
    {"virt-", "virt"},
}};

}  // namespace

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string cut_text(std::string text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    text.resize(limit);
    return text;
}

std::string file_name(std::string_view text) {
    std::string out;
    for (const char c : text) out += is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' ? c : '-';
    while (!out.empty() && (out.front() == '.' || out.front() == '-')) out.erase(0, 1);
    out = cut_text(std::move(out), max_name);
    return out.empty() ? "vm" : out;
}

std::string_view last_part(std::string_view path) {
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_safe_path(std::string_view path) {
    if (path.size() < 2 || path.front() != '/' || path.size() > 4096) return false;
    if (std::any_of(path.begin(), path.end(), is_control)) return false;
    return path.find("/../") == std::string_view::npos && !path.ends_with("/..");
}

std::string normal_uuid(std::string_view text) {
    std::string digits;
    for (const char c : trimmed(text)) {
        if (c == '-') continue;
        if (!hex_digit(c)) return {};
        digits += lower(c);
    }
    if (digits.size() != 32) return {};
    for (const std::size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, 1, '-');
    return digits;
}

Mac normal_mac(std::string_view text) {
    std::string out;
    unsigned first = 0;
    bool zero = true;
    const std::string_view mac = trimmed(text);
    if (mac.size() != 17) return {{}, MacProblem::malformed};
    for (std::size_t i = 0; i < mac.size(); ++i) {
        if (i % 3 == 2) {
            if (mac[i] != ':' && mac[i] != '-') return {{}, MacProblem::malformed};
            out += ':';
            continue;
        }
        const auto digit = hex_digit(mac[i]);
        if (!digit) return {{}, MacProblem::malformed};
        if (i < 2) first = first * 16 + *digit;
        zero = zero && *digit == 0;
        out += lower(mac[i]);
    }
    if (zero) return {{}, MacProblem::zero};
    if ((first & 1U) != 0) return {{}, MacProblem::multicast};
    return {out, MacProblem::none};
}

bool only_word_characters(std::string_view text, std::string_view extra) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter(c) || is_digit(c) || extra.find(c) != std::string_view::npos;
    });
}

std::optional<std::uint32_t> to_address_number(std::string_view text) {
    if (!text.starts_with("0x")) return to_number<std::uint32_t>(text);
    text.remove_prefix(2);
    if (text.empty() || text.size() > 8) return std::nullopt;
    std::uint32_t out = 0;
    for (const char c : text) {
        const auto digit = hex_digit(c);
        if (!digit) return std::nullopt;
        out = out * 16 + *digit;
    }
    return out;
}

std::string_view map_value(std::string_view map, std::string_view key) {
    while (!map.empty()) {
        const std::size_t comma = map.find(',');
        const std::string_view pair = map.substr(0, comma);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == key) return pair.substr(equals + 1);
        map = comma == std::string_view::npos ? std::string_view{} : map.substr(comma + 1);
    }
    return {};
}

std::string format_word(std::string_view uri) {
    const std::string text = to_lower(uri);
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    if (has("vmdk")) return "vmdk";
    if (has("qcow")) return "qcow2";
    if (has("linkid=137171") || has("virtual-hard-disk") || has("vhd")) return "vpc";
    if (has("virtualbox.org") || has("vdi")) return "vdi";
    if (has("wiki/byte") || has("raw") || has("iso9660") || has("iso.html")) return "raw";
    return {};
}

std::string_view format_uri(std::string_view word) {
    for (const auto& [known, uri] : canonical_formats)
        if (known == word) return uri;
    return {};
}

std::string_view format_of_name(std::string_view name) {
    const std::string text = to_lower(name);
    for (const auto& [end, word] : name_ends)
        if (text.ends_with(end)) return word;
    return {};
}

bool is_x86(std::string_view arch) { return arch == "x86_64" || arch == "i686"; }

std::string general_machine(std::string_view machine) {
    for (const auto& [start, alias] : versioned)
        if (machine.starts_with(start)) return std::string(alias);
    return std::string(machine);
}

}  // namespace ovfkit::detail
