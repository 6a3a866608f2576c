#include "convert/messages.hpp"

#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/files.hpp"
#include "descriptor/layout.hpp"
#include "descriptor/references.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::size_t max_files = 16;  // a descriptor may name one file very often

/// `de_DE.UTF-8` and `de-DE` are one locale.
std::string normal_locale(std::string_view text) {
    std::string out = to_lower(trimmed(text).substr(0, 64));
    out = out.substr(0, out.find_first_of(".@"));
    for (char& c : out) c = c == '_' ? '-' : c;
    return out;
}

std::string_view language_of(std::string_view locale) { return locale.substr(0, locale.find('-')); }

/// How well a bundle fits, the best first: the locale, its plain language, another country's form of it.
int fit(std::string_view bundle, std::string_view wanted) {
    if (bundle == wanted) return 0;
    if (bundle == language_of(wanted)) return 1;
    return language_of(bundle) == language_of(wanted) ? 2 : 3;
}

class Bundles {
public:
    Bundles(const XmlDocument& document, const ReadOptions& options, Diagnostics& diagnostics)
        : document_(document), options_(options), diagnostics_(diagnostics) {
        for (Element child = document.root().first(); child; child = child.next())
            if (part_name(child) == "Strings") strings_.push_back(child);
    }

    [[nodiscard]] bool empty() const { return strings_.empty(); }

    /// Those that fit a locale, the best first; what is there already stays.
    bool collect(std::string_view wanted, XmlDocument::Messages& messages) {
        bool any = false;
        for (int level = 0; level < 3; ++level)
            for (const Element& strings : strings_)
                if (fit(normal_locale(strings.attribute(Ns::xml, "lang").value()), wanted) == level) {
                    any = true;
                    add(strings, messages);
                }
        return any;
    }

    [[nodiscard]] std::string languages() const {
        std::string out;
        for (const Element& strings : strings_) {
            const std::string_view lang = strings.attribute(Ns::xml, "lang").value();
            out += (out.empty() ? "" : " ") + (lang.empty() ? std::string("(none)") : printable(lang, 40));
        }
        return out;
    }

private:
    static void add_inline(Element strings, XmlDocument::Messages& messages) {
        for (Element message = strings.first(); message; message = message.next())
            if (message.is_lax(Ns::ovf, "Msg"))
                messages.emplace(message.attribute_lax(Ns::ovf, "msgid").value(), trimmed(message.text()));
    }

    void add(Element strings, XmlDocument::Messages& messages) {
        add_inline(strings, messages);
        const Attribute reference = strings.attribute_lax(Ns::ovf, "fileRef");
        if (!reference) return;
        const auto missing = [&](const std::string& why) {
            report(diagnostics_, "ovf-strings-missing", strings,
                   fmt::format("the messages of '{}' are not read: {}",
                               printable(strings.attribute(Ns::xml, "lang").value(), 40), why));
        };
        const std::string_view href = href_of(reference.value());
        if (href.empty()) return missing("References has no file '" + printable(reference.value(), 80) + "'");
        if (!is_plain_name(href)) return missing("'" + printable(href, 80) + "' is no plain file name");
        if (++files_ > max_files) return missing(fmt::format("more than {} files of messages", max_files));
        if (options_.folder.empty()) return missing("the descriptor is not read from a folder");
        try {
            const std::string path = (std::filesystem::path(options_.folder) / href).string();
            const auto bundle = XmlDocument::parse(path, read_file(path, options_.limits.descriptor_bytes), diagnostics_,
                                                   options_.limits);
            if (bundle->root().local() != "Strings") return missing("its root element is not Strings");
            add_inline(bundle->root(), messages);
        } catch (const Error& error) {
            missing(error.what());
        }
    }

    std::string_view href_of(std::string_view id) const {
        for (Element file = envelope_parts(document_).references.first(); file; file = file.next())
            if (file.attribute_lax(Ns::ovf, "id").value() == id) return file.attribute_lax(Ns::ovf, "href").value();
        return {};
    }

    static bool is_plain_name(std::string_view name) {
        return name != "." && name != ".." && name.find_first_of("/\\:%") == std::string_view::npos &&
               name.find('\0') == std::string_view::npos && name.front() != '-';
    }

    const XmlDocument& document_;
    const ReadOptions& options_;
    Diagnostics& diagnostics_;
    std::vector<Element> strings_;
    std::size_t files_ = 0;
};

}  // namespace

void use_language(const XmlDocument& document, const ReadOptions& options, Diagnostics& diagnostics) {
    Bundles bundles(document, options, diagnostics);
    const std::string wanted = normal_locale(options.lang);
    const std::string_view said = document.root().attribute(Ns::xml, "lang").value();
    const std::string own = said.empty() ? "en-us" : normal_locale(said);
    if (bundles.empty()) {
        document.use_messages({}, XmlDocument::MessageUse::when_empty);
        if (!wanted.empty() && language_of(wanted) != language_of(own))
            report(diagnostics, "ovf-strings-language", document.root(),
                   fmt::format("there are no messages in '{}': the descriptor has none but its own",
                               printable(options.lang, 40)));
        return;
    }
    XmlDocument::Messages messages;
    if (!wanted.empty() && !bundles.collect(wanted, messages) && language_of(wanted) != language_of(own))
        report(diagnostics, "ovf-strings-language", document.root(),
               fmt::format("there are no messages in '{}'; the descriptor has: {}", printable(options.lang, 40),
                           bundles.languages()));
    const bool translated = !messages.empty();
    (void)bundles.collect(own, messages);
    document.use_messages(std::move(messages),
                          translated ? XmlDocument::MessageUse::instead : XmlDocument::MessageUse::when_empty);
}

}  // namespace ovfkit::detail
