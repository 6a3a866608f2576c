#include <array>

#include "edit/editor.hpp"

#include <ovfkit/limits.hpp>

namespace ovfkit::detail::edit {

namespace {

void set_name(Editor& editor, const std::string& value) {
    if (value.empty()) fail("--name needs a name");
    editor.system("--name").name = value;
}

void set_annotation(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->annotation = value;
}

void set_uuid(Editor& editor, const std::string& value) { editor.system("--uuid").uuid = uuid("--uuid", value); }

void set_os_cim(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->os.cim_id = number("--os-cim", value, 0, 65535);
}

void set_os_vmware(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->os.vmware_type = value;
}

void set_os_description(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->os.description = value;
}

void set_firmware(Editor& editor, const std::string& value) {
    const Firmware firmware = *firmware_from(choice("--firmware", value, "bios|efi"));
    for (VirtualSystem* system : editor.systems()) system->hardware.firmware = firmware;
}

void set_secure_boot(Editor& editor, const std::string& value) {
    const bool on = boolean("--secure-boot", value);
    for (VirtualSystem* system : editor.systems()) system->hardware.secure_boot = on;
}

void set_hardware_version(Editor& editor, const std::string& value) {
    for (VirtualSystem* system : editor.systems()) system->hardware.system_type = value;
}

}  // namespace

std::span<const Operation> general_operations() {
    static constexpr std::array rows{
        Operation{{"name", "NAME", "", "name of the virtual machine"}, set_name},
        Operation{{"annotation", "TEXT", "", "the annotation, for people"}, set_annotation},
        Operation{{"uuid", "UUID", "", "SMBIOS UUID"}, set_uuid},
        Operation{{"os-cim", "ID", "", "operating system, by its CIM number (96: Debian 64-bit)"}, set_os_cim},
        Operation{{"os-vmware", "WORD", "", "operating system, as VMware calls it (debian11_64Guest)"}, set_os_vmware},
        Operation{{"os-description", "TEXT", "", "operating system, for people"}, set_os_description},
        Operation{{"firmware", "WORD", "bios|efi", "what the machine boots with"}, set_firmware},
        Operation{{"secure-boot", "BOOL", "true|false", "secure boot"}, set_secure_boot},
        Operation{{"hardware-version", "TYPE", "", "virtual hardware, VirtualSystemType (vmx-19)"}, set_hardware_version},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
