#include <functional>
#include <string>

#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

/// The bytes after an edit. Every result must be well-formed again.
std::string edited(const std::string& text, const std::function<void(XmlDocument&)>& edit) {
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", text, diagnostics);
    edit(*document);
    CHECK_NOTHROW(document->reparsed(diagnostics));
    return document->bytes();
}

Fragment leaf(const std::string& local, const std::string& text = {}) { return {Ns::none, local, {}, text, {}}; }

Element child(XmlDocument& document, const std::string& local) { return document.root().child(Ns::none, local); }

const std::string ovf1 = "http://schemas.dmtf.org/ovf/envelope/1";
const std::string rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";

}  // namespace

TEST_CASE("Text is replaced in place") {
    const auto set = [](const std::string& text, const std::string& value) {
        return edited(text, [&](XmlDocument& d) { d.set_text(child(d, "x"), value); });
    };
    CHECK(set("<a><x>1</x></a>", "2") == "<a><x>2</x></a>");
    CHECK(set("<a><x/></a>", "2") == "<a><x>2</x></a>");
    CHECK(set("<a><x b='1' /></a>", "2") == "<a><x b='1'>2</x></a>");
    CHECK(set("<a><x></x></a>", "2") == "<a><x>2</x></a>");
    CHECK(set("<a><x>v</x></a>", "") == "<a><x></x></a>");
    CHECK(set("<a><x/></a>", "") == "<a><x/></a>");
    CHECK(set("<a><x> v\n</x ></a>", "w") == "<a><x>w</x ></a>");
    CHECK(set("<a><x><![CDATA[<]]>y<!-- c --></x></a>", "w") == "<a><x>w</x></a>");
    CHECK(set("<a><x b='>'>v</x></a>", "a<b>&\"'") == "<a><x b='>'>a&lt;b&gt;&amp;\"'</x></a>");
    CHECK(set("<a><x>1</x></a>", "1") == "<a><x>1</x></a>");
    CHECK(set("<a><x>&#49;</x></a>", "1") == "<a><x>&#49;</x></a>");
    CHECK(edited("<p:a xmlns:p='u'/>", [](XmlDocument& d) { d.set_text(d.root(), "v"); }) == "<p:a xmlns:p='u'>v</p:a>");
}

TEST_CASE("Text of any kind is read back as it was set") {
    for (const std::string frame : {"<a>\n<x>1</x>\n</a>", "<a>\r\n<x>1</x>\r\n</a>", "<a><x/></a>"})
        for (const std::string value : {" ", "\n", "\t x ", "a\nb", "a\r\nb", "\r", "]]>", "<!-- -->", "&amp;", "\xC3\xA9\xF0\x9F\x98\x80"}) {
            Diagnostics diagnostics;
            const auto document = XmlDocument::parse("a.ovf", frame, diagnostics);
            document->set_text(child(*document, "x"), value);
            INFO(document->bytes());
            CHECK(child(*document->reparsed(diagnostics), "x").text() == value);
        }
    CHECK(edited("<a>\r\n<x>1</x>\r\n</a>", [](XmlDocument& d) { d.set_text(child(d, "x"), "a\nb"); }) ==
          "<a>\r\n<x>a\r\nb</x>\r\n</a>");
    CHECK(edited("<a><x/></a>", [](XmlDocument& d) { d.set_text(child(d, "x"), "a\x01\xFFz"); }) ==
          "<a><x>a\xEF\xBF\xBD\xEF\xBF\xBDz</x></a>");
}

TEST_CASE("An edit back to what was read is no edit") {
    Diagnostics diagnostics;
    const auto document = XmlDocument::parse("a.ovf", "<a><x b='1'>v</x><y/></a>", diagnostics);
    const Element x = child(*document, "x");
    document->set_text(x, "w");
    document->set_attribute(x, Ns::none, "b", "2");
    document->set_attribute(x, Ns::none, "c", "3");
    document->set_text(child(*document, "y"), "z");
    CHECK(document->edited());
    document->set_text(x, "v");
    document->set_attribute(x, Ns::none, "b", "1");
    document->remove_attribute(x, Ns::none, "c");
    document->set_text(child(*document, "y"), "");
    CHECK_FALSE(document->edited());
}

TEST_CASE("An attribute's value is replaced in place, its quotes kept") {
    const auto set = [](const std::string& text, const std::string& name, const std::string& value) {
        return edited(text, [&](XmlDocument& d) { d.set_attribute(child(d, "x"), Ns::none, name, value); });
    };
    CHECK(set("<a><x b=\"1\" c='2'/></a>", "b", "it's \"<&>\"") == "<a><x b=\"it&apos;s &quot;&lt;&amp;&gt;&quot;\" c='2'/></a>");
    CHECK(set("<a><x b=\"1\" c='2'/></a>", "c", "it's") == "<a><x b=\"1\" c='it&apos;s'/></a>");
    CHECK(set("<a><x b  =\n'1' >t</x></a>", "b", "2") == "<a><x b  =\n'2' >t</x></a>");
    CHECK(set("<a><x bb='1' b='2'/></a>", "b", "3") == "<a><x bb='1' b='3'/></a>");
    CHECK(set("<a><x c=\"b='1'\" b='2'/></a>", "b", "3") == "<a><x c=\"b='1'\" b='3'/></a>");
    CHECK(set("<a><x/></a>", "b", "1") == "<a><x b=\"1\"/></a>");
    CHECK(set("<a><x /></a>", "b", "1") == "<a><x b=\"1\" /></a>");
    CHECK(set("<a><x\n  c='/'\n>t</x></a>", "b", "1") == "<a><x\n  c='/' b=\"1\"\n>t</x></a>");
    CHECK(set("<a><x b='1'/></a>", "b", "a\tb\nc") == "<a><x b='a&#9;b&#10;c'/></a>");
    CHECK(edited("<a><x/></a>", [](XmlDocument& d) {
              const Element x = child(d, "x");
              d.set_attribute(x, Ns::none, "b", "1");
              d.set_attribute(x, Ns::none, "c", "1");
              d.set_attribute(x, Ns::none, "b", "2");
          }) == "<a><x b=\"2\" c=\"1\"/></a>");
}

TEST_CASE("A new attribute gets the prefix in scope, or declares one") {
    const auto set = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) {
            d.set_attribute(d.root().first(), Ns::ovf, "required", "false");
            d.set_attribute(d.root().first(), Ns::ovf, "id", "1");
        });
    };
    CHECK(set("<a xmlns:o='" + ovf1 + "'><x/></a>") == "<a xmlns:o='" + ovf1 + "'><x o:required=\"false\" o:id=\"1\"/></a>");
    CHECK(set("<a xmlns='" + ovf1 + "'><x/></a>") ==
          "<a xmlns='" + ovf1 + "'><x xmlns:ovf=\"" + ovf1 + "\" ovf:required=\"false\" ovf:id=\"1\"/></a>");
    // The document's own version and spelling of the URI.
    CHECK(set("<a xmlns='" + ovf1 + "/'><x/></a>") ==
          "<a xmlns='" + ovf1 + "/'><x xmlns:ovf=\"" + ovf1 + "/\" ovf:required=\"false\" ovf:id=\"1\"/></a>");
    // A prefix that is taken.
    CHECK(set("<a xmlns:ovf='urn:x'><x/></a>") ==
          "<a xmlns:ovf='urn:x'><x xmlns:ovf1=\"" + ovf1 + "\" ovf1:required=\"false\" ovf1:id=\"1\"/></a>");
    // Of two bound prefixes, the one of the root's namespace.
    CHECK(set("<a xmlns='http://schemas.dmtf.org/ovf/envelope/2' xmlns:ovf='" + ovf1 +
              "' xmlns:o2='http://schemas.dmtf.org/ovf/envelope/2'><x/></a>")
              .find("o2:required=\"false\" o2:id") != std::string::npos);
}

TEST_CASE("An attribute is removed with the blank before it") {
    const auto remove = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) { d.remove_attribute(child(d, "x"), Ns::none, "b"); });
    };
    CHECK(remove("<a><x b='1' c='2'/></a>") == "<a><x c='2'/></a>");
    CHECK(remove("<a><x c='2'\n  b='1' /></a>") == "<a><x c='2' /></a>");
    CHECK(remove("<a><x c='2'/></a>") == "<a><x c='2'/></a>");
    CHECK(edited("<a><x b='1'/></a>", [](XmlDocument& d) {
              d.remove_attribute(child(d, "x"), Ns::none, "b");
              d.set_attribute(child(d, "x"), Ns::none, "b", "2");
          }) == "<a><x b='2'/></a>");
    CHECK(edited("<a><x b='1'/></a>", [](XmlDocument& d) {
              d.set_attribute(child(d, "x"), Ns::none, "b", "2");
              d.remove_attribute(child(d, "x"), Ns::none, "b");
          }) == "<a><x/></a>");
}

TEST_CASE("Elements are inserted in the manner of their sibling") {
    const auto after = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) { d.insert_after(child(d, "x"), leaf("n", "1")); });
    };
    const auto before = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) { d.insert_before(child(d, "x"), leaf("n", "1")); });
    };
    CHECK(after("<a><x/></a>") == "<a><x/><n>1</n></a>");
    CHECK(before("<a><x/></a>") == "<a><n>1</n><x/></a>");
    CHECK(after("<a> <x/> </a>") == "<a> <x/> <n>1</n> </a>");
    CHECK(before("<a> <x/> </a>") == "<a> <n>1</n> <x/> </a>");
    CHECK(after("<a>\n  <x/>\n</a>") == "<a>\n  <x/>\n  <n>1</n>\n</a>");
    CHECK(before("<a>\n  <x/>\n</a>") == "<a>\n  <n>1</n>\n  <x/>\n</a>");
    CHECK(after("<a>\r\n\t<x>\r\n\t</x>\r\n</a>") == "<a>\r\n\t<x>\r\n\t</x>\r\n\t<n>1</n>\r\n</a>");
    CHECK(after("<a>\n  <x/>  \n</a>") == "<a>\n  <x/>  \n  <n>1</n>\n</a>");
    CHECK(after("<a>\n  <x/> <!-- of x -->\n</a>") == "<a>\n  <x/> <!-- of x -->\n  <n>1</n>\n</a>");
    CHECK(after("<a>\n  <x/> <!-- of\n y --> <y/>\n</a>") == "<a>\n  <x/>\n  <n>1</n> <!-- of\n y --> <y/>\n</a>");
    CHECK(after("<a>\n  <x/></a>") == "<a>\n  <x/>\n  <n>1</n></a>");
    CHECK(before("<a>\n\n\n  <!-- c -->\n  <x/></a>") == "<a>\n\n\n  <!-- c -->\n  <n>1</n>\n  <x/></a>");
    CHECK(edited("<a>\n  <x/>\n  <y/>\n</a>", [](XmlDocument& d) {
              d.insert_before(child(d, "y"), leaf("b1"));
              d.insert_after(child(d, "x"), leaf("a1"));
              d.insert_before(child(d, "y"), leaf("b2"));
              d.insert_after(child(d, "x"), leaf("a2"));
          }) == "<a>\n  <x/>\n  <a1/>\n  <a2/>\n  <b1/>\n  <b2/>\n  <y/>\n</a>");
}

TEST_CASE("Elements are appended after the last child, or into an empty element") {
    const auto append = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) {
            d.append(child(d, "x"), leaf("n"));
            d.append(child(d, "x"), leaf("m"));
        });
    };
    CHECK(append("<a>\n  <x>\n    <y/>\n  </x>\n</a>") == "<a>\n  <x>\n    <y/>\n    <n/>\n    <m/>\n  </x>\n</a>");
    CHECK(append("<a>\n  <x>\n  </x>\n</a>") == "<a>\n  <x>\n    <n/>\n    <m/>\n  </x>\n</a>");
    CHECK(append("<a>\n  <x>\n    <!-- c -->\n  </x>\n</a>") == "<a>\n  <x>\n    <!-- c -->\n    <n/>\n    <m/>\n  </x>\n</a>");
    CHECK(append("<a>\n\t<x/>\n</a>") == "<a>\n\t<x>\n\t\t<n/>\n\t\t<m/>\n\t</x>\n</a>");
    CHECK(append("<a>\n   <x b='1' />\n</a>") == "<a>\n   <x b='1'>\n      <n/>\n      <m/>\n   </x>\n</a>");
    CHECK(append("<a>\n  <x></x>\n</a>") == "<a>\n  <x>\n    <n/>\n    <m/>\n  </x>\n</a>");
    CHECK(append("<a><x/></a>") == "<a><x><n/><m/></x></a>");
    CHECK(append("<a><x></x></a>") == "<a><x><n/><m/></x></a>");
    CHECK(append("<a><x>t</x></a>") == "<a><x>t<n/><m/></x></a>");
    CHECK(edited("<a/>", [](XmlDocument& d) { d.append(d.root(), leaf("n")); }) == "<a><n/></a>");
    CHECK(edited("<a>\n  <x/>\n</a>", [](XmlDocument& d) {
              d.append(child(d, "x"), leaf("n"));
              d.set_attribute(child(d, "x"), Ns::none, "b", "1");
          }) == "<a>\n  <x b=\"1\">\n    <n/>\n  </x>\n</a>");
}

TEST_CASE("A fragment is indented, escaped and prefixed like its surroundings") {
    const Fragment item{Ns::ovf, "Item", {{Ns::ovf, "required", "false"}}, "",
                        {{Ns::rasd, "ElementName", {}, "a & b", {}}, {Ns::hardware, "Balloon", {{Ns::none, "x", "\"<\""}}, "", {}}}};
    const auto insert = [&](const std::string& text) {
        return edited(text, [&](XmlDocument& d) { d.insert_after(d.root().first(), item); });
    };
    CHECK(insert("<Envelope xmlns='" + ovf1 + "' xmlns:ovf='" + ovf1 + "' xmlns:r='" + rasd + "'>\n  <Item>\n     <r:Parent/>\n  </Item>\n</Envelope>") ==
          "<Envelope xmlns='" + ovf1 + "' xmlns:ovf='" + ovf1 + "' xmlns:r='" + rasd + "'>\n  <Item>\n     <r:Parent/>\n  </Item>\n"
          "  <Item xmlns:ovfkit=\"urn:ovfkit:hardware:1\" ovf:required=\"false\">\n     <r:ElementName>a &amp; b</r:ElementName>\n"
          "     <ovfkit:Balloon x=\"&quot;&lt;&quot;\"/>\n  </Item>\n</Envelope>");
    CHECK(insert("<o:Envelope xmlns:o='" + ovf1 + "'><o:Item/></o:Envelope>") ==
          "<o:Envelope xmlns:o='" + ovf1 + "'><o:Item/><o:Item xmlns:rasd=\"" + rasd +
              "\" xmlns:ovfkit=\"urn:ovfkit:hardware:1\" o:required=\"false\"><rasd:ElementName>a &amp; b</rasd:ElementName>"
              "<ovfkit:Balloon x=\"&quot;&lt;&quot;\"/></o:Item></o:Envelope>");
    // Written like the sibling where both ways are right.
    CHECK(insert("<ovf:Envelope xmlns='" + ovf1 + "' xmlns:ovf='" + ovf1 + "'><ovf:Item/></ovf:Envelope>").find("<ovf:Item xmlns:rasd") != std::string::npos);
    // A prefix bound below only counts there.
    const std::string below = "<Envelope xmlns='" + ovf1 + "' xmlns:ovf='" + ovf1 + "'><Item xmlns:rasd='" + rasd + "'/></Envelope>";
    CHECK(insert(below).find("<Item xmlns:rasd=\"" + rasd + "\"") != std::string::npos);
    // A damaged URI of the document is used, not a second one.
    const std::string damaged = "<Envelope xmlns='" + ovf1 + "' xmlns:ovf='" + ovf1 + "' xmlns:rasd='" + rasd + ".xsd'><Item/></Envelope>";
    CHECK(insert(damaged).find("<Item xmlns:ovfkit=\"urn:ovfkit:hardware:1\" ovf:required=\"false\"><rasd:ElementName>") != std::string::npos);
}

TEST_CASE("An element without namespace is written without prefix") {
    CHECK(edited("<o:a xmlns:o='" + ovf1 + "' xmlns='urn:x'><o:b/></o:a>", [](XmlDocument& d) { d.insert_after(d.root().first(), leaf("Type", "disk")); }) ==
          "<o:a xmlns:o='" + ovf1 + "' xmlns='urn:x'><o:b/><Type>disk</Type></o:a>");
    CHECK(edited("<a/>", [](XmlDocument& d) {
              d.append(d.root(), Fragment{Ns::none, "b", {{Ns::xmlns, "vmw", "urn:v"}, {Ns::xml, "lang", "en"}}, "", {}});
          }) == "<a><b xmlns:vmw=\"urn:v\" xml:lang=\"en\"/></a>");
}

TEST_CASE("An element is taken out with its line") {
    const auto erase = [](const std::string& text) {
        return edited(text, [](XmlDocument& d) { d.erase(child(d, "x")); });
    };
    CHECK(erase("<a><x/><y/></a>") == "<a><y/></a>");
    CHECK(erase("<a><x>1<z>2</z></x><y/></a>") == "<a><y/></a>");
    CHECK(erase("<a>\n  <y/>\n  <x>\n    <z/>\n  </x>\n  <w/>\n</a>") == "<a>\n  <y/>\n  <w/>\n</a>");
    CHECK(erase("<a>\r\n\t<x/>\r\n</a>") == "<a>\r\n</a>");
    CHECK(erase("<a>\n\n  <x/>\n\n  <y/></a>") == "<a>\n\n\n  <y/></a>");
    CHECK(erase("<a>t <x/> u</a>") == "<a>t u</a>");
    CHECK(erase("<a><x><!-- </x> --><![CDATA[</x>]]><?pi </x>?></x><y/></a>") == "<a><y/></a>");
    CHECK(erase("<a><x b='/>'></x ><y/></a>") == "<a><y/></a>" );
    CHECK(edited("<a/>", [](XmlDocument& d) { d.erase(d.root()); }) == "<a/>");
}

TEST_CASE("Edits in one document compose") {
    const std::string text = "<a>\n  <x b='1'>\n    <y>1</y>\n    <z/>\n  </x>\n  <w/>\n</a>";
    CHECK(edited(text, [](XmlDocument& d) {
              const Element x = child(d, "x");
              d.insert_after(x, leaf("after"));
              d.set_text(x.first(), "2");
              d.set_attribute(x, Ns::none, "b", "2");
              d.insert_before(x.first(), leaf("first"));
              d.append(x.first().next(), leaf("deep"));
              d.insert_before(x, leaf("before"));
              d.erase(child(d, "w"));
          }) == "<a>\n  <before/>\n  <x b='2'>\n    <first/>\n    <y>2</y>\n    <z>\n      <deep/>\n    </z>\n  </x>\n  <after/>\n</a>");
}

TEST_CASE("Edits inside an element that goes are dropped; beside it they stay") {
    const std::string text = "<a>\n  <v/>\n  <x b='1'>\n    <y>1</y>\n  </x>\n  <w/>\n</a>";
    const auto all = [](XmlDocument& d, bool first) {
        const Element x = child(d, "x");
        if (first) d.erase(x);
        d.set_text(x.first(), "2");
        d.set_attribute(x, Ns::none, "b", "2");
        d.set_attribute(x, Ns::none, "c", "3");
        d.insert_after(x.first(), leaf("no"));
        d.insert_before(x.first(), leaf("no"));
        d.erase(x.first());
        d.insert_before(x, leaf("before"));
        d.insert_after(x, leaf("after"));
        d.insert_after(child(d, "v"), leaf("v2"));
        if (!first) d.erase(x);
    };
    const std::string wanted = "<a>\n  <v/>\n  <v2/>\n  <before/>\n  <after/>\n  <w/>\n</a>";
    CHECK(edited(text, [&](XmlDocument& d) { all(d, true); }) == wanted);
    CHECK(edited(text, [&](XmlDocument& d) { all(d, false); }) == wanted);
    CHECK(edited("<a><x/><y/><z/></a>", [](XmlDocument& d) {
              d.erase(child(d, "x"));
              d.erase(child(d, "y"));
              d.erase(child(d, "z"));
              d.insert_after(child(d, "y"), leaf("n"));
          }) == "<a><n/></a>");
}
