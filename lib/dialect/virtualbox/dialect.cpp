#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "base/xml_writer.hpp"
#include "descriptor/envelope.hpp"
#include "descriptor/item.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/system.hpp"
#include "dialect/virtualbox/arrange.hpp"
#include "dialect/virtualbox/machine_write.hpp"
#include "dialect/virtualbox/words.hpp"
#include "model/leaf.hpp"

// OVF as VirtualBox writes and reads it, with its own settings in vbox:Machine.
namespace ovfkit::detail {

namespace virtualbox {
namespace {

constexpr std::array<std::string_view, 1> families{"virtualbox-"};

constexpr std::array options{
    OptionSpec{"version", "0.9|1.0|2.0", "1.0", "OVF version of a new descriptor"},
    OptionSpec{"machine", "yes|no", "yes", "vbox:Machine in a new one, which VirtualBox prefers to the Items; never in 0.9"}};

/// What VirtualBox pretends to be in OVF 0.9: VMware's family, but Captions of its own.
bool is_old_export(const XmlDocument& document) {
    if (major_version(document) != 0 || first_system_type(document) != "vmx-6") return false;
    const SystemParts parts = parts_of(first_system(document));
    for (Element child = parts.hardware.front().first(); child; child = child.next()) {
        if (!is_item(child)) continue;
        const Item item = read_item(child);
        if (item.has(Rasd::ElementName)) return false;
        if (item.text(Rasd::ResourceType) == "3" && !item.text(Rasd::Caption).ends_with(" virtual CPU")) return false;
    }
    return true;
}

int detect(const XmlDocument& document) {
    if (document.root().local() != "Envelope") return 0;
    const std::string producer = producer_of(document);
    if (producer.starts_with("VirtualBox")) return 90;
    if (!producer.empty()) return 0;  // it says it is another's
    if (first_system_type(document).starts_with("virtualbox-")) return 85;
    return is_old_export(document) ? 75 : 0;
}

Style style_of(const XmlDocument& document) {
    Style style;
    style.speller = Speller::virtualbox;
    style.family = major_version(document) == 0 ? "vmx-" : "virtualbox";
    style.family_rule = "virtualbox-family-kept";
    return style;
}

/// What the descriptor says without vbox:Machine.
Envelope read_plain(const XmlDocument& document, ReadContext& context) {
    return read_envelope(document, context, style_of(document));
}

Envelope read(const XmlDocument& document, ReadContext& context) {
    Envelope out = read_plain(document, context);
    const EnvelopeParts layout = envelope_parts(document);
    if (layout.systems.size() != out.systems.size()) return out;
    const std::vector<DiskUuid> disks = disk_uuids(document);
    for (std::size_t i = 0; i < out.systems.size(); ++i) {
        const Element element = machine_element(layout.systems[i]);
        if (!element) continue;
        VirtualSystem& system = out.systems[i];
        const Machine machine = read_machine(element, system, context.diagnostics);
        join_machine(system, machine, context.diagnostics);
        check_images(element, disks, system, context.diagnostics);
    }
    return out;
}

/// VirtualBox knows a VM without vbox:Machine by the id of its VirtualSystem: there skeleton() put the name, unless
/// another VM has it for its id.
std::string id_by_name(const VirtualSystem& system, const Envelope& all) {
    if (system.name.empty()) return system.id;
    const auto same = [&](const VirtualSystem& other) {
        return &other != &system && (other.id == system.name || other.name == system.name);
    };
    return std::any_of(all.systems.begin(), all.systems.end(), same) ? system.id : system.name;
}

/// The same for an update of what skeleton() made.
void keep_name_as_id(Envelope& wanted, std::size_t index, const Envelope& plain, const VirtualSystem& made,
                     std::vector<LossNote>& notes) {
    VirtualSystem& system = wanted.systems[index];
    VirtualSystem bare;
    bare.id = bare.name = made.name;
    bare.hardware.system_type = made.hardware.system_type;
    const bool fresh = made == bare && plain.files.empty() && plain.disks.empty() && plain.networks.empty();
    if (!fresh || made.name != system.name || system.id == made.id) return;
    notes.push_back({"id", "", Fate::approximated, "virtualbox-name-id",
                     "'" + printable(system.id, 80) + "': VirtualBox takes the id for the name, which is written there"});
    system.id = made.id;
}

void update(XmlDocument& document, const Envelope& have, const Envelope& asked, WriteContext& context,
            std::vector<LossNote>& notes) {
    const EnvelopeParts layout = envelope_parts(document);
    if (have == asked || layout.systems.size() != have.systems.size()) return;
    Diagnostics quiet;
    ReadOptions read_options;
    read_options.configuration = have.configuration;
    ReadContext reading{quiet, read_options};
    const Envelope plain = read_plain(document, reading);
    Envelope wanted = arranged(have, asked, notes);
    const auto match = matched_systems(have.systems, wanted.systems);
    struct Share {
        Machine machine;
        Division division;
        std::size_t before, now;
    };
    std::vector<Share> shares;
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        if (match[i] == have.systems.size()) continue;
        const Element element = machine_element(layout.systems[match[i]]);
        if (!element) {
            keep_name_as_id(wanted, i, plain, plain.systems[match[i]], notes);
            continue;
        }
        Share share{read_machine(element, plain.systems[match[i]], quiet), {}, match[i], i};
        share.division = divide(share.machine, plain.systems[match[i]], have.systems[match[i]], wanted.systems[i],
                                !share.machine.hardware);
        shares.push_back(std::move(share));
    }
    Envelope rest = wanted;
    for (const Share& share : shares) rest.systems[share.now] = share.division.rest;
    Style style = style_of(document);
    if (!shares.empty())
        style.disk_attributes = [](const VirtualDisk& disk) {
            return std::vector<Fragment::Attr>{{Ns::vbox, "uuid", made_uuid("disk", disk.id)}};
        };
    update_envelope(document, plain, rest, context, style, notes);
    Editing editing{document, notes, major_version(document), nullptr};
    for (const Share& share : shares)
        if (!(have.systems[share.before] == wanted.systems[share.now]) || !share.machine.hardware)
            write_machine(editing, share.machine, share.division, have.systems[share.before],
                          wanted.systems[share.now]);
}

/// What cannot be left out of vbox:Machine; the rest of it is filled in by update().
std::vector<std::string> new_machine(const VirtualSystem& system) {
    const auto attribute = [](std::string_view name, std::string_view value) {
        return " " + std::string(name) + "=\"" + xml_escaped(value, true) + "\"";
    };
    const std::string uuid = normal_uuid(system.uuid);
    const std::string& type = system.os.virtualbox_type;
    return {"<vbox:Machine ovf:required=\"false\"" + attribute("version", "1.16-linux") +
           attribute("uuid", "{" + (uuid.empty() ? made_uuid("machine", system.id) : uuid) + "}") +
           attribute("name", system.name.empty() ? system.id : system.name) +
           attribute("OSType", type.empty() ? os_type_of(system.os) : std::string_view(type)) + ">",
            "  <ovf:Info>Complete VirtualBox machine configuration in VirtualBox format</ovf:Info>", "</vbox:Machine>"};
}

std::string skeleton(const Envelope& wanted, WriteContext& context) {
    Skeleton form;
    form.version = context.option("virtualbox", options, "version");
    const bool old = form.version == "0.9";
    form.system_type = old ? "vmx-6" : "virtualbox-2.2";
    form.family = old ? "vmx-" : "virtualbox";
    if (!old) form.namespaces = {Ns::vbox};
    if (!old && context.option("virtualbox", options, "machine") == "yes") {
        form.tail = new_machine;
        return skeleton_text(wanted, form);
    }
    form.names = true;
    Envelope by_name = wanted;
    for (std::size_t i = 0; i < wanted.systems.size(); ++i)
        by_name.systems[i].id = id_by_name(wanted.systems[i], wanted);
    return skeleton_text(by_name, form);
}

}  // namespace
}  // namespace virtualbox

extern const Dialect dialect_virtualbox;
const Dialect dialect_virtualbox{"virtualbox",     "VirtualBox OVF",   virtualbox::options, virtualbox::detect,
                                 virtualbox::read, virtualbox::update, virtualbox::skeleton,
                                 virtualbox::families};

}  // namespace ovfkit::detail
