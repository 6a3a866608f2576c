#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/libvirt/origin.hpp"
#include "platform/libvirt/osinfo.hpp"
#include "platform/libvirt/sizes.hpp"
#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

std::string one_line(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return out;
}

void write_name(Writer& w) {
    const VirtualSystem& s = w.system;
    const std::string& wanted = s.name.empty() ? s.id : s.name;
    const std::string name = domain_name(wanted);
    w.xml.leaf("name", name);
    if (!s.name.empty() && s.id != s.name)
        w.note("id", {}, Fate::dropped, "libvirt-system-id",
               fmt::format("id '{}': libvirt knows one name, '{}'", s.id, name));
    if (name == wanted) return;
    w.note(s.name.empty() ? "id" : "name", {}, Fate::approximated, "libvirt-name-slug",
           fmt::format("'{}' became '{}': libvirt's names hold no slash or line end{}", wanted, name,
                       s.title.empty() ? "; the title keeps it" : ""));
}

/// A value libvirt wants as a UUID; empty when there is none or it is none.
std::string uuid_of(Writer& w, const std::string& text, std::string_view field) {
    const std::string uuid = normal_uuid(text);
    if (uuid.empty() && !text.empty())
        w.note(std::string(field), {}, Fate::dropped, "libvirt-uuid-invalid", fmt::format("'{}' is no UUID", text));
    return uuid;
}

}  // namespace

void write_metadata(Writer& w) {
    std::string osinfo = osinfo_id_of(w.system.os);
    if (std::any_of(osinfo.begin(), osinfo.end(), is_blank)) {
        w.note("os.osinfo_id", {}, Fate::dropped, "libvirt-name-invalid",
               fmt::format("'{}' is no libosinfo id", osinfo));
        osinfo.clear();
    }
    const bool origin = has_origin(w.context);
    if (osinfo.empty() && !origin) return;
    w.xml.open("metadata");
    if (!osinfo.empty()) {
        w.xml.open("libosinfo:libosinfo", {{"xmlns:libosinfo", "http://libosinfo.org/xmlns/libvirt/domain/1.0"}});
        w.xml.empty("libosinfo:os", {{"id", osinfo}});
        w.xml.close();
    }
    if (origin) write_origin(w);
    w.xml.close();
}

namespace {

/// sockets, cores, threads whose product is `count`; nullopt: none given, or they do not fit.
struct Topology {
    std::uint32_t sockets, cores, threads;
};
std::optional<Topology> topology_of(Writer& w, std::uint32_t count) {
    const Cpu& cpu = w.hardware().cpu;
    if (!cpu.sockets && !cpu.cores && !cpu.threads) return std::nullopt;
    const std::uint64_t cores = std::max(cpu.cores.value_or(1), 1U), threads = std::max(cpu.threads.value_or(1), 1U);
    const std::uint64_t per_socket = cores * threads;
    std::string words;
    const auto add = [&](std::string_view name, const std::optional<std::uint32_t>& value) {
        if (value) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", *value, name);
    };
    add("sockets", cpu.sockets);
    add("cores", cpu.cores);
    add("threads", cpu.threads);
    const auto note = [&](Fate fate, const std::string& what) {
        if (cpu.sockets) w.note("cpu.sockets", {}, fate, "libvirt-topology-mismatch", what);
        if (fate == Fate::dropped && cpu.cores) w.note("cpu.cores", {}, fate, "libvirt-topology-mismatch", what);
        if (fate == Fate::dropped && cpu.threads) w.note("cpu.threads", {}, fate, "libvirt-topology-mismatch", what);
    };
    if (per_socket > count || count % per_socket != 0) {
        note(Fate::dropped,
             fmt::format("{} do not make {} CPUs, which libvirt refuses: no topology is written", words, count));
        return std::nullopt;
    }
    const auto sockets = static_cast<std::uint32_t>(count / per_socket);
    if (cpu.sockets && *cpu.sockets != sockets)
        note(Fate::approximated, fmt::format("{} do not make {} CPUs: {} sockets are written", words, count, sockets));
    return Topology{sockets, static_cast<std::uint32_t>(cores), static_cast<std::uint32_t>(threads)};
}

std::uint32_t cpu_maximum(const Cpu& cpu) {
    return std::max(cpu.maximum.value_or(0), std::max(cpu.count.value_or(1), 1U));
}

void write_cpu(Writer& w) {
    const Cpu& cpu = w.hardware().cpu;
    std::string model = cpu.model;
    if (!model.empty() && !only_word_characters(model, "_.-")) {
        w.note("cpu.model", {}, Fate::dropped, "libvirt-cpu-model",
               fmt::format("'{}' is no name of a CPU model alone", model));
        model.clear();
    }
    if (model == "host-passthrough" && w.settings.type == "qemu") {
        w.note("cpu.model", {}, Fate::approximated, "libvirt-cpu-model",
               "host-passthrough needs KVM: host-model is written");
        model = "host-model";
    }
    const auto topology = topology_of(w, cpu_maximum(cpu));
    if (model.empty() && !topology) return;
    XmlWriter::Attributes attributes;
    if (model == "host-model" || model == "host-passthrough")
        attributes.emplace_back("mode", model);
    else if (!model.empty())
        attributes = {{"mode", "custom"}, {"match", "exact"}, {"check", "partial"}};
    w.xml.open("cpu", attributes);
    if (!model.empty() && !model.starts_with("host-")) w.xml.leaf("model", model, {{"fallback", "allow"}});
    if (topology)
        w.xml.empty("topology", {{"sockets", std::to_string(topology->sockets)},
                                 {"dies", "1"},
                                 {"cores", std::to_string(topology->cores)},
                                 {"threads", std::to_string(topology->threads)}});
    w.xml.close();
}

void write_clock(Writer& w) {
    const std::string& clock = w.system.clock;
    if (clock.empty()) {
        w.xml.empty("clock", {{"offset", is_windows(w.system.os) ? "localtime" : "utc"}});
    } else if (clock == "utc" || clock == "localtime") {
        w.xml.empty("clock", {{"offset", clock}});
    } else if (only_word_characters(clock, "_.+-/") &&
               (clock.find('/') != std::string::npos || clock == "UTC" || clock == "GMT")) {
        w.xml.empty("clock", {{"offset", "timezone"}, {"timezone", clock}});
    } else {
        const bool windows = is_windows(w.system.os) || clock.find("Standard Time") != std::string::npos;
        const std::string_view offset = windows ? "localtime" : "utc";
        w.note("clock", {}, Fate::approximated, "libvirt-clock-zone",
               fmt::format("'{}' is no Olson time zone: {} is written", clock, offset));
        w.xml.empty("clock", {{"offset", std::string(offset)}});
    }
}

}  // namespace

void write_identity(Writer& w) {
    write_name(w);
    const VirtualSystem& s = w.system;
    const std::string uuid = uuid_of(w, s.uuid, "uuid");
    if (!uuid.empty())
        w.xml.leaf("uuid", uuid);
    else
        w.assigned.emplace_back("uuid");
    const std::string genid = uuid_of(w, s.genid, "genid");
    if (!genid.empty()) w.xml.leaf("genid", genid);
    const std::string name = s.name.empty() ? s.id : s.name;
    std::string title = s.title;
    if (title.empty() && domain_name(name) != name) title = name;
    const std::string line = one_line(title);
    if (!s.title.empty() && line != s.title)
        w.note("title", {}, Fate::approximated, "libvirt-title-line", "a title has one line: line ends became blanks");
    if (!line.empty()) w.xml.leaf("title", line);
    if (!s.annotation.empty()) w.xml.leaf("description", s.annotation);
}

void write_sizing(Writer& w) {
    const Memory& m = w.hardware().memory;
    const auto rounded = [&](std::uint64_t bytes, std::string_view field) {
        if (bytes % 1024 != 0)
            w.note(std::string(field), {}, Fate::approximated, "libvirt-memory-rounded",
                   fmt::format("{} bytes became {} KiB", bytes, kib(bytes)));
        return std::to_string(kib(bytes));
    };
    if (!m.boot_bytes || *m.boot_bytes == 0) {
        w.refuse("libvirt-memory-missing",
                 fmt::format("VM '{}' has no memory size: libvirt refuses that; give it one", w.system.id));
    } else {
        w.xml.leaf("memory", rounded(*m.boot_bytes, "memory.boot_bytes"), {{"unit", "KiB"}});
        if (m.target_bytes && *m.target_bytes > 0) {
            const std::uint64_t target = std::min(*m.target_bytes, *m.boot_bytes);
            if (target != *m.target_bytes)
                w.note("memory.target_bytes", {}, Fate::approximated, "libvirt-memory-order",
                       fmt::format("the balloon cannot leave {} of {} bytes to the guest: all are left",
                                   *m.target_bytes, *m.boot_bytes));
            w.xml.leaf("currentMemory",
                       target == *m.target_bytes ? rounded(target, "memory.target_bytes") : std::to_string(kib(target)),
                       {{"unit", "KiB"}});
            if (target < *m.boot_bytes && w.hardware().balloon.state == BalloonState::disabled)
                w.note("memory.target_bytes", {}, Fate::approximated, "libvirt-target-without-balloon",
                       "without a balloon libvirt gives the guest all its memory whatever currentMemory says");
        } else if (m.target_bytes) {
            w.note("memory.target_bytes", {}, Fate::dropped, "libvirt-memory-order", "a target of 0 bytes means none");
        }
    }
    if (m.guaranteed_bytes) {
        if (w.settings.type == "test" || w.settings.type == "xen") {
            w.xml.open("memtune");
            w.xml.leaf("min_guarantee", rounded(*m.guaranteed_bytes, "memory.guaranteed_bytes"), {{"unit", "KiB"}});
            w.xml.close();
        } else {
            w.note("memory.guaranteed_bytes", {}, Fate::dropped, "libvirt-reservation-unsupported",
                   fmt::format("{} bytes guaranteed: QEMU refuses min_guarantee", *m.guaranteed_bytes));
        }
    }
    if (m.maximum_bytes)
        w.note("memory.maximum_bytes", {}, Fate::dropped, "libvirt-maxmemory-unsupported",
               fmt::format("{} bytes at most: libvirt takes maxMemory only with NUMA cells", *m.maximum_bytes));

    const Cpu& cpu = w.hardware().cpu;
    const std::uint32_t count = std::max(cpu.count.value_or(1), 1U), maximum = cpu_maximum(cpu);
    if (!cpu.count)
        w.note("cpu.count", {}, Fate::defaulted, "libvirt-vcpu-count",
               fmt::format("the source does not say how many CPUs: {} is written", count));
    if (cpu.count == 0U) w.note("cpu.count", {}, Fate::approximated, "libvirt-vcpu-count", "0 CPUs became 1");
    if (cpu.maximum && *cpu.maximum < count)
        w.note("cpu.maximum", {}, Fate::dropped, "libvirt-vcpu-count",
               fmt::format("a maximum of {} is less than the {} CPUs at start", *cpu.maximum, count));
    if (w.target.x86 && maximum > 255)
        w.refuse("libvirt-vcpu-limit",
                 fmt::format("{} CPUs: x86 machines of libvirt take 255 at most without extended interrupts; use fewer",
                             maximum));
    XmlWriter::Attributes vcpu{{"placement", "static"}};
    if (maximum > count) vcpu.emplace_back("current", std::to_string(count));
    w.xml.leaf("vcpu", std::to_string(maximum), vcpu);
}

void write_platform(Writer& w) {
    const Target& t = w.target;
    w.xml.open("os", t.efi ? XmlWriter::Attributes{{"firmware", "efi"}} : XmlWriter::Attributes{});
    w.xml.leaf("type", "hvm", {{"arch", t.arch}, {"machine", t.machine}});
    if (t.efi && w.settings.type != "xen") {
        // Without the feature libvirt may pick a Secure Boot firmware by itself.
        const std::string enabled = t.secure_boot ? "yes" : "no";
        w.xml.open("firmware");
        if (t.secure_boot) w.xml.empty("feature", {{"enabled", "yes"}, {"name", "enrolled-keys"}});
        w.xml.empty("feature", {{"enabled", enabled}, {"name", "secure-boot"}});
        w.xml.close();
    }
    w.xml.close();
    if (t.x86 || t.efi) {
        w.xml.open("features");
        w.xml.empty("acpi");
        if (t.x86) w.xml.empty("apic");
        w.xml.close();
    }
    write_cpu(w);
    write_clock(w);
    w.xml.leaf("on_poweroff", "destroy");
    w.xml.leaf("on_reboot", "restart");
    w.xml.leaf("on_crash", "destroy");
}

}  // namespace ovfkit::detail::libvirt
