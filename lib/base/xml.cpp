#include "base/xml.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/files.hpp"
#include "base/namespaces.hpp"
#include "base/utf8.hpp"
#include "base/xml_scan.hpp"

namespace ovfkit::detail {

namespace {

/// A name at its colon. By hand: names are short, and this runs for every element more than once.
struct Split {
    const char* local;
    std::string_view prefix;
};
Split split(const char* qname) {
    for (const char* at = qname; *at != '\0'; ++at)
        if (*at == ':') return {at + 1, {qname, static_cast<std::size_t>(at - qname)}};
    return {qname, {}};
}

bool same(const char* text, std::string_view word) {
    for (const char c : word)
        if (*text++ != c) return false;
    return *text == '\0';
}

bool exists(const pugi::xml_node& node) { return PugiNode::exists(node); }
bool is_element(pugi::xml_node node) { return node.type() == pugi::node_element; }
bool is_text(pugi::xml_node node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }
bool is_declaration(const char* name) {
    return std::strncmp(name, "xmlns", 5) == 0 && (name[5] == '\0' || name[5] == ':');
}

}  // namespace

// ---- Attribute

std::string_view Attribute::local() const { return split(attribute_.name()).local; }

Ns Attribute::ns(pugi::xml_node owner) const {
    return document_ != nullptr ? document_->resolve(owner, split(attribute_.name()).prefix, true) : Ns::none;
}

std::string_view Attribute::take() const {
    if (document_ != nullptr && attribute_) document_->mark(attribute_.internal_object());
    return value();
}

// ---- Element

std::string_view Element::local() const { return split(node_.name()).local; }

Ns Element::ns() const {
    return document_ != nullptr && exists(node_) ? document_->resolve(node_, split(node_.name()).prefix, false)
                                                 : Ns::none;
}

std::string_view Element::uri() const {
    return document_ != nullptr && exists(node_) ? document_->resolve_uri(node_, split(node_.name()).prefix, false)
                                                 : std::string_view{};
}

bool Element::is(Ns wanted, std::string_view local) const {
    if (!exists(node_)) return false;
    const Split name = split(node_.name());
    return same(name.local, local) && document_->resolve(node_, name.prefix, false) == wanted;
}

bool Element::is_lax(Ns wanted, std::string_view local) const {
    if (!exists(node_)) return false;
    const Split name = split(node_.name());
    if (!same(name.local, local)) return false;
    const Ns own = document_->resolve(node_, name.prefix, false);
    return own == wanted || own == Ns::none;
}

Element Element::parent() const {
    const pugi::xml_node up = node_.parent();
    return is_element(up) ? Element(document_, up) : Element();
}

Element Element::first() const {
    pugi::xml_node node = node_.first_child();
    while (exists(node) && !is_element(node)) node = node.next_sibling();
    return exists(node) ? Element(document_, node) : Element();
}

Element Element::next() const {
    pugi::xml_node node = node_.next_sibling();
    while (exists(node) && !is_element(node)) node = node.next_sibling();
    return exists(node) ? Element(document_, node) : Element();
}

// Only elements have names here, so these need not look at the kind of node.
Element Element::child(Ns wanted, std::string_view local) const {
    for (pugi::xml_node node = node_.first_child(); exists(node); node = node.next_sibling())
        if (const Element found(document_, node); found.is(wanted, local)) return found;
    return {};
}

Element Element::child_lax(Ns wanted, std::string_view local) const {
    for (pugi::xml_node node = node_.first_child(); exists(node); node = node.next_sibling())
        if (const Element found(document_, node); found.is_lax(wanted, local)) return found;
    return {};
}

std::string_view Element::text() const {
    if (!exists(node_)) return {};
    // The first run is embedded in the element; CDATA and what follows a child or a comment are nodes.
    pugi::xml_node only;
    const pugi::xml_node first = node_.first_child();
    if (!exists(first)) return node_.value();
    const std::string_view embedded = node_.value();
    for (pugi::xml_node node = first; exists(node); node = node.next_sibling()) {
        if (!is_text(node)) continue;
        if (exists(only) || !embedded.empty()) return document_->joined(node_);
        only = node;
    }
    return exists(only) ? std::string_view(only.value()) : embedded;
}

std::string_view Element::take() const {
    if (document_ != nullptr && exists(node_)) document_->mark(node_.internal_object());
    return trimmed(text());
}

Attribute Element::attribute(Ns wanted, std::string_view local) const {
    for (pugi::xml_attribute found = node_.first_attribute(); found; found = found.next_attribute()) {
        const Split name = split(found.name());
        if (!same(name.local, local) || is_declaration(found.name())) continue;
        if (document_->resolve(node_, name.prefix, true) == wanted) return {document_, found};
    }
    return {};
}

Attribute Element::attribute_lax(Ns wanted, std::string_view local) const {
    const Attribute exact = attribute(wanted, local);
    return exact ? exact : attribute(Ns::none, local);
}

std::vector<Attribute> Element::attributes() const {
    std::vector<Attribute> out;
    for (pugi::xml_attribute found = node_.first_attribute(); found; found = found.next_attribute())
        if (!is_declaration(found.name())) out.emplace_back(document_, found);
    return out;
}

std::size_t Element::offset() const {
    const std::ptrdiff_t at = node_.offset_debug();
    return at < 0 ? 0 : static_cast<std::size_t>(at);
}

// ---- XmlDocument

XmlDocument::XmlDocument() : parsed_(nullptr, &std::free), namespaces_(std::make_unique<Namespaces>()) {}
XmlDocument::~XmlDocument() = default;

Element XmlDocument::root() const {
    pugi::xml_node node = tree_.first_child();
    while (node && !is_element(node)) node = node.next_sibling();
    return {this, node};
}

std::string_view XmlDocument::joined(pugi::xml_node node) const {
    const auto [it, fresh] = joined_.try_emplace(node.internal_object());
    if (fresh) {
        it->second = node.value();
        for (pugi::xml_node run = node.first_child(); run; run = run.next_sibling())
            if (is_text(run)) it->second += run.value();
    }
    return it->second;
}

void XmlDocument::trace(bool on) const {
    tracing_ = on;
    taken_.clear();
}

// ---- parsing

class XmlParser {
public:
    XmlParser(std::string name, Diagnostics& diagnostics, const Limits& limits)
        : document_(new XmlDocument), diagnostics_(diagnostics) {
        document_->name_ = std::move(name);
        document_->limits_ = limits;
    }

    std::unique_ptr<XmlDocument> parse(std::string bytes) {
        const Limits& limits = document_->limits_;
        if (bytes.size() > limits.descriptor_bytes)
            fail("input-too-large", 0,
                 fmt::format("the file has {} bytes, the limit for a descriptor is {}; if it can be trusted, raise "
                             "--max-descriptor",
                             bytes.size(), limits.descriptor_bytes),
                 Failure::refused);
        transcode(std::move(bytes));
        bool bad_encoding = false;
        if (const std::size_t at = find_illegal(document_->text_, bad_encoding); at != std::string::npos)
            illegal(at, bad_encoding);
        ScanResult found;
        try {
            found = scan(document_->text_, limits);
        } catch (const ScanFault& fault) {
            fail(fault.rule, fault.at, fault.message, fault.failure);
        }
        build();
        bind(found);
        return std::move(document_);
    }

private:
    [[noreturn]] void fail(std::string_view rule, std::size_t at, std::string message,
                           Failure failure = Failure::malformed) {
        Diagnostics one;
        report(one, rule, *document_, at, std::move(message), failure);
        throw InputError(one.all().front());
    }

    void transcode(std::string bytes) {
        const EncodingGuess guess = guess_encoding(bytes);
        document_->encoding_ = static_cast<int>(guess.encoding);
        if (!guess.supported) {
            document_->text_.clear();
            fail("xml-encoding-unsupported", 0,
                 fmt::format("the encoding {} is not read; save the file as UTF-8", guess.label), Failure::refused);
        }
        if (guess.encoding == Encoding::utf8) {
            document_->text_ = std::move(bytes);
        } else {
            std::size_t bad_at = 0;
            if (!to_utf8(bytes, guess.encoding, document_->text_, bad_at))
                fail("xml-not-utf8", document_->text_.size(),
                     fmt::format("byte {} of the file is not valid UTF-16; is the file cut off?", bad_at + 1));
            document_->original_ = std::move(bytes);
        }
        if (guess.label_differs)
            report(diagnostics_, "xml-encoding-label", *document_, 0,
                   fmt::format("the XML declaration says encoding {}, but the bytes are {}; read as what they are",
                               guess.label, guess.encoding == Encoding::utf8 ? "UTF-8" : "UTF-16"));
    }

    [[noreturn]] void illegal(std::size_t at, bool bad_encoding) {
        const auto byte = static_cast<unsigned char>(document_->text_[at]);
        if (bad_encoding)
            fail("xml-not-utf8", at,
                 fmt::format(
                     "byte 0x{:02X} is not valid UTF-8 here; declare the encoding the file is in, or save it as UTF-8",
                     byte));
        const std::uint32_t code = decode_utf8(std::string_view(document_->text_).substr(at)).code;
        fail("xml-character-illegal", at, fmt::format("the character U+{:04X} cannot stand in XML; remove it", code));
    }

    void build() {
        XmlDocument& document = *document_;
        const std::size_t size = document.text_.size();
        document.parsed_.reset(static_cast<char*>(std::malloc(size)));
        if (!document.parsed_) throw std::bad_alloc();
        prefer_huge_pages(document.parsed_.get(), size);
        std::memcpy(document.parsed_.get(), document.text_.data(), size);
        const unsigned flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_wconv_attribute |
                               pugi::parse_embed_pcdata;
        const pugi::xml_parse_result result =
            document.tree_.load_buffer_inplace(document.parsed_.get(), size, flags, pugi::encoding_utf8);
        if (result.status == pugi::status_out_of_memory) throw std::bad_alloc();
        if (!result)  // the scan is stricter, so this is for what neither of us thought of
            fail("xml-tag-malformed", result.offset < 0 ? 0 : static_cast<std::size_t>(result.offset),
                 fmt::format("not well-formed: {}", result.description()));
    }

    void bind(ScanResult& found) {
        XmlDocument& document = *document_;
        XmlDocument::Namespaces& namespaces = *document.namespaces_;
        namespaces.nested.insert(found.nested_prefixes.begin(), found.nested_prefixes.end());
        const Element root = document.root();
        namespaces.at_root = bindings_in_scope(document, root.raw());
        for (Binding& binding : namespaces.at_root) binding.ns = namespace_from_uri(binding.uri);
        const std::string_view own = root.uri();
        if (root.local() == "Envelope" && namespace_from_uri(own) == Ns::other) {
            namespaces.envelope = own;
            for (Binding& binding : namespaces.at_root) binding.ns = namespaces.classify(binding.uri);
        }
        for (const auto& [prefix, at] : found.undeclared) {
            const Ns usual = namespace_of_usual_prefix(prefix);
            report(
                diagnostics_, "xml-prefix-undeclared", document, at,
                usual == Ns::none
                    ? fmt::format("the prefix {} has no namespace declaration; what it names is not understood", prefix)
                    : fmt::format("the prefix {} has no namespace declaration; read as xmlns:{}=\"{}\"", prefix, prefix,
                                  uri_of(usual)));
        }
    }

    std::unique_ptr<XmlDocument> document_;
    Diagnostics& diagnostics_;
};

std::unique_ptr<XmlDocument> XmlDocument::parse(std::string name, std::string bytes, Diagnostics& diagnostics,
                                                const Limits& limits) {
    return XmlParser(std::move(name), diagnostics, limits).parse(std::move(bytes));
}

std::unique_ptr<XmlDocument> XmlDocument::reparsed(Diagnostics& diagnostics) const {
    std::string now = bytes();
    // Ours by now: an edit may not make a document unreadable that was just under the limit.
    Limits limits = limits_;
    limits.descriptor_bytes = std::max<std::uint64_t>(limits.descriptor_bytes, now.size());
    return parse(name_, std::move(now), diagnostics, limits);
}

}  // namespace ovfkit::detail
