#include "base/fragment.hpp"

#include <algorithm>
#include <vector>

#include "base/checked.hpp"
#include "base/namespaces.hpp"
#include "base/xml_writer.hpp"

namespace ovfkit::detail {

namespace {

/// The blanks just before offset `at`, on the same line.
std::string_view blanks_before(const std::string& text, std::size_t at) {
    std::size_t from = at;
    while (from > 0 && (text[from - 1] == ' ' || text[from - 1] == '\t')) --from;
    return std::string_view(text).substr(from, at - from);
}

/// What one level adds to the indentation, as seen nearest to `element`.
std::string indent_unit(Element element, const std::string& text) {
    for (Element at = element.first() ? element.first() : element; at && at.parent(); at = at.parent()) {
        const std::string_view inner = blanks_before(text, at.offset() - 1);
        const std::string_view outer = blanks_before(text, at.parent().offset() - 1);
        if (inner.size() > outer.size() && inner.starts_with(outer)) return std::string(inner.substr(outer.size()));
    }
    return "  ";
}

std::string_view prefix_of(Element element) {
    const std::string_view name = element.qname();
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

/// Chooses prefixes for one inserted element and what is in it.
class Prefixes {
public:
    Prefixes(Element scope, Element like)
        : scope_(scope), like_(like), bound_(bindings_in_scope(*scope.document(), scope.raw())) {}

    std::string name(Ns ns, std::string_view local, bool attribute) {
        const std::string prefix = ns == Ns::none || ns == Ns::other ? std::string() : choose(ns, attribute);
        return prefix.empty() ? std::string(local) : prefix + ":" + std::string(local);
    }
    /// What has to be declared: prefix and namespace.
    [[nodiscard]] const std::vector<std::pair<std::string, Ns>>& declared() const { return declared_; }

private:
    std::string choose(Ns ns, bool attribute) {
        if (ns == Ns::xml || ns == Ns::xmlns) return std::string(usual_prefix(ns));
        if (!attribute)
            for (const Element neighbour : {like_, scope_})
                if (neighbour && neighbour.ns() == ns && is_bound(prefix_of(neighbour), ns))
                    return std::string(prefix_of(neighbour));
        const Binding* best = nullptr;
        const std::string_view root_uri = scope_.document()->root().uri();
        const auto rank = [&](const Binding& binding) {
            return (binding.prefix.empty() ? 4 : 0) + (binding.uri == root_uri ? 2 : 0) +
                   (binding.prefix == usual_prefix(ns) ? 1 : 0);
        };
        for (const Binding& binding : bound_) {
            if (binding.ns != ns || binding.uri.empty() || (attribute && binding.prefix.empty())) continue;
            if (best == nullptr || rank(binding) > rank(*best)) best = &binding;
        }
        if (best != nullptr) return best->prefix;
        for (const auto& [prefix, declared] : declared_)
            if (declared == ns) return prefix;
        std::string prefix(usual_prefix(ns));
        for (int number = 1; is_taken(prefix); ++number)
            prefix = std::string(usual_prefix(ns)) + std::to_string(number);
        declared_.emplace_back(prefix, ns);
        return prefix;
    }

    [[nodiscard]] bool is_bound(std::string_view prefix, Ns ns) const {
        return std::any_of(bound_.begin(), bound_.end(),
                           [&](const Binding& b) { return b.prefix == prefix && b.ns == ns && !b.uri.empty(); });
    }
    [[nodiscard]] bool is_taken(std::string_view prefix) const {
        return std::any_of(bound_.begin(), bound_.end(), [&](const Binding& b) { return b.prefix == prefix; }) ||
               std::any_of(declared_.begin(), declared_.end(), [&](const auto& d) { return d.first == prefix; });
    }

    Element scope_, like_;
    std::vector<Binding> bound_;
    std::vector<std::pair<std::string, Ns>> declared_;
};

std::string attributes_of(const Fragment& fragment, Prefixes& prefixes) {
    std::string out;
    for (const Fragment::Attr& attribute : fragment.attributes)
        out += " " + prefixes.name(attribute.ns, attribute.local, true) + "=\"" + xml_escaped(attribute.value, true) +
               "\"";
    return out;
}

/// The element after its name and before its end, so that declarations can go in between.
std::string render(const Fragment& fragment, Prefixes& prefixes, const Layout& layout, std::string& name) {
    name = prefixes.name(fragment.ns, fragment.local, false);
    std::string out = attributes_of(fragment, prefixes);
    if (fragment.children.empty() && fragment.text.empty()) return out + "/>";
    out += ">";
    if (fragment.children.empty()) {
        out += layout.text(fragment.text);
    } else {
        const Layout inside = layout.deeper();
        for (const Fragment& child : fragment.children) {
            if (inside.pretty()) out += inside.lead();
            if (!child.verbatim.empty()) {
                out += child.verbatim;
                continue;
            }
            std::string child_name;
            const std::string body = render(child, prefixes, inside, child_name);
            out += "<" + child_name + body;
        }
        if (layout.pretty()) out += layout.lead();
    }
    return out + "</" + name + ">";
}

}  // namespace

Layout Layout::of(Element element, std::size_t tag) {
    const std::string& text = element.document()->text();
    Layout out;
    out.indent_ = blanks_before(text, tag);
    const std::size_t line = tag - out.indent_.size();
    if (line > 0 && text[line - 1] == '\n') out.eol_ = line > 1 && text[line - 2] == '\r' ? "\r\n" : "\n";
    out.unit_ = indent_unit(element, text);
    const std::size_t first = text.find('\n');
    out.carriage_return_ = first != std::string::npos && first > 0 && text[first - 1] == '\r';
    return out;
}

Layout Layout::deeper() const {
    Layout out = *this;
    if (pretty())
        out.indent_ += unit_;
    else
        out.indent_.clear();
    return out;
}

std::string Layout::text(std::string_view plain) const {
    std::string out = xml_escaped(plain);
    // Text of blanks only would be taken for indentation when it is read again.
    if (!plain.empty() && trimmed(plain).empty() && plain.front() != '\r')
        out.replace(0, 1, "&#" + std::to_string(static_cast<int>(plain.front())) + ";");
    if (carriage_return_)
        for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; at += 2) out.insert(at, 1, '\r');
    return out;
}

std::string render_fragment(const Fragment& fragment, Element parent, Element like, const Layout& layout) {
    if (!fragment.verbatim.empty()) return fragment.verbatim;
    Prefixes prefixes(parent, like);
    std::string name;
    const std::string body = render(fragment, prefixes, layout, name);
    std::string out = "<" + name;
    for (const auto& [prefix, ns] : prefixes.declared())
        out += " xmlns:" + prefix + "=\"" + xml_escaped(uri_to_declare(parent, ns), true) + "\"";
    return out + body;
}

std::string prefixed_attribute(Element element, Ns ns, std::string_view local, std::string& declaration) {
    Prefixes prefixes(element, Element());
    std::string name = prefixes.name(ns, local, true);
    declaration = prefixes.declared().empty() ? std::string() : "xmlns:" + prefixes.declared().front().first;
    return name;
}

std::string uri_to_declare(Element scope, Ns ns) {
    // A document of another version, or with its own spelling of a URI, keeps to it.
    for (const Binding& binding : bindings_in_scope(*scope.document(), scope.raw()))
        if (binding.ns == ns && !binding.uri.empty()) return binding.uri;
    return std::string(uri_of(ns));
}

}  // namespace ovfkit::detail
