#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/ganeti/ini_parser.hpp"

// config.ini as `gnt-backup import` reads it (LUInstanceCreate._ReadExportParams), into an instance.
namespace ovfkit::detail::ganeti {

namespace {

/// ConfigParser.get of Ganeti: the word none means no value.
bool is_none(std::string_view text) { return equal_nocase(text, "none"); }

class IniReader {
public:
    IniReader(const Reading& reading, IniFile& file) : reading_(reading), file_(file) {}

    Instance run() {
        IniSection* instance = file_.find("instance");
        IniSection* exported = file_.find("export");
        if (instance == nullptr || exported == nullptr) {
            reading_.report("ganeti-section-missing", 0,
                            fmt::format("no section [{}]: this is no config.ini of a Ganeti export",
                                        instance == nullptr ? "instance" : "export"),
                            Failure::malformed);
            if (instance == nullptr) return std::move(out_);
        }
        if (exported != nullptr) {
            read_export(*exported);
            read_own(*exported);
        }
        read_instance(*instance);
        read_backend(*instance);
        if (IniSection* section = file_.find("hypervisor")) all(*section, out_.hv);
        if (IniSection* section = file_.find("os")) all(*section, out_.os_params);
        if (IniSection* section = file_.find("os_private")) all(*section, out_.os_private);
        name_the_rest();
        return std::move(out_);
    }

private:
    void malformed(std::string_view rule, std::uint64_t offset, std::string message) {
        reading_.report(rule, offset, std::move(message), Failure::malformed);
    }

    /// The value, marked as read; nullptr when absent.
    static const Text* take(IniSection& section, std::string_view key) {
        IniEntry* entry = section.find(key);
        if (entry == nullptr) return nullptr;
        entry->taken = true;
        return &entry->value;
    }
    static std::string take_or_none(IniSection& section, std::string_view key) {
        const Text* text = take(section, key);
        return text == nullptr || is_none(text->value) ? std::string{} : text->value;
    }

    static void all(IniSection& section, Settings& into) {
        for (IniEntry& entry : section.entries) {
            entry.taken = true;
            into.push_back({entry.key, entry.value});
        }
    }

    template <std::unsigned_integral T>
    std::optional<T> number(const Text& text, std::string_view what) {
        const auto value = to_number<T>(trimmed(text.value));
        if (!value)
            malformed("ganeti-number-invalid", text.offset, fmt::format("{} '{}' is no number", what, text.value));
        return value;
    }

    void read_export(IniSection& section) {
        const Text* version = take(section, "version");
        if (version == nullptr)
            malformed("ganeti-version-unsupported", section.offset, "[export] names no version; write version = 0");
        else if (trimmed(version->value) != "0")
            malformed("ganeti-version-unsupported", version->offset,
                      fmt::format("export version '{}': only 0 exists", version->value));
        const Text* os = take(section, "os");
        if (os == nullptr || os->value.empty() || is_none(os->value))
            reading_.report("ganeti-os-missing", os == nullptr ? section.offset : os->offset,
                            "[export] names no OS; `gnt-backup import` needs one");
        else
            out_.os = *os;
        for (const std::string_view key : {"timestamp", "compression"}) take(section, key);
        if (const Text* source = take(section, "source")) out_.producer = source->value;
    }

    void read_instance(IniSection& section) {
        if (const Text* text = take(section, "name")) out_.name = *text;
        if (out_.name.value.empty()) malformed("ganeti-name-missing", section.offset, "[instance] has no name");
        if (const Text* text = take(section, "hypervisor")) out_.hypervisor = *text;
        if (const Text* text = take(section, "disk_template")) out_.disk_template = *text;
        if (const Text* text = take(section, "tags")) {
            out_.tags_text = *text;
            if (!is_none(text->value)) out_.tags = tags_of(text->value);
        }
        read_nics(section);
        read_disks(section);
        check_count(section, "nic_count", out_.nics.size());
        check_count(section, "disk_count", out_.disks.size());
    }

    void check_count(IniSection& section, std::string_view key, std::size_t found) {
        const Text* text = take(section, key);
        if (text != nullptr && trimmed(text->value) != std::to_string(found))
            malformed("ganeti-count-mismatch", text->offset,
                      fmt::format("{} is '{}', {} are described: something is missing, or the number is wrong", key,
                                  text->value, found));
    }

    void read_nics(IniSection& section) {
        for (std::size_t i = 0; i <= max_nics; ++i) {
            const std::string prefix = fmt::format("nic{}_", i);
            const Text* mac = take(section, prefix + "mac");
            if (mac == nullptr) break;
            if (i == max_nics) {
                reading_.report("ganeti-nics-exceeded", mac->offset,
                                fmt::format("more than {} NICs; Ganeti ignores the rest", max_nics), Failure::refused);
                break;
            }
            NicSpec nic;
            nic.offset = mac->offset;
            nic.mac = is_none(mac->value) ? std::string{} : mac->value;
            nic.ip = take_or_none(section, prefix + "ip");
            nic.name = take_or_none(section, prefix + "name");
            nic.vlan = take_or_none(section, prefix + "vlan");
            nic.mode = take_or_none(section, prefix + "mode");
            nic.link = take_or_none(section, prefix + "link");
            nic.network = take_or_none(section, prefix + "network");
            if (const std::string bridge = take_or_none(section, prefix + "bridge"); nic.link.empty())
                nic.link = bridge;
            const std::uint64_t at = section.find(prefix + "network") != nullptr
                                         ? section.find(prefix + "network")->value.offset
                                         : nic.offset;
            if (equal_nocase(nic.network, "auto"))
                malformed(
                    "ganeti-nic-incomplete", at,
                    fmt::format("{}network = auto: no network is called so, and `gnt-backup import` fails; write none",
                                prefix));
            else if (nic.network.empty() && section.find(prefix + "mode") == nullptr)
                malformed("ganeti-nic-incomplete", nic.offset,
                          fmt::format("{}mode is missing; a NIC without a network needs it, and a link", prefix));
            else if (nic.network.empty() && section.find(prefix + "link") == nullptr &&
                     section.find(prefix + "bridge") == nullptr)
                malformed("ganeti-nic-incomplete", nic.offset,
                          fmt::format("{}link is missing; a NIC without a network needs it, and a mode", prefix));
            out_.nics.push_back(std::move(nic));
        }
    }

    void read_disks(IniSection& section) {
        bool gap = false;
        for (std::size_t i = 0; i < 256; ++i) {
            const std::string prefix = fmt::format("disk{}_", i);
            const Text* size = take(section, prefix + "size");
            if (size == nullptr) {
                gap = true;
                continue;
            }
            if (out_.disks.size() == max_disks || i >= max_disks) {
                reading_.report("ganeti-disks-exceeded", size->offset,
                                fmt::format("more than {} disks; Ganeti ignores the rest", max_disks),
                                Failure::refused);
                break;
            }
            if (gap) {
                reading_.report("ganeti-disk-gap", size->offset,
                                fmt::format("disk {} follows a gap; Ganeti then attaches its image to another disk. "
                                            "Number the disks from 0 without gaps",
                                            i));
                gap = false;
            }
            DiskSpec disk;
            disk.offset = size->offset;
            disk.size_mib = number<std::uint32_t>(*size, prefix + "size").value_or(0);
            disk.name = take_or_none(section, prefix + "name");
            take(section, prefix + "ivname");
            if (const Text* dump = take(section, prefix + "dump")) {
                disk.dump = dump->value;
                if (!is_dump_name(dump->value) || is_none(dump->value)) {
                    reading_.report(
                        "ganeti-dump-unsafe", dump->offset,
                        fmt::format("{}dump '{}' is no plain file name beside the config.ini", prefix, dump->value),
                        Failure::refused);
                    disk.dump.clear();
                }
            }
            out_.disks.push_back(std::move(disk));
        }
    }

    std::optional<std::uint64_t> size(const Text& text, std::string_view what) {
        const auto value = parse_size(text.value);
        if (!value || *value == 0)
            malformed("ganeti-number-invalid", text.offset, fmt::format("{} '{}' is no memory size", what, text.value));
        return value;
    }

    /// [backend], or before it existed [instance].
    void read_backend(IniSection& instance) {
        IniSection* backend = file_.find("backend");
        IniSection& section = backend != nullptr ? *backend : instance;
        const Text* maxmem = take(section, "maxmem");
        const Text* minmem = take(section, "minmem");
        const Text* memory = take(section, "memory");
        const Text* vcpus = take(section, "vcpus");
        // `memory` overwrites both, even when they are given (objects.UpgradeBeParams).
        if (backend != nullptr && memory != nullptr) maxmem = minmem = memory;
        if (maxmem == nullptr) maxmem = memory;
        if (maxmem == nullptr && backend != nullptr) maxmem = take(instance, "maxmem");
        if (maxmem == nullptr && backend != nullptr) maxmem = take(instance, "memory");
        if (minmem == nullptr && backend != nullptr && backend->find("maxmem") == nullptr)
            minmem = take(instance, "minmem");
        if (vcpus == nullptr && backend != nullptr) vcpus = take(instance, "vcpus");
        if (maxmem != nullptr) {
            out_.maxmem_mib = size(*maxmem, "memory");
            out_.memory_offset = maxmem->offset;
        }
        if (minmem != nullptr) out_.minmem_mib = size(*minmem, "minmem");
        if (vcpus != nullptr) {
            out_.vcpus = number<std::uint32_t>(*vcpus, "vcpus");
            out_.vcpus_offset = vcpus->offset;
        }
        for (const std::string_view key : {"maxmem", "minmem", "memory", "vcpus"}) take(instance, key);
        if (backend != nullptr) {
            for (IniEntry& entry : backend->entries) {
                if (entry.taken) continue;
                entry.taken = true;
                out_.be.push_back({entry.key, entry.value});
            }
        }
    }

    /// What write_ini says of the descriptor that lies beside it.
    void read_own(IniSection& section) {
        if (const Text* text = take(section, "ovfkit_origin")) out_.carried.file = text->value;
        if (const Text* text = take(section, "ovfkit_origin_sha256")) out_.carried.sha256 = text->value;
        if (const Text* text = take(section, "ovfkit_system_hex")) {
            for (std::size_t i = 0; i + 1 < text->value.size(); i += 2) {
                unsigned value = 0;
                const auto [end, error] =
                    std::from_chars(text->value.data() + i, text->value.data() + i + 2, value, 16);
                if (error != std::errc{} || end != text->value.data() + i + 2) break;
                out_.carried.system_id += static_cast<char>(value);
            }
        }
        for (IniEntry& entry : section.entries) {
            constexpr std::string_view option = "ovfkit_option.";
            if (!entry.key.starts_with(option)) continue;
            entry.taken = true;
            out_.carried.options.emplace(entry.key.substr(option.size()), entry.value.value);
        }
    }

    void name_the_rest() {
        for (IniSection& section : file_.sections())
            for (const IniEntry& entry : section.entries) {
                if (entry.taken) continue;
                Unmapped value;
                value.path = fmt::format("[{}]/{}", section.name, entry.key);
                value.value = section.name == "os_private" ? std::string{} : entry.value.value;
                value.origin.offset = entry.key_offset;
                out_.unmapped.push_back(std::move(value));
            }
    }

    const Reading& reading_;
    IniFile& file_;
    Instance out_;
};

}  // namespace

Instance read_ini(const Reading& reading) {
    IniFile file = IniFile::parse(reading);
    return IniReader(reading, file).run();
}

}  // namespace ovfkit::detail::ganeti
