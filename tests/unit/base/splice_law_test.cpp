#include <random>
#include <string>
#include <vector>

#include "base/xml.hpp"
#include "catch.hpp"

// Laws of the splices, over generated documents in the styles that real writers have.
using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

struct Style {
    const char* name;
    const char* eol;
    const char* indent;
};
constexpr Style styles[] = {{"pretty", "\n", "  "}, {"CRLF", "\r\n", "    "}, {"tabs", "\n", "\t"}, {"flat", "\n", ""}, {"one line", "", ""}, {"blanks", " ", ""}};

class Generator {
public:
    Generator(std::uint32_t seed, const Style& style) : random_(seed), style_(style) {}

    std::string document() {
        std::string out = chance(2) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + std::string(style_.eol) : "";
        if (chance(3)) out += "<!-- made by > hand -->" + std::string(style_.eol);
        out += "<ovf:Envelope xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:rasd='" + std::string(uri_of(Ns::rasd)) +
               "' xmlns='http://schemas.dmtf.org/ovf/envelope/1'>";
        children(out, 1);
        out += style_.eol + std::string("</ovf:Envelope>");
        if (chance(2)) out += "\n";
        return out;
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

private:
    std::string lead(int depth) {
        std::string out = style_.eol;
        for (int i = 0; i < depth; ++i) out += style_.indent;
        return out;
    }

    void children(std::string& out, int depth) {
        const std::size_t count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) {
            if (chance(8)) out += lead(depth) + "<!-- </Item> -->";
            if (chance(12)) out += style_.eol;
            element(out, depth);
            if (chance(9)) out += "  ";
            if (chance(9)) out += " <!-- same line -->";
        }
    }

    void element(std::string& out, int depth) {
        static const std::vector<std::string> names{"Item", "ovf:Section", "rasd:Parent", "Info", "rasd:Address"};
        const std::string name = names[below(names.size())];
        out += lead(depth) + "<" + name;
        if (chance(2)) out += " ovf:id='" + std::to_string(below(100)) + "'";
        if (chance(4)) out += "\n  label=\"a > b\"";
        if (chance(5)) out += " ";
        switch (depth > 4 ? below(4) : below(6)) {
            case 0: out += "/>"; return;
            case 1: out += "></" + name + ">"; return;
            case 2: out += ">text &amp; <![CDATA[</Item>]]> more</" + name + ">"; return;
            case 3: out += ">" + std::to_string(below(1000)) + "</" + name + (chance(5) ? " >" : ">"); return;
            default: break;
        }
        out += ">";
        children(out, depth + 1);
        out += lead(depth) + "</" + name + ">";
    }

    std::mt19937 random_;
    const Style& style_;
};

void collect(Element element, std::vector<Element>& out) {
    for (Element child = element.first(); child; child = child.next()) {
        out.push_back(child);
        collect(child, out);
    }
}

std::vector<Element> all_below(const XmlDocument& document) {
    std::vector<Element> out;
    collect(document.root(), out);
    return out;
}

const Fragment& balloon() {
    static const Fragment item{Ns::ovf, "Item", {{Ns::ovf, "required", "false"}}, "",
                               {{Ns::rasd, "Description", {}, "Memory <balloon>", {}}, {Ns::rasd, "InstanceID", {}, "99999", {}}}};
    return item;
}

/// The element whose InstanceID says that it is the inserted one.
Element inserted(const XmlDocument& document) {
    for (const Element element : all_below(document))
        if (element.text() == "99999") return element.parent();
    return {};
}

/// True when `longer` is `shorter` with one piece put in.
bool is_insertion(const std::string& shorter, const std::string& longer) {
    if (longer.size() <= shorter.size()) return false;
    std::size_t same = 0;
    while (same < shorter.size() && shorter[same] == longer[same]) ++same;
    return longer.compare(longer.size() - (shorter.size() - same), std::string::npos, shorter, same, std::string::npos) == 0;
}

}  // namespace

TEST_CASE("Unedited bytes are those that were read; an insert is pure; erasing it gives the first bytes back") {
    std::size_t inserts = 0;
    for (const Style& style : styles)
        for (std::uint32_t seed = 0; seed < 60; ++seed) {
            Generator generator(seed, style);
            const std::string text = generator.document();
            INFO(style.name << " " << seed << "\n" << text);
            Diagnostics diagnostics;
            const auto document = XmlDocument::parse("a.ovf", text, diagnostics);
            REQUIRE(document->bytes() == text);
            REQUIRE(diagnostics.all().empty());
            const std::size_t count = all_below(*document).size();
            for (std::size_t i = 0; i < count; ++i)
                for (const int way : {0, 1, 2}) {
                    const auto fresh = XmlDocument::parse("a.ovf", text, diagnostics);
                    const Element at = all_below(*fresh)[i];
                    if (way == 0) fresh->insert_after(at, balloon());
                    if (way == 1) fresh->insert_before(at, balloon());
                    if (way == 2) {
                        if (!at.first()) continue;  // into an empty element: other bytes have to change
                        fresh->append(at, balloon());
                    }
                    ++inserts;
                    const auto again = fresh->reparsed(diagnostics);
                    INFO(way << " at " << i << "\n" << again->bytes());
                    REQUIRE(is_insertion(text, again->bytes()));
                    REQUIRE(all_below(*again).size() == count + 3);
                    const Element item = inserted(*again);
                    REQUIRE(item.is(Ns::ovf, "Item"));
                    REQUIRE(item.attribute(Ns::ovf, "required").value() == "false");
                    REQUIRE(item.first().text() == "Memory <balloon>");
                    again->erase(item);
                    REQUIRE(again->bytes() == text);
                }
        }
    CHECK(inserts > 5000);
}

TEST_CASE("Many edits at random places do what each says") {
    for (const Style& style : styles)
        for (std::uint32_t seed = 1000; seed < 1080; ++seed) {
            Generator generator(seed, style);
            const std::string text = generator.document();
            Diagnostics diagnostics;
            const auto document = XmlDocument::parse("a.ovf", text, diagnostics);
            const std::vector<Element> elements = all_below(*document);
            // What each element should have afterwards, by its place among the survivors.
            struct Expected {
                std::string text, attribute;
                bool gone = false;
            };
            std::vector<Expected> expected(elements.size());
            std::size_t added = 0;
            for (std::size_t i = 0; i < elements.size(); ++i)
                expected[i] = {std::string(elements[i].text()), std::string(elements[i].attribute(Ns::ovf, "id").value()), false};
            for (std::size_t i = 0; i < elements.size(); ++i) {
                if (generator.chance(3) && !elements[i].first()) document->set_text(elements[i], expected[i].text = "new & " + std::to_string(i));
                if (generator.chance(3)) document->set_attribute(elements[i], Ns::ovf, "id", expected[i].attribute = "i\"'" + std::to_string(i));
                if (generator.chance(6)) {
                    document->remove_attribute(elements[i], Ns::ovf, "id");
                    expected[i].attribute.clear();
                }
                if (generator.chance(8)) expected[i].gone = true;
            }
            const auto is_gone = [&](Element element) {
                for (; element; element = element.parent())
                    for (std::size_t i = 0; i < elements.size(); ++i)
                        if (elements[i] == element && expected[i].gone) return true;
                return false;
            };
            for (std::size_t i = 0; i < elements.size(); ++i) {
                if (expected[i].gone) document->erase(elements[i]);
                if (!generator.chance(4)) continue;
                // Beside a removed element an insert stays, inside one it goes.
                if (generator.chance(2))
                    document->insert_after(elements[i], balloon());
                else
                    document->insert_before(elements[i], balloon());
                if (!is_gone(elements[i].parent())) ++added;
            }
            INFO(style.name << " " << seed << "\n" << text << "\n--\n" << document->bytes());
            const auto again = document->reparsed(diagnostics);
            std::size_t found = 0;
            std::vector<Element> survivors;
            for (const Element element : all_below(*again)) {
                const bool is_new = element.text() == "99999" || element.text() == "Memory <balloon>" ||
                                    element.child(Ns::rasd, "InstanceID").text() == "99999";
                if (element.text() == "99999") ++found;
                if (!is_new) survivors.push_back(element);
            }
            REQUIRE(found == added);
            std::size_t next = 0;
            for (std::size_t i = 0; i < elements.size(); ++i) {
                if (is_gone(elements[i])) continue;
                REQUIRE(next < survivors.size());
                const Element now = survivors[next++];
                REQUIRE(now.qname() == elements[i].qname());
                if (!elements[i].first()) REQUIRE(now.text() == expected[i].text);
                REQUIRE(now.attribute(Ns::ovf, "id").value() == expected[i].attribute);
            }
            REQUIRE(next == survivors.size());
        }
}
