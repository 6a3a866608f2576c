#include "platform/qemu/argv.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/checked.hpp"
#include "base/json_source.hpp"
#include "model/names.hpp"

namespace ovfkit::detail::qemu {

namespace {

constexpr std::size_t max_items = 4096;

void flatten(const nlohmann::ordered_json& value, const std::string& path, Parsed& out) {
    if (value.is_object() || value.is_array()) {
        std::size_t index = 0;
        for (const auto& [key, inner] : value.items()) {
            const std::string step = value.is_array() ? std::to_string(index++) : key;
            flatten(inner, path.empty() ? step : path + "." + step, out);
        }
        return;
    }
    std::string text;
    if (value.is_boolean())
        text = value.get<bool>() ? "on" : "off";
    else if (value.is_string())
        text = value.get<std::string>();
    else if (!value.is_null())
        text = value.dump();
    out.items.emplace_back(path, std::move(text));
}

/// Parts between single commas; `,,` is a comma.
std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> out{{}};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',') {
            out.back() += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == ',') {
            out.back() += ',';
            ++i;
        } else {
            if (out.size() >= max_items) break;
            out.emplace_back();
        }
    }
    return out;
}

}  // namespace

void Opts::item(std::string_view text) {
    if (!text_.empty()) text_ += ',';
    for (const char c : text) {
        if (c == ',') text_ += ',';
        text_ += is_control(c) ? '-' : c;
    }
}

Opts& Opts::add(std::string_view key, std::string_view value) {
    item(std::string(key) + "=" + std::string(value));
    return *this;
}

bool Parsed::has(std::string_view key) const {
    return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.first == key; });
}

std::string Parsed::get(std::string_view key) const {
    for (auto item = items.rbegin(); item != items.rend(); ++item)  // the last one counts
        if (item->first == key) return item->second;
    return {};
}

std::string Parsed::take(std::string_view key) {
    taken.emplace_back(key);
    return get(key);
}

std::vector<std::pair<std::string, std::string>> Parsed::rest() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& item : items)
        if (std::find(taken.begin(), taken.end(), item.first) == taken.end()) out.push_back(item);
    return out;
}

std::string shell_word(std::string_view word) {
    constexpr std::string_view plain = "_@%+=:,./-";
    if (only_word_characters(word, plain)) return std::string(word);
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string script_of(const std::vector<std::string>& argv, const std::vector<std::string>& comments) {
    std::string out = "#!/bin/sh\n";
    for (const std::string& comment : comments) {
        std::string line = comment;
        std::replace_if(line.begin(), line.end(), is_control, ' ');
        out += "# " + line + "\n";
    }
    out += "exec " + shell_word(argv.at(0));
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const bool option = argv[i].starts_with("-");
        out += (option ? " \\\n  " : " ") + shell_word(argv[i]);
    }
    return out + "\n";
}

std::string json_of(const std::vector<std::string>& argv) {
    return nlohmann::json(argv).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void Text::report(std::string_view rule, std::uint64_t offset, std::string message, Failure failure) const {
    Location where{name, 0, 0};
    if (offset != Origin::npos) where = location_in(name, bytes, static_cast<std::size_t>(offset));
    detail::report(context.diagnostics, rule, where, std::move(message), failure);
}

Parsed parsed(const Text& text, const Word& value, std::string_view implied) {
    Parsed out;
    out.offset = value.offset;
    if (value.text.starts_with("{")) {
        const JsonSource source = parse_json(text.name, value.text, text.context.options.limits.text_bytes, 16);
        flatten(source.root, {}, out);
        return out;
    }
    bool first = true;
    for (const std::string& part : parts_of(value.text)) {
        const std::size_t equals = part.find('=');
        if (equals != std::string::npos)
            out.items.emplace_back(part.substr(0, equals), part.substr(equals + 1));
        else if (first && !implied.empty())
            out.items.emplace_back(std::string(implied), part);
        else if (!part.empty())
            out.items.emplace_back(part.starts_with("no") ? part.substr(2) : part, part.starts_with("no") ? "off" : "on");
        first = false;
    }
    return out;
}

bool is_program(std::string_view word) {
    const std::string_view name = last_part(word);
    return name == "kvm" || name == "qemu" || name == "qemu-kvm" || name == "kvm-spice" ||
           (name.starts_with("qemu-system-") && name.size() > 12);
}

bool is_json(std::string_view bytes) { return trimmed(bytes).starts_with("["); }

}  // namespace ovfkit::detail::qemu
