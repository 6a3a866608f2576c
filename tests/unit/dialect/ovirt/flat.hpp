#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "model/fields.hpp"
#include "support.hpp"

/// The model as a flat list of fields, and one change at a time to it.
namespace ovirt_test {

using detail::describe;
using detail::key_of;

inline std::string text_of(const std::string& value) { return value; }
inline std::string text_of(bool value) { return value ? "true" : ""; }
template <std::integral T>
requires(!std::same_as<T, bool>) std::string text_of(T value) { return value == 0 ? "" : std::to_string(value); }
template <class T>
requires std::is_enum_v<T> std::string text_of(T value) {
    return static_cast<int>(value) == 0 ? "" : std::to_string(static_cast<int>(value));
}
template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? std::to_string(*value) : std::string{};
}
inline std::string text_of(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& entry : list) out += entry + " ";
    return out;
}
inline std::string text_of(const std::vector<Parameter>& list) {
    std::vector<std::string> entries;
    for (const Parameter& entry : list) entries.push_back(entry.space + "." + entry.key + "=" + entry.value);
    std::sort(entries.begin(), entries.end());
    return text_of(entries);
}

struct FlatField {
    std::string key, id, text;
};
using Flat = std::map<std::string, FlatField>;  ///< by key with positions

template <class T>
void flatten(const T& object, const std::string& key, const std::string& slot, const std::string& id, Flat& out);

template <class T>
struct FlatVisitor {
    const T& object;
    const std::string &key, &slot, &id;
    Flat& out;
    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        out.emplace(slot + std::string(name), FlatField{key + std::string(name), id, text_of(object.*member)});
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        const std::string step = name == "hardware" ? "" : std::string(name) + ".";
        flatten(object.*member, key + step, slot + step, id, out);
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        std::size_t index = 0;
        for (const L& element : object.*member) {
            const std::string step(name);
            const bool systems = std::same_as<L, VirtualSystem>;
            flatten(element, systems ? key : key + step + "[].", slot + step + "[" + std::to_string(index++) + "].",
                    systems ? id : std::string(key_of(element)), out);
        }
    }
};

template <class T>
void flatten(const T& object, const std::string& key, const std::string& slot, const std::string& id, Flat& out) {
    describe(static_cast<T*>(nullptr), FlatVisitor<T>{object, key, slot, id, out});
}

/// Ids of parts replaced by positions: a document may give its parts other ids.
inline Envelope with_positions(Envelope envelope) {
    const auto rename = [](auto& list, const std::string& word) {
        std::map<std::string, std::string> names;
        for (std::size_t i = 0; i < list.size(); ++i) names.emplace(list[i].id, word + std::to_string(i));
        for (auto& entry : list) entry.id = names[entry.id];
        return names;
    };
    const auto use = [](const std::map<std::string, std::string>& names, std::string& id) {
        if (const auto found = names.find(id); found != names.end()) id = found->second;
    };
    const auto files = rename(envelope.files, "file"), disks = rename(envelope.disks, "disk");
    for (VirtualDisk& disk : envelope.disks) {
        use(files, disk.file_id);
        use(disks, disk.parent_id);
    }
    for (VirtualSystem& system : envelope.systems) {
        std::map<std::string, std::string> controllers;
        for (std::size_t i = 0; i < system.hardware.controllers.size(); ++i)
            controllers.emplace(system.hardware.controllers[i].info.id, "controller" + std::to_string(i));
        for (Drive& drive : system.hardware.drives) {
            use(controllers, drive.controller);
            use(disks, drive.disk_id);
            use(files, drive.file_id);
        }
    }
    return envelope;
}

inline Flat flat(const Envelope& envelope) {
    Flat out;
    flatten(envelope, "", "", "", out);
    return out;
}

/// What `wanted` says and `written` does not, unless a note says so. Ids are not compared: they are the document's own.
inline std::vector<std::string> unexplained(const Envelope& wanted, const Written& written) {
    const Flat after = flat(with_positions(written.read.envelope));
    const Flat ids = flat(wanted);  // notes name the ids that were asked for
    std::vector<std::string> out;
    for (const auto& [slot, field] : flat(with_positions(wanted))) {
        if (field.text.empty() || field.key == "dialect" || field.key.ends_with("info.id") ||
            field.key == "ovf_version")
            continue;
        const auto found = after.find(slot);
        if (found != after.end() && found->second.text == field.text) continue;
        const bool noted = std::any_of(written.notes.begin(), written.notes.end(), [&](const detail::LossNote& note) {
            const bool same =
                note.field == field.key || (note.field.starts_with(field.key) && note.field.ends_with("]"));
            return same && (note.id.empty() || note.id == field.id || note.id == ids.at(slot).id ||
                            field.key.ends_with("parameters"));
        });
        if (!noted)
            out.push_back(slot + ": '" + field.text + "' -> '" +
                          (found == after.end() ? "(gone)" : found->second.text) + "'");
    }
    return out;
}

/// Changes field number `turn` of the walk; afterwards `key` names it. Empty when there is no such field.
struct Mutator {
    std::size_t turn = 0, seen = 0;
    std::string key;

    static bool skipped(const std::string& name) {
        // References to other parts; changed alone they dangle.
        for (const std::string_view end :
             {"disk_id", "file_id", "controller", "parent_id", "dialect", "ovf_version", "is_collection", "files[].id",
              "disks[].id", "configuration", "capacity_inexact", "device_kept", "info.parameters", "drives[].kind",
              "controllers[].info.id", "collection_id", "collection_name"})
            if (name.ends_with(end)) return true;
        return false;
    }
    bool due(const std::string& name) {
        if (skipped(name) || seen++ != turn) return false;
        key = name;
        return true;
    }
    void change(const std::string& name, std::string& value) const {
        const std::vector<std::pair<std::string_view, std::string_view>> values{
            {"mac", "02:00:5e:10:00:01"},
            {"info.address", "bus=0x05,domain=0x0000,function=0x0,slot=0x02,type=pci"},
            {"info.id", "0f0f0f0f-1111-4222-8333-444444444444"},
            {"os.ovirt_name", "rhel_8x64"},
            {"os.ovirt_id", "30"},
            {"os.osinfo_id", "http://redhat.com/rhel/8.0"},
            {"machine", "pc-q35-rhel8.4.0"},
            {"arch", "aarch64"},
            {"nics[].model", "e1000"},
            {"videos[].model", "cirrus"},
            {"graphics[].type", value == "vnc" ? "spice" : "vnc"},
            {"sounds[].model", "ich6"},
            {"watchdogs[].model", "diag288"},
            {"watchdogs[].option", "dump"},
            {"rngs[].option", "/dev/hwrng"},
            {"rngs[].model", "other"},
            {"tpms[].model", "tpm-tis"},
            {"serials[].backend", value == "unix" ? "pty" : "unix"},
            {"uuid", "0e0e0e0e-1111-4222-8333-444444444444"},
            {"clock", "Europe/Paris"},
            {"drives[].interface", "sata"},
            {"discard", "unmap"},
            {"volume_format", value == "raw" ? "cow" : "raw"},
            {"volume_type", value == "sparse" ? "preallocated" : "sparse"},
            {"cpu.model", "Haswell"},
            {"others[].other_type", "redir/spicevmc"},
            {"href", "11111111-0000-4000-8000-00000000000a/22222222-0000-4000-8000-00000000000b"},
            {"controllers[].model", value.empty() ? "" : "qemu-xhci"}};
        for (const auto& [end, text] : values)
            if (name.ends_with(end)) {
                value = text;
                return;
            }
        value = value.empty() ? "new" : value + "-changed";
    }
    template <class T>
    void change(const std::string& name, std::optional<T>& value) const {
        if constexpr (std::same_as<T, bool>) {
            value = !value.value_or(false);
        } else if (name == "cpu.count") {
            value = value.value_or(1) * 2;
        } else if (name.ends_with("capacity_bytes") || name.ends_with("populated_bytes")) {
            value = value.value_or(0) + (T{3} << 30U);
        } else if (name.ends_with("_bytes")) {
            value = value.value_or(0) + (T{16} << 20U);
        } else {
            value = value.value_or(0) + 1;
        }
    }
    void change(const std::string&, bool& value) const { value = !value; }
    void change(const std::string&, std::uint32_t& value) const { value += 1; }
    void change(const std::string&, std::vector<std::string>& value) const {
        value = value == std::vector<std::string>{"network", "disk"} ? std::vector<std::string>{"disk"}
                                                                     : std::vector<std::string>{"network", "disk"};
    }
    void change(const std::string&, std::vector<Parameter>& value) const { value.push_back({"ovirt", "ZZ_new", "x"}); }
    void change(const std::string&, BalloonState& value) const {
        value = value == BalloonState::enabled ? BalloonState::disabled : BalloonState::enabled;
    }
    void change(const std::string&, BalloonModel& value) const { value = BalloonModel::virtio_transitional; }
    void change(const std::string&, ControllerType& value) const {
        value = value == ControllerType::ide ? ControllerType::usb : ControllerType::ide;
    }
    void change(const std::string&, DriveKind& value) const {
        value = value == DriveKind::disk ? DriveKind::cdrom : DriveKind::disk;
    }
    void change(const std::string&, Firmware& value) const {
        value = value == Firmware::efi ? Firmware::bios : Firmware::efi;
    }
};

template <class T>
void mutate(T& object, const std::string& key, Mutator& mutator);

template <class T>
struct MutateVisitor {
    T& object;
    const std::string& key;
    Mutator& mutator;
    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        const std::string full = key + std::string(name);
        if (mutator.due(full)) mutator.change(full, object.*member);
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        mutate(object.*member, name == "hardware" ? key : key + std::string(name) + ".", mutator);
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        for (L& element : object.*member)
            mutate(element, std::same_as<L, VirtualSystem> ? key : key + std::string(name) + "[].", mutator);
    }
};

template <class T>
void mutate(T& object, const std::string& key, Mutator& mutator) {
    describe(static_cast<T*>(nullptr), MutateVisitor<T>{object, key, mutator});
}

}  // namespace ovirt_test
