#include "base/xml.hpp"

#include <cstdlib>
#include <cstring>
#include <future>
#include <new>
#include <optional>

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

Element::Element(const XmlDocument* document, pugi::xml_node node, const char* name)
    : document_(document), node_(node), name_(name), local_(split(name).local) {}

std::string_view Element::prefix() const {
    return local_ == name_ ? std::string_view{} : std::string_view(name_, static_cast<std::size_t>(local_ - name_ - 1));
}

Ns Element::ns() const {
    return document_ != nullptr && exists(node_) ? document_->resolve(node_, prefix(), false) : Ns::none;
}

std::string_view Element::uri() const {
    return document_ != nullptr && exists(node_) ? document_->resolve_uri(node_, prefix(), false) : std::string_view{};
}

bool Element::is(Ns wanted, std::string_view local) const {
    return exists(node_) && same(local_, local) && document_->resolve(node_, prefix(), false) == wanted;
}

bool Element::is_lax(Ns wanted, std::string_view local) const {
    if (!exists(node_) || !same(local_, local)) return false;
    const Ns own = document_->resolve(node_, prefix(), false);
    return own == wanted || own == Ns::none;
}

Element Element::parent() const {
    const pugi::xml_node up = node_.parent();
    return is_element(up) ? Element(document_, up) : Element();
}

/// Only elements have names here: text has none, and the rest is not in the tree.
Element Element::first_from(const XmlDocument* document, pugi::xml_node node) {
    for (; exists(node); node = node.next_sibling())
        if (const char* name = node.name(); *name != '\0') return {document, node, name};
    return {};
}

Element Element::first() const { return first_from(document_, node_.first_child()); }
Element Element::next() const { return first_from(document_, node_.next_sibling()); }

Element Element::child(Ns wanted, std::string_view local) const {
    Element found = first();
    while (found && !found.is(wanted, local)) found = found.next();
    return found;
}

Element Element::child_lax(Ns wanted, std::string_view local) const {
    Element found = first();
    while (found && !found.is_lax(wanted, local)) found = found.next();
    return found;
}

std::string_view Element::text_of(const XmlDocument* document, pugi::xml_node of) {
    if (!exists(of)) return {};
    // The first run is embedded in the element; CDATA and what follows a child or a comment are nodes.
    pugi::xml_node only;
    const pugi::xml_node first = of.first_child();
    const std::string_view embedded = of.value();
    for (pugi::xml_node node = first; exists(node); node = node.next_sibling()) {
        if (!is_text(node)) continue;
        if (exists(only) || !embedded.empty()) return document->joined(of);
        only = node;
    }
    return exists(only) ? std::string_view(only.value()) : embedded;
}

std::string_view Element::shown_of(const XmlDocument* document, pugi::xml_node of) {
    const std::string_view own = trimmed(text_of(document, of));
    const std::string* message = document == nullptr || !exists(of) ? nullptr : document->message(of, own);
    return message == nullptr ? own : trimmed(*message);
}

std::string_view Element::take() const {
    if (document_ != nullptr && exists(node_)) document_->mark(node_.internal_object());
    return shown();
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
    aside_.clear();
}

void XmlDocument::set_aside(Element element, std::string_view rule, std::string why, bool required) const {
    if (tracing_) aside_.insert_or_assign(element.raw().internal_object(), Aside{rule, std::move(why), required});
}

const XmlDocument::Aside* XmlDocument::aside(Element element) const {
    const auto found = aside_.find(element.raw().internal_object());
    return found == aside_.end() ? nullptr : &found->second;
}

void XmlDocument::use_messages(Messages messages, MessageUse use) const {
    messages_ = std::move(messages);
    message_use_ = use;
}

const std::string* XmlDocument::message(pugi::xml_node node, std::string_view own) const {
    if (messages_.empty() || (message_use_ == MessageUse::when_empty && !own.empty())) return nullptr;
    const Attribute id = Element(this, node).attribute_lax(Ns::ovf, "msgid");
    if (!id) return nullptr;
    const auto found = messages_.find(std::string(id.value()));
    return found == messages_.end() ? nullptr : &found->second;
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
        const ScanResult found = limits.descriptor_bytes > Limits{}.descriptor_bytes &&
                                         document_->text_.size() > Limits{}.descriptor_bytes
                                     ? check_and_build()
                                     : check_then_build();
        bind(found);
        return std::move(document_);
    }

private:
    ScanResult check() {
        bool bad_encoding = false;
        if (const std::size_t at = find_illegal(document_->text_, bad_encoding); at != std::string::npos)
            illegal(at, bad_encoding);
        try {
            return scan(document_->text_, document_->limits_);
        } catch (const ScanFault& fault) {
            fail(fault.rule, fault.at, fault.message, fault.failure);
        }
    }

    ScanResult check_then_build() {
        ScanResult found = check();
        if (const std::optional<Failed> failed = build()) fail("xml-tag-malformed", failed->at, failed->message);
        return found;
    }

    /// A document larger than any that is read unasked: the tree grows while the scan runs. What the scan says counts.
    ScanResult check_and_build() {
        std::future<std::optional<Failed>> building = std::async(std::launch::async, [this] { return build(); });
        ScanResult found = check();  // when it throws, the future waits for the other thread
        if (const std::optional<Failed> failed = building.get()) fail("xml-tag-malformed", failed->at, failed->message);
        return found;
    }

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

    /// What the parser refused although the scan, which is stricter, does not: what neither of us thought of.
    struct Failed {
        std::size_t at;
        std::string message;
    };

    std::optional<Failed> build() {
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
        if (result) return std::nullopt;
        return Failed{result.offset < 0 ? 0 : static_cast<std::size_t>(result.offset),
                      fmt::format("not well-formed: {}", result.description())};
    }

    void bind(const ScanResult& found) {
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
