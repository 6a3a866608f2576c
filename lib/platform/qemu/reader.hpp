#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked.hpp"
#include "platform/qemu/argv.hpp"

/// What the parts of the reader share.
namespace ovfkit::detail::qemu {

struct Option {
    std::string name;  ///< without dashes
    Word value;        ///< empty for a flag
    std::uint64_t offset = Origin::npos;
    bool taken = false;
};

struct Reader {
    const Text& text;
    Envelope& envelope;
    VirtualSystem& system;
    std::vector<Option> options;
    std::string machine;  ///< general name
    // By id (node-name for blockdevs):
    std::map<std::string, Parsed, std::less<>> nodes, drives, netdevs, chardevs, objects;
    std::vector<Parsed> devices;
    std::set<std::string, std::less<>> ids;
    bool autodeflate_global = false, autodeflate_value = false;

    [[nodiscard]] Hardware& hardware() const { return system.hardware; }
    void keep(std::string key, std::string value) { system.parameters.push_back({"qemu", std::move(key), std::move(value)}); }
    /// The id of a device: its own, else STEM and a number.
    DeviceInfo info(Parsed& device, std::string_view stem);
    /// What is left of a device's properties, kept.
    void keep_rest(const Parsed& device, DeviceInfo& info, std::string_view prefix = {}) const;
    template <class T>
    std::optional<T> number(std::string_view digits, std::uint64_t offset, std::string_view what, T most) const {
        const auto value = to_number<T>(digits);
        if (value && *value <= most) return value;
        bad_number(digits, offset, what);
        return std::nullopt;
    }
    void bad_number(std::string_view digits, std::uint64_t offset, std::string_view what) const;
    /// Every option of that name, taken.
    std::vector<Option*> take(std::string_view name);
    std::optional<bool> on_off(Parsed& device, std::string_view key) const;
};

/// `1024`, `2G`, `1048576K`; a plain number counts in `unit`. nullopt: none.
std::optional<std::uint64_t> size_in(std::string_view text, std::uint64_t unit);
bool takes_no_value(std::string_view option);

void split_options(Reader& r, const Argv& argv);
void read_machine(Reader& r);
void read_balloon(Reader& r);
void read_drives(Reader& r);
void read_nics(Reader& r);
void read_others(Reader& r);      // ports, displays, sound, watchdog, rng, tpm, what is not known

}  // namespace ovfkit::detail::qemu
