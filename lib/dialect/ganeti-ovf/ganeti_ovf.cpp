#include <algorithm>

#include "descriptor/envelope.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/system.hpp"
#include "dialect/ganeti-ovf/section.hpp"
#include "model/leaf.hpp"

// OVF of Ganeti's ovfconverter: the standard's parts, and a gnt:GanetiSection with what they do not say.
namespace ovfkit::detail {

namespace {

using namespace ganeti_ovf;

constexpr Style style{};
constexpr std::string_view own_type = "ganeti-ovf";

int detect(const XmlDocument& document) {
    if (document.root().local() != "Envelope") return 0;
    if (document.root().child(Ns::gnt, "GanetiSection")) return 90;
    return declares_namespace(document, Ns::gnt) || first_system_type(document) == own_type ? 70 : 0;
}

Envelope read(const XmlDocument& document, ReadContext& context) {
    Envelope envelope = read_envelope(document, context, style);
    read_section(document.root(), envelope, context.diagnostics);
    return envelope;
}

bool has_key(const std::vector<Parameter>& parameters, const Parameter& wanted) {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](const Parameter& p) { return p.space == wanted.space && p.key == wanted.key; });
}

/// Splits parameters into those of the section and the rest; what the standard parts hold stays with them, and so
/// does a second one of a key.
template <class IsSetting>
std::vector<Parameter> split(std::vector<Parameter>& parameters, const std::vector<Parameter>& plain,
                             IsSetting&& is_own) {
    std::vector<Parameter> own, rest;
    for (Parameter& parameter : parameters)
        (is_own(parameter) && !has_key(plain, parameter) && !has_key(own, parameter) ? own : rest)
            .push_back(std::move(parameter));
    parameters = std::move(rest);
    return own;
}

/// The part of a system that the section holds. `rest` loses it.
VirtualSystem section_part(const VirtualSystem& system, const VirtualSystem& plain, VirtualSystem& rest) {
    VirtualSystem own = system;
    own.parameters = split(rest.parameters, plain.parameters, is_setting);
    for (std::size_t i = 0; i < own.hardware.nics.size(); ++i) {
        Nic &nic = own.hardware.nics[i], &other = rest.hardware.nics[i];
        const auto before = std::find_if(plain.hardware.nics.begin(), plain.hardware.nics.end(),
                                         [&](const Nic& n) { return n.info.id == nic.info.id; });
        const bool known = before != plain.hardware.nics.end();
        nic.info.parameters =
            split(other.info.parameters, known ? before->info.parameters : std::vector<Parameter>{}, is_nic_setting);
        if (known && !before->ip.empty()) continue;
        other.ip.clear();
    }
    return own;
}

/// An address that only the section gave stays there.
void keep_addresses(const VirtualSystem& have, const VirtualSystem& plain, VirtualSystem& rest) {
    for (Nic& nic : rest.hardware.nics)
        for (std::size_t i = 0; i < have.hardware.nics.size() && i < plain.hardware.nics.size(); ++i)
            if (have.hardware.nics[i].info.id == nic.info.id && have.hardware.nics[i].mac == nic.mac)
                nic.mac = plain.hardware.nics[i].mac;
}

/// The text of the hvparam for that balloon; empty: it has no word for it.
std::string balloon_word(const MemoryBalloon& balloon) {
    MemoryBalloon bare;
    bare.state = balloon.state;
    if (balloon.state == BalloonState::enabled) bare.model = BalloonModel::virtio;
    if (!(bare == balloon)) return {};
    return balloon.state == BalloonState::enabled ? "virtio" : balloon.state == BalloonState::disabled ? "none" : "";
}

void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    Diagnostics quiet;
    ReadOptions read_options;
    read_options.configuration = have.configuration;
    ReadContext read_context{quiet, read_options};
    const Envelope plain = read_envelope(document, read_context, style);
    const EnvelopeParts layout = envelope_parts(document);
    if (have.systems.empty() || layout.systems.size() != have.systems.size())
        return update_envelope(document, plain, wanted, context, style, notes);
    const auto matched = matched_systems(have.systems, wanted.systems);
    const auto first = std::find(matched.begin(), matched.end(), std::size_t{0});
    Envelope rest = wanted;
    if (first == matched.end()) return update_envelope(document, plain, rest, context, style, notes);

    const auto index = static_cast<std::size_t>(first - matched.begin());
    const VirtualSystem& before = plain.systems.front();
    VirtualSystem &other = rest.systems[index], ignored = have.systems.front();
    const VirtualSystem had = section_part(have.systems.front(), before, ignored);
    const VirtualSystem own = section_part(wanted.systems[index], before, other);
    keep_addresses(have.systems.front(), before, other);
    // The hvparam stays where it says all; else the Item says it, and the hvparam goes.
    std::string balloon;
    if (const Element parameter = balloon_parameter(document.root())) {
        const bool counts = before.hardware.balloon.state == BalloonState::unspecified;
        const std::string word = balloon_word(own.hardware.balloon);
        if (!counts || own.hardware.balloon == have.systems.front().hardware.balloon)
            balloon = std::string(trimmed(parameter.text()));
        else
            balloon = word;
        if (counts && !balloon.empty()) other.hardware.balloon = before.hardware.balloon;
    }
    update_envelope(document, plain, rest, context, style, notes);
    update_section(document, document.root(), layout.collection ? layout.collection : layout.systems.front(), had, own,
                   before, balloon);
}

std::string skeleton(const Envelope& wanted, WriteContext&) {
    Skeleton form;
    form.version = "1.0";
    form.system_type = own_type;
    form.family = own_type;
    form.namespaces = {Ns::gnt};
    return skeleton_text(wanted, form);
}

}  // namespace

extern const Dialect dialect_ganeti_ovf;
const Dialect dialect_ganeti_ovf{"ganeti-ovf", "OVF of Ganeti's ovfconverter", {}, detect, read, update, skeleton};

}  // namespace ovfkit::detail
