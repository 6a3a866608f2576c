#include "edit/words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/utf8.hpp"
#include "model/names.hpp"

namespace ovfkit::detail::edit {

namespace {

bool is_key_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

std::vector<std::string_view> split(std::string_view list, char mark) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const std::size_t at = std::min(list.find(mark), list.size());
        out.push_back(list.substr(0, at));
        list.remove_prefix(std::min(at + 1, list.size()));
    }
    return out;
}

/// Takes the value off `rest`, up to a single comma.
std::string take_value(std::string_view& rest) {
    std::string out;
    while (!rest.empty()) {
        if (rest.starts_with(",,")) {
            out += ',';
            rest.remove_prefix(2);
        } else if (rest.front() == ',') {
            rest.remove_prefix(1);
            break;
        } else {
            out += rest.front();
            rest.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    const std::string_view hit = nearest(word, candidates);
    return hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit);
}

void fail(const std::string& message) { throw UsageError(message); }

std::uint32_t number(std::string_view what, std::string_view text, std::uint32_t least, std::uint32_t most) {
    const auto value = to_number<std::uint32_t>(text);
    if (!value || *value < least || *value > most) fail(fmt::format("{} is a number from {} to {}, not '{}'", what, least, most, text));
    return *value;
}

std::uint64_t size(std::string_view what, std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto amount = to_number<std::uint64_t>(text.substr(0, digits));
    const std::string unit = to_lower(text.substr(digits));
    constexpr std::string_view letters = "bkmgt";
    const std::size_t power = unit.empty() ? std::string_view::npos : letters.find(unit.front());
    const bool known = power != std::string_view::npos && (unit.size() == 1 || (power > 0 && (unit.substr(1) == "ib" || unit.substr(1) == "b")));
    if (!amount || !known) fail(fmt::format("{} is a size with its unit, such as 512MiB or 4GiB, not '{}'", what, text));
    const auto bytes = checked_multiply<std::uint64_t>(*amount, std::uint64_t{1} << (10 * power));
    if (!bytes || *bytes == 0) fail(fmt::format("{}: '{}' is out of range", what, text));
    return *bytes;
}

bool boolean(std::string_view what, std::string_view text) {
    const std::string word = to_lower(text);
    if (word == "true" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "no" || word == "off") return false;
    fail(fmt::format("{} is true or false, not '{}'", what, text));
}

std::string_view choice(std::string_view what, std::string_view text, std::string_view choices) {
    const auto words = split(choices, '|');
    const auto hit = std::find(words.begin(), words.end(), text);
    if (hit == words.end()) fail(fmt::format("{} is one of {}, not '{}'{}", what, fmt::join(words, ", "), text, did_you_mean(text, words)));
    return *hit;
}

std::string mac(std::string_view what, std::string_view text) {
    const Mac out = normal_mac(text);
    if (out.text.empty()) fail(fmt::format("{} is an address of one NIC like 52:54:00:12:34:56, not '{}'", what, text));
    return out.text;
}

std::string uuid(std::string_view what, std::string_view text) {
    std::string out = normal_uuid(text);
    if (out.empty()) fail(fmt::format("{} is a UUID of 32 hexadecimal digits, not '{}'", what, text));
    return out;
}

void check_text(std::string_view what, std::string_view text) {
    bool bad_encoding = false;
    if (find_illegal(text, bad_encoding) != std::string_view::npos)
        fail(fmt::format("{}: {}", what, bad_encoding ? "the text is no UTF-8" : "the text has a character that XML cannot hold"));
}

Pairs::Pairs(std::string_view what, std::string_view text, const std::vector<std::string_view>& known) : what_(what) {
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t equals = rest.find_first_of("=,");
        const std::string_view key = rest.substr(0, equals);
        if (std::find(known.begin(), known.end(), key) == known.end())
            fail(fmt::format("{} takes {}, not '{}'{}", what, fmt::join(known, ", "), key, did_you_mean(key, known)));
        if (equals == std::string_view::npos || rest[equals] != '=') fail(fmt::format("{}: {} needs a value: {}=...", what, key, key));
        if (has(key)) fail(fmt::format("{}: {} is there twice", what, key));
        rest.remove_prefix(equals + 1);
        pairs_.push_back({std::string(key), take_value(rest)});
    }
}

const std::string* Pairs::find(std::string_view key) const {
    for (const Pair& pair : pairs_)
        if (pair.key == key) return &pair.value;
    return nullptr;
}

void Pairs::on(std::string_view key, const std::function<void(const std::string&)>& set) const {
    if (const std::string* value = find(key)) set(*value);
}

std::string Pairs::name(std::string_view key) const { return fmt::format("{} {}", what_, key); }

Addressed addressed(std::string_view what, std::string_view text) {
    for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
        std::size_t end = at + 1;
        while (end < text.size() && is_key_character(text[end])) ++end;
        if (end > at + 1 && end < text.size() && text[end] == '=') return {std::string(text.substr(0, at)), text.substr(at + 1)};
    }
    fail(fmt::format("{} takes ID:KEY=VALUE,..., not '{}'", what, text));
}

}  // namespace ovfkit::detail::edit
