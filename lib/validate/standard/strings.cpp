#include <fmt/format.h>

#include "validate/findings.hpp"

// Message bundles (DSP0243 10).
namespace ovfkit::detail {

void check_strings(const Subject& subject, Findings& findings) {
    std::unordered_set<std::string_view> known;
    bool elsewhere = false, any = false;  // messages in files are not looked at
    for (Element strings = subject.layout.envelope.first(); strings; strings = strings.next()) {
        if (!is_part(strings, "Strings")) continue;
        any = true;
        if (const std::string_view file = value_of(strings, "fileRef"); !file.empty()) {
            elsewhere = true;
            if (!subject.file_ids.contains(file))
                findings.add("ovf-strings-dangling", strings, fmt::format("Strings are in the File '{}', which References does not have", printable(file, 80)));
        }
        std::unordered_set<std::string_view> here;
        for (Element message = strings.first(); message; message = message.next()) {
            const std::string_view id = value_of(message, "msgid");
            known.insert(id);
            if (!id.empty() && !here.insert(id).second)
                findings.add("ovf-strings-duplicate", message, fmt::format("the message '{}' stands in these Strings already", printable(id, 80)));
        }
    }
    if (elsewhere || !any) return;
    for_each_element(subject.document.root(), [&](Element element) {
        const std::string_view id = value_of(element, "msgid");
        if (!id.empty() && !known.contains(id)) findings.add("ovf-strings-undefined", element, fmt::format("no Strings have the message '{}'", printable(id, 80)));
    });
}

}  // namespace ovfkit::detail
