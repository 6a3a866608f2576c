#include <ovfkit/document.hpp>

#include "base/files.hpp"
#include "base/xml.hpp"

namespace ovfkit {

Document Document::load(const std::string& path, Diagnostics& diagnostics, const Limits& limits) {
    return parse(path, detail::read_file(path, limits.descriptor_bytes), diagnostics, limits);
}

Document Document::parse(std::string name, std::string bytes, Diagnostics& diagnostics, const Limits& limits) {
    return Document(detail::XmlDocument::parse(std::move(name), std::move(bytes), diagnostics, limits));
}

Document::Document(std::unique_ptr<detail::XmlDocument> xml) : xml_(std::move(xml)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

const std::string& Document::name() const { return xml_->name(); }
std::string Document::bytes() const { return xml_->bytes(); }
bool Document::edited() const { return xml_->edited(); }
void Document::save(const std::string& path, bool replace) const {
    if (!edited()) return detail::write_file({path, xml_->source()}, replace);
    const std::string out = bytes();
    detail::write_file({path, out}, replace);
}
detail::XmlDocument& Document::xml() { return *xml_; }
const detail::XmlDocument& Document::xml() const { return *xml_; }

}  // namespace ovfkit
