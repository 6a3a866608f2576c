#include <cstdio>
#include <exception>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

// bench_roundtrip IN OUT: reads a descriptor into the model, checks it, and writes it to another file.
int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: bench_roundtrip IN OUT\n", stderr);
        return 2;
    }
    try {
        ovfkit::Diagnostics diagnostics;
        ovfkit::ReadOptions options;
        options.limits = ovfkit::Limits::for_descriptor_bytes(256ULL << 20);
        const ovfkit::Document document = ovfkit::Document::load(argv[1], diagnostics, options.limits);
        const ovfkit::Envelope envelope = ovfkit::read(document, diagnostics, options);
        std::size_t devices = 0;
        for (const ovfkit::VirtualSystem& system : envelope.systems) devices += system.hardware.drives.size() + system.hardware.nics.size();
        for (const ovfkit::Diagnostic& found : diagnostics.all()) std::fputs(ovfkit::render_text(found).c_str(), stderr);
        if (diagnostics.has_errors()) return 3;
        document.save(argv[2], true);
        std::printf("%zu systems, %zu drives and NICs, %zu findings\n", envelope.systems.size(), devices, diagnostics.all().size());
        return 0;
    } catch (const ovfkit::InputError& error) {
        std::fputs(ovfkit::render_text(error.diagnostic()).c_str(), stderr);
        return 3;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 6;
    }
}
