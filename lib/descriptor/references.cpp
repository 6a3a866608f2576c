#include "descriptor/references.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "descriptor/values.hpp"

namespace ovfkit::detail {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool has_scheme(std::string_view href) {
    const auto colon = href.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    for (std::size_t i = 0; i < colon; ++i) {
        const char c = lower(href[i]);
        const bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) return false;
    }
    return true;
}

void check(const FileReference& file, Element element, Diagnostics& diagnostics) {
    if (file.id.empty() || file.href.empty()) {
        report(diagnostics, "ovf-file-incomplete", element,
               fmt::format("File has no {}; every File needs ovf:id and ovf:href",
                           file.id.empty() ? "ovf:id" : "ovf:href"),
               Failure::malformed);
        return;
    }
    if (const std::string_view why = unsafe_href(file.href); !why.empty())
        report(diagnostics, "ovf-href-unsafe", element,
               fmt::format("ovf:href '{}' {}; a package may only name files beside its descriptor",
                           printable(file.href, 80), why),
               Failure::refused);
}

/// In the order they are written.
struct Row {
    Ns ns;
    std::string_view local;
    std::string value;
};

std::vector<Row> rows_of(const FileReference& file) {
    return {{Ns::ovf, "chunkSize", number_text(file.chunk_size)},
            {Ns::ovf, "compression", file.compression},
            {Ns::ovf, "href", file.href},
            {Ns::ovf, "id", file.id},
            {Ns::ovf, "size", number_text(file.size)},
            {Ns::hardware, "description", file.description}};
}

}  // namespace

std::string_view unsafe_href(std::string_view href) {
    const std::string decoded = percent_decoded(href);
    const std::string_view path = decoded;
    if (path.empty()) return "is empty";
    for (const char c : path) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "has a control character";
        if (c == '\\') return "has a backslash";
    }
    if (path.front() == '/') return "is an absolute path";
    if (path.front() == '-') return "starts with a hyphen";
    if (has_scheme(path)) return "names a scheme or drive";
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (path.substr(begin, end - begin) == "..") return "leaves the package's folder";
        begin = end + 1;
    }
    return {};
}

std::vector<FileReference> read_files(Element references, Diagnostics& diagnostics) {
    std::vector<FileReference> files;
    if (!references) return files;
    const std::size_t limit = references.document()->limits().files;
    std::unordered_set<std::string_view> ids;
    for (Element child = references.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "File")) continue;
        if (files.size() == limit) {
            report(diagnostics, "ovf-limit-exceeded", child, fmt::format("References has more than {} Files", limit),
                   Failure::refused);
            break;
        }
        FileReference file;
        const Attribute id = child.attribute_lax(Ns::ovf, "id");
        file.id = take_name(child, id, diagnostics);
        file.href = take_name(child, child.attribute_lax(Ns::ovf, "href"), diagnostics);
        file.size = take_number<std::uint64_t>(child, child.attribute_lax(Ns::ovf, "size"), diagnostics);
        file.compression = std::string(child.attribute_lax(Ns::ovf, "compression").take());
        file.chunk_size = take_number<std::uint64_t>(child, child.attribute_lax(Ns::ovf, "chunkSize"), diagnostics);
        file.description = std::string(child.attribute(Ns::hardware, "description").take());
        file.origin.offset = child.offset();
        check(file, child, diagnostics);
        if (!file.id.empty() && !ids.insert(id.value()).second)
            report(diagnostics, "ovf-file-duplicate", child,
                   fmt::format("two Files have the ovf:id '{}'; give each its own", printable(file.id, 80)),
                   Failure::malformed);
        files.push_back(std::move(file));
    }
    return files;
}

Fragment new_file(const FileReference& file) {
    Fragment out;
    out.ns = Ns::ovf;
    out.local = "File";
    for (const Row& row : rows_of(file)) add_attribute(out, row.ns, row.local, row.value);
    return out;
}

void update_files(Editing& editing, Element references, const std::vector<FileReference>& have,
                  const std::vector<FileReference>& wanted) {
    if (have == wanted || !references) return;
    XmlDocument& document = editing.document;
    std::unordered_map<std::string_view, const FileReference*> old;
    for (const FileReference& file : have) old.emplace(file.id, &file);
    std::unordered_map<std::string_view, Element> elements;
    Element last;
    for (Element child = references.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::ovf, "File")) continue;
        elements.emplace(child.attribute_lax(Ns::ovf, "id").value(), child);
        last = child;
    }
    for (const FileReference& file : wanted) {
        const auto known = old.find(file.id);
        const auto rows = rows_of(file);
        if (known == old.end()) {
            insert(document, references, last, new_file(file));
            continue;
        }
        const auto before = rows_of(*known->second);
        const Element element = elements[file.id];
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i].value != before[i].value)
                edit_attribute(document, element, rows[i].ns, rows[i].local, rows[i].value);
        old.erase(known);
    }
    for (const auto& [id, file] : old) document.erase(elements[id]);
}

}  // namespace ovfkit::detail
