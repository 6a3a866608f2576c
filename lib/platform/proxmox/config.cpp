#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/json_source.hpp"
#include "base/utf8.hpp"
#include "platform/proxmox/proxmox.hpp"

namespace ovfkit::detail::proxmox {

namespace {

constexpr std::size_t max_bytes = 512 * 1024;  // pmxcfs takes no larger file
constexpr std::size_t max_lines = 4096;

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

std::optional<int> hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    if (l >= 'a' && l <= 'f') return l - 'a' + 10;
    return std::nullopt;
}

}  // namespace

Line* Config::take(std::string_view key) {
    for (Line& line : lines)
        if (line.key == key) {
            line.taken = true;
            return &line;
        }
    return nullptr;
}

Parts parts_of(std::string_view value) {
    Parts out;
    while (!value.empty() && out.size() < 256) {
        const std::size_t comma = value.find(',');
        const std::string_view part = trimmed(value.substr(0, comma));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            out.emplace_back(std::string{}, std::string(part));
        else
            out.emplace_back(std::string(part.substr(0, equals)), std::string(part.substr(equals + 1)));
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    }
    return out;
}

std::string take(Parts& parts, std::string_view key) {
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].first == key) {
            std::string value = std::move(parts[i].second);
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
            return value;
        }
    return {};
}

std::string joined(const Parts& parts) {
    std::string out;
    for (const auto& [key, value] : parts) out += (out.empty() ? "" : ",") + (key.empty() ? value : key + "=" + value);
    return out;
}

void Text::report(std::string_view rule, std::uint64_t offset, std::string message, Failure failure) const {
    Location where{name, 0, 0};
    if (offset != Origin::npos) where = location_in(name, bytes, static_cast<std::size_t>(offset));
    detail::report(context.diagnostics, rule, where, std::move(message), failure);
}

Config parse(const Text& text) {
    Config out;
    const std::string_view bytes = text.bytes;
    if (bytes.size() > max_bytes) {
        text.report("input-too-large", 0, fmt::format("{} bytes; a configuration has at most {}", bytes.size(), max_bytes), Failure::refused);
        return out;
    }
    bool encoding = false;
    if (const std::size_t bad = find_illegal(bytes, encoding); bad != std::string_view::npos) {
        text.report("proxmox-line-malformed", bad, "a control character, or bytes that are not UTF-8", Failure::malformed);
        return out;
    }
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
        const std::string_view line = trimmed(bytes.substr(at, end - at));
        const std::size_t begin = at;
        at = end + 1;
        if (line.empty()) continue;
        if (line.front() == '[') {
            text.report("proxmox-section-skipped", begin, fmt::format("section {} and what follows is a snapshot or pending change: not read", printable(line)));
            break;
        }
        if (line.front() == '#') {
            out.description += decoded(line.substr(1)) + "\n";
            continue;
        }
        const std::size_t colon = line.find(':');
        const std::string_view key = line.substr(0, colon);
        if (colon == std::string_view::npos || !is_key(key)) {
            text.report("proxmox-line-malformed", begin, "not `key: value`", Failure::malformed);
            continue;
        }
        const auto same = [&](const Line& other) { return other.key == key; };
        if (std::any_of(out.lines.begin(), out.lines.end(), same))
            text.report("proxmox-key-duplicate", begin, fmt::format("'{}' is there twice; keep one", key), Failure::malformed);
        else if (out.lines.size() >= max_lines)
            return out;
        else
            out.lines.push_back({std::string(key), std::string(trimmed(line.substr(colon + 1))), begin});
    }
    while (!out.description.empty() && out.description.back() == '\n') out.description.pop_back();
    return out;
}

bool is_part(std::string_view text) {
    return !text.empty() && text.find(',') == std::string_view::npos && std::none_of(text.begin(), text.end(), is_control);
}

bool is_word(std::string_view text) { return only_word_characters(text, "_.-") && text.front() != '-' && text.size() <= 200; }

std::string encoded(std::string_view line) {
    std::string out;
    for (const char c : line) {
        if (c == '%' || c == ':' || is_control(c))
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
            out += c;
    }
    return out;
}

std::string decoded(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '%' && i + 2 < line.size()) {
            const auto high = hex(line[i + 1]), low = hex(line[i + 2]);
            if (high && low) {
                const char c = static_cast<char>(*high * 16 + *low);
                if (c == '\t' || c == '\n' || !is_control(c)) out += c;
                i += 2;
                continue;
            }
        }
        out += line[i];
    }
    return out;
}

}  // namespace ovfkit::detail::proxmox
