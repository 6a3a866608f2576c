#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/leaf.hpp"
#include "platform/ganeti/hvparams.hpp"

/// One instance in Ganeti's own words: what the forms are read into and written from, between the text and the model.
namespace ovfkit::detail::ganeti {

inline constexpr std::size_t max_disks = 16;
inline constexpr std::size_t max_nics = 8;
inline constexpr std::uint64_t mib = 1ULL << 20;

/// A value of a text and the byte it stood at.
struct Text {
    std::string value;
    std::uint64_t offset = Origin::npos;
};

struct Setting {
    std::string key;
    Text value;
};
using Settings = std::vector<Setting>;
const Setting* find(const Settings& settings, std::string_view key);

struct NicSpec {
    std::string id;  ///< of the model's device
    std::string mac, ip, mode, link, network, vlan, name;
    std::uint64_t offset = Origin::npos;
};

struct DiskSpec {
    std::string id;
    std::uint64_t size_mib = 0;
    std::string mode, name, dump;
    Settings extra;  ///< vg, metavg, access ...: kept, not interpreted
    std::uint64_t offset = Origin::npos;
};

struct Instance {
    Text name, os, hypervisor, disk_template;
    std::optional<std::uint64_t> maxmem_mib, minmem_mib;
    std::optional<std::uint32_t> vcpus;
    Settings hv, be, os_params, os_private;  ///< `be` without the three above
    std::vector<NicSpec> nics;
    std::vector<DiskSpec> disks;
    std::vector<std::string> tags;
    Text tags_text;
    std::uint64_t memory_offset = Origin::npos, vcpus_offset = Origin::npos;
    std::string pnode, snode;
    std::vector<Unmapped> unmapped;
    Carried carried;
    std::string producer;
};

/// What `-O ganeti.*` says.
struct Options {
    bool balloon_param = false;  ///< the cluster has the `balloon` hvparam
    std::string balloon_off;     ///< `warn`, `error`, `wrapper`
    std::string wrapper;
    std::string hypervisor;       ///< empty: the source's, else kvm
    std::string os;               ///< empty: the source's, else the default
    std::uint32_t version = 300;  ///< 207 for 2.7
    std::string disk_template;
    std::string pnode, snode;
    std::string link, mode, bootloader;
    bool link_given = false;
};
Options options_of(const WriteContext& context);
Options options_of(const ReadContext& context);
std::span<const OptionSpec> option_specs();

/// Collects what could not be carried, and what Ganeti would refuse.
class Notes {
public:
    Notes(std::vector<LossNote>& out, Diagnostics& diagnostics) : out_(out), diagnostics_(diagnostics) {}
    void dropped(std::string field, std::string id, std::string rule, std::string detail);
    void approximated(std::string field, std::string id, std::string rule, std::string detail);
    void defaulted(std::string field, std::string id, std::string rule, std::string detail);
    /// An error of that rule: nothing is written.
    void refuse(std::string_view rule, std::string message);

private:
    std::vector<LossNote>& out_;
    Diagnostics& diagnostics_;
};

/// Everything one writing step needs.
struct Job {
    const Envelope& envelope;
    const VirtualSystem& system;
    const Options& options;
    const WriteContext& context;
    Notes& notes;
    Instance& out;
    ParamMap hv;               ///< what the model says
    ParamMap weak;             ///< what to say when the source's own parameters do not
    bool from_ganeti = false;  ///< the source's NICs and parameters are Ganeti's own
    std::vector<std::pair<std::string, std::string>> ids;

    [[nodiscard]] bool is(std::string_view hypervisor) const { return out.hypervisor.value == hypervisor; }
    [[nodiscard]] bool has_param(std::string_view name) const;
    /// Sets a parameter when the hypervisor and the release have it; false when not.
    bool set(std::string_view name, std::string value);
    void suggest(std::string_view name, std::string value);
    [[nodiscard]] const std::string* parameter(std::string_view space, std::string_view key) const;
};

// The steps, model -> instance.
void write_backend(Job& job);
void write_disks(Job& job);
void write_media(Job& job);
void write_boot(Job& job);
void write_nics(Job& job);
void write_console(Job& job);
void write_machine(Job& job);
void write_balloon(Job& job);
void write_parameters(Job& job);
/// Everything Ganeti would refuse in the whole.
void check_instance(Job& job);
Instance instance_of(const Envelope& envelope, const VirtualSystem& system, const Options& options,
                     const WriteContext& context, Written& written);

// The steps, instance -> model. `source` names the text in findings.
struct Reading {
    const std::string& source;
    std::string_view text;
    const Options& options;
    ReadContext& context;

    void report(std::string_view rule, std::uint64_t offset, std::string message,
                Failure failure = Failure::none) const;
};
void read_hardware(const Reading& reading, Instance& instance, Envelope& envelope, VirtualSystem& system);
void read_hvparams(const Reading& reading, Instance& instance, VirtualSystem& system);
void read_nics(const Reading& reading, const Instance& instance, Envelope& envelope, VirtualSystem& system);
void read_disks(const Reading& reading, const Instance& instance, Envelope& envelope, VirtualSystem& system);
void add_system(const Reading& reading, Instance instance, Envelope& envelope);

// The forms.
std::string write_ini(const Instance& instance, const WriteContext& context, const VirtualSystem& system,
                      std::string_view origin_file);
Instance read_ini(const Reading& reading);
std::string write_hvparams_json(const Instance& instance, const WriteContext& context, const VirtualSystem& system,
                                std::string_view origin_file);
std::string write_instance_json(const Instance& instance);
std::vector<Instance> read_json(const Reading& reading);

// Small rules of Ganeti's own.
std::string instance_name_of(std::string_view name);
bool is_instance_name(std::string_view name);
bool is_tag(std::string_view tag);
/// A plain file name that is safe as an argument and as an href.
bool is_dump_name(std::string_view name);
std::vector<std::string> tags_of(std::string_view text);
/// `512`, `1.5g`, `64 MiB`: MiB rounded up to a multiple of 4, as utils.ParseUnit; nullopt when it is none.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// `AA-BB-..`, `aabb..`, `aa:bb:..` -> `aa:bb:cc:dd:ee:ff`; empty when it is no MAC address.
std::string normal_mac(std::string_view text);
bool is_multicast(std::string_view mac);
bool is_vlan(std::string_view text);
constexpr std::uint64_t ceil_mib(std::uint64_t bytes) { return bytes / mib + (bytes % mib != 0 ? 1 : 0); }

/// The two words that mean autodeflate in kvm_extra.
inline constexpr std::string_view deflate_property = "virtio-balloon-pci.deflate-on-oom=";
inline constexpr std::string_view default_suffix = ".default";

}  // namespace ovfkit::detail::ganeti
