#include <array>

#include <fmt/format.h>

#include "base/units.hpp"
#include "validate/findings.hpp"

// How consumers read processors and memory.
namespace ovfkit::detail {

namespace {

constexpr std::uint64_t mebibyte = 1ULL << 20;
constexpr std::array<std::string_view, 6> virtualbox_units{"MegaBytes", "MB", "byte * 2^20", "GigaBytes", "GB", "byte * 2^30"};

void check_unit(const CheckedItem& item, Findings& findings) {
    const Element where = item.item.get(Rasd::AllocationUnits);
    const std::string_view text = item.item.text(Rasd::AllocationUnits);
    if (text.empty()) return findings.add("import-memory-unit-missing", item.item.element, "the memory Item has no AllocationUnits");
    const auto unit = parse_unit(text);
    if (unit && unit->factor != mebibyte)
        findings.add("import-memory-unit", where, fmt::format("memory in '{}' is read as MiB by {}", printable(text, 40), findings.wanted("import-memory-unit")));
    bool known = false;
    for (const std::string_view one : virtualbox_units) known = known || text == one;
    if (!known) findings.add("import-memory-unit-literal", where, fmt::format("VirtualBox does not know the unit '{}'", printable(text, 40)));
}

void check_count(const CheckedHardware& hardware, std::uint32_t type, std::string_view rule, std::string_view what, Findings& findings) {
    std::size_t count = 0;
    for (const CheckedItem& item : hardware.items)
        if (item.is(type) && item.plain && ++count == 2)
            findings.add(rule, item.item.element, fmt::format("a second {} Item: {} will not add them up", what, findings.wanted(rule)));
}

}  // namespace

void check_consumer_memory(const Subject& subject, Findings& findings) {
    for (const CheckedSystem& system : subject.systems)
        for (const CheckedHardware& hardware : system.hardware) {
            check_count(hardware, rt_memory, "import-memory-several", "memory", findings);
            check_count(hardware, rt_cpu, "import-cpu-several", "processor", findings);
            for (const CheckedItem& item : hardware.items) {
                if (item.is(rt_memory)) check_unit(item, findings);
                const std::string_view bound = item.item.bound();
                if (bound == "min" || bound == "max")
                    findings.add("import-bound-misread", item.item.element,
                                 fmt::format("this {} is read as an amount by {}", bound == "min" ? "minimum" : "maximum", findings.wanted("import-bound-misread")));
                if (!item.item.configuration().empty())
                    findings.add("import-configuration-ignored", item.item.element,
                                 fmt::format("the Item is for '{}' only, and is read always by {}", printable(item.item.configuration(), 80),
                                             findings.wanted("import-configuration-ignored")));
            }
        }
}

}  // namespace ovfkit::detail
