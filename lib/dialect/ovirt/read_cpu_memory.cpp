#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

std::optional<std::uint32_t> small_number(ItemView& view, std::string_view name, std::uint32_t max,
                                          Diagnostics& diagnostics) {
    const Element element = view.find(name);
    if (!element || trimmed(element.text()).empty()) return std::nullopt;
    const auto value = checked_number<std::uint32_t>(element.text(), element, name, diagnostics, max);
    if (value)
        (void)view.take(name);
    else
        view.leave(name);
    return value;
}

}  // namespace

void read_cpu(ItemView& view, Reading& r) {
    Cpu& out = r.hardware().cpu;
    constexpr std::uint32_t max = max_vcpus;
    out.sockets = small_number(view, "num_of_sockets", max, r.diagnostics);
    out.cores = small_number(view, "cpu_per_socket", max, r.diagnostics);
    out.threads = small_number(view, "threads_per_cpu", max, r.diagnostics);
    out.maximum = small_number(view, "max_num_of_vcpus", max, r.diagnostics);
    const auto quantity = number_of(view.look("VirtualQuantity"));
    const std::uint64_t product =
        std::uint64_t{out.sockets.value_or(quantity.value_or(1))} * out.cores.value_or(1) * out.threads.value_or(1);
    if (product == 0 || product > max_vcpus) {
        report(r.diagnostics, "ovirt-cpu-count-invalid", view.element(),
               fmt::format("sockets, cores and threads give {} CPUs; 1 to {} are possible", product, max_vcpus),
               Failure::malformed);
    } else {
        out.count = static_cast<std::uint32_t>(product);
    }
    if (quantity && out.count && *quantity != *out.count)
        report(r.diagnostics, "ovirt-cpu-count-conflict", view.element(),
               fmt::format("rasd:VirtualQuantity says {} CPUs, the topology {}; the engine goes by the topology",
                           *quantity, *out.count));
    if (quantity && (!out.sockets || quantity == out.count))
        (void)view.take("VirtualQuantity");
    else
        view.leave("VirtualQuantity");
    std::vector<Parameter> kept = std::move(out.info.parameters);
    out.info = view.finish(fmt::format("{} virtual cpu", out.count.value_or(1)), "Number of virtual CPU", false,
                           r.diagnostics);
    out.info.parameters.insert(out.info.parameters.end(), kept.begin(), kept.end());
    sort_parameters(out.info.parameters);
}

void read_memory(ItemView& view, Reading& r) {
    Memory& out = r.hardware().memory;
    const Element quantity = view.find("VirtualQuantity");
    const auto amount = checked_number<std::uint64_t>(quantity.text(), quantity ? quantity : view.element(),
                                                      "VirtualQuantity", r.diagnostics, max_memory_bytes / mebibyte);
    if (amount && *amount > 0) {
        out.boot_bytes = *amount * mebibyte;
        (void)view.take("VirtualQuantity");
    } else {
        view.leave("VirtualQuantity");
        report(r.diagnostics, "ovirt-memory-invalid", view.element(),
               fmt::format("the memory Item has no size in MiB: rasd:VirtualQuantity is '{}'",
                           printable(trimmed(quantity.text()), 40)),
               Failure::malformed);
    }
    const std::string_view units = view.look("AllocationUnits");
    const auto unit = parse_unit(units);
    if (units.empty() || (unit && unit->base == UnitBase::byte && unit->factor == mebibyte)) {
        (void)view.take("AllocationUnits");
    } else {
        view.leave("AllocationUnits");
        report(
            r.diagnostics, "ovirt-memory-units-ignored", view.element(),
            fmt::format("rasd:AllocationUnits '{}' is ignored: oVirt reads memory in MiB", printable(units, 40)));
    }
    out.info = view.finish(fmt::format("{} MB of memory", amount.value_or(0)), "Memory Size", false, r.diagnostics);
}

}  // namespace ovfkit::detail::ovirt
