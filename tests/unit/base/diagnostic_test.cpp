#include <string>

#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

Diagnostic at(std::string line, std::size_t column, std::string message = "wrong") {
    return {Severity::error, "xml-tag-mismatch", std::move(message), {"disk.ovf", 41, column}, std::move(line), Failure::malformed};
}

bool has(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("A finding is shown with its line and a caret") {
    CHECK(render_text(at("      <rasd:Parent>9</rasd:Parent>", 7)) ==
          "disk.ovf:41:7: error: wrong [xml-tag-mismatch]\n"
          "   41 |       <rasd:Parent>9</rasd:Parent>\n"
          "      |       ^\n");
    CHECK(render_text({Severity::warning, "r", "m", {"f", 2, 1}, "", Failure::none}) == "f:2:1: warning: m [r]\n");
    CHECK(render_text({Severity::note, "r", "m", {"f"}, "", Failure::none}) == "f: note: m [r]\n");
    CHECK(render_text({Severity::note, "r", "m", {"f", 3}, "", Failure::none}) == "f:3: note: m [r]\n");
    CHECK(render_text({Severity::note, "", "m", {}, "", Failure::none}) == "note: m\n");
    const std::string color = render_text(at("x", 1), true);
    CHECK(has(color, "\x1b[1;31merror:\x1b[0m wrong"));
    CHECK_FALSE(has(render_text(at("x", 1)), "\x1b"));
    CHECK(to_string(Severity::note) == "note");
}

TEST_CASE("The caret stands under the right character, whatever is before it") {
    const auto caret = [](const std::string& line, std::size_t column) {
        const std::string text = render_text(at(line, column));
        const std::size_t last = text.rfind("| ", text.size());
        return text.size() - last - 4;  // blanks before the caret
    };
    CHECK(caret("<a/>", 1) == 0);
    CHECK(caret("\t\t<a/>", 3) == 2);                 // tabs are shown as one blank
    CHECK(caret("<\xC3\xA9l\xC3\xA9/>", 7) == 4);     // columns count bytes
    CHECK(caret("a\x1b" "b", 3) == 5);                // a\x1B
    CHECK(caret("\xE2\x80\xAE" "b", 4) == 8);         // \u{202E}
    CHECK(caret("<a/>", 5) == 4);
    CHECK(caret("<a/>", 99) == 4);
}

TEST_CASE("Of a very long line a window around the place is kept") {
    std::string text = "<a>";
    for (int i = 0; i < 1000; ++i) text += "<b\xC3\xA9>x</b\xC3\xA9>";
    text += "<here/>";
    for (int i = 0; i < 1000; ++i) text += "<c/>";
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", text + "</a>", diagnostics);
    for (const char* name : {"here", "b\xC3\xA9", "c"}) {
        Element found = document->root().child(Ns::none, name);
        Diagnostics one;
        report(one, "xml-prefix-undeclared", found, "look");
        const Diagnostic& seen = one.all().front();
        CHECK(seen.where.line == 1);
        CHECK(seen.where.column == found.offset() + 1);
        CHECK(seen.source_line.size() < 200);
        REQUIRE(seen.source_column > 0);
        CHECK(seen.source_line.compare(seen.source_column - 1, std::string(name).size(), name) == 0);
        const std::string shown = render_text(seen);
        const std::size_t line = shown.find("| ");
        const std::size_t caret = shown.rfind('^') - (shown.rfind("| ") + 2);
        const std::string part = shown.substr(line + 2);
        std::size_t byte = 0;
        for (std::size_t i = 0; i < caret; ++i)
            do ++byte;
            while ((static_cast<unsigned char>(part[byte]) & 0xC0U) == 0x80);
        CHECK(part.compare(byte, std::string(name).size(), name) == 0);
        CHECK(shown.find("\\x") == std::string::npos);  // no character was cut in two
    }
}

TEST_CASE("Very many findings on one very long line cost little") {
    std::string text = "<a>";
    for (int i = 0; i < 200000; ++i) text += "<b>x</b>";
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", text + "</a>", diagnostics);
    for (Element at = document->root().first(); at; at = at.next()) report(diagnostics, "xml-prefix-undeclared", at, "m");
    CHECK(diagnostics.all().size() == 1000);
    CHECK(diagnostics.suppressed() == 199000);
}

TEST_CASE("Text from an input cannot reach a terminal raw") {
    CHECK(printable("plain \xC3\xA9 \xF0\x9F\x98\x80") == "plain \xC3\xA9 \xF0\x9F\x98\x80");
    CHECK(printable("a\x1b[31m\n\t\r") == "a\\x1B[31m\\x0A\\x09\\x0D");
    CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
    CHECK(printable("\x7F") == "\\x7F");
    CHECK(printable("\xC2\x9B") == "\\x9B");                  // C1: CSI
    CHECK(printable("\xE2\x80\xAE" "x") == "\\u{202E}x");     // right to left
    CHECK(printable("\xE2\x81\xA6") == "\\u{2066}");
    CHECK(printable("\xE2\x80\x8E") == "\\u{200E}");
    CHECK(printable("\xD8\x9C") == "\\u{61C}");
    CHECK(printable("\xE2\x80\x8B") == "\\u{200B}");          // zero width
    CHECK(printable("\xEF\xBB\xBF") == "\\u{FEFF}");
    CHECK(printable("\xF3\xA0\x81\x81") == "\\u{E0041}");     // tag
    CHECK(printable("\xFF\xC3") == "\\xFF\\xC3");
    CHECK(printable("\xED\xA0\x80") == "\\xED\\xA0\\x80");
    CHECK(printable("abcdef", 3) == "abc...");
    CHECK(printable("abc", 3) == "abc");
    CHECK(printable("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9\xC3\xA9...");
    CHECK(printable("%s%n{}") == "%s%n{}");
    CHECK(printable("").empty());
    const std::string shown = render_text({Severity::error, "r\x1b", "m\x1b%n{}", {"f\x1b\n", 1, 1}, "l\x1b\xE2\x80\xAE", Failure::none});
    CHECK_FALSE(has(shown, "\x1b"));
    CHECK_FALSE(has(shown, "\xE2\x80\xAE"));
    CHECK(has(shown, "m\\x1B%n{}"));
}

TEST_CASE("Findings as JSON are whole and plain ASCII") {
    const std::string text = render_json({at("<a/>", 7, "say \"\x1b\xE2\x80\xAE\xFF\xC2\x9B\""), {Severity::note, "r", "m", {}, "", Failure::none}});
    for (const char c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7F)));
    const auto json = nlohmann::json::parse(text);
    REQUIRE(json.size() == 2);
    CHECK(json[0]["severity"] == "error");
    CHECK(json[0]["rule"] == "xml-tag-mismatch");
    CHECK(json[0]["message"] == "say \"\x1b\xE2\x80\xAE\xEF\xBF\xBD\xC2\x9B\"");
    CHECK(json[0]["file"] == "disk.ovf");
    CHECK(json[0]["line"] == 41);
    CHECK(json[0]["column"] == 7);
    CHECK(json[1]["line"] == 0);
    CHECK(render_json({}) == "[]");
}

TEST_CASE("The nearest word is offered when it is near") {
    const std::vector<std::string_view> words{"libvirt", "ganeti", "vmware", "virtualbox", "ovirt", "vdsm"};
    CHECK(nearest("libvrit", words) == "libvirt");
    CHECK(nearest("Ganetti", words) == "ganeti");
    CHECK(nearest("VMWARE", words) == "vmware");
    CHECK(nearest("virtual-box", words) == "virtualbox");
    CHECK(nearest("vdms", words) == "vdsm");
    CHECK(nearest("xyz", words).empty());
    CHECK(nearest("kubernetes", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest("libvirt", {}).empty());
    CHECK(nearest(std::string(100000, 'a'), words).empty());
}

TEST_CASE("Findings are kept to a limit and the first error decides") {
    Diagnostics diagnostics(2);
    CHECK_FALSE(diagnostics.has_errors());
    diagnostics.add({Severity::warning, "w", "", {}, "", Failure::refused});
    CHECK_FALSE(diagnostics.has_errors());
    diagnostics.add({Severity::error, "e", "", {}, "", Failure::none});
    CHECK(diagnostics.failure() == Failure::malformed);
    diagnostics.add({Severity::error, "e", "", {}, "", Failure::refused});
    CHECK(diagnostics.failure() == Failure::malformed);
    CHECK(diagnostics.all().size() == 2);
    CHECK(diagnostics.suppressed() == 1);
    Diagnostics none(0);
    none.add({Severity::error, "e", "", {}, "", Failure::integrity});
    CHECK(none.failure() == Failure::integrity);
    CHECK(none.all().empty());
}

TEST_CASE("A finding takes its severity from its rule") {
    Diagnostics diagnostics;
    report(diagnostics, "xml-tag-mismatch", Location{"f", 3, 0}, "m", Failure::malformed);
    report(diagnostics, "xml-prefix-undeclared", Location{"f", 3, 0}, "m");
    report(diagnostics, "xml-prefix-undeclared", Element(), "m");
    CHECK(diagnostics.all()[0].severity == Severity::error);
    CHECK(diagnostics.all()[0].failure == Failure::malformed);
    CHECK(diagnostics.all()[1].severity == Severity::warning);
    CHECK(diagnostics.all()[2].where.line == 0);
    const auto document = XmlDocument::parse("a.ovf", "<a/>", diagnostics);
    report(diagnostics, "xml-prefix-undeclared", document->root().first(), "m");
    CHECK(diagnostics.all()[3].where.file.empty());
    report(diagnostics, "xml-prefix-undeclared", Element(document.get(), {}), "m");
    CHECK(diagnostics.all()[4].where.file == "a.ovf");
}

TEST_CASE("Every rule is complete and found by its id") {
    REQUIRE(rules().size() >= 27);
    for (std::size_t i = 0; i < rules().size(); ++i) {
        const Rule& rule = rules()[i];
        INFO(rule.id);
        CHECK(find_rule(rule.id) == &rule);
        CHECK_FALSE(rule.text.empty());
        CHECK(rule.text.back() == '.');
        CHECK_FALSE(rule.source.empty());
        CHECK(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
        if (i > 0) CHECK(rules()[i - 1].id < rule.id);  // sorted, none twice
    }
    CHECK(find_rule("no-such-rule") == nullptr);
    CHECK(find_rule("") == nullptr);
}

TEST_CASE("Exceptions carry what happened") {
    const InputError input(at("x", 1, "bad input"));
    CHECK(input.diagnostic().rule == "xml-tag-mismatch");
    CHECK(std::string(input.what()) == "bad input");
    const IoError io("/no/such", 2, "cannot open");
    CHECK(io.path() == "/no/such");
    CHECK(io.code() == 2);
}
