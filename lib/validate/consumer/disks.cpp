#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "validate/findings.hpp"

// Disks and files that consumers refuse or misread.
namespace ovfkit::detail {

namespace {

void check_disk(Element disk, Findings& findings) {
    const std::string id = printable(value_of(disk, "diskId"), 80);
    const std::string_view capacity = value_of(disk, "capacity"), unit_text = value_of(disk, "capacityAllocationUnits"), format = value_of(disk, "format");
    if (format.empty() && !value_of(disk, "fileRef").empty())
        findings.add("import-disk-format-missing", disk, fmt::format("Disk '{}' has a file and no format", id));
    if (const auto unit = unit_text.empty() ? std::nullopt : parse_unit(unit_text); unit && unit->factor != 1)
        findings.add("import-disk-capacity-unit", disk, fmt::format("capacity {} of Disk '{}' is read as bytes, not '{}'", printable(capacity, 40), id, printable(unit_text, 40)));
    if (capacity.starts_with("${"))
        findings.add("import-disk-capacity-property", disk,
                     fmt::format("the capacity of Disk '{}' is a property, which is not looked up by {}", id, findings.wanted("import-disk-capacity-property")));
    if (to_number<std::uint64_t>(capacity) == 0U) findings.add("import-disk-capacity-zero", disk, fmt::format("Disk '{}' has the capacity 0", id));
    if (!value_of(disk, "parentRef").empty())
        findings.add("import-disk-delta", disk, fmt::format("Disk '{}' is a delta, and read as a whole disk by {}", id, findings.wanted("import-disk-delta")));
    if (format.find("#streamOptimized") != std::string_view::npos)
        findings.add("import-disk-stream-optimized", disk, fmt::format("Disk '{}' is streamOptimized, which QEMU opens read-only", id));
}

void check_file(Element file, Findings& findings) {
    const std::string href = printable(value_of(file, "href"), 80);
    const std::string_view compression = value_of(file, "compression");
    if (!compression.empty() && compression != "identity")
        findings.add("import-file-compressed", file, fmt::format("'{}' is compressed, and not unpacked by {}", href, findings.wanted("import-file-compressed")));
    if (!value_of(file, "chunkSize").empty())
        findings.add("import-file-chunks", file, fmt::format("'{}' is in chunks, and not put together by {}", href, findings.wanted("import-file-chunks")));
}

}  // namespace

void check_consumer_disks(const Subject& subject, Findings& findings) {
    if (!subject.is_ovirt())
        for (const Element& disk : subject.disks) check_disk(disk, findings);
    for (const Element& file : subject.files) check_file(file, findings);
}

}  // namespace ovfkit::detail
