#include <algorithm>

#include "base/checked.hpp"
#include "base/fragment.hpp"
#include "base/utf8.hpp"
#include "base/xml.hpp"
#include "base/xml_writer.hpp"

// Edits as splices: each names a place in the text as read; bytes() puts them in, in the order of their places.
namespace ovfkit::detail {

namespace {

/// Offset of the '>' that ends the tag around `at`.
std::size_t tag_end(const std::string& text, std::size_t at) {
    for (; text[at] != '>'; ++at)
        if (text[at] == '"' || text[at] == '\'') at = text.find(text[at], at + 1);
    return at;
}

/// Offset of the next tag at or after `at`: comments, instructions and CDATA are passed over.
std::size_t next_tag(const std::string& text, std::size_t at) {
    while (true) {
        at = text.find('<', at);
        if (text.compare(at, 4, "<!--") == 0)
            at = text.find("-->", at + 4) + 3;
        else if (text.compare(at, 9, "<![CDATA[") == 0)
            at = text.find("]]>", at + 9) + 3;
        else if (text.compare(at, 2, "<?") == 0)
            at = text.find("?>", at + 2) + 2;
        else
            return at;
    }
}

/// Marks the edit that fills an empty element.
constexpr std::string_view appended = "append";

bool ends_name(char c) { return is_blank(c) || c == '=' || c == '/' || c == '>'; }

}  // namespace

XmlDocument::Span XmlDocument::span(Element element) const {
    Span out{};
    const std::size_t name = element.offset();
    out.begin = name - 1;
    const std::size_t close = tag_end(text_, name);
    out.open_end = close + 1;
    out.self_closed = text_[close - 1] == '/';
    out.close_begin = out.end = out.open_end;
    if (out.self_closed) return out;
    // Past the last child there is only text up to the end tag.
    pugi::xml_node last = element.raw().last_child();
    while (last && last.type() != pugi::node_element) last = last.previous_sibling();
    out.close_begin = next_tag(text_, last ? span(Element(this, last)).end : out.open_end);
    out.end = text_.find('>', out.close_begin) + 1;
    return out;
}

XmlDocument::AttributeSpan XmlDocument::attribute_span(Element element, pugi::xml_attribute attribute) const {
    std::size_t at = element.offset() + element.qname().size();
    const std::string_view wanted = attribute.name();
    while (true) {
        AttributeSpan out{};
        out.begin = at;
        while (is_blank(text_[at])) ++at;
        const std::size_t name = at;
        while (!ends_name(text_[at])) ++at;
        const std::string_view found(text_.data() + name, at - name);
        at = text_.find_first_of("\"'", at);
        out.value = at + 1;
        out.value_end = text_.find(text_[at], at + 1);
        out.end = at = out.value_end + 1;
        if (found == wanted) return out;
    }
}

std::size_t XmlDocument::attributes_end(Element element) const {
    std::size_t at = tag_end(text_, element.offset());
    if (text_[at - 1] == '/') --at;
    while (is_blank(text_[at - 1])) --at;
    return at;
}

void XmlDocument::replace(std::size_t at, std::size_t length, std::string text) {
    edits_[{at, Place::range, 0}] = {length, std::move(text), {}, {}};
}

void XmlDocument::insert(std::size_t at, Place place, std::string text) {
    // After the last one at the same place.
    const auto next = edits_.lower_bound({at, place, ~std::size_t{0}});
    std::size_t sequence = 0;
    if (next != edits_.begin())
        if (const EditKey& last = std::prev(next)->first; last.at == at && last.place == place)
            sequence = last.sequence + 1;
    edits_[{at, place, sequence}] = {0, std::move(text), {}, {}};
}

void XmlDocument::set_text(Element element, std::string_view plain) {
    if (!element) return;
    // A message would go on standing for the text.
    if (message(element.raw(), trimmed(element.text())) != nullptr) {
        const Attribute id = element.attribute_lax(Ns::ovf, "msgid");
        remove_attribute(element, id.ns(element.raw()), "msgid");
    }
    const Span place = span(element);
    const std::size_t at = place.self_closed ? attributes_end(element) : place.open_end;
    if (element.text() == plain && !element.first()) {
        edits_.erase({at, Place::range, 0});
        return;
    }
    const std::string text = Layout::of(element, place.begin).text(plain);
    if (place.self_closed)
        replace(at, place.open_end - at, ">" + text + "</" + std::string(element.qname()) + ">");
    else
        replace(at, place.close_begin - at, text);
}

void XmlDocument::set_attribute(Element element, Ns ns, std::string_view local, std::string_view plain) {
    if (!element) return;
    const std::size_t end = attributes_end(element);
    if (const Attribute found = element.attribute(ns, local)) {
        const AttributeSpan place = attribute_span(element, found.raw());
        edits_.erase({place.begin, Place::range, 0});  // a removal before
        if (found.value() == plain) {
            edits_.erase({place.value, Place::range, 0});
            return;
        }
        replace(place.value, place.value_end - place.value, xml_escaped(plain, true));
        return;
    }
    std::string declaration;
    const std::string name = prefixed_attribute(element, ns, local, declaration);
    if (!declaration.empty()) add_attribute(end, declaration, uri_to_declare(element, ns));
    add_attribute(end, name, plain);
}

void XmlDocument::add_attribute(std::size_t at, const std::string& name, std::string_view plain) {
    const std::string text = " " + name + "=\"" + xml_escaped(plain, true) + "\"";
    if (const auto it = added_attribute(at, name); it != edits_.end()) {
        it->second.text = text;
        return;
    }
    insert(at, Place::attribute, text);
    std::prev(edits_.upper_bound({at, Place::attribute, ~std::size_t{0}}))->second.name = name;
}

std::map<XmlDocument::EditKey, XmlDocument::Edit>::iterator XmlDocument::added_attribute(std::size_t at,
                                                                                         std::string_view name) {
    for (auto it = edits_.lower_bound({at, Place::attribute, 0});
         it != edits_.end() && it->first.at == at && it->first.place == Place::attribute; ++it)
        if (it->second.name == name) return it;
    return edits_.end();
}

void XmlDocument::remove_attribute(Element element, Ns ns, std::string_view local) {
    if (!element) return;
    if (const Attribute found = element.attribute(ns, local)) {
        const AttributeSpan place = attribute_span(element, found.raw());
        replace(place.begin, place.end - place.begin, {});
        return;
    }
    std::string declaration;
    const std::string name = prefixed_attribute(element, ns, local, declaration);
    if (const auto it = added_attribute(attributes_end(element), name); it != edits_.end()) edits_.erase(it);
}

void XmlDocument::insert_after(Element sibling, const Fragment& fragment) {
    if (!sibling || !sibling.parent()) return;
    const Span place = span(sibling);
    // Blanks and a comment that end the sibling's line stay on it.
    std::size_t at = place.end;
    for (std::size_t look = at; look < text_.size();) {
        if (text_[look] == ' ' || text_[look] == '\t') {
            ++look;
        } else if (text_.compare(look, 4, "<!--") == 0) {
            const std::size_t end = text_.find("-->", look + 4) + 3;
            if (text_.find('\n', look) < end) break;
            look = end;
        } else {
            if (text_[look] == '\n' || text_.compare(look, 2, "\r\n") == 0) at = look;
            break;
        }
    }
    const Layout layout = Layout::of(sibling, place.begin);
    if (!layout.pretty()) at = place.end;
    insert(at, Place::after, layout.lead() + render_fragment(fragment, sibling.parent(), sibling, layout));
}

void XmlDocument::insert_before(Element sibling, const Fragment& fragment) {
    if (!sibling || !sibling.parent()) return;
    const std::size_t begin = sibling.offset() - 1;
    const Layout layout = Layout::of(sibling, begin);
    insert(begin - layout.lead().size(), Place::before,
           layout.lead() + render_fragment(fragment, sibling.parent(), sibling, layout));
}

void XmlDocument::append(Element parent, const Fragment& fragment) {
    if (!parent) return;
    pugi::xml_node last = parent.raw().last_child();
    while (last && last.type() != pugi::node_element) last = last.previous_sibling();
    if (last) return insert_after(Element(this, last), fragment);

    const Span place = span(parent);
    const Layout outside = Layout::of(parent, place.begin);
    const Layout inside = outside.deeper();
    const std::string body = inside.lead() + render_fragment(fragment, parent, Element(), inside);
    if (!place.self_closed) {
        const Layout closing = Layout::of(parent, place.close_begin);
        if (closing.pretty() && place.close_begin - closing.lead().size() >= place.open_end)
            return insert(place.close_begin - closing.lead().size(), Place::after, body);
    }
    // `<a/>` and `<a></a>` get lines of their own; more may come.
    const std::size_t at = place.self_closed ? attributes_end(parent) : place.close_begin;
    const auto [it, fresh] = edits_.try_emplace({at, Place::range, 0});
    Edit& edit = it->second;
    if (fresh || edit.name != appended) {
        edit.name = appended;
        edit.length = place.self_closed ? place.open_end - at : 0;
        edit.text = place.self_closed ? ">" : "";
        edit.tail = outside.pretty() ? outside.lead() : "";
        if (place.self_closed) edit.tail += "</" + std::string(parent.qname()) + ">";
    }
    edit.text += body;
}

void XmlDocument::erase(Element element) {
    if (!element || !element.parent()) return;
    const Span place = span(element);
    const std::size_t at = place.begin - Layout::of(element, place.begin).lead().size();
    replace(at, place.end - at, {});
}

std::string XmlDocument::bytes() const {
    const auto encoding = static_cast<Encoding>(encoding_);
    if (edits_.empty()) return source();
    std::string out;
    out.reserve(text_.size() + 4096);
    std::size_t from = 0;
    for (const auto& [key, edit] : edits_) {
        if (key.at < from) continue;  // inside something that is gone
        out.append(text_, from, key.at - from);
        out += edit.text;
        out += edit.tail;
        from = key.at + edit.length;
    }
    out.append(text_, from);
    return encoding == Encoding::utf8 ? out : from_utf8(out, encoding);
}

}  // namespace ovfkit::detail
