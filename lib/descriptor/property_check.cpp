#include "descriptor/property_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

enum class Kind { unsigned_integer, signed_integer, boolean, real, text };

struct Type {
    std::string_view name;
    Kind kind;
    unsigned bits;
    bool standard = true;
};

constexpr std::array types{Type{"uint8", Kind::unsigned_integer, 8},
                           Type{"sint8", Kind::signed_integer, 8},
                           Type{"uint16", Kind::unsigned_integer, 16},
                           Type{"sint16", Kind::signed_integer, 16},
                           Type{"uint32", Kind::unsigned_integer, 32},
                           Type{"sint32", Kind::signed_integer, 32},
                           Type{"uint64", Kind::unsigned_integer, 64},
                           Type{"sint64", Kind::signed_integer, 64},
                           Type{"string", Kind::text, 0},
                           Type{"boolean", Kind::boolean, 0},
                           Type{"real32", Kind::real, 0},
                           Type{"real64", Kind::real, 0},
                           // What real files have besides.
                           Type{"int", Kind::signed_integer, 64, false},
                           Type{"real", Kind::real, 0, false},
                           Type{"password", Kind::text, 0, false}};

/// nullptr when the word is none of them; an empty one is a string.
const Type* type_of(std::string_view word) {
    const std::string name = word.empty() ? "string" : to_lower(trimmed(word));
    const auto found = std::find_if(types.begin(), types.end(), [&](const Type& type) { return type.name == name; });
    return found == types.end() ? nullptr : &*found;
}

struct Qualifiers {
    std::optional<std::uint64_t> min_length, max_length;
    std::optional<double> min_value, max_value;
    std::optional<std::vector<std::string>> values;
    std::string problem;  ///< empty: all is well
};

std::optional<double> to_real(std::string_view text) {
    double value{};
    if (text.empty() || text.front() == '+') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value - value == 0)) return std::nullopt;
    return value;
}

/// `MinLen(1), MaxLen(8)`, `ValueMap{"a", "b"}`, `Ip("net")`: names, each with one pair of brackets or none.
class QualifierParser {
public:
    explicit QualifierParser(std::string_view text) : text_(text) {}

    Qualifiers run() {
        while (skip_separators(), !text_.empty() && out_.problem.empty()) one();
        return std::move(out_);
    }

private:
    void skip_separators() {
        while (!text_.empty() && (is_blank(text_.front()) || text_.front() == ',')) text_.remove_prefix(1);
    }

    void one() {
        const std::size_t end = std::min(text_.find_first_of("({, \t\r\n"), text_.size());
        const std::string name = to_lower(text_.substr(0, end));
        text_.remove_prefix(end);
        std::string_view rest = text_;
        while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
        std::string_view argument;
        if (!rest.empty() && (rest.front() == '(' || rest.front() == '{')) {
            const std::size_t close = closing(rest);
            if (close == std::string_view::npos) {
                out_.problem = fmt::format("'{}' has a bracket that is not closed", printable(name, 40));
                return;
            }
            argument = trimmed(rest.substr(1, close - 1));
            text_ = rest.substr(close + 1);
        }
        apply(name, argument);
    }

    /// Of the bracket that `text` starts with, quoted ones left aside.
    static std::size_t closing(std::string_view text) {
        const char close = text.front() == '(' ? ')' : '}';
        bool quoted = false;
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] == '\\' && quoted) ++i;
            else if (text[i] == '"') quoted = !quoted;
            else if (text[i] == close && !quoted) return i;
        }
        return std::string_view::npos;
    }

    void apply(const std::string& name, std::string_view argument) {
        const auto number = [&](auto& member, const auto& value) {
            member = value;
            if (!value) out_.problem = fmt::format("'{}' has '{}' for a number", name, printable(argument, 40));
        };
        if (name == "minlen")
            number(out_.min_length, to_number<std::uint64_t>(argument));
        else if (name == "maxlen")
            number(out_.max_length, to_number<std::uint64_t>(argument));
        else if (name == "minvalue")
            number(out_.min_value, to_real(argument));
        else if (name == "maxvalue")
            number(out_.max_value, to_real(argument));
        else if (name == "valuemap")
            value_map(argument);
    }

    void value_map(std::string_view argument) {
        std::vector<std::string>& values = out_.values.emplace();
        while (!(argument = trimmed(argument)).empty()) {
            std::string value;
            if (argument.front() == '"') {
                std::size_t i = 1;
                for (; i < argument.size() && argument[i] != '"'; ++i) {
                    if (argument[i] == '\\' && i + 1 < argument.size()) ++i;
                    value += argument[i];
                }
                argument.remove_prefix(std::min(i + 1, argument.size()));
            } else {
                const std::size_t end = std::min(argument.find(','), argument.size());
                value = std::string(trimmed(argument.substr(0, end)));
                argument.remove_prefix(end);
            }
            values.push_back(std::move(value));
            argument = trimmed(argument);
            if (!argument.empty() && argument.front() != ',') {
                out_.problem = "'ValueMap' has values without a comma between";
                return;
            }
            if (!argument.empty()) argument.remove_prefix(1);
        }
    }

    std::string_view text_;
    Qualifiers out_;
};

Qualifiers qualifiers_of(const Property& property) { return QualifierParser(property.qualifiers).run(); }

/// Code points.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string type_problem(const Type& type, std::string_view value) {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() >> (64 - std::max(type.bits, 1U));
    switch (type.kind) {
        case Kind::unsigned_integer: {
            const auto number = to_number<std::uint64_t>(value);
            return number && *number <= most ? "" : fmt::format("is no {} (0 to {})", type.name, most);
        }
        case Kind::signed_integer: {
            const bool negative = value.starts_with('-');
            const auto number = to_number<std::uint64_t>(negative ? value.substr(1) : value);
            return number && *number <= most / 2 + (negative ? 1 : 0)
                       ? ""
                       : fmt::format("is no {} (-{} to {})", type.name, most / 2 + 1, most / 2);
        }
        case Kind::boolean:
            return equal_nocase(value, "true") || equal_nocase(value, "false") ? "" : "is neither true nor false";
        case Kind::real:
            return to_real(value) ? "" : "is no number";
        case Kind::text:
            break;
    }
    return {};
}

std::string qualifier_problem(const Qualifiers& qualifiers, bool is_number, std::string_view value) {
    if (!is_number) {
        const std::size_t length = length_of(value);
        if (qualifiers.min_length && length < *qualifiers.min_length)
            return fmt::format("is shorter than {} characters", *qualifiers.min_length);
        if (qualifiers.max_length && length > *qualifiers.max_length)
            return fmt::format("is longer than {} characters", *qualifiers.max_length);
    }
    if (is_number) {
        const auto number = to_real(value);
        if (number && qualifiers.min_value && *number < *qualifiers.min_value)
            return fmt::format("is below {}", *qualifiers.min_value);
        if (number && qualifiers.max_value && *number > *qualifiers.max_value)
            return fmt::format("is above {}", *qualifiers.max_value);
    }
    if (qualifiers.values &&
        std::find(qualifiers.values->begin(), qualifiers.values->end(), value) == qualifiers.values->end()) {
        std::string known;
        for (const std::string& word : *qualifiers.values)
            known += fmt::format("{}'{}'", known.empty() ? "" : ", ", printable(word, 40));
        return fmt::format("is none of {}", known.empty() ? "no values at all" : printable(known, 400));
    }
    return {};
}

}  // namespace

std::string value_problem(const Property& property, std::string_view value) {
    if (value.empty() || value.find("${") != std::string_view::npos) return {};
    const Type* type = type_of(property.type);
    const bool is_number = type != nullptr && type->kind != Kind::text && type->kind != Kind::boolean;
    std::string problem = type == nullptr ? std::string{} : type_problem(*type, value);
    if (problem.empty()) problem = qualifier_problem(qualifiers_of(property), is_number, value);
    if (problem.empty()) return {};
    return property.password ? "the value " + problem : fmt::format("'{}' {}", printable(value, 80), problem);
}

bool needs_value(const Property& property) { return qualifiers_of(property).min_length.value_or(0) > 0; }

void check_property(Element element, const Property& property, Diagnostics& diagnostics) {
    const std::string key = printable(property.key, 80);
    const Type* type = type_of(property.type);
    if (type == nullptr || !type->standard || type->name != trimmed(property.type))
        if (!property.type.empty())
            report(diagnostics, "ovf-property-type-unknown", element,
                   fmt::format("the type of the Property '{}' is '{}', none of the standard's; its values are {}", key,
                               printable(property.type, 40),
                               type == nullptr ? std::string("not checked") : fmt::format("read as {}", type->name)));
    if (const std::string problem = qualifiers_of(property).problem; !problem.empty())
        report(diagnostics, "ovf-property-qualifier-invalid", element,
               fmt::format("ovf:qualifiers of the Property '{}': {}", key, problem));
    const auto check = [&](const std::string& value) {
        if (const std::string problem = value_problem(property, value); !problem.empty())
            report(diagnostics, "ovf-property-value-invalid", element,
                   fmt::format("the Property '{}' does not take its own value: {}", key, problem));
    };
    check(property.value);
    for (const Parameter& own : property.configuration_values) check(own.value);
}

}  // namespace ovfkit::detail
