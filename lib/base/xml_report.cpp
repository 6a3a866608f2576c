#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/printable.hpp"
#include "base/utf8.hpp"
#include "base/xml.hpp"

// Where something stands in a document, for people.
namespace ovfkit::detail {

namespace {

/// What tells an element from its siblings: an attribute or a child of one of these names.
constexpr std::array<std::string_view, 4> id_attributes{"id", "diskId", "name", "key"};
constexpr std::array<std::string_view, 2> id_children{"InstanceID", "InstanceId"};

std::string quoted(std::string_view value) {
    value = value.substr(0, 100);
    const char quote = value.find('\'') == std::string_view::npos ? '\'' : '"';
    return fmt::format("{}{}{}", quote, value, quote);
}

Severity severity_of(std::string_view rule) {
    const Rule* row = find_rule(rule);
    return row != nullptr ? row->severity : Severity::warning;
}

}  // namespace

Location XmlDocument::locate(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    if (lines_.empty()) {
        lines_.push_back(0);
        for (const char *at = text_.data(), *end = at + text_.size();
             (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr;
             ++at)
            lines_.push_back(static_cast<std::size_t>(at - text_.data()) + 1);
    }
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
    const auto line = static_cast<std::size_t>(after - lines_.begin());
    std::size_t start = lines_[line - 1];
    if (line == 1 && std::string_view(text_).starts_with(utf8_mark)) start = std::min(offset, utf8_mark.size());
    return {name_, line, offset - start + 1};
}

std::string_view XmlDocument::line_at(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    const std::size_t line = locate(offset).line;
    std::size_t begin = lines_[line - 1];
    if (line == 1 && std::string_view(text_).starts_with(utf8_mark)) begin = std::min(offset, utf8_mark.size());
    std::size_t end = line < lines_.size() ? lines_[line] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return std::string_view(text_).substr(begin, end - begin);
}

std::string XmlDocument::source_line(std::size_t offset) const { return std::string(line_at(offset)); }

XmlDocument::Position XmlDocument::position(Element element) const {
    const Element parent = element.parent();
    const auto table = positions_.find(parent.raw().internal_object());
    if (table != positions_.end()) return table->second[element.raw().internal_object()];
    Position out;
    std::size_t children = 0;
    for (Element sibling = parent.first(); sibling; sibling = sibling.next()) {
        ++children;
        if (sibling.qname() != element.qname()) continue;
        ++out.count;
        if (sibling == element) out.index = out.count;
    }
    if (children < 32) return out;
    // All of them at once: whoever asks for one of so many will ask for the others.
    auto& all = positions_[parent.raw().internal_object()];
    std::unordered_map<std::string_view, std::size_t> counts;
    for (Element sibling = parent.first(); sibling; sibling = sibling.next())
        all[sibling.raw().internal_object()].index = ++counts[sibling.qname()];
    for (Element sibling = parent.first(); sibling; sibling = sibling.next())
        all[sibling.raw().internal_object()].count = counts[sibling.qname()];
    return out;
}

std::string XmlDocument::step(Element element) const {
    for (const std::string_view wanted : id_attributes)
        for (const Attribute& attribute : element.attributes())
            if (attribute.local() == wanted && !attribute.value().empty())
                return fmt::format("{}[@{}={}]", element.qname(), attribute.qname(), quoted(attribute.value()));
    // An Item has a few dozen children at most; an element with thousands is no Item.
    std::size_t looked_at = 0;
    for (Element child = element.first(); child && looked_at < 64; child = child.next(), ++looked_at)
        for (const std::string_view wanted : id_children)
            if (child.local() == wanted && !trimmed(child.text()).empty())
                return fmt::format("{}[{}={}]", element.qname(), child.qname(), quoted(trimmed(child.text())));
    const Position place = position(element);
    return place.count > 1 ? fmt::format("{}[{}]", element.qname(), place.index) : std::string(element.qname());
}

std::string XmlDocument::path_of(Element element) const {
    std::string out;
    for (; element; element = element.parent()) out = out.empty() ? step(element) : step(element) + "/" + out;
    return out;
}

void report(Diagnostics& diagnostics, std::string_view rule, const XmlDocument& document, std::size_t offset,
            std::string message, Failure failure) {
    Diagnostic found{severity_of(rule), std::string(rule), std::move(message), document.locate(offset), {}, failure};
    found.source_line = window_around(document.line_at(offset), found.where.column - 1, found.source_column);
    diagnostics.add(std::move(found));
}

void report(Diagnostics& diagnostics, std::string_view rule, Element element, std::string message, Failure failure) {
    if (element.document() != nullptr && element) {
        report(diagnostics, rule, *element.document(), element.offset(), std::move(message), failure);
    } else if (element.document() != nullptr) {
        report(diagnostics, rule, Location{element.document()->name()}, std::move(message), failure);
    } else {
        report(diagnostics, rule, Location{}, std::move(message), failure);
    }
}

void report(Diagnostics& diagnostics, std::string_view rule, Location where, std::string message, Failure failure) {
    diagnostics.add({severity_of(rule), std::string(rule), std::move(message), std::move(where), {}, failure});
}

}  // namespace ovfkit::detail
