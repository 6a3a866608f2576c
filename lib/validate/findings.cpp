#include "validate/findings.hpp"

#include <algorithm>
#include <array>

#include <ovfkit/validate.hpp>

namespace ovfkit::detail {

namespace {

/// Calls for each word of a blank separated list.
template <class F>
void for_each_word(std::string_view list, const F& call) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        if (end != 0) call(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

constexpr std::array groups{
    CheckGroup{"envelope", check_envelope, false},
    CheckGroup{"sections", check_sections, false},
    CheckGroup{"files", check_files, false},
    CheckGroup{"disks", check_disks, false},
    CheckGroup{"items", check_items, false},
    CheckGroup{"devices", check_devices, false},
    CheckGroup{"slots", check_slots, false},
    CheckGroup{"networks", check_networks, false},
    CheckGroup{"configurations", check_configurations, false},
    CheckGroup{"properties", check_properties, false},
    CheckGroup{"guest", check_guest, false},
    CheckGroup{"strings", check_strings, false},
    CheckGroup{"collections", check_collections, false},
    CheckGroup{"vmware", check_vmware, false},
    CheckGroup{"others", check_others, false},
    CheckGroup{"members", check_members, false},
    CheckGroup{"schema", check_schema, true},
    CheckGroup{"consumer memory", check_consumer_memory, true},
    CheckGroup{"consumer items", check_consumer_items, true},
    CheckGroup{"consumer disks", check_consumer_disks, true},
    CheckGroup{"consumer structure", check_consumer_structure, true},
    CheckGroup{"consumer package", check_consumer_package, true},
};

}  // namespace

std::span<const CheckGroup> check_groups() { return groups; }

std::string Findings::wanted(std::string_view rule) const {
    std::string out;
    const RuleHelp* help = rule_help(rule);
    if (help == nullptr) return out;
    for_each_word(help->profiles, [&](std::string_view profile) {
        if (std::find(profiles_.begin(), profiles_.end(), profile) == profiles_.end()) return;
        if (!out.empty()) out += ", ";
        out += profile;
    });
    return out;
}

bool Findings::applies(std::string_view rule) const {
    const RuleHelp* help = rule_help(rule);
    return help == nullptr || help->profiles.empty() || !wanted(rule).empty();
}

void Findings::add(std::string_view rule, Element where, std::string message) {
    if (applies(rule)) report(diagnostics_, rule, where, std::move(message));
}

void Findings::add(std::string_view rule, const XmlDocument& document, std::size_t offset, std::string message) {
    if (applies(rule)) report(diagnostics_, rule, document, offset, std::move(message));
}

void Findings::add(std::string_view rule, const std::string& name, std::string message) {
    if (applies(rule)) report(diagnostics_, rule, Location{name}, std::move(message));
}

}  // namespace ovfkit::detail
