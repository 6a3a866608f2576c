// A descriptor: read, written, read again.
#include "fuzz.hpp"

using namespace fuzz;

namespace {

void set_balloons(Envelope& envelope, BalloonState state) {
    for (VirtualSystem& system : envelope.systems) {
        system.hardware.balloon.state = state;
    }
}

bool balloons_are(const Envelope& envelope, BalloonState state) {
    return std::all_of(envelope.systems.begin(), envelope.systems.end(),
                       [&](const VirtualSystem& system) { return system.hardware.balloon.state == state; });
}

void check(Document& document, std::string_view bytes, BalloonState state) {
    ReadOptions options;
    options.lenient = true;
    Diagnostics found;
    const Envelope have = read(document, found, options);
    show(found);
    if (found.has_errors()) return;
    Diagnostics quiet;
    update(document, have, quiet, options);
    require(!document.edited() && document.bytes() == bytes, "update(d, read(d)) makes no edit", document.bytes());
    Envelope wanted = have;
    set_balloons(wanted, state);
    const LossReport report = update(document, wanted, quiet, options);
    Diagnostics again;
    const Document written = Document::parse("written.ovf", document.bytes(), again);
    const Envelope back = read(written, again, options);
    require(back.systems.size() == have.systems.size(), "no machine comes or goes", document.bytes());
    require(balloons_are(back, state) || report.is_loss(), "a balloon that was set is read back, or a row says so", document.bytes());
    Envelope rest = back;
    for (std::size_t i = 0; i < rest.systems.size(); ++i) rest.systems[i].hardware.balloon = wanted.systems[i].hardware.balloon;
    require(rest == wanted || !report.rows.empty(), "nothing but the balloon changes", document.bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(text_of(data, size));
    try {
        Diagnostics found;
        Document document = Document::parse("in.ovf", bytes, found);
        require(document.bytes() == bytes, "what is read comes back to the byte");
        show(found);
        // Nothing is asked of `unspecified`: where absence has a meaning it reads back as that.
        check(document, bytes, size % 2 == 0 ? BalloonState::disabled : BalloonState::enabled);
    } catch (const InputError& error) {
        Diagnostics one;
        one.add(error.diagnostic());
        show(one);
    }
    return 0;
}
