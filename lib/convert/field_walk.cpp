#include "convert/field_walk.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include "model/fields.hpp"

namespace ovfkit::detail {

namespace {

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "true" : ""; }
template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
std::string text_of(T value) {
    return value == 0 ? std::string{} : std::to_string(value);
}
std::string text_of(BalloonState value) { return value == BalloonState::unspecified ? "" : std::string(to_string(value)); }
std::string text_of(BalloonModel value) { return std::string(to_string(value)); }
std::string text_of(ControllerType value) { return std::string(to_string(value)); }
std::string text_of(DriveKind value) { return std::string(to_string(value)); }
std::string text_of(Firmware value) { return std::string(to_string(value)); }
template <class T>
std::string text_of(const std::optional<T>& value) {
    if (!value) return {};
    if constexpr (std::same_as<T, bool>)
        return *value ? "true" : "false";
    else
        return std::to_string(*value);
}
std::string text_of(const std::vector<std::string>& value) {
    std::string out;
    for (const std::string& part : value) out += (out.empty() ? "" : ", ") + part;
    return out;
}

/// Text that people read and no machine acts on.
constexpr std::array<std::string_view, 16> labels{
    "info.name", "info.caption", "info.description", "os.description", "products[].info", "configurations[].label",
    "configurations[].description", "networks[].description", "properties[].label", "properties[].description",
    "properties[].category", "lang", "ovf_version",
    "collection_name", "allocations[].name", "allocations[].description"};

bool is_label(std::string_view key) {
    return std::any_of(labels.begin(), labels.end(), [&](std::string_view label) {
        return key == label || (key.size() > label.size() && key.ends_with(label) && key[key.size() - label.size() - 1] == '.');
    });
}

template <class T>
concept HasOrigin = requires(const T& t) {
    { t.origin } -> std::convertible_to<Origin>;
};
template <class T>
concept HasInfo = requires(const T& t) { t.info.origin; };

struct Walk {
    const FieldSink& sink;
    std::string key, place, slot, id;
    Origin origin;
    bool secret = false;

    void emit(std::string_view name, std::string value, std::string_view secret_name) {
        if (value.empty()) return;
        FieldValue field{key + std::string(name), place + std::string(name), slot + std::string(name), id, std::move(value), origin, false, {}};
        field.raw = field.value;
        if (secret && name == secret_name) field.value = "(secret)";
        field.label = is_label(field.key);
        sink(field);
    }
};

template <class T>
struct Visitor {
    const T& object;
    Walk& walk;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if constexpr (std::same_as<M, std::vector<Parameter>>)
            parameters(name, object.*member);
        else
            walk.emit(name, text_of(object.*member), "value");
    }

    template <class G>
    void group(std::string_view name, G T::*member) const {
        const G& inner = object.*member;
        const Walk saved = walk;
        const std::string step = name == "hardware" ? std::string{} : std::string(name) + ".";
        walk.key += step;
        walk.place += step;
        walk.slot += step;
        visit(inner);
        restore(saved);
    }

    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        if constexpr (!std::same_as<L, VirtualSystem>) {
            std::size_t index = 0;
            for (const L& element : object.*member) {
                const Walk saved = walk;
                walk.slot += std::string(name) + "[#" + std::to_string(index++) + "].";
                walk.id = std::string(key_of(element));
                walk.key += std::string(name) + "[].";
                walk.place += std::string(name) + "[" + walk.id + "].";
                visit(element);
                restore(saved);
            }
        }
    }

private:
    template <class E>
    void visit(const E& element) const {
        if constexpr (HasOrigin<E>) {
            if (element.origin.offset != Origin::npos) walk.origin = element.origin;
        } else if constexpr (HasInfo<E>) {
            if (element.info.origin.offset != Origin::npos) walk.origin = element.info.origin;
        }
        if constexpr (std::same_as<E, Property>) walk.secret = element.password;
        describe(static_cast<E*>(nullptr), Visitor<E>{element, walk});
    }

    void restore(const Walk& saved) const {
        walk.key = saved.key;
        walk.place = saved.place;
        walk.slot = saved.slot;
        walk.id = saved.id;
        walk.origin = saved.origin;
        walk.secret = saved.secret;
    }

    void parameters(std::string_view name, const std::vector<Parameter>& list) const {
        const Walk saved = walk;
        for (const Parameter& parameter : list) {
            walk.id = parameter.key;
            const std::string step = std::string(name) + "[" + parameter.space + "]";
            FieldValue field{saved.key + step, saved.place + step + "." + parameter.key, saved.slot + step + "." + parameter.key,
                             parameter.key, parameter.value, walk.origin, false, parameter.value};
            // Ganeti's private OS parameters are secrets, like password properties.
            if (walk.secret || parameter.space.ends_with("_private")) field.value = "(secret)";
            walk.sink(field);
        }
        restore(saved);
    }
};

template <class T>
void walk_from(const T& object, const FieldSink& sink) {
    Walk walk{sink, {}, {}, {}, {}, {}, false};
    if constexpr (HasOrigin<T>) walk.origin = object.origin;
    describe(static_cast<T*>(nullptr), Visitor<T>{object, walk});
}

}  // namespace

void walk_fields(const VirtualSystem& system, const FieldSink& sink) { walk_from(system, sink); }
void walk_fields_of_envelope(const Envelope& envelope, const FieldSink& sink) { walk_from(envelope, sink); }

}  // namespace ovfkit::detail
