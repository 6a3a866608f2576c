#include "validate/ignore.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"

namespace ovfkit {

namespace detail {

bool matches_pattern(std::string_view text, std::string_view pattern) {
    std::size_t at = 0, in = 0, star = std::string_view::npos, resume = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at])) {
            ++at, ++in;
        } else if (star != std::string_view::npos) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern.size() && pattern[in] == '*') ++in;
    return in == pattern.size();
}

namespace {

/// The pattern is for the whole path or for the end of it that follows a slash.
bool is_of(std::string_view path, const std::string& pattern) {
    if (pattern.empty() || matches_pattern(path, pattern)) return true;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        if (matches_pattern(path.substr(slash + 1), pattern)) return true;
    return false;
}

}  // namespace

IgnoreList::IgnoreList(const std::vector<IgnoreRule>& rules, std::string_view path) {
    for (const IgnoreRule& rule : rules)
        if (is_of(path, rule.path)) patterns_.push_back(rule.rule);
}

bool IgnoreList::has(std::string_view rule) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](std::string_view pattern) { return matches_pattern(rule, pattern); });
}

}  // namespace detail

void check_ignore_rule(const IgnoreRule& ignored) {
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules()) {
        if (detail::matches_pattern(rule.id, ignored.rule)) return;
        ids.push_back(rule.id);
    }
    const std::string_view hit = nearest(ignored.rule, ids);
    throw UsageError(fmt::format("there is no rule '{}'{} (`ovfkit rules` lists them)", printable(ignored.rule),
                                 hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
}

std::vector<IgnoreRule> parse_ignore_file(std::string_view text, const std::string& name) {
    std::vector<IgnoreRule> out;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = detail::trimmed(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
        out.push_back({std::string(line.substr(0, blank)), std::string(detail::trimmed(line.substr(blank)))});
        try {
            check_ignore_rule(out.back());
        } catch (const UsageError& error) {
            throw UsageError(fmt::format("{}:{}: {}", printable(name), number, error.what()));
        }
    }
    return out;
}

}  // namespace ovfkit
