#include <ovfkit/validate.hpp>

namespace ovfkit {

const std::vector<Profile>& profiles() {
    static const std::vector<Profile> table{
        {"dmtf", "the standard to the letter: DSP0243 and its schema DSP8023"},
        {"esxi-7", "VMware ESXi 7 and its vCenter"},
        {"esxi-8", "VMware ESXi 8 and its vCenter"},
        {"virtualbox-7", "Oracle VirtualBox 7: VBoxManage import"},
        {"virt-v2v", "virt-v2v 2: -i ova"},
        {"proxmox-8", "Proxmox VE 8: qm importovf and the import wizard"},
        {"ovirt-4.5", "oVirt 4.5: import of an OVA"},
        {"xen", "XenServer and Xen Orchestra"},
        {"incus", "incus-migrate"},
        {"ganeti-3", "Ganeti 3: ovfconverter import"},
        {"libvirt", "libvirt with QEMU, its disks used as they are"},
    };
    return table;
}

}  // namespace ovfkit
