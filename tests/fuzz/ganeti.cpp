// Ganeti's config.ini.
#include "platform.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::platform_text("ganeti", fuzz::text_of(data, size));
    return 0;
}
