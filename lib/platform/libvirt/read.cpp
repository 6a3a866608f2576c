#include <fmt/format.h>

#include "platform/libvirt/leaf.hpp"
#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

void Reader::error(std::string_view rule, Element element, std::string message) const {
    report(context.diagnostics, rule, element, std::move(message), Failure::malformed);
}

void Reader::warn(std::string_view rule, Element element, std::string message) const {
    report(context.diagnostics, rule, element, std::move(message));
}

void Reader::bad_number(Element element, std::string_view what, std::string_view text, std::uint64_t most) const {
    error("libvirt-number-invalid", element, fmt::format("{} '{}' is no whole number from 0 to {}", what, text, most));
}

void take_all(Element element) {
    static_cast<void>(element.take());
    for (const Attribute& attribute : element.attributes()) static_cast<void>(attribute.take());
    for (Element inner = element.first(); inner; inner = inner.next()) take_all(inner);
}

void take_default(Element element, std::string_view name, std::string_view value) {
    if (attr(element, name).value() == value) static_cast<void>(take(element, name));
}

DeviceInfo device_info(Element element, std::string id) {
    DeviceInfo info;
    info.id = std::move(id);
    info.origin.offset = element.offset();
    const Element alias = child(element, "alias");
    // Other aliases are libvirt's own, made anew at every start.
    const std::string_view name = take(alias, "name");
    if (name.starts_with("ua-") && only_word_characters(name, "_-")) info.alias = name;
    const Element address = child(element, "address");
    if (attr(address, "type").value() != "drive") take_all(address);
    return info;
}

namespace {

/// What no field took: attributes and texts, with their place.
void collect_unmapped(const XmlDocument& document, Element element, const std::string& system,
                      std::vector<Unmapped>& out) {
    std::string value;
    for (const Attribute& attribute : element.attributes())
        if (!document.taken(attribute.raw().internal_object()))
            value += fmt::format("{}@{}='{}'", value.empty() ? "" : " ", attribute.local(), attribute.value());
    if (!document.taken(element.raw().internal_object())) {
        const std::string_view text = trimmed(element.text());
        // An empty element is a setting by itself (<hap/>); one with content speaks through it.
        if (!text.empty())
            value += fmt::format("{}'{}'", value.empty() ? "" : " ", text);
        else if (value.empty() && !element.first() && element.attributes().empty())
            value = fmt::format("<{}/>", element.qname());
    }
    if (!value.empty()) {
        const bool label = element.local() == "title" || element.local() == "description";
        out.push_back({system, document.path_of(element), std::move(value), false, label, {element.offset()}});
    }
    for (Element inner = element.first(); inner; inner = inner.next()) collect_unmapped(document, inner, system, out);
}

/// Top-level elements that are about the host, not the machine.
void take_host_affairs(Element domain) {
    static_cast<void>(take(domain, "id"));
    static_cast<void>(take(domain, "type"));
    for (Element element = domain.first(); element; element = element.next())
        if (element.local() == "seclabel" || element.local() == "resource") take_all(element);
    take_all(child(child(domain, "devices"), "emulator"));
}

class Tracing {
public:
    Tracing(const XmlDocument& document, bool on) : document_(document) { document_.trace(on); }
    ~Tracing() { document_.trace(false); }
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

private:
    const XmlDocument& document_;
};

}  // namespace

Envelope read(std::string_view /*form*/, const std::string& name, const std::string& bytes, ReadContext& context,
              Carried& carried) {
    const auto document = XmlDocument::parse(name, bytes, context.diagnostics, context.options.limits);
    Envelope envelope;
    envelope.dialect = "libvirt";
    const Element domain = document->root();
    if (!domain.is(Ns::none, "domain")) {
        report(context.diagnostics, "libvirt-root-unknown", domain,
               fmt::format("root element '{}' is no libvirt domain", domain.qname()), Failure::malformed);
        return envelope;
    }
    const Tracing tracing(*document, context.options.unmapped);
    VirtualSystem system;
    system.origin.offset = domain.offset();
    Reader reader{*document, context, envelope, system, read_origin(domain, context, carried), {}, false, {}};
    take_host_affairs(domain);
    read_identity(reader, domain);
    read_sizing(reader, domain);
    read_platform(reader, domain);
    const Element devices = child(domain, "devices");
    for (Element e = devices.first(); e; e = e.next())
        if (e.is(Ns::none, "controller") && attr(e, "type").value() == "pci") reader.addresses_assigned = true;
    read_drives(reader, devices);
    read_controllers(reader, devices);
    read_nics(reader, devices);
    read_ports(reader, devices);
    read_displays(reader, devices);
    read_misc(reader, devices);
    read_balloon(reader, devices);
    if (context.options.unmapped) collect_unmapped(*document, domain, system.id, envelope.unmapped);
    envelope.systems.push_back(std::move(system));
    return envelope;
}

}  // namespace ovfkit::detail::libvirt
