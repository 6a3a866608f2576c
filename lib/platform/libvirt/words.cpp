#include "platform/libvirt/words.hpp"

#include <utility>

#include "base/checked.hpp"

namespace ovfkit::detail::libvirt {

namespace {

constexpr std::size_t max_name = 200;  // a file name is made of it

}  // namespace

std::string domain_name(std::string_view name) {
    std::string out(trimmed(name));
    for (char& c : out)
        if (c == '/' || is_control(c)) c = '-';
    if (out == "." || out == "..") out.clear();
    out = cut_text(std::move(out), max_name);
    return out.empty() ? "vm" : out;
}

std::string target_name(std::string_view prefix, std::size_t index) {
    std::string letters;
    for (std::size_t n = index + 1; n > 0; n = (n - 1) / 26)
        letters.insert(letters.begin(), static_cast<char>('a' + (n - 1) % 26));
    return std::string(prefix) + letters;
}

std::optional<std::size_t> target_index(std::string_view name) {
    for (const std::string_view prefix : {"xvd", "ubd", "vd", "sd", "hd", "fd"}) {
        if (!name.starts_with(prefix)) continue;
        const std::string_view letters = name.substr(prefix.size());
        if (letters.empty() || letters.size() > 4) return std::nullopt;
        std::size_t out = 0;
        for (const char c : letters) {
            if (c < 'a' || c > 'z') return std::nullopt;
            out = out * 26 + static_cast<std::size_t>(c - 'a') + 1;
        }
        return out - 1;
    }
    return std::nullopt;
}

std::string_view scsi_model_word(std::string_view neutral) { return neutral == "spapr-vscsi" ? "ibmvscsi" : neutral; }
std::string_view scsi_model_from(std::string_view word) { return word == "ibmvscsi" ? "spapr-vscsi" : word; }

}  // namespace ovfkit::detail::libvirt
