#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/xml.hpp"
#include "descriptor/style.hpp"
#include "model/leaf.hpp"

/// Small edits that every section needs: each leaves the document alone when it already says so.
namespace ovfkit::detail {

/// What an update of one document carries around.
struct Editing {
    XmlDocument& document;
    std::vector<LossNote>& notes;
    int major = 1;  ///< major_version()
    DiskAttributes disk_attributes = nullptr;
};

/// Sets, adds or (empty value) removes an attribute; one written without its prefix is edited as it stands.
void edit_attribute(XmlDocument& document, Element element, Ns ns, std::string_view local, std::string_view value);

/// Sets, inserts or (empty value) erases a child with text. `order` is the order of the children's names by the
/// schema; a new one goes to its place there, in the namespace of its parent.
void edit_child(XmlDocument& document, Element parent, std::string_view local, std::string_view value,
                std::span<const std::string_view> order);

/// A child element with text and no attributes.
Fragment text_fragment(Ns ns, std::string_view local, std::string_view text);

/// Adds an attribute unless the value is empty.
void add_attribute(Fragment& fragment, Ns ns, std::string_view local, std::string_view value);

/// Inserts after `sibling`, or as the last child of `parent` when there is no sibling.
void insert(XmlDocument& document, Element parent, Element sibling, const Fragment& fragment);

}  // namespace ovfkit::detail
