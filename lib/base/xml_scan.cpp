#include "base/xml_scan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/utf8.hpp"

namespace ovfkit::detail {

namespace {

enum : std::uint8_t { name_char = 1, name_start = 2, colon = 4, non_ascii = 8, blank_char = 16 };

constexpr auto char_class = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        const bool more = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (letter || more || c == ':') table[c] |= name_char;
        if (letter || c == ':') table[c] |= name_start;
        if (c == ':') table[c] |= colon;
        if (c >= 0x80) table[c] |= name_char | name_start | non_ascii;
        if (is_blank(static_cast<char>(c))) table[c] |= blank_char;
    }
    return table;
}();

std::uint8_t class_of(char c) { return char_class[static_cast<unsigned char>(c)]; }

std::string_view cut(std::string_view name) { return name.substr(0, 80); }

std::string_view prefix_of(std::string_view name) {
    const std::size_t at = name.find(':');
    return at == std::string_view::npos ? std::string_view{} : name.substr(0, at);
}

/// Works on a text that ends in NUL and holds no other, so that no look at a character needs a bound.
class Scanner {
public:
    Scanner(const std::string& text, const Limits& limits)
        : begin_(text.data()), end_(text.data() + text.size()), limits_(limits) {
        open_.reserve(limits.depth);
        attributes_.reserve(limits.attributes_per_element);
        next_amp_ = next_bracket_ = begin_;
    }

    ScanResult run() {
        const char* at = begin_;
        if (std::string_view(begin_, size(end_, begin_)).starts_with(utf8_mark)) at += utf8_mark.size();
        first_ = at;
        if (starts(at, "<?xml") && (class_of(at[5]) & blank_char) != 0) at = declaration(at);
        while (true) {
            // Most text is indentation: that needs no search and no look at what it holds.
            const char* tag = skip_blank(at);
            if (*tag != '<') tag = find('<', tag);
            text(at, tag);
            if (tag == end_) break;
            at = markup(tag);
        }
        if (!open_.empty())
            fail("xml-tag-unclosed", open_.back().name - 1,
                 fmt::format("<{}> is never closed: the document ends inside it; is the file cut off?", cut(top())));
        if (!root_seen_)
            fail("xml-root-missing", end_,
                 first_ == end_ ? "the file is empty; was it written or downloaded completely?"
                                : "there is no element in the document; is the file cut off?");
        return std::move(result_);
    }

private:
    struct Open {
        const char* name;
        std::uint32_t length;
        std::uint32_t declared;  ///< namespace declarations it made
    };
    struct Name {
        std::string_view text;
        std::uint8_t flags;
    };
    struct Active {
        std::size_t count = 0;
        bool at_root = false;
    };

    static std::size_t size(const char* to, const char* from) { return static_cast<std::size_t>(to - from); }
    std::string_view top() const { return {open_.back().name, open_.back().length}; }

    [[noreturn]] void fail(std::string_view rule, const char* at, std::string message,
                           Failure failure = Failure::malformed) const {
        throw ScanFault{rule, size(at, begin_), std::move(message), failure};
    }

    const char* find(char c, const char* from) const {
        const void* at = std::memchr(from, c, size(end_, from));
        return at != nullptr ? static_cast<const char*>(at) : end_;
    }
    const char* find(std::string_view word, const char* from) const {
        const std::size_t at = std::string_view(from, size(end_, from)).find(word);
        return at != std::string_view::npos ? from + at : end_;
    }
    bool starts(const char* at, std::string_view word) const {
        return std::string_view(at, size(end_, at)).starts_with(word);
    }
    static const char* skip_blank(const char* at) {
        while ((class_of(*at) & blank_char) != 0) ++at;
        return at;
    }

    const char* markup(const char* tag) {
        switch (tag[1]) {
            case '/':
                return end_tag(tag);
            case '?':
                return instruction(tag);
            case '!':
                return declaration_or_comment(tag);
            default:
                return start_tag(tag);
        }
    }

    // ---- names

    Name name(const char* at, std::string_view rule, std::string_view what) const {
        std::uint8_t flags = class_of(*at);
        if ((flags & name_start) == 0) bad_name(at, rule, what);
        const char* to = at + 1;
        for (std::uint8_t next = class_of(*to); (next & name_char) != 0; next = class_of(*++to)) flags |= next;
        const std::string_view found(at, size(to, at));
        if ((flags & non_ascii) != 0) check_letters(found, rule, what);
        if (found.size() > limits_.name_bytes)
            fail("xml-name-exceeded", at,
                 fmt::format("the name of {} has {} bytes, the limit is {}", what, found.size(), limits_.name_bytes),
                 Failure::refused);
        return {found, flags};
    }

    [[noreturn]] void bad_name(const char* at, std::string_view rule, std::string_view what) const {
        if (at == end_)
            fail("xml-tag-unclosed", at, fmt::format("the document ends inside {}; is the file cut off?", what));
        if (rule == "xml-tag-malformed" && *(at - 1) == '<')
            fail(rule, at, "'<' is not followed by a name; write &lt; for the character itself");
        fail(rule, at, fmt::format("{} is expected here, and its name may not start with this character", what));
    }

    void check_letters(std::string_view found, std::string_view rule, std::string_view what) const {
        bool first = true;
        for (std::string_view rest = found; !rest.empty(); first = false) {
            const Decoded next = decode_utf8(rest);
            if (!(first ? is_name_start(next.code) : is_name_character(next.code)))
                fail(rule, rest.data(),
                     fmt::format("the name of {} holds U+{:04X}, which no XML name may", what, next.code));
            rest.remove_prefix(next.length);
        }
    }

    // ---- tags

    const char* start_tag(const char* tag) {
        text_run_ = 0;
        const Name element = name(tag + 1, "xml-tag-malformed", "an element");
        if (open_.empty() && root_seen_)
            fail("xml-root-several", tag,
                 fmt::format("<{}> stands after the root element; a document has one root", cut(element.text)));
        if (open_.size() >= limits_.depth)
            fail("xml-depth-exceeded", tag,
                 fmt::format("<{}> is nested deeper than {} elements; no real descriptor is, so it is not read",
                             cut(element.text), limits_.depth),
                 Failure::refused);
        if (++result_.elements > limits_.elements)
            fail("xml-elements-exceeded", tag,
                 fmt::format("<{}> is more than element number {}; if the file can be trusted, raise --max-descriptor, "
                             "which raises this limit too",
                             cut(element.text), limits_.elements),
                 Failure::refused);
        root_seen_ = true;
        attributes_.clear();
        std::uint8_t prefixes = element.flags;
        const char* at = element.text.data() + element.text.size();
        while (true) {
            const char* next = skip_blank(at);
            if (*next == '>') {
                open_.push_back({element.text.data(), static_cast<std::uint32_t>(element.text.size()), 0});
                if (!attributes_.empty() || (prefixes & colon) != 0) tag_names(element, false);
                return next + 1;
            }
            if (*next == '/') {
                if (next[1] != '>')
                    fail("xml-tag-malformed", next,
                         fmt::format("'/' inside the tag <{}> is not followed by '>'", cut(element.text)));
                if (!attributes_.empty() || (prefixes & colon) != 0) tag_names(element, true);
                return next + 2;
            }
            if (next == end_)
                fail("xml-tag-unclosed", tag,
                     fmt::format("the document ends inside the tag <{}>; is the file cut off?", cut(element.text)));
            if (next == at)
                fail("xml-tag-malformed", at, fmt::format("a blank is missing in the tag <{}>", cut(element.text)));
            at = attribute(next, element);
        }
    }

    const char* attribute(const char* at, const Name& element) {
        const Name found = name(at, "xml-attribute-malformed", "an attribute");
        if (attributes_.size() >= limits_.attributes_per_element)
            fail("xml-attributes-exceeded", at,
                 fmt::format("<{}> has more than {} attributes; no real descriptor has, so it is not read",
                             cut(element.text), limits_.attributes_per_element),
                 Failure::refused);
        const char* value = skip_blank(at + found.text.size());
        if (*value != '=')
            fail("xml-attribute-malformed", at,
                 fmt::format("the attribute {} of <{}> has no value", cut(found.text), cut(element.text)));
        value = skip_blank(value + 1);
        const char quote = *value;
        if (quote != '"' && quote != '\'')
            fail("xml-attribute-malformed", at,
                 fmt::format("the value of the attribute {} of <{}> is not in quotes", cut(found.text),
                             cut(element.text)));
        const char* to = find(quote, ++value);
        if (to == end_)
            fail("xml-attribute-malformed", at,
                 fmt::format("the value of the attribute {} of <{}> has no closing quote", cut(found.text),
                             cut(element.text)));
        if (const void* less = std::memchr(value, '<', size(to, value)); less != nullptr)
            fail("xml-attribute-malformed", static_cast<const char*>(less),
                 fmt::format("the value of the attribute {} of <{}> holds '<'; write &lt;, or close the quote",
                             cut(found.text), cut(element.text)));
        if (size(to, value) > limits_.text_bytes)
            too_long(value, size(to, value), fmt::format("the value of the attribute {}", cut(found.text)));
        references(value, to);
        attributes_.push_back(found);
        return to + 1;
    }

    /// Duplicates, namespace declarations, and prefixes used.
    void tag_names(const Name& element, bool closed) {
        if (attributes_.size() > 1) duplicates(element);
        std::uint32_t declared = 0;
        for (const Name& found : attributes_)
            if (found.text.starts_with("xmlns")) declared += declare(found.text);
        if ((element.flags & colon) != 0) use(element.text);
        for (const Name& found : attributes_)
            if ((found.flags & colon) != 0) use(found.text);
        if (closed)
            forget(declared);
        else
            open_.back().declared = declared;
    }

    void duplicates(const Name& element) {
        const auto twice = [&](std::string_view found) {
            fail("xml-attribute-duplicate", found.data(),
                 fmt::format("<{}> has the attribute {} twice; remove one", cut(element.text), cut(found)));
        };
        if (attributes_.size() <= 12) {
            for (std::size_t i = 1; i < attributes_.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (attributes_[i].text == attributes_[j].text) twice(attributes_[i].text);
            return;
        }
        sorted_.assign(attributes_.begin(), attributes_.end());
        std::stable_sort(sorted_.begin(), sorted_.end(), [](const Name& a, const Name& b) { return a.text < b.text; });
        for (std::size_t i = 1; i < sorted_.size(); ++i)
            if (sorted_[i].text == sorted_[i - 1].text) twice(sorted_[i].text);
    }

    const char* end_tag(const char* tag) {
        text_run_ = 0;
        if (!open_.empty()) {
            const Open& last = open_.back();
            const char* at = tag + 2;
            if (size(end_, at) > last.length && std::memcmp(at, last.name, last.length) == 0) {
                at = skip_blank(at + last.length);
                if (*at == '>') {
                    forget(last.declared);
                    open_.pop_back();
                    return at + 1;
                }
            }
        }
        const Name found = name(tag + 2, "xml-tag-malformed", "an end tag");
        if (open_.empty())
            fail("xml-tag-mismatch", tag, fmt::format("</{}> closes an element that is not open", cut(found.text)));
        if (found.text != top())
            fail("xml-tag-mismatch", tag,
                 fmt::format("</{}> stands where </{}> is expected, for the element opened at line {}", cut(found.text),
                             cut(top()), line_of(open_.back().name)));
        fail("xml-tag-malformed", tag, fmt::format("the end tag </{}> has no '>'", cut(found.text)));
    }

    std::size_t line_of(const char* at) const { return 1 + static_cast<std::size_t>(std::count(begin_, at, '\n')); }

    // ---- namespaces

    std::uint32_t declare(std::string_view attribute) {
        if (attribute != "xmlns" && attribute[5] != ':') return 0;
        const std::string_view prefix = attribute.size() > 5 ? attribute.substr(6) : std::string_view{};
        const bool at_root = result_.elements == 1;
        if (!at_root && nested_.insert(prefix).second) result_.nested_prefixes.emplace_back(prefix);
        Active& active = active_[prefix];
        ++active.count;
        active.at_root = active.at_root || at_root;
        declared_.push_back(prefix);
        return 1;
    }

    void forget(std::uint32_t count) {
        for (; count > 0; --count) {
            --active_[declared_.back()].count;
            declared_.pop_back();
        }
    }

    void use(std::string_view found) {
        const std::string_view prefix = prefix_of(found);
        if (prefix == last_ || prefix == "xml" || prefix == "xmlns" || prefix.empty()) return;
        if (const auto it = active_.find(prefix); it != active_.end() && it->second.count > 0) {
            if (it->second.at_root) last_ = prefix;
            return;
        }
        if (undeclared_.insert(prefix).second) result_.undeclared.emplace_back(prefix, size(found.data(), begin_));
    }

    // ---- text

    void text(const char* from, const char* to) {
        if (from == to) return;
        if (open_.empty()) {
            const char* at = skip_blank(from);
            if (at < to)
                fail(root_seen_ ? "xml-root-several" : "xml-text-outside-root", at,
                     root_seen_ ? "there is text after the root element; the document ends with it"
                                : "there is text before the root element; is this XML?");
            return;
        }
        text_run_ += size(to, from);
        if (text_run_ > limits_.text_bytes) too_long(from, text_run_, fmt::format("the text of <{}>", cut(top())));
        references(from, to);
        if (next_bracket_ < from) next_bracket_ = find(']', from);
        while (next_bracket_ < to) {
            if (starts(next_bracket_, "]]>"))
                fail("xml-text-malformed", next_bracket_, "text holds ]]> outside a CDATA section; write ]]&gt;");
            next_bracket_ = find(']', next_bracket_ + 1);
        }
    }

    [[noreturn]] void too_long(const char* at, std::size_t bytes, const std::string& what) const {
        fail("xml-text-exceeded", at,
             fmt::format("{} has {} bytes or more, the limit is {}", what, bytes, limits_.text_bytes),
             Failure::refused);
    }

    void references(const char* from, const char* to) {
        if (next_amp_ < from) next_amp_ = find('&', from);
        while (next_amp_ < to) {
            reference(next_amp_, to);
            next_amp_ = find('&', next_amp_ + 1);
        }
    }

    void reference(const char* at, const char* to) const {
        const std::string_view rest(at + 1, std::min<std::size_t>(size(to, at + 1), 64));
        const std::size_t end = rest.find(';');
        const std::string_view word = rest.substr(0, end == std::string_view::npos ? 0 : end);
        if (word.empty() || (class_of(word.front()) & name_start) == 0) {
            if (word.starts_with('#')) return character(at, word.substr(1));
            fail("xml-reference-malformed", at, "'&' does not begin a reference; write &amp; for the character itself");
        }
        if (word == "amp" || word == "lt" || word == "gt" || word == "quot" || word == "apos") return;
        if (!std::all_of(word.begin(), word.end(), [](char c) { return (class_of(c) & name_char) != 0; }))
            fail("xml-reference-malformed", at, "'&' does not begin a reference; write &amp; for the character itself");
        fail("xml-entity-undeclared", at,
             fmt::format("&{}; is not one of the five entities of XML; write the character itself", word));
    }

    void character(const char* at, std::string_view digits) const {
        const int base = digits.starts_with('x') ? 16 : 10;
        if (base == 16) digits.remove_prefix(1);
        std::uint32_t code = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
        const bool whole = !digits.empty() && end == digits.data() + digits.size();
        if (!whole || error == std::errc::invalid_argument)
            fail("xml-reference-malformed", at, "a character reference is not complete; it is &#DIGITS; or &#xHEX;");
        if (error != std::errc{} || !is_xml_character(code))
            fail("xml-reference-malformed", at, "a character reference names a character that XML cannot hold");
    }

    // ---- the rest

    const char* declaration_or_comment(const char* tag) {
        if (starts(tag, "<!--")) {
            const char* dashes = find("--", tag + 4);
            if (dashes == end_) fail("xml-comment-malformed", tag, "a comment does not end; it lacks -->");
            if (dashes[2] != '>') fail("xml-comment-malformed", dashes, "a comment holds --; only --> may");
            return dashes + 3;
        }
        if (starts(tag, "<![CDATA[") && !open_.empty()) {
            const char* to = find("]]>", tag + 9);
            if (to == end_) fail("xml-cdata-malformed", tag, "a CDATA section does not end; it lacks ]]>");
            text_run_ += size(to, tag + 9);
            if (text_run_ > limits_.text_bytes) too_long(tag, text_run_, fmt::format("the text of <{}>", cut(top())));
            return to + 3;
        }
        for (const std::string_view word : {"DOCTYPE", "ENTITY", "ELEMENT", "ATTLIST", "NOTATION"})
            if (equal_nocase(std::string_view(tag + 2, std::min(size(end_, tag + 2), word.size())), word))
                fail(
                    "xml-doctype-refused", tag,
                    fmt::format("<!{} is not read: no descriptor needs it; remove the document type declaration", word),
                    Failure::refused);
        fail("xml-tag-malformed", tag, "'<!' begins neither a comment nor a CDATA section inside an element");
    }

    const char* instruction(const char* tag) {
        const Name target = name(tag + 2, "xml-instruction-malformed", "a processing instruction");
        const char* at = target.text.data() + target.text.size();
        if (equal_nocase(target.text, "xml"))
            fail("xml-declaration-malformed", tag,
                 tag == first_ ? "the XML declaration is not well-formed"
                               : "the XML declaration stands only at the very start; remove what is before it");
        const char* to = find("?>", at);
        if (to == end_) fail("xml-instruction-malformed", tag, "a processing instruction does not end; it lacks ?>");
        if (to != at && (class_of(*at) & blank_char) == 0)
            fail("xml-instruction-malformed", at, "the target of a processing instruction is not a legal name");
        return to + 2;
    }

    /// `<?xml version="1.x" encoding="..." standalone="..."?>`, in this order; the first is required.
    const char* declaration(const char* tag) const {
        const char* at = tag + 5;
        std::size_t next = 0;
        constexpr std::array<std::string_view, 3> keys{"version", "encoding", "standalone"};
        while (true) {
            const char* word = skip_blank(at);
            if (starts(word, "?>") && next > 0) return word + 2;
            const auto key = std::find_if(keys.begin() + static_cast<std::ptrdiff_t>(next), keys.end(),
                                          [&](std::string_view k) { return starts(word, k); });
            if (word == at || key == keys.end() || (next == 0 && key != keys.begin())) break;
            const char* equals = skip_blank(word + key->size());
            if (*equals != '=') break;
            const char* value = skip_blank(equals + 1);
            if (*value != '"' && *value != '\'') break;
            const char* to = find(*value, value + 1);
            const std::string_view text(value + 1, size(to, value + 1));
            if (to == end_ || !legal(*key, text)) break;
            next = static_cast<std::size_t>(key - keys.begin()) + 1;
            at = to + 1;
        }
        fail("xml-declaration-malformed", tag,
             "the XML declaration is not of the form <?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    }

    static bool legal(std::string_view key, std::string_view value) {
        if (key == "version")
            return value.size() > 2 && value.starts_with("1.") && to_number<unsigned>(value.substr(2));
        if (key == "standalone") return value == "yes" || value == "no";
        return !value.empty() && value.size() < 64 && (class_of(value.front()) & name_start) != 0 &&
               (class_of(value.front()) & (non_ascii | colon)) == 0 &&
               std::all_of(value.begin(), value.end(), [](char c) {
                   return (class_of(c) & name_char) != 0 && (class_of(c) & (non_ascii | colon)) == 0;
               });
    }

    const char* begin_;
    const char* end_;
    const char* first_ = nullptr;
    const Limits& limits_;
    bool root_seen_ = false;
    std::size_t text_run_ = 0;  ///< character data since the last tag
    const char* next_amp_;      ///< the next '&' at or after what is being read; so each is looked for once
    const char* next_bracket_;
    std::vector<Open> open_;
    std::vector<Name> attributes_, sorted_;
    std::unordered_map<std::string_view, Active> active_;
    std::vector<std::string_view> declared_;
    std::unordered_set<std::string_view> nested_, undeclared_;
    std::string_view last_;  ///< a prefix known to be declared at the root: nearly every name has it
    ScanResult result_;
};

}  // namespace

ScanResult scan(const std::string& text, const Limits& limits) { return Scanner(text, limits).run(); }

}  // namespace ovfkit::detail
