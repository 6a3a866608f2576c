#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/edit.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/general.hpp"
#include "dialect/ovirt/os.hpp"
#include "dialect/ovirt/spec.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

// The order of the current engine. Readers look elements up by name; older engines used other orders.
constexpr std::array<std::string_view, 84> order{"Name",
                                                 "Description",
                                                 "Comment",
                                                 "Domain",
                                                 "CreationDate",
                                                 "ExportDate",
                                                 "DeleteProtected",
                                                 "SsoMethod",
                                                 "IsSmartcardEnabled",
                                                 "NumOfIoThreads",
                                                 "TimeZone",
                                                 "default_boot_sequence",
                                                 "initrd_url",
                                                 "kernel_url",
                                                 "kernel_params",
                                                 "Generation",
                                                 "CustomCompatibilityVersion",
                                                 "ClusterCompatibilityVersion",
                                                 "VmType",
                                                 "ResumeBehavior",
                                                 "TunnelMigration",
                                                 "VncKeyboardLayout",
                                                 "MinAllocatedMem",
                                                 "IsStateless",
                                                 "IsRunAndPause",
                                                 "AutoStartup",
                                                 "Priority",
                                                 "CreatedByUserId",
                                                 "MigrationDowntime",
                                                 "VmInit",
                                                 "MigrationSupport",
                                                 "DedicatedVmForVds",
                                                 "SerialNumberPolicy",
                                                 "CustomSerialNumber",
                                                 "IsBootMenuEnabled",
                                                 "IsSpiceFileTransferEnabled",
                                                 "IsSpiceCopyPasteEnabled",
                                                 "AllowConsoleReconnect",
                                                 "ConsoleDisconnectAction",
                                                 "ConsoleDisconnectActionDelay",
                                                 "IsAutoConverge",
                                                 "IsMigrateCompressed",
                                                 "IsMigrateEncrypted",
                                                 "MigrationPolicyId",
                                                 "ParallelMigrations",
                                                 "CustomEmulatedMachine",
                                                 "BiosType",
                                                 "CustomCpuName",
                                                 "PredefinedProperties",
                                                 "UserDefinedProperties",
                                                 "MaxMemorySizeMb",
                                                 "LeaseDomainId",
                                                 "MultiQueuesEnabled",
                                                 "VirtioScsiMultiQueuesEnabled",
                                                 "UseHostCpu",
                                                 "BalloonEnabled",
                                                 "CpuPinningPolicy",
                                                 "ClusterName",
                                                 "TemplateId",
                                                 "TemplateName",
                                                 "InstanceTypeId",
                                                 "ImageTypeId",
                                                 "IsInitilized",
                                                 "IsAutoSuspend",
                                                 "Origin",
                                                 "app_list",
                                                 "quota_id",
                                                 "DefaultDisplayType",
                                                 "default_display_type",
                                                 "IsDisabled",
                                                 "TrustedService",
                                                 "TemplateType",
                                                 "BaseTemplateId",
                                                 "TemplateVersionNumber",
                                                 "TemplateVersionName",
                                                 "TemplateSealed",
                                                 "OriginalTemplateId",
                                                 "OriginalTemplateName",
                                                 "CpuPinning",
                                                 "UseLatestVersion",
                                                 "StopTime",
                                                 "BootTime",
                                                 "Downtime",
                                                 "EngineXml"};

std::size_t rank(std::string_view name) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), name) - order.begin());
}

bool is_generic_machine(std::string_view machine) {
    return machine.empty() || machine == "pc" || machine == "q35" || machine == "pseries" ||
           machine == "s390-ccw-virtio";
}

bool is_q35(std::string_view machine) { return machine.find("q35") != std::string_view::npos; }

std::string bios_type(const Hardware& hardware) {
    if (hardware.firmware == Firmware::unspecified && hardware.machine.empty()) return {};
    if (hardware.firmware == Firmware::efi) return hardware.secure_boot.value_or(false) ? "3" : "2";
    return is_q35(hardware.machine) ? "1" : "0";
}

std::string megabytes(std::optional<std::uint64_t> bytes) {
    return bytes ? std::to_string(ceil_div(*bytes, mebibyte)) : std::string{};
}

std::string cpu_name(const Cpu& cpu) {
    if (cpu.model == "host-passthrough") return {};
    std::string out = cpu.model == "host-model" ? "hostModel" : cpu.model;
    if (const std::string* flags = parameter(cpu.info.parameters, "cpu.flags"); flags != nullptr && !out.empty())
        out += "," + *flags;
    return out;
}

/// One element of the general data, or one attribute of one (`VmInit.hostname`, `X@queues`).
struct Entry {
    std::string text;
    bool is_parameter = false;
};
using Entries = std::multimap<std::string, Entry>;

Entries entries_of(const VirtualSystem& system, const Form& form, bool in_place, std::string_view display_name) {
    const Hardware& hardware = system.hardware;
    Entries out;
    const auto add = [&](std::string name, std::string text, bool is_parameter = false) {
        out.emplace(std::move(name), Entry{std::move(text), is_parameter});
    };
    add("Name", system.name);
    add("Description", system.annotation);
    add("TimeZone", system.clock == "utc" ? "Etc/GMT" : system.clock == "localtime" ? std::string{} : system.clock);
    add("default_boot_sequence", boot_to(hardware.boot).value_or(""));
    add("MinAllocatedMem", megabytes(hardware.memory.guaranteed_bytes));
    add("MaxMemorySizeMb", megabytes(hardware.memory.maximum_bytes));
    add("CustomEmulatedMachine", is_generic_machine(hardware.machine) ? std::string{} : hardware.machine);
    if (form.level >= level_allocated) add("BiosType", bios_type(hardware));
    add("UseHostCpu", hardware.cpu.model == "host-passthrough" ? "true" : "");
    add("CustomCpuName", cpu_name(hardware.cpu));
    const std::string* other_template = parameter(system.parameters, "TemplateId");
    const std::string own = system.uuid.empty() && in_place ? system.id : seed_of(system);
    add("TemplateId", system.is_template ? own : other_template != nullptr ? *other_template : std::string(zero_uuid));
    const std::string* type = parameter(system.parameters, "TemplateType");
    add("TemplateType", system.is_template ? (type != nullptr ? *type : "TEMPLATE") : "");
    if (parameter(system.parameters, "DefaultDisplayType") == nullptr &&
        parameter(system.parameters, "default_display_type") == nullptr && !hardware.videos.empty())
        add(std::string(display_name), display_to(hardware.videos.front().model));
    for (const Parameter& entry : system.parameters) {
        if (entry.space != space || entry.key == "TemplateId" || entry.key == "TemplateType" ||
            entry.key == "UsbPolicy")
            continue;
        add(entry.key, entry.value, true);
    }
    return out;
}

bool is_name(std::string_view text) {
    if (text.empty()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = lower(text[i]);
        const bool letter = (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-'))) return false;
    }
    return true;
}

std::vector<Element> elements_named(Element system, std::string_view name) {
    std::vector<Element> out;
    for (Element child = general_element(system, name); child; child = child.next())
        if (child.local() == name) out.push_back(child);
    return out;
}

class Update {
public:
    Update(XmlDocument& document, Element system, const Form& form, const VirtualSystem& have,
           const VirtualSystem& wanted, bool in_place, std::vector<LossNote>& notes)
        : document_(document),
          system_(system),
          form_(form),
          have_(have),
          wanted_(wanted),
          in_place_(in_place),
          notes_(notes) {}

    void run() {
        ids();
        elements();
        operating_system();
        explain();
    }

private:
    void note(std::string field, std::string id, Fate fate, std::string_view rule, std::string detail) {
        notes_.push_back({std::move(field), std::move(id), fate, std::string(rule), std::move(detail)});
    }

    void ids() {
        if (have_.id == wanted_.id && have_.uuid == wanted_.uuid && in_place_) return;
        std::string uuid = to_lower(seed_of(wanted_));
        if (in_place_ && have_.uuid == wanted_.uuid && is_uuid(wanted_.id)) uuid = to_lower(wanted_.id);
        if (form_.flavour == Flavour::exported) {
            const Element section = parts_of(system_).operating_system;
            if (section && have_.uuid != uuid && (wanted_.uuid != have_.uuid || !in_place_))
                edit_attribute(document_, section, Ns::ovf, "id",
                               wanted_.uuid.empty() && in_place_ ? std::string_view{} : uuid);
            if (wanted_.id != have_.id)
                note("id", {}, Fate::defaulted, "ovirt-id-generated",
                     fmt::format("the VM is called '{}' in an export; its UUID is {}", have_.id, uuid));
        } else {
            if (have_.id != uuid && (!wanted_.uuid.empty() || is_uuid(wanted_.id) || !in_place_))
                edit_attribute(document_, system_, Ns::ovf, "id", uuid);
            if (wanted_.id != uuid)
                note("id", {}, Fate::defaulted, "ovirt-id-generated",
                     fmt::format("oVirt knows VMs by UUID: '{}' became {}", wanted_.id, uuid));
            if (!wanted_.uuid.empty() && wanted_.uuid != uuid)
                note("uuid", {}, Fate::approximated, "ovirt-id-generated",
                     fmt::format("the UUID is the VM's id in oVirt: it became {}", uuid));
        }
    }

    void elements() {
        const bool template_name = !in_place_ && wanted_.is_template && form_.flavour == Flavour::exported;
        const std::string_view display = template_name || general_element(system_, "default_display_type")
                                             ? "default_display_type"
                                             : "DefaultDisplayType";
        const Entries before = entries_of(have_, form_, in_place_, display),
                      after = entries_of(wanted_, form_, in_place_, display);
        std::vector<std::string> names;
        for (const auto* entries : {&before, &after})
            for (const auto& [name, entry] : *entries)
                if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        std::stable_sort(names.begin(), names.end(),
                         [](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
        Fragment vm_init = body_element(form_, "VmInit", {});
        for (const std::string& name : names) {
            const std::vector<Entry> old = values(before, name), now = values(after, name);
            if (same(old, now)) continue;
            if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
                if (name.starts_with("VmInit."))
                    vm_init_attribute(name.substr(dot + 1), now, vm_init);
                else if (!now.empty())
                    unknown(name);
            } else if (const std::size_t at = name.find('@'); at != std::string::npos) {
                element_attribute(name.substr(0, at), name.substr(at + 1), now);
            } else if (!is_name(name)) {
                unknown(name);
            } else {
                edit(name, now);
            }
        }
        if (!vm_init.attributes.empty()) insert_general(document_, system_, vm_init);
    }

    static std::vector<Entry> values(const Entries& entries, const std::string& name) {
        std::vector<Entry> out;
        const auto [first, last] = entries.equal_range(name);
        for (auto at = first; at != last; ++at) out.push_back(at->second);
        return out;
    }

    static bool same(const std::vector<Entry>& a, const std::vector<Entry>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](const Entry& x, const Entry& y) { return x.text == y.text; });
    }

    void unknown(const std::string& name) {
        note("parameters[ovirt]", name, Fate::dropped, "ovirt-parameter-invalid",
             fmt::format("'{}' cannot be the name of an element of oVirt", name));
    }

    void edit(const std::string& name, const std::vector<Entry>& now) {
        const std::vector<Element> present = elements_named(system_, name);
        for (std::size_t i = 0; i < std::max(present.size(), now.size()); ++i) {
            if (i >= now.size()) {
                const std::string_view implied = implied_text(name);
                if (implied.empty())
                    document_.erase(present[i]);
                else
                    document_.set_text(present[i], implied);
            } else if (i >= present.size()) {
                if (!now[i].text.empty()) insert_general(document_, system_, body_element(form_, name, now[i].text));
            } else if (trimmed(present[i].text()) != now[i].text) {
                const std::string text = now[i].text.empty() ? std::string(implied_text(name)) : now[i].text;
                if (now[i].text.empty() && name == "TemplateType")
                    document_.erase(present[i]);
                else
                    document_.set_text(present[i], name == "UseHostCpu" && text.empty() ? "false" : text);
            }
        }
    }

    void vm_init_attribute(const std::string& local, const std::vector<Entry>& now, Fragment& added) {
        const std::string text = now.empty()               ? std::string{}
                                 : local == "customScript" ? script_to(now.front().text)
                                                           : now.front().text;
        if (!is_name(local) || is_secret(local)) return unknown("VmInit." + local);
        if (const Element present = general_element(system_, "VmInit"))
            edit_attribute(document_, present, Ns::ovf, local, text);
        else
            add_attribute(added, Ns::ovf, local, text);
    }

    void element_attribute(const std::string& name, const std::string& local, const std::vector<Entry>& now) {
        const std::string text = now.empty() ? std::string{} : now.front().text;
        if (!is_name(name) || !is_name(local)) return unknown(name + "@" + local);
        if (const Element present = general_element(system_, name))
            edit_attribute(document_, present, Ns::ovf, local, text);
        else if (!text.empty())
            note("parameters[ovirt]", name + "@" + local, Fate::dropped, "ovirt-parameter-invalid",
                 fmt::format("there is no element {} for its attribute {}", name, local));
    }

    void operating_system() {
        const OperatingSystem &have = have_.os, &wanted = wanted_.os;
        if (have == wanted) return;
        const Element section = parts_of(system_).operating_system;
        if (!section) return;
        const OsRow* row = os_for(wanted, have);
        if (form_.flavour == Flavour::exported || form_.flavour == Flavour::hybrid) {
            const std::string text = row != nullptr              ? std::string(row->name)
                                     : wanted.ovirt_name.empty() ? "other"
                                                                 : wanted.ovirt_name;
            set_description(section, text);
        }
        if (form_.flavour != Flavour::exported) {
            // A number stands as it is unless another name was asked for; a CIM number alone changes only itself.
            const bool renamed = wanted.ovirt_name != have.ovirt_name || wanted.osinfo_id != have.osinfo_id;
            if (form_.is_ova() && !wanted.ovirt_id.empty() && (wanted.ovirt_id != have.ovirt_id || !renamed))
                row = os_by_id(wanted.ovirt_id);
            const std::string id = row != nullptr            ? std::to_string(row->id)
                                   : wanted.ovirt_id.empty() ? "0"
                                                             : wanted.ovirt_id;
            edit_attribute(document_, section, Ns::ovirt, "id", id);
        }
        if (form_.is_ova()) {
            const std::uint32_t cim = wanted.cim_id ? *wanted.cim_id : row != nullptr ? row->cim : 1;
            edit_attribute(document_, section, Ns::ovf, "id", std::to_string(cim));
            if (wanted.description != have.description) set_description(section, wanted.description);
        } else if (!wanted.description.empty() && wanted.description != have.description) {
            note("os.description", {}, Fate::dropped, "ovirt-field-unsupported",
                 "the description of the system is oVirt's name for it here");
        }
        OperatingSystem written;
        if (row != nullptr) fill_from(written, *row);
        note_os("os.ovirt_name", wanted.ovirt_name, written.ovirt_name);
        note_os("os.ovirt_id", wanted.ovirt_id, written.ovirt_id);
        note_os("os.osinfo_id", wanted.osinfo_id, written.osinfo_id);
        if (wanted.cim_id && !form_.is_ova())
            note_os("os.cim_id", number_text(wanted.cim_id), number_text(written.cim_id));
    }

    void note_os(std::string field, const std::string& wanted, const std::string& written) {
        if (!wanted.empty() && wanted != written)
            note(std::move(field), {}, Fate::approximated, "ovirt-os-approximated",
                 fmt::format("oVirt has no name for '{}' here: it says '{}'", wanted,
                             written.empty() ? "other" : written));
    }

    void set_description(Element section, std::string_view text) {
        const Element present = section.child_lax(Ns::ovf, "Description");
        if (present && trimmed(present.text()) != text)
            document_.set_text(present, text);
        else if (!present && !text.empty())
            document_.append(section, body_element(form_, "Description", text));
    }

    /// What of this group the form has no exact word for.
    void explain() {
        const Hardware &have = have_.hardware, &wanted = wanted_.hardware;
        if (wanted_.is_template && !have_.is_template && parameter(wanted_.parameters, "TemplateId") != nullptr)
            note("parameters[ovirt]", "TemplateId", Fate::dropped, "ovirt-parameter-invalid",
                 "a template is its own template");
        if (wanted_.clock != have_.clock && wanted_.clock == "localtime")
            note("clock", {}, Fate::dropped, "ovirt-clock-zone",
                 "oVirt wants the name of a time zone, not 'localtime'");
        if (wanted.boot != have.boot && !wanted.boot.empty() && !boot_to(wanted.boot))
            note("boot", {}, Fate::dropped, "ovirt-boot-order",
                 "oVirt boots from disk, cdrom and network only, each once, in fifteen orders");
        for (const auto& [field, now, then] :
             {std::tuple{"memory.boot_bytes", wanted.memory.boot_bytes, have.memory.boot_bytes},
              std::tuple{"memory.guaranteed_bytes", wanted.memory.guaranteed_bytes, have.memory.guaranteed_bytes},
              std::tuple{"memory.maximum_bytes", wanted.memory.maximum_bytes, have.memory.maximum_bytes}})
            if (now && now != then && *now % mebibyte != 0)
                note(field, {}, Fate::approximated, "ovirt-memory-rounded",
                     fmt::format("oVirt counts memory in MiB: {} bytes became {} MiB", *now, ceil_div(*now, mebibyte)));
        if (wanted.firmware != have.firmware || wanted.machine != have.machine ||
            wanted.secure_boot != have.secure_boot)
            firmware();
        if (wanted.arch != have.arch && !wanted.arch.empty()) {
            const OsRow* row = os_for(wanted_.os, have_.os);
            const std::string_view arch = arch_of(row != nullptr ? row->name : std::string_view(wanted_.os.ovirt_name));
            if (wanted.arch != arch)
                note("arch", {}, Fate::approximated, "ovirt-arch-approximated",
                     fmt::format("the architecture follows from the OS name: '{}' became {}", wanted.arch, arch));
        }
        if (!in_place_ && !wanted.system_type.empty() && wanted.system_type != have.system_type)
            note("system_type", {}, Fate::defaulted, "ovirt-system-type",
                 fmt::format("'{}' is '{}' in oVirt", wanted.system_type, have.system_type));
    }

    void firmware() {
        const Hardware& wanted = wanted_.hardware;
        if (form_.level < level_allocated) {
            if (wanted.firmware == Firmware::efi)
                note("firmware", {}, Fate::dropped, "ovirt-firmware-version",
                     "before 4.2 oVirt starts VMs with BIOS only: EFI is lost");
            if (wanted.secure_boot.value_or(false))
                note("secure_boot", {}, Fate::dropped, "ovirt-firmware-version", "before 4.2 oVirt has no secure boot");
            if (wanted.machine != "pc" && is_generic_machine(wanted.machine) && !wanted.machine.empty())
                note("machine", {}, Fate::dropped, "ovirt-firmware-version",
                     fmt::format("before 4.2 the cluster decides the machine, not '{}'", wanted.machine));
            return;
        }
        if (wanted.firmware == Firmware::efi && wanted.machine == "pc")
            note("machine", {}, Fate::approximated, "ovirt-firmware-machine",
                 "oVirt has EFI on q35 only: the machine became q35");
        if (wanted.firmware != Firmware::efi && wanted.secure_boot)
            note("secure_boot", {}, *wanted.secure_boot ? Fate::dropped : Fate::defaulted, "ovirt-firmware-machine",
                 "secure boot needs EFI");
        if ((wanted.machine == "pseries" || wanted.machine == "s390-ccw-virtio") && wanted.arch.starts_with("x86"))
            note("machine", {}, Fate::dropped, "ovirt-firmware-machine",
                 fmt::format("no x86 VM of oVirt is a '{}'", wanted.machine));
        if (!wanted.arch.empty() && !wanted.arch.starts_with("x86") && wanted.firmware != Firmware::unspecified)
            note("firmware", {}, Fate::dropped, "ovirt-firmware-machine",
                 fmt::format("oVirt has no choice of firmware on {}", wanted.arch));
    }

    XmlDocument& document_;
    Element system_;
    const Form& form_;
    const VirtualSystem& have_;
    const VirtualSystem& wanted_;
    bool in_place_;
    std::vector<LossNote>& notes_;
};

}  // namespace

void insert_general(XmlDocument& document, Element system, const Fragment& fragment) {
    const std::size_t own = rank(fragment.local);
    Element before, section;
    for (Element child = system.first(); child && !section; child = child.next()) {
        if (child.local() == "Section" || child.local().ends_with("Section"))
            section = child;
        else if (rank(child.local()) <= own)
            before = child;
    }
    if (before)
        document.insert_after(before, fragment);
    else if (section)
        document.insert_before(section, fragment);
    else
        document.append(system, fragment);
}

void update_general(XmlDocument& document, Element system, const Form& form, const VirtualSystem& have,
                    const VirtualSystem& wanted, bool in_place, std::vector<LossNote>& notes) {
    Update(document, system, form, have, wanted, in_place, notes).run();
}

}  // namespace ovfkit::detail::ovirt
