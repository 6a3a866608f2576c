#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// Ganeti's own parameters that the model has no field for, brought along from a Ganeti source; and the last look
// at the whole: what Ganeti would refuse is refused here.
namespace ovfkit::detail::ganeti {

namespace {

constexpr std::uint32_t pci_slots = 32;

/// `ganeti.hv.default` -> `ganeti.hv`: a value equal to Ganeti's own default, no loss when it cannot be kept.
std::pair<std::string_view, bool> space_of(std::string_view space) {
    if (!space.ends_with(default_suffix)) return {space, false};
    return {space.substr(0, space.size() - default_suffix.size()), true};
}

void drop(Job& job, const Parameter& parameter, std::string_view rule, std::string why) {
    job.notes.dropped(fmt::format("parameters[{}]", parameter.space), parameter.key, std::string(rule),
                      fmt::format("{} '{}': {}", parameter.key, parameter.value, why));
}

/// True when the parameter may be written, its value normalized.
bool accepted(Job& job, const Parameter& parameter, bool is_default, std::string& value) {
    const std::string& hypervisor = job.out.hypervisor.value;
    const Param* param = find_param(hypervisor, parameter.key);
    if (param == nullptr || param->global || job.options.version < param->since) {
        if (is_default) return false;
        if (param == nullptr && !is_param_of_any(parameter.key)) {
            const std::string_view hit = nearest(parameter.key, param_names(hypervisor));
            drop(job, parameter, "ganeti-hvparam-unknown",
                 fmt::format("no hypervisor of Ganeti has this parameter{}",
                             hit.empty() ? std::string{} : fmt::format(" (did you mean {}?)", hit)));
        } else if (param == nullptr) {
            drop(job, parameter, "ganeti-hvparam-unsupported", fmt::format("{} has no such parameter", hypervisor));
        } else if (param->global) {
            drop(job, parameter, "ganeti-hvparam-unsupported", "a cluster-wide parameter, refused on an instance");
        } else {
            drop(job, parameter, "ganeti-release-too-old",
                 fmt::format("it came with Ganeti {}.{}", param->since / 100, param->since % 100));
        }
        return false;
    }
    value = parameter.value;
    if (!normalize(*param, value)) {
        job.notes.refuse("ganeti-hvparam-value",
                         fmt::format("hvparam {}='{}' is of the wrong type", parameter.key, parameter.value));
        return false;
    }
    return true;
}

void bring_hv(Job& job) {
    for (const Parameter& parameter : job.system.parameters) {
        const auto [space, is_default] = space_of(parameter.space);
        std::string value;
        if (space != "ganeti.hv" || parameter.key == "disk_type" || !accepted(job, parameter, is_default, value))
            continue;
        const auto decided = job.hv.find(parameter.key);
        if (decided == job.hv.end()) {
            job.hv.emplace(parameter.key, value);
        } else if (job.envelope.dialect != "ganeti" && parameter.key != "kvm_extra" && !is_default) {
            decided->second =
                value;  // an OVF of Ganeti's own: its Items are the same for every instance, the parameters are not
        } else if (parameter.key == "kvm_extra" && !value.empty()) {
            decided->second = value + " " + decided->second;
        } else if (decided->second != value && !is_default) {
            drop(job, parameter, "ganeti-hvparam-replaced", fmt::format("the VM says {} now", decided->second));
        }
    }
    for (const auto& [name, value] : job.weak) job.hv.emplace(name, value);
}

void bring_backend(Job& job) {
    for (const Parameter& parameter : job.system.parameters) {
        const auto [space, is_default] = space_of(parameter.space);
        if (space != "ganeti.be") continue;
        const auto params = backend_params();
        const auto param = std::find_if(params.begin(), params.end(), [&](const Param& p) {
            return p.name == parameter.key && p.type != ParamType::size && p.name != "vcpus";
        });
        std::string value = parameter.value;
        if (param == params.end() || job.options.version < param->since) {
            if (!is_default)
                drop(job, parameter, "ganeti-hvparam-unknown", "no such backend parameter in this release");
        } else if (!normalize(*param, value) || !objection(*param, value, job.options.version).empty()) {
            job.notes.refuse("ganeti-hvparam-value",
                             fmt::format("backend parameter {}='{}' is not valid", parameter.key, parameter.value));
        } else {
            job.out.be.push_back({parameter.key, {value, Origin::npos}});
        }
    }
}

/// The source named another one than was asked for.
void note_replaced(Job& job, std::string_view key, const std::string& now) {
    const std::string* source = job.parameter("ganeti", key);
    if (source != nullptr && !source->empty() && *source != now)
        job.notes.approximated("parameters[ganeti]", std::string(key), "ganeti-hvparam-replaced",
                               fmt::format("{} '{}' becomes {}", key, *source, now));
}

bool is_safe(std::string_view value) {
    return std::none_of(value.begin(), value.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

void check_text(Job& job, std::string_view what, std::string_view value) {
    if (!is_safe(value) || value != trimmed(value))
        job.notes.refuse("ganeti-value-unsafe",
                         fmt::format("{} holds a line end, a control character or blanks at an end: {}; take them out",
                                     what, printable(value)));
}

/// virtio disks and NICs each take a PCI slot above the ones QEMU keeps for itself.
void check_slots(Job& job) {
    if (!job.is("kvm")) return;
    const std::size_t disks = value_in("kvm", job.hv, "disk_type") == "paravirtual" ? job.out.disks.size() : 0;
    const std::size_t used = disks + job.out.nics.size();
    const auto reserved = to_number<std::uint32_t>(value_in("kvm", job.hv, "kvm_pci_reservations")).value_or(12);
    if (used <= pci_slots - std::min(reserved, pci_slots)) return;
    job.set("kvm_pci_reservations", std::to_string(pci_slots - used));
    job.notes.defaulted("nics[].model", {}, "ganeti-pci-slots",
                        fmt::format("{} disks and NICs need more than the default PCI slots: kvm_pci_reservations={}",
                                    used, pci_slots - used));
}

/// A second balloon device and a `-balloon` keep QEMU from starting.
bool has_balloon_argument(std::string_view extra) {
    return extra.find("-balloon ") != std::string_view::npos || extra.ends_with("-balloon") ||
           extra.find("-device virtio-balloon") != std::string_view::npos;
}

}  // namespace

void write_parameters(Job& job) {
    bring_hv(job);
    bring_backend(job);
    for (const Parameter& parameter : job.system.parameters) {
        if (parameter.space == "ganeti.os")
            job.out.os_params.push_back({parameter.key, {parameter.value, Origin::npos}});
        if (parameter.space == "ganeti.os_private")
            job.out.os_private.push_back({parameter.key, {parameter.value, Origin::npos}});
    }
    note_replaced(job, "hypervisor", job.out.hypervisor.value);
    note_replaced(job, "os", job.out.os.value);
    if (!job.out.disks.empty()) note_replaced(job, "disk_template", job.out.disk_template.value);
}

void check_instance(Job& job) {
    check_slots(job);
    const std::string& hypervisor = job.out.hypervisor.value;
    for (const auto& [name, value] : job.hv) {
        check_text(job, "hvparam " + name, value);
        const Param* param = find_param(hypervisor, name);
        if (param == nullptr) continue;  // `balloon` of a patched cluster
        if (const std::string why = objection(*param, value, job.options.version); !why.empty())
            job.notes.refuse("ganeti-hvparam-value", fmt::format("hvparam {}='{}': {}", name, printable(value), why));
    }
    for (const std::string& why : objections(hypervisor, job.hv))
        job.notes.refuse("ganeti-hvparam-value", "hvparams: " + why);
    if (const auto extra = job.hv.find("kvm_extra"); extra != job.hv.end() && has_balloon_argument(extra->second))
        job.notes.refuse(
            "ganeti-balloon-twice",
            fmt::format("kvm_extra='{}' asks for a balloon of its own; QEMU starts with one only. Take it out",
                        printable(extra->second)));
    for (const Setting& setting : job.out.os_params)
        check_text(job, "OS parameter " + setting.key, setting.value.value);
    for (const Setting& setting : job.out.os_private)
        if (!is_safe(setting.value.value))
            job.notes.refuse(
                "ganeti-value-unsafe",
                fmt::format("private OS parameter {} holds a line end or a control character", printable(setting.key)));
    std::vector<std::string> names;
    const auto unique = [&](const std::string& kind, const std::string& name) {
        if (name.empty()) return;
        check_text(job, kind + " name", name);
        if (std::find(names.begin(), names.end(), kind + name) != names.end() ||
            name.find_first_not_of("0123456789") == std::string::npos)
            job.notes.refuse(
                "ganeti-device-name",
                fmt::format("{} name '{}' is a number or used twice; Ganeti refuses it", kind, printable(name)));
        names.push_back(kind + name);
    };
    for (const NicSpec& nic : job.out.nics) unique("NIC", nic.name);
    for (const NicSpec& nic : job.out.nics) check_text(job, "network name", nic.network + nic.link);
    for (const DiskSpec& disk : job.out.disks) unique("disk", disk.name);
    if (job.out.disk_template.value == "drbd" && !job.options.pnode.empty() && job.options.snode.empty())
        job.notes.refuse("ganeti-template-invalid",
                         "disk template drbd with a pnode needs a secondary node: -O ganeti.snode=NAME");
    if (job.out.disk_template.value == "blockdev" || job.out.disk_template.value == "ext")
        job.notes.refuse(
            "ganeti-template-invalid",
            fmt::format("disk template {} needs disks that exist already; choose another with -O ganeti.disk-template",
                        job.out.disk_template.value));
    for (const auto& [name, value] : job.hv) job.out.hv.push_back({name, {value, Origin::npos}});
}

Instance instance_of(const Envelope& envelope, const VirtualSystem& system, const Options& options,
                     const WriteContext& context, Written& written) {
    Instance out;
    Notes notes(written.notes, context.diagnostics);
    Job job{envelope, system, options, context, notes, out, {}, {}, false, {}};
    job.from_ganeti = std::any_of(system.parameters.begin(), system.parameters.end(),
                                  [](const Parameter& p) { return p.space.starts_with("ganeti"); });
    const std::string* source = job.parameter("ganeti", "hypervisor");
    out.hypervisor.value = !options.hypervisor.empty()                   ? options.hypervisor
                           : source != nullptr && is_hypervisor(*source) ? *source
                                                                         : "kvm";
    out.pnode = options.pnode;
    out.snode = options.snode;
    write_backend(job);
    write_disks(job);
    write_media(job);
    write_boot(job);
    write_nics(job);
    write_console(job);
    write_machine(job);
    write_balloon(job);
    write_parameters(job);
    check_instance(job);
    written.ids = std::move(job.ids);
    return out;
}

}  // namespace ovfkit::detail::ganeti
