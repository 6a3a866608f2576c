// Changes one value at a time in real descriptors and looks whether the libvirt text (without the carried
// descriptor) or the loss report changes. A change that alters neither is a silent loss.
// usage: corpus_mutate BUDGET FOLDER...
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"

namespace {

using namespace ovfkit;

struct Mutation {
    std::size_t at, length;
    std::string text;
    std::string what;
};

/// The one change that says nothing: a graphics Item of oVirt taken out. The engine adds a display by itself, of the
/// kind DefaultDisplayType gives (OvfVmReader), so the machine and its text are the same. Only files of a single line
/// show it: elsewhere the rows' line numbers move.
bool says_nothing(const std::string& taken_out) {
    return taken_out.find("<Type>graphics</Type>") != std::string::npos && taken_out.find("<Item>", 1) == std::string::npos;
}

/// Another value of the same kind: a number goes up, a boolean flips, a word gets a letter more.
std::string changed(const std::string& value) {
    const bool number = !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (number && value.size() < 18) return std::to_string(std::stoull(value) + 1);
    if (value == "true") return "false";
    if (value == "false") return "true";
    return value + "x";
}

bool is_blank(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; });
}

/// `line:column`, from 1.
std::string place_of(const std::string& text, std::size_t at) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    const std::size_t begin = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    return std::to_string(line) + ":" + std::to_string(begin == std::string::npos ? at + 1 : at - begin);
}

/// Names of what holds structure or language, not the machine.
bool is_skipped_attribute(const std::string& name) {
    return name.starts_with("xmlns") || name == "xml:lang" || name == "xsi:type" || name == "xsi:schemaLocation" || name.ends_with("msgid") ||
           name.ends_with(":required") || name == "required";
}

/// Every attribute value and every element text of a descriptor; and every Item, taken out whole.
std::vector<Mutation> mutations(const std::string& s) {
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

/// What a user sees of a translation: texts and reports, or the refusal.
std::string seen(const std::string& name, const std::string& bytes) {
    Diagnostics diagnostics;
    try {
        ReadOptions read_options;
        read_options.unmapped = true;
        const Source source = Source::parse(name, bytes, read_options, diagnostics);
        WriteOptions options;
        options.carry_origin = false;
        std::string out;
        for (const Translation& text : translate(source, "libvirt", options, diagnostics)) out += text.files.front().bytes + render_json(text.report);
        for (const Diagnostic& d : diagnostics.all())
            if (d.severity != Severity::note) out += d.rule + d.message;
        return out;
    } catch (const InputError& error) {
        return "refused " + error.diagnostic().rule + error.diagnostic().message;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::size_t budget = std::strtoull(argv[1], nullptr, 10);
    std::vector<corpus::fs::path> files;
    for (int i = 2; i < argc; ++i)
        for (const auto& path : corpus::descriptors(argv[i])) files.push_back(path);
    if (files.empty()) {
        std::printf("SKIP: no corpus at %s\n", argv[2]);
        return 77;
    }
    std::vector<std::pair<corpus::fs::path, Mutation>> all;
    std::map<std::string, std::string> baseline;
    std::map<std::string, std::size_t> left_out;
    for (const auto& path : files) {
        const std::string bytes = corpus::slurp(path);
        const std::string base = seen(path.string(), bytes);
        if (base.starts_with("refused")) {
            ++left_out["refused as it is"];
            continue;
        }
        if (bytes.size() > 200000) {
            ++left_out["over 200 kB"];
            continue;
        }
        baseline.emplace(path.string(), base);
        for (Mutation& mutation : mutations(bytes)) all.emplace_back(path, std::move(mutation));
    }
    // An even sample, every file in it: the step is prime to nothing in particular, only fixed.
    const std::size_t step = std::max<std::size_t>(1, all.size() / budget);
    std::size_t tried = 0;
    std::size_t same = 0;
    std::map<std::string, std::pair<std::size_t, std::string>> silent;
    for (std::size_t i = 0; i < all.size(); i += step) {
        const auto& [path, mutation] = all[i];
        const std::string baseline_bytes = corpus::slurp(path);
        std::string bytes = baseline_bytes;
        bytes.replace(mutation.at, mutation.length, mutation.text);
        ++tried;
        if (seen(path.string(), bytes) != baseline.at(path.string())) continue;
        if (mutation.text.empty() && says_nothing(baseline_bytes.substr(mutation.at, mutation.length))) continue;
        ++same;
        auto& [count, example] = silent[mutation.what.substr(0, mutation.what.find(" '"))];
        if (count++ < 20) example += "\n    " + path.filename().string() + ":" + place_of(baseline_bytes, mutation.at) + ": " + mutation.what;
    }
    for (const auto& [why, count] : left_out) std::printf("%6zu  files left out: %s\n", count, why.c_str());
    std::printf("%6zu  values in %zu files, %zu changed one at a time, %zu silent\n", all.size(), baseline.size(), tried, same);
    for (const auto& [what, row] : silent) std::printf("SILENT %zu x %s, e.g. %s\n", row.first, what.c_str(), row.second.c_str());
    return same == 0 ? 0 : 1;
}
