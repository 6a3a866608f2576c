#include "dialect/xen/fields.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"
#include "dialect/xen/configuration.hpp"

namespace ovfkit::detail::xen {

namespace {

/// Letters of HVM_boot_params order.
struct BootLetter {
    char letter;
    std::string_view word;
};
constexpr std::array letters{BootLetter{'c', "disk"}, BootLetter{'d', "cdrom"}, BootLetter{'n', "network"},
                             BootLetter{'a', "floppy"}};

constexpr std::string_view order_key = "order", firmware_key = "firmware", secure_key = "secureboot",
                           tpm_key = "vtpm", cores_key = "cores-per-socket", policy_key = "HVM_boot_policy",
                           hvm_policy = "BIOS order";

std::optional<std::vector<std::string>> boot_of(std::string_view order) {
    std::vector<std::string> out;
    for (const char c : order) {
        const auto found = std::find_if(letters.begin(), letters.end(),
                                        [&](const BootLetter& row) { return row.letter == lower(c); });
        if (found == letters.end()) return std::nullopt;
        out.emplace_back(found->word);
    }
    if (out.empty()) return std::nullopt;
    return out;
}

std::optional<std::string> order_of(const std::vector<std::string>& boot) {
    std::string out;
    for (const std::string& word : boot) {
        const auto found =
            std::find_if(letters.begin(), letters.end(), [&](const BootLetter& row) { return row.word == word; });
        if (found == letters.end()) return std::nullopt;
        out += found->letter;
    }
    return out;
}

std::optional<Firmware> firmware_of(std::string_view word) {
    if (equal_nocase(word, "uefi")) return Firmware::efi;
    if (equal_nocase(word, "bios")) return Firmware::bios;
    return std::nullopt;
}

std::optional<bool> switch_of(std::string_view word) { return to_boolean(to_lower(word.substr(0, 6))); }

std::optional<std::uint32_t> cores_of(std::string_view text) {
    const auto value = to_number<std::uint32_t>(text);
    return value && *value != 0 && *value <= max_vcpus ? value : std::nullopt;
}

bool is_hvm(std::string_view system_type) { return to_lower(system_type.substr(0, 3)) == "hvm"; }

/// The TPM of XenServer has no properties but that it is there.
SimpleDevice virtual_tpm() {
    SimpleDevice tpm;
    tpm.info.id = "vtpm";
    tpm.info.name = "Virtual TPM";
    tpm.option = "2.0";
    return tpm;
}

auto find(std::vector<Parameter>& settings, std::string_view in, std::string_view key) {
    return std::find_if(settings.begin(), settings.end(),
                        [&](const Parameter& p) { return p.space == in && p.key == key; });
}

/// The value of the first setting of that key, taken out of the list when `parse` understands it.
template <class Parse>
auto pull(std::vector<Parameter>& settings, std::string_view in, std::string_view key, Parse&& parse)
    -> decltype(parse(std::string_view{})) {
    const auto found = find(settings, in, key);
    if (found == settings.end()) return std::nullopt;
    auto value = parse(std::string_view(found->value));
    if (value) settings.erase(found);
    return value;
}

/// The implied boot policy: without it an HVM guest would be imported as a paravirtual one.
bool pull_policy(std::vector<Parameter>& settings, std::string_view system_type) {
    const auto found = find(settings, space, policy_key);
    if (found == settings.end() || found->value != hvm_policy || !is_hvm(system_type)) return false;
    settings.erase(found);
    return true;
}

/// The settings being put together for a wanted system.
class Composer {
public:
    Composer(const VirtualSystem& wanted, const std::vector<Parameter>& settings, const VirtualSystem& plain,
             VirtualSystem& rest)
        : wanted_(wanted), settings_(settings), plain_(plain), rest_(rest) {}

    std::vector<Parameter> run() {
        boot();
        firmware();
        secure_boot();
        tpm();
        cores();
        std::vector<Parameter> keep;
        for (const Parameter& parameter : wanted_.parameters)
            if (is_setting(parameter) || std::find(settings_.begin(), settings_.end(), parameter) != settings_.end())
                out_.push_back(parameter);
            else
                keep.push_back(parameter);
        rest_.parameters = std::move(keep);
        policy();
        return in_order();
    }

private:
    /// The document's own text where it means the same.
    template <class T, class Parse>
    void put(std::string_view in, std::string_view key, const T& value, std::string text, Parse&& parse) {
        auto copy = settings_;
        const auto found = find(copy, in, key);
        if (found != copy.end()) {
            const auto said = parse(std::string_view(found->value));
            if (said && *said == value) text = found->value;
        }
        out_.push_back({std::string(in), std::string(key), std::move(text)});
    }

    void boot() {
        if (!plain_.hardware.boot.empty()) return;  // our own element has it
        const auto order = order_of(wanted_.hardware.boot);
        if (!order) return;
        rest_.hardware.boot.clear();
        if (!order->empty()) put(boot_space, order_key, wanted_.hardware.boot, *order, boot_of);
    }

    /// A vmw parameter of that key would be read as the field once VMware's own entry for it is not there.
    [[nodiscard]] bool said_by_vmware(std::initializer_list<std::string_view> keys) const {
        return std::any_of(wanted_.parameters.begin(), wanted_.parameters.end(), [&](const Parameter& p) {
            return p.space.starts_with("vmw") && std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
                       return equal_nocase(p.key, key);
                   });
        });
    }

    void firmware() {
        if (plain_.hardware.firmware != Firmware::unspecified || said_by_vmware({"firmware"})) return;
        rest_.hardware.firmware = Firmware::unspecified;
        if (wanted_.hardware.firmware != Firmware::unspecified)
            put(boot_space, firmware_key, wanted_.hardware.firmware,
                wanted_.hardware.firmware == Firmware::efi ? "uefi" : "bios", firmware_of);
    }

    void secure_boot() {
        if (plain_.hardware.secure_boot ||
            said_by_vmware({"bootOptions.efiSecureBootEnabled", "uefi.secureBoot.enabled"}))
            return;
        rest_.hardware.secure_boot.reset();
        if (wanted_.hardware.secure_boot)
            put(platform_space, secure_key, *wanted_.hardware.secure_boot,
                *wanted_.hardware.secure_boot ? "true" : "false", switch_of);
    }

    void tpm() {
        std::erase(rest_.hardware.tpms, virtual_tpm());
        if (wanted_.hardware.tpms.empty()) return;
        auto copy = settings_;
        const auto said = pull(copy, platform_space, tpm_key, switch_of);
        if (plain_.hardware.tpms.empty() || said == true) put(platform_space, tpm_key, true, "true", switch_of);
    }

    void cores() {
        const Cpu& cpu = wanted_.hardware.cpu;
        if (plain_.hardware.cpu.cores || !cpu.cores || !cores_of(std::to_string(*cpu.cores)) ||
            cpu.threads.value_or(1) != 1)
            return;
        if (rest_.hardware.cpu.sockets == derived_sockets(cpu)) rest_.hardware.cpu.sockets.reset();
        rest_.hardware.cpu.cores.reset();
        put(platform_space, cores_key, *cpu.cores, std::to_string(*cpu.cores), cores_of);
    }

    void policy() {
        auto copy = settings_;
        const std::string& type = wanted_.hardware.system_type.find("-3.0-") != std::string::npos
                                      ? wanted_.hardware.system_type
                                      : plain_.hardware.system_type;
        const auto paravirtual = [](const Parameter& p) {
            return p.space == space && (p.key == policy_key || p.key == "PV_bootloader" || p.key == "PV_kernel");
        };
        if (!is_hvm(type)) return;
        const bool had = pull_policy(copy, plain_.hardware.system_type);
        if (had || (settings_.empty() && !out_.empty() && std::none_of(out_.begin(), out_.end(), paravirtual)))
            out_.push_back({std::string(space), std::string(policy_key), std::string(hvm_policy)});
    }

    /// As the document has them, so that nothing differs where nothing changed.
    std::vector<Parameter> in_order() {
        std::vector<Parameter> out;
        for (const Parameter& have : settings_) {
            const auto found = find(out_, have.space, have.key);
            if (found == out_.end()) continue;
            out.push_back(std::move(*found));
            out_.erase(found);
        }
        out.insert(out.end(), std::make_move_iterator(out_.begin()), std::make_move_iterator(out_.end()));
        return out;
    }

    const VirtualSystem& wanted_;
    const std::vector<Parameter>& settings_;
    const VirtualSystem& plain_;
    VirtualSystem& rest_;
    std::vector<Parameter> out_;
};

void read_cores(std::vector<Parameter>& settings, Element section, Cpu& cpu, Diagnostics& diagnostics) {
    if (cpu.cores) return;
    cpu.cores = pull(settings, platform_space, cores_key, cores_of);
    if (!cpu.cores || cpu.sockets || !cpu.count) return;
    cpu.sockets = derived_sockets(cpu);
    if (!cpu.sockets)
        report(diagnostics, "ovf-cpu-topology", section,
               fmt::format("{} virtual CPUs cannot be split into sockets of {} cores; the number of sockets is left "
                           "open",
                           *cpu.count, *cpu.cores));
}

}  // namespace

void read_fields(std::vector<Parameter> settings, Element section, VirtualSystem& system, Diagnostics& diagnostics) {
    Hardware& hardware = system.hardware;
    if (hardware.boot.empty()) hardware.boot = pull(settings, boot_space, order_key, boot_of).value_or(hardware.boot);
    if (hardware.firmware == Firmware::unspecified)
        hardware.firmware = pull(settings, boot_space, firmware_key, firmware_of).value_or(Firmware::unspecified);
    if (!hardware.secure_boot) hardware.secure_boot = pull(settings, platform_space, secure_key, switch_of);
    const auto is_on = [](std::string_view word) {
        return switch_of(word) == true ? std::optional(true) : std::nullopt;
    };
    if (pull(settings, platform_space, tpm_key, is_on) && hardware.tpms.empty())
        hardware.tpms.push_back(virtual_tpm());
    read_cores(settings, section, hardware.cpu, diagnostics);
    (void)pull_policy(settings, hardware.system_type);
    system.parameters.insert(system.parameters.begin(), std::make_move_iterator(settings.begin()),
                             std::make_move_iterator(settings.end()));
}

std::vector<Parameter> settings_for(const VirtualSystem& wanted, const std::vector<Parameter>& settings,
                                    const VirtualSystem& plain, VirtualSystem& rest) {
    return Composer(wanted, settings, plain, rest).run();
}

}  // namespace ovfkit::detail::xen
