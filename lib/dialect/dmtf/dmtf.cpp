#include <array>

#include "descriptor/envelope.hpp"
#include "model/leaf.hpp"

// The DMTF standard, 0.9 to 2.x (DSP0243), and every other dialect that has no leaf of its own.
namespace ovfkit::detail {

namespace {

constexpr std::array options{OptionSpec{"version", "0.9|1.0|1.1|2.0", "1.1", "OVF version of a new descriptor"}};

constexpr Style style{};

int detect(const XmlDocument& document) { return document.root().local() == "Envelope" ? 10 : 0; }

void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes) {
    update_envelope(document, have, wanted, context, style, notes);
}

std::string skeleton(const Envelope& wanted, WriteContext& context) {
    Skeleton form;
    form.dialect = "dmtf";  // firmware is VMware's entry: without a word it would be taken for VMware's
    form.version = context.option("dmtf", options, "version");
    return skeleton_text(wanted, form);
}

}  // namespace

extern const Dialect dialect_dmtf;
const Dialect dialect_dmtf{"dmtf", "DMTF OVF", options, detect, read_envelope, update, skeleton};

}  // namespace ovfkit::detail
