#include "platform/ganeti/ini_parser.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/utf8.hpp"

namespace ovfkit::detail::ganeti {

namespace {

constexpr std::size_t max_line = 64U << 10;
constexpr std::size_t max_file = 1U << 20;
constexpr std::size_t max_entries = 4096;
constexpr int max_depth = 10;  // configparser.MAX_INTERPOLATION_DEPTH
constexpr std::size_t max_value = 64U << 10;
constexpr std::size_t max_steps = 10000;

/// What str.isspace() has of ASCII.
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

std::string_view strip(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

class Parser {
public:
    Parser(const Reading& reading, std::vector<IniSection>& sections) : reading_(reading), sections_(sections) {}

    void run() {
        std::string_view text = reading_.text;
        if (text.size() > max_file) {
            reading_.report("ganeti-ini-too-large", 0,
                            fmt::format("{} bytes; a config.ini of {} bytes or less is read", text.size(), max_file),
                            Failure::refused);
            return;
        }
        bool bad_encoding = false;
        if (const std::size_t bad = find_illegal(text, bad_encoding); bad != std::string_view::npos) {
            malformed(bad, bad_encoding ? "not UTF-8, the only encoding that Ganeti reads" : "a control character; take it out");
            return;
        }
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            line(text.substr(at, end - at), at);
            at = end + 1;
        }
        defaults();
        interpolate();
    }

private:
    void malformed(std::uint64_t offset, std::string message) {
        reading_.report("ganeti-ini-malformed", offset, std::move(message), Failure::malformed);
    }

    void line(std::string_view raw, std::size_t offset) {
        if (raw.size() > max_line) {
            reading_.report("ganeti-ini-too-large", offset,
                            fmt::format("a line of {} bytes; lines of {} bytes or less are read", raw.size(), max_line),
                            Failure::refused);
            return;
        }
        const std::string_view value = strip(raw);
        if (value.empty() || value.front() == '#' || value.front() == ';') {
            // A blank line inside a value belongs to it; a comment does not.
            if (value.empty() && entry_ != nullptr) blank_lines_ += "\n";
            return;
        }
        const std::size_t indent = static_cast<std::size_t>(value.data() - raw.data());
        if (section_ != npos && entry_ != nullptr && indent > indent_) {
            entry_->value.value += blank_lines_ + "\n" + std::string(value);
            blank_lines_.clear();
            return;
        }
        indent_ = indent;
        blank_lines_.clear();
        if (value.front() == '[' && value.find(']') != std::string_view::npos && value.rfind(']') != 1)
            section(value, offset + indent);
        else if (section_ == npos)
            malformed(offset + indent, "a line before the first [section]");
        else
            option(value, offset + indent);
    }

    void section(std::string_view value, std::size_t offset) {
        const std::string name(value.substr(1, value.rfind(']') - 1));
        entry_ = nullptr;
        for (std::size_t i = 0; i < sections_.size(); ++i) {
            if (sections_[i].name != name) continue;
            section_ = i;
            if (name != "DEFAULT")
                reading_.report("ganeti-ini-duplicate", offset,
                                fmt::format("section [{}] is there twice; keep one", name), Failure::malformed);
            return;
        }
        sections_.push_back({name, offset, {}});
        section_ = sections_.size() - 1;
    }

    void option(std::string_view value, std::size_t offset) {
        const std::size_t delimiter = value.find_first_of("=:");
        if (delimiter == std::string_view::npos || delimiter == 0) {
            entry_ = nullptr;
            malformed(offset, delimiter == 0 ? "a value without a name"
                                             : "no 'name = value' line; a value may not stand alone");
            return;
        }
        IniSection& section = sections_[section_];
        const std::string key = to_lower(strip(value.substr(0, delimiter)));
        if (section.find(key) != nullptr) {
            entry_ = nullptr;
            reading_.report("ganeti-ini-duplicate", offset,
                            fmt::format("'{}' is there twice in [{}]; keep one", key, section.name),
                            Failure::malformed);
            return;
        }
        if (++entries_ > max_entries) {
            entry_ = nullptr;
            if (entries_ == max_entries + 1)
                reading_.report("ganeti-ini-too-large", offset, fmt::format("more than {} values", max_entries),
                                Failure::refused);
            return;
        }
        const std::string_view text = strip(value.substr(delimiter + 1));
        const std::size_t at = text.empty() ? offset : static_cast<std::size_t>(text.data() - reading_.text.data());
        section.entries.push_back({key, {std::string(text), at}, offset, false});
        entry_ = &section.entries.back();
    }

    /// [DEFAULT] is in every section.
    void defaults() {
        const auto found =
            std::find_if(sections_.begin(), sections_.end(), [](const IniSection& s) { return s.name == "DEFAULT"; });
        if (found == sections_.end()) return;
        const IniSection shared = std::move(*found);
        sections_.erase(found);
        for (IniSection& section : sections_)
            for (const IniEntry& entry : shared.entries)
                if (section.find(entry.key) == nullptr) section.entries.push_back(entry);
    }

    void interpolate() {
        for (IniSection& section : sections_) {
            std::vector<std::string> resolved;
            for (const IniEntry& entry : section.entries) resolved.push_back(resolve(section, entry));
            for (std::size_t i = 0; i < resolved.size(); ++i) section.entries[i].value.value = std::move(resolved[i]);
        }
    }

    std::string resolve(IniSection& section, const IniEntry& entry) {
        const std::string& raw = entry.value.value;
        if (raw.find('%') == std::string::npos) return raw;
        std::string out;
        steps_ = 0;
        if (!expand(section, raw, 1, out)) {
            reading_.report(
                "ganeti-ini-interpolation", entry.value.offset,
                fmt::format("'{}' has a '%' that Ganeti cannot resolve; write a plain percent sign as '%%'", entry.key),
                Failure::malformed);
            return raw;
        }
        return out;
    }

    /// BasicInterpolation._interpolate_some.
    bool expand(IniSection& section, std::string_view rest, int depth, std::string& out) {
        if (depth > max_depth || ++steps_ > max_steps) return false;
        while (!rest.empty()) {
            const std::size_t percent = std::min(rest.find('%'), rest.size());
            out += rest.substr(0, percent);
            rest.remove_prefix(percent);
            if (out.size() > max_value) return false;
            if (rest.empty()) return true;
            if (rest.starts_with("%%")) {
                out += '%';
                rest.remove_prefix(2);
                continue;
            }
            const std::size_t close = rest.find(")s");
            if (!rest.starts_with("%(") || rest.find(')') != close || close == std::string_view::npos || close == 2)
                return false;
            const IniEntry* other = section.find(to_lower(rest.substr(2, close - 2)));
            if (other == nullptr) return false;
            rest.remove_prefix(close + 2);
            if (other->value.value.find('%') == std::string::npos)
                out += other->value.value;
            else if (!expand(section, other->value.value, depth + 1, out))
                return false;
        }
        return true;
    }

    static constexpr std::size_t npos = ~std::size_t{0};
    const Reading& reading_;
    std::vector<IniSection>& sections_;
    std::size_t section_ = npos;
    IniEntry* entry_ = nullptr;
    std::size_t indent_ = 0;
    std::size_t entries_ = 0;
    std::size_t steps_ = 0;
    std::string blank_lines_;
};

}  // namespace

IniEntry* IniSection::find(std::string_view key) {
    for (IniEntry& entry : entries)
        if (entry.key == key) return &entry;
    return nullptr;
}

IniFile IniFile::parse(const Reading& reading) {
    IniFile file;
    Parser(reading, file.sections_).run();
    return file;
}

IniSection* IniFile::find(std::string_view name) {
    for (IniSection& section : sections_)
        if (section.name == name) return &section;
    return nullptr;
}

}  // namespace ovfkit::detail::ganeti
