#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/checked.hpp"
#include "descriptor/values.hpp"
#include "model/fields.hpp"

/// Model fields that standard OVF has no place for, as attributes of an element in our own namespace
/// (`urn:ovfkit:hardware:1`): every described field that the caller does not carry itself, by its own name in
/// camel case. A field added to model/fields.hpp is carried without further ado.
namespace ovfkit::detail {

using ExtensionRows = std::vector<std::pair<std::string, std::string>>;

/// `free_page_reporting` -> `freePageReporting`.
inline std::string camel_case(std::string_view name) {
    std::string out;
    bool up = false;
    for (const char c : name) {
        if (c == '_') {
            up = true;
            continue;
        }
        out += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        up = false;
    }
    return out;
}

inline std::string extension_text(const std::string& value) { return value; }
inline std::string extension_text(bool value) { return value ? "true" : ""; }
inline std::string extension_text(const std::optional<bool>& value) { return std::string(boolean_text(value)); }
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) std::string extension_text(const std::optional<T>& value) {
    return number_text(value);
}
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) std::string extension_text(T value) { return std::to_string(value); }
inline std::string extension_text(BalloonState value) { return std::string(to_string(value)); }
inline std::string extension_text(BalloonModel value) { return std::string(to_string(value)); }
inline std::string extension_text(ControllerType value) { return std::string(to_string(value)); }
inline std::string extension_text(DriveKind value) { return std::string(to_string(value)); }
inline std::string extension_text(Firmware value) { return std::string(to_string(value)); }
inline std::string extension_text(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

/// False: the text is no such value.
inline bool extension_value(std::string_view text, std::string& out) {
    out = std::string(text);
    return true;
}
inline bool extension_value(std::string_view text, std::optional<bool>& out) {
    return (out = to_boolean(text)).has_value();
}
inline bool extension_value(std::string_view text, bool& out) {
    const auto value = to_boolean(text);
    out = value.value_or(false);
    return value.has_value();
}
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) bool extension_value(std::string_view text, std::optional<T>& out) {
    return (out = to_number<T>(text)).has_value();
}
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) bool extension_value(std::string_view text, T& out) {
    const auto value = to_number<T>(text);
    out = value.value_or(0);
    return value.has_value();
}
template <class E>
bool extension_word(std::optional<E> value, E& out) {
    if (value) out = *value;
    return value.has_value();
}
inline bool extension_value(std::string_view text, BalloonState& out) {
    return extension_word(balloon_state_from(text), out);
}
inline bool extension_value(std::string_view text, BalloonModel& out) {
    return extension_word(balloon_model_from(text), out);
}
inline bool extension_value(std::string_view text, ControllerType& out) {
    return extension_word(controller_type_from(text), out);
}
inline bool extension_value(std::string_view text, DriveKind& out) {
    return extension_word(drive_kind_from(text), out);
}
inline bool extension_value(std::string_view text, Firmware& out) { return extension_word(firmware_from(text), out); }
inline bool extension_value(std::string_view text, std::vector<std::string>& out) {
    out.clear();
    while (!(text = trimmed(text)).empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return true;
}

/// Of DeviceInfo only these two have no place in an Item.
constexpr bool is_extended_info(std::string_view name) { return name == "alias" || name == "address"; }

template <class T>
struct ExtensionWriter {
    const T& object;
    std::span<const std::string_view> carried;
    ExtensionRows& out;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if constexpr (!std::same_as<M, std::vector<Parameter>>) {
            if constexpr (std::same_as<T, DeviceInfo>)
                if (!is_extended_info(name)) return;
            if (std::find(carried.begin(), carried.end(), name) == carried.end())
                out.emplace_back(camel_case(name), extension_text(object.*member));
        }
    }
    template <class G>
    void group(std::string_view, G T::*member) const {
        if constexpr (std::same_as<G, DeviceInfo>)
            describe(static_cast<DeviceInfo*>(nullptr), ExtensionWriter<DeviceInfo>{object.*member, {}, out});
    }
    template <class L>
    void list(std::string_view, L T::*) const {}
};

template <class T>
struct ExtensionReader {
    Element element;
    T& object;
    std::span<const std::string_view> carried;
    Diagnostics& diagnostics;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if constexpr (!std::same_as<M, std::vector<Parameter>>) {
            if constexpr (std::same_as<T, DeviceInfo>)
                if (!is_extended_info(name)) return;
            if (std::find(carried.begin(), carried.end(), name) != carried.end()) return;
            const Attribute attribute = element.attribute_lax(Ns::hardware, camel_case(name));
            if (!attribute || attribute.value().empty()) return;
            M value{};
            if (extension_value(attribute.value(), value)) {
                object.*member = std::move(value);
                (void)attribute.take();
            } else {
                report(diagnostics, "ovf-extension-invalid", element,
                       std::string(attribute.qname()) + " is '" + printable(attribute.value(), 60) +
                           "', which it cannot be; it is not used");
            }
        }
    }
    template <class G>
    void group(std::string_view, G T::*member) const {
        if constexpr (std::same_as<G, DeviceInfo>)
            describe(static_cast<DeviceInfo*>(nullptr),
                     ExtensionReader<DeviceInfo>{element, object.*member, {}, diagnostics});
    }
    template <class L>
    void list(std::string_view, L T::*) const {}
};

/// A row for every field that `carried` does not name, empty ones too, always in the same order.
template <class T>
void extension_rows(const T& object, std::span<const std::string_view> carried, ExtensionRows& out) {
    describe(static_cast<T*>(nullptr), ExtensionWriter<T>{object, carried, out});
}

/// Sets the same fields from the attributes of `element`, which may be invalid.
template <class T>
void read_extension(Element element, T& object, std::span<const std::string_view> carried, Diagnostics& diagnostics) {
    if (element) describe(static_cast<T*>(nullptr), ExtensionReader<T>{element, object, carried, diagnostics});
}

}  // namespace ovfkit::detail
