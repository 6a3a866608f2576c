#pragma once

#include <cstddef>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <pugixml.hpp>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>

/// XML as this project reads it: well-formed by our own scan, namespaces by URI, a read-only tree over the
/// bytes, and edits as splices into those bytes (DESIGN 1.1, 3). pugixml types do not leave lib/base but here.
namespace ovfkit::detail {

/// The namespaces that matter. `ovf` is every envelope namespace: 0.9, 1, 1 with a slash (oVirt), 2, and the
/// root's own when that is unknown. `rasd` includes damaged spellings of its URI. An unbound prefix counts as
/// the namespace it is usually bound to (with a warning). `none`: in no namespace. Leaves compare other URIs
/// with Element::uri().
enum class Ns : std::uint8_t {
    none, ovf, rasd, vssd, sasd, epasd, cim, xsi, xml, xmlns, vmw, vbox, xenovf, ovirt, gnt, vcloud, hardware, origin, other
};

/// The URI we write for a namespace (`ovf`: of version 1); empty for none and other.
std::string_view uri_of(Ns ns);
/// The prefix we declare for it (`ovf`, `rasd`, `ovfkit` for hardware ...).
std::string_view usual_prefix(Ns ns);
Ns namespace_from_uri(std::string_view uri);

class XmlDocument;

/// Whether a handle of pugixml is empty, without the call into its library that its own operator makes.
struct PugiNode : pugi::xml_node {
    static bool exists(const pugi::xml_node& node) { return node.*(&PugiNode::_root) != nullptr; }
};

/// An attribute. Invalid (false) when absent.
class Attribute {
public:
    Attribute() = default;
    Attribute(const XmlDocument* document, pugi::xml_attribute attribute) : document_(document), attribute_(attribute) {}
    explicit operator bool() const { return static_cast<bool>(attribute_); }
    [[nodiscard]] std::string_view qname() const { return attribute_.name(); }
    [[nodiscard]] std::string_view local() const;
    [[nodiscard]] Ns ns(pugi::xml_node owner) const;
    /// Its value, entities resolved. Empty when absent.
    [[nodiscard]] std::string_view value() const { return attribute_.value(); }
    /// The same, and notes that the model now holds it (see XmlDocument::trace).
    [[nodiscard]] std::string_view take() const;
    [[nodiscard]] pugi::xml_attribute raw() const { return attribute_; }

private:
    const XmlDocument* document_ = nullptr;
    pugi::xml_attribute attribute_;
};

/// An element. Invalid (false) when absent; every call on an invalid one gives nothing.
class Element {
public:
    Element() = default;
    Element(const XmlDocument* document, pugi::xml_node node) : Element(document, node, node.name()) {}
    explicit operator bool() const { return PugiNode::exists(node_); }
    friend bool operator==(const Element& a, const Element& b) { return a.node_ == b.node_; }

    [[nodiscard]] std::string_view qname() const { return name_; }
    [[nodiscard]] std::string_view local() const { return local_; }
    [[nodiscard]] Ns ns() const;
    /// The namespace URI in scope; empty for none.
    [[nodiscard]] std::string_view uri() const;
    [[nodiscard]] bool is(Ns ns, std::string_view local) const;
    /// Local name in `ns` or in no namespace: oVirt and 0.9 files leave namespaces out.
    [[nodiscard]] bool is_lax(Ns ns, std::string_view local) const;

    [[nodiscard]] Element parent() const;
    [[nodiscard]] Element first() const;  ///< first child element
    [[nodiscard]] Element next() const;   ///< next sibling element
    [[nodiscard]] Element child(Ns ns, std::string_view local) const;
    [[nodiscard]] Element child_lax(Ns ns, std::string_view local) const;

    /// Its own character data, CDATA included, entities resolved, not trimmed.
    [[nodiscard]] std::string_view text() const { return text_of(document_, node_); }
    /// Trimmed text, or the message its ovf:msgid stands for in the language wanted.
    [[nodiscard]] std::string_view shown() const { return shown_of(document_, node_); }
    /// The same two of a bare node: what holds very many of them keeps no Elements. `node` may be empty.
    [[nodiscard]] static std::string_view text_of(const XmlDocument* document, pugi::xml_node node);
    [[nodiscard]] static std::string_view shown_of(const XmlDocument* document, pugi::xml_node node);
    /// What is shown, and notes that the model now holds it.
    [[nodiscard]] std::string_view take() const;

    [[nodiscard]] Attribute attribute(Ns ns, std::string_view local) const;
    /// In `ns` or without a prefix: some producers forget `ovf:`.
    [[nodiscard]] Attribute attribute_lax(Ns ns, std::string_view local) const;
    [[nodiscard]] std::vector<Attribute> attributes() const;  ///< without xmlns declarations

    /// Byte offset of the element's name in the UTF-8 text.
    [[nodiscard]] std::size_t offset() const;
    [[nodiscard]] pugi::xml_node raw() const { return node_; }
    [[nodiscard]] const XmlDocument* document() const { return document_; }

private:
    /// The name is looked up once: pugixml's accessors are calls into another library.
    Element(const XmlDocument* document, pugi::xml_node node, const char* name);
    static Element first_from(const XmlDocument* document, pugi::xml_node node);
    [[nodiscard]] std::string_view prefix() const;

    const XmlDocument* document_ = nullptr;
    pugi::xml_node node_;
    const char* name_ = "";
    const char* local_ = "";  ///< in name_, after its prefix
};

/// New content to insert. Names are given by namespace; the prefix in scope at the place is used, and one is
/// declared on the inserted element where none is. `none` is written without a prefix, whatever the default
/// namespace there is: files that leave namespaces out are read the same way (is_lax).
struct Fragment {
    struct Attr {
        Ns ns = Ns::none;
        std::string local, value;
    };
    Ns ns = Ns::none;
    std::string local;
    std::vector<Attr> attributes;
    std::string text;                 ///< plain; escaped when written
    std::vector<Fragment> children;   ///< with children, `text` is not used
    std::string verbatim = {};        ///< not empty: this is written as it is, and nothing else is used

    /// What `element` says, to be written elsewhere in the manner of that place.
    static Fragment of(Element element);
};

/// A document: the bytes read, their tree, and the edits to come. Not for use by two threads at once.
class XmlDocument {
public:
    /// Transcodes, scans, parses. Throws InputError for what is not well-formed or over a limit.
    static std::unique_ptr<XmlDocument> parse(std::string name, std::string bytes, Diagnostics& diagnostics,
                                              const Limits& limits = {});

    [[nodiscard]] const std::string& name() const { return name_; }
    /// The UTF-8 text that offsets refer to.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] Element root() const;
    [[nodiscard]] const Limits& limits() const { return limits_; }

    [[nodiscard]] Location locate(std::size_t offset) const;
    [[nodiscard]] std::string source_line(std::size_t offset) const;
    /// The same in place.
    [[nodiscard]] std::string_view line_at(std::size_t offset) const;
    /// `Envelope/VirtualSystem[@ovf:id='x']/VirtualHardwareSection/Item[rasd:InstanceID='7']/rasd:Parent`.
    [[nodiscard]] std::string path_of(Element element) const;

    // --- edits; offsets and elements stay those of the text as read
    void set_text(Element element, std::string_view plain);
    /// Replaces the value in place, or adds the attribute at the end of the start tag.
    void set_attribute(Element element, Ns ns, std::string_view local, std::string_view plain);
    void remove_attribute(Element element, Ns ns, std::string_view local);
    /// Adds an attribute of any namespace; `prefix` is declared unless it is bound to `uri` already.
    void add_foreign_attribute(Element element, std::string_view prefix, std::string_view uri, std::string_view local,
                               std::string_view plain);
    /// Inserts with the sibling's indentation and line ends. Several inserts at one place keep their order.
    void insert_after(Element sibling, const Fragment& fragment);
    void insert_before(Element sibling, const Fragment& fragment);
    void append(Element parent, const Fragment& fragment);
    /// Takes the element and the blank before it out, so that it undoes an insert exactly.
    void erase(Element element);
    /// Opens a new element before `first`: its start tag and children. What is given back is its end tag, to be
    /// inserted after the last sibling that is to stand in it.
    [[nodiscard]] Fragment open_before(Element first, const Fragment& fragment);
    /// Takes `element` out but for `kept`, which stands in it.
    void unwrap(Element element, Element kept);

    [[nodiscard]] bool edited() const { return !edits_.empty(); }
    /// In the source's encoding; what was read, to the byte, when nothing was edited.
    [[nodiscard]] std::string bytes() const;
    /// The bytes that were read, in place.
    [[nodiscard]] const std::string& source() const { return original_.empty() ? text_ : original_; }
    /// The text of an element as it stands, made to mean the same in another document: what its prefixes are bound
    /// to is declared on it. The envelope's namespace becomes `envelope_uri`. With `optional`, ovf:required is false.
    [[nodiscard]] std::string standalone(Element element, std::string_view envelope_uri, bool optional) const;
    /// A new document of `bytes()`, for reading again after edits.
    [[nodiscard]] std::unique_ptr<XmlDocument> reparsed(Diagnostics& diagnostics) const;

    // --- trace: which values the model took; the rest is what a translation must name
    void trace(bool on) const;
    void mark(const void* raw) const { if (tracing_) taken_.insert(raw); }
    [[nodiscard]] bool tracing() const { return tracing_; }
    [[nodiscard]] bool taken(const void* raw) const { return taken_.count(raw) != 0; }
    /// Not in effect, or not understood, for the reason given: named in one piece. Only when tracing.
    void set_aside(Element element, std::string_view rule, std::string why, bool required = false) const;
    struct Aside {
        std::string_view rule;
        std::string why;
        bool required;  ///< must be understood and is not
    };
    /// nullptr when the element was not set aside.
    [[nodiscard]] const Aside* aside(Element element) const;

    // --- messages: texts by ovf:msgid, in the language wanted (DSP0243 10)
    using Messages = std::unordered_map<std::string, std::string>;
    /// Whether they come before the text in the element, or only fill an empty one.
    enum class MessageUse { instead, when_empty };
    void use_messages(Messages messages, MessageUse use) const;
    /// The message for an element; nullptr when there is none or its own text counts.
    [[nodiscard]] const std::string* message(pugi::xml_node node, std::string_view own) const;

    /// Text of an element that stands in several runs, put together once.
    [[nodiscard]] std::string_view joined(pugi::xml_node node) const;
    [[nodiscard]] Ns resolve(pugi::xml_node scope, std::string_view prefix, bool attribute) const;
    [[nodiscard]] std::string_view resolve_uri(pugi::xml_node scope, std::string_view prefix, bool attribute) const;
    ~XmlDocument();
    XmlDocument(const XmlDocument&) = delete;
    XmlDocument& operator=(const XmlDocument&) = delete;

private:
    XmlDocument();
    friend class XmlParser;
    /// Where an edit stands among those at the same place.
    enum class Place : std::uint8_t { after, before, attribute, range };
    struct EditKey {
        std::size_t at;
        Place place;
        std::size_t sequence;
        friend auto operator<=>(const EditKey&, const EditKey&) = default;
    };
    struct Edit {
        std::size_t length = 0;
        std::string text;
        std::string tail;  ///< after `text`: the end tag of an element that was empty
        std::string name;  ///< of an added attribute; or what else tells edits at one place apart
    };
    struct Span { std::size_t begin, open_end, close_begin, end; bool self_closed; };
    [[nodiscard]] Span span(Element element) const;
    struct AttributeSpan { std::size_t begin, value, value_end, end; };  ///< `begin` at the blank before it
    [[nodiscard]] AttributeSpan attribute_span(Element element, pugi::xml_attribute attribute) const;
    [[nodiscard]] std::size_t attributes_end(Element element) const;
    void replace(std::size_t at, std::size_t length, std::string text);
    void insert(std::size_t at, Place place, std::string text);
    void add_attribute(std::size_t at, const std::string& name, std::string_view plain);
    [[nodiscard]] std::map<EditKey, Edit>::iterator added_attribute(std::size_t at, std::string_view name);

    std::string name_;
    std::string original_;  ///< only when the source was not UTF-8
    std::string text_;
    int encoding_ = 0;
    Limits limits_;
    pugi::xml_document tree_;
    std::unique_ptr<char, void (*)(void*)> parsed_;  ///< the buffer the tree lives in
    struct Namespaces;
    std::unique_ptr<Namespaces> namespaces_;
    mutable std::vector<std::size_t> lines_;
    std::map<EditKey, Edit> edits_;
    /// Index among siblings of the same name, for parents with many children (path_of).
    struct Position { std::size_t index = 0, count = 0; };
    [[nodiscard]] Position position(Element element) const;
    [[nodiscard]] std::string step(Element element) const;
    mutable std::unordered_map<const void*, std::unordered_map<const void*, Position>> positions_;
    mutable bool tracing_ = false;
    mutable std::unordered_set<const void*> taken_;
    mutable std::unordered_map<const void*, Aside> aside_;
    mutable Messages messages_;
    mutable MessageUse message_use_ = MessageUse::when_empty;
    mutable std::unordered_map<const void*, std::string> joined_;  ///< text of elements with several runs
};

/// Adds a finding at an element (or at the document when it is invalid); its severity is the rule's.
void report(Diagnostics& diagnostics, std::string_view rule, Element element, std::string message,
            Failure failure = Failure::none);
/// The same at an offset of a document.
void report(Diagnostics& diagnostics, std::string_view rule, const XmlDocument& document, std::size_t offset,
            std::string message, Failure failure = Failure::none);
/// For inputs that are no XML: `line` from 1.
void report(Diagnostics& diagnostics, std::string_view rule, Location where, std::string message,
            Failure failure = Failure::none);

}  // namespace ovfkit::detail
