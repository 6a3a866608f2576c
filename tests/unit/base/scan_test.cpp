#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

struct Refusal {
    std::string text;
    std::string rule;
    std::size_t line, column;
    Failure failure = Failure::malformed;
};

Diagnostic refusal_of(const std::string& text, const Limits& limits = {}) {
    Diagnostics diagnostics;
    try {
        XmlDocument::parse("a.ovf", text, diagnostics, limits);
    } catch (const InputError& error) {
        CHECK(diagnostics.all().empty());  // it is thrown, not said twice
        return error.diagnostic();
    }
    return {};
}

using namespace std::string_literals;

const std::vector<Refusal>& refusals() {
    static const std::vector<Refusal> rows{
        // the document as a whole
        {"", "xml-root-missing", 1, 1},
        {" \n\n", "xml-root-missing", 3, 1},
        {"<!-- only -->", "xml-root-missing", 1, 14},
        {"<?xml version='1.0'?>", "xml-root-missing", 1, 22},
        {"{\"json\": 1}", "xml-text-outside-root", 1, 1},
        {"\n text <a/>", "xml-text-outside-root", 2, 2},
        {"<a/>\nmore", "xml-root-several", 2, 1},
        {"<a/>\n<b/>", "xml-root-several", 2, 1},
        {"<a></a>&amp;", "xml-root-several", 1, 8},
        {"<a/><![CDATA[x]]>", "xml-tag-malformed", 1, 5},
        // characters
        {"<a>\0</a>"s, "xml-character-illegal", 1, 4},
        {"<a/>\0<b/>"s, "xml-character-illegal", 1, 5},
        {"<a>\n\x1b[31m</a>", "xml-character-illegal", 2, 1},
        {"<a b='\x01'/>", "xml-character-illegal", 1, 7},
        {"<a>\xEF\xBF\xBE</a>", "xml-character-illegal", 1, 4},
        {"<a>\xEF\xBF\xBF</a>", "xml-character-illegal", 1, 4},
        {"<a>\xff</a>", "xml-not-utf8", 1, 4},
        {"<a>\xC0\xAF</a>", "xml-not-utf8", 1, 4},          // overlong
        {"<a>\xE0\x80\xAF</a>", "xml-not-utf8", 1, 4},      // overlong
        {"<a>\xED\xA0\x80</a>", "xml-not-utf8", 1, 4},      // surrogate
        {"<a>\xF4\x90\x80\x80</a>", "xml-not-utf8", 1, 4},  // over U+10FFFF
        {"<a>\xE2\x82</a>", "xml-not-utf8", 1, 4},          // cut off
        {std::string(300, ' ') + "\n<a>" + std::string(200, 'x') + "\x80</a>", "xml-not-utf8", 2, 204},
        // references
        {"<a>&nbsp;</a>", "xml-entity-undeclared", 1, 4},
        {"<a b='&xxe;'/>", "xml-entity-undeclared", 1, 7},
        {"<a>a & b</a>", "xml-reference-malformed", 1, 6},
        {"<a>&amp</a>", "xml-reference-malformed", 1, 4},
        {"<a>&;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#x;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#xZZ;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#12a;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#-1;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#0;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#27;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#xD800;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#x110000;</a>", "xml-reference-malformed", 1, 4},
        {"<a>&#99999999999;</a>", "xml-reference-malformed", 1, 4},
        {"<a b='&#0;'/>", "xml-reference-malformed", 1, 7},
        // attributes
        {"<a b='1' c='2' b='3'/>", "xml-attribute-duplicate", 1, 16},
        {"<a xmlns:p='u' p:b='1'\n p:b='3'/>", "xml-attribute-duplicate", 2, 2},
        {"<a a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9='' b1='' b2='' b3='' b4='' a3=''/>",
         "xml-attribute-duplicate", 1, 82},
        {"<a xmlns='u' xmlns='v'/>", "xml-attribute-duplicate", 1, 14},
        {"<a b/>", "xml-attribute-malformed", 1, 4},
        {"<a b=/>", "xml-attribute-malformed", 1, 4},
        {"<a b=1/>", "xml-attribute-malformed", 1, 4},
        {"<a b='1/>", "xml-attribute-malformed", 1, 4},
        {"<a b='<'/>", "xml-attribute-malformed", 1, 7},
        {"<a b='1\n<c d='2'/>", "xml-attribute-malformed", 2, 1},
        {"<a 1='2'/>", "xml-attribute-malformed", 1, 4},
        {"<a b='1'c='2'/>", "xml-tag-malformed", 1, 9},
        // tags
        {"<a><1/></a>", "xml-tag-malformed", 1, 5},
        {"<a>< b/></a>", "xml-tag-malformed", 1, 5},
        {"<a>1 < 2</a>", "xml-tag-malformed", 1, 7},
        {"<a\xC3\x97/>", "xml-tag-malformed", 1, 3},
        {"<a/ >", "xml-tag-malformed", 1, 3},
        {"<a></a b='1'>", "xml-tag-malformed", 1, 4},
        {"<a><!x></a>", "xml-tag-malformed", 1, 4},
        {"<a>\n<b>\n</a>\n</b>", "xml-tag-mismatch", 3, 1},
        {"<a></ab>", "xml-tag-mismatch", 1, 4},
        {"<ab></a>", "xml-tag-mismatch", 1, 5},
        {"<a></A>", "xml-tag-mismatch", 1, 4},
        {"<a/></a>", "xml-tag-mismatch", 1, 5},
        {"\n <a>\n<b></b>", "xml-tag-unclosed", 2, 2},
        {"<a><b", "xml-tag-unclosed", 1, 4},
        {"<a><b c='1'", "xml-tag-unclosed", 1, 4},
        {"<a><", "xml-tag-unclosed", 1, 5},
        {"<a></", "xml-tag-unclosed", 1, 6},
        // text, comments, CDATA, instructions
        {"<a>]]></a>", "xml-text-malformed", 1, 4},
        {"<a>]]]></a>", "xml-text-malformed", 1, 5},
        {"<a><!-- x -- y --></a>", "xml-comment-malformed", 1, 11},
        {"<a><!-- x ---></a>", "xml-comment-malformed", 1, 11},
        {"<a><!-- x </a>", "xml-comment-malformed", 1, 4},
        {"<a><![CDATA[x</a>", "xml-cdata-malformed", 1, 4},
        {"<a><?x </a>", "xml-instruction-malformed", 1, 4},
        {"<a><?x+y?></a>", "xml-instruction-malformed", 1, 7},
        {"<a><? x?></a>", "xml-instruction-malformed", 1, 6},
        // the declaration
        {"\n<?xml version='1.0'?><a/>", "xml-declaration-malformed", 2, 1},
        {"<a/><?XML ?>", "xml-declaration-malformed", 1, 5},
        {"<?xml?><a/>", "xml-declaration-malformed", 1, 1},
        {"<?xml encoding='UTF-8'?><a/>", "xml-declaration-malformed", 1, 1},
        {"<?xml version='2.0'?><a/>", "xml-declaration-malformed", 1, 1},
        {"<?xml version='1.0' standalone='maybe'?><a/>", "xml-declaration-malformed", 1, 1},
        {"<?xml version='1.0' encoding='UTF-8'", "xml-declaration-malformed", 1, 1},
        {"<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "xml-declaration-malformed", 1, 1},
        // never read
        {"<!DOCTYPE a><a/>", "xml-doctype-refused", 1, 1, Failure::refused},
        {"<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<a>&x;</a>",
         "xml-doctype-refused", 2, 1, Failure::refused},
        {"<!-- c --><!doctype a><a/>", "xml-doctype-refused", 1, 11, Failure::refused},
        {"<a><!ENTITY x 'y'></a>", "xml-doctype-refused", 1, 4, Failure::refused},
        {"<?xml version='1.0' encoding='EBCDIC-CP-US'?><a/>", "xml-encoding-unsupported", 1, 1, Failure::refused},
        {"<?xml version='1.0' encoding='windows-1252'?><a/>", "xml-encoding-unsupported", 1, 1, Failure::refused},
        {"<\0a\0/\0>\0"s, "xml-encoding-unsupported", 1, 1, Failure::refused},
        {"\xFF\xFE\0\0<\0\0\0"s, "xml-encoding-unsupported", 1, 1, Failure::refused},
    };
    return rows;
}

const std::vector<std::string>& accepted() {
    static const std::vector<std::string> rows{
        "<a/>",
        "<a />",
        "<a></a >",
        "\n <a/>\n",
        "<?xml version=\"1.0\"?><a/>",
        "<?xml version = '1.0' encoding = 'utf-8' standalone='yes' ?><a/>",
        "<?xml version='1.1'?><a/>",
        "<?xml-stylesheet href='x'?><a/><?after?>",
        "<!-- x --><a/><!-- y -->\n<!-- - -->",
        "\xEF\xBB\xBF<a/>",
        "\xEF\xBB\xBF<?xml version='1.0'?><a/>",
        "<a>&lt;&gt;&amp;&quot;&apos;&#9;&#x10FFFF;&#xA;</a>",
        "<a b='&#10;&lt;' c=\"'\" d='\"'/>",
        "<a><![CDATA[<b>&nbsp;]] ]>]]></a>",
        "<a><!-- <b> &x; <!DOCTYPE x> --></a>",
        "<a><![CDATA[<!DOCTYPE a>]]></a>",
        "<a><!--> --></a>",
        "<a>] ]] ]&gt; > \"</a>",
        "<a\n b = '1'\n\tc\t=\t'2'\n/>",
        "<a._-1 _b='' c.d=''/>",
        "<\xC3\xA9l\xC3\xA9ment \xE5\x90\x8D='\xE5\x80\xBC'/>",
        "<a>\xF0\x9F\x98\x80</a>",
        "<a><b><c/></b><b/></a>",
        "<a b='a>b'>x</a>",
        "<a><?php echo '<b>' ?></a>",
    };
    return rows;
}

bool have_xmllint() { return std::system("xmllint --version >/dev/null 2>&1") == 0; }

bool xmllint_accepts(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "ovfkit-scan-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(fd);
    const bool accepts = std::system(("xmllint --noout " + name + " >/dev/null 2>&1").c_str()) == 0;
    ::unlink(name.c_str());
    return accepts;
}

}  // namespace

TEST_CASE("What is not well-formed or not safe is refused where it stands") {
    for (const Refusal& row : refusals()) {
        INFO(row.text);
        const Diagnostic found = refusal_of(row.text);
        CHECK(found.rule == row.rule);
        CHECK(found.where.file == "a.ovf");
        CHECK(found.where.line == row.line);
        CHECK(found.where.column == row.column);
        CHECK(found.failure == row.failure);
        CHECK(found.severity == Severity::error);
        CHECK_FALSE(found.message.empty());
        REQUIRE(find_rule(row.rule) != nullptr);
    }
}

TEST_CASE("What is well-formed is read") {
    for (const std::string& text : accepted()) {
        INFO(text);
        Diagnostics diagnostics;
        REQUIRE_NOTHROW(XmlDocument::parse("a.ovf", text, diagnostics));
        CHECK(diagnostics.all().empty());
        CHECK(XmlDocument::parse("a.ovf", text, diagnostics)->bytes() == text);
    }
}

TEST_CASE("xmllint has the same opinion on well-formedness") {
    if (!have_xmllint()) {
        WARN("SKIPPED: xmllint is not installed");
        return;
    }
    for (const std::string& text : accepted()) {
        INFO(text);
        CHECK(xmllint_accepts(text));
    }
    for (const Refusal& row : refusals()) {
        // Not compared: what is refused by choice, though well-formed; a version 2.0, which libxml2 takes with a
        // warning; and a NUL, where it stops reading.
        if (row.failure == Failure::refused || row.text.find("2.0") != std::string::npos) continue;
        if (row.text.find('\0') != std::string::npos) continue;
        INFO(row.text);
        CHECK_FALSE(xmllint_accepts(row.text));
    }
}

TEST_CASE("Every prefix of a document is refused, never crashes") {
    const std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><a xmlns:p='u' b=\"1\">t&amp;<p:b c='&#9;'/>"
        "<![CDATA[x]]><?pi d?>\xC3\xA9</a>";
    REQUIRE(refusal_of(text).rule.empty());
    for (std::size_t size = 0; size < text.size(); ++size) {
        INFO(size);
        CHECK_FALSE(refusal_of(text.substr(0, size)).rule.empty());
    }
}

TEST_CASE("Documents over a limit are refused, with the limit named") {
    const auto refused = [](const std::string& text, const Limits& limits, const char* rule, const char* word) {
        const Diagnostic found = refusal_of(text, limits);
        CHECK(found.rule == rule);
        CHECK(found.failure == Failure::refused);
        CHECK(found.message.find(word) != std::string::npos);
    };
    const auto nested = [](int depth) {
        std::string out;
        for (int i = 0; i < depth; ++i) out += "<a>";
        for (int i = 0; i < depth; ++i) out += "</a>";
        return out;
    };
    const auto many = [](int count) {
        std::string out = "<a";
        for (int i = 0; i < count; ++i) out += " b" + std::to_string(i) + "=''";
        return out + "/>";
    };
    CHECK(refusal_of(nested(64)).rule.empty());
    refused(nested(65), {}, "xml-depth-exceeded", "64");
    refused(nested(200000), {}, "xml-depth-exceeded", "64");
    CHECK(refusal_of(many(256)).rule.empty());
    refused(many(257), {}, "xml-attributes-exceeded", "256");
    Limits limits;
    limits.text_bytes = 10;
    limits.name_bytes = 20;
    CHECK(refusal_of("<a>1234567890<b>1234567890</b>1234567890</a>", limits).rule.empty());
    refused("<a>12345678901</a>", limits, "xml-text-exceeded", "<a>");
    refused("<a>123456<![CDATA[7890]]>1</a>", limits, "xml-text-exceeded", "10");
    refused("<a>1<![CDATA[2345678901]]></a>", limits, "xml-text-exceeded", "10");
    refused("<a b='12345678901'/>", limits, "xml-text-exceeded", "attribute b");
    CHECK(refusal_of("<a1234567890123456789/>", limits).rule.empty());
    refused("<a12345678901234567890/>", limits, "xml-name-exceeded", "20");
    refused("<a b12345678901234567890=''/>", limits, "xml-name-exceeded", "20");
    limits = {};
    limits.elements = 3;
    CHECK(refusal_of("<a><b/><b/></a>", limits).rule.empty());
    refused("<a><b/><b/><b/></a>", limits, "xml-elements-exceeded", "--max-descriptor");
    limits = {};
    limits.descriptor_bytes = 10;
    CHECK(refusal_of("<a>123</a>", limits).rule.empty());
    refused("<a>1234</a>", limits, "input-too-large", "--max-descriptor");
}

TEST_CASE("A larger descriptor may have more of everything") {
    const Limits usual;
    const Limits large = Limits::for_descriptor_bytes(128ULL << 20);
    CHECK(large.descriptor_bytes == 128ULL << 20);
    CHECK(large.items == 8 * usual.items);
    CHECK(large.files == 8 * usual.files);
    CHECK(large.properties == 8 * usual.properties);
    CHECK(large.elements == 8 * usual.elements);
    CHECK(large.depth == usual.depth);
    CHECK(large.text_bytes == usual.text_bytes);
    CHECK(Limits::for_descriptor_bytes((16ULL << 20) + 1).items == 2 * usual.items);
    CHECK(Limits::for_descriptor_bytes(1000).items == usual.items);
    CHECK(Limits::for_descriptor_bytes(1000).descriptor_bytes == 1000);
    CHECK(Limits::for_descriptor_bytes(~0ULL).items > usual.items);
}

TEST_CASE("Hostile documents take no more than linear time") {
    // A hundred times the work of these would not end in the time a test has.
    std::string attributes = "<a>";
    for (int i = 0; i < 2000; ++i) {
        attributes += "<b";
        for (int j = 0; j < 256; ++j) attributes += " c" + std::to_string(j) + "=''";
        attributes += "/>";
    }
    CHECK(refusal_of(attributes + "</a>").rule.empty());
    std::string prefixes;
    for (int i = 0; i < 60; ++i) {
        prefixes += "<a";
        for (int j = 0; j < 256; ++j) prefixes += " xmlns:p" + std::to_string(256 * i + j) + "='u'";
        prefixes += ">";
    }
    for (int i = 0; i < 200000; ++i) prefixes += "<q:b/>";
    for (int i = 0; i < 60; ++i) prefixes += "</a>";
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", prefixes, diagnostics);
    CHECK(diagnostics.all().size() == 1);
    CHECK(diagnostics.all().front().rule == "xml-prefix-undeclared");
    Element deepest = document->root();
    while (deepest.first()) deepest = deepest.first();
    std::size_t bound = 0;
    for (Element at = deepest; at; at = at.next()) bound += at.ns() == Ns::other ? 1 : 0;
    CHECK(bound == 200000);
    std::string brackets = "<a>";
    for (int i = 0; i < 200000; ++i) brackets += "]]<b/>";
    CHECK(refusal_of(brackets + "</a>").rule.empty());
}
