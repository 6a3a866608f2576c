#include "package/names.hpp"

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/utf8.hpp"
#include "package/limits.hpp"

namespace ovfkit::detail {

namespace {

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string character_problem(std::string_view name) {
    for (std::string_view rest = name; !rest.empty();) {
        const Decoded next = decode_utf8(rest);
        if (next.length == 0) return "is not valid UTF-8";
        if (next.code < 0x20 || (next.code >= 0x7F && next.code <= 0x9F)) return "has a control character";
        if (next.code == '\\') return "has a \\";
        rest.remove_prefix(next.length);
    }
    return {};
}

std::string component_problem(std::string_view part) {
    if (part.empty()) return "has an empty component";
    if (part == "." || part == "..") return fmt::format("has the component '{}'", part);
    if (part.size() > max_name_component) return fmt::format("has a component of more than {} bytes", max_name_component);
    return {};
}

/// `http:`, `json:`, `C:`: all before the first slash, so that a colon further on is none.
bool has_scheme(std::string_view href) {
    if (href.empty() || !is_letter(href.front())) return false;
    for (const char c : href.substr(1)) {
        if (c == ':') return true;
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '.' && c != '-') return false;
    }
    return false;
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

std::string_view plain_name(std::string_view name) { return name.starts_with("./") ? name.substr(2) : name; }

std::string name_problem(std::string_view name) {
    name = plain_name(name);
    if (name.empty()) return "is empty";
    if (name.size() > max_member_name) return fmt::format("is longer than {} bytes", max_member_name);
    if (std::string problem = character_problem(name); !problem.empty()) return problem;
    if (name.front() == '/') return "is absolute";
    if (name.front() == '-') return "starts with -, like an option";
    if (name.size() > 1 && name[1] == ':' && is_letter(name[0])) return "starts with a drive letter";
    std::size_t depth = 0;
    for (std::string_view rest = name;; ++depth) {
        const std::size_t slash = rest.find('/');
        if (std::string problem = component_problem(rest.substr(0, slash)); !problem.empty()) return problem;
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (depth >= max_name_depth) return fmt::format("is more than {} folders deep", max_name_depth - 1);
    return {};
}

std::optional<std::string> name_from_href(std::string_view href, std::string& problem) {
    if (has_scheme(href)) {
        problem = "is a URL: only files of the package are read";
        return std::nullopt;
    }
    if (href.find_first_of("?#") != std::string_view::npos) {
        problem = "has a query or a fragment";
        return std::nullopt;
    }
    std::string name;
    for (std::size_t i = 0; i < href.size(); ++i) {
        if (href[i] != '%') {
            name += href[i];
            continue;
        }
        const int high = i + 2 < href.size() ? hex_digit(href[i + 1]) : -1;
        const int low = i + 2 < href.size() ? hex_digit(href[i + 2]) : -1;
        if (high < 0 || low < 0) {
            problem = "has a % that is not followed by two hexadecimal digits";
            return std::nullopt;
        }
        name += static_cast<char>(high * 16 + low);
        i += 2;
    }
    problem = name_problem(name);
    if (!problem.empty()) return std::nullopt;
    return std::string(plain_name(name));
}

std::string chunk_name(std::string_view name, std::size_t index) { return fmt::format("{}.{:09}", name, index); }

}  // namespace ovfkit::detail
