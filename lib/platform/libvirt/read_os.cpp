#include <algorithm>

#include <fmt/format.h>

#include "platform/libvirt/osinfo.hpp"
#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/sizes.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

namespace {

constexpr std::string_view libosinfo = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

std::string uuid_of(const Reader& r, Element element) {
    if (!element) return {};
    const std::string_view text = element.take();
    if (text.empty()) return {};  // libvirt makes one up
    std::string uuid = normal_uuid(text);
    if (uuid.empty())
        r.error("libvirt-uuid-invalid", element, fmt::format("<{}> '{}' is no UUID", element.local(), text));
    return uuid;
}

void read_osinfo(Reader& r, Element domain) {
    OperatingSystem& os = r.system.os;
    for (Element e = child(domain, "metadata").first(); e; e = e.next()) {
        if (e.uri() != libosinfo) continue;
        for (Element inner = e.first(); inner; inner = inner.next())
            if (inner.local() == "os" && inner.uri() == libosinfo) {
                os.origin.offset = inner.offset();
                os.osinfo_id = take(inner, "id");
            }
    }
    os.cim_id = cim_id_of(os.osinfo_id);
}

/// A size in libvirt's units; an error when it is none.
std::optional<std::uint64_t> size_of(const Reader& r, Element element, std::string_view number, std::string_view unit) {
    const auto bytes = memory_bytes(trimmed(number), unit);
    if (bytes && *bytes <= max_memory_bytes) return bytes;
    if (bytes)
        r.error("libvirt-size-invalid", element,
                fmt::format("<{}> of {} bytes is more than {} (16 TiB)", element.local(), *bytes, max_memory_bytes));
    else
        r.error("libvirt-size-invalid", element,
                fmt::format("<{}> '{}' with unit '{}' is no size: write a whole number and KiB, MiB, GiB ...",
                            element.local(), number, unit));
    return std::nullopt;
}

std::optional<std::uint64_t> size_in(const Reader& r, Element element) {
    if (!element) return std::nullopt;
    return size_of(r, element, element.take(), take(element, "unit"));
}

/// Memory of all NUMA cells; libvirt lets it stand for <memory>.
std::optional<std::uint64_t> numa_memory(const Reader& r, Element domain) {
    std::optional<std::uint64_t> sum;
    for (Element cell = child(child(domain, "cpu"), "numa").first(); cell; cell = cell.next()) {
        if (!cell.is(Ns::none, "cell") || !attr(cell, "memory")) continue;
        const auto bytes = size_of(r, cell, attr(cell, "memory").value(), attr(cell, "unit").value());
        if (!bytes) return std::nullopt;
        sum = checked_add(sum.value_or(0), *bytes);
        if (!sum || *sum > max_memory_bytes) return std::nullopt;
    }
    return sum;
}

void read_memory(Reader& r, Element domain) {
    Memory& m = r.hardware().memory;
    const Element memory = child(domain, "memory");
    m.info.id = "memory";
    m.info.origin.offset = (memory ? memory : domain).offset();
    auto boot = size_in(r, memory);
    const bool told = memory && !boot;
    if (!boot || *boot == 0) boot = numa_memory(r, domain);
    if ((!boot || *boot == 0) && !told)
        r.error("libvirt-memory-missing", memory ? memory : domain,
                "the domain has no memory size: libvirt wants <memory> of more than 0");
    else if (boot && *boot > 0)
        m.boot_bytes = boot;
    const Element current = child(domain, "currentMemory");
    if (const auto target = size_in(r, current); target && *target > 0 && m.boot_bytes) {
        if (*target < *m.boot_bytes)
            m.target_bytes = target;
        else if (*target > *m.boot_bytes)
            r.warn("libvirt-memory-order", current, "currentMemory is more than memory: libvirt uses memory");
    }
    m.guaranteed_bytes = size_in(r, child(child(domain, "memtune"), "min_guarantee"));
    m.maximum_bytes = size_in(r, child(domain, "maxMemory"));
}

void read_vcpu(Reader& r, Element domain) {
    Cpu& cpu = r.hardware().cpu;
    const Element vcpu = child(domain, "vcpu");
    cpu.info.id = "cpu";
    cpu.info.origin.offset = (vcpu ? vcpu : domain).offset();
    if (!vcpu) {
        cpu.count = 1;
        return;
    }
    take_default(vcpu, "placement", "static");
    const auto total = r.number<std::uint32_t>(vcpu, "<vcpu>", vcpu.take(), max_vcpus);
    if (!total) return;
    if (*total == 0) {
        r.error("libvirt-number-invalid", vcpu, "<vcpu> 0: a domain has at least one CPU");
        return;
    }
    cpu.count = total;
    const Attribute current = attr(vcpu, "current");
    if (!current) return;
    const auto now = r.number<std::uint32_t>(vcpu, "vcpu current", current.take(), *total);
    if (!now || *now == 0 || *now == *total) return;
    cpu.count = now;
    cpu.maximum = total;
}

void read_cpu(Reader& r, Element cpu) {
    if (!cpu) return;
    Cpu& out = r.hardware().cpu;
    const std::string_view mode = take(cpu, "mode"), check = take(cpu, "check");
    const Element model = child(cpu, "model");
    static_cast<void>(take(model, "fallback"));
    take_default(cpu, "match", "exact");
    take_default(cpu, "migratable", "on");
    if (mode == "host-model" || mode == "host-passthrough") {
        out.model = mode;
        take_all(model);
    } else if (model) {
        const std::string_view name = model.take();
        // Stored by libvirt when nothing was asked for: QEMU's own default, unchecked.
        if (!(mode == "custom" && check == "none")) out.model = name;
    }
    const Element topology = child(cpu, "topology");
    if (!topology) return;
    take_default(topology, "dies", "1");
    take_default(topology, "clusters", "1");
    out.sockets = r.number<std::uint32_t>(topology, "sockets", take(topology, "sockets"), max_vcpus);
    out.cores = r.number<std::uint32_t>(topology, "cores", take(topology, "cores"), max_vcpus);
    out.threads = r.number<std::uint32_t>(topology, "threads", take(topology, "threads"), max_vcpus);
}

void read_firmware(Reader& r, Element os) {
    Hardware& h = r.hardware();
    const Element loader = child(os, "loader");
    const std::string_view firmware = take(os, "firmware");
    const bool pflash = attr(loader, "type").value() == "pflash" ||
                        loader.text().find("OVMF") != std::string_view::npos ||
                        loader.text().find("AAVMF") != std::string_view::npos;
    if (firmware == "efi" || pflash)
        h.firmware = Firmware::efi;
    else if (firmware == "bios")
        h.firmware = Firmware::bios;
    else if (!firmware.empty())
        r.error("libvirt-value-invalid", os, fmt::format("firmware '{}' is neither bios nor efi", firmware));
    if (attr(loader, "secure").value() == "yes") h.secure_boot = true;
    for (Element feature = child(os, "firmware").first(); feature; feature = feature.next()) {
        const std::string_view name = take(feature, "name"), enabled = take(feature, "enabled");
        if (name == "secure-boot") h.secure_boot = enabled == "yes";
    }
    if (pflash || h.firmware == Firmware::efi) {  // chosen by libvirt
        take_all(loader);
        take_all(child(os, "nvram"));
    }
}

void read_boot(Reader& r, Element os) {
    std::vector<std::string> classes;
    for (Element boot = os.first(); boot; boot = boot.next()) {
        if (!boot.is(Ns::none, "boot")) continue;
        const std::string_view dev = take(boot, "dev");
        const std::string_view word = dev == "hd" ? "disk" : dev == "fd" ? "floppy" : dev;
        if (word == "disk" || word == "cdrom" || word == "network" || word == "floppy")
            classes.emplace_back(word);
        else
            r.error("libvirt-value-invalid", boot,
                    fmt::format("boot device '{}' is none of hd, cdrom, network, fd", dev));
    }
    // <boot dev='hd'/> alone is what libvirt adds where nothing is said.
    if (classes.size() != 1 || classes.front() != "disk") r.hardware().boot = classes;
}

void read_clock(Reader& r, Element clock) {
    if (!clock) return;
    const std::string_view offset = take(clock, "offset");
    if (offset == "utc" || offset == "localtime" || offset == "absolute") {
        r.system.clock = offset == "absolute" ? "utc" : std::string(offset);
        take_default(clock, "adjustment", "0");
    } else if (offset == "timezone") {
        r.system.clock = take(clock, "timezone");
    } else if (offset == "variable") {
        r.system.clock = take(clock, "basis") == "localtime" ? "localtime" : "utc";
        take_default(clock, "adjustment", "0");
    } else {
        r.error("libvirt-value-invalid", clock,
                fmt::format("clock offset '{}' is none of utc, localtime, timezone, variable", offset));
    }
}

}  // namespace

void read_identity(Reader& r, Element domain) {
    VirtualSystem& s = r.system;
    const Element name = child(domain, "name");
    s.name = name.take();
    if (s.name.empty())
        r.error("libvirt-name-missing", name ? name : domain, "the domain has no <name>");
    else if (s.name.size() > r.context.options.limits.name_bytes)
        r.error("libvirt-name-missing", name,
                fmt::format("the name is longer than {} bytes", r.context.options.limits.name_bytes));
    s.id = s.name;
    s.uuid = uuid_of(r, child(domain, "uuid"));
    if (r.hints.assigned.count("uuid") != 0) s.uuid.clear();
    s.genid = uuid_of(r, child(domain, "genid"));
    s.title = child(domain, "title").take();
    const Element description = child(domain, "description");
    static_cast<void>(description.take());
    s.annotation = description.text();
    read_osinfo(r, domain);
}

void read_sizing(Reader& r, Element domain) {
    read_memory(r, domain);
    read_vcpu(r, domain);
}

void read_platform(Reader& r, Element domain) {
    Hardware& h = r.hardware();
    const Element os = child(domain, "os"), type = child(os, "type");
    if (type.text() == "hvm" || type.text().empty()) static_cast<void>(type.take());
    h.arch = take(type, "arch");
    const std::string_view machine = take(type, "machine");
    h.machine = r.machine = general_machine(machine);
    read_firmware(r, os);
    read_boot(r, os);

    const Element features = child(domain, "features");
    for (const std::string_view usual : {"acpi", "apic", "pae"}) take_all(child(features, usual));
    if (attr(child(features, "smm"), "state").value() == "on") take_all(child(features, "smm"));
    read_cpu(r, child(domain, "cpu"));
    read_clock(r, child(domain, "clock"));
    for (const auto& [element, usual] :
         {std::pair{"on_poweroff", "destroy"}, std::pair{"on_reboot", "restart"}, std::pair{"on_crash", "destroy"}})
        if (child(domain, element).text() == usual) static_cast<void>(child(domain, element).take());
}

}  // namespace ovfkit::detail::libvirt
