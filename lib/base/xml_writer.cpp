#include "base/xml_writer.hpp"

#include "base/utf8.hpp"

namespace ovfkit::detail {

std::string xml_escaped(std::string_view text, bool attribute) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const Decoded next = decode_utf8(text.substr(at));
            if (next.length != 0 && is_xml_character(next.code))
                out += text.substr(at, next.length);
            else
                out += replacement_character;
            at += next.length != 0 ? next.length : 1;
            continue;
        }
        ++at;
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '\r':
                out += "&#13;";
                break;
            case '"':
                out += attribute ? "&quot;" : "\"";
                break;
            case '\'':
                out += attribute ? "&apos;" : "'";
                break;
            case '\n':
                out += attribute ? "&#10;" : "\n";
                break;
            case '\t':
                out += attribute ? "&#9;" : "\t";
                break;
            default:
                if (is_xml_character(static_cast<unsigned char>(c)))
                    out += c;
                else
                    out += replacement_character;
        }
    }
    return out;
}

void XmlWriter::start(std::string_view name, const Attributes& attributes) {
    out_.append(2 * open_.size(), ' ');
    out_ += '<';
    out_ += name;
    for (const auto& [key, value] : attributes) {
        out_ += ' ';
        out_ += key;
        out_ += "='";  // as libvirt itself quotes
        out_ += xml_escaped(value, true);
        out_ += '\'';
    }
}

void XmlWriter::open(std::string_view name, const Attributes& attributes) {
    start(name, attributes);
    out_ += ">\n";
    open_.emplace_back(name);
}

void XmlWriter::close() {
    const std::string name = std::move(open_.back());
    open_.pop_back();
    out_.append(2 * open_.size(), ' ');
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

void XmlWriter::empty(std::string_view name, const Attributes& attributes) {
    start(name, attributes);
    out_ += "/>\n";
}

void XmlWriter::leaf(std::string_view name, std::string_view text, const Attributes& attributes) {
    start(name, attributes);
    out_ += '>';
    out_ += xml_escaped(text);
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

void XmlWriter::comment(std::string_view text) {
    out_.append(2 * open_.size(), ' ');
    out_ += "<!-- ";
    // "--" may not stand in a comment, nor "-" before its end.
    bool dash = false;
    for (const char c : xml_escaped(text)) {
        if (c == '-' && dash) out_ += ' ';
        dash = c == '-';
        out_ += c;
    }
    out_ += " -->\n";
}

}  // namespace ovfkit::detail
