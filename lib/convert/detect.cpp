#include "convert/detect.hpp"

#include <ovfkit/error.hpp>

namespace ovfkit::detail {

const Dialect* find_dialect(std::string_view id) {
    for (const Dialect* dialect : dialects())
        if (dialect->id == id) return dialect;
    return nullptr;
}

PlatformForm find_platform_form(std::string_view id) {
    for (const Platform* platform : platforms())
        for (const Form& form : platform->forms)
            if (form.id == id) return {platform, form.id};
    return {};
}

const Dialect* best_dialect(const XmlDocument& document) {
    // A document of ours may say itself what it is: whose disk format or parameters are in it does not count then.
    if (document.root().local() == "Envelope")
        if (const Dialect* own = find_dialect(document.root().attribute(Ns::hardware, "dialect").value())) return own;
    const Dialect* best = nullptr;
    int best_score = 0;
    for (const Dialect* dialect : dialects()) {
        const int score = dialect->detect(document);
        if (score > best_score) {
            best = dialect;
            best_score = score;
        }
    }
    return best;
}

PlatformForm best_platform(std::string_view name, std::string_view bytes) {
    const Platform* best = nullptr;
    int best_score = 0;
    for (const Platform* platform : platforms()) {
        const int score = platform->read == nullptr || platform->detect == nullptr ? 0 : platform->detect(name, bytes);
        if (score > best_score) {
            best = platform;
            best_score = score;
        }
    }
    if (best == nullptr) return {};
    return {best, best->form_of != nullptr ? best->form_of(bytes) : best->forms.front().id};
}

}  // namespace ovfkit::detail

namespace ovfkit {

std::string detect(std::string_view name, std::string_view bytes) {
    const auto found = detail::best_platform(name, bytes);
    if (found.platform != nullptr) return std::string(found.form);
    try {
        Diagnostics ignored;
        const auto document = detail::XmlDocument::parse(std::string(name), std::string(bytes), ignored);
        if (const auto* dialect = detail::best_dialect(*document)) return std::string(dialect->id);
    } catch (const InputError&) {
        // Not XML: no format.
    }
    return {};
}

}  // namespace ovfkit
