#include <map>
#include <set>

#include "base/checked.hpp"
#include "base/fragment.hpp"
#include "base/xml.hpp"
#include "base/xml_writer.hpp"

// Parts of one document for another: copied as they stand, or as what they say.
namespace ovfkit::detail {

namespace {

std::string_view prefix_of(std::string_view qname) {
    const std::size_t colon = qname.find(':');
    return colon == std::string_view::npos ? std::string_view{} : qname.substr(0, colon);
}

bool is_declaration(std::string_view qname) { return qname == "xmlns" || qname.starts_with("xmlns:"); }

/// The prefixes used at and below `node` and declared above it; the empty one is the default namespace.
void free_prefixes(pugi::xml_node node, std::set<std::string> declared, std::set<std::string>& out) {
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute; attribute = attribute.next_attribute())
        if (const std::string_view name = attribute.name(); is_declaration(name))
            declared.emplace(name.size() > 5 ? name.substr(6) : std::string_view{});
    const auto use = [&](std::string_view prefix) {
        if (prefix != "xml" && declared.count(std::string(prefix)) == 0) out.emplace(prefix);
    };
    use(prefix_of(node.name()));
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute; attribute = attribute.next_attribute())
        if (const std::string_view name = attribute.name(); !is_declaration(name) && !prefix_of(name).empty()) {
            use(prefix_of(name));
            // A QName as a value: xsi:type.
            if (name.ends_with(":type")) use(prefix_of(attribute.value()));
        }
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling())
        if (child.type() == pugi::node_element) free_prefixes(child, declared, out);
}

}  // namespace

Fragment Fragment::of(Element element) {
    Fragment out;
    out.ns = element.ns();
    out.local = std::string(element.local());
    for (const Attribute& attribute : element.attributes())
        out.attributes.push_back(
            {attribute.ns(element.raw()), std::string(attribute.local()), std::string(attribute.value())});
    for (Element child = element.first(); child; child = child.next()) out.children.push_back(of(child));
    if (out.children.empty()) out.text = std::string(element.text());
    return out;
}

std::string XmlDocument::standalone(Element element, std::string_view envelope_uri, bool optional) const {
    if (!element) return {};
    const Span place = span(element);
    const auto uri_of_prefix = [&](const std::string& prefix) {
        const Ns ns = resolve(element.raw(), prefix, false);
        if (ns == Ns::ovf) return std::string(envelope_uri);
        const std::string_view bound = resolve_uri(element.raw(), prefix, false);
        return std::string(bound.empty() && !prefix.empty() ? uri_of(ns) : bound);
    };
    std::set<std::string> prefixes;
    free_prefixes(element.raw(), {}, prefixes);
    std::string ovf;  // a prefix of the envelope's namespace
    for (const std::string& prefix : prefixes)
        if (!prefix.empty() && resolve(element.raw(), prefix, true) == Ns::ovf) ovf = prefix;
    const Attribute required = optional ? element.attribute_lax(Ns::ovf, "required") : Attribute();
    if (optional && ovf.empty() && !required) {
        ovf = "ovf";
        while (prefixes.count(ovf) != 0 || !element.raw().attribute(("xmlns:" + ovf).c_str()).empty()) ovf += '_';
    }
    std::string head;
    const std::size_t name_end = element.offset() + element.qname().size();
    for (const std::string& prefix : prefixes) {
        if (prefix == ovf) continue;
        const std::string uri = uri_of_prefix(prefix);
        if (!uri.empty() || prefix.empty())
            head += " xmlns" + (prefix.empty() ? "" : ":" + prefix) + "=\"" + xml_escaped(uri, true) + "\"";
    }
    if (!ovf.empty()) head += " xmlns:" + ovf + "=\"" + xml_escaped(envelope_uri, true) + "\"";
    if (optional && !required) head += " " + ovf + ":required=\"false\"";
    std::string out = text_.substr(place.begin, name_end - place.begin) + head;
    if (!required) return out + text_.substr(name_end, place.end - name_end);
    const AttributeSpan value = attribute_span(element, required.raw());
    out += text_.substr(name_end, value.value - name_end) + "false";
    return out + text_.substr(value.value_end, place.end - value.value_end);
}

void XmlDocument::add_foreign_attribute(Element element, std::string_view prefix, std::string_view uri,
                                        std::string_view local, std::string_view plain) {
    if (!element || prefix.empty()) return;
    const std::size_t end = attributes_end(element);
    std::string name(prefix);
    for (int number = 1;; name = std::string(prefix) + std::to_string(++number)) {
        const std::string declaration = "xmlns:" + name;
        const std::string_view bound = resolve_uri(element.raw(), name, true);
        const auto added = added_attribute(end, declaration);
        if (added != edits_.end()) {
            if (added->second.text == " " + declaration + "=\"" + xml_escaped(uri, true) + "\"") break;
            continue;
        }
        if (bound == uri) break;
        if (!bound.empty()) continue;
        add_attribute(end, declaration, uri);
        break;
    }
    add_attribute(end, name + ":" + std::string(local), plain);
}

Fragment XmlDocument::open_before(Element first, const Fragment& fragment) {
    Fragment end;
    if (!first || !first.parent()) return end;
    const std::size_t begin = first.offset() - 1;
    const Layout layout = Layout::of(first, begin);
    // Rendered with a last child that stands for the content: the end tag is what follows it.
    constexpr std::string_view content = "<content/>";
    Fragment whole = fragment;
    whole.children.emplace_back();
    whole.children.back().verbatim = content;
    std::string text = render_fragment(whole, first.parent(), first, layout);
    end.verbatim = text.substr(text.rfind("</"));
    const std::size_t inside = layout.pretty() ? layout.deeper().lead().size() : 0;
    text.resize(text.rfind(content) - inside);
    insert(begin - layout.lead().size(), Place::before, layout.lead() + text);
    return end;
}

void XmlDocument::unwrap(Element element, Element kept) {
    if (!element || !kept) return;
    const Span outer = span(element), inner = span(kept);
    const std::size_t begin = outer.begin - Layout::of(element, outer.begin).lead().size();
    replace(begin, inner.begin - Layout::of(kept, inner.begin).lead().size() - begin, {});
    replace(inner.end, outer.end - inner.end, {});
}

}  // namespace ovfkit::detail
