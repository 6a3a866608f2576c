#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/json_source.hpp"
#include "platform/ganeti/instance.hpp"

// Either JSON form into instances.
namespace ovfkit::detail::ganeti {

namespace {

using Json = nlohmann::ordered_json;

/// How the job is to be run, not what the machine is.
constexpr std::array<std::string_view, 15> request_flags{"mode",
                                                         "no_install",
                                                         "start",
                                                         "name_check",
                                                         "ip_check",
                                                         "conflicts_check",
                                                         "wait_for_sync",
                                                         "force_variant",
                                                         "ignore_ipolicy",
                                                         "identify_defaults",
                                                         "opportunistic_locking",
                                                         "forthcoming",
                                                         "commit",
                                                         "compress",
                                                         "instance_communication"};

class JsonReader {
public:
    JsonReader(const Reading& reading, const JsonSource& source, std::string base)
        : reading_(reading), source_(source), base_(std::move(base)) {}

    Instance run(const Json& json) {
        for (const auto& [key, value] : json.items()) member(key, value);
        if (out_.name.value.empty()) malformed("ganeti-name-missing", base_, "no instance_name");
        return std::move(out_);
    }

private:
    void malformed(std::string_view rule, const std::string& pointer, std::string message) {
        reading_.report(rule, source_.offset_of(pointer), std::move(message), Failure::malformed);
    }

    /// A scalar as Python's str() has it; nothing for null; an error for a list or an object.
    std::string scalar(const Json& value, const std::string& pointer) {
        if (value.is_null()) return {};
        if (value.is_string()) return value.get<std::string>();
        if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
        if (value.is_number_integer()) return value.dump();
        malformed("ganeti-number-invalid", pointer, fmt::format("{} is no text, number or truth value", pointer));
        return {};
    }

    Text text(const Json& value, const std::string& pointer) {
        return {scalar(value, pointer), source_.offset_of(pointer)};
    }

    bool is(const Json& value, bool right, const std::string& pointer, std::string_view what) {
        if (!right && !value.is_null())
            malformed("ganeti-number-invalid", pointer, fmt::format("{} is no {}", pointer, what));
        return right;
    }

    void member(const std::string& key, const Json& value) {
        const std::string at = base_ + "/" + key;
        if (key == "instance_name" || key == "name") {
            out_.name = text(value, at);
        } else if (key == "hypervisor") {
            out_.hypervisor = text(value, at);
        } else if (key == "os" || key == "os_type") {
            out_.os = text(value, at);
        } else if (key == "disk_template") {
            out_.disk_template = text(value, at);
        } else if (key == "hvparams") {
            settings(value, at, out_.hv);
        } else if (key == "osparams") {
            settings(value, at, out_.os_params);
        } else if (key == "osparams_private") {
            settings(value, at, out_.os_private);
        } else if (key == "beparams") {
            backend(value, at);
        } else if (key == "nics") {
            if (is(value, value.is_array(), at, "list"))
                for (std::size_t i = 0; i < value.size(); ++i) nic(value[i], fmt::format("{}/{}", at, i));
        } else if (key == "disks") {
            if (is(value, value.is_array(), at, "list"))
                for (std::size_t i = 0; i < value.size(); ++i) disk(value[i], fmt::format("{}/{}", at, i));
        } else if (key == "tags") {
            tags(value, at);
        } else if (key == "ovfkit") {
            own(value);
        } else if (std::find(request_flags.begin(), request_flags.end(), key) == request_flags.end()) {
            unmapped(at, value);
        }
    }

    void unmapped(const std::string& at, const Json& value) {
        if (value.is_null()) return;
        Unmapped row;
        row.path = at;
        if (at.find("secret") == std::string::npos)
            row.value = value.is_string() ? value.get<std::string>()
                                          : value.dump(-1, ' ', false, Json::error_handler_t::replace);
        row.origin.offset = source_.offset_of(at);
        out_.unmapped.push_back(std::move(row));
    }

    void settings(const Json& value, const std::string& at, Settings& into) {
        if (!is(value, value.is_object(), at, "object")) return;
        for (const auto& [key, entry] : value.items()) {
            into.push_back({key, text(entry, at + "/" + key)});
            // ForceDictType takes false as the empty string where a string is meant.
            const Param* param = find_param("kvm", key);
            if (entry.is_boolean() && !entry.get<bool>() && param != nullptr && param->type == ParamType::string)
                into.back().value.value.clear();
        }
    }

    std::optional<std::uint64_t> size(const Text& value, std::string_view what) {
        const auto mebibytes = parse_size(value.value);
        if (!mebibytes || *mebibytes == 0)
            reading_.report("ganeti-number-invalid", value.offset,
                            fmt::format("{} '{}' is no memory size", what, value.value), Failure::malformed);
        return mebibytes;
    }

    void backend(const Json& value, const std::string& at) {
        Settings all;
        settings(value, at, all);
        const Setting* memory = find(all, "memory");
        const Setting* maxmem = memory != nullptr ? memory : find(all, "maxmem");
        const Setting* minmem = memory != nullptr ? memory : find(all, "minmem");
        if (maxmem != nullptr) {
            out_.maxmem_mib = size(maxmem->value, "maxmem");
            out_.memory_offset = maxmem->value.offset;
        }
        if (minmem != nullptr) out_.minmem_mib = size(minmem->value, "minmem");
        for (const Setting& setting : all) {
            if (setting.key == "vcpus") {
                out_.vcpus = to_number<std::uint32_t>(setting.value.value);
                out_.vcpus_offset = setting.value.offset;
                if (!out_.vcpus)
                    malformed("ganeti-number-invalid", at + "/vcpus",
                              fmt::format("vcpus '{}' is no number", setting.value.value));
            } else if (setting.key != "memory" && setting.key != "maxmem" && setting.key != "minmem") {
                out_.be.push_back(setting);
            }
        }
    }

    void nic(const Json& value, const std::string& at) {
        if (!is(value, value.is_object(), at, "object")) return;
        NicSpec out;
        out.offset = source_.offset_of(at);
        for (const auto& [key, entry] : value.items()) {
            std::string word = scalar(entry, at + "/" + key);
            if (key != "mac" && equal_nocase(word, "none")) word.clear();
            std::string* field = key == "mac"       ? &out.mac
                                 : key == "ip"      ? &out.ip
                                 : key == "mode"    ? &out.mode
                                 : key == "link"    ? &out.link
                                 : key == "bridge"  ? &out.link
                                 : key == "network" ? &out.network
                                 : key == "vlan"    ? &out.vlan
                                 : key == "name"    ? &out.name
                                                    : nullptr;
            if (field != nullptr)
                *field = std::move(word);
            else
                unmapped(at + "/" + key, entry);
        }
        if (out_.nics.size() == max_nics) {
            reading_.report("ganeti-nics-exceeded", out.offset,
                            fmt::format("more than {} NICs; Ganeti refuses that", max_nics), Failure::refused);
            return;
        }
        if (out_.nics.size() < max_nics) out_.nics.push_back(std::move(out));
    }

    void disk(const Json& value, const std::string& at) {
        if (!is(value, value.is_object(), at, "object")) return;
        DiskSpec out;
        out.offset = source_.offset_of(at);
        for (const auto& [key, entry] : value.items()) {
            const std::string word = scalar(entry, at + "/" + key);
            if (key == "size") {
                const bool plain = word.find_first_not_of("0123456789") == std::string::npos;
                const auto number = plain ? to_number<std::uint64_t>(word) : parse_size(word);
                if (!number || *number > 0xFFFFFFFFU)
                    malformed("ganeti-number-invalid", at + "/size",
                              fmt::format("disk size '{}' is no number of MiB", word));
                else
                    out.size_mib = *number;
            } else if (key == "name") {
                out.name = equal_nocase(word, "none") ? std::string{} : word;
            } else if (key == "mode") {
                out.mode = word;
            } else if (key == "dump") {
                if (!is_dump_name(word))
                    reading_.report("ganeti-dump-unsafe", source_.offset_of(at + "/dump"),
                                    fmt::format("dump '{}' is no plain file name", word), Failure::refused);
                else
                    out.dump = word;
            } else if (!word.empty()) {
                out.extra.push_back({key, {word, source_.offset_of(at + "/" + key)}});
            }
        }
        if (out_.disks.size() == max_disks) {
            reading_.report("ganeti-disks-exceeded", out.offset,
                            fmt::format("more than {} disks; Ganeti refuses that", max_disks), Failure::refused);
            return;
        }
        out_.disks.push_back(std::move(out));
    }

    void tags(const Json& value, const std::string& at) {
        if (!is(value, value.is_array() || value.is_string(), at, "list")) return;
        if (value.is_string()) {
            out_.tags = tags_of(value.get<std::string>());
        } else {
            for (std::size_t i = 0; i < value.size() && i < 4096; ++i)
                out_.tags.push_back(scalar(value[i], fmt::format("{}/{}", at, i)));
        }
        out_.tags_text.offset = source_.offset_of(at);
        for (const std::string& tag : out_.tags)
            out_.tags_text.value += (out_.tags_text.value.empty() ? "" : " ") + tag;
    }

    void own(const Json& value) {
        const auto word = [](const Json& object, const char* key) {
            const auto found = object.find(key);
            return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
        };
        if (!value.is_object()) return;
        out_.carried.file = word(value, "origin");
        out_.carried.sha256 = word(value, "origin_sha256");
        out_.carried.system_id = word(value, "system");
        const auto options = value.find("options");
        if (options == value.end() || !options->is_object()) return;
        for (const auto& [key, entry] : options->items())
            if (entry.is_string()) out_.carried.options.emplace(key, entry.get<std::string>());
    }

    const Reading& reading_;
    const JsonSource& source_;
    std::string base_;
    Instance out_;
};

}  // namespace

std::vector<Instance> read_json(const Reading& reading) {
    const JsonSource source = parse_json(reading.source, reading.text, 1U << 20);
    std::vector<Instance> out;
    if (source.root.is_object()) {
        out.push_back(JsonReader(reading, source, "").run(source.root));
    } else if (source.root.is_array()) {
        for (std::size_t i = 0; i < source.root.size(); ++i) {
            const std::string at = fmt::format("/{}", i);
            if (source.root[i].is_object())
                out.push_back(JsonReader(reading, source, at).run(source.root[i]));
            else
                reading.report("ganeti-section-missing", source.offset_of(at),
                               "an entry that is no instance definition", Failure::malformed);
        }
    }
    if (out.empty())
        reading.report("ganeti-section-missing", 0,
                       "neither an object with hvparams nor a list of instance definitions", Failure::malformed);
    return out;
}

}  // namespace ovfkit::detail::ganeti
