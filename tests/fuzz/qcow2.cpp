// qcow2, and whatever else a file that is declared to be an image turns out to be.
#include "image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    const auto once = fuzz::read_random(bytes, fuzz::Family::qcow2);
    const auto twice = fuzz::read_random(bytes, fuzz::Family::qcow2);
    fuzz::require(once == twice, "the same bytes are the same disk");
    (void)fuzz::read_stream(bytes, fuzz::Family::qcow2, true);
    for (const fuzz::Family family : {fuzz::Family::raw, fuzz::Family::vhd, fuzz::Family::vhdx, fuzz::Family::vdi}) {
        ovfkit::Diagnostics found;
        try {
            const fuzz::Memory memory(bytes);
            (void)fuzz::inspect("disk", memory, fuzz::options_for(family), found);
        } catch (const ovfkit::InputError& error) {
            found.add(error.diagnostic());
        }
        fuzz::show(found);
    }
    return 0;
}
