#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/writing.hpp"

/// The files /etc/pve/qemu-server/ID.conf: `key: value` lines, the description in `#` lines before them.
namespace ovfkit::detail::proxmox {

inline constexpr std::uint64_t mib = 1ULL << 20;

/// A line `key: value`.
struct Line {
    std::string key, value;
    std::uint64_t offset = Origin::npos;
    bool taken = false;
};

struct Config {
    std::vector<Line> lines;
    std::string description;
    /// The line of that key, taken; nullptr when there is none.
    Line* take(std::string_view key);
};

/// `first,key=value,...` of a device: the parts in their order; an empty key is a word alone.
using Parts = std::vector<std::pair<std::string, std::string>>;
Parts parts_of(std::string_view value);
/// A part, taken out; empty when it is not there.
std::string take(Parts& parts, std::string_view key);
std::string joined(const Parts& parts);

/// Where a text's findings go.
struct Text {
    const std::string& name;
    std::string_view bytes;
    ReadContext& context;
    void report(std::string_view rule, std::uint64_t offset, std::string message, Failure failure = Failure::none) const;
};
/// Strict: a line that is neither `key: value`, comment, section nor blank is an error.
Config parse(const Text& text);

/// Whether a value can stand in a part: no comma, no line end, no control character.
bool is_part(std::string_view text);
/// `vm-100_disk-1.qcow2` and the like: a storage, a volume, a key.
bool is_word(std::string_view text);
/// One character a %XX, as Proxmox keeps descriptions.
std::string encoded(std::string_view line);
std::string decoded(std::string_view line);

struct Writer : Writing {
    using Writing::Writing;
    std::string storage, bridge, vmid;
    Parts lines;  ///< key and value
    std::vector<std::string> drive_keys, nic_keys;  ///< by position in the model
    void line(std::string key, std::string value);
};

std::span<const OptionSpec> option_specs();
void write_drives(Writer& w);
void write_devices(Writer& w);
Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
void read_drives(const Text& text, Config& config, Envelope& envelope, VirtualSystem& system);
void read_devices(const Text& text, Config& config, Envelope& envelope, VirtualSystem& system);
Envelope read(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context, Carried& carried);
int detect(std::string_view name, std::string_view bytes);
bool carries(std::string_view form, std::string_view key);

}  // namespace ovfkit::detail::proxmox
