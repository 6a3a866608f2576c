#include "dialect/ovirt/unsupported.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "model/fields.hpp"

namespace ovfkit::detail::ovirt {

namespace {

// Field keys and why. One row a field: what has a row here is never written.
constexpr std::array<std::pair<std::string_view, std::string_view>, 45> rows{
    {{"cpu.reservation_hz", "oVirt has CPU shares and limits in its CPU profiles, not in descriptors"},
     {"cpu.limit_hz", "oVirt has CPU shares and limits in its CPU profiles, not in descriptors"},
     {"cpu.weight", "oVirt has CPU shares and limits in its CPU profiles, not in descriptors"},
     {"memory.weight", "oVirt has no memory shares"},
     {"memory.target_bytes", "oVirt starts every VM with its full memory; the balloon target is set by the hosts"},
     {"title", "an oVirt VM has a name and a description only"},
     {"genid", "oVirt makes generation ids by itself"},
     {"eulas", "oVirt has no license texts"},
     {"parallels", "oVirt has no parallel ports"},
     {"os.version", "the version is part of oVirt's OS name"},
     {"os.vmware_type", "oVirt has its own OS names"},
     {"os.virtualbox_type", "oVirt has its own OS names"},
     {"drives[].transient", "oVirt has no transient disks"},
     {"drives[].serial", "oVirt uses the disk's id as its serial number"},
     {"drives[].cache", "oVirt chooses the disk cache by itself"},
     {"drives[].source", "oVirt finds images by id, not by path"},
     {"drives[].source_format", "the volume format says it"},
     {"nics[].attachment", "oVirt attaches NICs to its own logical networks"},
     {"nics[].ip", "addresses are set in the guest"},
     {"nics[].vlan", "the VLAN belongs to oVirt's logical network"},
     {"serials[].target", "oVirt chooses the console's path by itself"},
     {"serials[].connected", "oVirt connects every console"},
     {"graphics[].listen", "oVirt chooses display address and port by itself"},
     {"graphics[].port", "oVirt chooses display address and port by itself"},
     {"graphics[].keymap", "the keyboard layout is VncKeyboardLayout, one for the VM"},
     {"others[].required", "the engine keeps devices it does not manage"},
     {"files[].chunk_size", "oVirt stores images in one piece"},
     {"disks[].capacity_property", "oVirt has no properties"},
     {"disks[].shared", "oVirt says of a VM's drive that its disk is shareable, not of the disk"},
     {"transport", "oVirt hands over no OVF environment"},
     {"networks[].description", "a network has a name only"},
     {"sounds[].option", "the device has no such setting in oVirt"},
     {"tpms[].option", "oVirt's TPM is an emulator of version 2.0"},
     {"tpms[].model", "oVirt's TPM is tpm-crb"},
     {"configurations[].id", "oVirt has no deployment options"},
     {"configurations[].label", "oVirt has no deployment options"},
     {"configurations[].description", "oVirt has no deployment options"},
     {"configurations[].is_default", "oVirt has no deployment options"},
     {"lang", "oVirt writes no language"},
     {"cpu.info.alias", "the CPU is no device in oVirt"},
     {"cpu.info.address", "the CPU is no device in oVirt"},
     {"memory.info.alias", "the memory is no device in oVirt"},
     {"memory.info.address", "the memory is no device in oVirt"},
     {"ovf_version", "the version says which engine wrote it"},
     {"nvram_file_id", "the NVRAM travels as the file nvram.dat"}}};

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "1" : ""; }
template <std::integral T>
requires(!std::same_as<T, bool>) std::string text_of(T value) { return std::to_string(value); }
template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? std::to_string(*value) : std::string{};
}
template <class T>
requires std::is_enum_v<T> std::string text_of(T value) { return std::to_string(static_cast<int>(value)); }
std::string text_of(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& entry : list) out += entry + "\n";
    return out;
}
std::string text_of(const std::vector<Parameter>&) { return {}; }

/// key -> (id, text) of every field with a row.
struct Found {
    std::string key, id, text;
};

template <class T>
void collect(const T& object, const std::string& prefix, const std::string& id, std::vector<Found>& out);

template <class T>
struct Visitor {
    const T& object;
    const std::string& prefix;
    const std::string& id;
    std::vector<Found>& out;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        const std::string key = prefix + std::string(name);
        if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.first == key; }))
            out.push_back({key, id, text_of(object.*member)});
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        collect(object.*member, name == "hardware" ? prefix : prefix + std::string(name) + ".", id, out);
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        if constexpr (!std::same_as<L, VirtualSystem>)
            for (const L& element : object.*member)
                collect(element, prefix + std::string(name) + "[].", std::string(key_of(element)), out);
    }
};

template <class T>
void collect(const T& object, const std::string& prefix, const std::string& id, std::vector<Found>& out) {
    describe(static_cast<T*>(nullptr), Visitor<T>{object, prefix, id, out});
}

std::vector<Found> fields_of(const VirtualSystem& system) {
    std::vector<Found> out;
    collect(system, {}, {}, out);
    return out;
}

std::vector<Found> fields_of_envelope(const Envelope& envelope) {
    std::vector<Found> out;
    collect(envelope, {}, {}, out);
    return out;
}

void compare(const std::vector<Found>& have, const std::vector<Found>& wanted, std::vector<LossNote>& notes) {
    std::map<std::pair<std::string, std::string>, std::string> before;
    for (const Found& field : have) before.emplace(std::pair{field.key, field.id}, field.text);
    for (const Found& field : wanted) {
        const auto old = before.find({field.key, field.id});
        const std::string then = old == before.end() ? std::string{} : old->second;
        if (field.text.empty() || field.text == then) continue;
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.first == field.key; });
        notes.push_back({field.key, field.id, Fate::dropped, "ovirt-field-unsupported", std::string(row->second)});
    }
}

}  // namespace

void note_unsupported(const Envelope& have, const Envelope& wanted, std::vector<LossNote>& notes) {
    compare(fields_of_envelope(have), fields_of_envelope(wanted), notes);
    for (std::size_t i = 0; i < wanted.systems.size(); ++i)
        compare(i < have.systems.size() ? fields_of(have.systems[i]) : std::vector<Found>{},
                fields_of(wanted.systems[i]), notes);
}

}  // namespace ovfkit::detail::ovirt
