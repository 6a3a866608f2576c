#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// vmw: what VMware's products write beside the standard's parts.
namespace ovfkit::detail {

namespace {

std::string_view vmw(Element element, std::string_view name) { return trimmed(element.attribute_lax(Ns::vmw, name).value()); }

struct Settings {
    Element firmware;
    bool efi = false;
    Element secure_boot;
};

void check_setting(Element setting, const Subject& subject, Settings& settings, Findings& findings) {
    const std::string_view key = vmw(setting, "key"), value = vmw(setting, "value");
    if (is_required(setting))
        findings.add("vmware-config-required", setting, fmt::format("the setting '{}' is not marked ovf:required=\"false\"", printable(key, 80)));
    if (key == "nvram") {
        const HostResource target = parse_host_resource(value);
        if (target.kind == HostResource::Kind::file && !subject.file_ids.contains(target.id))
            findings.add("vmware-nvram-dangling", setting, fmt::format("the NVRAM is the File '{}', which References does not have", printable(target.id, 80)));
    }
    if (key == "firmware") {
        settings.firmware = setting;
        settings.efi = equal_nocase(value, "efi");
        if (!settings.efi && !equal_nocase(value, "bios"))
            findings.add("vmware-firmware-unknown", setting, fmt::format("the firmware is '{}'", printable(value, 40)));
    }
    if (key == "bootOptions.efiSecureBootEnabled" && equal_nocase(value, "true")) settings.secure_boot = setting;
}

void check_hardware(const CheckedHardware& hardware, const Subject& subject, Findings& findings) {
    Settings settings;
    for (Element child = hardware.element.first(); child; child = child.next())
        if (child.is(Ns::vmw, "Config") || child.is(Ns::vmw, "ExtraConfig")) check_setting(child, subject, settings, findings);
    if (settings.secure_boot && settings.firmware && !settings.efi)
        findings.add("vmware-secure-boot-bios", settings.secure_boot, "secure boot is on, and the firmware is not EFI");
    for (const CheckedItem& item : hardware.items) {
        for (const Element& extra : item.item.extras) {
            if ((extra.is(Ns::vmw, "Config") || extra.is(Ns::vmw, "ExtraConfig")) && is_required(extra))
                findings.add("vmware-config-required", extra,
                             fmt::format("the setting '{}' is not marked ovf:required=\"false\"", printable(vmw(extra, "key"), 80)));
            if (!item.is(rt_cpu) || !extra.is(Ns::vmw, "CoresPerSocket")) continue;
            const auto cores = to_number<std::uint32_t>(trimmed(extra.text()));
            const auto count = to_number<std::uint32_t>(item.item.text(Rasd::VirtualQuantity));
            if (cores && count && (*cores == 0 || *count % *cores != 0))
                findings.add("vmware-cores-indivisible", extra, fmt::format("{} virtual CPUs do not divide into sockets of {} cores", *count, *cores));
        }
    }
}

void check_boot_order(const CheckedSystem& system, Findings& findings) {
    for (const Element& section : system.parts.boot_order)
        for_each_element(section, [&](Element element) {
            const std::string_view id = vmw(element, "instanceId");
            bool known = id.empty();
            for (const CheckedHardware& hardware : system.hardware) known = known || hardware.find(id) != nullptr;
            if (!known) findings.add("vmware-boot-dangling", element, fmt::format("the boot order names Item '{}', which is not there", printable(id, 80)));
        });
}

void check_words(Element section, std::string_view attribute, std::initializer_list<std::string_view> known, Findings& findings) {
    std::string_view list = vmw(section, attribute);
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(", "), list.size());
        const std::string_view word = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        bool found = word.empty();
        for (const std::string_view one : known) found = found || equal_nocase(word, one);
        if (!found) findings.add("vmware-ip-scheme-unknown", section, fmt::format("vmw:{} has '{}'", attribute, printable(word, 40)));
    }
}

}  // namespace

void check_vmware(const Subject& subject, Findings& findings) {
    std::unordered_set<std::string_view> groups;
    for (Element child = subject.layout.envelope.first(); child; child = child.next())
        if (child.is(Ns::vmw, "StorageGroupSection")) groups.insert(vmw(child, "id"));
    for (const CheckedSystem& system : subject.systems) {
        for (const CheckedHardware& hardware : system.hardware) check_hardware(hardware, subject, findings);
        check_boot_order(system, findings);
        for (Element child = system.parts.element.first(); child; child = child.next()) {
            if (child.is(Ns::vmw, "IpAssignmentSection")) {
                check_words(child, "schemes", {"ovfenv", "dhcp"}, findings);
                check_words(child, "protocols", {"IPv4", "IPv6"}, findings);
            }
            const std::string_view group = vmw(child, "group");
            if (child.is(Ns::vmw, "StorageSection") && !group.empty() && !groups.contains(group))
                findings.add("vmware-storage-group-dangling", child, fmt::format("there is no storage group '{}'", printable(group, 80)));
        }
    }
}

}  // namespace ovfkit::detail
