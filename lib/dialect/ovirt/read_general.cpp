#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/general.hpp"
#include "dialect/ovirt/os.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

// What the engine takes when the element is absent, or writes for every ordinary VM.
constexpr std::array<std::pair<std::string_view, std::string_view>, 30> implied{
    {{"TemplateId", zero_uuid},
     {"TemplateName", "Blank"},
     {"IsInitilized", "true"},
     {"Origin", "3"},
     {"VmType", "1"},
     {"OriginalTemplateId", zero_uuid},
     {"OriginalTemplateName", "Blank"},
     {"quota_id", zero_uuid},
     {"DeleteProtected", "false"},
     {"IsSmartcardEnabled", "false"},
     {"NumOfIoThreads", "0"},
     {"Generation", "1"},
     {"IsStateless", "false"},
     {"IsRunAndPause", "false"},
     {"AutoStartup", "false"},
     {"IsAutoSuspend", "false"},
     {"MigrationSupport", "0"},
     {"IsBootMenuEnabled", "false"},
     {"IsSpiceFileTransferEnabled", "true"},
     {"IsSpiceCopyPasteEnabled", "true"},
     {"AllowConsoleReconnect", "false"},
     {"MultiQueuesEnabled", "true"},
     {"VirtioScsiMultiQueuesEnabled", "false"},
     {"CpuPinningPolicy", "0"},
     {"TrustedService", "false"},
     {"UseLatestVersion", "false"},
     {"ConsoleDisconnectActionDelay", "0"},
     {"SerialNumberPolicy", "0"},
     {"Downtime", "0"},
     {"TemplateType", "TEMPLATE"}}};

// Elements that have their own reader below, or say what the document is (ClusterCompatibilityVersion).
constexpr std::array<std::string_view, 18> own_reader{"Name",
                                                      "Description",
                                                      "TimeZone",
                                                      "default_boot_sequence",
                                                      "MinAllocatedMem",
                                                      "MaxMemorySizeMb",
                                                      "CustomEmulatedMachine",
                                                      "BiosType",
                                                      "CustomCpuName",
                                                      "UseHostCpu",
                                                      "TemplateId",
                                                      "BalloonEnabled",
                                                      "DefaultDisplayType",
                                                      "default_display_type",
                                                      "VmInit",
                                                      "ClusterCompatibilityVersion",
                                                      "Section",
                                                      "Info"};

bool is_general(Element child) {
    const Ns ns = child.ns();
    if (ns != Ns::none && ns != Ns::ovf) return false;
    const std::string_view local = child.local();
    return local != "Section" && !local.ends_with("Section");
}

std::string_view take(Element system, std::string_view name) {
    const Element element = general_element(system, name);
    return element ? element.take() : std::string_view{};
}

std::optional<std::uint64_t> mebibytes(Element system, std::string_view name, Diagnostics& diagnostics) {
    const Element element = general_element(system, name);
    if (!element || trimmed(element.text()).empty()) return std::nullopt;
    const auto amount =
        checked_number<std::uint64_t>(element.text(), element, name, diagnostics, max_memory_bytes / mebibyte);
    if (!amount) return std::nullopt;
    (void)element.take();
    return *amount == 0 ? std::nullopt : std::optional(*amount * mebibyte);
}

/// BiosType: 0 i440fx+SeaBIOS, 1 q35+SeaBIOS, 2 q35+OVMF, 3 q35+OVMF+secure boot; absent is 0.
void read_firmware(Element system, VirtualSystem& out, Diagnostics& diagnostics) {
    Hardware& hardware = out.hardware;
    const Element element = general_element(system, "BiosType");
    const std::string_view text = trimmed(element.text());
    std::uint32_t type = 0;
    if (!text.empty()) {
        const auto number = to_number<std::uint32_t>(text);
        if (number && *number <= 3) {
            type = *number;
            (void)element.take();
        } else {
            report(diagnostics, "ovirt-bios-type-unknown", element,
                   fmt::format("BiosType '{}' is none of 0 to 3; read as 0", printable(text, 40)));
        }
    }
    if (hardware.arch == "x86_64") {
        hardware.machine = type == 0 ? "pc" : "q35";
        hardware.firmware = type >= 2 ? Firmware::efi : Firmware::bios;
        if (type >= 2) hardware.secure_boot = type == 3;
    } else {
        hardware.machine = hardware.arch == "s390x" ? "s390-ccw-virtio" : "pseries";
    }
    if (const std::string_view machine = take(system, "CustomEmulatedMachine"); !machine.empty())
        hardware.machine = std::string(machine);
}

void read_cpu_model(Element system, Cpu& cpu) {
    const Element host = general_element(system, "UseHostCpu");
    const Element custom = general_element(system, "CustomCpuName");
    if (host && java_true(trimmed(host.text()))) {
        (void)host.take();
        cpu.model = "host-passthrough";
        return;
    }
    (void)host.take();
    const std::string_view text = custom.take();
    const std::size_t comma = text.find(',');
    const std::string_view name = trimmed(text.substr(0, comma));
    cpu.model = name == "hostPassthrough" ? "host-passthrough" : name == "hostModel" ? "host-model" : std::string(name);
    if (comma != std::string_view::npos)
        add_parameter(cpu.info.parameters, "cpu.flags", std::string(trimmed(text.substr(comma + 1))));
}

void read_boot(Element system, Hardware& hardware, Diagnostics& diagnostics) {
    const Element element = general_element(system, "default_boot_sequence");
    const std::string_view text = trimmed(element.text());
    if (text.empty()) return;
    if (auto boot = boot_from(text)) {
        hardware.boot = std::move(*boot);
        (void)element.take();
    } else {
        report(diagnostics, "ovirt-boot-sequence-unknown", element,
               fmt::format("default_boot_sequence '{}' is none of 0 to 14; it is left out", printable(text, 40)));
    }
}

void read_vm_init(Element element, VirtualSystem& out, Diagnostics& diagnostics) {
    for (const Attribute& attribute : element.attributes()) {
        const std::string_view local = attribute.local();
        if (trimmed(attribute.value()).empty()) continue;
        if (is_secret(local)) {
            (void)attribute.take();
            report(diagnostics, "ovirt-secret-kept", element,
                   fmt::format("VmInit/@{} is a secret: it stays in this descriptor and goes nowhere else", local));
            continue;
        }
        const std::string_view value = attribute.take();
        add_parameter(out.parameters, "VmInit." + std::string(local),
                      local == "customScript" ? script_from(value) : std::string(value));
    }
}

void read_parameters(Element system, VirtualSystem& out, Diagnostics& diagnostics) {
    for (Element child = system.first(); child; child = child.next()) {
        if (!is_general(child)) continue;
        const std::string_view local = child.local();
        if (local == "VmInit") read_vm_init(child, out, diagnostics);
        if (child.first() || std::find(own_reader.begin(), own_reader.end(), local) != own_reader.end()) continue;
        for (const Attribute& attribute : child.attributes())
            if (!trimmed(attribute.value()).empty())
                add_parameter(out.parameters, std::string(local) + "@" + std::string(attribute.local()),
                              std::string(attribute.take()));
        const std::string_view text = trimmed(child.text());
        if (text.empty()) continue;
        (void)child.take();
        if (!equal_nocase(text, implied_text(local)))
            add_parameter(out.parameters, std::string(local), std::string(text));
    }
}

void read_os(const SystemParts& parts, const Form& form, VirtualSystem& out, Diagnostics& diagnostics) {
    const Element section = parts.operating_system;
    OperatingSystem& os = out.os;
    if (!section) return;
    os.origin.offset = section.offset();
    take_part(section);
    const Attribute id = section.attribute_lax(Ns::ovf, "id");
    const Element description = section.child_lax(Ns::ovf, "Description");
    const std::string_view text = trimmed(description.text());
    const bool named =
        form.flavour == Flavour::exported || (form.flavour == Flavour::hybrid && os_by_name(text) != nullptr);
    if (form.flavour == Flavour::exported && is_uuid(trimmed(id.value()))) out.uuid = to_lower(id.take());
    if (!out.uuid.empty() && equal_nocase(trimmed(id.value()), out.uuid)) (void)id.take();
    if (trimmed(id.value()) == out.id) (void)id.take();

    const OsRow* row = nullptr;
    if (const Attribute own = section.attribute(Ns::ovirt, "id")) {
        row = os_by_id(own.value());
        if (row == nullptr)
            report(diagnostics, "ovirt-os-unknown", section,
                   fmt::format("ovirt:id '{}' is no operating system of oVirt; the engine reads it as other",
                               printable(own.value(), 40)));
        os.ovirt_id = row == nullptr ? std::string(own.take()) : std::string{};
        if (row != nullptr) (void)own.take();
    }
    if (form.flavour != Flavour::exported)
        if (const auto cim = to_number<std::uint32_t>(trimmed(id.value()))) {
            os.cim_id = cim;
            (void)id.take();
            if (row == nullptr && os.ovirt_id.empty()) row = os_by_cim(*cim);
        }
    (void)description.take();
    if (named) {
        const OsRow* by_name = os_by_name(text);
        if (by_name == nullptr && !text.empty()) {
            os.ovirt_name = std::string(text);
            report(
                diagnostics, "ovirt-os-unknown", description,
                fmt::format("'{}' is no operating system of oVirt; the engine reads it as other", printable(text, 60)));
        }
        if (row == nullptr) row = by_name;
    } else {
        os.description = std::string(text);
    }
    if (row != nullptr) fill_from(os, *row);
}

}  // namespace

std::string_view implied_text(std::string_view name) {
    const auto found = std::find_if(implied.begin(), implied.end(), [&](const auto& row) { return row.first == name; });
    return found == implied.end() ? std::string_view{} : found->second;
}

Element general_element(Element system, std::string_view name) {
    for (Element child = system.first(); child; child = child.next())
        if (child.local() == name && is_general(child)) return child;
    return {};
}

bool is_secret(std::string_view vm_init_attribute) {
    return vm_init_attribute == "rootPassword" || vm_init_attribute == "winKey";
}

std::string script_from(std::string_view text) {
    // The engine's writer puts the five characters &#10; for a line end, its reader wants the two \n.
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 5) == "&#10;") {
            out += '\n';
            i += 4;
        } else if (text.substr(i, 2) == "\\n") {
            out += '\n';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string script_to(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c == '\n')
            out += "\\n";
        else if (c != '\r')
            out += c;
    return out;
}

std::string_view display_number(Element system) {
    for (const std::string_view name : {"DefaultDisplayType", "default_display_type"})
        if (const Element element = general_element(system, name)) return trimmed(element.text());
    return {};
}

void read_general(Element system, const SystemParts& parts, const Form& form, VirtualSystem& out,
                  Diagnostics& diagnostics) {
    out.origin.offset = system.offset();
    take_part(system);
    out.id = take_name(system, system.attribute_lax(Ns::ovf, "id"), diagnostics);
    if (form.flavour != Flavour::exported && is_uuid(out.id)) out.uuid = to_lower(out.id);
    read_os(parts, form, out, diagnostics);
    out.hardware.arch = std::string(arch_of(out.os.ovirt_name));

    out.name = std::string(take(system, "Name"));
    if (out.name.empty() && form.flavour != Flavour::exported) out.name = out.id;
    out.annotation = std::string(take(system, "Description"));
    const std::string_view zone = take(system, "TimeZone");
    out.clock = zone == "Etc/GMT" ? "utc" : std::string(zone);
    read_boot(system, out.hardware, diagnostics);
    out.hardware.memory.guaranteed_bytes = mebibytes(system, "MinAllocatedMem", diagnostics);
    out.hardware.memory.maximum_bytes = mebibytes(system, "MaxMemorySizeMb", diagnostics);
    read_firmware(system, out, diagnostics);
    read_cpu_model(system, out.hardware.cpu);

    // A template names itself.
    const Element template_id = general_element(system, "TemplateId");
    const std::string_view text = trimmed(template_id.text());
    if (!text.empty()) {
        (void)template_id.take();
        const std::string& own = out.uuid.empty() ? out.id : out.uuid;
        out.is_template = equal_nocase(text, own);
        if (!out.is_template && text != zero_uuid) add_parameter(out.parameters, "TemplateId", std::string(text));
    }
    const std::string_view type = trimmed(general_element(system, "TemplateType").text());
    if (!type.empty() && type != "VM") out.is_template = true;
    read_parameters(system, out, diagnostics);
}

void read_display(Element system, VirtualSystem& out) {
    for (const std::string_view name : {"DefaultDisplayType", "default_display_type"}) {
        const Element element = general_element(system, name);
        const std::string_view text = trimmed(element.text());
        if (text.empty()) continue;
        (void)element.take();
        if (out.hardware.videos.empty() || display_to(out.hardware.videos.front().model) != text)
            add_parameter(out.parameters, std::string(name), std::string(text));
    }
    sort_parameters(out.parameters);
}

}  // namespace ovfkit::detail::ovirt
