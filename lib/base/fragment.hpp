#pragma once

#include <string>
#include <string_view>

#include "base/xml.hpp"

/// New content in the manner of its surroundings: indentation, line ends, prefixes.
namespace ovfkit::detail {

/// How the text is laid out at a tag: what stands between the tag and what is before it.
class Layout {
public:
    /// Of the tag at offset `tag`, the start or end tag of `element`.
    static Layout of(Element element, std::size_t tag);

    /// A tag has a line of its own here.
    [[nodiscard]] bool pretty() const { return !eol_.empty(); }
    /// Line end and indentation; without a line end, the blanks before the tag.
    [[nodiscard]] std::string lead() const { return eol_ + indent_; }
    [[nodiscard]] Layout deeper() const;
    /// Text escaped, its line ends those of the document.
    [[nodiscard]] std::string text(std::string_view plain) const;

private:
    std::string eol_, indent_, unit_;
    bool carriage_return_ = false;  ///< the document's lines end in CR LF
};

/// `fragment` as a child of `parent`; `like`, when there is one, is a sibling to write it like.
std::string render_fragment(const Fragment& fragment, Element parent, Element like, const Layout& layout);

/// The name of a new attribute of `element`; `declaration` becomes `xmlns:PREFIX` when the prefix has to be declared.
std::string prefixed_attribute(Element element, Ns ns, std::string_view local, std::string& declaration);
/// The URI that stands for a namespace in this document.
std::string uri_to_declare(Element scope, Ns ns);

}  // namespace ovfkit::detail
