#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// beparams, name, tags and OS: what Ganeti knows of an instance whatever its hypervisor.
namespace ovfkit::detail::ganeti {

namespace {

constexpr std::string_view default_os = "noop+default";

/// MiB as Ganeti stores them: rounded up to a multiple of 4 (utils.ParseUnit).
std::uint64_t stored_mib(std::uint64_t bytes) { return (ceil_mib(bytes) + 3) / 4 * 4; }

std::uint64_t rounded(Job& job, std::uint64_t bytes, std::string_view field, std::string_view name) {
    const std::uint64_t size = stored_mib(bytes);
    if (size * mib != bytes)
        job.notes.approximated(
            std::string(field), {}, "ganeti-memory-rounded",
            fmt::format("{} bytes become {}={} MiB: Ganeti rounds up to a multiple of 4 MiB", bytes, name, size));
    return size;
}

void write_memory(Job& job) {
    const Memory& memory = job.system.hardware.memory;
    if (!memory.boot_bytes || *memory.boot_bytes == 0 || *memory.boot_bytes > max_memory_bytes) {
        job.notes.refuse(
            "ganeti-memory-missing",
            fmt::format("VM '{}' has no usable memory size; give it one (rasd:VirtualQuantity of the memory Item)",
                        job.system.id));
        return;
    }
    job.out.maxmem_mib = rounded(job, *memory.boot_bytes, "memory.boot_bytes", "maxmem");
    job.out.minmem_mib = job.out.maxmem_mib;
    if (memory.guaranteed_bytes && *memory.guaranteed_bytes > *memory.boot_bytes) {
        job.notes.refuse("ganeti-memory-order",
                         fmt::format("VM '{}': the guaranteed memory ({} bytes) is more than its memory ({} bytes)",
                                     job.system.id, *memory.guaranteed_bytes, *memory.boot_bytes));
    } else if (memory.guaranteed_bytes && *memory.guaranteed_bytes != 0) {
        job.out.minmem_mib = rounded(job, *memory.guaranteed_bytes, "memory.guaranteed_bytes", "minmem");
    }
    if (memory.target_bytes && *memory.target_bytes != *memory.boot_bytes)
        job.notes.dropped(
            "memory.target_bytes", {}, "ganeti-memory-target",
            fmt::format("starting with {} of its bytes has no place here; after the start run `gnt-instance modify "
                        "--runtime-memory {}`",
                        *memory.target_bytes, ceil_mib(*memory.target_bytes)));
}

void write_vcpus(Job& job) {
    const Cpu& cpu = job.system.hardware.cpu;
    if (!cpu.count) {
        job.out.vcpus = 1;
        job.notes.defaulted("cpu.count", {}, "ganeti-vcpus-defaulted", "the source names no number of CPUs: vcpus=1");
    } else if (*cpu.count == 0 || *cpu.count > max_vcpus) {
        job.notes.refuse("ganeti-vcpus-invalid", fmt::format("VM '{}' has {} CPUs; Ganeti needs 1 to {}", job.system.id,
                                                             *cpu.count, max_vcpus));
    } else {
        job.out.vcpus = cpu.count;
    }
}

void write_name(Job& job) {
    const bool named = !job.system.name.empty();
    const std::string& name = named ? job.system.name : job.system.id;
    job.out.name.value = instance_name_of(name);
    if (named && job.system.id != name && job.system.id != job.out.name.value)
        job.notes.dropped("id", {}, "ganeti-system-id",
                          fmt::format("'{}': an instance has its name alone", job.system.id));
    if (job.out.name.value != name)
        job.notes.approximated(
            named ? "name" : "id", {}, "ganeti-name-changed",
            fmt::format("'{}' becomes '{}': instance names are lower case letters, digits, '.', '_' and '-'", name,
                        job.out.name.value));
}

void write_tags(Job& job) {
    const std::string* text = job.parameter("ganeti", "tags");
    if (text == nullptr) return;
    for (const std::string& tag : tags_of(*text)) {
        if (is_tag(tag))
            job.out.tags.push_back(tag);
        else
            job.notes.dropped(
                "parameters[ganeti]", "tags", "ganeti-tag-invalid",
                fmt::format("tag '{}': Ganeti allows letters, digits and .+*/:@_- up to 128 characters", tag));
    }
    // ConfigParser.get turns the word none into None, and the import then fails.
    if (job.out.tags.size() == 1 && equal_nocase(job.out.tags.front(), "none")) {
        job.out.tags.clear();
        job.notes.dropped("parameters[ganeti]", "tags", "ganeti-tag-invalid",
                          "a single tag 'none' means no value to Ganeti's import");
    }
}

bool is_os_name(std::string_view name) {
    return !name.empty() && name.size() <= 255 && !equal_nocase(name, "none") &&
           std::all_of(name.begin(), name.end(),
                       [](char c) {
                           const char l = lower(c);
                           return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                                  c == '-' || c == '+';
                       }) &&
           name.front() != '.';
}

void write_os(Job& job) {
    const std::string* source = job.parameter("ganeti", "os");
    if (!job.options.os.empty())
        job.out.os.value = job.options.os;
    else if (source != nullptr)
        job.out.os.value = *source;
    else {
        job.out.os.value = default_os;
        job.notes.defaulted(
            "os.cim_id", {}, "ganeti-os-defaulted",
            fmt::format("a Ganeti OS definition cannot be told from a descriptor: {} (-O ganeti.os=NAME)", default_os));
    }
    if (!is_os_name(job.out.os.value))
        job.notes.refuse(
            "ganeti-os-invalid",
            fmt::format("'{}' is no name of an OS definition; give one with -O ganeti.os=NAME", job.out.os.value));
}

}  // namespace

void write_backend(Job& job) {
    write_name(job);
    write_os(job);
    write_tags(job);
    write_memory(job);
    write_vcpus(job);
}

}  // namespace ovfkit::detail::ganeti
