#include "base/namespaces.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace ovfkit::detail {

namespace {

struct Row {
    Ns ns;
    std::string_view prefix, uri;
};

/// The first row of a namespace is how we write it.
constexpr auto table = std::to_array<Row>({
    {Ns::ovf, "ovf", "http://schemas.dmtf.org/ovf/envelope/1"},
    {Ns::ovf, "ovf", "http://schemas.dmtf.org/ovf/envelope/2"},
    {Ns::ovf, "ovf", "http://schemas.dmtf.org/ovf/envelope/1/"},
    {Ns::ovf, "ovf", "http://www.vmware.com/schema/ovf/1/envelope"},
    {Ns::rasd, "rasd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"},
    {Ns::vssd, "vssd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"},
    {Ns::sasd, "sasd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_StorageAllocationSettingData"},
    {Ns::epasd, "epasd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_EthernetPortAllocationSettingData"},
    {Ns::cim, "cim", "http://schemas.dmtf.org/wbem/wscim/1/common"},
    {Ns::xsi, "xsi", "http://www.w3.org/2001/XMLSchema-instance"},
    {Ns::xml, "xml", "http://www.w3.org/XML/1998/namespace"},
    {Ns::xmlns, "xmlns", "http://www.w3.org/2000/xmlns/"},
    {Ns::vmw, "vmw", "http://www.vmware.com/schema/ovf"},
    {Ns::vbox, "vbox", "http://www.virtualbox.org/ovf/machine"},
    {Ns::xenovf, "xenovf", "http://schemas.citrix.com/ovf/envelope/1"},
    {Ns::ovirt, "ovirt", "http://www.ovirt.org/ovf"},
    {Ns::gnt, "gnt", "http://ganeti"},
    {Ns::vcloud, "vcloud", "http://www.vmware.com/vcloud/v1.5"},
    {Ns::vcloud, "vcloud", "http://www.vmware.com/vcloud/v1"},
    {Ns::vcloud, "vcloud", "http://www.vmware.com/vcloud"},
    {Ns::hardware, "ovfkit", "urn:ovfkit:hardware:1"},
    {Ns::origin, "origin", "urn:ovfkit:origin:1"},
});

/// Real files spell the CIM URIs in several ways (`.xsd` at the end, a blank inside); the class name tells.
constexpr auto damaged = std::to_array<std::pair<std::string_view, Ns>>({
    {"CIM_ResourceAllocationSettingData", Ns::rasd},
    {"CIM_VirtualSystemSettingData", Ns::vssd},
    {"CIM_StorageAllocationSettingData", Ns::sasd},
    {"CIM_EthernetPortAllocationSettingData", Ns::epasd},
});

/// The prefix that an attribute declares, when it is a declaration.
bool declares(const char* name, std::string_view prefix) {
    if (std::strncmp(name, "xmlns", 5) != 0) return false;
    if (prefix.empty()) return name[5] == '\0';
    return name[5] == ':' && prefix == name + 6;
}

}  // namespace

std::string_view uri_of(Ns ns) {
    const auto row = std::find_if(table.begin(), table.end(), [ns](const Row& r) { return r.ns == ns; });
    return row != table.end() ? row->uri : std::string_view{};
}

std::string_view usual_prefix(Ns ns) {
    const auto row = std::find_if(table.begin(), table.end(), [ns](const Row& r) { return r.ns == ns; });
    return row != table.end() ? row->prefix : std::string_view{};
}

Ns namespace_of_usual_prefix(std::string_view prefix) {
    const auto row = std::find_if(table.begin(), table.end(), [prefix](const Row& r) { return r.prefix == prefix; });
    return row != table.end() ? row->ns : Ns::none;
}

Ns namespace_from_uri(std::string_view uri) {
    if (uri.empty()) return Ns::none;
    for (const Row& row : table)
        if (row.uri == uri) return row.ns;
    for (const auto& [name, ns] : damaged)
        if (uri.find(name) != std::string_view::npos) return ns;
    return Ns::other;
}

Ns XmlDocument::Namespaces::classify(std::string_view uri) const {
    if (!envelope.empty() && uri == envelope) return Ns::ovf;
    return namespace_from_uri(uri);
}

const Binding* XmlDocument::Namespaces::declared_at(pugi::xml_node node, std::string_view prefix) const {
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute; attribute = attribute.next_attribute()) {
        if (!declares(attribute.name(), prefix)) continue;
        const auto [it, fresh] = below_.try_emplace(attribute.internal_object());
        if (fresh) it->second = Binding{std::string(prefix), attribute.value(), classify(attribute.value())};
        return &it->second;
    }
    return nullptr;
}

const Binding* XmlDocument::Namespaces::find(pugi::xml_node scope, std::string_view prefix) const {
    if (!nested.empty() && nested.count(std::string(prefix)) != 0) {
        if (const Binding* own = declared_at(scope, prefix); own != nullptr) return own;
        // Siblings ask the same of the same parent; without this a hostile document makes the walk quadratic.
        const pugi::xml_node parent = scope.parent();
        if (last_.parent == parent.internal_object() && last_.prefix == prefix) return last_.found;
        const Binding* found = nullptr;
        for (pugi::xml_node node = parent; node && found == nullptr; node = node.parent())
            found = declared_at(node, prefix);
        last_ = {parent.internal_object(), std::string(prefix), found};
        return found;
    }
    const std::uint64_t key = packed(prefix);
    for (const Binding& binding : at_root)
        if (binding.key == key && (prefix.size() < 8 || binding.prefix == prefix)) return &binding;
    return nullptr;
}

Ns XmlDocument::resolve(pugi::xml_node scope, std::string_view prefix, bool attribute) const {
    if (attribute && prefix.empty()) return Ns::none;
    const Binding* binding = namespaces_->find(scope, prefix);
    if (binding != nullptr && !binding->uri.empty()) return binding->ns;
    if (prefix.empty()) return Ns::none;
    const Ns usual = namespace_of_usual_prefix(prefix);
    return usual == Ns::none ? Ns::other : usual;
}

std::string_view XmlDocument::resolve_uri(pugi::xml_node scope, std::string_view prefix, bool attribute) const {
    if (attribute && prefix.empty()) return {};
    if (prefix == "xml" || prefix == "xmlns") return uri_of(namespace_of_usual_prefix(prefix));
    const Binding* binding = namespaces_->find(scope, prefix);
    return binding != nullptr ? std::string_view(binding->uri) : std::string_view{};
}

std::vector<Binding> bindings_in_scope(const XmlDocument& document, pugi::xml_node scope) {
    std::vector<Binding> out;
    for (pugi::xml_node node = scope; node; node = node.parent()) {
        for (pugi::xml_attribute attribute = node.first_attribute(); attribute;
             attribute = attribute.next_attribute()) {
            const std::string_view name = attribute.name();
            if (name != "xmlns" && !name.starts_with("xmlns:")) continue;
            const std::string_view prefix = name.size() > 5 ? name.substr(6) : std::string_view{};
            const auto same = [prefix](const Binding& binding) { return binding.prefix == prefix; };
            if (std::any_of(out.begin(), out.end(), same)) continue;
            out.push_back({std::string(prefix), attribute.value(), document.resolve(scope, prefix, false)});
        }
    }
    return out;
}

}  // namespace ovfkit::detail
