#include <string>

#include "base/xml.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

struct Parsed {
    explicit Parsed(const std::string& text) : document(XmlDocument::parse("a.ovf", text, diagnostics)), root(document->root()) {}
    Diagnostics diagnostics;
    std::unique_ptr<XmlDocument> document;
    Element root;
};

const std::string rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";

}  // namespace

TEST_CASE("Namespaces are told by URI, not by prefix") {
    CHECK(namespace_from_uri("http://schemas.dmtf.org/ovf/envelope/1") == Ns::ovf);
    CHECK(namespace_from_uri("http://schemas.dmtf.org/ovf/envelope/1/") == Ns::ovf);
    CHECK(namespace_from_uri("http://schemas.dmtf.org/ovf/envelope/2") == Ns::ovf);
    CHECK(namespace_from_uri("http://www.vmware.com/schema/ovf/1/envelope") == Ns::ovf);
    CHECK(namespace_from_uri("http://www.vmware.com/schema/ovf") == Ns::vmw);
    CHECK(namespace_from_uri("h") == Ns::other);
    CHECK(namespace_from_uri("") == Ns::none);
    CHECK(namespace_from_uri(rasd) == Ns::rasd);
    CHECK(namespace_from_uri(rasd + ".xsd") == Ns::rasd);
    CHECK(namespace_from_uri("http://schemas.dmtf.org/wbem/wscim/1/cim2608 schema/2/CIM_EthernetPortAllocationSettingData") == Ns::epasd);
    for (const Ns ns : {Ns::ovf, Ns::rasd, Ns::vssd, Ns::sasd, Ns::epasd, Ns::cim, Ns::xsi, Ns::xml, Ns::xmlns, Ns::vmw, Ns::vbox,
                        Ns::xenovf, Ns::ovirt, Ns::gnt, Ns::vcloud, Ns::hardware, Ns::origin}) {
        CHECK(namespace_from_uri(uri_of(ns)) == ns);
        CHECK_FALSE(usual_prefix(ns).empty());
    }
    CHECK(uri_of(Ns::none).empty());
    CHECK(uri_of(Ns::other).empty());
    CHECK(uri_of(Ns::hardware) == "urn:ovfkit:hardware:1");
    CHECK(uri_of(Ns::origin) == "urn:ovfkit:origin:1");
    CHECK(usual_prefix(Ns::hardware) == "ovfkit");
}

TEST_CASE("Elements and attributes are found by namespace and local name") {
    const Parsed p("<o:Envelope xmlns:o='http://schemas.dmtf.org/ovf/envelope/1' xmlns:r='" + rasd +
                   "' xmlns='urn:x'><o:Item o:id='1' id='2'><r:Parent> 7 </r:Parent><Type/></o:Item></o:Envelope>");
    CHECK(p.diagnostics.all().empty());
    CHECK(p.root.is(Ns::ovf, "Envelope"));
    CHECK_FALSE(p.root.is(Ns::ovf, "Envelop"));
    CHECK_FALSE(p.root.is(Ns::ovf, "Envelopes"));
    CHECK_FALSE(p.root.is(Ns::rasd, "Envelope"));
    const Element item = p.root.child(Ns::ovf, "Item");
    REQUIRE(item);
    CHECK(item.qname() == "o:Item");
    CHECK(item.local() == "Item");
    CHECK(item.uri() == "http://schemas.dmtf.org/ovf/envelope/1");
    CHECK(item.parent() == p.root);
    CHECK_FALSE(p.root.parent());
    CHECK(item.attribute(Ns::ovf, "id").value() == "1");
    CHECK(item.attribute(Ns::none, "id").value() == "2");
    CHECK_FALSE(item.attribute(Ns::rasd, "id"));
    CHECK(item.attribute_lax(Ns::rasd, "id").value() == "2");
    CHECK(item.attribute(Ns::ovf, "id").ns(item.raw()) == Ns::ovf);
    CHECK(item.attributes().size() == 2);
    CHECK(p.root.attributes().empty());
    CHECK(item.child(Ns::rasd, "Parent").text() == " 7 ");
    CHECK(item.child(Ns::rasd, "Parent").take() == "7");
    CHECK(item.child(Ns::rasd, "Parent").next().ns() == Ns::other);
    CHECK(item.child(Ns::rasd, "Parent").next().uri() == "urn:x");
    CHECK_FALSE(item.child(Ns::none, "Type"));
    CHECK_FALSE(item.child(Ns::rasd, "parent"));
}

TEST_CASE("No namespace counts where asked") {
    const Parsed p("<Envelope><Item id='1'><Type/></Item></Envelope>");
    CHECK(p.root.ns() == Ns::none);
    CHECK(p.root.uri().empty());
    CHECK(p.root.is_lax(Ns::ovf, "Envelope"));
    CHECK_FALSE(p.root.is(Ns::ovf, "Envelope"));
    CHECK(p.root.child_lax(Ns::ovf, "Item").attribute_lax(Ns::ovf, "id").value() == "1");
    CHECK_FALSE(p.root.child(Ns::ovf, "Item"));
}

TEST_CASE("A prefix declared again below means something else there") {
    const Parsed p("<a xmlns='urn:1' xmlns:p='http://schemas.dmtf.org/ovf/envelope/1'><p:b/>"
                   "<c xmlns:p='http://www.vmware.com/schema/ovf' xmlns=''><p:b p:x='1'/><p:b/><d/><e xmlns='http://ganeti'><f/></e></c><p:b/><g/></a>");
    const Element first = p.root.first();
    CHECK(first.ns() == Ns::ovf);
    const Element c = first.next();
    CHECK(c.ns() == Ns::none);
    CHECK(c.uri().empty());
    CHECK(c.first().ns() == Ns::vmw);
    CHECK(c.first().attribute(Ns::vmw, "x").value() == "1");
    CHECK(c.first().next().ns() == Ns::vmw);
    CHECK(c.first().next().next().ns() == Ns::none);
    CHECK(c.first().next().next().next().first().ns() == Ns::gnt);
    CHECK(c.next().ns() == Ns::ovf);
    CHECK(c.next().next().ns() == Ns::other);
    CHECK(c.next().next().uri() == "urn:1");
}

TEST_CASE("The root's own namespace is the envelope's when it is no known one") {
    const Parsed p("<e:Envelope xmlns:e='http://schemas.dmtf.org/ovf/envelope/9'><e:Item e:required='false'/><x:y xmlns:x='urn:x'/></e:Envelope>");
    CHECK(p.root.is(Ns::ovf, "Envelope"));
    CHECK(p.root.first().is(Ns::ovf, "Item"));
    CHECK(p.root.first().attribute(Ns::ovf, "required"));
    CHECK(p.root.first().next().ns() == Ns::other);
    CHECK(Parsed("<domain xmlns='urn:x'/>").root.ns() == Ns::other);
}

TEST_CASE("An unbound prefix is a warning and means what it usually does") {
    const Parsed p("<a>\n<rasd:b rasd:c='1'/><rasd:b/><zzz:d/>\n</a>");
    REQUIRE(p.diagnostics.all().size() == 2);
    CHECK(p.diagnostics.all()[0].rule == "xml-prefix-undeclared");
    CHECK(p.diagnostics.all()[0].where.line == 2);
    CHECK(p.diagnostics.all()[0].message.find(rasd) != std::string::npos);
    CHECK(p.diagnostics.all()[1].message.find("zzz") != std::string::npos);
    CHECK_FALSE(p.diagnostics.has_errors());
    CHECK(p.root.first().ns() == Ns::rasd);
    CHECK(p.root.first().uri().empty());
    CHECK(p.root.first().attribute(Ns::rasd, "c"));
    CHECK(p.root.first().next().next().ns() == Ns::other);
    // xml: needs no declaration; a declaration ends with its element.
    CHECK(Parsed("<a xml:lang='en'/>").diagnostics.all().empty());
    CHECK(Parsed("<a><p:b xmlns:p='u'><p:c/></p:b><p:d/></a>").diagnostics.all().size() == 1);
    CHECK(Parsed("<a><p:b xmlns:p='u'/><p:d/></a>").diagnostics.all().size() == 1);
    CHECK(Parsed("<a><p:b xmlns:p='u'><p:c/></p:b></a>").diagnostics.all().empty());
}

TEST_CASE("Text is put together from all its runs") {
    const auto text = [](const std::string& xml) { return std::string(Parsed("<a>" + xml + "</a>").root.text()); };
    CHECK(text("").empty());
    CHECK(text("x") == "x");
    CHECK(text("a&lt;b&#233;") == "a<b\xC3\xA9");
    CHECK(text("<![CDATA[<x>]]>") == "<x>");
    CHECK(text("a<![CDATA[<x>]]>b") == "a<x>b");
    CHECK(text("a<!-- no -->b") == "ab");
    CHECK(text("<!-- no -->b") == "b");
    CHECK(text("<b>no</b>x") == "x");
    CHECK(text("x<b>no</b>y<?pi no?>z") == "xyz");
    CHECK(text("<![CDATA[a]]><![CDATA[b]]>") == "ab");
    CHECK(text("a\r\nb") == "a\nb");
    CHECK(text("a&#13;b") == "a\rb");
    const Parsed p("<a>x<!-- c -->y</a>");
    CHECK(p.root.text().data() == p.root.text().data());  // put together once
    CHECK(Parsed("<a b='x\ny&#10;z'/>").root.attribute(Ns::none, "b").value() == "x y\nz");
}

TEST_CASE("Nothing comes of what is absent") {
    const Element none;
    CHECK_FALSE(none);
    CHECK(none.qname().empty());
    CHECK(none.local().empty());
    CHECK(none.text().empty());
    CHECK(none.take().empty());
    CHECK(none.uri().empty());
    CHECK(none.ns() == Ns::none);
    CHECK_FALSE(none.is(Ns::none, ""));
    CHECK_FALSE(none.first());
    CHECK_FALSE(none.next());
    CHECK_FALSE(none.parent());
    CHECK_FALSE(none.child(Ns::ovf, "Item"));
    CHECK_FALSE(none.attribute(Ns::ovf, "id"));
    CHECK(none.attributes().empty());
    const Attribute absent;
    CHECK_FALSE(absent);
    CHECK(absent.value().empty());
    CHECK(absent.take().empty());
    CHECK(absent.local().empty());
}

TEST_CASE("The trace tells what was taken and what only looked at") {
    const Parsed p("<a x='1' y='2'><b> 1 </b><c>2</c></a>");
    CHECK_FALSE(p.document->tracing());
    CHECK(p.root.first().take() == "1");
    CHECK_FALSE(p.document->taken(p.root.first().raw().internal_object()));
    p.document->trace(true);
    CHECK(p.root.first().take() == "1");
    CHECK(p.root.first().next().text() == "2");
    CHECK(p.root.attribute(Ns::none, "x").take() == "1");
    CHECK(p.root.attribute(Ns::none, "y").value() == "2");
    CHECK(p.document->taken(p.root.first().raw().internal_object()));
    CHECK_FALSE(p.document->taken(p.root.first().next().raw().internal_object()));
    CHECK(p.document->taken(p.root.attribute(Ns::none, "x").raw().internal_object()));
    CHECK_FALSE(p.document->taken(p.root.attribute(Ns::none, "y").raw().internal_object()));
    p.document->trace(true);
    CHECK_FALSE(p.document->taken(p.root.first().raw().internal_object()));
}

TEST_CASE("A path names each step by its id, or by its place") {
    const Parsed p("<E xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/1' xmlns:rasd='" + rasd +
                   "'><Disk ovf:diskId='d1'/><VirtualSystem ovf:id='x'><H><Item><rasd:InstanceID> 7 </rasd:InstanceID><rasd:Parent>3</rasd:Parent></Item>"
                   "<Item/><Item/><Other/></H></VirtualSystem><Property ovf:key=\"it's\"/></E>");
    const Element item = p.root.first().next().first().first();
    CHECK(p.document->path_of(item.first().next()) == "E/VirtualSystem[@ovf:id='x']/H/Item[rasd:InstanceID='7']/rasd:Parent");
    CHECK(p.document->path_of(item.next()) == "E/VirtualSystem[@ovf:id='x']/H/Item[2]");
    CHECK(p.document->path_of(item.next().next()) == "E/VirtualSystem[@ovf:id='x']/H/Item[3]");
    CHECK(p.document->path_of(item.next().next().next()) == "E/VirtualSystem[@ovf:id='x']/H/Other");
    CHECK(p.document->path_of(p.root.first()) == "E/Disk[@ovf:diskId='d1']");
    CHECK(p.document->path_of(p.root.first().next().next()) == "E/Property[@ovf:key=\"it's\"]");
    CHECK(p.document->path_of(p.root) == "E");
    CHECK(p.document->path_of(Element()).empty());
}

TEST_CASE("Paths among very many siblings are right, and quick") {
    std::string text = "<a>";
    for (int i = 0; i < 50000; ++i) text += "<b/><c/>";
    const Parsed p(text + "</a>");
    std::size_t index = 0;
    for (Element at = p.root.first(); at; at = at.next().next()) {
        ++index;
        if (p.document->path_of(at) != "a/b[" + std::to_string(index) + "]") FAIL(p.document->path_of(at));
        if (p.document->path_of(at.next()) != "a/c[" + std::to_string(index) + "]") FAIL(p.document->path_of(at.next()));
    }
    CHECK(index == 50000);
}

TEST_CASE("Offsets give line, column and the line itself") {
    const Parsed p("<a>\r\n\t<b/>\r\n\n<c>x</c></a>");
    const Element b = p.root.first();
    CHECK(p.document->locate(b.offset()).line == 2);
    CHECK(p.document->locate(b.offset()).column == 3);
    CHECK(p.document->source_line(b.offset()) == "\t<b/>");
    CHECK(p.document->locate(b.next().offset()).line == 4);
    CHECK(p.document->source_line(b.next().offset()) == "<c>x</c></a>");
    CHECK(p.document->locate(0).line == 1);
    CHECK(p.document->source_line(0) == "<a>");
    CHECK(p.document->locate(100000).line == 4);
    CHECK(p.document->source_line(100000) == "<c>x</c></a>");
}
