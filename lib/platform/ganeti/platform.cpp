#include "platform/ganeti/platform.hpp"

#include <array>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace ganeti {

namespace {

constexpr std::string_view origin_suffix = ".origin.ovf";

bool has_line(std::string_view bytes, std::string_view line) {
    for (std::size_t at = bytes.find(line); at != std::string_view::npos; at = bytes.find(line, at + 1)) {
        const bool begins = at == 0 || bytes[at - 1] == '\n';
        const std::size_t end = at + line.size();
        if (begins && (end == bytes.size() || bytes[end] == '\n' || bytes[end] == '\r' || is_blank(bytes[end])))
            return true;
    }
    return false;
}

/// The readers tell the forms apart by their first characters, whatever form was asked for.
bool is_json(std::string_view bytes) {
    const std::string_view text = trimmed(bytes);
    if (text.starts_with("{")) return true;
    if (!text.starts_with("[")) return false;
    const std::string_view rest = trimmed(text.substr(1));
    return rest.empty() || rest.front() == '{' || rest.front() == ']';
}

/// The options a text of ours was written with hold for reading it, where the caller says nothing else.
ReadOptions with_carried(const ReadOptions& given, const LeafOptions& carried) {
    ReadOptions out = given;
    for (const auto& [key, value] : carried)
        if (key.starts_with("ganeti.")) out.options.emplace(key, value);
    return out;
}

}  // namespace

int detect(std::string_view name, std::string_view bytes) {
    if (is_json(bytes)) {
        const auto names = [&](std::string_view key) { return bytes.find(key) != std::string_view::npos; };
        if (names("\"hvparams\"") || (names("\"instance_name\"") && names("\"beparams\""))) return 90;
        return names("\"instance_name\"") ? 60 : 0;
    }
    const bool utf16 = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
    if (utf16 && name.ends_with("config.ini")) return 60;  // to be refused by the reader that knows why
    if (!has_line(bytes, "[instance]")) return 0;
    if (has_line(bytes, "[export]") || has_line(bytes, "[hypervisor]") || has_line(bytes, "[backend]")) return 95;
    return name.ends_with("config.ini") ? 60 : 30;
}

Written write(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Written out;
    const Options options = options_of(context);
    const Instance instance = instance_of(envelope, system, options, context, out);
    const bool ini = form == "ganeti";
    const std::string stem = ini ? "config" : instance.name.value;
    std::string origin_file;
    if (!context.origin.empty() && form != "ganeti-instance") origin_file = stem + std::string(origin_suffix);
    OutputFile file;
    file.name = stem + (ini ? ".ini" : ".json");
    file.secret = !instance.os_private.empty() && form != "ganeti-instance";
    file.bytes = ini                         ? write_ini(instance, context, system, origin_file)
                 : form == "ganeti-hvparams" ? write_hvparams_json(instance, context, system, origin_file)
                                             : write_instance_json(instance);
    out.files.push_back(std::move(file));
    if (form == "ganeti-instance")
        for (const Setting& setting : instance.os_private)
            out.notes.push_back(
                {"parameters[ganeti.os_private]", setting.key, Fate::dropped, "ganeti-private-dropped",
                 "a batch-create definition cannot hold private OS parameters; give them to gnt-instance modify"});
    if (!origin_file.empty()) {
        out.files.push_back({origin_file, std::string(context.origin), false, true});
        out.origin_carried = true;
    }
    return out;
}

Envelope read(std::string_view, const std::string& name, const std::string& bytes, ReadContext& context,
              Carried& carried) {
    Envelope out;
    out.dialect = "ganeti";
    std::vector<Instance> instances;
    {
        const Options options = options_of(context);
        const Reading reading{name, bytes, options, context};
        if (is_json(bytes))
            instances = read_json(reading);
        else
            instances.push_back(read_ini(reading));
    }
    if (instances.size() == 1) carried = instances.front().carried;
    const ReadOptions own = with_carried(context.options, carried.options);
    ReadContext own_context{context.diagnostics, own};
    const Options options = options_of(own_context);
    const Reading reading{name, bytes, options, own_context};
    for (Instance& instance : instances) {
        if (!instance.producer.empty())
            out.producer = instance.producer == "ovfkit" ? instance.producer : "Ganeti, node " + instance.producer;
        add_system(reading, std::move(instance), out);
    }
    if (out.producer.empty()) out.producer = "Ganeti";
    return out;
}

}  // namespace ganeti

namespace {

constexpr std::array forms{
    Form{"ganeti", "Ganeti export (config.ini)", ".ini", true, true},
    Form{"ganeti-hvparams", "Ganeti parameters (JSON object)", ".json", true, true},
    Form{"ganeti-instance", "Ganeti batch-create (JSON array)", ".json", true, true},
};

constexpr std::array<std::string_view, 6> families{"ganeti", "kvm", "qemu", "virtio", "vmx-", "xen"};

}  // namespace

extern const Platform platform_ganeti;
const Platform platform_ganeti{"ganeti",       "Ganeti",      forms,        ganeti::option_specs(),
                               ganeti::detect, ganeti::write, ganeti::read, ganeti::carries, families};

}  // namespace ovfkit::detail
