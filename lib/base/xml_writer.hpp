#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Writes indented XML from scratch, two blanks a level, everything escaped. For platform texts.
namespace ovfkit::detail {

/// `text` with & < > and, in attributes, quotes and line ends escaped. Characters XML cannot hold become U+FFFD.
std::string xml_escaped(std::string_view text, bool attribute = false);

class XmlWriter {
public:
    using Attributes = std::vector<std::pair<std::string_view, std::string>>;
    void open(std::string_view name, const Attributes& attributes = {});
    void close();
    /// `<name .../>`
    void empty(std::string_view name, const Attributes& attributes = {});
    /// `<name ...>text</name>`
    void leaf(std::string_view name, std::string_view text, const Attributes& attributes = {});
    void comment(std::string_view text);
    [[nodiscard]] const std::string& text() const { return out_; }

private:
    void start(std::string_view name, const Attributes& attributes);
    std::string out_;
    std::vector<std::string> open_;
};

}  // namespace ovfkit::detail
