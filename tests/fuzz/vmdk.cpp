// VMDK: what a stream and a file give is the same, or one of them refuses.
#include "image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    const auto random = fuzz::read_random(bytes, fuzz::Family::vmdk);
    const auto stream = fuzz::read_stream(bytes, fuzz::Family::vmdk, true);
    const auto piped = fuzz::read_stream(bytes, fuzz::Family::vmdk, false);
    fuzz::require(!random || !stream || *random == *stream, "a file and a stream hold the same disk");
    fuzz::require(stream.has_value() == piped.has_value() && (!stream || *stream == *piped), "a pipe is no different stream");
    return 0;
}
