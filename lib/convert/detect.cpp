#include "convert/detect.hpp"

#include <algorithm>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"

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

namespace {

/// Other standards have an Envelope, too (SOAP). One in no namespace, or in one that speaks of OVF, is meant as ours.
bool is_foreign_envelope(Element root) {
    constexpr std::string_view word = "ovf";
    const std::string_view uri = root.uri();
    return root.local() == "Envelope" && !uri.empty() &&
           std::search(uri.begin(), uri.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == b; }) == uri.end();
}

}  // namespace

const Dialect* best_dialect(const XmlDocument& document) {
    if (is_foreign_envelope(document.root())) return nullptr;
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

namespace {

/// A platform with several forms tells them apart by itself: detect() says how sure it is of the platform, and
/// the form is the first readable one whose reader finds its own shape. JSON forms differ in their top level.
std::string_view form_of(const Platform& platform, std::string_view bytes) {
    const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    const char lead = first == std::string_view::npos ? '\0' : bytes[first];
    const char second = [&] {
        const std::size_t next = first == std::string_view::npos ? first : bytes.find_first_not_of(" \t\r\n", first + 1);
        return next == std::string_view::npos ? '\0' : bytes[next];
    }();
    const bool json_array = lead == '[' && (second == '{' || second == ']');
    const bool words = lead == '[' && (second == '"' || second == '[');  // a command line
    for (const Form& form : platform.forms) {
        if (!form.can_read) continue;
        if (form.extension != ".json") {
            if (lead != '{' && !json_array && !words) return form.id;
        } else if (words) {
            if (form.id.ends_with("-argv")) return form.id;
        } else if (json_array == form.id.ends_with("-instance")) {
            if (lead == '{' || json_array) return form.id;
        }
    }
    return platform.forms.front().id;
}

}  // namespace

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
    return {best, form_of(*best, bytes)};
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
