#include "descriptor/edit.hpp"

#include <algorithm>

#include "base/checked.hpp"

namespace ovfkit::detail {

void edit_attribute(XmlDocument& document, Element element, Ns ns, std::string_view local, std::string_view value) {
    const Attribute present = element.attribute_lax(ns, local);
    if (!present) {
        if (!value.empty()) document.set_attribute(element, ns, local, value);
        return;
    }
    const Ns written = present.ns(element.raw());
    if (value.empty())
        document.remove_attribute(element, written, local);
    else if (present.value() != value)
        document.set_attribute(element, written, local, value);
}

void edit_child(XmlDocument& document, Element parent, std::string_view local, std::string_view value,
                std::span<const std::string_view> order) {
    if (const Element present = parent.child_lax(Ns::ovf, local)) {
        if (value.empty())
            document.erase(present);
        else if (present.shown() != value)
            document.set_text(present, value);
        return;
    }
    if (value.empty()) return;
    const Fragment child = text_fragment(parent.ns(), local, value);
    const auto place = std::find(order.begin(), order.end(), local);
    // After the nearest earlier one that is there, else before the nearest later one.
    for (auto earlier = place; earlier != order.begin();) {
        --earlier;
        Element last;
        for (Element at = parent.first(); at; at = at.next())
            if (at.is_lax(Ns::ovf, *earlier)) last = at;
        if (last) return document.insert_after(last, child);
    }
    if (const Element first = parent.first(); first && place != order.end())
        return document.insert_before(first, child);
    document.append(parent, child);
}

Fragment text_fragment(Ns ns, std::string_view local, std::string_view text) {
    Fragment out;
    out.ns = ns;
    out.local = std::string(local);
    out.text = std::string(text);
    return out;
}

void add_attribute(Fragment& fragment, Ns ns, std::string_view local, std::string_view value) {
    if (!value.empty()) fragment.attributes.push_back({ns, std::string(local), std::string(value)});
}

void insert(XmlDocument& document, Element parent, Element sibling, const Fragment& fragment) {
    if (sibling)
        document.insert_after(sibling, fragment);
    else
        document.append(parent, fragment);
}

}  // namespace ovfkit::detail
