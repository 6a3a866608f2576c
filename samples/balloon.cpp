#include <iostream>

#include <ovfkit/ovfkit.hpp>

// Switches the memory balloon of a descriptor off and shows what libvirt would get, and what that loses.
int main(int argc, char** argv) try {
    if (argc != 3) throw ovfkit::UsageError("usage: balloon IN.ovf OUT.ovf");
    ovfkit::Diagnostics found;
    auto document = ovfkit::Document::load(argv[1], found);
    ovfkit::Envelope envelope = ovfkit::read(document, found);
    for (auto& system : envelope.systems) system.hardware.balloon.state = ovfkit::BalloonState::disabled;
    std::cerr << render_text(ovfkit::update(document, envelope, found));  // the balloon Item and nothing else
    document.save(argv[2], true);

    ovfkit::ReadOptions reading;
    reading.unmapped = true;  // so that the report names what the model has no word for
    const auto source = ovfkit::Source::load(argv[2], reading, found);
    for (const auto& result : ovfkit::translate(source, "libvirt", {}, found))
        std::cout << result.files[0].bytes << render_json(result.report);
    for (const auto& finding : found.all()) std::cerr << render_text(finding);
    return found.has_errors() ? 1 : 0;
} catch (const ovfkit::Error& error) {
    std::cerr << error.what() << '\n';
    return 2;
}
