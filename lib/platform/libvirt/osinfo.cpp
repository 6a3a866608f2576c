#include "platform/libvirt/osinfo.hpp"

#include <algorithm>
#include <array>

#include "base/checked.hpp"

namespace ovfkit::detail::libvirt {

namespace {

/// One guest: its libosinfo id, the CIM id to write for it (0: none is certain), the CIM id that means it
/// without doubt (0: none), the start of VMware's osType, the start of oVirt's unique name.
struct Row {
    std::string_view osinfo;
    std::uint32_t cim_out = 0, cim_in = 0;
    std::string_view vmware, ovirt;
};

// The first row that fits decides: longer starts come before shorter ones.
constexpr std::array rows{
    Row{"http://microsoft.com/msdos/6.22", 14, 14, "dos", ""},
    Row{"http://microsoft.com/win/95", 16, 16, "win95", ""},
    Row{"http://microsoft.com/win/98", 17, 17, "win98", ""},
    Row{"http://microsoft.com/win/me", 63, 63, "winMe", ""},
    Row{"http://microsoft.com/win/2k", 58, 58, "win2000", ""},
    Row{"http://microsoft.com/win/xp", 67, 67, "winXP", "windows_xp"},
    Row{"http://microsoft.com/win/xp", 67, 71, "", ""},
    Row{"http://microsoft.com/win/2k3", 69, 69, "winNet", "windows_2003"},
    Row{"http://microsoft.com/win/2k3", 69, 70, "", ""},
    Row{"http://microsoft.com/win/vista", 73, 73, "winVista", ""},
    Row{"http://microsoft.com/win/vista", 73, 74, "", ""},
    Row{"http://microsoft.com/win/2k8r2", 103, 103, "windows7Server", "windows_2008R2"},
    Row{"http://microsoft.com/win/2k8", 76, 76, "winLonghorn", "windows_2008"},
    Row{"http://microsoft.com/win/2k8", 76, 77, "", ""},
    Row{"http://microsoft.com/win/7", 105, 105, "windows7", "windows_7"},
    Row{"http://microsoft.com/win/2k12r2", 0, 0, "", "windows_2012R2"},
    Row{"http://microsoft.com/win/2k12", 0, 0, "windows8Server", "windows_2012"},
    Row{"http://microsoft.com/win/8", 0, 0, "windows8", "windows_8"},
    Row{"http://microsoft.com/win/2k22", 0, 0, "windows2019srvNext", "windows_2022"},
    Row{"http://microsoft.com/win/2k19", 0, 0, "windows2019srv", "windows_2019"},
    Row{"http://microsoft.com/win/2k16", 0, 0, "windows9Server", "windows_2016"},
    Row{"http://microsoft.com/win/10", 0, 0, "windows9", "windows_10"},
    Row{"http://microsoft.com/win/11", 0, 0, "windows11", "windows_11"},
    Row{"http://redhat.com/rhel/3", 79, 0, "rhel3", "rhel_3"},
    Row{"http://redhat.com/rhel/4.0", 79, 0, "rhel4", "rhel_4"},
    Row{"http://redhat.com/rhel/5.0", 79, 0, "rhel5", "rhel_5"},
    Row{"http://redhat.com/rhel/6-unknown", 80, 0, "rhel6", "rhel_6"},
    Row{"http://redhat.com/rhel/7-unknown", 80, 0, "rhel7", "rhel_7"},
    Row{"http://redhat.com/rhel/8-unknown", 80, 0, "rhel8", "rhel_8"},
    Row{"http://redhat.com/rhel/9-unknown", 80, 0, "rhel9", "rhel_9"},
    Row{"http://redhat.com/rhel-atomic/7.0", 80, 0, "", "rhel_atomic7"},
    Row{"http://redhat.com/rhel/unknown", 80, 79, "", ""},
    Row{"http://redhat.com/rhel/unknown", 80, 80, "", ""},
    Row{"http://centos.org/centos/6.0", 107, 0, "centos6", ""},
    Row{"http://centos.org/centos/7.0", 107, 0, "centos7", ""},
    Row{"http://centos.org/centos/8", 107, 0, "centos8", ""},
    Row{"http://oracle.com/ol/6.0", 109, 0, "oracleLinux6", ""},
    Row{"http://oracle.com/ol/7.0", 109, 0, "oracleLinux7", ""},
    Row{"http://oracle.com/ol/8.0", 109, 0, "oracleLinux8", ""},
    Row{"http://rockylinux.org/rocky/unknown", 0, 0, "rockylinux", ""},
    Row{"http://suse.com/sles/10", 85, 0, "sles10", ""},
    Row{"http://suse.com/sles/11", 85, 0, "sles11", "sles_11"},
    Row{"http://suse.com/sles/12", 85, 0, "sles12", "sles_12"},
    Row{"http://suse.com/sle/15", 85, 0, "sles15", "sles_15"},
    Row{"http://opensuse.org/opensuse/unknown", 83, 0, "opensuse", ""},
    Row{"http://fedoraproject.org/fedora/unknown", 0, 0, "fedora", ""},
    Row{"http://debian.org/debian/4", 96, 0, "debian4", ""},
    Row{"http://debian.org/debian/5", 96, 0, "debian5", ""},
    Row{"http://debian.org/debian/6", 96, 0, "debian6", ""},
    Row{"http://debian.org/debian/7", 96, 0, "debian7", "debian_7"},
    Row{"http://debian.org/debian/8", 96, 0, "debian8", ""},
    Row{"http://debian.org/debian/9", 96, 0, "debian9", "debian_9"},
    Row{"http://debian.org/debian/10", 96, 0, "debian10", "debian_10"},
    Row{"http://debian.org/debian/11", 96, 0, "debian11", "debian_11"},
    Row{"http://debian.org/debian/12", 96, 0, "debian12", "debian_12"},
    Row{"http://ubuntu.com/ubuntu/12.04", 94, 0, "", "ubuntu_12_04"},
    Row{"http://ubuntu.com/ubuntu/12.10", 94, 0, "", "ubuntu_12_10"},
    Row{"http://ubuntu.com/ubuntu/13.04", 94, 0, "", "ubuntu_13_04"},
    Row{"http://ubuntu.com/ubuntu/13.10", 94, 0, "", "ubuntu_13_10"},
    Row{"http://ubuntu.com/ubuntu/14.04", 94, 0, "", "ubuntu_14_04"},
    Row{"http://ubuntu.com/ubuntu/16.04", 94, 0, "", "ubuntu_16_04"},
    Row{"http://ubuntu.com/ubuntu/18.04", 94, 0, "", "ubuntu_18_04"},
    Row{"http://freebsd.org/freebsd/11.0", 78, 0, "freebsd11", ""},
    Row{"http://freebsd.org/freebsd/12.0", 78, 0, "freebsd12", ""},
    Row{"http://freebsd.org/freebsd/13.0", 78, 0, "freebsd13", ""},
};

/// Families by the start of a libosinfo id, for versions the table does not list.
struct Family {
    std::string_view start;
    std::uint32_t cim;
};
constexpr std::array families{
    Family{"http://redhat.com/rhel", 80},    Family{"http://centos.org/centos", 107},
    Family{"http://oracle.com/ol/", 109},    Family{"http://suse.com/sle", 85},
    Family{"http://opensuse.org/", 83},      Family{"http://debian.org/debian/", 96},
    Family{"http://ubuntu.com/ubuntu/", 94}, Family{"http://freebsd.org/", 78},
    Family{"http://netbsd.org/", 41},        Family{"http://openbsd.org/", 65},
};

constexpr std::array<std::uint32_t, 17> windows_cim{15, 16, 17, 18, 58, 63, 67,  69, 70,
                                                    71, 72, 73, 74, 76, 77, 103, 105};

bool starts_nocase(std::string_view text, std::string_view start) {
    return !start.empty() && text.size() >= start.size() && equal_nocase(text.substr(0, start.size()), start);
}

/// `start` is the whole word but for a suffix that says no version (`_64Guest`, `x64`): no digit follows a digit.
bool names_guest(std::string_view text, std::string_view start) {
    if (!starts_nocase(text, start)) return false;
    const char last = start.back();
    const char next = text.size() == start.size() ? '\0' : text[start.size()];
    return !(last >= '0' && last <= '9' && next >= '0' && next <= '9');
}

}  // namespace

std::string osinfo_id_of(const OperatingSystem& os) {
    if (!os.osinfo_id.empty()) return os.osinfo_id;
    for (const Row& row : rows)
        if (names_guest(os.vmware_type, row.vmware)) return std::string(row.osinfo);
    for (const Row& row : rows)
        if (names_guest(os.ovirt_name, row.ovirt)) return std::string(row.osinfo);
    if (os.cim_id && *os.cim_id != 0)
        for (const Row& row : rows)
            if (row.cim_in == *os.cim_id) return std::string(row.osinfo);
    return {};
}

std::optional<std::uint32_t> cim_id_of(std::string_view osinfo_id) {
    for (const Row& row : rows)
        if (row.osinfo == osinfo_id && row.cim_out != 0) return row.cim_out;
    for (const Family& family : families)
        if (osinfo_id.starts_with(family.start)) return family.cim;
    return std::nullopt;
}

bool is_windows(const OperatingSystem& os) {
    if (!os.osinfo_id.empty()) return os.osinfo_id.find("microsoft.com/win") != std::string::npos;
    if (!os.vmware_type.empty()) return starts_nocase(os.vmware_type, "win");
    if (!os.ovirt_name.empty()) return starts_nocase(os.ovirt_name, "windows");
    if (!os.virtualbox_type.empty()) return starts_nocase(os.virtualbox_type, "windows");
    return os.cim_id && std::find(windows_cim.begin(), windows_cim.end(), *os.cim_id) != windows_cim.end();
}

}  // namespace ovfkit::detail::libvirt
