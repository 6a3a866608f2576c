#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/names.hpp"
#include "platform/qemu/reader.hpp"
#include "platform/qemu/words.hpp"
#include "platform/qemu/writer.hpp"

namespace ovfkit::detail::qemu {

namespace {

constexpr std::array<std::string_view, 41> flags{
    "S", "alt-grab", "ctrl-grab", "curses", "daemonize", "enable-fips", "enable-kvm", "enable-hax", "full-screen", "h", "help", "localtime",
    "mem-prealloc", "no-acpi", "no-fd-bootchk", "no-frame", "no-hpet", "no-kvm", "no-kvm-irqchip", "no-kvm-pit", "no-kvm-pit-reinjection",
    "no-quit", "no-reboot", "no-shutdown", "no-user-config", "nodefaults", "nodefconfig", "nographic", "old-param", "only-migratable",
    "portrait", "preconfig", "rtc-td-hack", "s", "sdl", "semihosting", "show-cursor", "singlestep", "snapshot", "usb", "win2k-hack"};

/// How this process runs and is spoken to; nothing of it is the machine.
constexpr std::array<std::string_view, 32> runtime{
    "S", "D", "d", "daemonize", "display", "enable-kvm", "incoming", "mon", "monitor", "msg", "no-fd-bootchk", "no-reboot", "no-shutdown",
    "no-user-config", "nodefaults", "nodefconfig", "overcommit", "pidfile", "qmp", "qmp-pretty", "runas", "run-with", "sandbox", "chroot",
    "trace", "accel", "loadvm", "chardev", "audiodev", "nographic", "daemon", "add-fd"};

template <class List>
bool is_in(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

void collect(Reader& r, std::string_view option, std::string_view implied, std::string_view key, std::map<std::string, Parsed, std::less<>>& out) {
    for (Option* o : r.take(option)) {
        Parsed value = parsed(r.text, o->value, implied);
        value.offset = o->offset;
        const std::string id = value.take(key);
        out.emplace(id.empty() ? fmt::format("#{}", out.size()) : id, std::move(value));
    }
}

/// `-device`: also what -global and -readconfig would add is not looked at.
void collect_devices(Reader& r) {
    for (Option* o : r.take("device")) {
        Parsed value = parsed(r.text, o->value, "driver");
        value.offset = o->offset;
        r.devices.push_back(std::move(value));
    }
}

void read_global(Reader& r) {
    for (Option* o : r.take("global")) {
        const std::string& text = o->value.text;
        const std::size_t dot = text.find('.'), equals = text.find('=');
        Parsed value = parsed(r.text, o->value, {});
        const bool split = dot != std::string::npos && equals != std::string::npos && dot < equals;
        const std::string driver = split ? text.substr(0, dot) : value.get("driver");
        const std::string property = split ? text.substr(dot + 1, equals - dot - 1) : value.get("property");
        const std::string set = split ? text.substr(equals + 1) : value.get("value");
        if (virtio_kind(driver) == "virtio-balloon" && property == "deflate-on-oom") {
            r.autodeflate_global = true;
            r.autodeflate_value = set == "on" || set == "true";
        } else if (driver == "cfi.pflash01" && property == "secure") {
            r.hardware().secure_boot = set == "on";
        } else {
            r.keep("global", text);
        }
    }
}

void keep_unknown(Reader& r) {
    for (Option& o : r.options) {
        if (o.taken) continue;
        if (is_in(runtime, o.name)) continue;
        r.text.report("qemu-option-kept", o.offset, fmt::format("option -{} is kept as it is, not understood", o.name));
        r.keep(o.name, o.value.text);
    }
}

}  // namespace

bool takes_no_value(std::string_view option) { return is_in(flags, option); }

std::optional<std::uint64_t> size_in(std::string_view text, std::uint64_t unit) {
    if (text.empty()) return std::nullopt;
    constexpr std::string_view letters = "bkmgtpe";
    const std::size_t power = letters.find(lower(text.back()));
    std::uint64_t factor = unit;
    if (power != std::string_view::npos) {
        factor = 1;
        for (std::size_t i = 0; i < power; ++i) factor *= 1024;
        text.remove_suffix(1);
    }
    const auto count = to_number<std::uint64_t>(text);
    return count ? checked_multiply(*count, factor) : std::nullopt;
}

DeviceInfo Reader::info(Parsed& device, std::string_view stem) {
    DeviceInfo out;
    out.origin.offset = device.offset;
    out.id = device.take("id");
    if (out.id.empty() || !ids.insert(out.id).second) {
        std::size_t n = 0;
        while (!ids.insert(fmt::format("{}:{}", stem, n)).second) ++n;
        out.id = fmt::format("{}:{}", stem, n);
    }
    return out;
}

void Reader::keep_rest(const Parsed& device, DeviceInfo& out, std::string_view prefix) const {
    for (const auto& [key, value] : device.rest())
        if (!is_plumbing(key)) out.parameters.push_back({"qemu", std::string(prefix) + key, value});
}

void Reader::bad_number(std::string_view value, std::uint64_t offset, std::string_view what) const {
    text.report("qemu-number-invalid", offset, fmt::format("{} '{}' is no number in range", what, printable(value)), Failure::malformed);
}

std::vector<Option*> Reader::take(std::string_view name) {
    std::vector<Option*> out;
    for (Option& o : options)
        if (o.name == name && !o.taken) {
            o.taken = true;
            out.push_back(&o);
        }
    return out;
}

std::optional<bool> Reader::on_off(Parsed& device, std::string_view key) const {
    if (!device.has(key)) return std::nullopt;
    const std::string word = device.take(key);
    if (word == "on" || word == "true" || word == "yes" || word == "y") return true;
    if (word == "off" || word == "false" || word == "no" || word == "n") return false;
    text.report("qemu-number-invalid", device.offset, fmt::format("{}='{}' is neither on nor off", key, printable(word)), Failure::malformed);
    return std::nullopt;
}

void split_options(Reader& r, const Argv& argv) {
    for (std::size_t i = 1; i < argv.size(); ++i) {
        std::string_view word = argv[i].text;
        Option o;
        o.offset = argv[i].offset;
        if (!word.starts_with("-") || word == "-") {  // a disk image alone
            o.name = "hda";
            o.value = argv[i];
            r.options.push_back(std::move(o));
            continue;
        }
        word.remove_prefix(word.starts_with("--") ? 2 : 1);
        o.name = word;
        if (!takes_no_value(word)) {
            if (i + 1 >= argv.size()) {
                r.text.report("qemu-value-missing", o.offset, fmt::format("option -{} has no value", printable(word)), Failure::malformed);
                continue;
            }
            o.value = argv[++i];
        }
        r.options.push_back(std::move(o));
    }
}

Envelope read(std::string_view, const std::string& name, const std::string& bytes, ReadContext& context, Carried&) {
    Envelope out;
    out.dialect = "qemu";
    out.producer = "QEMU command line";
    const Text text{name, bytes, context};
    const Argv argv = argv_of(text);
    VirtualSystem system;
    system.origin.offset = argv.front().offset;
    Reader r{text, out, system, {}, {}, {}, {}, {}, {}, {}, {}, {}, false, false};
    const std::string_view program = last_part(argv.front().text);
    if (program.starts_with("qemu-system-")) {
        const std::string_view arch = program.substr(12);
        system.hardware.arch = arch == "i386" ? "i686" : arch == "arm" ? "armv7l" : std::string(arch);
    }
    split_options(r, argv);
    collect(r, "blockdev", {}, "node-name", r.nodes);
    collect(r, "drive", {}, "id", r.drives);
    collect(r, "netdev", "type", "id", r.netdevs);
    collect(r, "chardev", "backend", "id", r.chardevs);
    collect(r, "object", "qom-type", "id", r.objects);
    collect_devices(r);
    read_global(r);
    read_machine(r);
    read_balloon(r);
    read_drives(r);
    read_nics(r);
    read_others(r);
    keep_unknown(r);
    out.systems.push_back(std::move(system));
    return out;
}

}  // namespace ovfkit::detail::qemu
