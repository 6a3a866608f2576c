#pragma once

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The same descriptor said otherwise: Items and references the other way round, other units, other ids, other
/// prefixes, comments and blanks in between.
namespace corpus {

/// `[begin, end)` of the elements of that local name that are no part of one another, grouped by what stands between
/// them: a group's members are siblings.
struct Span {
    std::size_t begin, end;
};

inline std::string local_name(const std::string& s, std::size_t at) {
    const std::size_t end = s.find_first_of(" \t\r\n/>", at);
    const std::string name = s.substr(at, end - at);
    const std::size_t colon = name.find(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

inline std::size_t tag_end(const std::string& s, std::size_t at) {
    char quote = 0;
    for (; at < s.size(); ++at) {
        if (quote != 0) {
            if (s[at] == quote) quote = 0;
        } else if (s[at] == '"' || s[at] == '\'') {
            quote = s[at];
        } else if (s[at] == '>') {
            return at;
        }
    }
    return s.size();
}

/// Skips a comment, CDATA or an instruction at `at`; npos when it is a tag.
inline std::size_t after_other(const std::string& s, std::size_t at) {
    if (s.compare(at, 4, "<!--") == 0) return s.find("-->", at) + 3;
    if (s.compare(at, 9, "<![CDATA[") == 0) return s.find("]]>", at) + 3;
    if (s.compare(at, 2, "<?") == 0) return s.find("?>", at) + 2;
    return std::string::npos;
}

inline std::vector<std::vector<Span>> siblings(const std::string& s, const std::string& wanted) {
    struct Open {
        std::size_t begin;
        std::string name;
        std::vector<Span> found;
    };
    std::vector<std::vector<Span>> out;
    std::vector<Open> open{{0, "", {}}};
    const auto close = [&](std::size_t begin, const std::string& name, std::size_t end) {
        if (name == wanted) open.back().found.push_back({begin, end});
    };
    for (std::size_t i = s.find('<'); i != std::string::npos; i = s.find('<', i)) {
        if (const std::size_t after = after_other(s, i); after != std::string::npos) {
            i = after;
            continue;
        }
        const std::size_t end = tag_end(s, i);
        if (end == s.size()) break;
        if (s[i + 1] == '/') {
            if (open.size() < 2) break;
            Open done = std::move(open.back());
            open.pop_back();
            if (done.found.size() > 1) out.push_back(std::move(done.found));
            close(done.begin, done.name, end + 1);
        } else if (s[end - 1] == '/') {
            close(i, local_name(s, i + 1), end + 1);
        } else {
            open.push_back({i, local_name(s, i + 1), {}});
        }
        i = end;
    }
    return out;
}

inline std::string reversed(const std::string& s, const std::string& name) {
    std::string out;
    std::vector<Span> all;
    std::vector<std::string> texts;
    for (const auto& group : siblings(s, name))
        for (std::size_t i = 0; i < group.size(); ++i) {
            const Span& from = group[group.size() - 1 - i];
            all.push_back(group[i]);
            texts.push_back(s.substr(from.begin, from.end - from.begin));
        }
    std::vector<std::size_t> order(all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return all[x].begin < all[y].begin; });
    std::size_t at = 0;
    for (const std::size_t i : order) {
        if (all[i].begin < at) continue;  // inside another one
        out += s.substr(at, all[i].begin - at) + texts[i];
        at = all[i].end;
    }
    return out + s.substr(at);
}

inline void replace_all(std::string& s, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size()) s.replace(at, from.size(), to);
}

/// Every number that stands as the whole text of an element of that name, `to(number)` in its place.
template <class To>
std::string with_numbers(std::string s, const std::string& name, To&& to) {
    for (std::size_t at = 0; (at = s.find(name + ">", at)) != std::string::npos;) {
        const char before = at == 0 ? ' ' : s[at - 1];
        at += name.size() + 1;
        if (before != ':' && before != '<') continue;
        const std::size_t end = s.find('<', at);
        const std::string text = s.substr(at, end - at);
        if (text.empty() || text.size() > 12 || !std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
        s.replace(at, text.size(), to(text));
    }
    return s;
}

/// MiB of memory Items become KiB. oVirt reads no units.
inline std::string with_units(const std::string& s) {
    if (s.find("InstanceId>") != std::string::npos || s.find("ovirt.org") != std::string::npos) return s;
    std::string out;
    std::size_t at = 0;
    const auto kib = [](const std::string& text) { return std::to_string(std::stoull(text) * 1024); };
    for (std::size_t begin = s.find("<Item"); begin != std::string::npos; begin = s.find("<Item", at)) {
        const std::size_t end = s.find("</Item>", begin);
        if (end == std::string::npos) break;
        std::string item = s.substr(begin, end - begin);
        for (const std::string unit : {"byte * 2^20", "MegaBytes"}) {
            const std::size_t place = item.find("AllocationUnits>" + unit + "<");
            if (place == std::string::npos) continue;
            item.replace(place + 16, unit.size(), "byte * 2^10");
            for (const std::string name : {"VirtualQuantity", "Reservation", "Limit"}) item = with_numbers(std::move(item), name, kib);
            break;
        }
        out += s.substr(at, begin - at) + item;
        at = end;
    }
    return out + s.substr(at);
}

inline std::string with_prefixes(std::string s) {
    std::vector<std::string> prefixes;
    for (std::size_t at = 0; (at = s.find("xmlns:", at)) != std::string::npos;) {
        at += 6;
        const std::string prefix = s.substr(at, s.find('=', at) - at);
        if (prefix != "xsi" && std::find(prefixes.begin(), prefixes.end(), prefix) == prefixes.end()) prefixes.push_back(prefix);
    }
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = s.find('<'); i != std::string::npos; i = s.find('<', i)) {
        if (const std::size_t after = after_other(s, i); after != std::string::npos) {
            i = after;
            continue;
        }
        const std::size_t end = tag_end(s, i);
        std::string tag = s.substr(i, end - i);
        for (const std::string& prefix : prefixes) {
            const std::string fresh = "p" + prefix + "x";
            for (const std::string before : {"<", "</", " ", "\n", "\t", "xmlns:", "xsi:type=\""}) {
                if (before == "xmlns:")
                    replace_all(tag, before + prefix + "=", before + fresh + "=");
                else
                    replace_all(tag, before + prefix + ":", before + fresh + ":");
            }
        }
        out += s.substr(at, i - at) + tag;
        at = end;
        i = end;
    }
    return out + s.substr(at);
}

inline std::string with_ids(const std::string& s) {
    const auto moved = [](const std::string& text) { return text == "0" ? text : std::to_string(std::stoull(text) + 7000); };
    return with_numbers(with_numbers(s, "InstanceID", moved), "Parent", moved);
}

inline std::string with_comments(std::string s) {
    replace_all(s, "</Item>", "</Item>\n   <!-- an Item -->\n");
    return s;
}

struct Twin {
    std::string what, bytes;
};

inline std::vector<Twin> twins(const std::string& s) {
    std::string turned = s;
    for (const std::string name : {"Item", "File", "Disk", "Network"}) turned = reversed(turned, name);
    const std::string all = with_prefixes(with_comments(with_ids(with_units(turned))));
    return {{"order", turned}, {"units", with_units(s)}, {"ids", with_ids(s)}, {"prefixes", with_prefixes(s)}, {"comments", with_comments(s)}, {"all", all}};
}

}  // namespace corpus
