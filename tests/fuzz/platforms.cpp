// The texts of all other platforms: the first byte says which.
#include "platform.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> forms;
    for (const ovfkit::Format& format : ovfkit::formats())
        if (!format.is_dialect && format.can_read && format.can_write && format.id != "libvirt" && format.id != "ganeti") forms.emplace_back(format.id);
    if (size == 0) return 0;
    const std::string_view bytes = fuzz::text_of(data, size);
    fuzz::platform_text(forms[data[0] % forms.size()], bytes.substr(1));
    // Detection has no preference to fall back on.
    (void)ovfkit::detect("in", bytes.substr(1));
    return 0;
}
