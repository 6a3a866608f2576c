#include "catch.hpp"

#include "base/xml.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

constexpr const char* ovf1 = "http://schemas.dmtf.org/ovf/envelope/1";

std::unique_ptr<XmlDocument> parsed(const std::string& text) {
    Diagnostics diagnostics;
    return XmlDocument::parse("x", text, diagnostics);
}

std::string reparsed(XmlDocument& document) {
    Diagnostics diagnostics;
    return document.reparsed(diagnostics)->bytes();
}

}  // namespace

TEST_CASE("an element is opened around what stands there, and unwrapping gives the first bytes back") {
    const std::string text = "<e xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\">\n  <a/>\n  <b>\n    <c/>\n  </b>\n  <d/>\n</e>\n";
    auto document = parsed(text);
    const Element a = document->root().first(), b = a.next();
    Fragment outer;
    outer.ns = Ns::ovf;
    outer.local = "outer";
    Fragment info;
    info.ns = Ns::ovf;
    info.local = "Info";
    info.text = "<content/> & </more>";
    outer.children.push_back(info);
    const Fragment end = document->open_before(b, outer);
    Fragment more;
    more.ns = Ns::ovf;
    more.local = "more";
    document->insert_after(b, more);
    document->insert_after(b, end);
    const std::string wrapped = reparsed(*document);
    CHECK(wrapped ==
          "<e xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\">\n  <a/>\n  <outer>\n    <Info>&lt;content/&gt; &amp; &lt;/more&gt;</Info>\n"
          "  <b>\n    <c/>\n  </b>\n  <more/>\n  </outer>\n  <d/>\n</e>\n");
    auto again = parsed(wrapped);
    const Element o = again->root().first().next();
    again->unwrap(o, o.first().next());
    CHECK(reparsed(*again) == text);
}

TEST_CASE("an element is copied into another document in the manner of that one") {
    auto from = parsed("<x:e xmlns:x=\"http://schemas.dmtf.org/ovf/envelope/2\"><x:a x:id='1 &amp; 2' y='3'><x:b>t</x:b></x:a></x:e>");
    auto to = parsed("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:o=\"http://schemas.dmtf.org/ovf/envelope/1\"/>");
    to->append(to->root(), Fragment::of(from->root().first()));
    CHECK(reparsed(*to).find("<a o:id=\"1 &amp; 2\" y=\"3\"><b>t</b></a>") != std::string::npos);
}

TEST_CASE("an element on its own declares what it uses and need not be understood") {
    auto document = parsed(
        "<o:Envelope xmlns:o=\"http://www.vmware.com/schema/ovf/1/envelope\" xmlns:v=\"urn:v\" xmlns:t=\"urn:t\" xmlns=\"urn:d\" xmlns:unused=\"urn:u\">"
        "<v:S t:q='1'><o:Info>i</o:Info><plain xmlns:v=\"urn:w\"><v:w/></plain></v:S>"
        "<v:R o:required='true'/><v:N/></o:Envelope>");
    const Element s = document->root().first(), r = s.next(), n = r.next();
    CHECK(document->standalone(s, ovf1, true) ==
          "<v:S xmlns=\"urn:d\" xmlns:t=\"urn:t\" xmlns:v=\"urn:v\" xmlns:o=\"http://schemas.dmtf.org/ovf/envelope/1\" o:required=\"false\" "
          "t:q='1'><o:Info>i</o:Info><plain xmlns:v=\"urn:w\"><v:w/></plain></v:S>");
    CHECK(document->standalone(r, ovf1, true) == "<v:R xmlns:v=\"urn:v\" xmlns:o=\"http://schemas.dmtf.org/ovf/envelope/1\" o:required='false'/>");
    CHECK(document->standalone(n, ovf1, false) == "<v:N xmlns:v=\"urn:v\"/>");
    // What is copied reads well wherever it is put.
    for (const Element& element : {s, r, n}) {
        auto target = parsed("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"><a/></Envelope>");
        Fragment verbatim;
        verbatim.verbatim = document->standalone(element, ovf1, true);
        target->insert_after(target->root().first(), verbatim);
        Diagnostics diagnostics;
        const auto now = target->reparsed(diagnostics);
        CHECK(now->root().first().next().uri() == "urn:v");
        CHECK(now->root().first().next().attribute(Ns::ovf, "required").value() == "false");
    }
}
