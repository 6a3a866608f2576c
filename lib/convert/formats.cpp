#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "convert/registry.hpp"

namespace ovfkit {

const std::vector<Format>& formats() {
    static const std::vector<Format> table = [] {
        std::vector<Format> out;
        for (const detail::Dialect* dialect : detail::dialects())
            out.push_back({dialect->id, dialect->id, dialect->title, ".ovf", true, true, dialect->skeleton != nullptr,
                           {dialect->options.begin(), dialect->options.end()}});
        for (const detail::Platform* platform : detail::platforms())
            for (const detail::Form& form : platform->forms)
                out.push_back({form.id, platform->id, form.title, form.extension, false, form.can_read, form.can_write,
                               {platform->options.begin(), platform->options.end()}});
        return out;
    }();
    return table;
}

const Format* find_format(std::string_view id) {
    for (const Format& format : formats())
        if (format.id == id) return &format;
    return nullptr;
}

namespace {

/// `a|b|c` is a closed list; a word in capitals stands for free text.
bool is_closed_list(std::string_view values) { return values.find('|') != std::string_view::npos; }

std::vector<std::string_view> split_values(std::string_view values) {
    std::vector<std::string_view> out;
    while (!values.empty()) {
        const std::size_t bar = values.find('|');
        out.push_back(values.substr(0, bar));
        values = bar == std::string_view::npos ? std::string_view{} : values.substr(bar + 1);
    }
    return out;
}

bool is_free(std::string_view value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    const std::string_view hit = nearest(word, candidates);
    return hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit);
}

void check_option(std::string_view name, std::string_view value) {
    std::vector<std::string_view> leaves;
    const std::size_t dot = name.find('.');
    const std::string_view leaf = name.substr(0, dot);
    for (const Format& format : formats()) {
        leaves.push_back(format.leaf);
        if (format.leaf != leaf) continue;
        const std::string_view key = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
        std::vector<std::string_view> keys;
        for (const OptionSpec& spec : format.options) {
            keys.push_back(spec.key);
            if (spec.key != key) continue;
            if (!is_closed_list(spec.values)) return;
            const auto values = split_values(spec.values);
            const bool allowed = std::any_of(values.begin(), values.end(), [&](std::string_view v) { return v == value || is_free(v); });
            if (allowed) return;
            throw UsageError(fmt::format("option {} takes {}, not '{}'{}", printable(name), spec.values, printable(value), did_you_mean(value, values)));
        }
        throw UsageError(fmt::format("{} has no option '{}'{} (ovfkit formats {} lists them)", leaf, printable(key), did_you_mean(key, keys), leaf));
    }
    throw UsageError(fmt::format("no format is called '{}'{}", printable(leaf), did_you_mean(leaf, leaves)));
}

}  // namespace

void check_options(const LeafOptions& options) {
    for (const auto& [name, value] : options) check_option(name, value);
}

}  // namespace ovfkit
