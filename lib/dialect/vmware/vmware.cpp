#include <array>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "descriptor/envelope.hpp"
#include "model/leaf.hpp"

// OVF as VMware's tools write and want it: virtual hardware families, their ResourceSubTypes, ExtraConfig.
namespace ovfkit::detail {

namespace {

constexpr std::array options{
    OptionSpec{"hardware", "vmx-NN", "vmx-13", "virtual hardware family of a new descriptor"},
    OptionSpec{"balloon", "item|maxmemctl", "item",
               "a disabled balloon: an Item of our own, or sched.mem.maxmemctl 0, which ESXi obeys"}};

constexpr std::array<std::string_view, 1> families{"vmx-"};

/// Everyone declares the vmw namespace and many copy a vmx family: the producer's own word counts most.
int detect(const XmlDocument& document) {
    if (document.root().local() != "Envelope") return 0;
    const std::string producer = producer_of(document);
    if (producer.starts_with("VMware")) return 80;
    if (!producer.empty()) return 0;  // it says it is another's
    if (uses_namespace(document, Ns::vmw)) return 60;
    return to_lower(first_system_type(document)).find("vmx-") != std::string::npos ? 40 : 0;
}

void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    Style style;
    style.speller = Speller::vmware;
    style.family = "vmx-";
    style.family_rule = "vmware-family-kept";
    style.nvram_in_extra_config = style.boot_order_section = true;
    style.keep_family = context.options.options.count("vmware.hardware") != 0;
    style.balloon_as_maxmemctl = context.option("vmware", options, "balloon") == "maxmemctl";
    update_envelope(document, have, wanted, context, style, notes);
    if (!style.balloon_as_maxmemctl) return;
    for (const VirtualSystem& system : wanted.systems) {
        const MemoryBalloon& balloon = system.hardware.balloon;
        if (balloon.state == BalloonState::disabled && balloon.model != BalloonModel::vmware &&
            balloon.model != BalloonModel::unspecified)
            notes.push_back({"balloon.model", "", Fate::approximated, "vmware-balloon-model",
                             "sched.mem.maxmemctl is VMware's own balloon: the model reads back as vmware"});
    }
}

std::string skeleton(const Envelope& wanted, WriteContext& context) {
    Skeleton form;
    form.dialect = "vmware";  // whoever's disk format or sub-types are in it
    form.system_type = context.option("vmware", options, "hardware");
    if (!form.system_type.starts_with("vmx-") ||
        !to_number<std::uint32_t>(std::string_view(form.system_type).substr(4)))
        throw UsageError("vmware.hardware is '" + printable(form.system_type, 40) + "'; give a family like vmx-13");
    form.family = context.options.options.count("vmware.hardware") != 0 ? form.system_type : "vmx-";
    return skeleton_text(wanted, form);
}

}  // namespace

extern const Dialect dialect_vmware;
const Dialect dialect_vmware{"vmware", "VMware OVF", options, detect, read_envelope, update, skeleton, families};

}  // namespace ovfkit::detail
