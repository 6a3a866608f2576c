#include "descriptor/values.hpp"

#include <fmt/format.h>

namespace ovfkit::detail {

void report_number(Diagnostics& diagnostics, Element where, std::string_view what, std::string_view text,
                   std::uint64_t max) {
    report(diagnostics, "ovf-number-invalid", where,
           fmt::format("{} is '{}'; give a whole number from 0 to {}", what, printable(text, 60), max),
           Failure::malformed);
}

std::optional<bool> take_boolean(Element element, Attribute attribute, Diagnostics& diagnostics) {
    const std::string_view text = trimmed(attribute.value());
    if (text.empty()) return std::nullopt;
    const auto value = to_boolean(to_lower(text.substr(0, 6)));
    if (!value)
        report(diagnostics, "ovf-boolean-invalid", element,
               fmt::format("{} is '{}'; it is not used: give true or false", attribute.qname(), printable(text, 60)));
    else
        (void)attribute.take();
    return value;
}

namespace {

std::string checked_name(Element element, std::string_view what, std::string_view text, Diagnostics& diagnostics) {
    const std::size_t limit = element ? element.document()->limits().name_bytes : Limits{}.name_bytes;
    if (text.size() > limit)
        report(diagnostics, "ovf-name-long", element,
               fmt::format("{} is too long: it has {} bytes, the limit is {}", what, text.size(), limit),
               Failure::refused);
    return std::string(text);
}

}  // namespace

std::string take_name(Element element, Attribute attribute, Diagnostics& diagnostics) {
    return checked_name(element, attribute.qname(), attribute.take(), diagnostics);
}

std::string take_name(Element element, Diagnostics& diagnostics) {
    return checked_name(element, element.qname(), element.take(), diagnostics);
}

std::string_view boolean_text(std::optional<bool> value) { return value ? (*value ? "true" : "false") : ""; }

}  // namespace ovfkit::detail
