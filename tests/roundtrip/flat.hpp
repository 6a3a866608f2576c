#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/loss.hpp>

#include "model/fields.hpp"

/// A model as a flat list, ids as positions, so that what two dialects say of one machine can be compared: made apart
/// from the library's own accounting, which it checks.
namespace flat {

using namespace ovfkit;

struct Field {
    std::string key, value;
};
/// By place: `systems[0].hardware.nics[1].model`.
using Fields = std::map<std::string, Field>;

inline std::string text(const std::string& value) { return value; }
inline std::string text(bool value) { return value ? "true" : ""; }
template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
std::string text(T value) {
    return value == 0 ? "" : std::to_string(value);
}
template <class T>
std::string text(const std::optional<T>& value) {
    if (!value) return {};
    if constexpr (std::same_as<T, bool>)
        return *value ? "true" : "false";
    else
        return std::to_string(*value);
}
inline std::string text(BalloonState value) { return value == BalloonState::unspecified ? "" : std::string(to_string(value)); }
template <class E>
    requires std::is_enum_v<E>
std::string text(E value) {
    return std::string(to_string(value));
}
inline std::string text(const std::vector<std::string>& value) {
    std::string out;
    for (const std::string& word : value) out += (out.empty() ? "" : ", ") + word;
    return out;
}

template <class T>
struct Visit {
    const T& object;
    std::string place, key;
    Fields& out;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if constexpr (std::same_as<M, std::vector<Parameter>>) {
            for (const Parameter& p : object.*member)
                out[place + std::string(name) + "[" + p.space + "]" + p.key] = {key + std::string(name) + "[" + p.space + "]", p.value};
        } else if (std::string value = text(object.*member); !value.empty()) {
            out[place + std::string(name)] = {key + std::string(name), std::move(value)};
        }
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        const std::string step = name == "hardware" ? "" : std::string(name) + ".";
        detail::describe(static_cast<G*>(nullptr), Visit<G>{object.*member, place + step, key + step, out});
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        std::size_t index = 0;
        for (const L& element : object.*member) {
            // The keys of a VM's fields are those of the report: without the list of VMs.
            const std::string keys = std::same_as<L, VirtualSystem> ? "" : key + std::string(name) + "[].";
            detail::describe(static_cast<L*>(nullptr),
                             Visit<L>{element, place + std::string(name) + "[" + std::to_string(index++) + "].", keys, out});
        }
    }
};

/// Ids become positions where something refers to them.
inline Envelope positioned(Envelope envelope) {
    std::map<std::string, std::string> files, disks;
    const auto apply = [](const std::map<std::string, std::string>& names, std::string& id) {
        if (const auto found = names.find(id); found != names.end()) id = found->second;
    };
    const auto number = [](std::map<std::string, std::string>& names, std::string& id) {
        id = names.emplace(id, "#" + std::to_string(names.size())).first->second;
    };
    for (FileReference& file : envelope.files) number(files, file.id);
    for (VirtualDisk& disk : envelope.disks) number(disks, disk.id);
    for (VirtualDisk& disk : envelope.disks) apply(disks, disk.parent_id), apply(files, disk.file_id);
    for (VirtualSystem& system : envelope.systems) {
        std::map<std::string, std::string> controllers;
        for (Controller& controller : system.hardware.controllers) number(controllers, controller.info.id);
        for (Drive& drive : system.hardware.drives)
            apply(controllers, drive.controller), apply(disks, drive.disk_id), apply(files, drive.file_id);
        apply(files, system.hardware.nvram_file_id);
    }
    return envelope;
}

inline Fields fields(const Envelope& envelope) {
    Fields out;
    const Envelope plain = positioned(envelope);
    detail::describe(static_cast<Envelope*>(nullptr), Visit<Envelope>{plain, "", "", out});
    return out;
}

/// What a descriptor says of itself and of people's labels, not of the machine.
inline bool is_identity(std::string_view key) {
    constexpr std::array<std::string_view, 6> names{"ovf_version", "is_collection", "collection_id", "configuration", "lang", "collection_name"};
    return std::find(names.begin(), names.end(), key) != names.end() || key.ends_with("info.id") ||
           key.ends_with(".default]");  // a platform's parameter at that platform's own default
}
inline bool is_label(std::string_view key) {
    return key.ends_with("info.name") || key.ends_with("info.caption") || key.ends_with("info.description") ||
           key.ends_with("products[].info") || key.ends_with(".label") || key.ends_with("].description") ||
           key == "os.description";
}

struct Difference {
    std::string place, key, before, now;
};

/// Fields that changed or went, or came, and that no row of the report names. Labels may come.
inline std::vector<Difference> silent(const Envelope& before, const Envelope& now, const LossReport& report) {
    std::vector<Difference> out;
    const Fields had = fields(before), has = fields(now);
    const auto named = [&](const std::string& key) {
        return std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) { return row.field == key; });
    };
    for (const auto& [place, field] : had) {
        const auto found = has.find(place);
        if (is_identity(field.key) || (found != has.end() && found->second.value == field.value) || named(field.key)) continue;
        out.push_back({place, field.key, field.value, found == has.end() ? "" : found->second.value});
    }
    for (const auto& [place, field] : has)
        if (had.count(place) == 0 && !is_identity(field.key) && !is_label(field.key) && !named(field.key))
            out.push_back({place, field.key, "", field.value});
    return out;
}

}  // namespace flat
