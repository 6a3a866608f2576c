#include <string>

#include <ovfkit/error.hpp>

#include "base/utf8.hpp"
#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace std::string_literals;

namespace {

std::string utf16(const std::string& ascii, bool little) {
    std::string out = little ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : ascii) {
        if (!little) out += '\0';
        out += c;
        if (little) out += '\0';
    }
    return out;
}

std::string rule_of(const std::string& bytes) {
    Diagnostics diagnostics;
    try {
        XmlDocument::parse("a.ovf", bytes, diagnostics);
    } catch (const InputError& error) {
        return error.diagnostic().rule;
    }
    return diagnostics.all().empty() ? "" : diagnostics.all().front().rule;
}

}  // namespace

TEST_CASE("UTF-8 is decoded strictly") {
    const auto length = [](std::string_view text) { return decode_utf8(text).length; };
    CHECK(decode_utf8("\xE2\x82\xAC!").code == 0x20AC);
    CHECK(length("\xE2\x82\xAC!") == 3);
    CHECK(decode_utf8("\xF4\x8F\xBF\xBF").code == 0x10FFFF);
    for (const std::string bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                                  "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xC3", "\xC3("})
        CHECK(length(bad) == 0);
    CHECK(length("") == 0);
    for (const std::uint32_t code : {0x24U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFDU, 0x10000U, 0x10FFFFU}) {
        std::string out;
        append_utf8(out, code);
        CHECK(decode_utf8(out).code == code);
        CHECK(decode_utf8(out).length == out.size());
    }
}

TEST_CASE("An illegal byte is found wherever it stands") {
    for (std::size_t size = 0; size < 200; ++size)
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
            if (at >= size) continue;
            bool bad_encoding = false;
            std::string text(size, 'x');
            CHECK(find_illegal(text, bad_encoding) == std::string::npos);
            text[at] = '\x1f';
            CHECK(find_illegal(text, bad_encoding) == at);
            CHECK_FALSE(bad_encoding);
            text[at] = '\xC3';
            CHECK(find_illegal(text, bad_encoding) == at);
            CHECK(bad_encoding);
            if (at + 1 < size) {
                text[at + 1] = '\xA9';
                CHECK(find_illegal(text, bad_encoding) == std::string::npos);
            }
        }
}

TEST_CASE("UTF-16 with a mark is read, kept and edited in its encoding") {
    const bool little = GENERATE(true, false);
    const std::string text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<a>\r\n  <b>x</b>\r\n</a>\r\n";
    const std::string bytes = utf16(text, little);
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", bytes, diagnostics);
    CHECK(diagnostics.all().empty());
    CHECK(document->text() == text);
    CHECK(document->bytes() == bytes);
    const Element b = document->root().first();
    CHECK(document->locate(b.offset()).line == 3);
    document->set_text(b, "x\xC3\xA9\xF0\x9F\x98\x80");  // e acute, and a pair of surrogates
    const std::string edited = document->bytes();
    CHECK(edited.size() == bytes.size() + 6);
    CHECK(edited.substr(0, 4) == bytes.substr(0, 4));
    const auto again = document->reparsed(diagnostics);
    CHECK(again->root().first().text() == "x\xC3\xA9\xF0\x9F\x98\x80");
    again->set_text(again->root().first(), "x");
    CHECK(again->bytes() == bytes);
}

TEST_CASE("UTF-16 that is not valid is refused") {
    CHECK(rule_of("\xFF\xFE<\0a\0>\0\0\xD8<\0/\0a\0>\0"s) == "xml-not-utf8");  // half a pair
    CHECK(rule_of("\xFF\xFE<\0a\0>\0\0\xDC<\0/\0a\0>\0"s) == "xml-not-utf8");  // the other half
    CHECK(rule_of("\xFF\xFE<\0a\0/\0>"s) == "xml-not-utf8");                    // half a character
    CHECK(rule_of("\xFF\xFE<\0a\0>\0\0\0<\0/\0a\0>\0"s) == "xml-character-illegal");
    CHECK(rule_of("\xFF\xFE"s) == "xml-root-missing");
    CHECK(rule_of(utf16("<!DOCTYPE a><a/>", true)) == "xml-doctype-refused");
}

TEST_CASE("ISO-8859-1 is read, kept and edited in its encoding") {
    const std::string bytes = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\n  <b>caf\xE9</b>\n</a>\n";
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", bytes, diagnostics);
    CHECK(diagnostics.all().empty());
    CHECK(document->root().first().text() == "caf\xC3\xA9");
    CHECK(document->bytes() == bytes);
    document->set_text(document->root().first(), "na\xC3\xAFve \xE2\x82\xAC");
    CHECK(document->bytes() == "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\n  <b>na\xEFve &#8364;</b>\n</a>\n");
    CHECK(document->reparsed(diagnostics)->root().first().text() == "na\xC3\xAFve \xE2\x82\xAC");
    for (const char* label : {"iso-8859-1", "latin1", "Latin-1", "ISO8859-1"})
        CHECK(rule_of("<?xml version='1.0' encoding='" + std::string(label) + "'?><a>\xE9</a>").empty());
}

TEST_CASE("A label that is not what the bytes are is a warning") {
    const std::string xencenter = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>\xC3\xA9</a>";
    CHECK(rule_of(xencenter) == "xml-encoding-label");
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", xencenter, diagnostics);
    CHECK(document->root().text() == "\xC3\xA9");
    CHECK(document->bytes() == xencenter);
    CHECK(diagnostics.all().front().severity == Severity::warning);
    CHECK_FALSE(diagnostics.has_errors());
    CHECK(rule_of("\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA9</a>") == "xml-encoding-label");
    CHECK(rule_of(utf16("<?xml version='1.0' encoding='UTF-8'?><a/>", true)) == "xml-encoding-label");
    CHECK(rule_of("<?xml version='1.0' encoding='utf8'?><a/>").empty());
    CHECK(rule_of("<?xml version='1.0' encoding='US-ASCII'?><a/>").empty());
    CHECK(rule_of("<?xml version='1.0' encoding='Shift_JIS'?><a/>") == "xml-encoding-unsupported");
    // Words in other places are no label.
    CHECK(rule_of("<?xml version='1.0'?><a encoding='EBCDIC'/>").empty());
    CHECK(rule_of("<a><!-- <?xml version='1.0' encoding='EBCDIC'?> --></a>").empty());
}

TEST_CASE("A byte order mark is kept, and columns are counted without it") {
    const std::string bytes = "\xEF\xBB\xBF<a><b>x</b></a>";
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", bytes, diagnostics);
    const Element b = document->root().first();
    CHECK(document->text().substr(b.offset(), 1) == "b");
    CHECK(document->locate(b.offset()).column == 5);
    CHECK(document->source_line(b.offset()) == "<a><b>x</b></a>");
    document->set_text(b, "y");
    CHECK(document->bytes() == "\xEF\xBB\xBF<a><b>y</b></a>");
}
