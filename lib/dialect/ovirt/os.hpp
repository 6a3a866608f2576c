#pragma once

#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// Guest operating systems: oVirt's unique name and number, the CIM number its OVA writer uses, libosinfo's id.
namespace ovfkit::detail::ovirt {

struct OsRow {
    std::uint16_t id;         ///< ovirt:id
    std::string_view name;    ///< unique name (`rhel_9x64`), what the export flavour writes
    std::uint16_t cim;        ///< what the OVA flavour writes; 1: other
    std::string_view osinfo;  ///< empty: unknown
};

const OsRow* os_by_id(std::string_view id);
/// Unique name, or one of the names up to 3.3 and of virt-v2v (`RHEL6x64`).
const OsRow* os_by_name(std::string_view name);
/// What the engine makes of a CIM number that comes without ovirt:id.
const OsRow* os_by_cim(std::uint32_t cim);
const OsRow* os_by_osinfo(std::string_view osinfo);

/// ovirt_id, ovirt_name, cim_id and osinfo_id of a row, where `os` has none.
void fill_from(OperatingSystem& os, const OsRow& row);
/// The row that says `wanted`, considering what changed since `have`. nullptr: nothing known.
const OsRow* os_for(const OperatingSystem& wanted, const OperatingSystem& have);

/// `ppc64le`, `s390x`, `x86_64`, from the name.
std::string_view arch_of(std::string_view unique_name);
bool is_windows(std::string_view unique_name);

}  // namespace ovfkit::detail::ovirt
