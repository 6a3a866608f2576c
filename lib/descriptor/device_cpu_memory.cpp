#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "base/units.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/xen_items.hpp"

// Processors (ResourceType 3) and memory (4).
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 4> cpu_carried{"count", "reservation_hz", "limit_hz", "weight"};
constexpr std::array<std::string_view, 3> cores_carried{"count", "maximum", "weight"};
constexpr std::array<std::string_view, 4> memory_carried{"boot_bytes", "guaranteed_bytes", "maximum_bytes", "weight"};
constexpr std::uint64_t mega = 1'000'000, mebi = 1U << 20;
constexpr std::uint32_t no_core_limit = 100'000;  // XenCenter's importer takes it, and more, for no limit

std::span<const std::string_view> carried_by(const CpuForm& form) {
    if (form.in_cores) return cores_carried;
    return cpu_carried;
}

/// A number and its unit in one, taken when it says something. 0 and "-1" mean "none" in files of VMware.
std::optional<std::uint64_t> take_scaled(const EffectiveItem& item, Rasd field, std::uint64_t factor,
                                         const DecodeContext& context) {
    const Element element = item.item.get(field);
    const std::string_view text = item.item.text(field);
    if (text.empty() || text == "-1") return std::nullopt;
    const auto number = checked_number<std::uint64_t>(text, element, element.qname(), context.diagnostics);
    if (!number) return std::nullopt;
    const auto value = checked_multiply(*number, factor);
    if (!value) {
        report_number(context.diagnostics, element, element.qname(), text, ~std::uint64_t{0} / factor);
        return std::nullopt;
    }
    (void)item.item.take(field);
    return *value == 0 ? std::nullopt : value;
}

std::optional<std::uint32_t> take_weight(const EffectiveItem& item, const DecodeContext& context) {
    const std::string_view text = item.item.text(Rasd::Weight);
    if (text.empty()) return std::nullopt;
    const Element element = item.item.get(Rasd::Weight);
    const auto value = checked_number<std::uint32_t>(text, element, element.qname(), context.diagnostics);
    if (value) (void)item.item.take(Rasd::Weight);
    return value;
}

/// vmw:CoresPerSocket counts what a socket shows to the guest.
std::string cores_per_socket(const Cpu& cpu) {
    if (!cpu.cores) return {};
    return std::to_string(std::uint64_t{*cpu.cores} * cpu.threads.value_or(1));
}

/// rasd:Limit as the most virtual CPUs.
void decode_core_limit(const EffectiveItem& item, Cpu& cpu, const DecodeContext& context) {
    const std::string_view text = item.item.text(Rasd::Limit);
    if (text.empty()) return;
    const Element element = item.item.get(Rasd::Limit);
    const auto limit = checked_number<std::uint32_t>(text, element, element.qname(), context.diagnostics);
    if (!limit || *limit == 0) return;
    if (*limit < no_core_limit) {
        if (*limit > max_vcpus) return report_number(context.diagnostics, element, element.qname(), text, max_vcpus);
        cpu.maximum = *limit;
    }
    if (*limit <= no_core_limit) (void)item.item.take(Rasd::Limit);
}

void decode_topology(const EffectiveItem& item, Cpu& cpu, const CpuForm& form, const DecodeContext& context) {
    const Element child = item.item.extra(Ns::vmw, "CoresPerSocket");
    if (child) {
        const auto cores =
            checked_number<std::uint32_t>(child.text(), child, child.qname(), context.diagnostics, max_vcpus);
        if (cores && *cores != 0) {
            cpu.cores = *cores;
            (void)child.take();
        }
    }
    const Element extension = extension_of(item.item, "Device");
    read_extension(extension, cpu, carried_by(form), context.diagnostics);
    if (cpu.sockets || !cpu.cores || !cpu.count) return;
    cpu.sockets = derived_sockets(cpu);
    if (!cpu.sockets)
        report(
            context.diagnostics, "ovf-cpu-topology", child ? child : item.item.element,
            fmt::format("{} virtual CPUs cannot be split into sockets of {} cores; the number of sockets is left open",
                        *cpu.count, *cpu.cores));
}

}  // namespace

std::optional<std::uint32_t> derived_sockets(const Cpu& cpu) {
    if (!cpu.count || !cpu.cores || *cpu.cores == 0) return std::nullopt;
    const std::uint64_t per_socket = std::uint64_t{*cpu.cores} * cpu.threads.value_or(1);
    if (per_socket == 0 || *cpu.count % per_socket != 0) return std::nullopt;
    return static_cast<std::uint32_t>(*cpu.count / per_socket);
}

CpuForm cpu_form(const EffectiveItem* item, const Style& style) {
    const auto unit = item == nullptr ? std::nullopt : parse_unit(item->item.text(Rasd::AllocationUnits));
    if (unit && unit->base == UnitBase::hertz) return {unit->factor, false};
    return {mega, style.xen_items};
}

bool add_up(Cpu& cpu, const Cpu& further) {
    const bool ceiling = cpu.maximum || further.maximum;
    const std::uint64_t most = std::uint64_t{cpu.maximum.value_or(cpu.count.value_or(0))} +
                               further.maximum.value_or(further.count.value_or(0));
    const std::uint64_t count = std::uint64_t{cpu.count.value_or(0)} + further.count.value_or(0);
    if (count > max_vcpus || most > max_vcpus) return false;
    if (cpu.count || further.count) cpu.count = static_cast<std::uint32_t>(count);
    if (ceiling) cpu.maximum = static_cast<std::uint32_t>(most);
    return true;
}

bool add_up(Memory& memory, const Memory& further) {
    const auto bytes = checked_add(memory.boot_bytes.value_or(0), further.boot_bytes.value_or(0));
    if (!bytes || *bytes > max_memory_bytes) return false;
    if (*bytes != 0) memory.boot_bytes = *bytes;
    return true;
}

Cpu decode_cpu(const EffectiveItem& item, const DecodeContext& context) {
    Cpu cpu;
    read_info(item, cpu.info);
    const Item& fields = item.item;
    if (const std::string_view text = fields.text(Rasd::VirtualQuantity); !text.empty()) {
        const Element element = fields.get(Rasd::VirtualQuantity);
        const auto count = checked_number<std::uint32_t>(text, element, element.qname(), context.diagnostics);
        if (count && (*count == 0 || *count > max_vcpus))
            report(context.diagnostics, "ovf-cpu-range", element,
                   fmt::format("{} is {}; a VM has 1 to {} virtual CPUs", element.qname(), *count, max_vcpus),
                   Failure::malformed);
        else if (count)
            cpu.count = *count;
        if (cpu.count) (void)fields.take(Rasd::VirtualQuantity);
    }
    const std::string_view unit_text = fields.text(Rasd::AllocationUnits);
    const auto unit = parse_unit(unit_text);
    const bool is_clock = unit_text.empty() || (unit && unit->base == UnitBase::hertz);
    const CpuForm form = cpu_form(&item, context.style);
    if (form.in_cores) {
        decode_core_limit(item, cpu, context);
        // Any other unit counts for nothing either, but is no word of XenServer's.
        if (unit_text.empty() || equal_nocase(unit_text, "Processor Cores") || equal_nocase(unit_text, "count"))
            (void)fields.take(Rasd::AllocationUnits);
    } else if (is_clock) {
        // Other units make Reservation and Limit something else: left alone.
        cpu.reservation_hz = take_scaled(item, Rasd::Reservation, form.unit, context);
        cpu.limit_hz = take_scaled(item, Rasd::Limit, form.unit, context);
        if (unit_text.empty() && (cpu.reservation_hz || cpu.limit_hz))
            report(context.diagnostics, "ovf-cpu-unit-missing", fields.element,
                   "the CPU Item has a Reservation or Limit but no rasd:AllocationUnits; MHz is assumed");
        (void)fields.take(Rasd::AllocationUnits);
    }
    if (!(context.style.xen_items && take_xen_constant(item, Rasd::Weight)))
        cpu.weight = take_weight(item, context);
    decode_topology(item, cpu, form, context);
    return cpu;
}

DeviceRows rows_of(const Cpu& cpu, const CpuForm& form) {
    DeviceRows rows;
    const auto in_unit = [&](std::optional<std::uint64_t> hertz) {
        return hertz ? std::to_string(*hertz / form.unit) : std::string{};
    };
    rows.add(Rasd::AllocationUnits, form.in_cores       ? "Processor Cores"
                                    : form.unit == 1    ? "hertz"
                                    : form.unit == mega ? "hertz * 10^6"
                                                        : fmt::format("hertz * {}", form.unit));
    rows.add(Rasd::Limit, form.in_cores ? number_text(cpu.maximum) : in_unit(cpu.limit_hz));
    if (!form.in_cores) rows.add(Rasd::Reservation, in_unit(cpu.reservation_hz));
    rows.add(Rasd::ResourceType, std::to_string(rt_cpu));
    rows.add(Rasd::VirtualQuantity, number_text(cpu.count));
    rows.add(Rasd::Weight, number_text(cpu.weight));
    rows.add_info(cpu.info);
    rows.vendor.push_back({Ns::vmw, "CoresPerSocket", cores_per_socket(cpu)});
    // What vmw:CoresPerSocket says already is not said twice.
    Cpu rest = cpu;
    if (rest.sockets == derived_sockets(rest)) rest.sockets.reset();
    if (rest.threads.value_or(1) == 1) rest.cores.reset();
    extension_rows(rest, carried_by(form), rows.extension);
    return rows;
}

MemoryForm memory_form(const EffectiveItem* item, const Style& style) {
    MemoryForm form;
    form.xen_units = style.xen_items;
    if (item == nullptr) {
        form.unit = "byte * 2^20";
        return form;
    }
    form.unit = std::string(item->item.text(Rasd::AllocationUnits));
    const auto unit = parse_unit(form.unit);
    if (unit && unit->base == UnitBase::byte) form.factor = unit->factor;
    form.in_reservation = item->item.text(Rasd::VirtualQuantity).empty() && !item->item.text(Rasd::Reservation).empty();
    return form;
}

MemoryForm fitting_form(const MemoryForm& form, const Memory& memory) {
    const std::array values{memory.boot_bytes, memory.guaranteed_bytes, memory.maximum_bytes};
    const auto fits = [&](std::uint64_t factor) {
        return std::all_of(values.begin(), values.end(),
                           [&](const auto& value) { return !value || *value % factor == 0; });
    };
    MemoryForm out = form;
    if (memory.guaranteed_bytes) out.in_reservation = false;
    if (fits(out.factor)) return out;
    out.factor = fits(mebi) ? mebi : fits(1024) ? 1024 : 1;
    const int power = out.factor == mebi ? 20 : out.factor == 1024 ? 10 : 0;
    out.unit = power == 0 && !form.xen_units ? "byte"
                                             : fmt::format("{} * 2^{}", form.xen_units ? "bytes" : "byte", power);
    return out;
}

Memory decode_memory(const EffectiveItem& item, const DecodeContext& context) {
    Memory memory;
    read_info(item, memory.info);
    const Item& fields = item.item;
    const std::string_view unit_text = fields.text(Rasd::AllocationUnits);
    const auto unit = parse_unit(unit_text);
    if (!unit_text.empty() && (!unit || unit->base != UnitBase::byte)) {
        report(context.diagnostics, "ovf-unit-unknown", fields.get(Rasd::AllocationUnits),
               fmt::format("rasd:AllocationUnits of the memory is '{}', not a unit of bytes; write byte * 2^20",
                           printable(unit_text, 60)),
               Failure::malformed);
        return memory;
    }
    if (unit_text.empty())
        report(context.diagnostics, "ovf-memory-unit-missing", fields.element,
               "the memory Item has no rasd:AllocationUnits; byte * 2^20 is assumed, as VMware does");
    (void)fields.take(Rasd::AllocationUnits);
    const MemoryForm form = memory_form(&item, context.style);
    const Rasd quantity = form.in_reservation ? Rasd::Reservation : Rasd::VirtualQuantity;
    if (form.in_reservation)
        report(
            context.diagnostics, "ovf-memory-reservation-only", fields.get(Rasd::Reservation),
            "the memory Item has a rasd:Reservation but no rasd:VirtualQuantity; the Reservation is read as the size");
    memory.boot_bytes = take_scaled(item, quantity, form.factor, context);
    if (!memory.boot_bytes &&
        (fields.text(quantity).empty() || to_number<std::uint64_t>(fields.text(quantity)) == std::uint64_t{0})) {
        report(context.diagnostics, "ovf-memory-zero", fields.element,
               "the memory Item says no size, or 0; the size counts as not said");
    } else if (memory.boot_bytes && (*memory.boot_bytes < min_memory_bytes || *memory.boot_bytes > max_memory_bytes)) {
        report(context.diagnostics, "ovf-memory-range", fields.get(quantity),
               fmt::format("the memory size is {} bytes ({} is '{}'); it may be from 1 MiB to 16 TiB",
                           *memory.boot_bytes, fields.get(quantity).qname(), printable(fields.text(quantity), 40)),
               Failure::malformed);
        memory.boot_bytes.reset();
    }
    if (!form.in_reservation) memory.guaranteed_bytes = take_scaled(item, Rasd::Reservation, form.factor, context);
    const bool xen = context.style.xen_items;
    // A ceiling below the size is none: XenCenter writes Limit 128 whatever the size.
    if (xen && take_xen_constant(item, Rasd::Limit)) {
        memory.maximum_bytes.reset();
    } else if (const auto limit = to_number<std::uint64_t>(fields.text(Rasd::Limit));
               limit && memory.boot_bytes && *limit != 0 &&
               checked_multiply(*limit, form.factor).value_or(~std::uint64_t{0}) < *memory.boot_bytes) {
        report(context.diagnostics, "ovf-memory-limit-below", fields.get(Rasd::Limit),
               "rasd:Limit of the memory is below its size; it is not used");
    } else {
        memory.maximum_bytes = take_scaled(item, Rasd::Limit, form.factor, context);
    }
    if (!(xen && take_xen_constant(item, Rasd::Weight))) memory.weight = take_weight(item, context);
    read_extension(extension_of(fields, "Device"), memory, memory_carried, context.diagnostics);
    return memory;
}

DeviceRows rows_of(const Memory& memory, const MemoryForm& form) {
    DeviceRows rows;
    const auto in_unit = [&](std::optional<std::uint64_t> bytes) {
        return bytes ? std::to_string(*bytes / form.factor) : std::string{};
    };
    rows.add(Rasd::AllocationUnits, form.unit);
    rows.add(Rasd::Limit, in_unit(memory.maximum_bytes));
    rows.add(Rasd::Reservation, in_unit(form.in_reservation ? memory.boot_bytes : memory.guaranteed_bytes));
    rows.add(Rasd::ResourceType, std::to_string(rt_memory));
    rows.add(Rasd::VirtualQuantity, form.in_reservation ? std::string{} : in_unit(memory.boot_bytes));
    rows.add(Rasd::Weight, number_text(memory.weight));
    rows.add_info(memory.info);
    extension_rows(memory, memory_carried, rows.extension);
    return rows;
}

}  // namespace ovfkit::detail
