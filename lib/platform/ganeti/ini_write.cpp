#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/sha256.hpp"
#include "platform/ganeti/instance.hpp"

// An instance as the config.ini of an export directory, in the order `gnt-backup export` writes it.
namespace ovfkit::detail::ganeti {

namespace {

/// configparser cuts at line ends, folds keys and interpolates: what could be read as something else is never written.
class IniWriter {
public:
    void section(std::string_view name) { out_ += fmt::format("{}[{}]\n", out_.empty() ? "" : "\n", name); }

    void value(std::string_view key, std::string_view text) {
        if (!is_key(key) || !is_value(text)) {
            Diagnostic diagnostic;
            diagnostic.severity = Severity::error;
            diagnostic.rule = "ganeti-value-unsafe";
            diagnostic.failure = Failure::refused;
            diagnostic.message = fmt::format(
                "'{}' cannot be written to config.ini: its name or value holds what configparser would read as "
                "something else; change it",
                printable(key));
            throw InputError(diagnostic);
        }
        std::string escaped;
        for (const char c : text) escaped += c == '%' ? std::string("%%") : std::string(1, c);
        out_ += fmt::format("{} = {}\n", key, escaped);
    }

    std::string take() { return std::move(out_); }

private:
    static bool is_key(std::string_view key) {
        return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        });
    }
    static bool is_value(std::string_view text) {
        return text == trimmed(text) && std::all_of(text.begin(), text.end(), [](char c) {
                   return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
               });
    }
    std::string out_;
};

std::string or_none(const std::string& text) { return text.empty() ? "None" : text; }

void write_nic(IniWriter& ini, const NicSpec& nic, std::size_t index) {
    const std::string prefix = fmt::format("nic{}_", index);
    ini.value(prefix + "mac", nic.mac);
    ini.value(prefix + "ip", or_none(nic.ip));
    ini.value(prefix + "network", or_none(nic.network));
    ini.value(prefix + "name", or_none(nic.name));
    if (nic.network.empty()) {
        ini.value(prefix + "mode", nic.mode);
        ini.value(prefix + "link", nic.link);
        if (!nic.vlan.empty()) ini.value(prefix + "vlan", nic.vlan);
    }
}

void write_disk(IniWriter& ini, const DiskSpec& disk, std::size_t index) {
    const std::string prefix = fmt::format("disk{}_", index);
    ini.value(prefix + "ivname", fmt::format("disk/{}", index));
    if (!disk.dump.empty()) ini.value(prefix + "dump", disk.dump);
    ini.value(prefix + "size", std::to_string(disk.size_mib));
    ini.value(prefix + "name", or_none(disk.name));
}

/// Our own keys of [export]: Ganeti takes those it knows by name, and a section of its own would be the only foreign one.
void write_own(IniWriter& ini, const WriteContext& context, const VirtualSystem& system, std::string_view origin_file) {
    if (origin_file.empty()) return;
    ini.value("ovfkit_origin", origin_file);
    ini.value("ovfkit_origin_sha256", sha256_hex(context.origin));
    ini.value("ovfkit_system_hex", [&] {
        std::string hex;
        for (const char c : system.id) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return hex;
    }());
    for (const auto& [key, text] : context.options.options)
        if (key == to_lower(key)) ini.value("ovfkit_option." + key, text);
}

}  // namespace

std::string write_ini(const Instance& instance, const WriteContext& context, const VirtualSystem& system,
                      std::string_view origin_file) {
    IniWriter ini;
    ini.section("export");
    ini.value("version", "0");
    ini.value("source", "ovfkit");
    ini.value("os", instance.os.value);
    ini.value("compression", "none");
    write_own(ini, context, system, origin_file);

    ini.section("instance");
    ini.value("name", instance.name.value);
    const std::string maxmem = std::to_string(instance.maxmem_mib.value_or(0));
    ini.value("maxmem", maxmem);
    ini.value("minmem", std::to_string(instance.minmem_mib.value_or(0)));
    ini.value("memory", maxmem);
    ini.value("vcpus", std::to_string(instance.vcpus.value_or(1)));
    ini.value("disk_template", instance.disk_template.value);
    ini.value("hypervisor", instance.hypervisor.value);
    std::string tags;
    for (const std::string& tag : instance.tags) tags += (tags.empty() ? "" : " ") + tag;
    ini.value("tags", tags);
    for (std::size_t i = 0; i < instance.nics.size(); ++i) write_nic(ini, instance.nics[i], i);
    ini.value("nic_count", std::to_string(instance.nics.size()));
    for (std::size_t i = 0; i < instance.disks.size(); ++i) write_disk(ini, instance.disks[i], i);
    ini.value("disk_count", std::to_string(instance.disks.size()));

    ini.section("hypervisor");
    for (const Setting& setting : instance.hv) ini.value(setting.key, setting.value.value);
    ini.section("backend");
    for (const Setting& setting : instance.be) ini.value(setting.key, setting.value.value);
    ini.value("maxmem", maxmem);
    ini.value("minmem", std::to_string(instance.minmem_mib.value_or(0)));
    ini.value("vcpus", std::to_string(instance.vcpus.value_or(1)));
    ini.section("os");
    for (const Setting& setting : instance.os_params) ini.value(setting.key, setting.value.value);
    if (!instance.os_private.empty()) {
        ini.section("os_private");
        for (const Setting& setting : instance.os_private) ini.value(setting.key, setting.value.value);
    }
    return ini.take();
}

}  // namespace ovfkit::detail::ganeti
