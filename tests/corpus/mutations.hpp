#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

/// Every value of a descriptor changed, one at a time.
namespace corpus {

struct Mutation {
    std::size_t at, length;
    std::string text;
    std::string what;
};

/// The one change that says nothing: a graphics Item of oVirt taken out. The engine adds a display by itself, of the
/// kind DefaultDisplayType gives (OvfVmReader), so the machine and its text are the same. Only files of a single line
/// show it: elsewhere the rows' line numbers move.
inline bool says_nothing(const std::string& taken_out) {
    return taken_out.find("<Type>graphics</Type>") != std::string::npos && taken_out.find("<Item>", 1) == std::string::npos;
}

/// Another value of the same kind: a number goes up, a boolean flips, a word gets a letter more.
inline std::string changed(const std::string& value) {
    const bool number = !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (number && value.size() < 18) return std::to_string(std::stoull(value) + 1);
    if (value == "true") return "false";
    if (value == "false") return "true";
    return value + "x";
}

inline bool is_blank(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; });
}

/// `line:column`, from 1.
inline std::string place_of(const std::string& text, std::size_t at) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    const std::size_t begin = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    return std::to_string(line) + ":" + std::to_string(begin == std::string::npos ? at + 1 : at - begin);
}

/// Names of what holds structure or language, not the machine.
inline bool is_skipped_attribute(const std::string& name) {
    return name.starts_with("xmlns") || name == "xml:lang" || name == "xsi:type" || name == "xsi:schemaLocation" || name.ends_with("msgid") ||
           name.ends_with(":required") || name == "required";
}

/// Every attribute value and every element text of a descriptor; and every Item, taken out whole.
inline std::vector<Mutation> mutations(const std::string& s) {
    std::vector<Mutation> out;
    std::size_t i = 0;
    std::vector<std::pair<std::string, std::size_t>> open;
    while ((i = s.find('<', i)) != std::string::npos) {
        if (s.compare(i, 4, "<!--") == 0) {
            i = s.find("-->", i);
            continue;
        }
        if (s.compare(i, 9, "<![CDATA[") == 0) {
            i = s.find("]]>", i);
            continue;
        }
        if (s[i + 1] == '?') {
            i = s.find("?>", i);
            continue;
        }
        const std::size_t end = s.find('>', i);
        if (end == std::string::npos) break;
        if (s[i + 1] == '/') {
            if (!open.empty()) {
                const auto [name, begin] = open.back();
                open.pop_back();
                if (name.ends_with("Item") && name.find("StartupItem") == std::string::npos) out.push_back({begin, end + 1 - begin, "", name + " removed"});
            }
            i = end;
            continue;
        }
        std::size_t p = i + 1;
        while (p < end && std::isspace(static_cast<unsigned char>(s[p])) == 0 && s[p] != '/') ++p;
        const std::string name = s.substr(i + 1, p - i - 1);
        std::size_t close = end;
        while (p < close) {
            const std::size_t equal = s.find('=', p);
            if (equal == std::string::npos || equal > close) break;
            const std::size_t quote = s.find_first_of("\"'", equal);
            const std::size_t last = s.find(s[quote], quote + 1);
            close = std::max(close, s.find('>', last));
            std::string attribute = s.substr(p, equal - p);
            std::erase_if(attribute, [](unsigned char c) { return std::isspace(c) != 0; });
            if (!is_skipped_attribute(attribute)) {
                const std::string value = s.substr(quote + 1, last - quote - 1);
                // A password is named by its row, never by its value.
                const std::string tag = s.substr(i, s.find('>', i) - i);
                const bool secret = attribute == "ovf:rootPassword" || attribute == "ovf:winKey" ||
                                    (attribute.ends_with(":value") && tag.find("password=\"true\"") != std::string::npos);
                // Whole GiB beside the bytes: the next number may be the same bytes rounded the other way.
                const bool rounded = name == "Disk" && attribute == "ovf:size";
                if (!secret)
                    out.push_back({quote + 1, value.size(), rounded ? changed(changed(value)) : changed(value), name + "/@" + attribute + " '" + value + "'"});
            }
            p = last + 1;
        }
        const bool empty = s[close - 1] == '/';
        if (!empty) {
            open.emplace_back(name, i);
            const std::size_t next = s.find('<', close);
            if (next != std::string::npos) {
                const std::string text = s.substr(close + 1, next - close - 1);
                // An InstanceID is a name; what refers to it is changed as another value.
                if (!name.ends_with("InstanceID") && !name.ends_with("InstanceId") && !is_blank(text) && s.compare(next, 2, "</") == 0) {
                    const std::size_t first = text.find_first_not_of(" \t\r\n");
                    const std::size_t tail = text.find_last_not_of(" \t\r\n") + 1;
                    const std::string value = text.substr(first, tail - first);
                    out.push_back({close + 1 + first, value.size(), changed(value), name + " '" + value + "'"});
                }
            }
        }
        i = close;
    }
    return out;
}

}  // namespace corpus
