#include "dialect/ovirt/os.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::array rows{
    OsRow{0, "other", 1, ""},
    OsRow{5, "other_linux", 36, ""},
    OsRow{9, "rhel_3", 79, "http://redhat.com/rhel/3"},
    OsRow{15, "rhel_3x64", 80, "http://redhat.com/rhel/3"},
    OsRow{8, "rhel_4", 79, "http://redhat.com/rhel/4.0"},
    OsRow{14, "rhel_4x64", 80, "http://redhat.com/rhel/4.0"},
    OsRow{7, "rhel_5", 79, "http://redhat.com/rhel/5.0"},
    OsRow{13, "rhel_5x64", 80, "http://redhat.com/rhel/5.0"},
    OsRow{18, "rhel_6", 79, "http://redhat.com/rhel/6.0"},
    OsRow{19, "rhel_6x64", 80, "http://redhat.com/rhel/6.0"},
    OsRow{24, "rhel_7x64", 80, "http://redhat.com/rhel/7.0"},
    OsRow{30, "rhel_8x64", 1, "http://redhat.com/rhel/8.0"},
    OsRow{34, "rhel_9x64", 80, "http://redhat.com/rhel/9.0"},
    OsRow{39, "rhel_10x64", 1, "http://redhat.com/rhel/10.0"},
    OsRow{35, "rhcos_x64", 125, ""},
    OsRow{28, "rhel_atomic7x64", 80, ""},
    OsRow{33, "other_linux_kernel_4", 80, ""},
    OsRow{1, "windows_xp", 67, "http://microsoft.com/win/xp"},
    OsRow{3, "windows_2003", 69, "http://microsoft.com/win/2k3"},
    OsRow{10, "windows_2003x64", 70, "http://microsoft.com/win/2k3"},
    OsRow{4, "windows_2008", 76, "http://microsoft.com/win/2k8"},
    OsRow{16, "windows_2008x64", 77, "http://microsoft.com/win/2k8"},
    OsRow{17, "windows_2008R2x64", 103, "http://microsoft.com/win/2k8r2"},
    OsRow{11, "windows_7", 105, "http://microsoft.com/win/7"},
    OsRow{12, "windows_7x64", 105, "http://microsoft.com/win/7"},
    OsRow{20, "windows_8", 114, "http://microsoft.com/win/8"},
    OsRow{21, "windows_8x64", 115, "http://microsoft.com/win/8"},
    OsRow{23, "windows_2012x64", 113, "http://microsoft.com/win/2k12"},
    OsRow{25, "windows_2012R2x64", 116, "http://microsoft.com/win/2k12r2"},
    OsRow{26, "windows_10", 120, "http://microsoft.com/win/10"},
    OsRow{27, "windows_10x64", 121, "http://microsoft.com/win/10"},
    OsRow{29, "windows_2016x64", 117, "http://microsoft.com/win/2k16"},
    OsRow{31, "windows_2019x64", 122, "http://microsoft.com/win/2k19"},
    OsRow{36, "windows_11", 1, "http://microsoft.com/win/11"},
    OsRow{37, "windows_2022", 1, "http://microsoft.com/win/2k22"},
    OsRow{38, "windows_2025", 1, "http://microsoft.com/win/2k25"},
    OsRow{1193, "sles_11", 83, "http://suse.com/sles/11"},
    OsRow{1252, "ubuntu_12_04", 94, "http://ubuntu.com/ubuntu/12.04"},
    OsRow{1253, "ubuntu_12_10", 94, "http://ubuntu.com/ubuntu/12.10"},
    OsRow{1254, "ubuntu_13_04", 94, "http://ubuntu.com/ubuntu/13.04"},
    OsRow{1255, "ubuntu_13_10", 94, "http://ubuntu.com/ubuntu/13.10"},
    OsRow{1256, "ubuntu_14_04", 94, "http://ubuntu.com/ubuntu/14.04"},
    OsRow{1257, "ubuntu_18_04", 94, "http://ubuntu.com/ubuntu/18.04"},
    OsRow{1300, "debian_7", 96, "http://debian.org/debian/7"},
    OsRow{1301, "debian_9", 96, "http://debian.org/debian/9"},
    OsRow{1500, "freebsd", 42, "http://freebsd.org/freebsd/unknown"},
    OsRow{1501, "freebsdx64", 78, "http://freebsd.org/freebsd/unknown"},
    OsRow{1001, "other_ppc64", 1, ""},
    OsRow{1002, "other_linux_ppc64", 36, ""},
    OsRow{1003, "rhel_6_ppc64", 80, "http://redhat.com/rhel/6.0"},
    OsRow{1007, "rhel_6_9_plus_ppc64", 80, "http://redhat.com/rhel/6.9"},
    OsRow{1004, "sles_11_ppc64", 83, "http://suse.com/sles/11"},
    OsRow{1005, "ubuntu_14_04_ppc64", 94, "http://ubuntu.com/ubuntu/14.04"},
    OsRow{1006, "rhel_7_ppc64", 80, "http://redhat.com/rhel/7.0"},
    OsRow{1008, "rhel_8_ppc64", 80, "http://redhat.com/rhel/8.0"},
    OsRow{1009, "rhel_9_ppc64", 80, "http://redhat.com/rhel/9.0"},
    OsRow{2001, "other_s390x", 1, ""},
    OsRow{2002, "other_linux_s390x", 36, ""},
    OsRow{2003, "rhel_7_s390x", 80, "http://redhat.com/rhel/7.0"},
    OsRow{2004, "sles_12_s390x", 83, "http://suse.com/sles/12"},
    OsRow{2005, "ubuntu_16_04_s390x", 94, "http://ubuntu.com/ubuntu/16.04"},
};

// Names of engines up to 3.3 and of virt-v2v; REHL3 is spelled so there.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 22> old_names{
    {{"Unassigned", 0},   {"Other", 0},           {"OtherLinux", 5},        {"REHL3", 9},
     {"RHEL3x64", 15},    {"RHEL4", 8},           {"RHEL4x64", 14},         {"RHEL5", 7},
     {"RHEL5x64", 13},    {"RHEL6", 18},          {"RHEL6x64", 19},         {"WindowsXP", 1},
     {"Windows2003", 3},  {"Windows2008", 4},     {"Windows2003x64", 10},   {"Windows7", 11},
     {"Windows7x64", 12}, {"Windows2008x64", 16}, {"Windows2008R2x64", 17}, {"Windows8", 20},
     {"Windows8x64", 21}, {"Windows2012x64", 23}}};

// CIM numbers of Linux systems, all of which the engine reads as other_linux.
constexpr std::array<std::uint32_t, 30> linux_cims{36, 79, 80, 81, 82, 83, 84, 85,  86,  87,  88,  89,  90,  91,  92,
                                                   93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 106, 107, 108, 109, 110};

const OsRow* row_of(std::uint32_t id) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const OsRow& row) { return row.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

template <class Test>
const OsRow* first_row(Test test) {
    const auto found = std::find_if(rows.begin(), rows.end(), test);
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

const OsRow* os_by_id(std::string_view id) {
    const auto number = to_number<std::uint32_t>(trimmed(id));
    if (!number) return nullptr;
    return row_of(*number == 1502 ? 33 : *number);  // Alma Linux 8+ of Oracle's manager
}

const OsRow* os_by_name(std::string_view name) {
    if (const OsRow* row = first_row([&](const OsRow& r) { return equal_nocase(r.name, name); })) return row;
    for (const auto& [word, id] : old_names)
        if (equal_nocase(word, name)) return row_of(id);
    return nullptr;
}

const OsRow* os_by_cim(std::uint32_t cim) {
    if (std::find(linux_cims.begin(), linux_cims.end(), cim) != linux_cims.end()) return row_of(5);
    if (cim == 71 || cim == 72) return row_of(1);
    if (cim == 105) return row_of(12);
    if (cim > 1)
        if (const OsRow* row = first_row([&](const OsRow& r) { return r.cim == cim; })) return row;
    return row_of(0);
}

const OsRow* os_by_osinfo(std::string_view osinfo) {
    if (osinfo.empty()) return nullptr;
    // Several rows share an id: the 64-bit one.
    if (const OsRow* row = first_row([&](const OsRow& r) { return r.osinfo == osinfo && r.name.ends_with("x64"); }))
        return row;
    if (const OsRow* row = first_row([&](const OsRow& r) { return r.osinfo == osinfo; })) return row;
    // Another minor release of a known system.
    constexpr std::string_view rhel = "http://redhat.com/rhel/";
    if (osinfo.starts_with(rhel)) {
        const std::string_view version = osinfo.substr(rhel.size());
        const std::string name = "rhel_" + std::string(version.substr(0, version.find('.'))) + "x64";
        return os_by_name(name);
    }
    return nullptr;
}

void fill_from(OperatingSystem& os, const OsRow& row) {
    if (os.ovirt_id.empty()) os.ovirt_id = std::to_string(row.id);
    if (os.ovirt_name.empty()) os.ovirt_name = row.name;
    if (!os.cim_id) os.cim_id = row.cim;
    if (os.osinfo_id.empty()) os.osinfo_id = row.osinfo;
}

const OsRow* os_for(const OperatingSystem& wanted, const OperatingSystem& have) {
    if (!wanted.ovirt_name.empty() && wanted.ovirt_name != have.ovirt_name)
        if (const OsRow* row = os_by_name(wanted.ovirt_name)) return row;
    if (!wanted.ovirt_id.empty() && wanted.ovirt_id != have.ovirt_id)
        if (const OsRow* row = os_by_id(wanted.ovirt_id)) return row;
    if (!wanted.osinfo_id.empty() && wanted.osinfo_id != have.osinfo_id)
        if (const OsRow* row = os_by_osinfo(wanted.osinfo_id)) return row;
    if (wanted.cim_id && wanted.cim_id != have.cim_id) return os_by_cim(*wanted.cim_id);
    if (!wanted.ovirt_name.empty()) return os_by_name(wanted.ovirt_name);
    if (!wanted.ovirt_id.empty()) return os_by_id(wanted.ovirt_id);
    if (const OsRow* row = os_by_osinfo(wanted.osinfo_id)) return row;
    return wanted.cim_id ? os_by_cim(*wanted.cim_id) : nullptr;
}

std::string_view arch_of(std::string_view unique_name) {
    if (unique_name.ends_with("_ppc64")) return "ppc64le";
    if (unique_name.ends_with("_s390x")) return "s390x";
    return "x86_64";
}

bool is_windows(std::string_view unique_name) { return to_lower(unique_name).starts_with("windows"); }

}  // namespace ovfkit::detail::ovirt
